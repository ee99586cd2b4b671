"""What the desk owes comes from the calls: written once, closed once, and never against a person's word."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Role
from hotline.calls.cel import CelRow
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.store import save_call
from hotline.calls.story import tell
from hotline.database import Database
from hotline.followups.follow_up import (
    FollowUp,
    FollowUpKind,
    FollowUpState,
    FollowUpStepRefused,
    FollowUpUnknown,
    Step,
)
from hotline.followups.reading_store import count_open, follow_up_by_id, follow_ups_page, history_of
from hotline.followups.rules import Debt
from hotline.followups.service import FollowUps
from hotline.followups.store import BY_ITSELF, add_follow_up, open_of_incident, take_step
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from hotline.settings import FollowUpSettings
from tests.fakes.call_story import START, CallStory
from tests.fakes.clock_by_hand import ClockByHand

Kind = FollowUpKind
CLOCK = ClockByHand(START + timedelta(hours=5))
MINUTE = timedelta(minutes=1)


def follower(opening: datetime | None = None) -> FollowUps:
    return FollowUps(
        settings=FollowUpSettings(), clock=CLOCK, next_opening=lambda at: at if opening is None else max(at, opening)
    )


async def shown(database: Database, *calls: CallRecord, by: FollowUps | None = None) -> None:
    """Show these calls as the ledger does: saved, then followed, each in a transaction of its own."""
    for call in calls:
        async with database.begin() as session:
            await save_call(session, call)
            await (by or follower()).follow(session, call)


async def kept(database: Database) -> list[FollowUp]:
    async with database.read() as session:
        return sorted(await follow_ups_page(session), key=lambda one: one.id)


async def steps_of(database: Database, one: FollowUp) -> list[tuple[Step, str, str]]:
    async with database.read() as session:
        steps, _ = await history_of(session, one.id)
    return [(step.what, step.who, step.call_id) for step in steps]


async def done_by_hand(database: Database, one: FollowUp, step: Step, text: str = "已回电") -> FollowUp:
    async with database.begin() as session:
        return await take_step(session, one.id, step, who="linjing", at=CLOCK.now(), text=text)


def arrives(call: str, minutes: float = 0, number: str = "13800138501") -> CallStory:
    return CallStory(call=call, start=START + minutes * MINUTE, number=number).rings().lifted().announced().queues()


def missed(call: str, minutes: float = 0, number: str = "13800138501") -> CallRecord:
    return arrives(call, minutes, number).hangs_up(after=30).record


def answered(call: str, minutes: float = 0, number: str = "13800138501") -> CallRecord:
    story = arrives(call, minutes, number).agent_rings().agent_answers()
    return story.hangs_up(after=60, talking_to="8001").record


def returning(call: str, of: str, minutes: float = 5) -> CallRecord:
    """Our call to the resident, answered."""
    at = START + minutes * MINUTE
    return replace(
        answered(call, minutes, number=""), direction="outbound", returns=of, human_answer=at + timedelta(seconds=20)
    )


async def test_missed_call_is_owed_to_whom_it_came_from(database: Database) -> None:
    async with database.begin() as session:
        number = PhoneNumber.parse("13800138501")
        assert number is not None
        home = await add_home(session, Home(3, 2, 501))
        await add_resident(session, home, "张伟", title=Title.MR, numbers=[number])

    await shown(database, missed("a"))

    [one] = await kept(database)
    assert (one.kind, one.state, one.owed_by, one.call_id) == (Kind.MISSED, FollowUpState.OPEN, Role.AGENT, "a")
    assert (one.who, one.home, one.number) == ("张先生", "3-2-501", "13800138501")
    assert one.due == one.since + 30 * MINUTE
    assert await steps_of(database, one) == [(Step.RAISED, BY_ITSELF, "")]


async def test_call_shown_again_and_again_is_owed_once(database: Database) -> None:
    await shown(database, missed("a"), missed("a"), missed("a"))

    [one] = await kept(database)
    assert (one.calls, await steps_of(database, one)) == (1, [(Step.RAISED, BY_ITSELF, "")])


async def test_night_is_due_after_opening(database: Database) -> None:
    opening = START + timedelta(hours=9)

    await shown(database, missed("a"), by=follower(opening))

    assert [one.due for one in await kept(database)] == [opening + 30 * MINUTE]


async def test_several_calls_of_one_number_within_an_hour_are_one_debt(database: Database) -> None:
    await shown(database, missed("a"), missed("b", 20), missed("b", 20), missed("c", 50), missed("d", 200))

    first, second = await kept(database)
    assert (first.calls, first.call_id, first.last_at - first.since) == (3, "a", 50 * MINUTE)
    assert first.due == first.since + 30 * MINUTE
    assert (second.calls, second.call_id) == (1, "d")
    async with database.read() as session:
        assert [call for call, _ in (await history_of(session, first.id))[1]] == ["a", "b", "c"]


@pytest.mark.parametrize("number", ["", "anonymous"])
async def test_callers_who_hide_their_number_are_not_taken_for_one(database: Database, number: str) -> None:
    await shown(database, missed("a", number=number), missed("b", 1, number=number), answered("c", 2, number=number))

    assert [(one.call_id, one.state) for one in await kept(database)] == [
        ("a", FollowUpState.OPEN), ("b", FollowUpState.OPEN),
    ]  # fmt: skip


async def test_missed_call_closes_when_the_number_gets_through_later(database: Database) -> None:
    await shown(database, missed("a"), missed("b", 1), answered("c", 10), answered("c", 10))

    [one] = await kept(database)
    assert (one.state, one.closing, one.closed_by) == (FollowUpState.DONE, Step.CALLED_AGAIN, BY_ITSELF)
    assert (await steps_of(database, one))[1:] == [(Step.CALLED_AGAIN, BY_ITSELF, "c")]


async def test_call_that_was_answered_before_settles_nothing(database: Database) -> None:
    await shown(database, missed("b", 10), answered("a"))

    assert [one.state for one in await kept(database)] == [FollowUpState.OPEN]


async def test_number_written_otherwise_by_the_network_is_the_same_number(database: Database) -> None:
    await shown(database, missed("a"), missed("b", 3, "+8613800138501"), answered("c", 9, "008613800138501"))

    assert [(one.calls, one.state) for one in await kept(database)] == [(2, FollowUpState.DONE)]


@pytest.mark.parametrize("written", sorted(PhoneNumber("+8613800138501").written_forms))
async def test_older_call_told_late_is_settled_by_the_newer_one(database: Database, written: str) -> None:
    await shown(database, answered("b", 10, number=written), missed("a"))

    [one] = await kept(database)
    assert (one.state, one.closing) == (FollowUpState.DONE, Step.CALLED_AGAIN)


@pytest.mark.parametrize("is_late", [False, True])
async def test_our_answered_call_settles_what_it_returns(database: Database, is_late: bool) -> None:
    wish = arrives("a", number="").waits(9).said("CALL_BACK", "").hangs_up().record
    calls = [wish, returning("r", "a")]

    await shown(database, *(reversed(calls) if is_late else calls))

    assert [(one.kind, one.closing) for one in await kept(database)] == [(Kind.CALL_BACK, Step.RETURNED)]


async def test_our_unanswered_call_settles_nothing(database: Database) -> None:
    wish = arrives("a").waits(9).said("CALL_BACK", "").hangs_up().record

    await shown(database, wish, replace(returning("r", "a"), human_answer=None))

    assert [one.state for one in await kept(database)] == [FollowUpState.OPEN]


async def test_our_call_that_reached_no_person_is_noted_once_and_what_it_returns_stays_owed(database: Database) -> None:
    wish = arrives("a").waits(9).said("CALL_BACK", "").hangs_up().record
    tried = replace(returning("r", "a"), human_answer=None)

    await shown(database, wish, tried, tried, replace(tried, id="s"), replace(tried, id="t", agent=""))

    [one] = await kept(database)
    assert (one.state, one.due) == (FollowUpState.OPEN, one.since + 30 * MINUTE)
    assert await steps_of(database, one) == [
        (Step.RAISED, BY_ITSELF, ""), (Step.TRIED, BY_ITSELF, "r"), (Step.TRIED, BY_ITSELF, "s"),
    ]  # fmt: skip


async def test_our_answered_call_settles_everything_that_speaking_settles_for_this_number(database: Database) -> None:
    wish = arrives("b", 1).waits(9).said("CALL_BACK", "").hangs_up().record

    await shown(database, missed("a"), wish, returning("r", "b"))

    assert [(one.kind, one.closing) for one in await kept(database)] == [
        (Kind.MISSED, Step.RETURNED), (Kind.CALL_BACK, Step.RETURNED),
    ]  # fmt: skip


async def test_message_and_emergency_never_close_by_themselves(database: Database) -> None:
    message = arrives("a").said("QUEUE_LEFT", "").said("MESSAGE", "").hangs_up(after=9).record
    emergency = CallStory(call="b").rings().lifted().said("EMERGENCY", "").hangs_up(after=9).record

    await shown(database, message, emergency, answered("c", 10), returning("r", "a"), returning("q", "b"))

    assert [(one.kind, one.state, one.owed_by) for one in await kept(database)] == [
        (Kind.MESSAGE, FollowUpState.OPEN, Role.AGENT), (Kind.EMERGENCY, FollowUpState.OPEN, Role.SUPERVISOR),
    ]  # fmt: skip


async def test_what_a_person_reopened_stays_open_however_often_the_calls_are_told(database: Database) -> None:
    await shown(database, missed("a"), answered("c", 10))
    [one] = await kept(database)

    await done_by_hand(database, one, Step.REOPENED, "他要的是另一位同事")
    await shown(database, missed("a"), answered("c", 10), answered("d", 20), returning("r", "a"))

    [one] = await kept(database)
    assert (one.state, one.closing, one.closed_by, one.is_kept_open) == (FollowUpState.OPEN, None, "", True)
    assert [step for step, *_ in await steps_of(database, one)] == [Step.RAISED, Step.CALLED_AGAIN, Step.REOPENED]


async def test_what_a_person_closed_stays_closed(database: Database) -> None:
    await shown(database, missed("a"))
    [one] = await kept(database)
    await done_by_hand(database, one, Step.CLOSED)

    await shown(database, missed("a"), answered("c", 10), missed("b", 20))

    first, second = await kept(database)
    assert (first.state, first.result, first.closed_by, first.closing) == (
        FollowUpState.DONE, "已回电", "linjing", Step.CLOSED,
    )  # fmt: skip
    assert (second.call_id, second.state) == ("b", FollowUpState.OPEN)


async def test_call_taken_for_lost_and_found_answered_after_all_is_not_owed(database: Database) -> None:
    lost = arrives("a").agent_rings().lost_with_the_switch().record
    found = replace(answered("a"), ended_at=lost.ended_at)

    await shown(database, lost, found)

    assert [one.closing for one in await kept(database)] == [Step.CALLED_AGAIN]


def told(rows: list[CelRow]) -> Iterable[CallRecord]:
    return [fold(rows[0].linkedid, tell(rows[:length])) for length in range(1, len(rows) + 1)]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_the_order_in_which_calls_are_told_the_same_is_owed(database: Database, seed: int) -> None:
    stories = [
        arrives("a").hangs_up(after=30),
        arrives("b", 5, "13900139000").waits(5).said("CALL_BACK", "").hangs_up(),
        arrives("c", 6, "13900139001").said("QUEUE_LEFT", "").said("MESSAGE", "").hangs_up(after=20),
        arrives("d", 8).agent_rings().agent_answers().hangs_up(after=9, talking_to="8001"),
        arrives("e", 100).hangs_up(after=30),
        arrives("f", 70, "13900139002").agent_rings().agent_answers().agent_hangs_up(),
        CallStory(call="g", start=START + 90 * MINUTE).rings().lifted().said("EMERGENCY", "").hangs_up(after=5),
    ]
    every = [call for story in stories for call in told(story.rows)]
    drawn = random.Random(seed)
    drawn.shuffle(every)
    final = {story.call: story.record for story in stories}

    async with database.begin() as session:
        for call in every + drawn.sample(every, 20):
            # An older telling may be shown, but the ledger's row is that of all rows read so far.
            await save_call(session, final[call.id])
            await follower().follow(session, call)

    owed = sorted((one.kind.value, one.call_id, one.calls, one.state.value) for one in await kept(database))
    assert owed == [
        ("call-back", "b", 1, "open"),
        ("emergency", "g", 1, "open"),
        ("message", "c", 1, "open"),
        ("missed", "a", 1, "done"),
        ("missed", "e", 1, "open"),
    ]


async def test_calls_told_out_of_their_order_are_rather_owed_too_long_than_forgotten(database: Database) -> None:
    await shown(database, missed("a"), missed("c", 20), answered("b", 10))

    assert [(one.calls, one.state) for one in await kept(database)] == [(2, FollowUpState.OPEN)]


async def test_who_joined_an_incident_is_due_once_it_is_over(database: Database) -> None:
    joined = CallStory(call="a").rings().lifted().announced().enters_menu().said("INCIDENT_JOINED", "7").hangs_up()
    await shown(database, joined.record)
    assert [one.due for one in await kept(database)] == [None]

    async with database.begin() as session:
        told_to = [await follower().incident_over(session, incident) for incident in ("8", "7", "7")]

    [one] = await kept(database)
    assert (told_to, one.due) == ([0, 1, 0], CLOCK.now() + 30 * MINUTE)


async def test_person_who_closes_what_is_falling_due_comes_after_it(database: Database) -> None:
    joined = CallStory(call="a").rings().lifted().announced().enters_menu().said("INCIDENT_JOINED", "7").hangs_up()
    await shown(database, joined.record)

    async with asyncio.timeout(15), asyncio.TaskGroup() as tasks, database.begin() as session:
        [one] = await open_of_incident(session, "7")
        closing = tasks.create_task(done_by_hand(database, one, Step.CLOSED))
        await asyncio.wait({closing}, timeout=0.3)  # as long as it takes where nothing holds it up
        await take_step(session, one.id, Step.FELL_DUE, at=CLOCK.now())

    assert [step for step, _, _ in await steps_of(database, one)] == [Step.RAISED, Step.FELL_DUE, Step.CLOSED]


async def test_taking_it_twice_is_one_step_and_another_may_take_it_over(database: Database) -> None:
    await shown(database, missed("a"))
    [one] = await kept(database)

    for who in ("linjing", "linjing", "zhouying"):
        async with database.begin() as session:
            await take_step(session, one.id, Step.TAKEN, who=who, at=CLOCK.now())

    assert [who for step, who, _ in await steps_of(database, one) if step is Step.TAKEN] == ["linjing", "zhouying"]
    assert [one.taken_by for one in await kept(database)] == ["zhouying"]


async def test_closing_twice_and_closing_nothing_are_refused(database: Database) -> None:
    await shown(database, missed("a"))
    [one] = await kept(database)
    await done_by_hand(database, one, Step.CLOSED)

    with pytest.raises(FollowUpStepRefused):
        await done_by_hand(database, one, Step.CLOSED)
    with pytest.raises(FollowUpUnknown):
        async with database.begin() as session:
            await take_step(session, 99, Step.CLOSED, at=CLOCK.now())
    with pytest.raises(FollowUpUnknown):
        async with database.read() as session:
            await follow_up_by_id(session, 99)


async def test_list_goes_by_deadline_and_page_by_page_misses_nothing(database: Database) -> None:
    dues = [START + 3 * MINUTE, None, START, None, START + MINUTE]
    async with database.begin() as session:
        for place, due in enumerate(dues):
            await add_follow_up(
                session, debt=Debt(kind=Kind.OTHER, at=START, due=due), owed_by=Role.AGENT, call_id=None, number="",
                e164="", home="3-2-501", who="", at=START + place * MINUTE, text="送钥匙", raised_by="linjing",
            )  # fmt: skip

    async with database.read() as session:
        for states, wanted in (((FollowUpState.OPEN,), [3, 5, 1, 2, 4]), (tuple(FollowUpState), [5, 4, 3, 2, 1])):
            found: list[int] = []
            while page := await follow_ups_page(session, states=states, after_id=found[-1] if found else None, limit=2):
                found += [one.id for one in page]
            assert found == wanted
        assert await count_open(session, START + 2 * MINUTE) == (5, 2)
        assert [one.id for one in await follow_ups_page(session, due_before=START + MINUTE)] == [3]
        assert await follow_ups_page(session, after_id=99) == []
