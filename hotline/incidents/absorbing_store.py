"""When one call turned out to be part of another: it counts once in its building's incident."""

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.incidents.store import IncidentCallTable


async def absorb_incident_calls(session: AsyncSession, young: str, old: str) -> None:
    """Let `old` stand where `young` did; who registered in either is registered. May run again."""
    part = await session.get(IncidentCallTable, young, populate_existing=True)
    if part is None:
        return
    whole = await session.get(IncidentCallTable, old, populate_existing=True)
    if whole is None:
        whole = IncidentCallTable(call_id=old, building=part.building, home=part.home, at=part.at, is_registered=False)
        session.add(whole)
    whole.incident_id = whole.incident_id if whole.incident_id is not None else part.incident_id
    whole.is_registered = whole.is_registered or part.is_registered
    await session.delete(part)
    await session.flush()
