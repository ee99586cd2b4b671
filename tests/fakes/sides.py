"""Supervisors' acts on a real switch: a desk of its own, their pages, telephones that hum, who hears whom."""

import asyncio
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import numpy as np
from aiohttp import ClientSession, CookieJar

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.calls.ledger import CallRecord
from hotline.calls.store import calls_page
from tests.fakes.desk_phone import DeskPhone, Line
from tests.fakes.played import shorten_prompts
from tests.fakes.site import Site, ended

PASSWORD: Final = "three rings and no more"
RESIDENT, AGENT, SUPERVISOR, SECOND = 400, 1000, 1700, 2300  # what each of them hums, in Hz
PHONES: Final = "8001,8002,8901,8902"
PEOPLE: Final = (("li", Role.AGENT, "8001"), ("chen", Role.SUPERVISOR, "8901"), ("sun", Role.SUPERVISOR, "8902"))


async def supervised_site(*short: str, **settings: str) -> Site:
    """Set up a desk with an agent and two supervisors, some prompts a moment long; nothing of it runs yet."""
    site = Site(HOTLINE_SIP_SUPERVISORS="8901,8902", HOTLINE_SIP_DESK_PHONES=PHONES, **settings)
    await site.set_up()
    shorten_prompts(site, "greeting", "recording-notice", "menu", "english-key", "satisfaction", *short)
    for name, role, extension in PEOPLE:
        await add_user(site.database, name, role, extension, PASSWORD)
    return site


@asynccontextmanager
async def page(site: Site, name: str) -> AsyncIterator[ClientSession]:
    """Sign in; the agent is ready."""
    origin = site.url("")
    async with ClientSession(origin, headers={"Origin": origin}, cookie_jar=CookieJar(unsafe=True)) as client:
        signed = await client.post("/sign-in", data={"name": name, "password": PASSWORD}, allow_redirects=False)
        assert signed.status == 303, await signed.text()
        if name == "li":  # who signs in is in pause
            await press(client, "/api/v1/agents/me/ready", 200)
        yield client


async def press(client: ClientSession, path: str, status: int = 202, **body: Any) -> dict[str, Any]:
    """Press a button of the page, and be answered so."""
    async with client.post(path, json=body) as answer:
        told: dict[str, Any] = await answer.json()
        assert answer.status == status, told
        return told


async def refused(client: ClientSession, path: str, **body: Any) -> str:
    """Press a button that is refused; return the error's id."""
    return str((await press(client, path, 409, **body))["error"]["id"])


def outside_phone(site: Site) -> DeskPhone:
    """Return the telephone at the other end of the trunk, whatever number is dialled."""
    return DeskPhone("resident", switch=site.settings.sip.port, at=int(site.settings.sip.trunk.rpartition(":")[2]))


async def lifted(phone: DeskPhone, hertz: int) -> Line:
    """Lift the next call of this telephone and hum."""
    line = await phone.rings()
    line.lift()
    hums(line, hertz)
    return line


async def comes(
    client: ClientSession, phone: DeskPhone, mode: str, hertz: int, *, agent: str = "8001"
) -> tuple[int, Line]:
    """Ask for it on the page and lift the telephone that rings; return the help's number and the line."""
    told = await press(client, "/api/v1/live-help", key=uuid4().hex, agent=agent, mode=mode)
    line = await lifted(phone, hertz)
    assert line.invite is not None
    assert line.invite.get("X-Answer") == "now", line.invite
    return int(told["id"]), line


async def over(line: Line) -> None:
    """Wait until the switch has ended this line."""
    async with asyncio.timeout(20):
        await line.over.wait()


def hums(line: Line, hertz: int) -> None:
    """Say a tone from now on, and listen."""
    assert line.sound is not None
    line.sound.hum(hertz)


async def so_it_is(site: Site, what: str, *wanted: tuple[Line, set[int], set[int]]) -> None:
    """Wait until each line hears these tones and none of those."""

    async def is_so() -> bool:
        sounds = [(line.sound, yes, no) for line, yes, no in wanted]
        return all(
            sound is not None
            and all(sound.hears(one) is True for one in yes)
            and all(sound.hears(one) is False for one in no)
            for sound, yes, no in sounds
        )

    try:
        await site.eventually(is_so, limit=20, what=what)
    except AssertionError as wrong:
        tones = (RESIDENT, AGENT, SUPERVISOR, SECOND)
        heard = [[one for one in tones if line.sound and line.sound.hears(one)] for line, _, _ in wanted]
        wrong.add_note(f"heard: {heard}")
        raise


async def state(client: ClientSession, help_id: int) -> str:
    """Return where a help stands."""
    async with client.get("/api/v1/live-help") as answer:
        told = await answer.json()
    return next((str(one["state"]) for one in told["helps"] if one["id"] == help_id), "over")


async def becomes(site: Site, client: ClientSession, help_id: int, wanted: str) -> None:
    """Wait until a help stands so."""

    async def is_so() -> bool:
        return await state(client, help_id) == wanted

    await site.eventually(is_so, limit=20, what=f"the help is {wanted}")


async def steps(client: ClientSession, call_id: str) -> list[tuple[str, str]]:
    """Return what supervisors did in a call: by whom, what."""
    async with client.get(f"/api/v1/calls/{call_id}/help") as answer:
        return [(one["by_name"], one["what"]) for one in (await answer.json())["steps"]]


def is_recorded(site: Site, call: CallRecord, side: str, hertz: int) -> bool:
    """Tell whether this tone is in the recording of a side."""
    path = Path(site.settings.recordings_directory) / f"{call.recording}.{side}.wav"
    with wave.open(str(path)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
    halves = sound[: len(sound) // 4000 * 4000].reshape(-1, 4000)
    turns = np.exp(-2j * np.pi * hertz * np.arange(4000) / 8000)
    return bool(np.max(np.abs(halves @ turns) * 2 / 4000) > 0.03)


async def ended_call(site: Site, number: str) -> CallRecord:
    """Wait until the newest call with this number, whoever made it, is over."""

    async def found() -> CallRecord | None:
        return next((call for call in (await site.calls_from(number))[:1] if ended(call)), None)

    call = await site.eventually(found, limit=40, what="the call is over in the ledger")
    assert call is not None
    return call


async def no_other_calls(site: Site, call: CallRecord) -> bool:
    """Tell whether nothing that began since is a call of its own."""
    async with site.database.read() as session:
        return [one.id for one in await calls_page(session) if one.ring_start and call.ring_start
                and one.ring_start >= call.ring_start] == [call.id]  # fmt: skip
