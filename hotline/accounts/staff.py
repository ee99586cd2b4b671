"""Who works here and what they may do, as administrators say on the page of staff; each act with its line of audit.

What is changed holds at once: the sessions of somebody blocked are over, a role taken away is asked for anew with each
request, and whoever keeps live sockets is told (bus, Subject.ACCOUNT) to let that person come again.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import structlog

from hotline.accounts import service, store
from hotline.accounts.account import (
    Account,
    AccountRefused,
    AccountState,
    AccountUnknown,
    LastAdmin,
    Role,
    account_name,
)
from hotline.accounts.passwords import Passwords
from hotline.audit.change import Change, differences
from hotline.audit.store import record
from hotline.bus import Bus, Subject
from hotline.bus import Change as News
from hotline.clock import Clock
from hotline.database import Database

log = structlog.get_logger()


class Staff:
    """The accounts and tokens of the house, as an administrator (`by`) changes them."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, passwords: Passwords | None = None) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._passwords = passwords or Passwords()

    async def people(self) -> tuple[Account, ...]:
        """Return every account, by name."""
        async with self._database.read() as session:
            return await store.accounts(session)

    async def add(self, name: str, role: Role, *, extension: str, display_name: str, by: str) -> str:
        """Make an account; return the password that opens nothing but its change. Raises AccountRefused."""
        return await service.add_user(
            self._database,
            name,
            role,
            extension or None,
            display_name=display_name or name,
            passwords=self._passwords,
            by=by,
            clock=self._clock,
        )

    async def change(self, name: str, *, role: Role, extension: str, display_name: str, by: str) -> Account:
        """Let somebody have this rank, phone and shown name. Raises AccountUnknown, AccountRefused, LastAdmin."""
        service.check_shown(display_name, extension or None)
        return await self._become(
            name, by, "changed", role=role, extension=extension or None, display_name=display_name
        )

    async def set_state(self, name: str, state: AccountState, *, by: str) -> Account:
        """Block somebody, let them come in again, or note that they left, which frees their extension.

        Every session of theirs ends. Raises AccountUnknown, LastAdmin.
        """
        freed: dict[str, None] = {"extension": None} if state is AccountState.LEFT else {}
        return await self._become(name, by, state.value, state=state, **freed)

    async def reset_password(self, name: str, *, by: str) -> str:
        """Make up another password, and end the person's sessions. Raises AccountUnknown."""
        made = await service.reset_password(self._database, name, passwords=self._passwords, by=by, clock=self._clock)
        self._bus.publish(News(Subject.ACCOUNT, account_name(name) or ""))
        return made

    async def tokens(self) -> tuple[store.KnownToken, ...]:
        """Return every token, the oldest first."""
        async with self._database.read() as session:
            return await store.tokens(session)

    async def make_token(
        self, role: Role, label: str, *, scopes: Collection[str], expires: datetime | None, by: str
    ) -> str:
        """Make a token for a machine; return its text, which is kept nowhere. Raises AccountRefused."""
        return await service.create_token(
            self._database, role, label, clock=self._clock, scopes=scopes, expires=expires, by=by
        )

    async def revoke_token(self, number: int, *, by: str) -> None:
        """Let a token open nothing from now on. Raises AccountUnknown."""
        gone = await service.revoke_token(self._database, number, clock=self._clock, by=by)
        self._bus.publish(News(Subject.ACCOUNT, service.name_of_token(gone.digest)))

    async def _become(self, name: str, by: str, act: str, **wished: object) -> Account:
        known = account_name(name)
        async with self._database.begin() as session:
            admins = await store.active_admins(session)  # first: of two who take each other's rank one comes second
            stored = await store.find_account(session, known) if known else None
            if stored is None:
                raise AccountUnknown("there is no account of this name")
            before, after = stored.account, replace(stored.account, **wished)  # type: ignore[arg-type]
            if not differences(service.told(before), service.told(after)):
                return before
            is_admin = after.role is Role.ADMIN and after.state is AccountState.ACTIVE
            if before.name in admins and not is_admin and len(admins) == 1:
                raise LastAdmin
            if after.extension is not None and after.extension != before.extension:
                holder = await store.find_extension(session, after.extension)
                if holder is not None and holder != after.name:
                    raise AccountRefused("another account has this extension", "extension")
            await store.change_account(session, after, ends_sessions=after.state is not before.state)
            await record(
                session,
                Change(
                    by=by,
                    room=service.STAFF,
                    act=act,
                    subject=after.name,
                    before=service.told(before),
                    after=service.told(after),
                    at=self._clock.now(),
                ),
            )
        log.info("an account was changed", act=act, role=after.role.value)
        self._bus.publish(News(Subject.ACCOUNT, after.name))
        return after
