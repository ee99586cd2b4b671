"""Keep whose home a call is about, as the agent heard it, and let everything that rests on the call follow.

One transaction: the choice, the draft of the entry, what is owed, and the incident of the building. A call that the
ledger has not read of yet has none of these: the followers read the choice when it comes.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.calls.store import call_by_id
from hotline.clock import Clock
from hotline.database import Database
from hotline.dutylog.service import DutyLog
from hotline.followups.choosing_store import follow_choice
from hotline.incidents.service import Incidents
from hotline.incidents.store import incident_of
from hotline.phone import PhoneNumber
from hotline.residents.choice_store import caller_of_call, choose_home


class HomeChoices:
    """What an agent says of whose home a call is about. Without `incidents` none are kept here."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        drafts: DutyLog,
        incidents: Incidents | None,
        area_code: str = "",
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._drafts = drafts
        self._incidents = incidents
        self._area_code = area_code

    async def choose(self, call_id: str, home_id: int, *, resident_id: int | None = None, by: str) -> bool:
        """Keep the choice; return whether that is news. Raises HomeUnknown."""
        now = self._clock.now()
        async with self._database.begin() as session:
            if not await choose_home(session, call_id, home_id, resident_id=resident_id, by=by, at=now):
                return False
            await self._drafts.redraw(session, call_id)
            owed, incidents = await self._follow(session, call_id, by)
        # The agent's other pages, the call's page and its draft follow; then the lists of what is owed and goes on.
        changes = [Change(Subject.POP, call_id), Change(Subject.CALL, call_id)]
        changes += [Change(Subject.FOLLOW_UP, str(one)) for one in owed]
        changes += [Change(Subject.INCIDENT, str(one)) for one in sorted(incidents)]
        for change in changes:
            self._bus.publish(change)
        return True

    async def _follow(self, session: AsyncSession, call_id: str, by: str) -> tuple[list[int], set[int]]:
        """Return which follow-ups now say another home, and which incidents lost the call or won it."""
        call = await call_by_id(session, call_id)
        if call is None:
            return [], set()
        number = PhoneNumber.parse(call.caller_number, area_code=self._area_code)
        chosen = await caller_of_call(session, call.id, number)
        owed = await follow_choice(session, call.id, chosen, by=by, at=self._clock.now())
        if self._incidents is None:
            return owed, set()
        before = await incident_of(session, call.id)
        await self._incidents.follow(session, call)
        after = await incident_of(session, call.id)
        moved = {one.id for one in (before, after) if one is not None}
        return owed, set() if before == after else moved
