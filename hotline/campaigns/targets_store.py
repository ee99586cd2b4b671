"""The table of targets 名单 and its queries: homes on the lists of campaigns, and what becomes of each.

What is due next is found by one index, however long the list is. Which step may follow which stands in `target`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.campaigns.target import TargetState, TargetStep, Tries, after
from hotline.database import Base

NAME_TEXT: Final = 80
AT_ONCE: Final = 1000  # targets written in one statement


class TargetTable(Base):
    """One home on a campaign's list. `household` is its home, or its number where no home is known."""

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("campaign_id", "household", "e164"),
        Index("ix_target_due", "campaign_id", "state", "not_before", "id"),
        Index("ix_target_counted", "campaign_id", "state", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    household: Mapped[str] = mapped_column(String(40))
    home_id: Mapped[int | None]
    e164: Mapped[str] = mapped_column(String(16))
    salutation: Mapped[str] = mapped_column(String(NAME_TEXT), default="")
    language: Mapped[str] = mapped_column(String(8), default="zh")
    months: Mapped[list[Any]] = mapped_column(default=list)
    fen: Mapped[int] = mapped_column(BigInteger, default=0)
    follow_up_id: Mapped[int | None] = mapped_column(
        index=True
    )  # what this call settles: a survey, a wish, a call missed
    line: Mapped[int] = mapped_column(default=0)  # of the imported list
    state: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[Any]] = mapped_column(default=list)  # why it is suppressed, or waits
    not_before: Mapped[datetime]
    is_wish: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempts: Mapped[int] = mapped_column(default=0)  # planned so far
    rung: Mapped[int] = mapped_column(default=0)
    busy: Mapped[int] = mapped_column(default=0)
    ours: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    said: Mapped[list[Any]] = mapped_column(default=list)
    changed_at: Mapped[datetime]

    @property
    def tries(self) -> Tries:
        """How often it was tried."""
        return Tries(rung=self.rung, busy=self.busy, ours=self.ours)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """A home to be put on a list."""

    household: str
    e164: str
    home_id: int | None = None
    salutation: str = ""
    language: str = "zh"
    months: tuple[str, ...] = ()
    fen: int = 0
    follow_up_id: int | None = None
    line: int = 0


async def households_on_list(session: AsyncSession, campaign_id: int, numbers: Collection[str]) -> set[tuple[str, str]]:
    """Return which homes with these numbers are on the list already, each with its number."""
    found: set[tuple[str, str]] = set()
    wanted = sorted(numbers)
    for start in range(0, len(wanted), 500):
        rows = await session.execute(
            select(TargetTable.household, TargetTable.e164).where(
                TargetTable.campaign_id == campaign_id, TargetTable.e164.in_(wanted[start : start + 500])
            )
        )
        found.update((household, e164) for household, e164 in rows.tuples())
    return found


async def add_targets(session: AsyncSession, campaign_id: int, new: Iterable[NewTarget], *, at: datetime) -> int:
    """Put homes on a list; return how many."""
    values = [
        {
            "campaign_id": campaign_id, "household": one.household, "home_id": one.home_id, "e164": one.e164,
            "salutation": one.salutation[:NAME_TEXT], "language": one.language, "months": list(one.months),
            "fen": one.fen, "follow_up_id": one.follow_up_id, "line": one.line, "state": TargetState.WAITING.value,
            "reasons": [], "not_before": at, "is_wish": False, "attempts": 0, "rung": 0, "busy": 0, "ours": 0,
            "outcome": "", "said": [], "changed_at": at,
        }
        for one in new
    ]  # fmt: skip
    for start in range(0, len(values), AT_ONCE):
        await session.execute(insert(TargetTable), values[start : start + AT_ONCE])
    return len(values)


async def due_targets(session: AsyncSession, campaign_id: int, now: datetime, limit: int) -> Sequence[TargetTable]:
    """Return the targets whose time has come, the longest due first: a walk along one index."""
    found = await session.scalars(
        select(TargetTable)
        .where(
            TargetTable.campaign_id == campaign_id,
            TargetTable.state == TargetState.WAITING.value,
            TargetTable.not_before <= now,
        )
        .order_by(TargetTable.not_before, TargetTable.id)
        .limit(limit)
    )
    return found.all()


async def is_nobody_left(session: AsyncSession, campaign_id: int) -> bool:
    """Return whether nobody of a list waits or is being rung."""
    living = select(TargetTable.id).where(
        TargetTable.campaign_id == campaign_id,
        TargetTable.state.in_((TargetState.WAITING.value, TargetState.IN_HAND.value)),
    )
    return await session.scalar(living.limit(1)) is None


async def step_target(
    session: AsyncSession,
    target_id: int,
    state: TargetState,
    step: TargetStep,
    *,
    at: datetime,
    values: Mapping[str, Any] | None = None,
) -> bool:
    """Let a target take a step from this state, if it is still in it; return whether it was."""
    following = after(state, step)
    if following is None:
        return False
    done = await session.execute(
        update(TargetTable)
        .where(TargetTable.id == target_id, TargetTable.state == state.value)
        .values(state=following.value, changed_at=at, **(values or {})),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def target_by_id(session: AsyncSession, target_id: int) -> TargetTable | None:
    """Return one target as it is now."""
    return await session.get(TargetTable, target_id, populate_existing=True)


async def targets_page(
    session: AsyncSession,
    campaign_id: int,
    *,
    states: Collection[TargetState] = (),
    after_id: int = 0,
    limit: int = 50,
) -> Sequence[TargetTable]:
    """Return a list's targets in their order."""
    wanted = select(TargetTable).where(TargetTable.campaign_id == campaign_id, TargetTable.id > after_id)
    if states:
        wanted = wanted.where(TargetTable.state.in_(sorted(states)))
    return (await session.scalars(wanted.order_by(TargetTable.id).limit(limit))).all()


async def target_counts(session: AsyncSession, campaign_id: int) -> dict[tuple[TargetState, str], int]:
    """Return how many targets are in each state, by outcome."""
    return (await target_counts_of(session, [campaign_id]))[campaign_id]


async def target_counts_of(
    session: AsyncSession, campaign_ids: Collection[int]
) -> dict[int, dict[tuple[TargetState, str], int]]:
    """Return the same for each of these campaigns, in one query."""
    counts: dict[int, dict[tuple[TargetState, str], int]] = {campaign_id: {} for campaign_id in campaign_ids}
    found = await session.execute(
        select(TargetTable.campaign_id, TargetTable.state, TargetTable.outcome, func.count())
        .where(TargetTable.campaign_id.in_(sorted(counts)))
        .group_by(TargetTable.campaign_id, TargetTable.state, TargetTable.outcome)
    )
    for campaign_id, state, outcome, count in found.tuples():
        counts[campaign_id][TargetState(state), outcome] = count
    return counts
