"""Build the facts of all calls, and the matters of all entries, anew: a page in a transaction, each from the last."""

from datetime import tzinfo

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from hotline.calls.rows_store import CelFamilyTable
from hotline.calls.store import CallTable
from hotline.dutylog.chain_store import locked_chain
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.reports.follow_store import keep_facts
from hotline.reports.matter_store import keep_matters
from hotline.reports.store import FACTS, MATTERS, ReportBuiltTable, ReportFactTable, built, mark_behind

PAGE = 500


async def are_facts_built(session: AsyncSession, zone: str) -> bool:
    """Tell whether the facts of all calls are built for this time zone."""
    facts = await built(session)
    return facts is not None and facts.is_done and facts.zone == zone


async def is_built(session: AsyncSession, zone: str) -> bool:
    """Tell whether the matters of all entries are built as well."""
    matters = await built(session, MATTERS)
    return matters is not None and matters.is_done and await are_facts_built(session, zone)


async def begin_anew(session: AsyncSession) -> None:
    """Let the facts be built again from the first call on, and every sum be made again.

    The facts of calls that are in the ledger no more stay as they are; of parts of other calls there are none.
    """
    await session.execute(delete(ReportBuiltTable))
    parts = select(CelFamilyTable.id).where(CelFamilyTable.id != CelFamilyTable.call_id)
    await session.execute(delete(ReportFactTable).where(ReportFactTable.call_id.in_(parts)))
    days = (await session.scalars(select(ReportFactTable.day).distinct())).all()
    await session.run_sync(lambda here: mark_behind(here.connection(), days))


async def build_page(session: AsyncSession, *, zone: tzinfo, area_code: str) -> int:
    """Build the facts of the next calls; return how many."""
    row = await built(session)
    if row is None or row.zone != str(zone):
        if row is not None:
            await session.delete(row)
            await session.flush()
        row = ReportBuiltTable(id=FACTS, zone=str(zone), after="", is_done=False)
        session.add(row)
        await session.flush()
    ids = list(
        await session.scalars(select(CallTable.id).where(CallTable.id > row.after).order_by(CallTable.id).limit(PAGE))
    )

    def keep(here: Session) -> int:
        return keep_facts(here.connection(), ids, area_code=area_code, zone=zone)

    kept = await session.run_sync(keep) if ids else 0
    row.after = ids[-1] if ids else row.after
    row.is_done = len(ids) < PAGE
    await session.flush()
    return kept


async def build_matters_page(session: AsyncSession) -> None:
    """Build what the next entries are about; a correction waits meanwhile: it takes away what its entry was about."""
    await locked_chain(session)
    row = await built(session, MATTERS)
    if row is None:
        row = ReportBuiltTable(id=MATTERS, zone="", after="0", is_done=False)
        session.add(row)
        await session.flush()
    number = DutyEntryTable.number
    numbers = list(await session.scalars(select(number).where(number > int(row.after)).order_by(number).limit(PAGE)))
    if numbers:
        await session.run_sync(lambda here: keep_matters(here.connection(), numbers))
        row.after = str(numbers[-1])
    row.is_done = len(numbers) < PAGE
    await session.flush()
