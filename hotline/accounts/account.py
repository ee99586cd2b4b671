"""Accounts of people, and what somebody who is turned away is told. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hotline.errors import HotlineError

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
EXTENSION: Final = re.compile(r"[0-9]{3,6}")
SHORTEST_PASSWORD: Final = 8
LONGEST_PASSWORD: Final = 256
_WHY: Final = {
    "length": f"it has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
    "same": "it is the one the account has",
    "name": "it is little more than the account's name",
    "current": "the present password is wrong",
}


class Role(StrEnum):
    """What somebody may do: an agent answers, a supervisor also sees everybody's work, an admin also sets up.

    A wall is nobody: the account of a big screen, which opens the wallboard and nothing else.
    """

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    WALL = "wall"


class AccountState(StrEnum):
    """Whether somebody may come in. An account is never deleted: its name stands under what the person did."""

    ACTIVE = "active"
    BLOCKED = "blocked"  # may not come in for now
    LEFT = "left"  # no longer works here; the extension is free


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who may sign in. `extension` is the phone the person answers on, if any.

    `session_number` rises at every sign-out: a session that was begun under a lower one is over. `must_change`: the
    password was made up by somebody else, and opens nothing but the page on which the person sets another.
    `language` is what the pages speak to this person ("zh", "en"); empty: not chosen. Only an `active` one comes in.
    """

    name: str
    role: Role
    extension: str | None = None
    display_name: str = ""
    session_number: int = 0
    must_change: bool = False
    language: str = ""
    state: AccountState = AccountState.ACTIVE


class AccountError(HotlineError):
    """Something is wrong with an account or a token."""

    error_id = "account-error"


class AccountRefused(AccountError):
    """An account or a token cannot be made or changed as asked; says what to change, and in which field."""

    error_id = "account-refused"

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.details = {"fields": {field: message}} if field else {}


class AccountUnknown(AccountError):
    """There is no account of this name, or no token of this number."""

    error_id = "account-unknown"


class LastAdmin(AccountError):
    """It would leave nobody who may set up: make another administrator first."""

    error_id = "last-admin"

    def __init__(self) -> None:
        super().__init__("this is the last administrator: make another one first")


class PasswordRefused(AccountError):
    """The new password cannot be taken; `why` is "length", "same", "name" or "current"."""

    error_id = "password-refused"

    def __init__(self, why: str) -> None:
        super().__init__(f"the new password cannot be taken: {_WHY[why]}")
        self.why = why


class SignInRefused(AccountError):
    """Name or password is wrong; which of them is not said."""

    error_id = "sign-in-refused"

    def __init__(self) -> None:
        super().__init__("name or password is wrong")


class TooManyTries(AccountError):
    """Too many failed sign-ins with this name or from this address; `wait_seconds` until the next may be tried."""

    error_id = "too-many-tries"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"too many failed sign-ins: try again in {wait_seconds} seconds")
        self.wait_seconds = wait_seconds


class TokenRefused(AccountError):
    """The token is unknown or was revoked."""

    error_id = "token-refused"

    def __init__(self) -> None:
        super().__init__("the token is unknown or was revoked")


def password_fault(password: str, name: str) -> str:
    """Return why this cannot be the new password of an account, as PasswordRefused says it; "" where it can."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return "length"
    return "name" if name in password.lower() and len(password) < len(name) + SHORTEST_PASSWORD else ""


def account_name(text: str) -> str | None:
    """Return the name as it is stored (lower case), or None when nobody can have it."""
    name = text.strip().lower() if len(text) <= 40 else ""
    return name if NAME.fullmatch(name) else None
