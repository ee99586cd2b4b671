"""A day of every sort of call: who called, what they pressed, who spoke with them and for how long.

Played on a desk of its own with SIPp telephones and, where one has to hold and hand over, telephones of ours. What
the reports have to say of it stands in CALLERS, written by hand.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import uuid4

from aiohttp import ClientSession, CookieJar

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import add_home, add_resident
from hotline.simulate.scenario import Press, Say, Step, Wait, gives_up_while_ringing
from hotline.simulate.sipp import Heard, Telephone
from tests.fakes.call_capture import desk_phone, first
from tests.fakes.desk_phone import DeskPhone, Line
from tests.fakes.played import shorten_prompts
from tests.fakes.site import Site
from tests.fakes.switch_books import Talked, keep_books, talk_of_agent

PASSWORD: Final = "three rings and no more"
Fate = Literal["helped", "gave-up", "short", "message"]
SIPP_AGENTS: Final = ("8001", "8002")
DESK_AGENTS: Final = ("8003", "8004")
MOBILE: Final = "13900001111"
CALLED_BACK: Final = "13900000301"
HELD: Final = 3.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller, and under what the reports have to count them; "" is under nothing."""

    number: str
    fate: Fate
    keys: tuple[str, ...] = ()
    menu: str = ""
    queue: str = ""
    building: str = ""
    kind: str = ""
    written: tuple[str, str] | None = None  # kind and home of an entry that is written afterwards


REPAIR: Final = {"keys": ("1",), "menu": "1", "queue": "repair", "kind": "repair"}
PEOPLE: Final = {"keys": ("0",), "menu": "0", "queue": "service"}
MORNING: Final = (  # nobody is there yet
    Caller(  # nobody who repairs is there either: to where everybody is
        number="13900011001", fate="gave-up", keys=("1",), menu="1", queue="service", building="3", kind="repair"
    ),
    Caller(number="13900011002", fate="gave-up", building="5", **PEOPLE),
    Caller(number="13900011003", fate="gave-up", building="3"),
    Caller(number="13900011004", fate="short"),
    Caller(number="13900011005", fate="short", building="5"),
)
DAY: Final = (  # each in their turn
    Caller(number="13900012001", fate="helped", building="3", **REPAIR),
    Caller(number="13900012002", fate="helped", building="5", **REPAIR),
    Caller(number="13900012003", fate="helped", **REPAIR),
    Caller(
        number="13900012004", fate="helped", keys=("0",), menu="0", queue="service", building="7", kind="complaint",
        written=("complaint", "7-1-101"),
    ),
    Caller(number="13900012005", fate="helped", building="5", **PEOPLE),
    Caller(number="13900012006", fate="helped", keys=("3", "2"), menu="3-2", queue="service", kind="enquiry"),
    Caller(
        number="13900012007", fate="helped", keys=("8", "1"), menu="8-1", queue="english", building="3", kind="repair"
    ),
)  # fmt: skip
ON_HOLD: Final = Caller(number="13900013001", fate="helped", building="5", **PEOPLE)
HANDED_OVER: Final = Caller(number="13900013002", fate="helped", building="3", **PEOPLE)
ON_DUTY: Final = Caller(number="13900014001", fate="helped", keys=("0",), menu="0", building="5")
MESSAGE: Final = Caller(number="13900014002", fate="message", keys=("1",), menu="1", building="3")
CALLERS: Final = (*MORNING, *DAY, ON_HOLD, HANDED_OVER, ON_DUTY, MESSAGE)
HOMES: Final = {
    Home(3, 1, 101): ("13900011001", "13900011003", "13900012001", "13900012007", "13900013002", "13900014002"),
    Home(5, 1, 101): (
        "13900011002", "13900011005", "13900012002", "13900012005", "13900013001", "13900014001",
    ),
    Home(7, 1, 101): ("13900019999",),
}  # fmt: skip


@dataclass
class Played:
    """What the telephones told: each caller's own log, and the talks of each agent by that agent's telephone."""

    heard: dict[str, list[Heard]] = field(default_factory=dict)
    talks: dict[str, list[Talked]] = field(default_factory=dict)
    held: dict[str, float] = field(default_factory=dict)

    def talked(self, agent: str, talk: Talked | None) -> None:
        assert talk is not None
        self.talks.setdefault(agent, []).append(talk)


async def varied_site() -> Site:
    """Set up the desk: two households and one more, short prompts, both books of the switch; nothing of it runs yet."""
    site = Site(
        HOTLINE_SIP_AGENTS=",".join((*SIPP_AGENTS, *DESK_AGENTS)), HOTLINE_AGENTS_WRAP_UP_FOR="0",
        HOTLINE_SIP_DESK_PHONES=",".join((*SIPP_AGENTS, *DESK_AGENTS)),
        HOTLINE_AGENTS_NO_ANSWERS="0", HOTLINE_OUTSIDE_RING_FOR="10",
    )  # fmt: skip
    await site.set_up()
    shorten_prompts(
        site, "greeting", "recording-notice", "menu", "english-key", "fees-menu", "satisfaction", "closed",
        "menu-closed", "leave-message",
    )  # fmt: skip
    await add_user(site.database, "wang", Role.AGENT, "8003", PASSWORD)
    async with site.database.begin() as session:
        for home, numbers in HOMES.items():
            stored = await add_home(session, home)
            for name, number in enumerate(numbers):
                known = PhoneNumber.parse(number)
                assert known is not None
                await add_resident(session, stored, f"住户{name}", numbers=[known])
    keep_books(site)
    return site


async def play_day(site: Site) -> Played:
    """Play it from the morning to the night; what is played has ended on the wire, and maybe not yet in the ledger."""
    played = Played()
    await before_anybody_is_there(site, played)
    async with asyncio.TaskGroup() as noon:
        noon.create_task(two_at_work(site, played))
        noon.create_task(site.on_duty(("mobile", MOBILE, 20)))  # for the night
    await held_and_handed_over(site, played)
    async with asyncio.TaskGroup() as evening:
        evening.create_task(called_back(site, played))
        evening.create_task(the_house_closes(site))
    await at_night(site, played)
    return played


def steps_of(site: Site, caller: Caller, *then: Step) -> list[Step]:
    """Return what a caller does: each key after its menu has begun."""
    steps: list[Step] = []
    for place, key in enumerate(caller.keys):
        pause = 7 if place and caller.keys[0] == "8" else 2.5  # the menus in English are as long as they are
        steps += [Say(site.silence(pause), pause), Press(key)]
    return [*steps, *then]


async def before_anybody_is_there(site: Site, played: Played) -> None:
    async with asyncio.TaskGroup() as morning:
        calls = {}
        for place, caller in enumerate(MORNING):
            if caller.fate == "short":
                scenario = gives_up_while_ringing(
                    number=caller.number, dialled=site.settings.sip.hotline_number, after=0.3
                )
                calls[caller.number] = morning.create_task(site.telephone("caller").call(scenario, limit=30))
            else:
                steps = steps_of(site, caller, Wait(8 + place / 2 if caller.keys else 4.5))
                calls[caller.number] = morning.create_task(site.calls_in(*steps, number=caller.number))
    played.heard |= {number: call.result() for number, call in calls.items()}


async def two_at_work(site: Site, played: Played) -> None:
    """Let two agents lift what rings, each at a pace of their own; one of them speaks English."""
    await site.has_skills(SIPP_AGENTS[0], "repair", "english")
    await site.has_skills(SIPP_AGENTS[1], "repair")
    phones = [await site.sign_in_phone(agent) for agent in SIPP_AGENTS]
    desk = [
        asyncio.create_task(at_work(site, agent, phone, 0.5 + place, played))
        for place, (agent, phone) in enumerate(zip(SIPP_AGENTS, phones, strict=True))
    ]
    try:
        async with asyncio.TaskGroup() as callers:
            calls = {
                one.number: callers.create_task(site.calls_in(*steps_of(site, one), number=one.number, hangs_up=False))
                for one in DAY
            }
    finally:
        for one in desk:
            one.cancel()
        await asyncio.gather(*desk, return_exceptions=True)
    played.heard |= {number: call.result() for number, call in calls.items()}
    for agent, phone in zip(SIPP_AGENTS, phones, strict=True):
        await site.sign_phone(phone, agent, lasts=0)


async def at_work(site: Site, agent: str, phone: Telephone, pace: float, played: Played) -> None:
    while True:
        heard = await site.agent_answers(phone, Wait(1 + pace), rings_for=pace, hangs_up=True, limit=120)
        played.talked(agent, talk_of_agent(heard))


async def held_and_handed_over(site: Site, played: Played) -> None:
    """One resident is put on hold for a known time, the next is handed over to the colleague."""
    async with desk_phone(site, "8003") as mine, desk_phone(site, "8004") as other:
        await has_telephone(site, "8003")
        await has_telephone(site, "8004")
        async with asyncio.TaskGroup() as callers:
            callers.create_task(calls_and_stays(site, ON_HOLD, played))
            await puts_on_hold(site, await first(mine, other), played)
            callers.create_task(calls_and_stays(site, HANDED_OVER, played))
            line = await first(mine, other)
            await hands_over(site, line, other if line.phone is mine else mine, played)


async def puts_on_hold(site: Site, line: Line, played: Played) -> None:
    """Talk, hold, talk again and hang up."""
    clock, agent = site.clock.monotonic, line.phone.extension
    began = clock()
    await asyncio.sleep(1)
    await line.hold()
    held = clock()
    await asyncio.sleep(HELD)
    await line.resume()
    played.held[agent] = clock() - held
    await asyncio.sleep(1)
    played.talked(agent, Talked(number=ON_HOLD.number, seconds=clock() - began))
    await line.hang_up()


async def hands_over(site: Site, line: Line, colleague: DeskPhone, played: Played) -> None:
    """Talk and hand over without asking; the colleague lifts, talks and hangs up."""
    clock = site.clock.monotonic
    began = clock()
    await asyncio.sleep(2)
    assert await line.refer(colleague.extension) == 202
    played.talked(line.phone.extension, Talked(number=HANDED_OVER.number, seconds=clock() - began))
    second = await colleague.rings()
    await asyncio.sleep(1)
    second.lift()
    began = clock()
    await asyncio.sleep(2)
    played.talked(colleague.extension, Talked(number=HANDED_OVER.number, seconds=clock() - began))
    await second.hang_up()
    await line.hang_up()


async def calls_and_stays(site: Site, caller: Caller, played: Played) -> None:
    """Let this caller call, and stay until they are left: they are asked how they liked it."""
    played.heard[caller.number] = await site.calls_in(*steps_of(site, caller), number=caller.number, hangs_up=False)


async def called_back(site: Site, played: Played) -> None:
    """An agent calls a resident, who lifts, talks and hangs up."""
    async with page_of(site, "wang") as page, desk_phone(site, "8003") as phone, asyncio.TaskGroup() as both:
        await has_telephone(site, "8003")
        resident = both.create_task(
            site.agent_answers(site.outside(), Say(site.silence(5), 5), rings_for=1.0, hangs_up=True, limit=60)
        )
        async with page.post("/api/v1/outside-calls", json={"key": uuid4().hex, "number": CALLED_BACK}) as answer:
            assert answer.status == 202, await answer.text()
        line = await phone.rings(within=15)
        line.lift()
        played.heard[CALLED_BACK] = await resident
        async with asyncio.timeout(20):
            await line.over.wait()


async def has_telephone(site: Site, extension: str) -> None:
    """Wait until the switch could ring it."""

    async def is_there() -> bool:
        return "Not in use" in await asyncio.to_thread(site.console, f"pjsip show endpoint {extension}")

    await site.eventually(is_there, limit=30, what="the switch has the telephone")


@asynccontextmanager
async def page_of(site: Site, name: str) -> AsyncIterator[ClientSession]:
    """Sign in."""
    origin = site.url("")
    async with ClientSession(origin, headers={"Origin": origin}, cookie_jar=CookieJar(unsafe=True)) as page:
        answer = await page.post("/sign-in", data={"name": name, "password": PASSWORD}, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        yield page


async def the_house_closes(site: Site) -> None:
    """Let the hours of the day be over, and wait until the switch has it so."""
    site.keep_hours("closed")

    async def is_closed() -> bool:
        return "Value: closed" in await asyncio.to_thread(site.console, "database get hotline plan")

    await site.eventually(is_closed, limit=60, what="the switch has the house as closed")


async def at_night(site: Site, played: Played) -> None:
    """One caller reaches the duty mobile, another leaves a message."""
    async with asyncio.TaskGroup() as night:
        mobile = night.create_task(
            site.agent_answers(site.outside(), Say(site.silence(4), 4), Press("1"), Wait(3), hangs_up=True)
        )
        calls = {
            ON_DUTY.number: night.create_task(
                site.calls_in(*steps_of(site, ON_DUTY), number=ON_DUTY.number, hangs_up=False)
            ),
            MESSAGE.number: night.create_task(
                site.calls_in(
                    *steps_of(site, MESSAGE, Say(site.silence(9), 9)), number=MESSAGE.number
                )
            ),
        }  # fmt: skip
    played.heard |= {number: call.result() for number, call in calls.items()}
    assert mobile.result()
