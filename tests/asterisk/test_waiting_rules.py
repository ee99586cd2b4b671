"""The rules of waiting: whose turn it is, what is said, where it ends, why a call was late, what nobody waits for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy import select, text

from hotline.calls.lateness import Lateness, LegKind, how_late, late_because
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import CallTable
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from hotline.simulate.scenario import Press, Say, Wait
from hotline.simulate.sipp import Heard
from tests.fakes.played import note_what_is_played, played_to, shorten_prompts, told_of
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAX_WAIT, AGENT_RINGS_FOR = 20, 5
COMPLAINT = 'prompt = "chosen-complaint", to = "queue:complaint", '
MOBILE, HEAD = "13900001111", "13900002222"
RESIDENT = PhoneNumber("+8613900000805")  # greeted by name, were there time to look
SLOW_STEPS = 4_500_000  # about a second of the database's work


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(
        HOTLINE_ANSWERING_RING_FOR="0.2",
        HOTLINE_ANSWERING_AGENT_RINGS_FOR=str(AGENT_RINGS_FOR),
        HOTLINE_QUEUES_MAX_WAIT=str(MAX_WAIT),
        HOTLINE_QUEUES_ANNOUNCE_EVERY="10",
    )
    await site.set_up()
    shorten_prompts(
        site, "greeting", "recording-notice", "menu", "english-key", "chosen-complaint", "chosen-people",
        "still-waiting", "duty-desk", "duty-mobile", "duty-manager", "duty-accept", "satisfaction", "waiting-keys",
        "queue-thereare", "queue-callswaiting", "queue-holdtime",
    )  # fmt: skip
    note_what_is_played(site)
    menus = site.home / "menus.toml"
    assert COMPLAINT in menus.read_text()
    menus.write_text(menus.read_text().replace(COMPLAINT, f"{COMPLAINT}priority = 1, "))
    # The switch speaks of whole minutes, of which nobody has to wait here: round to seconds, for this file only.
    queues = site.home / "asterisk" / "etc" / "queues.conf"
    queues.write_text(queues.read_text().replace("[waiting](!)\n", "[waiting](!)\nannounce-round-seconds = 5\n"))
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


def waits(call: CallRecord) -> bool:
    return call.state is CallState.WAITING


async def test_of_two_who_wait_the_one_whose_choice_has_priority_is_answered_first(site: Site) -> None:
    agent = site.telephone("agent-8002")

    async def complains_when_the_first_waits() -> None:
        await site.call_of("13900000801", where=waits)
        await site.calls_in(Say(site.silence(1.5), 1.5), Press("2"), number="13900000802", hangs_up=False)

    async def agent_comes_when_both_wait() -> None:
        await site.call_of("13900000802", where=waits)
        await site.sign_phone(agent, "8002", lasts=600)
        await site.agent_answers(agent, Wait(0.5), rings_for=0.5, hangs_up=True)
        await site.agent_answers(agent, Wait(0.5), rings_for=0.5, hangs_up=True)

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), number="13900000801", hangs_up=False)
        )
        all_three.create_task(complains_when_the_first_waits())
        all_three.create_task(agent_comes_when_both_wait())
    await site.sign_phone(agent, "8002", lasts=0)

    asks, complains = [await site.call_of(number, where=ended) for number in ("13900000801", "13900000802")]
    assert (asks.outcome, complains.outcome) == (Outcome.ANSWERED, Outcome.ANSWERED)
    assert (asks.queue, complains.queue) == ("service", "service"), "nobody takes complaints: both wait in one queue"
    assert asks.queued_at is not None
    assert complains.queued_at is not None
    assert asks.queued_at < complains.queued_at
    assert asks.human_answer is not None
    assert complains.human_answer is not None
    assert complains.human_answer < asks.human_answer


@dataclass(frozen=True, slots=True)
class LongWait:
    """A caller who waits longer than anybody may, and one who waits behind them for a moment."""

    call: CallRecord
    behind: CallRecord
    mobile_heard: list[Heard]
    manager_heard: list[Heard]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def long_wait(site: Site) -> LongWait:
    """Have somebody wait in vain: an agent does not lift, the queue's time ends, and of the chain the third lifts."""
    silent, outside = site.telephone("agent-8001"), site.outside()
    desk = await site.sign_in_phone("8901")  # a supervisor's telephone: no queue rings it
    await site.on_duty(("desk", "8901", 5), ("mobile", MOBILE, 7), ("manager", HEAD, 20))

    async def another_waits_behind_and_then_an_agent_is_there_who_does_not_lift() -> None:
        await site.call_of("13900000803", where=waits)
        await site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(6), 6), number="13900000804")
        await site.sign_phone(silent, "8001", lasts=600)
        await site.agent_does_not_answer(silent)
        await site.sign_phone(silent, "8001", lasts=0)

    async def chain() -> tuple[list[Heard], list[Heard]]:
        mobile = await site.agent_does_not_answer(outside, limit=120)
        accepts = (Say(site.silence(1), 1), Press("1"), Wait(2))
        return mobile, await site.agent_answers(outside, *accepts, hangs_up=True)

    async with asyncio.TaskGroup() as all_of_them:
        all_of_them.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5), Press("0"), number="13900000803", hangs_up=False, limit=150
            )
        )  # fmt: skip
        all_of_them.create_task(another_waits_behind_and_then_an_agent_is_there_who_does_not_lift())
        all_of_them.create_task(site.agent_does_not_answer(desk, limit=120))
        chained = all_of_them.create_task(chain())
    await site.sign_phone(desk, "8901", lasts=0)
    mobile, manager = chained.result()
    return LongWait(
        call=await site.call_of("13900000803", where=ended),
        behind=await site.call_of("13900000804", where=ended),
        mobile_heard=mobile,
        manager_heard=manager,
    )


async def test_who_waits_is_told_their_position_and_how_long_it_may_take(site: Site, long_wait: LongWait) -> None:
    first, second = [await played_to(site, call.id) for call in (long_wait.call, long_wait.behind)]

    assert "queue-youarenext" in first
    told = second[second.index("queue-thereare") :]
    assert told[:4] == ["queue-thereare", "digits/2", "queue-callswaiting", "queue-holdtime"]
    assert told[4].startswith("digits/")
    assert "queue-seconds" in told[5:7]


async def test_the_longest_wait_ends_in_the_duty_chain_with_the_manager_third_each_rung_for_their_own_time(
    long_wait: LongWait,
) -> None:
    call = long_wait.call
    assert call.queued_at is not None
    asked = [ring for ring in call.rings if ring.agent in {"8901", "mobile", "manager"}]
    assert [ring.agent for ring in asked] == ["8901", "mobile", "manager"]
    assert asked[0].began - call.queued_at >= timedelta(seconds=MAX_WAIT - 1)
    rang_for = [(ring.ended - ring.began).total_seconds() for ring in asked[:2] if ring.ended]
    assert rang_for == pytest.approx([5, 7], abs=1)
    assert (call.outcome, call.agent, call.oddities) == (Outcome.ANSWERED, "manager", ())
    assert MOBILE in long_wait.mobile_heard[0].line
    assert HEAD in long_wait.manager_heard[0].line


async def test_why_a_late_call_was_late_is_kept_leg_by_leg_with_who_did_not_lift(
    site: Site, long_wait: LongWait
) -> None:
    call = long_wait.call
    legs = late_because(call)
    causes = [(leg.kind, *leg.agents) for leg in legs if leg.is_cause]

    assert how_late(call) is Lateness.HUMAN
    assert causes == [
        (LegKind.QUEUE,), (LegKind.MISSED, "8001"),
        (LegKind.QUEUE,), (LegKind.MISSED, "8901"),
        (LegKind.QUEUE,), (LegKind.MISSED, "mobile"),
        (LegKind.QUEUE,),
    ]  # fmt: skip
    assert sum((leg.took for leg in legs), timedelta(0)) == call.human_wait, "nothing of the wait is left unsaid"
    async with site.database.read() as session:
        kept = await session.scalar(select(CallTable.late).where(CallTable.id == call.id))
    assert kept == [leg.as_values() for leg in legs]


@asynccontextmanager
async def slow_look_up(site: Site) -> AsyncIterator[None]:
    """Make only the reading of residents' numbers slow; nothing is locked, the rest is as quick as ever."""
    async with site.database.begin() as session:
        await session.execute(text("ALTER TABLE resident_number RENAME TO quick_number"))
        await session.execute(
            text(
                "CREATE VIEW resident_number AS SELECT * FROM quick_number WHERE (WITH RECURSIVE step(n) AS"
                f" (SELECT 1 UNION ALL SELECT n + 1 FROM step LIMIT {SLOW_STEPS}) SELECT count(*) FROM step) > 0"
            )
        )
    try:
        yield
    finally:
        async with site.database.begin() as session:
            await session.execute(text("DROP VIEW resident_number"))
            await session.execute(text("ALTER TABLE quick_number RENAME TO resident_number"))


async def test_a_look_up_that_takes_too_long_holds_nobody_up_and_is_named_as_late(site: Site) -> None:
    async with site.database.begin() as session:
        home = await add_home(session, Home(1, 1, 101), greets_by_name=True)
        await add_resident(session, home, "张伟", title=Title.MR, numbers=(RESIDENT,))
    async with slow_look_up(site):
        began = site.clock.monotonic()
        async with site.database.read() as session:
            await session.execute(text(f"SELECT * FROM resident_number WHERE e164 = '{RESIDENT.e164}'"))
        took = site.clock.monotonic() - began
        await site.calls_in(
            Say(site.silence(2.5), 2.5), Press("0"), Say(site.silence(3), 3), number=RESIDENT.national
        )  # fmt: skip
        call = await site.call_of(RESIDENT.national, where=ended)  # the ledger looks them up, too: it may write now

    within = site.settings.menu.look_up_within
    assert took > within, "the look-up was slow, all by itself"
    assert (call.look_up, call.menu_path, call.queue, call.without_service) == ("late", ("0",), "service", "")
    said = await played_to(site, call.id)
    assert ("menu" in said, [sound for sound in said if sound.startswith("/")]) == (True, []), "led on, as unknown"
    told = [row for row in await told_of(site, call.id) if row.type in {"MENU", "LOOKUP"}]
    [held] = [after.at - before.at for before, after in pairwise(told)]
    assert timedelta(seconds=within) <= held < timedelta(seconds=within + 1)
    causes = [(leg.kind, leg.detail) for leg in late_because(call) if leg.is_cause]
    assert (LegKind.LOOK_UP, "late") in causes
