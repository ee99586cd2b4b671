"""The table of wrap-ups: which were done, by whom, with which key; and which calls still wait for theirs."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, UniqueConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT, CallTable
from hotline.database import Base, insert_into
from hotline.desk.notes_store import CallNoteTable
from hotline.desk.wrap_up import WrapUp
from hotline.dutylog.entry import EntryState
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.followups.follow_up import FollowUpState, Step
from hotline.followups.store import FollowUpStepTable, FollowUpTable

LONGEST_KEY = 64


class WrapUpTable(Base):
    """One act of wrapping up. `entry` is the entry that it wrote; None only within the act itself."""

    __tablename__ = "wrap_up"
    __table_args__ = (UniqueConstraint("call_id", "by", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    disposition: Mapped[str] = mapped_column(String(20))
    entry: Mapped[int | None]
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A call that is over and whose entry nobody has confirmed."""

    call_id: str
    entry: int
    number: str  # of the resident, as the network gave it
    who: str
    home: str
    kind: str
    matter: str
    agent: str
    ended_at: datetime


async def claim_key(session: AsyncSession, wrap_up: WrapUp, *, by: str, at: datetime) -> int | None:
    """Begin an act under its key: return None where it is new, else the entry that it has written before.

    Two at one time: the second waits for the first one's end.
    """
    key = {"call_id": wrap_up.call_id, "by": by[:INDEX_TEXT], "key": wrap_up.key[:LONGEST_KEY]}
    values = {**key, "disposition": wrap_up.disposition.value, "at": at, "entry": None}
    begun = await session.execute(
        insert_into(session, WrapUpTable).values(values).on_conflict_do_nothing().returning(WrapUpTable.id)
    )
    if begun.scalar_one_or_none() is not None:
        return None
    return await session.scalar(select(WrapUpTable.entry).filter_by(**key))


async def finish_key(session: AsyncSession, wrap_up: WrapUp, *, by: str, entry: int) -> None:
    """Write down which entry came of the act, and that what was half filled in is filled in."""
    await session.execute(
        update(WrapUpTable)
        .where(WrapUpTable.call_id == wrap_up.call_id, WrapUpTable.by == by[:INDEX_TEXT])
        .where(WrapUpTable.key == wrap_up.key[:LONGEST_KEY])
        .values(entry=entry)
    )
    await session.execute(
        update(CallNoteTable)
        .where(CallNoteTable.call_id == wrap_up.call_id, CallNoteTable.by == by[:INDEX_TEXT])
        .values(form={}, version=CallNoteTable.version + 1)
    )


async def absorb_wrap_ups(session: AsyncSession, young: str, old: str) -> None:
    """Let wrap-ups of a call that turned out to be part of `old` be that one's. May run again."""
    await session.execute(update(WrapUpTable).where(WrapUpTable.call_id == young).values(call_id=old))


async def returned_by(session: AsyncSession, call_id: str) -> list[int]:
    """Return what this call of ours has closed by itself."""
    closed = await session.scalars(
        select(FollowUpTable.id)
        .join(FollowUpStepTable, FollowUpStepTable.follow_up_id == FollowUpTable.id)
        .where(FollowUpStepTable.call_id == call_id, FollowUpStepTable.what == Step.RETURNED.value)
        .where(FollowUpTable.state == FollowUpState.DONE.value, FollowUpTable.closing == Step.RETURNED.value)
    )
    return list(closed)


async def waiting_wrap_ups(session: AsyncSession, *, agent: str | None, limit: int = 50) -> list[Waiting]:
    """Return the calls in which people talked whose entry is a draft still, newest first; of one agent, or all."""
    query = (
        select(DutyEntryTable, CallTable)
        .join(CallTable, CallTable.id == DutyEntryTable.draft_of)
        .where(DutyEntryTable.state == EntryState.DRAFT, CallTable.ended_at.is_not(None))
        .where(CallTable.human_answer.is_not(None))
        .order_by(CallTable.ended_at.desc(), CallTable.id)
        .limit(limit)
    )
    if agent is not None:
        query = query.where(CallTable.agent == agent)
    found = await session.execute(query)
    return [
        Waiting(
            call_id=call.id,
            entry=entry.number,
            number=call.caller_number,
            who=entry.who,
            home=entry.home,
            kind=str(entry.kind),
            matter=entry.matter,
            agent=call.agent,
            ended_at=call.ended_at,
        )
        for entry, call in found.tuples()
        if call.ended_at is not None
    ]
