"""Every call that was captured from a real switch folds to the record kept beside it (tests/recorded)."""

import json
from pathlib import Path

import pytest

from hotline.calls.cel import CelRow
from hotline.calls.family import join, links
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.story import tell
from tests.fakes.recorded import RECORDED, plain, read_story

STORIES = sorted(RECORDED.glob("*.jsonl"))


def records_of(rows: list[CelRow]) -> list[CallRecord]:
    call_of = join(links(rows), {})
    told = {call: [row for row in rows if call_of[row.linkedid] == call] for call in sorted(set(call_of.values()))}
    return [fold(call, tell(its)) for call, its in told.items() if its]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_captured_call_folds_to_its_reference(path: Path) -> None:
    reference, rows = read_story(path)

    assert json.dumps([plain(call) for call in records_of(rows)], indent=1) == json.dumps(reference, indent=1)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_nothing_in_a_captured_call_is_odd_and_it_is_one_call(path: Path) -> None:
    [call] = records_of(read_story(path)[1])

    assert (call.oddities, call.state.value) == ((), "ended")
    assert all(talk.ended for talk in call.talks)


def story(name: str) -> CallRecord:
    [call] = records_of(read_story(RECORDED / f"{name}.jsonl")[1])
    return call


@pytest.mark.parametrize(
    ("name", "how", "kinds"),
    [
        ("answered", ["answered"], []),
        ("hold", ["answered"], []),
        ("blind_transfer_by_keys", ["answered", "transferred-blind"], [("blind", "answered")]),
        ("blind_transfer_by_refer", ["answered", "transferred-blind"], [("blind", "answered")]),
        ("attended_transfer_by_keys", ["answered", "transferred-attended"], [("attended", "answered")]),
        ("attended_transfer_by_refer", ["answered", "transferred-attended"], [("attended", "answered")]),
        ("attended_transfer_that_names_nobody", ["answered", "transferred-attended"], [("attended", "answered")]),
        ("handed_over_before_the_colleague_lifted", ["answered", "transferred-attended"], [("attended", "answered")]),
        ("asked_a_colleague_and_came_back", ["answered"], []),
        ("asked_a_colleague_who_never_lifted", ["answered"], []),
        ("three_of_them", ["answered", "joined"], [("three-way", "answered")]),
        ("pick_up", ["picked-up"], []),
        ("transferred_to_nobody", ["answered", "answered"], [("blind", "returned")]),
        ("transferred_to_somebody_busy", ["answered", "answered"], [("blind", "returned")]),
        ("transferred_to_an_unknown_extension", ["answered", "answered"], [("blind", "returned")]),
        ("handed_over_to_somebody_who_never_lifted", ["answered", "answered"], [("attended", "returned")]),
        ("referred_before_the_colleague_lifted", ["answered", "answered"], [("attended", "returned")]),
    ],
)
def test_who_talked_and_how_it_began_and_what_came_of_a_transfer(
    name: str, how: list[str], kinds: list[tuple[str, str]]
) -> None:
    call = story(name)

    assert [talk.how for talk in call.talks] == how
    assert [(one.kind, one.result) for one in call.transfers] == kinds


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("hold", 1.8, 2.3),
        ("asked_a_colleague_and_came_back", 1.5, 2.5),
        ("three_of_them", 1.5, 2.5),
        ("answered", 0, 0),
    ],
)
def test_seconds_on_hold_are_those_the_caller_heard_music(name: str, least: float, most: float) -> None:
    held = story(name).held_time

    assert held is not None
    assert least <= held.total_seconds() <= most
