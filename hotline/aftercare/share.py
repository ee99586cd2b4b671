"""The head's share: of how many of what the trade's table does not name residents are called. Set on a page.

The settings file is the default. What is said here is stored centre-wide and read at each draw: it holds from the next
draw on, without a restart; draws that were made keep the share by which they were made.
"""

from dataclasses import dataclass
from typing import Any, Final

from hotline.aftercare.rules import AftercareError
from hotline.aftercare.share_store import SetShare, say_share, share_said
from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database

ROOM: Final = "aftercare"
SUBJECT: Final = "followups.aftercare_of_others"
ALL: Final = 100


class ShareRefused(AftercareError):
    """A share is a whole number from 0 to 100."""

    error_id = "aftercare-share-refused"


class ShareChanged(AftercareError):
    """Somebody else changed the share meanwhile; `details` say what it is now. Nothing was changed."""

    error_id = "aftercare-share-changed"

    def __init__(self, now: "ShareInForce") -> None:
        super().__init__("somebody else changed it meanwhile")
        self.details = {"percent": now.percent, "version": now.version, "by": now.said.by if now.said else ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareInForce:
    """The share that holds, that of the settings file, and what was said last on the page."""

    in_file: int
    said: SetShare | None = None

    @property
    def percent(self) -> int:
        """The share that holds."""
        return self.in_file if self.said is None or self.said.percent is None else self.said.percent

    @property
    def is_from_page(self) -> bool:
        """Whether it was set on the page."""
        return self.said is not None and self.said.percent is not None

    @property
    def version(self) -> int:
        """How often something was said of it."""
        return self.said.version if self.said else 0


class HeadsShare:
    """The share of one centre. `in_file` is that of its settings."""

    def __init__(self, *, database: Database, clock: Clock, in_file: int) -> None:
        self._database, self._clock, self._in_file = database, clock, in_file

    async def now(self) -> ShareInForce:
        """Return what holds."""
        async with self._database.read() as session:
            return ShareInForce(in_file=self._in_file, said=await share_said(session))

    async def change(self, percent: int | None, *, version: int, by: str, reason: str) -> ShareInForce:
        """Call so many percent, or (None) as many as the file says; `version` is what the person saw.

        Raises ShareRefused, ShareChanged.
        """
        if percent is not None and not 0 <= percent <= ALL:
            raise ShareRefused("a share is a whole number from 0 to 100")
        async with self._database.begin() as session:
            before = ShareInForce(in_file=self._in_file, said=await share_said(session))
            if before.version != version:
                raise ShareChanged(before)
            if (before.said.percent if before.said else None) == percent:
                return before
            now = self._clock.now()
            said = SetShare(percent=percent, by=by, at=now, reason=reason, version=version + 1)
            after = ShareInForce(in_file=self._in_file, said=said)
            if not await say_share(session, said):
                raise ShareChanged(ShareInForce(in_file=self._in_file, said=await share_said(session)))
            act = "set-share" if percent is not None else "back-to-file"
            told = _told(after) | {"reason": reason}
            await record(
                session, Change(by=by, room=ROOM, act=act, subject=SUBJECT, at=now, before=_told(before), after=told)
            )
        return after


def _told(one: ShareInForce) -> dict[str, Any]:
    return {"percent": one.percent, "source": "page" if one.is_from_page else "file"}
