"""The sample is exactly as large as the trade asks in every full block, and anybody can draw it again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.aftercare.rules import After, Answers, Window, after_handling, is_drawn, rules, window
from hotline.dutylog.entry import Kind

HANDLED = datetime(2026, 11, 22, 9, tzinfo=UTC)
TEN_REPAIRS_OF_CENTRE_01 = [6, 7, 8]  # as they were drawn before newsletters and contracts had rows of their own


@given(percent=st.integers(0, 100), block=st.integers(0, 50), seed=st.text(max_size=5), after=st.sampled_from(After))
def test_of_every_hundred_places_exactly_the_share_is_drawn(percent: int, block: int, seed: str, after: After) -> None:
    places = range(100 * block + 1, 100 * block + 101)

    assert sum(is_drawn(after, place, percent, seed) for place in places) == percent


def test_thirty_percent_are_three_of_every_ten_and_not_always_the_same_three() -> None:
    tens = [
        tuple(is_drawn(After.REPAIR, 10 * block + place, 30, "01") for place in range(1, 11)) for block in range(20)
    ]

    assert all(sum(ten) == 3 for ten in tens)
    assert len(set(tens)) > 10


def test_who_knows_the_seed_draws_the_same_sample_and_another_seed_another() -> None:
    def sample(seed: str) -> list[bool]:
        return [is_drawn(After.REPAIR, place, 30, seed) for place in range(1, 201)]

    assert sample("01") == sample("01")
    assert sample("01") != sample("02")


@pytest.mark.parametrize(
    ("after", "percent", "from_day", "within"),
    [
        (After.COMPLAINT, 100, 0, 3),
        (After.REPAIR, 30, 1, 2),
        (After.PAID_SERVICE, 30, 0, 7),
        (After.PAID_MIDDLE, 30, 0, 7),
        (After.PAID_END, 30, 0, 7),
        (After.SPECIAL_HELP, 100, 0, 7),
        (After.OUTREACH, 10, 0, 7),
        (After.ENQUIRY, 12, 0, 7),
        (After.GENERAL_HELP, 12, 0, 7),
    ],
)
def test_each_row_is_called_as_the_trades_table_says(after: After, percent: int, from_day: int, within: int) -> None:
    rule = rules(others=12)[after]

    assert rule.percent == percent
    assert window(rule, HANDLED) == Window(HANDLED + timedelta(days=from_day), HANDLED + timedelta(days=within))


def test_a_handled_matter_of_each_kind_has_its_row_and_its_draws_of_before_are_drawn_again_alike() -> None:
    assert {after_handling(kind).value for kind in Kind} == {kind.value for kind in Kind}
    ten = [place for place in range(1, 11) if is_drawn(After.REPAIR, place, 30, "01")]
    assert ten == TEN_REPAIRS_OF_CENTRE_01


def test_a_matter_of_no_kind_is_not_called() -> None:
    assert After.UNKNOWN not in rules(others=100)


def test_answers_read_as_a_line() -> None:
    said = Answers(is_satisfied=False, attitude=2, quality=1, was_charged_wrongly=True, shortcomings="来得晚")

    assert said.told == "不满意；态度 2；质量 1；有违规收费；不足：来得晚"
