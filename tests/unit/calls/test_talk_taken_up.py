"""A page that is the agent's phone is reloaded in a talk: the ledger sees one talk, with a hold where it was away."""

import json
from datetime import UTC, datetime, timedelta

from hotline.calls.cel import CelRow
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.story import tell

BEGAN = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
RESIDENT, PHONE, AGAIN = ("hotline-100.0", "hotline-100.1", "hotline-100.2")
NAMES = {RESIDENT: "PJSIP/carrier-00000000", PHONE: "PJSIP/8001-00000001", AGAIN: "PJSIP/8001-00000002"}
Told = tuple[float, str, str, dict[str, str]]


def record(*told: Told) -> CallRecord:
    rows = [
        CelRow(
            position=place, type=kind, at=BEGAN + timedelta(seconds=second), linkedid=RESIDENT, uniqueid=who,
            channel=NAMES[who], context="from-carrier" if who == RESIDENT else "from-agents", extra=json.dumps(extra),
        )
        for place, (second, kind, who, extra) in enumerate(told)
    ]  # fmt: skip
    return fold(RESIDENT, tell(rows))


TALK: tuple[Told, ...] = (
    (0, "CHAN_START", RESIDENT, {}),
    (1, "ANSWER", RESIDENT, {}),
    (2, "QUEUE", RESIDENT, {"extra": "service"}),
    (2, "CHAN_START", PHONE, {}),
    (4, "ANSWER", PHONE, {}),
    (4, "BRIDGE_ENTER", PHONE, {"bridge_id": "one"}),
    (4, "BRIDGE_ENTER", RESIDENT, {"bridge_id": "one"}),
    (10, "BRIDGE_EXIT", RESIDENT, {"bridge_id": "one"}),
    (10, "BRIDGE_EXIT", PHONE, {"bridge_id": "one"}),
    (10, "HANGUP", PHONE, {"hangupcause": "16"}),
    (10.1, "TAKE_UP", RESIDENT, {"extra": "8001"}),
    (12, "TAKE_UP", RESIDENT, {"extra": "8001"}),
    (12, "CHAN_START", AGAIN, {}),
)
END: tuple[Told, ...] = ((30, "HANGUP", RESIDENT, {"hangupcause": "16"}), (30, "LINKEDID_END", RESIDENT, {}))


def test_talk_that_is_taken_up_after_a_reload_is_one_talk_with_a_hold():
    call = record(
        *TALK,
        (13, "ANSWER", AGAIN, {}),
        (13, "BRIDGE_ENTER", AGAIN, {"bridge_id": "two"}),
        (13, "BRIDGE_ENTER", RESIDENT, {"bridge_id": "two"}),
        *END,
    )

    [talk] = call.talks
    assert (talk.agent, talk.how, talk.leg) == ("8001", "answered", AGAIN)
    assert talk.held == timedelta(seconds=3)
    assert (talk.ended or BEGAN) - talk.began == timedelta(seconds=26)
    assert [ring.was_answered for ring in call.rings] == [True]
    assert call.oddities == ()


def test_page_that_did_not_come_back_has_missed_no_ring():
    call = record(
        *TALK,
        (22, "HANGUP", AGAIN, {"hangupcause": "16"}),
        (22, "TAKE_UP", RESIDENT, {"extra": ""}),
        (23, "QUEUE", RESIDENT, {"extra": "service"}),
        *END,
    )

    assert len(call.rings) == 1
    assert call.talk_ended == BEGAN + timedelta(seconds=10)
    assert [talk.held for talk in call.talks] == [timedelta(0)]
    assert call.oddities == ()
