"""Agents' phones hand over, ask, hold and pick up; nobody is cut off, and the recording goes on with both sides."""

import wave
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from hotline.calls.checking import Progress, check_calls, check_log
from hotline.calls.ledger import SHORT_ABANDON, CallRecord
from hotline.calls.store import call_by_id
from tests.fakes.call_capture import play
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk() -> AsyncIterator[Site]:
    """A desk whose recordings stay as the switch wrote them: no worker packs them."""
    site = Site()
    await site.set_up()
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def told(site: Site, story: str) -> CallRecord:
    """Play a story; return its one call, which the ledger has as its rows tell it and whose sound is whole."""
    [call], _ = await play(site, story)
    async with site.database.read() as session:
        assert await call_by_id(session, call.id) == replace(call, refused_recordings=())
    assert call.oddities == ()
    await has_both_sides_whole(site, call)
    return call


async def has_both_sides_whole(site: Site, call: CallRecord) -> None:
    assert call.ended_at is not None
    assert call.recording_start is not None
    lasted = (call.ended_at - call.recording_start).total_seconds()

    async def lengths() -> list[float]:
        found = []
        for side in ("caller", "agent"):
            path = site.settings.recordings_directory / f"{call.recording}.{side}.wav"
            with wave.open(str(path)) as sound:
                found.append(sound.getnframes() / sound.getframerate())
        return found if min(found) > 0 else []

    both = await site.eventually(lengths, limit=10, what="the switch has closed both files")
    # While a call is handed from one place to the next nobody reads its sound: some tenths of a second, more on a busy
    # machine, in which nobody speaks. Both sides lack the same, or they would not stand beside each other.
    assert both == pytest.approx([lasted, lasted], abs=1.5), (
        "from the first word to the last, through transfer and hold"
    )
    assert both[0] == pytest.approx(both[1], abs=0.1)


async def test_handed_over_at_once_by_refer_the_resident_speaks_with_the_colleague(desk: Site) -> None:
    call = await told(desk, "blind_transfer_by_refer")

    first, second = call.talks
    assert (first.how, second.how) == ("answered", "transferred-blind")
    assert [(one.kind, one.by, one.to, one.result) for one in call.transfers] == [
        ("blind", first.agent, second.agent, "answered")
    ]


async def test_handed_over_after_asking_by_keys_the_wait_is_a_hold_and_it_is_one_call(desk: Site) -> None:
    call = await told(desk, "attended_transfer_by_keys")

    assert [talk.how for talk in call.talks] == ["answered", "transferred-attended"]
    assert len(call.talks[0].holds) == 1


async def test_asked_on_a_second_line_and_handed_over_the_two_calls_are_one(desk: Site) -> None:
    call = await told(desk, "attended_transfer_by_refer")

    assert [talk.how for talk in call.talks] == ["answered", "transferred-attended"]
    assert call.held_time is not None
    assert call.held_time.total_seconds() > 1


async def test_three_of_them_speak_together_and_the_first_leaves(desk: Site) -> None:
    call = await told(desk, "three_of_them")

    first, second = call.talks
    assert (first.how, second.how) == ("answered", "joined")
    assert first.ended is not None
    assert (first.ended - second.began).total_seconds() > 3, "both at once"


async def test_seconds_on_hold_are_written_down(desk: Site) -> None:
    call = await told(desk, "hold")

    assert call.held_time is not None
    assert 1.8 < call.held_time.total_seconds() < 2.5


async def test_call_that_rings_elsewhere_is_picked_up(desk: Site) -> None:
    call = await told(desk, "pick_up")

    assert [(talk.agent, talk.how) for talk in call.talks] == [("8002", "picked-up")]
    assert [ring.agent for ring in call.rings if not ring.was_answered] == ["8001"]


async def test_resident_handed_to_nobody_goes_back_to_the_queue_and_reaches_somebody(desk: Site) -> None:
    call = await told(desk, "transferred_to_nobody")

    assert [one.result for one in call.transfers] == ["returned"]
    assert len(call.talks) == 2


async def test_ledger_is_what_the_switchs_own_file_tells(desk: Site) -> None:
    progress = Progress()

    found = [one async for one in check_calls(desk.database, progress, short_abandon=SHORT_ABANDON)]
    found += [one async for one in check_log(desk.database, desk.settings.cel_store, progress)]

    assert (found, progress.calls) == ([], 7)
