"""Newsletters and events: written down by a supervisor, then one of ten homes is drawn and owed a call.

The record is committed first; homes are drawn in steps, each a transaction of its own that takes homes without a draw.
Whatever dies in between, the next look goes on where the rows end.
"""

from collections.abc import Collection
from datetime import date, datetime, tzinfo
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.aftercare.drawing import Lot, Whom, draw_lot
from hotline.aftercare.occasions import Outreach, OutreachRefused, OutreachSort, midnight, refuse_wrong_outreach
from hotline.aftercare.outreach_store import (
    Asked,
    NotToBeCalled,
    OutreachCount,
    add_outreach,
    counts_of_outreaches,
    homes_without_draw,
    locked_outreach,
    outreach_of,
    outreaches_newest,
    unfinished_outreaches,
    whom_to_ask,
)
from hotline.aftercare.rules import DAY, OUTREACH, After, Moment, window
from hotline.aftercare.share import ROOM
from hotline.aftercare.store import take_places
from hotline.audit.change import Change as Audited
from hotline.audit.store import record
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import owed_by
from hotline.incidents.incident import BuildingUnknown
from hotline.incidents.store import has_building

log = structlog.get_logger()

AT_MOST: Final = 500  # homes in one transaction
STEPS_WHILE_ASKED: Final = 4  # a person waits for the answer; the next look draws the rest


class Outreaches:
    """The newsletters and events of one centre."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        seed: str,
        zone: tzinfo,
        not_to_be_called: NotToBeCalled,
    ) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._seed, self._zone, self._not_to_be_called = seed, zone, not_to_be_called

    async def write_down(
        self, sort: OutreachSort, title: str, day: date, buildings: Collection[int], *, by: str
    ) -> Outreach:
        """Write one down, and draw its first homes; written down twice it is the same one.

        Homes that were not drawn now are drawn by the next look. Raises OutreachRefused; BuildingUnknown where no
        home of a building is known.
        """
        now = self._clock.now()
        refuse_wrong_outreach(day, buildings, now.astimezone(self._zone).date())
        async with self._database.begin() as session:
            for building in set(buildings):
                if not await has_building(session, building):
                    raise BuildingUnknown(f"no home of building {building} is known")
            one, is_new = await add_outreach(
                session, sort=sort, title=title, day=day, buildings=buildings, by=by, at=now
            )
            if not is_new and set(one.buildings) != set(buildings):
                raise OutreachRefused("known")
            if is_new:
                await record(session, _audited(one))
        try:
            for _ in range(STEPS_WHILE_ASKED):
                if await self.draw_some(one.id) < AT_MOST:
                    break
        except (SQLAlchemyError, OSError) as wrong:
            log.warning("homes of an outreach are drawn later", outreach=one.id, reason=type(wrong).__name__)
        return one

    async def newest(self, limit: int) -> list[tuple[Outreach, OutreachCount]]:
        """Return newsletters and events with what came of them so far, the newest first."""
        async with self._database.read() as session:
            found = await outreaches_newest(session, limit)
            counts = await counts_of_outreaches(session, [one.id for one in found])
        return [(one, counts.get(one.id, OutreachCount())) for one in found]

    async def draw_all(self) -> None:
        """Draw for every home that waits for its draw."""
        async with self._database.read() as session:
            waiting = await unfinished_outreaches(session)
        for number in waiting:
            while await self.draw_some(number) == AT_MOST:
                pass

    async def draw_some(self, number: int) -> int:
        """Draw for homes of one that have had no draw of it; return how many there were (0: it is finished)."""
        now = self._clock.now()
        raised: list[int] = []
        async with self._database.begin() as session:
            row = await locked_outreach(session, number)
            if row is None:
                return 0
            homes = await homes_without_draw(session, outreach_of(row), AT_MOST)
            asked = await whom_to_ask(session, homes, self._not_to_be_called, now)
            raised = await self._draw(session, outreach_of(row), asked, now)
            row.homes += len(homes)
            row.finished_at = now if len(homes) < AT_MOST else None
        for follow_up in raised:
            self._bus.publish(Change(Subject.FOLLOW_UP, str(follow_up)))
        return len(homes)

    async def _draw(self, session: AsyncSession, one: Outreach, asked: list[Asked], now: datetime) -> list[int]:
        reached = sum(each.number is not None for each in asked)
        place = await take_places(session, After.OUTREACH, reached) if reached else 0
        over = midnight(one.day + DAY, self._zone)
        raised: list[int] = []
        for each in asked:
            lot = Lot(
                after=After.OUTREACH,
                percent=OUTREACH.percent,
                counted_from=over,
                window=window(OUTREACH, over),
                moment=Moment.HELD,
                outreach=one.id,
                home_id=each.home.id,
                home=each.home.label,
            )
            call = await draw_lot(session, lot, _whom(one, each), seed=self._seed, at=now, place=place)
            place += each.number is not None
            raised += [] if call is None else [call]
        return raised


def _whom(one: Outreach, asked: Asked) -> Whom | None:
    if asked.number is None:
        return None
    return Whom(
        number=asked.number.national,
        e164=asked.number.e164,
        home=asked.home.label,
        who=asked.who,
        text=one.told,
        owed_by=owed_by(FollowUpKind.AFTERCARE),
    )


def _audited(one: Outreach) -> Audited:
    told = {"sort": one.sort.value, "title": one.title, "day": one.day, "buildings": list(one.buildings)}
    return Audited(by=one.by, room=ROOM, act="written-down", subject=f"outreach@{one.id}", at=one.at, after=told)
