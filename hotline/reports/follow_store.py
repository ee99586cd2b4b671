"""Write the facts of calls in the transaction that writes what they rest on: calls, entries, drafts, agents' states.

The rooms below know nothing of reports: like the search, `follow_facts` listens to one database's writing sessions.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from hotline.agents.store import AgentStateTable
from hotline.calls.rows_store import CelFamilyTable
from hotline.calls.store import CallTable, record_of_row
from hotline.database import Database
from hotline.dutylog.draft_store import DraftFieldTable
from hotline.dutylog.entry import EntryState
from hotline.dutylog.tables_store import DutyEntryMovedTable, DutyEntryTable
from hotline.phone import PhoneNumber
from hotline.reports.fact import Fact, fact_of
from hotline.reports.matter_store import keep_matters
from hotline.reports.service_sums_store import follow_service
from hotline.reports.store import mark_behind, put_facts, take_fact_away
from hotline.reports.work_store import LONGEST
from hotline.residents.choice_store import PopChoiceTable
from hotline.residents.resident import Home
from hotline.residents.store import HomeRow, ResidentNumberRow, ResidentRow

CALLS: Final = "calls whose facts are to be written"  # keys of what a session keeps until its transaction ends
DAYS: Final = "days whose sums are behind"
ENTRIES: Final = "entries of the duty log whose matters are to be written"


def follow_facts(database: Database, *, area_code: str, zone: tzinfo) -> None:
    """Keep facts, and the marks of what was done for residents, level with everything written from now on."""

    @event.listens_for(database.writing, "after_flush")
    def _written(session: Session, _context: Any) -> None:
        calls: dict[str, None] = session.info.setdefault(CALLS, {})
        days: set[date] = session.info.setdefault(DAYS, set())
        for row in (*session.new, *session.dirty):
            if isinstance(row, CallTable):
                # One that was over may go on: another that still does turned out to be part of it.
                goes_on = row.ended_at is None and not inspect(row).attrs.ended_at.history.deleted
                if session.is_modified(row) and not goes_on:
                    calls[row.id] = None
            elif isinstance(row, DutyEntryTable):
                if session.is_modified(row):
                    session.info.setdefault(ENTRIES, set()).add(row.number)
                    if row.call_id:
                        calls[row.call_id] = None
            elif isinstance(row, PopChoiceTable):
                calls[row.call_id] = None
            elif isinstance(row, AgentStateTable):
                if row.ended_at is not None:
                    days.update(_days(row.since, row.ended_at, zone))
            elif isinstance(row, DraftFieldTable) and row.judged_at is not None:
                days.add(row.judged_at.astimezone(zone).date())

    database.before_end(CALLS, lambda connection, calls: keep_facts(connection, calls, area_code=area_code, zone=zone))
    database.before_end(DAYS, mark_behind)
    database.before_end(ENTRIES, keep_matters)
    follow_service(database, zone)


def keep_facts(connection: Connection, ids: Iterable[str], *, area_code: str, zone: tzinfo) -> int:
    """Write the facts of these calls anew from what is known of them now; return how many there were to write.

    An entry confirmed for a call that became part of another one counts for that one.
    """
    wanted = _whole(connection, ids)
    rows = connection.execute(select(CallTable.__table__).where(CallTable.id.in_(wanted))).all()
    entries, chosen = _entries(connection, wanted), _chosen(connection, wanted)
    facts: list[Fact] = []
    for row in rows:
        if row.ended_at is None:
            take_fact_away(connection, row.id)
            continue
        call = record_of_row(row)
        kind, home = entries.get(call.id, ("", ""))
        written = Home.parse(home) if home else None
        building = (
            str(written.building)
            if written
            else chosen.get(call.id) or _building(connection, call.caller_number, area_code)
        )
        if (fact := fact_of(call, zone=zone, building=building, kind=kind)) is not None:
            facts.append(fact)
    put_facts(connection, facts)
    return len(facts)


def absorb_facts_by(area_code: str, zone: tzinfo) -> Any:
    """Return what is told of a call that turned out to be part of another: its fact goes, the other's is made anew."""

    async def absorb_facts(session: AsyncSession, young: str, old: str) -> None:
        def absorb(here: Session) -> None:
            take_fact_away(here.connection(), young)
            keep_facts(here.connection(), [old], area_code=area_code, zone=zone)

        await session.run_sync(absorb)

    return absorb_facts


def _whole(connection: Connection, ids: Iterable[str]) -> list[str]:
    """Return the calls that these are, or are part of."""
    asked = set(ids)
    found = connection.execute(
        select(CelFamilyTable.id, CelFamilyTable.call_id).where(CelFamilyTable.id.in_(sorted(asked)))
    )
    whole = dict(found.tuples().all())
    return sorted({whole.get(call_id, call_id) for call_id in asked})


def _entries(connection: Connection, ids: list[str]) -> dict[str, tuple[str, str]]:
    """Return kind and home of each call's newest entry that says them: corrections come after what they correct."""
    parts = connection.execute(
        select(DutyEntryMovedTable.from_call, DutyEntryMovedTable.to_call).where(DutyEntryMovedTable.to_call.in_(ids))
    )
    moved = dict(parts.tuples().all())
    found: dict[str, tuple[str, str]] = {}
    for call_id, kind, home in connection.execute(
        select(DutyEntryTable.call_id, DutyEntryTable.kind, DutyEntryTable.home)
        .where(DutyEntryTable.call_id.in_([*ids, *moved]), DutyEntryTable.state != EntryState.VOID.value)
        .order_by(DutyEntryTable.number)
    ):
        call = moved.get(call_id, call_id)
        known_kind, known_home = found.get(call, ("", ""))
        found[call] = ("" if kind == "unknown" else kind) or known_kind, home or known_home
    return found


def _chosen(connection: Connection, ids: list[str]) -> dict[str, str]:
    """Return the building that an agent chose for a call; the newest choice counts."""
    found = connection.execute(
        select(PopChoiceTable.call_id, HomeRow.building)
        .join(HomeRow, HomeRow.id == PopChoiceTable.home_id)
        .where(PopChoiceTable.call_id.in_(ids))
        .order_by(PopChoiceTable.id)
    )
    return {call_id: str(building) for call_id, building in found.tuples()}


def _building(connection: Connection, number: str, area_code: str) -> str:
    """Return the building of a number that is registered in one building only."""
    read = PhoneNumber.parse(number, area_code=area_code)
    if read is None or read.is_internal:
        return ""
    buildings = connection.scalars(
        select(HomeRow.building)
        .join(ResidentRow, ResidentRow.home_id == HomeRow.id)
        .join(ResidentNumberRow, ResidentNumberRow.resident_id == ResidentRow.id)
        .where(ResidentNumberRow.e164 == read.e164)
        .distinct()
        .limit(2)
    ).all()
    return str(buildings[0]) if len(buildings) == 1 else ""


def _days(since: datetime, until: datetime, zone: tzinfo) -> Iterator[date]:
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    for ahead in range(min((last - first).days, LONGEST.days + 1) + 1):
        yield first + timedelta(days=ahead)
