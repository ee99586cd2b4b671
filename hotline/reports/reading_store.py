"""Read the calls behind a figure, newest first, a page at a time."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, String, and_, cast, exists, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import CallTable, record_of_row
from hotline.reports.selection import Selection
from hotline.reports.store import ReportFactTable as Fact

_WANTED: Final[dict[str, Any]] = {
    "offered": true(),
    "answered": Fact.is_answered,
    "abandoned": Fact.is_abandoned,
    "short": Fact.is_short,
    "unreached": Fact.is_unreached,
    "within-three-rings": Fact.is_within_three_rings,
    "not-within-three-rings": ~Fact.is_within_three_rings,
    "within-limit": Fact.is_within_limit,
    "not-within-limit": and_(or_(Fact.is_answered, Fact.is_unreached), ~Fact.is_within_limit),
    "late": Fact.late != "",
    "emergencies": Fact.is_emergency,
}
_COLUMNS: Final[dict[str, Any]] = {
    "outcome": Fact.outcome, "cause": Fact.cause, "kind": Fact.kind, "late": Fact.late, "queue": Fact.queue,
    "menu": Fact.menu, "agent": Fact.agent, "building": Fact.building, "marked": Fact.marked,
}  # fmt: skip


async def calls_behind(
    session: AsyncSession,
    wanted: Selection,
    *,
    before: str | None = None,
    limit: int = 50,
) -> list[CallRecord]:
    """Return the calls behind a figure, newest first, from behind the call `before`; removed ones are not there."""
    conditions = _conditions(session, wanted)
    if before is not None:
        last = (await session.execute(select(Fact.rang_at, Fact.call_id).where(Fact.call_id == before))).one_or_none()
        if last is None:
            return []
        same_moment = and_(Fact.rang_at == last.rang_at, Fact.call_id < last.call_id)
        conditions.append(or_(Fact.rang_at < last.rang_at, same_moment))
    found = await session.scalars(
        select(CallTable)
        .join(Fact, Fact.call_id == CallTable.id)
        .where(*conditions)
        .order_by(Fact.rang_at.desc(), Fact.call_id.desc())
        .limit(limit)
    )
    return [record_of_row(row) for row in found]


async def count_behind(session: AsyncSession, wanted: Selection) -> int:
    """Return how many calls stand behind a figure."""
    return await session.scalar(select(func.count()).select_from(Fact).where(*_conditions(session, wanted))) or 0


async def count_running(session: AsyncSession, since: datetime, until: datetime) -> int:
    """Return how many residents' calls of this stretch go on: no report has them yet."""
    wanted = select(func.count()).where(
        CallTable.state != CallState.ENDED.value,
        CallTable.ended_at.is_(None),
        CallTable.direction == "inbound",
        CallTable.ring_start >= since,
        CallTable.ring_start < until,
    )
    return await session.scalar(wanted) or 0


def _conditions(session: AsyncSession, wanted: Selection) -> list[ColumnElement[bool]]:
    name, colon, told = wanted.figure.partition(":")
    conditions: list[ColumnElement[bool]] = [Fact.day >= wanted.days.first, Fact.day <= wanted.days.last]
    if wanted.by not in {"spoke", "spoke-out", "held", "marked"}:
        conditions.append(Fact.is_offered.is_(True))
    conditions.append(_COLUMNS[name] == told if colon else _WANTED.get(name, false()))
    if name == "cause":
        conditions.append(Fact.late != "")
    if wanted.by == "held":
        conditions += [_by("spoke", wanted.value), _held(session, wanted.value)]
    elif wanted.by:
        conditions.append(_by(wanted.by, wanted.value))
    if wanted.above is not None:
        conditions.append(Fact.human_ms > round(wanted.above * 1000))
    if wanted.up_to is not None:
        conditions.append(Fact.human_ms <= round(wanted.up_to * 1000))
    return conditions


def _by(by: str, value: str) -> ColumnElement[bool]:
    match by:
        case "hour":
            return Fact.hour == _number(value)
        case "weekday":
            return Fact.weekday == _number(value)
        case "week-hour":
            weekday, _, hour = value.partition("-")
            return and_(Fact.weekday == _number(weekday), Fact.hour == _number(hour))
        case "spoke" | "spoke-in":
            return cast(Fact.talks, String).contains(f'"{value}"', autoescape=True)
        case "spoke-out":
            return and_(Fact.is_offered.is_(False), _by("spoke", value))
        case _:
            is_it: ColumnElement[bool] = _COLUMNS[by] == value
            return is_it


def _held(session: AsyncSession, agent: str) -> ColumnElement[bool]:
    """A talk is (agent, talk, hold): one of this agent had a hold that lasted."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    talk = (func.json_array_elements if is_postgresql else func.json_each)(Fact.talks).table_valued("value")
    who = talk.c.value.op("->>")(0) if is_postgresql else func.json_extract(talk.c.value, "$[0]")
    held = talk.c.value.op("->>")(2) if is_postgresql else func.json_extract(talk.c.value, "$[2]")
    return exists(select(talk.c.value).where(who == agent, cast(held, BigInteger) > 0))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else -1
