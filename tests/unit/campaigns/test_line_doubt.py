"""When the line is in doubt, and when the numbers are."""

import random

import pytest

from hotline.campaigns.attempt import Outcome
from hotline.campaigns.line_doubt import Answer, doubt_of, is_doubted


def came_back(*outcomes: Outcome, numbers: int = 0, campaigns: int = 1) -> list[Answer]:
    """Return answers, the newest first; of so many numbers only, where that is said."""
    return [
        Answer(
            attempt=f"attempt-1.{place}", campaign=place % campaigns, outcome=outcome,
            number=f"+8613900{place % (numbers or 1000):06d}",
        )
        for place, outcome in enumerate(outcomes)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("outcomes", "bad"),
    [
        ([Outcome.INVALID] * 5, 0),
        ([Outcome.INVALID] * 6, 6),
        ([Outcome.NO_ANSWER, *[Outcome.INVALID] * 5], 0),
        ([*[Outcome.CONGESTION] * 3, *[Outcome.INVALID] * 2, Outcome.FAILED_HERE, Outcome.HUMAN], 6),
        ([Outcome.HUMAN, Outcome.INVALID] * 10, 10),
        ([Outcome.HUMAN, Outcome.INVALID] * 9, 0),
        ([Outcome.BUSY] * 17 + [Outcome.HUMAN] * 3, 0),
        ([Outcome.BUSY] * 9 + [Outcome.HUMAN, Outcome.MACHINE] + [Outcome.REFUSED] * 9, 18),
        ([Outcome.BUSY] * 19, 0),
        ([Outcome.NO_ANSWER] * 20, 0),
        ([], 0),
    ],
)
def test_line_is_in_doubt_where_too_many_answers_are_rare_ones(outcomes: list[Outcome], bad: int) -> None:
    doubt = doubt_of(came_back(*outcomes), dials=20, share=50)

    assert (len(doubt.run) if doubt else 0) == bad


def test_one_number_tried_again_and_again_says_nothing_of_the_line() -> None:
    assert doubt_of(came_back(*[Outcome.FAILED_HERE] * 20, numbers=3), dials=20, share=50) is None


def test_doubt_says_what_came_mostly_and_whose_calls_they_were() -> None:
    doubt = doubt_of(came_back(*[Outcome.INVALID] * 5, Outcome.CONGESTION, campaigns=2), dials=20, share=50)

    assert doubt is not None
    assert (doubt.mostly, doubt.campaigns, doubt.of) == (Outcome.INVALID, {0, 1}, 6)


def test_busy_telephone_is_believed_where_numbers_were_said_to_be_dead_and_not_where_everybody_was_busy() -> None:
    assert not is_doubted(Outcome.BUSY, Outcome.INVALID)
    assert is_doubted(Outcome.BUSY, Outcome.REFUSED)
    assert not is_doubted(Outcome.HUMAN, Outcome.REFUSED)


def test_list_with_one_dead_number_in_ten_pauses_nothing() -> None:
    dice = random.Random(7)
    calls = came_back(*(Outcome.INVALID if dice.random() < 0.1 else Outcome.NO_ANSWER for _ in range(1000)))

    assert [start for start in range(970) if doubt_of(calls[start : start + 30], dials=20, share=50)] == []
