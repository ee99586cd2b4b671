"""Five failures in five minutes, then a wait; in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from hotline.accounts.tries import Tries


def test_sixth_try_within_five_minutes_has_to_wait_until_the_first_is_five_minutes_old() -> None:
    tries = Tries()
    for second in range(5):
        assert tries.wait(["lin"], float(second)) == 0
        tries.count(["lin"], float(second))

    assert tries.wait(["lin"], 4.0) == 296
    assert tries.wait(["lin"], 299.5) == 1
    assert tries.wait(["lin"], 300.0) == 0


def test_name_and_address_are_counted_apart_and_the_longer_wait_holds() -> None:
    tries = Tries(limit=2)
    tries.count(["name", "address"], 0.0)
    tries.count(["address"], 10.0)

    assert tries.wait(["name"], 10.0) == 0
    assert tries.wait(["name", "address"], 10.0) == 290


def test_right_password_takes_back_its_own_try_only_at_the_address() -> None:
    tries = Tries(limit=2)
    tries.count(["address"], 0.0)
    tries.count(["address"], 1.0)

    tries.forgive("address", 1.0)
    tries.forgive("address", 77.0)

    assert tries.wait(["address"], 1.0) == 0
    tries.count(["address"], 2.0)
    assert tries.wait(["address"], 2.0) == 298


def test_right_password_clears_the_name() -> None:
    tries = Tries(limit=1)
    tries.count(["name"], 0.0)

    tries.forgive("name")
    tries.forgive("never seen")

    assert tries.wait(["name"], 0.0) == 0
    assert len(tries) == 0


def test_key_whose_tries_are_old_is_forgotten() -> None:
    tries = Tries()
    tries.count(["a"], 0.0)

    assert tries.wait(["a"], 301.0) == 0
    assert len(tries) == 0


@given(st.lists(st.text(max_size=3), max_size=200))
def test_memory_is_bounded_whoever_tries(keys: list[str]) -> None:
    tries = Tries(limit=2, most_keys=5)

    for moment, key in enumerate(keys):
        tries.count([key], float(moment))

    assert len(tries) <= 5
