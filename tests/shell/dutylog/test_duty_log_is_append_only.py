import asyncio
from dataclasses import replace

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.service import DutyLog
from hotline.dutylog.store import (
    EntryConfirmed,
    EntryIsDraft,
    EntryUnknown,
    add_entry,
    correct_entry,
    entries_of,
    entries_page,
    keep_draft,
)
from tests.fakes.call_story import CALL, START, CallStory
from tests.fakes.clock_by_hand import ClockByHand

DRAFT = Draft(
    kind=Kind.REPAIR, is_urgent=True, who="张先生", home="3-2-501", matter="水管漏水", promised="半小时内", agent="8001"
)


async def test_a_draft_is_redrawn_in_place_and_keeps_its_number(database: Database) -> None:
    async with database.begin() as session:
        first = await keep_draft(session, CALL, DRAFT, START)
        again = await keep_draft(session, CALL, replace(DRAFT, matter="厨房水管漏水"), START)

    assert first == again == 1
    async with database.read() as session:
        [entry] = await entries_of(session, CALL)
    assert (entry.matter, entry.state, entry.written_by) == ("厨房水管漏水", EntryState.DRAFT, "hotline")


async def test_a_confirmed_entry_is_never_drawn_over(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
        confirmed = await add_entry(session, call_id=CALL, draft=DRAFT, written_by="linjing", at=START)

        assert await keep_draft(session, CALL, replace(DRAFT, matter="别的"), START) is None

    async with database.read() as session:
        assert await entries_of(session, CALL) == [confirmed]
    assert (confirmed.number, confirmed.state) == (1, EntryState.CONFIRMED)


async def test_a_correction_stands_beside_the_entry_which_stays_as_it_was(database: Database) -> None:
    async with database.begin() as session:
        old = await add_entry(session, call_id=CALL, draft=DRAFT, written_by="linjing", at=START)
        new = await correct_entry(
            session, old.number, draft=replace(DRAFT, home="3-2-502"), written_by="zhouying", at=START
        )

    async with database.read() as session:
        assert await entries_of(session, CALL) == [replace(old, corrected_by=new.number), new]
    assert (new.corrects, new.number) == (old.number, old.number + 1)


async def test_a_correction_of_an_entry_that_is_not_there_is_refused(database: Database) -> None:
    async with database.begin() as session:
        with pytest.raises(EntryUnknown):
            await correct_entry(session, 99, draft=DRAFT, written_by="zhouying", at=START)


async def test_numbers_have_no_gap_even_when_an_entry_is_given_up_half_way(database: Database) -> None:
    class Killed(Exception):
        pass

    async with database.begin() as session:
        await keep_draft(session, "a", DRAFT, START)
    with pytest.raises(Killed):
        async with database.begin() as session:
            await keep_draft(session, "b", DRAFT, START)
            raise Killed
    async with database.begin() as session:
        await keep_draft(session, "c", DRAFT, START)

    async with database.read() as session:
        assert [entry.number for entry in await entries_page(session)] == [2, 1]


async def test_entries_written_at_the_same_moment_get_numbers_of_their_own(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, "first", DRAFT, START)

    async def write(name: str) -> None:
        async with database.begin() as session:
            await keep_draft(session, name, DRAFT, START)

    async with asyncio.TaskGroup() as writers:
        for number in range(10):
            writers.create_task(write(f"call-{number}"))

    async with database.read() as session:
        assert sorted(entry.number for entry in await entries_page(session)) == list(range(1, 12))


async def test_the_log_is_paged_newest_first(database: Database) -> None:
    async with database.begin() as session:
        for number in range(5):
            await keep_draft(session, f"call-{number}", DRAFT, START)

    async with database.read() as session:
        first = await entries_page(session, limit=3)
        second = await entries_page(session, before=first[-1].number, limit=3)

    assert [entry.number for entry in [*first, *second]] == [5, 4, 3, 2, 1]


async def test_every_inbound_call_gets_a_draft_and_an_internal_one_none(database: Database) -> None:
    log = DutyLog(clock=ClockByHand(), area_code="")
    inbound = CallStory().rings().lifted().announced().queues().hangs_up(after=30).record
    internal = CallStory(call="i.1").rings(context="from-agents").hangs_up().record
    async with database.begin() as session:
        for call in (inbound, internal):
            await save_call(session, call)
            await log.follow(session, call)

    async with database.read() as session:
        assert [entry.call_id for entry in await entries_page(session)] == [CALL]


async def test_a_second_click_on_confirm_writes_no_second_entry(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
        await add_entry(session, call_id=CALL, draft=DRAFT, written_by="linjing", at=START)

    with pytest.raises(EntryConfirmed):
        async with database.begin() as session:
            await add_entry(session, call_id=CALL, draft=DRAFT, written_by="linjing", at=START)

    async with database.read() as session:
        assert len(await entries_of(session, CALL)) == 1


async def test_a_draft_redrawn_while_a_person_confirms_it_does_not_write_over_their_words(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
    is_confirming, may_go_on = asyncio.Event(), asyncio.Event()

    async def confirm() -> None:
        async with database.begin() as session:
            await add_entry(
                session, call_id=CALL, draft=replace(DRAFT, matter="核对过"), written_by="linjing", at=START
            )
            is_confirming.set()
            await may_go_on.wait()

    async def redraw() -> None:
        await is_confirming.wait()
        may_go_on.set()
        async with database.begin() as session:
            await keep_draft(session, CALL, replace(DRAFT, matter="系统重写"), START)

    async with asyncio.timeout(20), asyncio.TaskGroup() as both:
        both.create_task(confirm())
        both.create_task(redraw())

    async with database.read() as session:
        [entry] = await entries_of(session, CALL)
    assert (entry.matter, entry.state) == ("核对过", EntryState.CONFIRMED)


async def test_a_draft_is_confirmed_and_not_corrected(database: Database) -> None:
    async with database.begin() as session:
        number = await keep_draft(session, CALL, DRAFT, START)
        assert number is not None
        with pytest.raises(EntryIsDraft):
            await correct_entry(session, number, draft=DRAFT, written_by="linjing", at=START)


def ended_in(outcome: Outcome) -> CallRecord:
    """Return an inbound call that ended so."""
    call = CallStory().rings().lifted().announced().queues().hangs_up(after=30).record
    return replace(call, outcome=outcome, human_answer=call.ended_at if outcome is Outcome.ANSWERED else None)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.NOT_DIALLED])
async def test_every_call_has_one_entry_however_it_ended_and_however_often_it_is_told(
    database: Database, outcome: Outcome
) -> None:
    log, call = DutyLog(clock=ClockByHand(), area_code=""), ended_in(outcome)
    for _ in range(2):
        async with database.begin() as session:
            await save_call(session, call)
            await log.follow(session, call)

    async with database.read() as session:
        assert [(entry.number, entry.state) for entry in await entries_of(session, CALL)] == [(1, EntryState.DRAFT)]


@pytest.mark.parametrize(
    ("is_reached", "matter"), [(True, "回电：已接通。"), (False, "回电：未接通。")], ids=["reached", "not-reached"]
)
async def test_call_of_ours_has_an_entry_of_the_kind_of_the_call_it_returns(
    database: Database, is_reached: bool, matter: str
) -> None:
    log, missed = DutyLog(clock=ClockByHand(), area_code=""), replace(ended_in(Outcome.ABANDONED_QUEUE))
    ours = replace(
        missed,
        id="ours",
        direction="outbound",
        returns=CALL,
        human_answer=missed.ended_at if is_reached else None,
        outcome=Outcome.ANSWERED if is_reached else Outcome.ABANDONED_RINGING,
    )
    async with database.begin() as session:
        for call in (replace(missed, request="complaint"), ours):
            await save_call(session, call)
            await log.follow(session, call)

    async with database.read() as session:
        [entry] = await entries_of(session, "ours")
    assert (entry.kind, entry.matter) == (Kind.COMPLAINT, matter)


async def test_entries_of_a_call_that_became_part_of_an_older_one_are_found_there(database: Database) -> None:
    log = DutyLog(clock=ClockByHand(), area_code="")
    async with database.begin() as session:
        await keep_draft(session, "young", DRAFT, START)
        await log.absorb(session, "young", CALL)

        assert [entry.call_id for entry in await entries_of(session, CALL)] == [CALL]
