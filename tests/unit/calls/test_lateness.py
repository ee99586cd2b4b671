"""The wait is cut into legs that add up to it, and the late ones say who or what was the cause."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.calls.cadence import THREE_RINGS
from hotline.calls.lateness import HUMAN_WITHIN, Lateness, Leg, LegKind, how_late, late_because, legs_of
from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import Outcome
from tests.fakes.call_story import START, CallStory


def at(seconds: float) -> object:
    return START + timedelta(seconds=seconds)


def call(**moments: object) -> CallRecord:
    """Return a call that rang at START; numbers are seconds after it."""
    names = ("switch_answer", "menu_entered_at", "queued_at", "human_answer", "ended_at", "message_at", "call_back_at")
    times = {name: at(moments.pop(name)) for name in names if name in moments}  # type: ignore[arg-type]
    return CallRecord(id="c", ring_start=START, **times, **moments)  # type: ignore[arg-type]


def ring(agent: str, began: float, ended: float | None, *, was_answered: bool = False) -> Ring:
    return Ring(
        agent=agent,
        leg=f"{agent}-{began}",
        began=START + timedelta(seconds=began),
        ended=None if ended is None else START + timedelta(seconds=ended),
        was_answered=was_answered,
    )


def told(legs: tuple[Leg, ...]) -> list[tuple[str, float, str, bool]]:
    return [(leg.kind.value, leg.took.total_seconds(), ",".join(leg.agents), leg.is_cause) for leg in legs]


ROAD = {"switch_answer": 1, "menu_entered_at": 8, "queued_at": 11}


def test_call_answered_in_time_by_switch_and_human_is_not_late() -> None:
    quick = call(**ROAD, human_answer=19, ended_at=60, rings=(ring("8001", 12, 19, was_answered=True),))

    assert how_late(quick) is None
    assert late_because(quick) == ()
    assert told(legs_of(quick)) == [
        ("switch", 1, "", False), ("announcement", 7, "", False), ("menu", 3, "", False),
        ("queue", 1, "", False), ("ringing", 7, "8001", False),
    ]  # fmt: skip


def test_agent_who_did_not_answer_and_a_queue_without_a_free_agent_are_the_causes() -> None:
    late = call(
        **ROAD, human_answer=44, ended_at=90,
        rings=(ring("8001", 11, 26), ring("8002", 38, 44, was_answered=True)),
    )  # fmt: skip

    assert how_late(late) is Lateness.HUMAN
    assert told(late_because(late)) == [
        ("switch", 1, "", False), ("announcement", 7, "", False), ("menu", 3, "", False),
        ("missed", 15, "8001", True), ("queue", 12, "", True), ("ringing", 6, "8002", False),
    ]  # fmt: skip


def test_switch_that_lifts_after_three_rings_is_the_cause() -> None:
    late = call(switch_answer=11.5, human_answer=16, ended_at=60)

    assert how_late(late) is Lateness.SWITCH
    assert [leg.kind for leg in late_because(late) if leg.is_cause] == [LegKind.SWITCH]


def test_eleven_and_twenty_seconds_are_in_time_and_a_moment_more_is_not() -> None:
    three_rings, twenty = THREE_RINGS.total_seconds(), HUMAN_WITHIN.total_seconds()

    assert how_late(call(switch_answer=three_rings, human_answer=twenty)) is None
    assert how_late(call(switch_answer=three_rings + 0.001, human_answer=twenty)) is Lateness.SWITCH
    assert how_late(call(switch_answer=three_rings, human_answer=twenty + 0.001)) is Lateness.HUMAN


def test_callers_own_time_in_the_menu_is_named_but_others_are_blamed_first() -> None:
    slow = call(switch_answer=1, menu_entered_at=8, queued_at=30, human_answer=46, ended_at=60,
                rings=(ring("8001", 30, 45), ring("8002", 45, 46, was_answered=True)))  # fmt: skip

    assert ("menu", 22, "", False) in told(late_because(slow))
    assert [leg.agents for leg in late_because(slow) if leg.is_cause] == [("8001",)]


def test_where_nothing_took_too_long_by_itself_the_longest_leg_is_the_cause() -> None:
    choosing = call(switch_answer=1, menu_entered_at=8, queued_at=30, human_answer=31, ended_at=60)

    assert [leg.kind for leg in late_because(choosing) if leg.is_cause] == [LegKind.MENU]


def test_phones_rung_together_are_one_leg_and_those_that_stop_because_one_was_lifted_missed_nothing() -> None:
    rings = (ring("8001", 11.000, 19.9), ring("8701", 11.004, 20.02), ring("8002", 11.007, 20, was_answered=True))
    emergency = call(switch_answer=1, menu_entered_at=8, human_answer=20, ended_at=60, rings=rings, is_emergency=True)

    assert told(legs_of(emergency))[-1] == ("ringing", 9.0, "8002", False)
    assert LegKind.MISSED not in {leg.kind for leg in legs_of(emergency)}


def test_phones_rung_together_that_nobody_lifts_are_one_leg_with_all_their_names() -> None:
    rings = (ring("8001", 11.000, 26.003), ring("8002", 11.004, 26))
    late = call(**ROAD, ended_at=30, rings=rings)

    missed = [leg for leg in late_because(late) if leg.kind is LegKind.MISSED]
    assert [(leg.agents, leg.took) for leg in missed] == [(("8001", "8002"), timedelta(seconds=15.003))]


def test_people_first_names_the_agents_who_rang_before_the_switch_lifted() -> None:
    late = call(switch_answer=9, menu_entered_at=16, queued_at=18, human_answer=25, ended_at=60,
                rings=(ring("8001", 0.2, 9), ring("8002", 18, 25, was_answered=True)))  # fmt: skip

    assert told(late_because(late))[:3] == [
        ("switch", 0.2, "", False), ("missed", 8.8, "8001", True), ("announcement", 7, "", False),
    ]  # fmt: skip


def test_phone_that_still_rang_when_the_caller_gave_up_was_not_missed_before_three_rings() -> None:
    short, long = (call(**ROAD, ended_at=end, rings=(ring("8001", 11, end),)) for end in (14, 24))

    assert told(late_because(short))[-1][:3] == ("ringing", 3, "8001")
    assert told(late_because(long))[-1] == ("missed", 13, "8001", True)


def test_caller_to_whom_no_human_ever_spoke_is_late_however_short_the_call() -> None:
    gone = call(switch_answer=1, ended_at=4)

    assert how_late(gone) is Lateness.NOBODY
    assert told(late_because(gone)) == [("switch", 1, "", False), ("announcement", 3, "", True)]


def test_silent_service_is_blamed_for_the_menus_time_and_an_absent_one_for_none() -> None:
    silent = call(**ROAD, human_answer=25, without_service="silent")
    absent = call(switch_answer=1, queued_at=8, human_answer=25, without_service="absent")

    assert ("service", 3, "", True) in told(late_because(silent))
    assert "menu" not in {leg.kind.value for leg in legs_of(silent)}
    assert ("service", 0, "", False) in told(late_because(absent))


def test_service_that_was_silent_before_the_menu_began_is_named() -> None:
    silent = call(switch_answer=1, queued_at=12, human_answer=25, without_service="silent")

    assert [(leg.kind.value, leg.detail) for leg in late_because(silent) if leg.is_cause] == [
        ("announcement", ""), ("service", "silent"), ("queue", ""),
    ]  # fmt: skip


def test_late_look_up_is_named_but_takes_no_blame_for_the_rest_of_the_wait() -> None:
    late = call(switch_answer=1, menu_entered_at=8, queued_at=30, human_answer=31, look_up="late")

    assert [(leg.kind.value, leg.detail) for leg in late_because(late) if leg.is_cause] == [
        ("look-up", "late"), ("menu", ""),
    ]  # fmt: skip


def test_message_and_wish_to_be_called_back_are_the_callers_own_time() -> None:
    message = call(**ROAD, ended_at=90, message_at=40)
    wish = call(**ROAD, ended_at=33, call_back_at=30)

    assert told(late_because(message))[-2:] == [("queue", 29, "", True), ("message", 50, "", False)]
    assert told(late_because(wish))[-2:] == [("queue", 19, "", True), ("call-back", 3, "", False)]


def test_call_that_goes_on_is_late_only_once_the_time_has_passed() -> None:
    waiting = call(**ROAD)

    assert how_late(waiting) is None
    assert how_late(waiting, START + timedelta(seconds=20)) is None
    assert how_late(waiting, START + timedelta(seconds=21)) is Lateness.HUMAN
    assert sum((leg.took for leg in late_because(waiting, START + timedelta(seconds=21))), timedelta()) == timedelta(
        seconds=21
    )


def test_calls_of_ours_and_calls_that_never_rang_have_no_lateness() -> None:
    assert late_because(replace(call(**ROAD, ended_at=90), direction="outbound")) == ()
    assert late_because(CallRecord(id="c")) == ()


def test_notice_said_after_an_agent_has_lifted_is_an_announcement_and_not_a_queue() -> None:
    late = call(switch_answer=6, human_answer=21, ended_at=60, agent="8001",
                rings=(ring("8001", 0.5, 6, was_answered=True),))  # fmt: skip

    assert told(late_because(late)) == [
        ("switch", 0.5, "", False), ("ringing", 5.5, "8001", False), ("announcement", 15, "", True),
    ]  # fmt: skip


@pytest.mark.parametrize("outcome", [Outcome.SERVED_BY_MENU, Outcome.INCIDENT_JOINED])
def test_caller_who_got_an_answer_from_the_menu_was_owed_no_human(outcome: Outcome) -> None:
    assert how_late(call(switch_answer=1, menu_entered_at=8, ended_at=70, outcome=outcome)) is None
    assert how_late(call(switch_answer=12, menu_entered_at=18, ended_at=70, outcome=outcome)) is Lateness.SWITCH


def test_caller_who_was_turned_away_waited_for_nobody_because_the_house_was_full() -> None:
    away = call(switch_answer=0.1, ended_at=10.5, outcome=Outcome.TURNED_AWAY)

    assert how_late(away) is Lateness.NOBODY
    assert told(late_because(away)) == [("switch", 0.1, "", False), ("full-house", 10.4, "", True)]


def test_values_are_plain_json() -> None:
    late = call(**ROAD, ended_at=30, rings=(ring("8001", 11, 26),))

    assert json.loads(json.dumps([leg.as_values() for leg in late_because(late)]))[3] == {
        "kind": "missed", "start": (START + timedelta(seconds=11)).isoformat(), "seconds": 15.0,
        "agents": ["8001"], "detail": "", "is_cause": True,
    }  # fmt: skip


SECONDS = st.floats(min_value=0, max_value=40).map(lambda seconds: round(seconds, 3))


@given(st.data())
def test_legs_always_add_up_to_the_whole_wait(data: st.DataObject) -> None:
    story = CallStory().rings()
    if data.draw(st.booleans(), label="people first"):
        story.agent_rings("8009", after=data.draw(SECONDS)).agent_stops_ringing("8009", after=data.draw(SECONDS))
    story.lifted(after=data.draw(SECONDS)).waits(data.draw(SECONDS)).announced()
    if data.draw(st.booleans(), label="menu"):
        story.enters_menu().presses("1", after=data.draw(SECONDS))
    story.queues()
    ringing: list[str] = []
    for number in range(data.draw(st.integers(0, 4), label="rings")):
        story.agent_rings(f"800{number}", after=data.draw(SECONDS))
        ringing.append(f"800{number}")
        if data.draw(st.booleans()):
            story.agent_stops_ringing(ringing.pop(0), after=data.draw(SECONDS))
    is_answered: bool = data.draw(st.booleans(), label="answered")
    if ringing and is_answered:
        story.agent_answers(ringing[-1], after=data.draw(SECONDS))
        story.hangs_up(after=10, talking_to=ringing[-1])
    else:
        story.hangs_up(after=data.draw(SECONDS))
    record = story.record

    legs = legs_of(record)

    end = record.human_answer or record.ended_at
    assert end is not None
    assert sum((leg.took for leg in legs), timedelta()) == end - START
    assert all(leg.start + leg.took == other.start for leg, other in pairwise(legs))
    assert late_because(record) == () or any(leg.is_cause for leg in late_because(record))


MOMENT = st.none() | st.floats(min_value=-5, max_value=60).map(lambda seconds: START + timedelta(seconds=seconds))
RINGS = st.lists(
    st.builds(
        Ring,
        agent=st.sampled_from(["8001", "8002", "mobile"]),
        leg=st.uuids().map(str),
        began=MOMENT.filter(bool),
        ended=MOMENT,
        was_answered=st.booleans(),
    ),
    max_size=5,
)
ANY_CALL = st.builds(
    CallRecord,
    id=st.just("c"),
    ring_start=st.just(START),
    switch_answer=MOMENT,
    menu_entered_at=MOMENT,
    queued_at=MOMENT,
    human_answer=MOMENT,
    ended_at=MOMENT,
    call_back_at=MOMENT,
    message_at=MOMENT,
    rings=RINGS.map(tuple),
    look_up=st.sampled_from(["", "late", "known"]),
    without_service=st.sampled_from(["", "absent", "silent"]),
    outcome=st.none() | st.sampled_from(Outcome),
)


@given(ANY_CALL)
def test_legs_add_up_however_the_switch_told_the_call(record: CallRecord) -> None:
    now = START + timedelta(seconds=90)

    legs = legs_of(record, now)

    until = record.human_answer or record.ended_at or now
    assert sum((leg.took for leg in legs), timedelta()) == max(until - START, timedelta())
    assert [leg.start for leg in legs] == sorted(leg.start for leg in legs)
    assert any(leg.is_cause for leg in late_because(record, now)) == (
        how_late(record, now) is not None and until > START
    )
