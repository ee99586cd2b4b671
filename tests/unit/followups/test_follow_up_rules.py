"""What a call owes, to whom it falls and by when."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.story import tell
from hotline.followups.follow_up import NEXT, FollowUpKind, FollowUpState, FollowUpStepRefused, Step, after, may_act
from hotline.followups.rules import Debt, Limits, debts, joins, owed_by
from tests.fakes.call_story import START, CallStory

LIMITS = Limits(
    call_back=timedelta(minutes=30),
    message=timedelta(minutes=120),
    morning=timedelta(minutes=30),
    unsatisfied=timedelta(days=1),
)
OPENING = START + timedelta(hours=16)
Kind = FollowUpKind


def owed(call: CallRecord, *, has_number: bool = True, is_open: bool = True) -> tuple[Debt, ...]:
    return debts(
        call,
        has_number=has_number,
        limits=LIMITS,
        next_opening=(lambda at: at) if is_open else (lambda _: OPENING),
    )


def arrives() -> CallStory:
    return CallStory().rings().lifted().announced()


def test_caller_who_gives_up_in_the_queue_is_called_back_within_half_an_hour() -> None:
    call = arrives().queues().hangs_up(after=40).record

    [debt] = owed(call)

    assert (debt.kind, debt.owed_by) == (Kind.MISSED, Role.AGENT)
    assert debt.at == call.ended_at
    assert debt.due == debt.at + timedelta(minutes=30)


def test_caller_who_spoke_with_somebody_is_owed_nothing() -> None:
    story = arrives().queues().agent_rings().agent_answers()

    assert owed(story.hangs_up(after=60, talking_to="8001").record) == ()


def test_call_that_the_switch_died_with_is_returned() -> None:
    [debt] = owed(arrives().queues().lost_with_the_switch().record)

    assert debt.kind is Kind.MISSED


@pytest.mark.parametrize(("seconds", "has_number", "kinds"), [
    (2.9, False, []), (2.9, True, [Kind.MISSED]), (3.0, False, [Kind.MISSED]),
])  # fmt: skip
def test_only_who_rings_briefly_and_shows_no_number_is_forgotten(
    seconds: float, has_number: bool, kinds: list[FollowUpKind]
) -> None:
    call = CallStory().rings().hangs_up(after=seconds).record

    assert [debt.kind for debt in owed(call, has_number=has_number)] == kinds


@pytest.mark.parametrize("has_number", [True, False])
def test_caller_who_was_turned_away_is_owed_a_call_however_short_it_was(has_number: bool) -> None:
    call = CallStory().rings().said("FULL_HOUSE", "").lifted(after=0).hangs_up(after=0.2).record

    [debt] = owed(call, has_number=has_number)

    assert (debt.kind, debt.owed_by, debt.due) == (Kind.MISSED, Role.AGENT, debt.at + timedelta(minutes=30))


def test_caller_in_danger_whom_nobody_reached_is_owed_a_supervisors_call_though_first_turned_away() -> None:
    call = CallStory().rings().said("FULL_HOUSE", "").lifted(after=0).said("EMERGENCY", "").hangs_up(after=20).record

    assert [debt.kind for debt in owed(call)] == [Kind.EMERGENCY]


def test_wish_is_owed_at_once_while_the_call_goes_on() -> None:
    call = arrives().queues().waits(20).said("CALL_BACK", "").record

    [debt] = owed(call)

    assert (debt.kind, debt.at, debt.due) == (
        Kind.CALL_BACK, call.call_back_at, START + timedelta(seconds=21, minutes=30),
    )  # fmt: skip


def test_caller_who_wished_to_be_called_is_not_counted_as_missed_too() -> None:
    call = arrives().queues().said("CALL_BACK", "").hangs_up().record

    assert [debt.kind for debt in owed(call)] == [Kind.CALL_BACK]


def test_message_is_owed_within_two_hours_and_tells_where_in_the_recording_it_begins() -> None:
    call = arrives().queues().waits(50).said("QUEUE_LEFT", "").said("MESSAGE", "").hangs_up(after=12).record

    [debt] = owed(call)

    assert (debt.kind, debt.play_from) == (Kind.MESSAGE, 50.0)
    assert debt.due == debt.at + timedelta(hours=2)


def test_message_of_which_nothing_was_recorded_after_a_refusal_cannot_be_played() -> None:
    call = arrives().said("REFUSED", "").queues().said("QUEUE_LEFT", "").said("MESSAGE", "").hangs_up(after=12).record

    assert [debt.play_from for debt in owed(call)] == [None]


def test_message_recorded_after_a_refusal_is_played_from_its_own_beginning() -> None:
    story = arrives().said("REFUSED", "").queues().said("QUEUE_LEFT", "").said("RECORDING", "c-message")
    call = story.waits(2).said("MESSAGE", "").hangs_up(after=12).record

    assert [debt.play_from for debt in owed(call)] == [2.0]


def test_emergency_that_nobody_answered_is_the_supervisors_at_once() -> None:
    call = arrives().said("EMERGENCY", "").hangs_up(after=20).record

    [debt] = owed(call, is_open=False)

    assert (debt.kind, debt.owed_by, debt.due) == (Kind.EMERGENCY, Role.SUPERVISOR, call.ended_at)


@pytest.mark.parametrize(("mark", "kinds"), [(1, [Kind.UNSATISFIED]), (2, [Kind.UNSATISFIED]), (3, []), (5, [])])
def test_bad_mark_is_the_supervisors_within_a_day(mark: int, kinds: list[FollowUpKind]) -> None:
    story = arrives().queues().agent_rings().agent_answers().agent_hangs_up()
    call = CallRecord(**{name: getattr(story.record, name) for name in CallRecord.__slots__} | {"satisfaction": mark})

    found = owed(call)

    assert [debt.kind for debt in found] == kinds
    assert all((d.mark, d.owed_by, d.due) == (mark, Role.SUPERVISOR, d.at + timedelta(days=1)) for d in found)


def test_who_joined_an_incident_is_not_due_before_it_is_over() -> None:
    call = arrives().enters_menu().said("INCIDENT_JOINED", "7").hangs_up(after=5).record

    assert [(debt.kind, debt.due, debt.incident) for debt in owed(call)] == [(Kind.INCIDENT, None, "7")]


@pytest.mark.parametrize("said", ["", "CALL_BACK", "MESSAGE"])
def test_what_the_night_left_is_due_half_an_hour_after_opening(said: str) -> None:
    story = arrives().queues().waits(30)
    call = (story.said(said, "") if said else story).hangs_up(after=5).record

    [debt] = owed(call, is_open=False)

    assert debt.due == OPENING + timedelta(minutes=30)


@pytest.mark.parametrize(("mark", "kinds"), [(1, [Kind.UNSATISFIED]), (2, [Kind.UNSATISFIED]), (3, []), (None, [])])
def test_bad_mark_after_our_call_back_is_the_supervisors_too(mark: int | None, kinds: list[FollowUpKind]) -> None:
    story = arrives().queues().agent_rings().agent_answers().agent_hangs_up()
    call = replace(story.record, direction="outbound", returns="hotline-1.0", satisfaction=mark, message_at=START)

    assert [(debt.kind, debt.mark) for debt in owed(call)] == [(kind, mark) for kind in kinds]


@pytest.mark.parametrize("direction", ["outbound", "internal"])
def test_only_calls_from_outside_owe_anything(direction: str) -> None:
    story = arrives().queues().hangs_up(after=40)
    values = {name: getattr(story.record, name) for name in CallRecord.__slots__} | {"direction": direction}

    assert owed(CallRecord(**values)) == ()


def test_part_of_a_call_never_owes_more_than_the_whole() -> None:
    rows = arrives().queues().waits(20).said("CALL_BACK", "").said("MESSAGE", "").hangs_up(after=9).rows
    whole = set(owed(fold("c", tell(rows))))

    assert len(whole) == 2
    for length in range(len(rows)):
        assert set(owed(fold("c", tell(rows[:length])))) <= whole


@pytest.mark.parametrize(("new", "old", "minutes", "is_joined"), [
    (Kind.MISSED, Kind.MISSED, 60, True),
    (Kind.MISSED, Kind.MISSED, -60, True),
    (Kind.MISSED, Kind.MISSED, 61, False),
    (Kind.MISSED, Kind.CALL_BACK, 5, True),
    (Kind.CALL_BACK, Kind.CALL_BACK, 5, True),
    (Kind.CALL_BACK, Kind.MISSED, 5, False),
    (Kind.MESSAGE, Kind.MESSAGE, 5, False),
    (Kind.MISSED, Kind.MESSAGE, 5, False),
    (Kind.EMERGENCY, Kind.EMERGENCY, 0, False),
])  # fmt: skip
def test_calls_of_one_number_within_an_hour_are_one_debt(
    new: FollowUpKind, old: FollowUpKind, minutes: int, is_joined: bool
) -> None:
    assert joins(Debt(kind=new, at=START + timedelta(minutes=minutes), due=None), old, START) is is_joined


def test_supervisors_do_what_supervisors_owe() -> None:
    assert {kind for kind in Kind if owed_by(kind) is Role.SUPERVISOR} == {Kind.EMERGENCY, Kind.UNSATISFIED}
    assert may_act(Role.AGENT, Role.AGENT)
    assert may_act(Role.SUPERVISOR, Role.AGENT)
    assert may_act(Role.ADMIN, Role.SUPERVISOR)
    assert not may_act(Role.AGENT, Role.SUPERVISOR)


def test_what_is_closed_can_only_be_reopened() -> None:
    assert after(FollowUpState.OPEN, Step.CLOSED) is FollowUpState.DONE
    for state, more in ((FollowUpState.DONE, {Step.SERVICE_DAYS}), (FollowUpState.CANCELLED, set())):
        assert {step for step in Step if (state, step) in NEXT} == {Step.REOPENED, Step.HOME_CHOSEN} | more
        with pytest.raises(FollowUpStepRefused) as refused:
            after(state, Step.CLOSED)
        assert refused.value.details == {"state": state.value}


def test_times_are_the_calls_own_and_not_the_clocks() -> None:
    moments: list[datetime] = []
    debts(
        arrives().queues().hangs_up(after=40).record,
        has_number=True,
        limits=LIMITS,
        next_opening=lambda at: moments.append(at) or at,  # type: ignore[func-returns-value]
    )

    assert moments == [START + timedelta(seconds=41)]
