"""Hear every centre of the group, each by a task of its own, and ask them together for a report.

Only the last word of each is kept, in memory. One that hangs, or is away for a day, holds no other up.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Iterable
from contextlib import aclosing
from datetime import timedelta
from typing import Final, Protocol

import structlog

from hotline.clock import Clock
from hotline.group.centre import Centre, CentreNotHeard, CentreNow, CentreUnknown, Why, with_copies
from hotline.group.comparison import CentreSums, Compared
from hotline.group.heard import HeardWall
from hotline.reports.ranges import Days
from hotline.settings import GroupSettings

log = structlog.get_logger()
SHORTEST_PAUSE_S: Final = 0.5
WHOLE_REPORT_WITHIN_S: Final = 25.0  # below the limit of a request


class CentreLine(Protocol):
    """The way to the centres."""

    def walls(self, centre: str) -> AsyncGenerator[HeardWall, None]:
        """Yield the centre's wall at each word of it, until the line ends in good order. Raises CentreNotHeard."""
        ...

    async def sums(self, centre: str, days: Days) -> CentreSums:
        """Return what the centre counted on these days. Raises CentreNotHeard."""
        ...


class Group:
    """The centres of the group. `run` works until cancelled; `news` is set whenever something was heard, or no more."""

    def __init__(self, *, centres: Iterable[Centre], line: CentreLine, clock: Clock, settings: GroupSettings) -> None:
        self._centres = {one.id: CentreNow(centre=one) for one in sorted(centres, key=lambda one: one.id)}
        self._line, self._clock, self._settings = line, clock, settings
        self._turns = asyncio.Semaphore(settings.at_once)
        self.news = asyncio.Event()

    @property
    def ids(self) -> frozenset[str]:
        """Every centre of the group."""
        return frozenset(self._centres)

    @property
    def centres(self) -> tuple[Centre, ...]:
        """Every centre of the group, by id."""
        return tuple(one.centre for one in self._centres.values())

    def known(self, ids: Iterable[str]) -> frozenset[str]:
        """Return these ids. Raises CentreUnknown where one is no centre's."""
        if strange := set(ids) - self.ids:
            raise CentreUnknown(f"the group has no centre {', '.join(sorted(strange))[:80]}")
        return frozenset(ids)

    def now(self, ids: Collection[str]) -> tuple[CentreNow, ...]:
        """Return what is known of these centres, by id; one that fell silent has no figures."""
        now, silent_after = self._clock.now(), timedelta(seconds=self._settings.silent_after)
        every = with_copies(one.as_of(now, silent_after) for one in self._centres.values())
        return tuple(one for one in every if one.centre.id in ids)

    async def run(self) -> None:
        """Hear the centres until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for key in self._centres:
                tasks.create_task(self._watch(key), name=f"centre-{key}")

    async def compare(self, ids: Collection[str], days: Days, other: Days | None = None) -> tuple[Compared, ...]:
        """Return what these centres counted on some days, and on other days where asked, by id.

        Those that are heard are asked first.
        """
        asked = sorted(self.now(ids), key=lambda one: not one.is_heard)
        async with asyncio.TaskGroup() as tasks:
            answers = [tasks.create_task(self._ask(one.centre, days, other)) for one in asked]
        return tuple(sorted((task.result() for task in answers), key=lambda one: one.centre.id))

    async def _ask(self, centre: Centre, days: Days, other: Days | None) -> Compared:
        """Ask a centre for one or two ranges; both must come, else figures of one would stand beside none."""
        try:
            async with asyncio.timeout(WHOLE_REPORT_WITHIN_S), self._turns:
                sums = await self._line.sums(centre.id, days)
                before = None if other is None else await self._line.sums(centre.id, other)
                return Compared(centre=centre, sums=sums, other=before)
        except TimeoutError:
            return Compared(centre=centre, sums=None, why=Why.SILENT)
        except CentreNotHeard as wrong:
            return Compared(centre=centre, sums=None, why=wrong.why)

    async def _watch(self, key: str) -> None:
        pause = SHORTEST_PAUSE_S
        while True:
            try:
                async with aclosing(self._line.walls(key)) as walls:
                    async for wall in walls:
                        self._heard(key, wall)
                        pause = SHORTEST_PAUSE_S
            except CentreNotHeard as wrong:
                self._lost(key, wrong.why)
            except Exception as wrong:  # noqa: BLE001  # an edge: what one centre says takes no other with it
                log.error("what a centre said could not be read", centre=key, kind=type(wrong).__name__)
                self._lost(key, Why.UNREADABLE)
            # A line that ended in good order is made anew; until then the centre's last word stands.
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._settings.longest_pause)

    def _heard(self, key: str, wall: HeardWall) -> None:
        before = self._centres[key]
        self._centres[key] = CentreNow(centre=before.centre, heard_at=self._clock.now(), wall=wall, why=None)
        if not before.is_heard:
            log.info("a centre is heard", centre=key)
        self.news.set()

    def _lost(self, key: str, why: Why) -> None:
        before = self._centres[key]
        if before.why is not why:
            log.warning("a centre is not heard", centre=key, why=why.value)
            self._centres[key] = before.lost(why)
            self.news.set()
