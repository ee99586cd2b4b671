import pytest

from hotline.calls.checking import Difference


@pytest.mark.parametrize("what", ["caller_number", "caller_name", "dialled", "transfers", "talks"])
def test_difference_in_what_holds_a_number_or_a_name_is_said_without_it(what: str) -> None:
    said = str(Difference("c-1", what, "13800138501", ("13900139602",)))

    assert said == f"c-1: {what} differs"


def test_other_differences_are_said_in_full() -> None:
    assert str(Difference("c-1", "outcome", "answered", "abandoned")) == (
        "c-1: outcome is 'answered', its rows tell 'abandoned'"
    )
