"""Who calls, as it is heard on the line: by name, after a PIN, from a number of ten homes; and the menu once more."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.accounts.passwords import Passwords
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
from tests.fakes.played import note_what_is_played, played_to, shorten_prompts
from tests.fakes.site import Site, ended, lifted_after

pytestmark = pytest.mark.asyncio(loop_scope="module")

MR_ZHANG, HIS_HOME, HIS_PIN = "13800138501", Home(3, 2, 501), "246813"  # in the demo data: a repair open, fees owed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    # The rest of the machine may be slow; what a late look-up costs is told in test_waiting_rules.
    site = Site(HOTLINE_ANSWERING_RING_FOR="0.2", HOTLINE_MENU_LOOK_UP_WITHIN="2")
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
