"""The incidents' tables and queries: incidents, the calls that belong to them, and who did what to them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_into
from hotline.incidents.incident import Act, Incident, IncidentState, IncidentUnknown, Notice, Step, Tally
from hotline.incidents.rules import Place, PlacedCall
from hotline.residents.store import HomeRow


class IncidentTable(Base):
    """One incident. `open_building` is its building while it is open and empty from then on: one open one a building.

    A unique column holds that on SQLite and PostgreSQL alike: empty ones do not meet.
    """

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_building_since", "building", "since"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    building: Mapped[int]
    open_building: Mapped[int | None] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    raised_at: Mapped[datetime]
    raised_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    notice_text: Mapped[str] = mapped_column(Text, default="")
    notice_recording: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    notice_sound: Mapped[str] = mapped_column(String(400), default="")
    notice_trouble: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class IncidentCallTable(Base):
    """A call from a known building: of one incident at most, or of none yet. It counts once, so the call is the key."""

    __tablename__ = "incident_call"
    __table_args__ = (Index("ix_incident_call_building_at", "building", "at"),)

    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    building: Mapped[int]
    home: Mapped[str] = mapped_column(String(INDEX_TEXT))  # "" where only the incident is known, not the caller
    at: Mapped[datetime]
    is_registered: Mapped[bool] = mapped_column(default=False)


class IncidentStepTable(Base):
    """Who did what to an incident. Rows are added, never changed."""

    __tablename__ = "incident_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(INDEX_TEXT))
    act: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCall:
    """A call from a known building, and the incident it belongs to, if any."""

    call_id: str
    incident_id: int | None
    place: Place
    at: datetime
    is_registered: bool


async def raise_incident(
    session: AsyncSession,
    *,
    building: int,
    state: IncidentState,
    since: datetime,
    by: str,
    at: datetime,
    notice: Notice | None = None,
) -> Incident | None:
    """Write a new open incident, or return None where the building has one, even one being written at this moment."""
    notice = notice or Notice()
    number = await session.scalar(
        insert_into(session, IncidentTable)
        .values(
            building=building,
            open_building=building,
            state=state.value,
            since=since,
            raised_at=at,
            raised_by=by[:INDEX_TEXT],
            confirmed_at=at if state is IncidentState.CONFIRMED else None,
            **_notice_values(notice),
        )
        .on_conflict_do_nothing(index_elements=["open_building"])
        .returning(IncidentTable.id)
    )
    if number is None:
        return None
    await add_step(session, number, Step(at=at, who=by, act=Act.RAISE))
    if state is IncidentState.CONFIRMED:
        await add_step(session, number, Step(at=at, who=by, act=Act.CONFIRM, words=notice.text or notice.recording))
    return await find_incident(session, number)


async def find_incident(session: AsyncSession, number: int) -> Incident | None:
    """Return this incident, or None."""
    row = await session.scalar(select(IncidentTable).where(IncidentTable.id == number))
    return None if row is None else _incident(row)


async def lock_incident(session: AsyncSession, number: int) -> Incident:
    """Return this incident and keep others from changing it until the transaction ends. Raises IncidentUnknown."""
    row = await session.scalar(
        select(IncidentTable)
        .where(IncidentTable.id == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise IncidentUnknown("there is no incident of this id")
    return _incident(row)


async def save_incident(session: AsyncSession, incident: Incident) -> None:
    """Write what an act made of an incident that this session has locked."""
    row = await session.get_one(IncidentTable, incident.id)
    row.state = incident.state.value
    row.open_building = incident.building if incident.is_open else None
    row.confirmed_at, row.closed_at = incident.confirmed_at, incident.closed_at
    for name, value in _notice_values(incident.notice).items():
        setattr(row, name, value)
    await session.flush()


async def add_step(session: AsyncSession, number: int, step: Step) -> None:
    """Write down who did what."""
    session.add(
        IncidentStepTable(
            incident_id=number, at=step.at, who=step.who[:INDEX_TEXT], act=step.act.value, words=step.words
        )
    )
    await session.flush()


async def steps_of(session: AsyncSession, number: int) -> tuple[Step, ...]:
    """Return everything that was done to an incident, oldest first."""
    rows = await session.scalars(
        select(IncidentStepTable).where(IncidentStepTable.incident_id == number).order_by(IncidentStepTable.id)
    )
    return tuple(Step(at=row.at, who=row.who, act=Act(row.act), words=row.words) for row in rows)


async def open_incident(session: AsyncSession, building: int) -> Incident | None:
    """Return the building's open incident, or None."""
    row = await session.scalar(select(IncidentTable).where(IncidentTable.open_building == building))
    return None if row is None else _incident(row)


async def incident_at(session: AsyncSession, building: int, at: datetime) -> Incident | None:
    """Return the incident of this building to which a call of that moment belongs, or None."""
    row = await session.scalar(
        select(IncidentTable)
        .where(
            IncidentTable.building == building,
            IncidentTable.since <= at,
            or_(IncidentTable.closed_at.is_(None), IncidentTable.closed_at >= at),
        )
        .order_by(IncidentTable.id.desc())
        .limit(1)
    )
    return None if row is None else _incident(row)


async def last_closed_at(session: AsyncSession, building: int) -> datetime | None:
    """Return when the building's last incident was over or dismissed, or None where it never had one."""
    last: datetime | None = await session.scalar(
        select(func.max(IncidentTable.closed_at)).where(IncidentTable.building == building)
    )
    return last


async def incidents_page(
    session: AsyncSession, *, states: Collection[IncidentState] = (), before: int | None = None, limit: int = 50
) -> list[Incident]:
    """Return incidents in these states (in any, where none is named), newest first."""
    query = select(IncidentTable).order_by(IncidentTable.id.desc()).limit(limit)
    if states:
        query = query.where(IncidentTable.state.in_([state.value for state in states]))
    if before is not None:
        query = query.where(IncidentTable.id < before)
    return [_incident(row) for row in await session.scalars(query)]


async def keep_call(
    session: AsyncSession,
    call_id: str,
    *,
    place: Place,
    at: datetime,
    incident_id: int | None = None,
    is_registered: bool = False,
) -> None:
    """Write a call from a known building, or what has become of it; who registered once stays registered."""
    row = await session.get(IncidentCallTable, call_id)
    if row is None:
        row = IncidentCallTable(call_id=call_id, building=place.building, home=place.home, at=at, is_registered=False)
        session.add(row)
    row.building = place.building
    row.incident_id = incident_id if incident_id is not None else row.incident_id
    row.is_registered = row.is_registered or is_registered
    await session.flush()


async def move_call(session: AsyncSession, call_id: str, place: Place) -> None:
    """Let a kept call count for another home; in another house it is no longer of the incident it was of."""
    row = await session.get_one(IncidentCallTable, call_id, with_for_update=True, populate_existing=True)
    if row.building != place.building:
        row.incident_id, row.is_registered = None, False
    row.building, row.home = place.building, place.home
    await session.flush()


async def kept_call(session: AsyncSession, call_id: str) -> IncidentCall | None:
    """Return what is kept of this call, or None."""
    row = await session.scalar(
        select(IncidentCallTable).where(IncidentCallTable.call_id == call_id).execution_options(populate_existing=True)
    )
    return None if row is None else _call(row)


async def loose_calls(
    session: AsyncSession, building: int, *, since: datetime, until: datetime, after: datetime | None
) -> list[PlacedCall]:
    """Return the building's calls of this stretch that belong to no incident and began `after` the last one closed."""
    query = select(IncidentCallTable).where(
        IncidentCallTable.building == building,
        IncidentCallTable.incident_id.is_(None),
        IncidentCallTable.at.between(since, until),
    )
    if after is not None:
        query = query.where(IncidentCallTable.at > after)
    return [PlacedCall(call_id=row.call_id, home=row.home, at=row.at) for row in await session.scalars(query)]


async def gather_calls(session: AsyncSession, incident: Incident) -> None:
    """Put every loose call of the building since the incident's beginning into its list."""
    await session.execute(
        update(IncidentCallTable)
        .where(
            IncidentCallTable.building == incident.building,
            IncidentCallTable.incident_id.is_(None),
            IncidentCallTable.at >= incident.since,
        )
        .values(incident_id=incident.id)
        .execution_options(synchronize_session=False)  # `kept_call` reads anew
    )


async def incident_of(session: AsyncSession, call_id: str) -> Incident | None:
    """Return the incident that this call belongs to, or None."""
    return (await incidents_of(session, [call_id])).get(call_id)


async def incidents_of(session: AsyncSession, call_ids: Collection[str]) -> dict[str, Incident]:
    """Return the incident that each of these calls belongs to; calls that belong to none are left out."""
    found = await session.execute(
        select(IncidentCallTable.call_id, IncidentTable)
        .join(IncidentTable, IncidentCallTable.incident_id == IncidentTable.id)
        .where(IncidentCallTable.call_id.in_(sorted(call_ids)))
    )
    return {call_id: _incident(row) for call_id, row in found.tuples()}


async def calls_of(session: AsyncSession, number: int, *, limit: int = 200) -> list[IncidentCall]:
    """Return an incident's calls, newest first; who registered comes before the others, so that nobody is cut off."""
    rows = await session.scalars(
        select(IncidentCallTable)
        .where(IncidentCallTable.incident_id == number)
        .order_by(IncidentCallTable.is_registered.desc(), IncidentCallTable.at.desc(), IncidentCallTable.call_id)
        .limit(limit)
    )
    return [_call(row) for row in rows]


async def registered_calls(session: AsyncSession, number: int) -> list[str]:
    """Return the ids of the calls whose callers want to be told when it is over, oldest first."""
    ids = await session.scalars(
        select(IncidentCallTable.call_id)
        .where(and_(IncidentCallTable.incident_id == number, IncidentCallTable.is_registered))
        .order_by(IncidentCallTable.at, IncidentCallTable.call_id)
    )
    return list(ids)


async def tallies(session: AsyncSession, numbers: Sequence[int]) -> dict[int, Tally]:
    """Return how large each of these incidents is."""
    homes: defaultdict[int, list[str]] = defaultdict(list)
    for number, home in await session.execute(
        select(IncidentCallTable.incident_id, IncidentCallTable.home)
        .where(IncidentCallTable.incident_id.in_(numbers), IncidentCallTable.home != "")
        .distinct()
    ):
        homes[number].append(home)
    rows = await session.execute(
        select(
            IncidentCallTable.incident_id,
            func.count(),
            func.sum(case((IncidentCallTable.is_registered, 1), else_=0)),
            func.min(IncidentCallTable.at),
        )
        .where(IncidentCallTable.incident_id.in_(numbers))
        .group_by(IncidentCallTable.incident_id)
    )
    found = {
        number: Tally(
            calls=calls, homes=tuple(sorted(homes[number], key=_by_place)), registered=registered, first_call_at=first
        )
        for number, calls, registered, first in rows
    }
    return {number: found.get(number, Tally()) for number in numbers}


async def has_building(session: AsyncSession, building: int) -> bool:
    """Return whether any home of this building is known."""
    return await session.scalar(select(HomeRow.id).where(HomeRow.building == building).limit(1)) is not None


def _by_place(home: str) -> tuple[int, ...]:
    return tuple(int(part) for part in home.split("-"))  # `Home.label`: 3-2-501 comes before 3-10-101


def _notice_values(notice: Notice) -> dict[str, str]:
    return {
        "notice_text": notice.text,
        "notice_recording": notice.recording,
        "notice_sound": notice.sound,
        "notice_trouble": notice.trouble,
    }


def _incident(row: IncidentTable) -> Incident:
    return Incident(
        id=row.id,
        building=row.building,
        state=IncidentState(row.state),
        since=row.since,
        raised_at=row.raised_at,
        raised_by=row.raised_by,
        notice=Notice(
            text=row.notice_text,
            recording=row.notice_recording,
            sound=row.notice_sound,
            trouble=row.notice_trouble,
        ),
        confirmed_at=row.confirmed_at,
        closed_at=row.closed_at,
    )


def _call(row: IncidentCallTable) -> IncidentCall:
    return IncidentCall(
        call_id=row.call_id,
        incident_id=row.incident_id,
        place=Place(building=row.building, home=row.home),
        at=row.at,
        is_registered=row.is_registered,
    )
