"""A campaign's call in the ledger, the log and what is owed: told by the same rows as any call."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hotline.calls.ledger import CallRecord
from hotline.calls.said import TALK, said_by_dialplan
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.campaign_draft import campaign_draft
from hotline.dutylog.draft import UNANSWERED, draft_entry
from hotline.dutylog.draft_fields import DraftField
from hotline.dutylog.entry import Kind
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Limits, debts
from tests.fakes.call_story import START, CallStory

LIMITS = Limits(
    call_back=timedelta(minutes=30),
    message=timedelta(minutes=120),
    morning=timedelta(minutes=30),
    unsatisfied=timedelta(days=1),
)
CALL = CallRecord(
    id="attempt-1763947800.1",
    state=CallState.ENDED,
    direction="outbound",
    caller_number="13800138501",
    ring_start=START,
    resident_dialled=START,
    resident_answered=START + timedelta(seconds=8),
    ended_at=START + timedelta(seconds=60),
    outcome=Outcome.REACHED,
)


def call(*steps: str, **more: Any) -> CallRecord:
    return replace(CALL, talk_steps=steps, **more)


def owed(one: CallRecord) -> list[FollowUpKind]:
    def always(at: datetime) -> datetime:
        return at

    return [debt.kind for debt in debts(one, has_number=True, limits=LIMITS, next_opening=always)]


@pytest.mark.parametrize(
    ("name", "value", "is_told"),
    [
        ("AMD", "HUMAN", True), ("AMD", "", False), ("AMD", "ELEPHANT", False), ("CONFIRMED", "", True),
        ("TOLD", "", True),
        ("CONFIRMED", "x", False), ("KEY", "4", True), ("KEY", "44", False), ("SURVEY", "attitude:5", True),
        ("SURVEY", "attitude:6", False), ("LATER", "", True), ("LATER", "9", False), ("RINGS_BACK", "", True),
    ],
)  # fmt: skip
def test_dialplan_is_believed_only_where_its_words_make_sense(name: str, value: str, is_told: bool) -> None:
    assert name in TALK
    assert (said_by_dialplan(name, START, value) is not None) is is_told


def test_steps_of_the_talk_stand_on_the_call_in_their_order() -> None:
    record = CallStory().rings().lifted().said("RINGS_BACK", "").said("KEY", "1").hangs_up(after=5).record

    assert record.talk_steps == ("RINGS_BACK", "KEY 1")
    assert record.oddities == ()


def test_call_in_which_nothing_was_said_is_no_entry_and_owes_nothing() -> None:
    one = call("AMD HUMAN", "CONFIRMED", "TOLD", "KEY 1")

    assert campaign_draft(draft_entry(one, None, ()), one) is None
    assert owed(one) == []


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.BUSY, Outcome.SWITCH_LOST, Outcome.REACHED])
def test_who_was_not_reached_is_the_campaigns_affair(outcome: Outcome) -> None:
    one = call(outcome=outcome)

    assert owed(one) == []
    assert campaign_draft(draft_entry(one, None, ()), one) is None


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        (("KEY 4",), Kind.COMPLAINT),
        (("SURVEY satisfied:2",), Kind.COMPLAINT),
        (("SURVEY charges:2",), Kind.COMPLAINT),
        (("KEY 3",), Kind.ENQUIRY),
        (("WRONG_PERSON",), Kind.ENQUIRY),
        (("KEY 8", "LATER 2"), Kind.ENQUIRY),
        (("KEY 0", "KEY 3"), Kind.ENQUIRY),
        (("KEY 0",), Kind.UNKNOWN),
        (("SURVEY satisfied:2", "SURVEY charges:2"), Kind.COMPLAINT),
    ],
)
def test_key_that_says_something_becomes_an_entry_of_its_kind(steps: tuple[str, ...], kind: Kind) -> None:
    one = call("AMD HUMAN", *steps)

    draft = campaign_draft(draft_entry(one, None, ()), one)

    assert draft is not None
    assert draft.kind is kind
    assert "按键" in draft.matter
    assert UNANSWERED not in draft.matter, "we rang them"
    assert [one.value for one in draft.fields if one.field is DraftField.KIND] == [
        "" if kind is Kind.UNKNOWN else kind.value
    ]


def test_talk_with_a_clerk_is_an_entry_as_any_talk_is() -> None:
    one = call("AMD HUMAN", human_answer=START + timedelta(seconds=20), outcome=Outcome.ANSWERED)

    draft = campaign_draft(draft_entry(one, None, ()), one)

    assert draft is not None
    assert draft.kind is Kind.UNKNOWN


def test_free_words_are_a_message_and_a_clerk_who_did_not_come_is_owed() -> None:
    at = START + timedelta(seconds=30)

    assert owed(call("KEY 4", message_at=at, outcome=Outcome.MESSAGE_LEFT)) == [FollowUpKind.MESSAGE]
    assert owed(call("KEY 0", queued_at=at, call_back_at=at, outcome=Outcome.CALL_BACK_WISHED)) == [
        FollowUpKind.CALL_BACK
    ]
    assert owed(call("KEY 0", queued_at=at, outcome=Outcome.ABANDONED_QUEUE)) == [FollowUpKind.MISSED]
    assert owed(call("KEY 0", human_answer=at, satisfaction=1, outcome=Outcome.ANSWERED)) == [FollowUpKind.UNSATISFIED]
