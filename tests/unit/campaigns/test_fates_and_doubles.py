"""What the switch and its log say of an attempt nobody heard of, and who may have been rung twice."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.cel import CelRow
from hotline.campaigns.double_rings import double_rings
from hotline.campaigns.nightly import Night, counted
from hotline.campaigns.reconcile import Fate, Witnesses, fate_of

NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
ONE = "attempt-1795053600.1000"
CLEAR = Witnesses(
    living=frozenset(), link_up_since=NOW - timedelta(hours=1), is_log_read=True, is_log_of_then=True
)  # fmt: skip
CLAIMED = NOW - timedelta(seconds=30)


def test_what_neither_lives_nor_stands_in_the_log_was_never_dialled() -> None:
    assert fate_of(ONE, CLAIMED, CLEAR, NOW) is Fate.NEVER_DIALLED


@pytest.mark.parametrize(
    "seen",
    [
        replace(CLEAR, living=frozenset({ONE})),
        replace(CLEAR, is_in_ledger=True),
        replace(CLEAR, living=None, link_up_since=None),
        replace(CLEAR, link_up_since=None),
        replace(CLEAR, link_up_since=NOW - timedelta(seconds=3)),  # a switch that was stuck may be working it off
        replace(CLEAR, is_log_read=False),
    ],
)
def test_nothing_is_decided_while_a_witness_cannot_be_heard(seen: Witnesses) -> None:
    assert fate_of(ONE, CLAIMED, seen, NOW) is Fate.WAIT


def test_first_seconds_belong_to_the_switch() -> None:
    assert fate_of(ONE, NOW - timedelta(seconds=19), CLEAR, NOW) is Fate.WAIT


def test_log_that_was_made_anew_since_cannot_tell() -> None:
    assert fate_of(ONE, CLAIMED, replace(CLEAR, is_log_of_then=False), NOW) is Fate.UNKNOWN


def test_log_that_cannot_be_read_for_long_leaves_it_to_a_person() -> None:
    unread = replace(CLEAR, is_log_read=False)

    assert fate_of(ONE, NOW - timedelta(minutes=11), unread, NOW) is Fate.UNKNOWN
    assert fate_of(ONE, NOW - timedelta(minutes=11), replace(unread, living=None), NOW) is Fate.WAIT


def test_clock_that_jumped_back_still_comes_to_an_end() -> None:
    assert fate_of(ONE, NOW + timedelta(hours=3), CLEAR, NOW) is Fate.NEVER_DIALLED


def rows(attempt: str, at: datetime, number: str, *, cause: int = 16, lifted: bool = False) -> list[CelRow]:
    row = CelRow(position=0, type="CHAN_START", at=at, linkedid=attempt, uniqueid=attempt, channel="PJSIP/outside-1")
    told = replace(row, caller_number=number)
    return [
        row,
        *([replace(told, type="ANSWER", at=at + timedelta(seconds=5))] if lifted else []),
        replace(told, type="HANGUP", at=at + timedelta(seconds=30), extra=json.dumps({"hangupcause": cause})),
    ]


GAP = timedelta(minutes=30)


def test_number_that_rang_twice_within_the_gap_is_a_possible_double() -> None:
    log = rows("attempt-1.1", NOW, "13800138501") + rows("attempt-1.2", NOW + timedelta(minutes=9), "13800138501")

    (double,) = double_rings(log, GAP)

    assert (double.first, double.second, double.apart) == ("attempt-1.1", "attempt-1.2", timedelta(minutes=9))


def test_busy_line_disturbed_nobody_and_another_number_is_another() -> None:
    log = [
        *rows("attempt-1.1", NOW, "13800138501", cause=17),
        *rows("attempt-1.2", NOW + timedelta(minutes=15), "13800138501"),
        *rows("attempt-1.3", NOW + timedelta(minutes=16), "13800138502"),
        *rows("attempt-1.4", NOW + timedelta(minutes=45), "13800138501"),
    ]

    assert double_rings(log, GAP) == ()


def test_line_that_was_lifted_counts_whatever_the_cause() -> None:
    log = [
        *rows("attempt-1.1", NOW, "13800138501", cause=17, lifted=True),
        *rows("attempt-1.2", NOW + timedelta(minutes=15), "13800138501"),
    ]

    assert len(double_rings(log, GAP)) == 1


def test_channel_that_began_twice_under_one_id_is_a_double() -> None:
    log = rows("attempt-1.1", NOW, "13800138501") + rows("attempt-1.1", NOW + timedelta(seconds=40), "13800138501")

    assert len(double_rings(log, GAP)) == 1


def test_rows_of_other_calls_are_none_of_a_campaigns() -> None:
    assert double_rings([replace(row, uniqueid="179.1") for row in rows("179.1", NOW, "13800138501")] * 2, GAP) == ()


def test_night_counts_rings_of_its_day_and_one_repeated_over_midnight() -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)

    def rung(minutes: int, number: str) -> list[CelRow]:
        at = midnight + timedelta(minutes=minutes)
        return rows(f"attempt-{int(at.timestamp())}.1", at, number)

    log = [
        *rung(-25, "13800138501"),
        *rung(-20, "13800138501"),  # the night before counted this one
        *rung(4, "13800138501"),
        *rung(90, "13800138502"),
    ]

    assert counted(log, midnight.date(), midnight, GAP) == Night(day=midnight.date(), rung=2, doubles=1)


def by_agent(call: str, attempt: str, at: datetime, number: str, *, cause: int = 16) -> list[CelRow]:
    """An agent's call: their own telephone, the dialplan's word, then the home's."""
    own = CelRow(position=0, type="CHAN_START", at=at, linkedid=call, uniqueid=call, channel="PJSIP/8001-1")
    told = replace(own, caller_number=number)
    home = replace(own, uniqueid="hotline-9.9", channel="PJSIP/outside-1")
    return [
        own,
        replace(told, type="ANSWER"),
        *([replace(told, type="ATTEMPT", extra=json.dumps({"extra": attempt}))] if attempt else []),
        home,
        replace(home, type="HANGUP", at=at + timedelta(seconds=30), extra=json.dumps({"hangupcause": cause})),
    ]


def test_home_that_an_agent_dials_for_a_campaign_is_a_ring_and_an_agents_other_call_is_none() -> None:
    late = NOW + timedelta(minutes=9)
    log = [
        *by_agent("outside-1.1", "attempt-1.1", NOW, "13800138501"),
        *rows("attempt-1.2", late, "13800138501"),
        *by_agent("outside-1.3", "attempt-1.3", NOW, "13800138502", cause=17),
        *by_agent("outside-1.4", "attempt-1.4", late, "13800138502"),
        *by_agent("outside-1.5", "", NOW, "13800138503"),
        *by_agent("outside-1.6", "attempt-1.6", late, "13800138503"),
    ]

    doubles = double_rings(log, GAP)

    assert [(double.first, double.second) for double in doubles] == [("attempt-1.1", "attempt-1.2")]
    assert counted(log, NOW.date(), datetime.fromtimestamp(0, UTC), GAP) == Night(day=NOW.date(), rung=5, doubles=1)
