"""The password of a page's phone: another with every session, and over with it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.accounts.account import Account, Role
from hotline.desk.page_phone import PageKey, as_switch_reads, holds

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
WANG = Account(name="wang", role=Role.AGENT, extension="8001", session_number=3)
KEY = PageKey(extension="8001", account="wang", session_number=3, salt="abc", ends=NOW + timedelta(hours=1))


def test_password_is_another_with_another_salt_secret_or_extension_and_the_same_with_none():
    made = {
        KEY.password("s"), KEY.password("s"), KEY.password("t"), replace(KEY, salt="b").password("s"),
        replace(KEY, extension="8002").password("s"),
    }  # fmt: skip

    assert len(made) == 4
    assert all(len(password) == 43 and "=" not in password for password in made)


@pytest.mark.parametrize(
    "change",
    [
        {"session_number": 4},  # signed out, or another password
        {"extension": "8002"},
        {"extension": None},
        {"must_change": True},
        {"name": "li"},
    ],
)
def test_account_that_changed_has_its_phone_no_more(change):
    assert holds(KEY, [WANG], NOW)
    assert not holds(KEY, [replace(WANG, **change)], NOW)


def test_session_that_timed_out_has_its_phone_no_more():
    assert not holds(KEY, [WANG], KEY.ends)


def test_account_that_was_removed_has_its_phone_no_more():
    assert not holds(KEY, [], NOW)


def test_switch_reads_the_password_as_one_of_its_own():
    assert json.loads(as_switch_reads("8001", "p")) == {"auth_type": "userpass", "username": "8001", "password": "p"}
