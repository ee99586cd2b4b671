"""What a centre says, what several say together, and what is not known of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.group.centre import Centre, CentreNow, Why, sum_of
from hotline.group.comparison import CentreSums, Compared, together
from hotline.group.heard import HeardWall, read_wall
from hotline.reports.figures import AnswerTimes
from hotline.reports.tally import FINE, Tally

NOW = datetime(2026, 11, 21, 1, 40, tzinfo=UTC)
DAY = date(2026, 11, 21)
EAST = Centre(id="01", name="东苑", page="http://east.example")


def wall_values(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "calls_now": {
            "ringing": 0, "in_menu": 1, "waiting": 2, "longest_since": "2026-11-21T09:39:00+08:00", "talking": 3,
        },
        "agents": [{"state": "ready", "name": "x"}, {"state": "talking"}],
        "link": {"is_current": True, "since": None},
        "today": {
            "figures": {
                "offered": 8, "answered": 6, "within_three_rings": 6, "three_rings_share": 0.75,
                "human_seconds": {"p50": 4.0, "p90": 9.0, "p99": 9.0},
            },
            "hours": [],
        },
        "debts": {"calls": [], "calls_open": 4, "open": 9, "overdue": 1},
        "emergencies": [{"id": "c-1", "state": "calling", "home": "3-2-501", "number": "138****8501", "since": None}],
        "something_new": {"of": "another version"},
    }  # fmt: skip
    return values | changes


def wall(**changes: Any) -> HeardWall:
    read = read_wall(wall_values(**changes), behind=timedelta())
    assert read is not None
    return read


def heard(**changes: Any) -> CentreNow:
    return CentreNow(centre=EAST, heard_at=NOW, wall=wall(**changes), why=None)


def test_what_a_newer_centre_says_beyond_this_is_passed_over() -> None:
    read = wall()

    assert (read.agents_ready, read.debts.calls_open, read.figures.human_seconds.p90) == (1, 4, 9.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"calls_now": None},
        {"agents": "all"},
        {"debts": {"calls_open": -1, "overdue": 0}},
        {"emergencies": [{"id": "c", "state": "fine", "home": "", "since": None}]},
        {"today": {}},
    ],
)
def test_what_makes_no_sense_is_no_data(changes: dict[str, Any]) -> None:
    assert read_wall(wall_values(**changes), behind=timedelta()) is None


def test_a_wait_is_as_long_here_as_there_whatever_that_centres_clock_says() -> None:
    read = read_wall(wall_values(), behind=timedelta(minutes=7))

    assert read is not None
    assert read.calls_now.longest_since == datetime(2026, 11, 21, 1, 46, tzinfo=UTC)


def test_a_centre_that_cannot_hear_its_switch_has_no_agents_ready_and_not_nought() -> None:
    nothing = {"in_menu": None, "waiting": None, "longest_since": None, "talking": None}
    lost = heard(link={"is_current": False}, calls_now=nothing, agents=[])

    assert lost.wall is not None
    assert lost.wall.agents_ready is None
    assert sum_of([lost]).waiting is None
    assert sum_of([lost]).offered == 8
    assert sum_of([lost, heard()]).waiting == 2


def test_a_centre_that_fell_silent_keeps_the_moment_of_its_last_word_and_no_figure() -> None:
    fresh = heard().as_of(NOW + timedelta(seconds=30), timedelta(seconds=30))
    stale = heard().as_of(NOW + timedelta(seconds=31), timedelta(seconds=30))

    assert fresh.is_heard
    assert (stale.wall, stale.heard_at, stale.why) == (None, NOW, Why.SILENT)


def test_together_is_of_those_that_are_heard_and_says_of_how_many() -> None:
    gone = heard().lost(Why.AWAY)
    both = sum_of([heard(), gone])

    assert (both.centres, both.heard, both.offered, both.three_rings_share) == (2, 1, 8, 0.75)
    assert sum_of([gone]).offered is None
    assert sum_of([gone]).three_rings_share is None


def said(tally: Tally, **changes: Any) -> dict[str, Any]:
    values = {"first": "2026-11-21", "last": "2026-11-21", "running": 0, "is_whole": True, **tally.as_values()}
    return values | changes


def tally_of(waits: list[int]) -> Tally:
    tally = Tally()
    for wait in waits:
        tally.counts.update(["offered", "answered"])
        tally.counts["within-limit"] += wait <= 15_000
        tally.human[FINE.edge(wait)] += 1
    return tally


@given(st.lists(st.lists(st.integers(0, 700_000), max_size=30), min_size=1, max_size=5))
def test_figures_of_all_centres_are_those_of_all_their_calls_in_one(centres: list[list[int]]) -> None:
    rows = [Compared(centre=EAST, sums=CentreSums.read(said(tally_of(waits)), DAY, DAY), why=None) for waits in centres]

    assert together(one.sums for one in rows) == AnswerTimes.of(tally_of([wait for waits in centres for wait in waits]))


@pytest.mark.parametrize(
    "changes",
    [{"first": "2026-11-20"}, {"human": {"150": 1}}, {"counts": {"offered": -1}}, {"lift": []}, {"is_whole": None}],
    ids=["other days", "other steps", "below nought", "no table", "unsaid"],
)
def test_sums_that_cannot_be_added_to_ours_are_no_data(changes: dict[str, Any]) -> None:
    assert CentreSums.read(said(tally_of([4000]), **changes), DAY, DAY) is None


def test_of_centres_none_of_which_is_heard_nothing_is_known() -> None:
    assert together([None, None]) is None
