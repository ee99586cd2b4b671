"""Read a whole pop: what the desk knows of a caller, why a campaign called them, and the marks of their household."""

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.about_store import About, about_call, about_caller
from hotline.campaigns.household_marks_store import HouseholdMarkTable, standing_marks
from hotline.desk.pop import Pop
from hotline.desk.pop_store import read_pop
from hotline.web.campaign_about import about_out
from hotline.web.pop_shapes import HouseholdMarkedOut, PopOut, pop_out
from hotline.web.rooms import WebRooms
from hotline.web.store import account_names


async def whole_pop(
    rooms: WebRooms,
    session: AsyncSession,
    call_id: str,
    *,
    offered_number: str = "",
    is_emergency: bool = False,
    about: About | None = None,
) -> PopOut:
    """Return a call's pop as it goes out. `about` where it is known before any call is there."""
    now, zone = rooms.clock.now(), rooms.zone
    about = about or await about_call(session, call_id)
    pop = await read_pop(
        session,
        call_id,
        now=now,
        area_code=rooms.area_code,
        offered_number=offered_number,
        is_emergency=is_emergency,
        at_home=about.home if about else "",
    )
    if about is None and pop.call is not None:
        about = await about_caller(session, pop.call, pop.number, now)
    marks = await standing_marks(session, _places(pop), now)
    names = await account_names(session) if pop.notes or marks else {}
    return pop_out(
        pop,
        zone,
        campaign=about_out(about, zone, pays=rooms.calling_out.pays if rooms.calling_out else "") if about else None,
        household_marks=tuple(_mark_out(row, names, rooms) for row in marks),
        names=names,
    )


def _places(pop: Pop) -> list[str]:
    """Return under what marks of this caller's household are kept."""
    home = [pop.household.home.label] if pop.household else []
    return home + ([pop.number.e164] if pop.number and not pop.number.is_internal else [])


def _mark_out(row: HouseholdMarkTable, names: dict[str, str], rooms: WebRooms) -> HouseholdMarkedOut:
    return HouseholdMarkedOut(
        mark=row.mark,
        at=row.at.astimezone(rooms.zone),
        by=row.by,
        by_name=names.get(row.by, row.by),
        reason=row.note,
        until=row.until.astimezone(rooms.zone) if row.until else None,
    )
