"""The table of attempts, claimed by compare-and-set, and what is asked of it.

One home, and one number, has one living attempt: two unique indexes over the living say so, not a promise of code.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ForeignKey, Index, Integer, String, false, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.campaigns.attempt import AttemptId, AttemptState, Step, after
from hotline.database import Base, insert_into

_ALIVE: Final = text("state IN ('planned', 'dialling', 'ringing', 'answered', 'unknown')")
ON_THE_LINE: Final = (AttemptState.DIALLING, AttemptState.RINGING, AttemptState.ANSWERED)
"""These keep their line. An unknown one has no channel that lives, and it may wait for a person for days."""


class AttemptTable(Base):
    """One try. `disturbed_at` is when the home was rung, or may have been: what the caps count; None: surely not."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index(
            "uq_attempt_household_alive",
            "household",
            unique=True,
            sqlite_where=_ALIVE,
            postgresql_where=_ALIVE,
        ),
        Index("uq_attempt_e164_alive", "e164", unique=True, sqlite_where=_ALIVE, postgresql_where=_ALIVE),
        Index("ix_attempt_alive", "state", sqlite_where=_ALIVE, postgresql_where=_ALIVE),
        Index("ix_attempt_household_disturbed_at", "household", "disturbed_at"),
        Index("ix_attempt_e164_disturbed_at", "e164", "disturbed_at"),
        Index("ix_attempt_campaign_id_planned_at", "campaign_id", "planned_at", "id"),
        Index("ix_attempt_ended_at", "ended_at", "id"),
        Index("ix_attempt_campaign_id_ended_at", "campaign_id", "ended_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(INDEX_TEXT), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), index=True)
    household: Mapped[str] = mapped_column(String(40))
    e164: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(20))
    planned_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    dialled_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="", server_default="")  # an agent's account
    disturbed_at: Mapped[datetime | None]
    rang_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    cause: Mapped[int] = mapped_column(default=0)
    said: Mapped[list[Any]] = mapped_column(default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    gave_up_waiting: Mapped[bool] = mapped_column(default=False)
    heard_machine: Mapped[bool] = mapped_column(default=False, server_default=false())  # says the agent who dialled it
    reached_agent: Mapped[bool] = mapped_column(default=False)
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True, default="")
    why: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")  # withdrawn or unknown: in one word
    decided_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")  # the person who decided an unknown one


async def plan_attempt(
    session: AsyncSession,
    attempt: AttemptId,
    *,
    campaign_id: int,
    target_id: int,
    household: str,
    e164: str,
    at: datetime,
) -> bool:
    """Write a planned attempt, unless the home or the number has a living one; return whether it is there now."""
    done = await session.execute(
        insert_into(session, AttemptTable)
        .values(
            id=attempt, campaign_id=campaign_id, target_id=target_id, household=household, e164=e164,
            state=AttemptState.PLANNED.value, planned_at=at, worker="", outcome="", cause=0, said=[], answers={},
            gave_up_waiting=False, heard_machine=False, reached_agent=False, call_id="", why="", decided_by="",
            dialled_by="",
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def step_attempt(
    session: AsyncSession,
    attempt: AttemptId,
    state: AttemptState,
    step: Step,
    values: Mapping[str, Any] | None = None,
) -> bool:
    """Let an attempt take a step from this state, if it is still in it: compare and set. Return whether it was."""
    following = after(state, step)
    if following is None:
        return False
    done = await session.execute(
        update(AttemptTable)
        .where(AttemptTable.id == attempt, AttemptTable.state == state.value)
        .values(state=following.value, **(values or {})),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def note_on_attempt(session: AsyncSession, attempt: AttemptId, values: Mapping[str, Any]) -> None:
    """Write what else is known of an attempt; its state stays."""
    await session.execute(
        update(AttemptTable).where(AttemptTable.id == attempt).values(**values),
        execution_options={"synchronize_session": False},
    )


async def attempt_by_id(session: AsyncSession, attempt: AttemptId, *, is_locked: bool = False) -> AttemptTable | None:
    """Return an attempt as it is now."""
    return await session.get(AttemptTable, attempt, with_for_update=is_locked, populate_existing=True)


async def attempts_of_call(session: AsyncSession, call_id: str, *, is_locked: bool = False) -> Sequence[AttemptTable]:
    """Return the attempts that a call is, or took in; locked for whoever writes by what stands in them."""
    wanted = select(AttemptTable).where(or_(AttemptTable.id == call_id, AttemptTable.call_id == call_id))
    if is_locked:
        wanted = wanted.order_by(AttemptTable.id).with_for_update()
    return (await session.scalars(wanted.execution_options(populate_existing=True))).all()


async def living_attempts(session: AsyncSession) -> Sequence[AttemptTable]:
    """Return the attempts alive, over all campaigns: at most as many as there are lines, and a few."""
    found = await session.scalars(
        select(AttemptTable)
        .where(_ALIVE)  # word for word the condition of its index: with bound values SQLite reads the whole table
        .order_by(AttemptTable.planned_at, AttemptTable.id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def planned_of_campaign(session: AsyncSession, campaign_id: int) -> Sequence[AttemptTable]:
    """Return a campaign's attempts that no job has claimed."""
    found = await session.scalars(
        select(AttemptTable).where(
            AttemptTable.state == AttemptState.PLANNED.value, AttemptTable.campaign_id == campaign_id
        )
    )
    return found.all()


async def reached_lately(session: AsyncSession, campaigns: Collection[int], since: datetime) -> tuple[int, int]:
    """Return how many residents these campaigns reached, and how many of them hung up waiting for a clerk."""
    found = await session.execute(
        select(func.count(), func.sum(func.cast(AttemptTable.gave_up_waiting, Integer)))
        .where(AttemptTable.campaign_id.in_(sorted(campaigns)), AttemptTable.planned_at >= since)
        .where(AttemptTable.outcome == "human")
    )
    reached, gave_up = found.one()
    return reached or 0, gave_up or 0


async def attempts_page(
    session: AsyncSession, campaign_id: int, *, states: Collection[AttemptState] = (), limit: int = 50
) -> Sequence[AttemptTable]:
    """Return a campaign's attempts, the newest first."""
    wanted = select(AttemptTable).where(AttemptTable.campaign_id == campaign_id)
    if states:
        wanted = wanted.where(AttemptTable.state.in_([state.value for state in states]))
    found = wanted.order_by(AttemptTable.planned_at.desc(), AttemptTable.id.desc()).limit(limit)
    return (await session.scalars(found)).all()
