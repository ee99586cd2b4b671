"""Count the facts of one day where they lie: the database counts, and only counts cross over.

So a day that is not summed yet costs a report little, however many calls it had. The hours of a day are counted, and
the day, its weekday and the cells of the weekday map are sums of them.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Integer, case, cast, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.reports.store import ReportFactTable as Fact
from hotline.reports.tally import Steps, Sums, Tally, steps_of

_FLAGS: Final[dict[str, Any]] = {
    "answered": Fact.is_answered,
    "abandoned": Fact.is_abandoned,
    "short": Fact.is_short,
    "unreached": Fact.is_unreached,
    "within-three-rings": Fact.is_within_three_rings,
    "within-limit": Fact.is_within_limit,
    "emergencies": Fact.is_emergency,
    "late": Fact.late != "",
}
_OWN: Final[dict[str, Any]] = {
    "hour": Fact.hour, "queue": Fact.queue, "menu": Fact.menu, "agent": Fact.agent, "building": Fact.building,
    "kind": Fact.kind,
}  # fmt: skip
_OF_HOURS: Final = frozenset({"all", "hour", "weekday", "week-hour"})
ON_THE_MAP: Final = ("offered", "answered", "unreached", "within-limit", "within-three-rings")


async def count_day(session: AsyncSession, day: date, dimensions: Collection[str]) -> Sums:
    """Return the sums of a day's calls by each of these dimensions, by value; "work" is of agents."""
    found: Sums = {dimension: {} for dimension in dimensions}
    if _OF_HOURS & found.keys():
        hours = await _counted(session, day, "hour")
        _add_hours(found, hours, day.isoweekday())
        if "all" in found and "" in found["all"]:
            await _count_sorts(session, day, found["all"][""].counts)
    for dimension in found.keys() & _OWN.keys() - _OF_HOURS:
        found[dimension] = await _counted(session, day, dimension)
    if "building" in found:  # its hot spots
        await _count_kinds(session, day, found["building"])
    if "work" in found:
        await _count_work(session, day, found["work"])
    return found


async def _counted(session: AsyncSession, day: date, dimension: str) -> dict[str, Tally]:
    column, found = _OWN[dimension], dict[str, Tally]()
    of_day = (Fact.day == day, Fact.is_offered.is_(True))
    rows = await session.execute(
        select(
            column,
            func.count(),
            func.count(Fact.lift_ms),
            func.sum(Fact.human_ms),
            *(func.sum(cast(is_it, Integer)) for is_it in _FLAGS.values()),
        )
        .where(*of_day)
        .group_by(column)
    )
    for value, offered, lifted, human_ms, *flags in rows.tuples():
        named = {"offered": offered, "lifted": lifted, "human-ms": int(human_ms or 0)}
        named.update(zip(_FLAGS, flags, strict=True))
        found[_name(dimension, value)] = Tally(Counter({name: n for name, n in named.items() if n}))
    for clock, wait in (("lift", Fact.lift_ms), ("human", Fact.human_ms)):
        steps = await session.execute(
            select(column, _step(wait, steps_of(dimension)).label("step"), func.count())
            .where(*of_day, wait.is_not(None))
            .group_by(column, "step")  # by its name: PostgreSQL does not know the same sum with other parameters again
        )
        for value, edge, n in steps.tuples():
            tally = found[_name(dimension, value)]
            (tally.lift if clock == "lift" else tally.human)[edge] = n
    return found


def _add_hours(found: Sums, hours: dict[str, Tally], weekday: int) -> None:
    for hour, tally in hours.items():
        if "week-hour" in found:
            cell = Counter({name: tally.counts[name] for name in ON_THE_MAP if tally.counts[name]})
            found["week-hour"][f"{weekday}-{hour}"] = Tally(cell)
        for dimension, value in (("all", ""), ("weekday", str(weekday))):
            if dimension in found:
                found[dimension].setdefault(value, Tally()).add(tally)
    if "hour" in found:
        found["hour"] = hours


async def _count_sorts(session: AsyncSession, day: date, counts: Counter[str]) -> None:
    sorts = (Fact.outcome, Fact.kind, Fact.late, Fact.cause)
    rows = await session.execute(
        select(*sorts, func.count()).where(Fact.day == day, Fact.is_offered.is_(True)).group_by(*sorts)
    )
    for outcome, kind, late, cause, n in rows.tuples():
        counts[f"outcome:{outcome}"] += n
        counts[f"kind:{kind}"] += n
        if late:
            counts[f"late:{late}"] += n
            counts[f"cause:{cause}"] += n


async def _count_kinds(session: AsyncSession, day: date, buildings: dict[str, Tally]) -> None:
    rows = await session.execute(
        select(Fact.building, Fact.kind, func.count())
        .where(Fact.day == day, Fact.is_offered.is_(True))
        .group_by(Fact.building, Fact.kind)
    )
    for building, kind, n in rows.tuples():
        buildings[building].counts[f"kind:{kind}"] += n


async def _count_work(session: AsyncSession, day: date, work: dict[str, Tally]) -> None:
    """Count what agents did in a day's calls, each under their extension."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    of_day = Fact.day == day

    def part(place: int) -> Any:
        text = talk.c.value.op("->>")(place) if is_postgresql else func.json_extract(talk.c.value, f"$[{place}]")
        return text if place == 0 else cast(text, BigInteger)

    # Named "whose": "agent" would be the fact's own column.
    talk = (func.json_array_elements if is_postgresql else func.json_each)(Fact.talks).table_valued("value")
    talks = await session.execute(
        select(
            part(0).label("whose"),
            Fact.is_offered,
            func.count(Fact.call_id.distinct()),
            func.sum(part(1)),
            func.sum(part(2)),
        )
        .select_from(Fact)
        .join(talk, true())
        .where(of_day)
        .group_by("whose", Fact.is_offered)
    )
    for extension, is_offered, calls, talk_ms, hold_ms in talks.tuples():
        counts = work.setdefault(str(extension), Tally()).counts
        counts["calls" if is_offered else "calls-out"] += calls
        counts["talk-ms"] += int(talk_ms)
        counts["hold-ms"] += int(hold_ms)
    rang = (func.json_array_elements_text if is_postgresql else func.json_each)(Fact.missed).table_valued("value")
    missed = await session.execute(
        select(rang.c.value.label("whose"), func.count())
        .select_from(Fact)
        .join(rang, true())
        .where(of_day)
        .group_by("whose")
    )
    for extension, n in missed.tuples():
        work.setdefault(str(extension), Tally()).counts["missed"] += n
    marks = await session.execute(
        select(Fact.marked, func.count(), func.sum(Fact.satisfaction))
        .where(of_day, Fact.marked != "")
        .group_by(Fact.marked)
    )
    for extension, n, total in marks.tuples():
        work.setdefault(extension, Tally()).counts.update({"marks": n, "mark-sum": int(total or 0)})


def _step(wait: Any, steps: Steps) -> ColumnElement[int]:
    """Return the upper edge of the step in which a wait falls, as `Steps.edge` has it."""
    edges = [(wait <= up_to, (wait + (size - 1)) // size * size) for up_to, size in steps.up_to]
    return case(*edges, else_=(wait + (steps.beyond - 1)) // steps.beyond * steps.beyond)


def _name(dimension: str, value: Any) -> str:
    return f"{value:02}" if dimension == "hour" else str(value)
