"""The sample is exactly as large as the trade asks in every full block, and anybody can draw it again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.aftercare.rules import Answers, due, is_drawn, rules
from hotline.dutylog.entry import Kind

HANDLED = datetime(2026, 11, 22, 9, tzinfo=UTC)


@given(percent=st.integers(0, 100), block=st.integers(0, 50), seed=st.text(max_size=5), kind=st.sampled_from(Kind))
def test_of_every_hundred_places_exactly_the_share_is_drawn(percent: int, block: int, seed: str, kind: Kind) -> None:
    places = range(100 * block + 1, 100 * block + 101)

    assert sum(is_drawn(kind, place, percent, seed) for place in places) == percent


def test_thirty_percent_are_three_of_every_ten_and_not_always_the_same_three() -> None:
    tens = [tuple(is_drawn(Kind.REPAIR, 10 * block + place, 30, "01") for place in range(1, 11)) for block in range(20)]

    assert all(sum(ten) == 3 for ten in tens)
    assert len(set(tens)) > 10


def test_who_knows_the_seed_draws_the_same_sample_and_another_seed_another() -> None:
    def sample(seed: str) -> list[bool]:
        return [is_drawn(Kind.REPAIR, place, 30, seed) for place in range(1, 201)]

    assert sample("01") == sample("01")
    assert sample("01") != sample("02")


@pytest.mark.parametrize(
    ("kind", "percent", "within"),
    [
        (Kind.COMPLAINT, 100, timedelta(days=3)),
        (Kind.REPAIR, 30, timedelta(days=2)),
        (Kind.PAID_SERVICE, 30, timedelta(days=7)),
        (Kind.SPECIAL_HELP, 100, timedelta(days=7)),
        (Kind.ENQUIRY, 12, timedelta(days=7)),
    ],
)
def test_each_kind_is_called_as_the_trades_table_says(kind: Kind, percent: int, within: timedelta) -> None:
    rule = rules(others=12)[kind]

    assert (rule.percent, due(rule, HANDLED)) == (percent, HANDLED + within)


def test_a_matter_of_no_kind_is_not_called() -> None:
    assert Kind.UNKNOWN not in rules(others=100)


def test_answers_read_as_a_line() -> None:
    said = Answers(is_satisfied=False, attitude=2, quality=1, was_charged_wrongly=True, shortcomings="来得晚")

    assert said.told == "不满意；态度 2；质量 1；有违规收费；不足：来得晚"
