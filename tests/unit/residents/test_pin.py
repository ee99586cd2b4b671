"""What may be a home's PIN."""

import pytest

from hotline.residents.pin import PinRefused, check_pin, is_tail


@pytest.mark.parametrize("pin", ["2580", "90210", "274935", "1357", "1123"])
def test_pin_of_four_to_six_digits_that_nobody_tries_first_is_taken(pin: str) -> None:
    check_pin(pin, {"8501"})


@pytest.mark.parametrize(
    "pin",
    ["", "123", "1234567", "12a4", "１２５８", " 2580", "2580\n", "0000", "1111", "999999", "1234", "4321", "0123",
     "7890", "0987", "345678", "876543", "1212", "121212", "123123", "8501", "998501"],
)  # fmt: skip
def test_pin_that_a_stranger_tries_first_is_refused_without_being_named(pin: str) -> None:
    with pytest.raises(PinRefused) as refused:
        check_pin(pin, {"8501"})

    assert len(pin) < 4 or pin in {"1234", "0000", "1212"} or pin not in str(refused.value)


def test_last_four_digits_are_four() -> None:
    assert is_tail("8501", {"8501", "8502"})
    assert not is_tail("98501", {"8501"})
    assert not is_tail("501", {"8501"})
    assert not is_tail("8503", {"8501"})
