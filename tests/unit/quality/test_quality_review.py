"""The sheet's sums, the life of a review, who may see it, and how far two reviewers are apart."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.quality.calibration import Scored, differences, spread
from hotline.quality.review import (
    NEXT,
    Review,
    ReviewState,
    ReviewStepRefused,
    Step,
    Viewer,
    after,
    may_see,
    steps_open,
)
from hotline.quality.sheet import (
    TRADES_ITEMS,
    TRADES_SHEET,
    Fault,
    Item,
    PointsRefused,
    Sheet,
    SheetRefused,
    check_points,
    checked,
    fault_of,
    is_complete,
    score_tenths,
)

FULL = {item.key: item.weight for item in TRADES_ITEMS}
AGENT, OTHER_AGENT = Viewer("xiaowang", is_head=False), Viewer("xiaoli", is_head=False)
AUTHOR, OTHER_HEAD = Viewer("boss", is_head=True), Viewer("root", is_head=True)


def review(**changes: object) -> Review:
    values = {
        "id": 1, "call_id": "c-1", "called_at": datetime(2026, 11, 21, tzinfo=UTC), "agent": "8001",
        "account": "xiaowang", "reviewer": "boss", "sheet": 0, "calibration": 0, "state": ReviewState.GIVEN,
        "points": {}, "score_tenths": None, "remark": "", "revision": 1,
        "began_at": datetime(2026, 11, 21, tzinfo=UTC),
    }  # fmt: skip
    return Review(**(values | changes))  # type: ignore[arg-type]


def test_the_trades_sheet_weighs_a_hundred_as_the_trade_does() -> None:
    assert [item.weight for item in checked(TRADES_ITEMS)] == [20, 10, 10, 20, 20, 10, 10]


@pytest.mark.parametrize(
    "items",
    [
        (),
        (Item("a", "a", 99),),
        (Item("a", "a", 60), Item("b", "b", 41)),
        (Item("a", "a", 50), Item("a", "b", 50)),
        (Item("a", "a", 50), Item("b", "a", 50)),
        (Item("a", "a", 100), Item("b", "b", 0)),
        (Item("a", "a", 101), Item("b", "b", -1)),
        (Item("a", "", 100),),
        (Item("a", "长" * 41, 100),),
        tuple(Item(f"i{number}", f"i{number}", 4) for number in range(25)),
    ],
)
def test_a_sheet_that_does_not_weigh_a_hundred_or_names_things_twice_is_refused(items: tuple[Item, ...]) -> None:
    with pytest.raises(SheetRefused):
        checked(items)


@given(st.data())
def test_the_score_is_the_sum_where_all_is_judged_and_of_the_rest_where_something_is_left_out(
    data: st.DataObject,
) -> None:
    points = {
        item.key: data.draw(st.one_of(st.none(), st.integers(0, item.weight)), label=item.key) for item in TRADES_ITEMS
    }

    score = score_tenths(TRADES_SHEET, points)

    judged = [item for item in TRADES_ITEMS if points[item.key] is not None]
    if not judged:
        assert score is None
        assert not is_complete(TRADES_SHEET, points)
        return
    given_points = sum(points[item.key] or 0 for item in judged)
    assert score is not None
    assert abs(score / 10 - 100 * given_points / sum(item.weight for item in judged)) <= 0.05 + 1e-9
    if len(judged) == len(TRADES_ITEMS):
        assert score == 10 * given_points
    assert is_complete(TRADES_SHEET, points)


def test_a_review_is_whole_when_each_item_is_judged_or_left_out() -> None:
    assert is_complete(TRADES_SHEET, FULL)
    assert is_complete(TRADES_SHEET, {**FULL, "handover": None})
    assert not is_complete(TRADES_SHEET, {key: points for key, points in FULL.items() if key != "handover"})


@pytest.mark.parametrize("points", [{"post": 21}, {"post": -1}, {"manners": 3}])
def test_points_beyond_the_sheet_are_refused(points: dict[str, int]) -> None:
    with pytest.raises(PointsRefused):
        check_points(TRADES_SHEET, points)


def test_a_slip_costs_one_or_two_a_serious_one_up_to_five_and_more_is_harm() -> None:
    assert [fault_of(lost) for lost in (0, 1, 2, 3, 5, 6, 20)] == [
        Fault.NONE, Fault.SLIP, Fault.SLIP, Fault.SERIOUS, Fault.SERIOUS, Fault.HARM, Fault.HARM,
    ]  # fmt: skip


def test_a_review_goes_only_forward_and_an_objection_is_made_once() -> None:
    assert after(after(after(after(ReviewState.DRAFT, Step.GIVEN), Step.SEEN), Step.OBJECTED), Step.ANSWERED) is (
        ReviewState.ANSWERED
    )
    for state, step in set(product(ReviewState, Step)) - set(NEXT):
        with pytest.raises(ReviewStepRefused):
            after(state, step)


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("calibration", [0, 3])
def test_an_agent_sees_what_was_given_about_them_and_nothing_else(state: ReviewState, calibration: int) -> None:
    one = review(state=state, calibration=calibration)

    assert may_see(AGENT, one, is_blind=False) is (state is not ReviewState.DRAFT and not calibration)
    assert not may_see(OTHER_AGENT, one, is_blind=False)
    assert may_see(AUTHOR, one, is_blind=True)


def test_a_supervisor_sees_no_draft_of_another_and_nothing_that_is_still_scored_blind() -> None:
    assert may_see(OTHER_HEAD, review(), is_blind=False)
    assert not may_see(OTHER_HEAD, review(), is_blind=True)
    assert not may_see(OTHER_HEAD, review(state=ReviewState.DRAFT), is_blind=False)


def test_agents_see_and_object_authors_give_supervisors_answer() -> None:
    assert steps_open(AGENT, review()) == (Step.SEEN, Step.OBJECTED)
    assert steps_open(AUTHOR, review(state=ReviewState.DRAFT)) == (Step.GIVEN,)
    assert steps_open(OTHER_HEAD, review(state=ReviewState.OBJECTED)) == (Step.ANSWERED,)
    assert steps_open(AGENT, review(state=ReviewState.OBJECTED)) == ()
    assert steps_open(Viewer("boss", is_head=True), review(account="boss", state=ReviewState.OBJECTED)) == ()


def test_two_reviewers_differences_are_shown_item_by_item() -> None:
    first = Scored("boss", {"post": 20, "handover": None, "speed": 15}, 900)
    second = Scored("root", {"post": 17, "handover": 8, "speed": 20, "other": None}, 850)

    assert [(one.key, one.apart) for one in differences(first, second)] == [
        ("post", 3), ("handover", None), ("speed", 5), ("other", 0),
    ]  # fmt: skip
    found = spread([(first, second), (first, first)])
    assert (found.calls, found.mean_tenths, found.largest_tenths) == (2, 25.0, 50)
    assert found.by_item == {"post": 1.5, "speed": 2.5}


def test_no_calibrations_are_no_data_and_not_zero() -> None:
    assert (spread([]).mean_tenths, spread([]).largest_tenths) == (None, None)


def test_a_new_version_leaves_what_an_older_one_summed_as_it_was() -> None:
    newer = Sheet(version=1, items=(Item("post", "质量", 50), Item("other", "其他", 50)))

    assert score_tenths(TRADES_SHEET, FULL) == 1000
    assert score_tenths(newer, {"post": 25, "other": 50}) == 750
