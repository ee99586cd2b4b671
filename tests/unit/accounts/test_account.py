"""Names of accounts, and what those who are turned away are told."""

import pytest

from hotline.accounts.account import Account, Role, SignInRefused, TooManyTries, account_name


@pytest.mark.parametrize(("written", "name"), [("Lin.Jing", "lin.jing"), (" agent1 ", "agent1"), ("8001", "8001")])
def test_name_is_the_same_in_capitals_and_with_spaces_around(written: str, name: str) -> None:
    assert account_name(written) == name


@pytest.mark.parametrize("written", ["", " ", "张伟", "a b", ".a", "a\x00b", "a\n b", "a" * 33, "a" * 65536, "a'--"])
def test_what_cannot_be_a_name_is_none(written: str) -> None:
    assert account_name(written) is None


def test_refusals_say_what_to_do_and_not_which_part_was_wrong() -> None:
    assert str(SignInRefused()) == "name or password is wrong"
    assert "42 seconds" in str(TooManyTries(42))
    assert TooManyTries(42).wait_seconds == 42


def test_role_is_its_word() -> None:
    assert Account(name="a", role=Role("supervisor")).role == "supervisor"
