"""Who sees which centre of a group: granted and taken back by an administrator, each with its line of audit.

No rank sees a centre by itself. What is taken back holds at once where the running service is told (the bus).
"""

from collections.abc import Collection

import structlog

from hotline.accounts import grants_store as store
from hotline.accounts.account import AccountUnknown, account_name
from hotline.accounts.service import STAFF
from hotline.audit.change import COMMAND_LINE, Change
from hotline.audit.store import record
from hotline.bus import Bus, Subject
from hotline.bus import Change as News
from hotline.clock import Clock
from hotline.database import Database

log = structlog.get_logger()


class Grants:
    """The grants of all accounts. Whether there is such a centre is for whoever asks to say (`Group.known`)."""

    def __init__(self, *, database: Database, clock: Clock, bus: Bus | None = None) -> None:
        self._database, self._clock, self._bus = database, clock, bus

    async def of(self, name: str) -> frozenset[str]:
        """Return the centres that this account sees."""
        async with self._database.read() as session:
            return await store.granted(session, name)

    async def all(self) -> dict[str, frozenset[str]]:
        """Return the centres of every account that sees any."""
        async with self._database.read() as session:
            return await store.all_granted(session)

    async def give(self, name: str, centres: Collection[str], *, by: str = COMMAND_LINE) -> frozenset[str]:
        """Let an account see these centres, too; return all that it sees. Raises AccountUnknown."""
        return await self._become(name, add=centres, by=by)

    async def take(self, name: str, centres: Collection[str], *, by: str = COMMAND_LINE) -> frozenset[str]:
        """Let an account no longer see these centres; return those that are left. Raises AccountUnknown."""
        return await self._become(name, remove=centres, by=by)

    async def put(self, name: str, centres: Collection[str], *, by: str) -> frozenset[str]:
        """Let an account see these centres and no other. Raises AccountUnknown."""
        return await self._become(name, add=centres, only=True, by=by)

    async def _become(
        self,
        name: str,
        *,
        by: str,
        add: Collection[str] = (),
        remove: Collection[str] = (),
        only: bool = False,
    ) -> frozenset[str]:
        account, now = account_name(name) or "", self._clock.now()
        async with self._database.begin() as session:
            if not await store.lock_account(session, account):
                raise AccountUnknown("there is no account of this name")
            before = await store.granted(session, account)
            after = frozenset(add) if only else (before | set(add)) - set(remove)
            if after == before:
                return after
            await store.add_grants(session, account, after - before, by=by, at=now)
            await store.remove_grants(session, account, before - after)
            await record(
                session,
                Change(
                    by=by,
                    room=STAFF,
                    act="centres-granted",
                    subject=account,
                    before={"centres": sorted(before)},
                    after={"centres": sorted(after)},
                    at=now,
                ),
            )
        log.info("the centres of an account were changed", centres=len(after))
        if self._bus is not None:
            self._bus.publish(News(Subject.ACCOUNT, account))
        return after
