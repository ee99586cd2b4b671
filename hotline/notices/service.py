"""Post building notices, let each begin and end at its time, end one early.

A notice is begun by raising an incident in each of its buildings, and ended by ending them: both may be done again at
any time and come to the same, so whatever dies in between is made up for at the next look. A building that has an
incident already keeps that; the notice waits until it is over.
"""

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.incidents.incident import BuildingUnknown, IncidentOpen, IncidentStepRefused, IncidentUnknown
from hotline.incidents.service import Incidents
from hotline.incidents.store import has_building
from hotline.notices.notice import (
    MOST_BUILDINGS,
    BuildingNotice,
    BuildingNoticeRefused,
    BuildingNoticeUnknown,
    NoticeState,
    refuse_wrong_times,
)
from hotline.notices.store import add_notice, end_notice, notice_of, notices_due, notices_newest, set_incident

log = structlog.get_logger()

ROOM: Final = "notices"
LOOK_EVERY: Final = 5.0  # seconds
BY_TIME: Final = "time"
"""Who ended a notice that ended by its time."""
SAID_AT_ITS_END: Final = "通知已到结束时间"
SAID_EARLY: Final = "通知提前结束"


class BuildingNotices:
    """The building notices of one centre."""

    def __init__(self, *, incidents: Incidents, database: Database, clock: Clock) -> None:
        self._incidents, self._database, self._clock = incidents, database, clock
        self._turn, self._news = asyncio.Lock(), asyncio.Event()

    async def run(self) -> None:
        """Let notices begin and end at their time, until cancelled."""
        while True:
            self._news.clear()
            await self.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._news.wait()

    async def look(self) -> None:
        """Begin and end what is due now."""
        try:
            async with self._turn:
                now = self._clock.now()
                async with self._database.read() as session:
                    due = await notices_due(session, now)
                for notice in due:
                    if notice.state(now) is NoticeState.OVER:
                        await self._end(notice, by=BY_TIME, said=SAID_AT_ITS_END)
                    else:
                        await self._begin(notice)
        except (HotlineError, SQLAlchemyError, OSError) as wrong:
            log.warning("building notices cannot be looked after: tried again", reason=type(wrong).__name__)

    async def newest(self, limit: int) -> list[BuildingNotice]:
        """Return notices, the newest first."""
        async with self._database.read() as session:
            return await notices_newest(session, limit)

    async def post(
        self, *, text: str, buildings: Collection[int], begins: datetime, ends: datetime, by: str
    ) -> BuildingNotice:
        """Post a notice; `run` lets it begin, at once if it is due: its text may have to be spoken first.

        Raises BuildingNoticeRefused; BuildingUnknown where no home of a building is known.
        """
        now = self._clock.now()
        refuse_wrong_times(begins, ends, now)
        if not 0 < len(set(buildings)) <= MOST_BUILDINGS:
            raise BuildingNoticeRefused("buildings")
        async with self._database.begin() as session:
            for building in set(buildings):
                if not await has_building(session, building):
                    raise BuildingUnknown(f"no home of building {building} is known")
            posted = await add_notice(
                session, text=text, buildings=set(buildings), begins=begins, ends=ends, by=by, at=now
            )
            await record(session, _change(by, "posted", posted, now))
        self._news.set()
        return posted

    async def end(self, number: int, *, by: str) -> BuildingNotice:
        """End a notice before its time. Raises BuildingNoticeUnknown, BuildingNoticeRefused where it is over."""
        async with self._turn:
            notice = await self.notice(number)
            if not await self._end(notice, by=by, said=SAID_EARLY):
                raise BuildingNoticeRefused("over-already")
        return await self.notice(number)

    async def notice(self, number: int) -> BuildingNotice:
        """Return a notice. Raises BuildingNoticeUnknown."""
        async with self._database.read() as session:
            found = await notice_of(session, number)
        if found is None:
            raise BuildingNoticeUnknown(f"there is no building notice {number}")
        return found

    async def _begin(self, notice: BuildingNotice) -> None:
        for building, known in notice.incidents.items():
            if known is None and (incident := await self._raise(notice, building)) is not None:
                async with self._database.begin() as session:
                    await set_incident(session, notice.id, building, incident)

    async def _raise(self, notice: BuildingNotice, building: int) -> int | None:
        """Return the building's incident that says this notice; None where it has another one."""
        try:
            return (await self._incidents.raise_by_hand(building, who=notice.by, text=notice.text)).id
        except IncidentOpen:
            present = await self._incidents.present(building)
            is_ours = (
                present is not None
                and present.raised_by == notice.by
                and present.notice.text == notice.text
                and present.raised_at >= notice.at
            )  # raised by us, and not noted: we died in between
            return present.id if present is not None and is_ours else None
        except BuildingUnknown:
            return None

    async def _end(self, notice: BuildingNotice, *, by: str, said: str) -> bool:
        """End the incidents, then the notice; return False where it was ended before."""
        if notice.ended_at is not None:
            return False
        for incident in notice.incidents.values():
            if incident is not None:
                try:
                    await self._incidents.end(incident, who=notice.by if by == BY_TIME else by, what_was_done=said)
                except (IncidentStepRefused, IncidentUnknown):
                    continue  # somebody has ended it on the desk
        now = self._clock.now()
        async with self._database.begin() as session:
            is_ended = await end_notice(session, notice.id, by=by, at=now)
            if is_ended:
                await record(session, _change(by, "ended", notice, now))
        return is_ended


def _change(by: str, act: str, notice: BuildingNotice, now: datetime) -> Change:
    told = {
        "text": notice.text,
        "buildings": sorted(notice.incidents),
        "from": notice.begins.isoformat(),
        "until": notice.ends.isoformat(),
    }
    is_posted = act == "posted"
    return Change(
        by=by,
        room=ROOM,
        act=act,
        subject=f"notice@{notice.id}",
        at=now,
        before=None if is_posted else told,
        after=told if is_posted else told | {"ended": now.isoformat()},
    )
