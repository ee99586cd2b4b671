"""How many lines go into one transaction: as many as let nobody wait."""

import pytest

from hotline.imports.pace import A_MOMENT, FEWEST, FIRST, MOST, next_batch


@pytest.mark.parametrize(
    ("lines", "took", "following"),
    [
        (25, 0.001, 50),  # quick: more, but not all at once
        (50, 0.001, MOST),
        (MOST, 0.0, MOST),
        (100, 2 * A_MOMENT, 50),  # slow: what fits
        (100, 60.0, FEWEST),  # the machine has other work
        (FEWEST, 60.0, FEWEST),
    ],
)
def test_a_batch_is_as_large_as_fits_into_a_moment(lines: int, took: float, following: int) -> None:
    assert next_batch(lines, took) == following


def test_a_machine_that_is_neither_quick_nor_slow_comes_to_a_moment_and_stays_there() -> None:
    lines = FIRST
    for _ in range(20):
        lines = next_batch(lines, lines * 0.003)

    assert lines * 0.003 == pytest.approx(A_MOMENT, abs=0.01)
