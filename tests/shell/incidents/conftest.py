"""An incident room on an empty database of each kind, with a few homes whose people call."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.incidents.service import Incidents
from hotline.incidents.store import IncidentCall, calls_of, incidents_page, tallies
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import add_home, add_resident
from hotline.settings import IncidentSettings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server

__all__ = ["building", "database", "database_server"]

NINE: Final = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
ROOMS: Final = {
    **{f"1380013{room}": (Home(3, 1, room),) for room in (1101, 1201, 1301, 1401, 1501, 1601, 1701)},
    **{f"1380013{room}": (Home(4, 1, room),) for room in (2101, 2201, 2301)},
    "13800139999": (Home(3, 9, 1), Home(4, 9, 1)),  # an owner of homes in two buildings
}


@dataclass
class Building:
    """The incident room, and hands that let people of building 3 (rooms 1101 …) and 4 (2101 …) call."""

    database: Database
    clock: ClockByHand
    bus: Bus = field(default_factory=Bus)
    owed: list[str] = field(default_factory=list)
    calls: int = 0

    def room(self, **changes: Any) -> Incidents:
        """Return the room with these settings (calls, minutes, confirmed_by) or this `speak_text`."""
        settings = {name: changes.pop(name) for name in ("calls", "minutes", "confirmed_by") if name in changes}
        return Incidents(
            settings=IncidentSettings(**settings),
            database=self.database,
            bus=self.bus,
            clock=self.clock,
            when_over=self._when_over,
            **changes,
        )

    async def _when_over(self, _session: AsyncSession, incident: str) -> None:
        self.owed.append(incident)

    def call(self, room: int | str, minute: float, **changes: Any) -> CallRecord:
        """Return a call from this room (or number) that waits in the queue and rang at this minute past nine."""
        self.calls += 1
        at = NINE + timedelta(minutes=minute)
        number = room if isinstance(room, str) else f"1380013{room}"
        begun = CallRecord(id=f"c-{self.calls}", state=CallState.WAITING, caller_number=number, ring_start=at)
        return replace(begun, **({"queued_at": at + timedelta(seconds=20)} | changes))

    async def rings(self, incidents: Incidents, room: int | str, minute: float, **changes: Any) -> CallRecord:
        """Let this room call, and the incident room follow; time is then what it is in the call."""
        call = self.call(room, minute, **changes)
        self.clock.turn(max(0.0, (NINE + timedelta(minutes=minute) - self.clock.now()).total_seconds()))
        await self.follows(incidents, call)
        return call

    async def follows(self, incidents: Incidents, *calls: CallRecord) -> None:
        """Let the incident room follow these calls, each in a transaction as the ledger does."""
        for call in calls:
            async with self.database.begin() as session:
                await save_call(session, call)
                await incidents.follow(session, call)

    async def all(self) -> list[tuple[int, str, int, int]]:
        """Return building, state, number of calls and of homes of every incident, oldest first."""
        async with self.database.read() as session:
            found = await incidents_page(session)
            sizes = await tallies(session, [incident.id for incident in found])
        return [
            (incident.building, incident.state.value, sizes[incident.id].calls, len(sizes[incident.id].homes))
            for incident in reversed(found)
        ]

    async def list_of(self, number: int) -> list[IncidentCall]:
        """Return the calls of an incident."""
        async with self.database.read() as session:
            return await calls_of(session, number)

    async def newest(self) -> int:
        """Return the id of the newest incident."""
        async with self.database.read() as session:
            return (await incidents_page(session))[0].id


@pytest.fixture
async def building(database: Database) -> Building:
    """Give a building whose people can call."""
    stored: dict[Home, Home] = {}
    async with database.begin() as session:
        for number, homes in ROOMS.items():
            read = PhoneNumber.parse(number)
            assert read is not None
            for home in homes:
                stored[home] = stored.get(home) or await add_home(session, home)
                await add_resident(session, stored[home], f"住户{number[-4:]}", numbers=[read])
    return Building(database=database, clock=ClockByHand(NINE))
