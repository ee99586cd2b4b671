"""What the phone in a page signs in with: a password that ends with the session it was given to. Pure.

No password is kept: it is made of the extension's own secret, which no page is ever given, and of what the row says.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.accounts.account import Account

FAMILY: Final = "pages/auth"  # where the switch looks for it: deploy/asterisk/sorcery.conf.j2


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKey:
    """Whom the password of this extension was given to: the sessions of `account` under `session_number`, until `ends`.

    `salt` is made anew with each; it makes the password another, and opens nothing by itself.
    """

    extension: str
    account: str
    session_number: int
    salt: str
    ends: datetime

    def password(self, secret: str) -> str:
        """Return the password; `secret` is the extension's own."""
        made = hmac.digest(secret.encode(), f"page {self.extension} {self.salt}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(made).decode().rstrip("=")


def holds(key: PageKey, accounts: Iterable[Account], now: datetime) -> bool:
    """Return whether its sessions go on: the account is there, has this extension, and was not signed out."""
    return now < key.ends and any(
        one.name == key.account
        and one.extension == key.extension
        and one.session_number == key.session_number
        and not one.must_change
        for one in accounts
    )


def as_switch_reads(extension: str, password: str) -> str:
    """Return the value that the switch finds under `FAMILY` and the extension (res_sorcery_astdb)."""
    return json.dumps({"auth_type": "userpass", "username": extension, "password": password})
