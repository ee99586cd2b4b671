"""Draw a week's sample from the facts of its calls, and read it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import CallTable
from hotline.database import insert_into
from hotline.quality.sampling import Case, Place, Plan, give_places
from hotline.quality.sound import Sound, sound_of
from hotline.quality.store import QualityPlaceTable, QualityWeekTable
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import RecordingTable
from hotline.reports.store import ReportFactTable as Fact

WEEK: Final = timedelta(days=7)
_FACT = (Fact.call_id, Fact.rang_at, Fact.agent, Fact.kind, Fact.outcome, Fact.satisfaction, Fact.talks)


async def cases_of_week(session: AsyncSession, week: date) -> list[Case]:
    """Return the calls of a week in which an agent spoke and that are over, with what can be heard of each.

    One whose recording is not settled yet is left out until it is.
    """
    found = await session.execute(
        select(*_FACT, RecordingTable.state, CallTable.recording_refused)
        .outerjoin(RecordingTable, RecordingTable.call_id == Fact.call_id)
        .outerjoin(CallTable, CallTable.id == Fact.call_id)
        .where(Fact.day >= week, Fact.day < week + WEEK, Fact.agent != "", Fact.direction != "internal")
    )
    rows: dict[str, list[Row[Any]]] = {}
    for row in found:
        rows.setdefault(row.call_id, []).append(row)
    return [_case(same[0], sound) for same in rows.values() if (sound := _sound(same)) is not None]


async def who_talked(session: AsyncSession, call_id: str) -> tuple[datetime, tuple[str, ...]] | None:
    """Return when a call rang and which agents spoke in it, in order; None where it is not over, or not there."""
    row = (await session.execute(select(*_FACT).where(Fact.call_id == call_id))).one_or_none()
    if row is None:
        return None
    agents = dict.fromkeys([row.agent, *(agent for agent, _, _ in row.talks)])
    return row.rang_at, tuple(agent for agent in agents if agent)


async def week_plan(session: AsyncSession, week: date) -> tuple[Plan, str] | None:
    """Return by which plan and seed a week is drawn; None before its first draw."""
    row = await session.get(QualityWeekTable, week)
    return None if row is None else (Plan.of_values(row.plan), row.seed)


async def open_week(session: AsyncSession, week: date, plan: Plan, seed: str, at: datetime) -> tuple[Plan, str]:
    """Bind a week to this plan and seed, or keep what it is bound to; it stays locked until the transaction ends."""
    fresh = {"week": week, "plan": plan.as_values(), "seed": seed, "at": at}
    await session.execute(insert_into(session, QualityWeekTable).values(fresh).on_conflict_do_nothing())
    row = await session.get_one(QualityWeekTable, week, with_for_update=True, populate_existing=True)
    return Plan.of_values(row.plan), row.seed


async def places_of_week(session: AsyncSession, week: date) -> list[Place]:
    """Return every place of a week, by rule, in order."""
    rows = await session.scalars(
        select(QualityPlaceTable)
        .where(QualityPlaceTable.week == week)
        .order_by(QualityPlaceTable.stratum, QualityPlaceTable.place)
    )
    return [_place(row) for row in rows]


async def draw_more(session: AsyncSession, week: date, plan: Plan, seed: str, cases: Sequence[Case]) -> int:
    """Give the calls their places that have none yet; return how many were new. The week is locked by the caller."""
    new = give_places(cases, plan, seed, await places_of_week(session, week))
    if new:
        rows = [
            {
                "week": week,
                "stratum": one.stratum,
                "place": one.place,
                "call_id": one.call_id,
                "percent": one.percent,
                "is_drawn": one.is_drawn,
            }
            for one in new
        ]
        await session.execute(insert(QualityPlaceTable), rows)
    return len(new)


async def weeks_drawn(session: AsyncSession) -> list[tuple[date, str]]:
    """Return the weeks that have a sample, with their seeds, oldest first."""
    rows = await session.execute(select(QualityWeekTable.week, QualityWeekTable.seed).order_by(QualityWeekTable.week))
    return list(rows.tuples())


async def absorb_places(session: AsyncSession, young: str, old: str) -> None:
    """Let places of a part be its whole call's; where that has one under the rule, the part's place stays as it is."""
    mine = await session.scalars(select(QualityPlaceTable).where(QualityPlaceTable.call_id == young))
    for row in mine.all():
        taken = await session.scalar(
            select(func.count())
            .select_from(QualityPlaceTable)
            .where(
                QualityPlaceTable.week == row.week,
                QualityPlaceTable.stratum == row.stratum,
                QualityPlaceTable.call_id == old,
            )
        )
        if not taken:
            row.call_id = old
    await session.flush()


def _sound(rows: Iterable[Row[Any]]) -> Sound | None:
    """Return what can be heard of a call; a row for each of its recordings, one without a state where it has none."""
    rows = list(rows)
    states = {RecordingState(row.state) for row in rows if row.state is not None}
    return sound_of(states, was_refused=any(row.recording_refused for row in rows))


def _case(row: Row[Any], sound: Sound) -> Case:
    values = row._mapping  # noqa: SLF001 -- SQLAlchemy's public name for it
    talked = sum(talk for _, talk, _ in values["talks"])
    return Case(
        call_id=values["call_id"],
        rang_at=values["rang_at"],
        agent=values["agent"],
        kind=values["kind"],
        outcome=values["outcome"],
        talked=timedelta(milliseconds=talked),
        satisfaction=values["satisfaction"],
        sound=sound,
    )


def _place(row: QualityPlaceTable) -> Place:
    return Place(call_id=row.call_id, stratum=row.stratum, place=row.place, percent=row.percent, is_drawn=row.is_drawn)
