"""Who calls, as it is heard on the line: by name, after a PIN, from a number of ten homes, and when nobody looked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from sqlalchemy import text

from hotline.accounts.passwords import Passwords
from hotline.calls.lateness import LegKind, late_because
from hotline.calls.state import Outcome
from hotline.demo import load_demo
from hotline.ivr.proof import set_pin
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, MatterKind, Title
from hotline.residents.store import add_home, add_matter, add_resident
from hotline.simulate.scenario import Press, Say
from hotline.voice import pieces
from hotline.voice.joining import JoinedSounds
from hotline.voice.shelf import Shelf
from tests.fakes.played import note_what_is_played, played_to, shorten_prompts, told_of
from tests.fakes.site import Site, ended, lifted_after

pytestmark = pytest.mark.asyncio(loop_scope="module")

MR_ZHANG, HIS_HOME, HIS_PIN = "13800138501", Home(3, 2, 501), "246813"  # in the demo data: a repair open, fees owed
SLOW_STEPS = 4_000_000  # about a second of the database's work


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(HOTLINE_ANSWERING_RING_FOR="0.2")
    await site.set_up()
    await load_demo(site.database, site.settings, site.clock)
    await set_pin(site.database, Passwords(), HIS_HOME, HIS_PIN)
    shorten_prompts(
        site, "greeting", "recording-notice", "menu", "english-key", "chosen-people", "connecting", "fees-menu",
        "ask-pin", "pin-wrong", "pin-refused", "case-in-progress", "chosen-progress-after", "after-enquiry",
        "arrears-how",
    )  # fmt: skip
    note_what_is_played(site)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


def spoken(site: Site, *piece_ids: str) -> str:
    """Return the name under which a sentence of these pieces is played."""
    shelf = Shelf.of(site.settings)
    joined = JoinedSounds(site.home / "voice-joined").file([shelf.file_of(one) for one in piece_ids])
    return str(joined.with_suffix(""))


def pin(keys: str) -> list[Press]:
    return [Press(key) for key in f"{keys}#"]


async def test_a_resident_is_greeted_by_name_and_a_pin_once_right_opens_progress_and_arrears(site: Site) -> None:
    await site.calls_in(
        Say(site.silence(6), 6), Press("1"), *pin(HIS_PIN),  # the repair, after the name
        Say(site.silence(4), 4), Press("*"), Say(site.silence(1), 1), Press("3"), Say(site.silence(1), 1), Press("1"),
        Say(site.silence(9), 9), number=MR_ZHANG, limit=120,
    )  # fmt: skip

    call = await site.call_of(MR_ZHANG, where=ended)
    heard = await played_to(site, call.id)
    assert heard[2] == spoken(site, *pieces.addressed("张", Title.MR))
    assert heard.count("ask-pin") == 1, "asked once, proven for the rest of the call"
    assert heard.count("case-in-progress") == 2, "offered, and told"
    assert "arrears-how" in heard
    assert (call.menu_path[:3], call.outcome) == (("*", "3", "1"), Outcome.SERVED_BY_MENU)


async def test_where_a_pin_is_set_the_last_four_digits_open_nothing_and_twice_wrong_leads_to_people(site: Site) -> None:
    await site.calls_in(
        Say(site.silence(1.5), 1.5), Press("4"), Say(site.silence(1.5), 1.5), *pin("8501"), Say(site.silence(3), 3),
        *pin("135792"), Say(site.silence(4), 4), number=f"+86{MR_ZHANG}",
    )  # fmt: skip

    call = await site.call_of(f"+86{MR_ZHANG}", where=ended)
    heard = await played_to(site, call.id)
    assert [sound for sound in heard if "pin" in sound] == ["ask-pin", "pin-wrong", "ask-pin", "pin-refused"]
    assert "case-in-progress" not in heard
    assert (call.look_up, call.queue, call.outcome) == ("known", "service", Outcome.ABANDONED_QUEUE)


async def test_a_number_of_ten_homes_is_answered_and_told_nothing_of_any(site: Site) -> None:
    number = PhoneNumber("+8613900000821")
    async with site.database.begin() as session:
        for room in range(101, 111):
            home = await add_home(session, Home(9, 9, room), greets_by_name=True)
            await add_resident(session, home, "王伟", title=Title.MR, numbers=(number,))
            await add_matter(session, home, MatterKind.REPAIR, "水管漏水", opened=site.clock.now())
    heard = await site.calls_in(
        Say(site.silence(4), 4), Press("4"), Say(site.silence(3), 3), number=number.national
    )  # fmt: skip

    call = await site.call_of(number.national, where=ended)
    assert lifted_after(heard) < 3
    assert (call.look_up, call.queue, call.oddities) == ("known", "service", ())
    said = await played_to(site, call.id)
    assert "connecting" in said
    assert [sound for sound in said if sound.startswith("/") or "pin" in sound] == [], "no name, no matter, no asking"


async def test_star_says_the_menu_once_more(site: Site) -> None:
    await site.calls_in(
        Say(site.silence(3), 3), Press("*"), Say(site.silence(2), 2), Press("0"), Say(site.silence(2), 2),
        number="13900000822",
    )  # fmt: skip

    call = await site.call_of("13900000822", where=ended)
    said = await played_to(site, call.id)
    assert (said.count("menu"), said.count("invalid-choice")) == (2, 0)
    assert (call.menu_path, call.queue) == (("0",), "service")


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
    async with slow_look_up(site):
        began = site.clock.monotonic()
        async with site.database.read() as session:
            await session.execute(text("SELECT * FROM resident_number WHERE e164 = '+8613800138501'"))
        took = site.clock.monotonic() - began
        await site.calls_in(
            Say(site.silence(2.5), 2.5), Press("0"), Say(site.silence(3), 3), number=f"0086{MR_ZHANG}"
        )  # fmt: skip
        call = await site.call_of(f"0086{MR_ZHANG}", where=ended)

    within = site.settings.menu.look_up_within
    assert took > 2 * within, "the look-up was slow, all by itself"
    assert (call.look_up, call.menu_path, call.queue, call.without_service) == ("late", ("0",), "service", "")
    said = await played_to(site, call.id)
    assert ("menu" in said, [sound for sound in said if sound.startswith("/")]) == (True, []), "led on, as unknown"
    told = [row for row in await told_of(site, call.id) if row.type in {"MENU", "LOOKUP"}]
    [held] = [after.at - before.at for before, after in pairwise(told)]
    assert timedelta(seconds=within) <= held < timedelta(seconds=within + 0.5)
    causes = [(leg.kind, leg.detail) for leg in late_because(call) if leg.is_cause]
    assert (LegKind.LOOK_UP, "late") in causes
