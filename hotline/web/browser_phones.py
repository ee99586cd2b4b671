"""Whose phone is the page, and where it signs in. Its telephone library is one of `bundled`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from yarl import URL

from hotline.accounts.account import Account
from hotline.settings import SipSettings

Whose = Literal["agent", "supervisor", "security"]
TakesUp = Callable[[str], Awaitable[bool]]  # an extension; whether there was a talk of its page
PasswordOf = Callable[[str, Account, datetime], Awaitable[str]]  # an extension, whose session, when that ends


async def _nothing_to_take_up(_extension: str) -> bool:
    return False


async def _no_password(_extension: str, _account: Account, _ends: datetime) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserPhones:
    """The phones in pages. Empty: nobody's page is one."""

    extensions: frozenset[str] = frozenset()  # those whose phone is a page
    password: PasswordOf = _no_password
    port: int = 8088
    house: tuple[tuple[str, Whose], ...] = ()  # every telephone of the house
    queues: tuple[str, ...] = ()
    leave: TakesUp = _nothing_to_take_up
    take_up: TakesUp = _nothing_to_take_up

    def address(self, asked_at: str, *, is_secure: bool) -> str:
        """Return where the phone signs in: beside the page, under the name it is reached by (a request's Host).

        "" where no page is a phone, or for a name that could not stand in a header of ours.
        """
        try:
            host = URL(f"http://{asked_at}").host
        except ValueError:
            return ""
        if not self.extensions or not host or not _is_plain(host):
            return ""
        return f"{'wss' if is_secure else 'ws'}://{f'[{host}]' if ':' in host else host}:{self.port}/ws"


class TalksOfPages(Protocol):
    """What is asked of the switch for a talk whose page is left; `ami.taking_up.TakingUp` does it."""

    async def leave(self, extension: str) -> bool:
        """Set the resident aside."""
        ...

    async def take_up(self, extension: str) -> bool:
        """Ring the page for its resident."""
        ...


def browser_phones(
    sip: SipSettings, skills: tuple[str, ...], talks: TalksOfPages, password: PasswordOf
) -> BrowserPhones:
    """Return the phones in pages as the settings have them."""
    return BrowserPhones(
        extensions=frozenset(sip.browser_phones) & frozenset(sip.passwords),
        password=password,
        port=sip.signalling_port,
        house=(
            *((phone, "agent") for phone in sip.agents),
            *((phone, "supervisor") for phone in sip.supervisors),
            *((phone, "security") for phone in sip.security_room),
        ),
        queues=("service", *skills),
        leave=talks.leave,
        take_up=talks.take_up,
    )


def _is_plain(host: str) -> bool:
    return host.isascii() and all(sign.isalnum() or sign in ".-:" for sign in host)
