from datetime import timedelta

import pytest

from hotline.calls.cadence import THREE_RINGS, is_within_three_rings, rings_heard


@pytest.mark.parametrize(
    ("seconds", "rings"), [(-1, 0), (0, 1), (0.9, 1), (4.999, 1), (5, 2), (9.999, 2), (10, 3), (11, 3), (15, 4)]
)
def test_a_caller_has_heard_as_many_rings_as_have_begun(seconds: float, rings: int) -> None:
    assert rings_heard(timedelta(seconds=seconds)) == rings


def test_three_rings_end_after_eleven_seconds() -> None:
    assert timedelta(seconds=11) == THREE_RINGS
    assert is_within_three_rings(timedelta(seconds=11))
    assert not is_within_three_rings(timedelta(seconds=11, microseconds=1))
