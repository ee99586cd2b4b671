"""Live words in memory: bounded, in order, gone when refused; which sides of a call are heard."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import CallState
from hotline.live.legs import LiveLeg, Presence, legs_to_hear
from hotline.live.talk import LiveTurn, SpokenWord, Talks, placed
from hotline.transcribe.transcript import Side

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
TURN = LiveTurn(
    call_id="c-1", leg="c-1", side=Side.CALLER, number=0, at=AT, text="我家漏水了", is_final=True,
    words=(SpokenWord(text="漏水", until=AT + timedelta(seconds=1), confidence=0.9),),
)  # fmt: skip
TALKING = CallRecord(
    id="c-1",
    state=CallState.TALKING,
    agent="8001",
    human_answer=AT,
    rings=(
        Ring(agent="8002", leg="a-0", began=AT, ended=AT),
        Ring(agent="8001", leg="a-1", began=AT, ended=AT, was_answered=True),
    ),
)


def test_turn_survives_its_way_over_redis() -> None:
    assert LiveTurn.from_json(json.loads(json.dumps(TURN.to_json()))) == TURN


@pytest.mark.parametrize(
    "changed",
    [
        {"side": "nobody"},
        {"at": "2026-11-22T01:00:00"},
        {"at": 3},
        {"words": [["x"]]},
        {"number": "x"},
        {"words": None},
    ],
)
def test_what_is_no_turn_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        LiveTurn.from_json({**TURN.to_json(), **changed})


def test_turn_goes_on_until_it_is_final() -> None:
    talks = Talks()

    assert talks.take(replace(TURN, text="我家", is_final=False))
    assert not talks.take(replace(TURN, text="我家", is_final=False))
    assert talks.take(TURN)
    assert not talks.take(replace(TURN, text="我家", is_final=False)), "a late word of before changes nothing"
    assert talks.said("c-1") == (TURN,)


def test_both_sides_stand_in_the_order_in_which_they_began() -> None:
    talks = Talks()
    agent = replace(TURN, leg="a-1", side=Side.AGENT, at=AT - timedelta(seconds=2))
    talks.take(TURN)
    talks.take(agent)

    assert talks.said("c-1") == (agent, TURN)
    assert talks.newest("c-1", 1) == (agent,)
    assert talks.said("unknown") == ()


def test_memory_is_bounded() -> None:
    talks = Talks(most_talks=2, most_turns=3)
    for call in ("c-1", "c-2", "c-3"):
        for number in range(5):
            talks.take(replace(TURN, call_id=call, number=number, at=AT + timedelta(seconds=number)))

    assert talks.calls == ("c-2", "c-3")
    assert [turn.number for turn in talks.said("c-3")] == [2, 3, 4]


def test_refused_talk_is_gone_and_stays_gone() -> None:
    talks = Talks()
    talks.take(TURN)

    assert talks.shut("c-1")
    assert "c-1" not in talks
    assert not talks.take(replace(TURN, number=1))
    assert not talks.shut("c-1")


def test_words_stand_at_the_moment_they_were_said() -> None:
    [word] = placed([("漏水", timedelta(seconds=3), 0.5)], AT)

    assert word == SpokenWord(text="漏水", until=AT + timedelta(seconds=3), confidence=0.5)


def test_both_sides_of_a_talk_are_heard() -> None:
    assert legs_to_hear(TALKING) == (LiveLeg("c-1", Side.CALLER, "c-1"), LiveLeg("c-1", Side.AGENT, "a-1"))


@pytest.mark.parametrize(
    "changes",
    [
        {"human_answer": None},
        {"ended_at": AT},
        {"talk_ended": AT},
        {"recording_refused": True},
        {"direction": "internal"},
    ],
)
def test_nobody_is_heard_who_does_not_talk_or_has_refused(changes: dict[str, object]) -> None:
    assert legs_to_hear(replace(TALKING, **changes)) == ()


def test_of_a_call_of_ours_our_side_is_heard() -> None:
    assert legs_to_hear(replace(TALKING, direction="outbound")) == (LiveLeg("c-1", Side.AGENT, "a-1"),)


def test_tickets_and_signs_of_life_survive_their_way() -> None:
    leg, presence = LiveLeg("c-1", Side.AGENT, "a-1"), Presence(2, frozenset({"a-1"}))

    assert LiveLeg.from_json(leg.to_json()) == leg
    assert Presence.from_json(json.loads(presence.to_json())) == presence
