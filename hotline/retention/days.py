"""For how many days things are kept: read, and changed on the page by administrators. The settings file is the default.

What is said here is stored centre-wide and read anew by each sweep of the worker, so it holds without a restart.
"""

from datetime import tzinfo
from typing import Any, Final

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.retention.days_store import days_said, say_days
from hotline.retention.in_force import InForce, SetDays, begins, in_force
from hotline.settings import RetentionSettings

ROOM: Final = "retention"
KEPT: Final = tuple(RetentionSettings.model_fields)


class RetentionRefused(HotlineError):
    """A time of keeping cannot be so: nothing of this name is kept, or the days are out of their limits (`details`)."""

    error_id = "retention-refused"

    def __init__(self, what: str) -> None:
        low, high = limits_of(what) if what in KEPT else (0, 0)
        super().__init__(f"{what}: {low} to {high} days" if high else "nothing of this name is kept")
        self.details = {"lowest": low, "highest": high}


class RetentionChanged(HotlineError):
    """Somebody else changed this time of keeping meanwhile; `details` say what it is now. Nothing was changed."""

    error_id = "retention-changed"

    def __init__(self, now: InForce) -> None:
        super().__init__("somebody else changed it meanwhile")
        self.details = {"days": now.goal, "version": now.version, "by": now.said.by if now.said else ""}


class RetentionNotSure(HotlineError):
    """A shorter time removes what cannot be brought back: it is asked for once more, with `is_sure`."""

    error_id = "retention-not-sure"


def limits_of(what: str) -> tuple[int, int]:
    """Return the fewest and the most days that the settings allow."""
    found: dict[str, Any] = {}
    for bound in RetentionSettings.model_fields[what].metadata:
        found |= {name: getattr(bound, name) for name in ("ge", "le") if hasattr(bound, name)}
    return int(found["ge"]), int(found["le"])


class RetentionDays:
    """The days of one centre. `settings` are those of its file."""

    def __init__(self, *, database: Database, clock: Clock, settings: RetentionSettings, zone: tzinfo) -> None:
        self._database, self._clock, self._settings, self._zone = database, clock, settings, zone

    async def all(self) -> tuple[InForce, ...]:
        """Return what holds of everything that is kept, in the order of the settings."""
        async with self._database.read() as session:
            said = await days_said(session)
        return tuple(self._in_force(what, said) for what in KEPT)

    async def of(self, what: str) -> InForce:
        """Return what holds of one thing. Raises RetentionRefused."""
        found = {one.what: one for one in await self.all()}.get(what)
        if found is None:
            raise RetentionRefused(what)
        return found

    async def now(self) -> RetentionSettings:
        """Return the settings with the days that hold now."""
        return self._settings.model_copy(update={one.what: one.days for one in await self.all()})

    def in_file(self, what: str) -> int:
        """Return the days of the settings file."""
        return int(getattr(self._settings, what))

    def foreseen(self, now: InForce, days: int | None) -> InForce:
        """Return what would hold if these days were set (None: those of the file)."""
        return in_force(now.what, now.in_file, self._said(now, days, by="", reason=""), self._clock.now())

    async def change(
        self, what: str, days: int | None, *, version: int, by: str, reason: str, is_sure: bool = False
    ) -> InForce:
        """Keep something for so many days, or (None) for those of the file; `version` is what the person saw.

        Raises RetentionRefused, RetentionChanged, and RetentionNotSure for fewer days that are not asked for twice.
        """
        if what not in KEPT or (days is not None and not limits_of(what)[0] <= days <= limits_of(what)[1]):
            raise RetentionRefused(what)
        async with self._database.begin() as session:
            before = self._in_force(what, await days_said(session))
            if before.version != version:
                raise RetentionChanged(before)
            if (before.said.days if before.said else None) == days:
                return before
            said = self._said(before, days, by=by, reason=reason)
            after = in_force(what, before.in_file, said, self._clock.now())
            if after.goal < before.goal and not is_sure:
                raise RetentionNotSure("fewer days: what is older is removed for good")
            if not await say_days(session, said):
                raise RetentionChanged(self._in_force(what, await days_said(session)))
            await record(
                session,
                Change(
                    by=by,
                    room=ROOM,
                    act="set-days" if days is not None else "back-to-file",
                    subject=f"retention.{what}",
                    at=said.at,
                    before=_told(before),
                    after=_told(after) | {"holds_from": said.from_at.astimezone(self._zone), "reason": reason},
                ),
            )
        return after

    def _in_force(self, what: str, said: dict[str, SetDays]) -> InForce:
        return in_force(what, self.in_file(what), said.get(what), self._clock.now())

    def _said(self, before: InForce, days: int | None, *, by: str, reason: str) -> SetDays:
        now = self._clock.now()
        wanted = before.in_file if days is None else days
        return SetDays(
            what=before.what,
            days=days,
            before=before.days,
            from_at=begins(before.days, wanted, now, self._zone),
            by=by,
            at=now,
            reason=reason,
            version=before.version + 1,
        )


def _told(one: InForce) -> dict[str, object]:
    return {"days": one.goal, "source": "page" if one.is_from_page else "file"}
