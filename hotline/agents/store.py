"""Tables of what agents decided, with times (a history that reports sum up), and of their wishes for help."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Index, String, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.agents.agent import Decided, Stand
from hotline.calls.record_values import talk_of
from hotline.calls.store import INDEX_TEXT, CallTable
from hotline.calls.talks import Talk
from hotline.database import Base

LONGEST_CALL: Final = timedelta(hours=4)  # one that began earlier is not looked through for talks that just ended
_NOW: Final = text("ended_at IS NULL")


class AgentStateTable(Base):
    """One stretch of an agent's time: what was decided, from `since` until `ended_at`, which is null while it lasts.

    `by` is the account of who decided it, "" the system; `until` is the limit of a wrap-up.
    """

    __tablename__ = "agent_state"
    __table_args__ = (
        Index("ix_agent_state_now", "extension", unique=True, sqlite_where=_NOW, postgresql_where=_NOW),
        Index("ix_agent_state_since", "since"),
        Index("ix_agent_state_extension_since", "extension", "since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    extension: Mapped[str] = mapped_column(String(6))
    stand: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT))
    then: Mapped[str] = mapped_column(String(40))


class HelpWishTable(Base):
    """An agent asked, without a sound, for a supervisor in a call. It ends with the talk."""

    __tablename__ = "help_wish"
    __table_args__ = (Index("ix_help_wish_open", "extension", unique=True, sqlite_where=_NOW, postgresql_where=_NOW),)

    id: Mapped[int] = mapped_column(primary_key=True)
    extension: Mapped[str] = mapped_column(String(6))
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(String(INDEX_TEXT))  # "": nobody yet
    taken_name: Mapped[str] = mapped_column(String(INDEX_TEXT))
    taken_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpWish:
    """Which agent wants help in which call, since when, and who came (account and name as shown)."""

    id: int
    extension: str
    call_id: str
    at: datetime
    taken_by: str = ""
    taken_name: str = ""
    taken_at: datetime | None = None


async def decided_now(session: AsyncSession) -> dict[str, Decided]:
    """Return what was last decided of each agent of whom anything ever was, by extension."""
    rows = await session.scalars(select(AgentStateTable).where(AgentStateTable.ended_at.is_(None)))
    return {row.extension: _decided(row) for row in rows}


async def decided_of(session: AsyncSession, extension: str) -> Decided:
    """Return what was last decided of this agent, and let nobody else decide until the transaction's end."""
    row = await _row_of(session, extension)
    return Decided() if row is None else _decided(row)


async def keep_decided(session: AsyncSession, extension: str, new: Decided, at: datetime) -> None:
    """End what was at this moment, and begin this."""
    row = await _row_of(session, extension)
    if row is not None:
        row.ended_at = max(at, row.since)
        await session.flush()
    session.add(
        AgentStateTable(
            extension=extension,
            stand=new.stand.value,
            reason=new.reason[:40],
            since=at,
            until=new.until,
            by=new.by[:INDEX_TEXT],
            call_id=new.call_id[:INDEX_TEXT],
            then=new.then[:40],
        )
    )
    await session.flush()


async def keep_until(session: AsyncSession, extension: str, until: datetime | None) -> None:
    """Give what is now another end."""
    row = await _row_of(session, extension)
    if row is not None:
        row.until = until
        await session.flush()


async def talks_ended_after(session: AsyncSession, after: datetime) -> list[tuple[str, Talk]]:
    """Return the talks of the ledger that ended after this moment, each with its call's id, the first ended first."""
    rows = await session.execute(
        select(CallTable.id, CallTable.talks).where(
            CallTable.ring_start > after - LONGEST_CALL,
            CallTable.human_answer.is_not(None),
            or_(CallTable.ended_at.is_(None), CallTable.ended_at > after),
        )
    )
    found = [(call_id, talk_of(values)) for call_id, talks in rows.tuples() for values in talks]
    return sorted(
        ((call_id, talk) for call_id, talk in found if talk.ended and talk.ended > after),
        key=lambda pair: pair[1].ended or after,
    )


async def ask_for_help(session: AsyncSession, *, extension: str, call_id: str, by: str, at: datetime) -> bool:
    """Keep a wish for help; False where the agent has one for this call already."""
    known = await _wish_of(session, extension)
    if known is not None and known.call_id == call_id:
        return False
    if known is not None:
        known.ended_at = at
        await session.flush()
    session.add(
        HelpWishTable(
            extension=extension, call_id=call_id[:INDEX_TEXT], by=by[:INDEX_TEXT], at=at, taken_by="", taken_name=""
        )
    )
    await session.flush()
    return True


async def take_help(session: AsyncSession, wish: int, *, by: str, name: str, at: datetime) -> HelpWish | None:
    """Keep who comes, and return the wish; whoever came first stays. None where no such wish is open."""
    row = await session.get(HelpWishTable, wish, populate_existing=True, with_for_update=True)
    if row is None or row.ended_at is not None:
        return None
    if not row.taken_by:
        row.taken_by, row.taken_name, row.taken_at = by[:INDEX_TEXT], name[:INDEX_TEXT], at
        await session.flush()
    return _wish(row)


async def end_help(session: AsyncSession, extensions: Collection[str], at: datetime) -> bool:
    """End the open wishes of these agents; return whether there were any."""
    ended = await session.scalars(
        update(HelpWishTable)
        .where(HelpWishTable.extension.in_(sorted(extensions)), HelpWishTable.ended_at.is_(None))
        .values(ended_at=at)
        .returning(HelpWishTable.id)
    )
    return bool(ended.all())


async def open_wishes(session: AsyncSession) -> tuple[HelpWish, ...]:
    """Return the wishes of talks that go on, oldest first."""
    rows = await session.scalars(
        select(HelpWishTable).where(HelpWishTable.ended_at.is_(None)).order_by(HelpWishTable.at, HelpWishTable.id)
    )
    return tuple(_wish(row) for row in rows)


async def absorb_agent_calls(session: AsyncSession, young: str, old: str) -> None:
    """Let wrap-ups and wishes of a call that turned out to be part of `old` name that one. May run again."""
    for table in (AgentStateTable, HelpWishTable):
        await session.execute(update(table).where(table.call_id == young).values(call_id=old))


async def _row_of(session: AsyncSession, extension: str) -> AgentStateTable | None:
    found: AgentStateTable | None = await session.scalar(
        select(AgentStateTable)
        .where(AgentStateTable.extension == extension, AgentStateTable.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def _wish_of(session: AsyncSession, extension: str) -> HelpWishTable | None:
    found: HelpWishTable | None = await session.scalar(
        select(HelpWishTable)
        .where(HelpWishTable.extension == extension, HelpWishTable.ended_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


def _decided(row: AgentStateTable) -> Decided:
    return Decided(
        stand=Stand(row.stand),
        reason=row.reason,
        since=row.since,
        until=row.until,
        by=row.by,
        call_id=row.call_id,
        then=row.then,
    )


def _wish(row: HelpWishTable) -> HelpWish:
    return HelpWish(
        id=row.id,
        extension=row.extension,
        call_id=row.call_id,
        at=row.at,
        taken_by=row.taken_by,
        taken_name=row.taken_name,
        taken_at=row.taken_at,
    )
