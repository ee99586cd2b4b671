"""An emergency is red until a human is there; one that nobody answered stays red until a person takes note."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.ledger import CallRecord
from hotline.web.alerts import alert_state, may_be_acknowledged

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
LATER = START + timedelta(seconds=30)
CALLING = CallRecord(id="c", ring_start=START, is_emergency=True)
ANSWERED = replace(CALLING, human_answer=LATER)
UNANSWERED = replace(CALLING, ended_at=LATER)
OVER = replace(ANSWERED, ended_at=LATER)


@pytest.mark.parametrize(
    ("call", "is_acknowledged", "state"),
    [
        (CALLING, False, "calling"),
        (CALLING, True, "calling"),
        (ANSWERED, False, "answered"),
        (UNANSWERED, False, "unanswered"),
        (UNANSWERED, True, "over"),
        (OVER, False, "over"),
    ],
)
def test_alert_stands_until_a_human_is_there_or_takes_note(call: CallRecord, is_acknowledged: bool, state: str) -> None:
    assert alert_state(call, is_acknowledged=is_acknowledged) == state


@pytest.mark.parametrize("call", [CALLING, ANSWERED, OVER, replace(UNANSWERED, is_emergency=False)])
def test_nothing_but_an_unanswered_emergency_is_acknowledged(call: CallRecord) -> None:
    assert not may_be_acknowledged(call)
    assert may_be_acknowledged(UNANSWERED)
