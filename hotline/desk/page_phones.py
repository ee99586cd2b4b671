"""Keep the passwords of the phones in pages at the switch as the sessions are, whatever was away meanwhile.

A sign-out, the end of a session, a changed password, an extension that went to somebody else: the switch forgets what
that page was given, and ends the sign-in made with it. Not in a talk: that goes on, and then it does.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.accounts.account import Account
from hotline.accounts.store import accounts
from hotline.bus import Bus, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.page_phone import FAMILY, PageKey, as_switch_reads, holds
from hotline.desk.page_phone_store import drop_page_key, keep_page_key, page_key_of, page_keys
from hotline.errors import HotlineError
from hotline.settings import SipSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 10.0  # seconds: a password that the command line changed publishes nothing
TOLD_WITHIN: Final = 10.0
PACE: Final = 1.0
CALLS_US: Final = frozenset({Subject.LINK, Subject.RESYNC, Subject.AGENT, Subject.ACCOUNT})
FORGOTTEN: Final = frozenset({Subject.LINK, Subject.RESYNC})


class PagePasswords(Protocol):
    """The switch, as far as its passwords go. All raise HotlineError when it was not done."""

    async def put(self, family: str, key: str, value: str) -> None:
        """Keep a value in its database."""
        ...

    async def drop(self, family: str, key: str) -> None:
        """Drop what stands there, if anything does."""
        ...


class Registrar(Protocol):
    """Where telephones sign in."""

    async def sign_out(self, extension: str, password: str) -> None:
        """End whatever sign-in this extension has. Raises HotlineError or OSError when it was not done."""
        ...


class PagePhones:
    """The passwords of the phones in pages; `talks` says which extensions must not be disturbed."""

    def __init__(
        self,
        *,
        sip: SipSettings,
        switch: PagePasswords,
        registrar: Registrar,
        database: Database,
        bus: Bus,
        clock: Clock,
        talks: Callable[[str], bool],
    ) -> None:
        self._own = {phone: sip.passwords[phone] for phone in sip.browser_phones if phone in sip.passwords}
        self._switch = switch
        self._registrar = registrar
        self._database, self._bus, self._clock = database, bus, clock
        self._talks = talks
        self._held: dict[str, str | None] = {}  # what the switch has, None: its own; not there: nobody knows
        self._lock = asyncio.Lock()

    async def password(self, extension: str, account: Account, ends: datetime) -> str:
        """Return what the page of this person signs its phone in with, until the session `ends` at the latest.

        One person's pages have one; whoever had the extension before is refused from now on.
        """
        secret = self._own[extension].get_secret_value()
        async with self._lock:
            async with self._database.begin() as session:
                known = await page_key_of(session, extension)
                if known is None or not holds(known, [account], self._clock.now()):
                    known = PageKey(
                        extension=extension,
                        account=account.name,
                        session_number=account.session_number,
                        salt=secrets.token_urlsafe(18),
                        ends=ends,
                    )
                known = replace(known, ends=max(known.ends, ends))
                await keep_page_key(session, known)
            with suppress(HotlineError, OSError):  # no link: it is told with the next one
                await self._tell(extension, known.password(secret))
        return known.password(secret)

    async def run(self) -> None:
        """Look after them until cancelled."""
        with self._bus.listening() as box:
            while True:
                try:
                    await self.compare()
                except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
                    reason = getattr(wrong, "error_id", type(wrong).__name__)
                    log.info("passwords of pages could not be looked after", reason=reason)
                changes: set[Subject] = set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        while not changes & CALLS_US:
                            changes.add((await box.get()).subject)
                await asyncio.sleep(PACE)  # agents do much at a busy desk: one look for all of it
                while not box.empty():
                    changes.add(box.get_nowait().subject)
                if changes & FORGOTTEN:
                    self._held.clear()

    async def compare(self) -> None:
        """End what has ended, and tell the switch what it does not have."""
        async with self._lock:
            async with self._database.read() as session:
                keys, people = {key.extension: key for key in await page_keys(session)}, await accounts(session)
            now = self._clock.now()
            over = [key for key in keys.values() if not holds(key, people, now) and not self._talks(key.extension)]
            for extension, secret in self._own.items():
                key = keys.get(extension)
                if key is None or key in over:
                    await self._tell(extension, None)
                else:
                    await self._tell(extension, key.password(secret.get_secret_value()))
            for key in over:
                await self._end(key)

    async def _end(self, key: PageKey) -> None:
        """Sign its phone out; where that cannot be done now, the next look does it."""
        if own := self._own.get(key.extension):
            try:
                async with asyncio.timeout(TOLD_WITHIN):
                    await self._registrar.sign_out(key.extension, own.get_secret_value())
            except (HotlineError, OSError) as wrong:  # TimeoutError is an OSError
                log.warning("the phone of a page could not be signed out", reason=type(wrong).__name__)
                return
        async with self._database.begin() as session:
            await drop_page_key(session, key)
        log.info("the phone of a page was signed out", extension=key.extension)

    async def _tell(self, extension: str, password: str | None) -> None:
        if extension in self._held and self._held[extension] == password:
            return
        self._held.pop(extension, None)  # until it is told
        async with asyncio.timeout(TOLD_WITHIN):
            if password is None:
                await self._switch.drop(FAMILY, extension)
            else:
                await self._switch.put(FAMILY, extension, as_switch_reads(extension, password))
        self._held[extension] = password
