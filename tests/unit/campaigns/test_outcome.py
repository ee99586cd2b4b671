"""What came of an attempt: from the ledger's call, whatever the network, the machine or the person said."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.state import Outcome as CallOutcome
from hotline.campaigns.attempt import Outcome, Said
from hotline.campaigns.outcome import later_at, result_of

ZONE = ZoneInfo("Asia/Shanghai")
RANG = datetime(2026, 11, 24, 9, 30, tzinfo=ZONE)
CALL = CallRecord(
    id="attempt-1763947800.1",
    state=CallState.ENDED,
    direction="outbound",
    ring_start=RANG,
    resident_dialled=RANG,
    ended_at=RANG + timedelta(seconds=60),
)


def answered(*steps: str, **more: Any) -> CallRecord:
    return replace(CALL, resident_answered=RANG + timedelta(seconds=8), hangup_cause=16, talk_steps=steps, **more)


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (1, Outcome.INVALID), (2, Outcome.INVALID), (3, Outcome.INVALID), (22, Outcome.INVALID), (28, Outcome.INVALID),
        (17, Outcome.BUSY), (18, Outcome.NO_ANSWER), (19, Outcome.NO_ANSWER), (16, Outcome.NO_ANSWER),
        (20, Outcome.SWITCHED_OFF), (27, Outcome.SWITCHED_OFF), (21, Outcome.REFUSED),
        (34, Outcome.CONGESTION), (38, Outcome.CONGESTION), (41, Outcome.CONGESTION), (42, Outcome.CONGESTION),
        (88, Outcome.FAILED_HERE),
    ],
)  # fmt: skip
def test_who_did_not_lift_is_what_the_networks_cause_says(cause: int, outcome: Outcome) -> None:
    result = result_of(replace(CALL, hangup_cause=cause), ZONE)

    assert (result.outcome, result.cause) == (outcome, cause)
    assert (result.rang_at, result.answered_at) == (RANG, None)


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((), Outcome.HUMAN),  # gone before we knew
        (("AMD HUMAN",), Outcome.HUMAN),
        (("AMD NOTSURE",), Outcome.HUMAN),
        (("AMD MACHINE",), Outcome.MACHINE),
        (("AMD FAX",), Outcome.FAX),
        (("AMD MACHINE", "AMD HUMAN"), Outcome.HUMAN),  # pressed a key in the neutral message
    ],
)
def test_what_lifted_is_a_person_unless_it_surely_is_none(steps: tuple[str, ...], outcome: Outcome) -> None:
    assert result_of(answered(*steps), ZONE).outcome is outcome


def test_who_spoke_with_a_clerk_is_a_person_whatever_was_thought_before() -> None:
    result = result_of(answered("AMD MACHINE", human_answer=RANG, queued_at=RANG), ZONE)

    assert result.outcome is Outcome.HUMAN
    assert result.reached_agent
    assert not result.gave_up_waiting


def test_who_asked_for_a_clerk_and_got_none_gave_up_waiting_once_it_is_over() -> None:
    waiting = answered("AMD HUMAN", "KEY 0", queued_at=RANG)

    assert result_of(waiting, ZONE).gave_up_waiting
    assert not result_of(replace(waiting, state=CallState.WAITING, ended_at=None), ZONE).gave_up_waiting


def test_while_it_goes_on_there_is_no_outcome_but_what_was_said_is_known() -> None:
    result = result_of(answered("AMD HUMAN", "CONFIRMED", "KEY 4", state=CallState.ANSWERED), ZONE)

    assert result.outcome is None
    assert result.said == {Said.IS_PERSON, Said.DISPUTED}


def test_call_that_died_with_the_switch_while_it_rang_is_never_dialled_again_at_once() -> None:
    result = result_of(replace(CALL, outcome=CallOutcome.SWITCH_LOST), ZONE)

    assert result.outcome is Outcome.NO_ANSWER


def test_answers_of_a_survey_are_kept_by_question_and_the_last_one_counts() -> None:
    result = result_of(answered("SURVEY attitude:4", "SURVEY satisfied:1", "SURVEY satisfied:2"), ZONE)

    assert result.answers == {"attitude": "4", "satisfied": "2"}
    assert result.said == {Said.UNSATISFIED}


def test_time_of_day_wished_by_key_is_the_next_such_time() -> None:
    result = result_of(answered("KEY 8", "LATER 2"), ZONE)

    assert result.said == {Said.LATER}
    assert result.later_at == datetime(2026, 11, 24, 15, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("key", "told", "wished"),
    [
        ("1", (9, 30), (25, 10, 0)),  # half an hour away: tomorrow
        ("1", (8, 30), (24, 10, 0)),
        ("2", (15, 30), (25, 15, 0)),
        ("3", (11, 0), (24, 19, 0)),
        ("4", (11, 20), (25, 11, 20)),
        ("", (11, 20), (25, 11, 20)),
    ],
)
def test_wished_time_by_key(key: str, told: tuple[int, int], wished: tuple[int, int, int]) -> None:
    at = datetime(2026, 11, 24, *told, tzinfo=ZONE)

    assert later_at(key, at, ZONE) == datetime(2026, 11, *wished, tzinfo=ZONE)


def test_wish_of_a_call_that_was_never_answered_is_none() -> None:
    assert result_of(replace(CALL, talk_steps=("LATER 1",), hangup_cause=17), ZONE).later_at is None
