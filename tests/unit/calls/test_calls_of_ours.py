"""Calls that we make: an agent's, who is rung first, and a campaign's, which rings the resident."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.cel import CelRow
from hotline.calls.family import age
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.ours import is_ours, outside_channel, unreached
from hotline.calls.state import CallState, Outcome
from hotline.calls.story import tell
from hotline.campaigns.attempt import attempt_id

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OUTSIDE, ATTEMPT = outside_channel(START, 7), attempt_id(START, 9)
RESIDENT_LEG = "1795338005.4"
AGENT, RESIDENT = "PJSIP/8001-00000001", "PJSIP/outside-00000002"
NUMBER = "13800138501"


class OurCall:
    """Rows as the switch writes them for a call of ours; a moment passes before each."""

    def __init__(self, first: str = OUTSIDE) -> None:
        self.first, self.now, self.rows = first, START, list[CelRow]()

    @property
    def record(self) -> CallRecord:
        return fold(self.first, tell(self.rows))

    def row(self, kind: str, leg: str, channel: str, *, context: str = "", number: str = "", **extra: object) -> None:
        self.now += timedelta(seconds=1)
        self.rows.append(
            CelRow(
                position=len(self.rows) + 1, type=kind, at=self.now, linkedid=self.first, uniqueid=leg, channel=channel,
                caller_number=number, context=context, extra=json.dumps(extra) if extra else "",
            )
        )  # fmt: skip

    def agent(self, kind: str, *, number: str = NUMBER, **extra: object) -> None:
        self.row(kind, OUTSIDE, AGENT, context="from-agents", number=number, **extra)

    def resident(self, kind: str, **extra: object) -> None:
        leg = self.first if self.first == ATTEMPT else RESIDENT_LEG
        self.row(kind, leg, RESIDENT, context="nobody", number="" if kind == "CHAN_START" else NUMBER, **extra)

    def agent_lifts(self) -> None:
        self.agent("CHAN_START", number="8001")
        self.agent("ANSWER")

    def over(self) -> None:
        self.row("LINKEDID_END", self.first, "")


def talked() -> OurCall:
    call = OurCall()
    call.agent_lifts()
    call.agent("RETURNS", extra="hotline-1795251600.0")
    call.resident("CHAN_START")
    call.resident("ANSWER")
    call.resident("NOTICE", extra="2026-11")
    call.resident("RECORDING", extra="2026/11/22/x")
    call.resident("BRIDGE_ENTER", bridge_id="b")
    call.agent("BRIDGE_ENTER", bridge_id="b")
    return call


def test_an_agents_call_outside_is_one_outbound_call_with_agent_resident_and_talk() -> None:
    story = talked()
    talking = story.record
    story.resident("BRIDGE_EXIT", bridge_id="b")
    story.resident("HANGUP", hangupcause=16, hangupsource=RESIDENT)
    story.agent("BRIDGE_EXIT", bridge_id="b")
    story.agent("HANGUP", hangupcause=16, hangupsource="")
    story.over()

    call = story.record
    assert (talking.state, talking.outcome) == (CallState.TALKING, None)
    assert (call.state, call.outcome, call.oddities) == (CallState.ENDED, Outcome.ANSWERED, ())
    assert (call.direction, call.caller_number, call.agent, call.dialled) == ("outbound", NUMBER, "8001", "")
    assert (call.resident_leg, call.returns) == (RESIDENT_LEG, "hotline-1795251600.0")
    assert [(talk.agent, talk.leg) for talk in call.talks] == [("8001", OUTSIDE)]
    assert [(ring.agent, ring.was_answered) for ring in call.rings] == [("8001", True)]
    assert call.resident_dialled is not None
    assert call.resident_answered is not None
    assert call.human_answer is not None
    assert call.resident_dialled < call.resident_answered < call.human_answer
    assert (call.recording, call.notice_version) == ("2026/11/22/x", "2026-11")
    assert call.ended_by_caller is True


def test_an_agent_who_hangs_up_first_in_a_call_outside_is_told_as_such() -> None:
    story = talked()
    story.agent("BRIDGE_EXIT", bridge_id="b")
    story.agent("HANGUP", hangupcause=16, hangupsource=AGENT)
    story.resident("BRIDGE_EXIT", bridge_id="b")
    story.resident("HANGUP", hangupcause=16, hangupsource="")
    story.over()

    assert (story.record.ended_by_caller, story.record.outcome) == (False, Outcome.ANSWERED)
    assert story.record.oddities == ()


def test_while_the_resident_is_rung_the_call_is_calling_and_nobody_waits() -> None:
    story = OurCall()
    story.agent_lifts()
    story.resident("CHAN_START")

    assert (story.record.state, story.record.queued_at, story.record.human_answer) == (CallState.CALLING, None, None)


@pytest.mark.parametrize(
    ("cause", "outcome"),
    [
        (17, Outcome.BUSY),
        (19, Outcome.NO_ANSWER),
        (0, Outcome.NO_ANSWER),
        (1, Outcome.INVALID_NUMBER),
        (20, Outcome.SWITCHED_OFF),
        (21, Outcome.REFUSED),
        (34, Outcome.CONGESTION),
        (88, Outcome.FAILED),
    ],
)
@pytest.mark.parametrize("first", [OUTSIDE, ATTEMPT])
def test_a_resident_who_does_not_lift_leaves_the_networks_word(first: str, cause: int, outcome: Outcome) -> None:
    story = OurCall(first)
    if first == OUTSIDE:
        story.agent_lifts()
    story.resident("CHAN_START")
    story.resident("HANGUP", hangupcause=cause, hangupsource="")
    if first == OUTSIDE:
        story.agent("HANGUP", hangupcause=16, hangupsource=AGENT)
    story.over()

    call = story.record
    assert (call.outcome, call.hangup_cause, call.human_answer, call.oddities) == (outcome, cause, None, ())
    assert (call.caller_number, call.direction) == (NUMBER, "outbound")
    assert unreached(cause) is outcome


def test_an_agent_who_does_not_lift_rings_nobody() -> None:
    story = OurCall()
    story.agent("CHAN_START", number="8001")
    story.agent("HANGUP", hangupcause=19, hangupsource="")
    story.over()

    call = story.record
    assert (call.outcome, call.resident_dialled, call.oddities) == (Outcome.NOT_DIALLED, None, ())
    assert [ring.was_answered for ring in call.rings] == [False]


def test_a_resident_who_hangs_up_in_the_notice_refused() -> None:
    story = OurCall()
    story.agent_lifts()
    story.resident("CHAN_START")
    story.resident("ANSWER")
    story.resident("HANGUP", hangupcause=16, hangupsource=RESIDENT)
    story.agent("HANGUP", hangupcause=16, hangupsource="")
    story.over()

    assert (story.record.outcome, story.record.oddities) == (Outcome.REFUSED, ())


def attempt_lifted() -> OurCall:
    story = OurCall(ATTEMPT)
    story.resident("CHAN_START")
    story.resident("ANSWER")
    return story


def test_a_campaigns_resident_who_only_hears_the_switch_was_reached_and_nobody_abandoned() -> None:
    story = attempt_lifted()
    story.resident("MENU", extra="fees")
    story.resident("MENU_CHOICE", extra="1")
    story.resident("HANGUP", hangupcause=16, hangupsource=RESIDENT)
    story.over()

    call = story.record
    assert (call.outcome, call.menu_path, call.is_short_abandon, call.oddities) == (Outcome.REACHED, ("1",), False, ())
    assert call.resident_leg == ATTEMPT


def test_a_campaigns_resident_who_waits_for_an_agent_in_vain_abandons_and_one_who_is_met_is_answered() -> None:
    waited, met = attempt_lifted(), attempt_lifted()
    for story in (waited, met):
        story.resident("QUEUE", extra="service")
        story.row("CHAN_START", "1795338010.8", AGENT, context="from-agents", number="8001")
    met.row("BRIDGE_ENTER", "1795338010.8", AGENT, bridge_id="b")
    met.resident("BRIDGE_ENTER", bridge_id="b")
    for story in (waited, met):
        story.resident("HANGUP", hangupcause=16, hangupsource=RESIDENT)
        story.row("HANGUP", "1795338010.8", AGENT, hangupcause=16, hangupsource="")
        story.over()

    assert (waited.record.outcome, waited.record.oddities) == (Outcome.ABANDONED_QUEUE, ())
    assert (met.record.outcome, met.record.agent, met.record.oddities) == (Outcome.ANSWERED, "8001", ())


def test_a_call_of_ours_whose_first_row_is_lost_is_ours_still() -> None:
    story = talked()
    del story.rows[0]

    call = story.record
    assert (call.direction, call.state, call.agent) == ("outbound", CallState.TALKING, "8001")
    assert "rows missing: the beginning" in call.oddities


def test_the_id_of_a_call_of_ours_tells_its_age_as_the_switchs_own_do() -> None:
    assert is_ours(OUTSIDE)
    assert is_ours(ATTEMPT)
    assert not is_ours("hotline-1795251600.0")
    assert age("hotline-1795251600.0") < age(OUTSIDE) < age("hotline-1799999999.0")
