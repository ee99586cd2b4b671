"""The table of homes handed to agents: one home to one agent, one agent one home; what became of each stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, Text, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.campaigns.campaign import CampaignState
from hotline.campaigns.handed import HandedState
from hotline.campaigns.store import CampaignTable
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import TargetTable
from hotline.database import Base, insert_into

MOST_COUNTED: Final = 1000
_HELD = text("state = 'handed'")


class HandedTable(Base):
    """Somebody had this home before them; `reason` is why it was skipped, in their words."""

    __tablename__ = "handed_target"
    __table_args__ = (
        Index("uq_handed_target_held_target", "target_id", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        Index("uq_handed_target_held_by", "by", unique=True, sqlite_where=_HELD, postgresql_where=_HELD),
        Index("ix_handed_target_campaign_id_id", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), index=True)
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    extension: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    attempt_id: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")


async def hand(session: AsyncSession, target: TargetTable, *, by: str, extension: str, at: datetime) -> bool:
    """Give an agent a home to look at; return whether it is theirs: somebody else may have been quicker."""
    done = await session.execute(
        insert_into(session, HandedTable)
        .values(
            campaign_id=target.campaign_id, target_id=target.id, by=by[:INDEX_TEXT], extension=extension, at=at,
            state=HandedState.HANDED.value, reason="", attempt_id="",
        )
        .on_conflict_do_nothing()
    )  # fmt: skip
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def held_by(session: AsyncSession, by: str, *, since: datetime) -> HandedTable | None:
    """Return what this agent looks at, if they were handed it since then."""
    found: HandedTable | None = await session.scalar(
        select(HandedTable)
        .where(HandedTable.by == by[:INDEX_TEXT], HandedTable.state == HandedState.HANDED.value)
        .where(HandedTable.at >= since)
        .execution_options(populate_existing=True)
    )
    return found


async def handed_by_id(session: AsyncSession, handed: int, *, is_locked: bool = False) -> HandedTable | None:
    """Return one row as it is now."""
    return await session.get(HandedTable, handed, with_for_update=is_locked, populate_existing=True)


async def end_handed(
    session: AsyncSession, handed: int, state: HandedState, *, at: datetime, reason: str = "", attempt_id: str = ""
) -> bool:
    """Write what became of it, once; return whether an agent still looked at it."""
    done = await session.execute(
        update(HandedTable)
        .where(HandedTable.id == handed, HandedTable.state == HandedState.HANDED.value)
        .values(state=state.value, ended_at=at, reason=reason, attempt_id=attempt_id),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def end_old(session: AsyncSession, before: datetime, *, at: datetime) -> None:
    """Let others have what was handed so long ago."""
    await session.execute(
        update(HandedTable)
        .where(HandedTable.state == HandedState.HANDED.value, HandedTable.at < before)
        .values(state=HandedState.PUT_BACK.value, ended_at=at),
        execution_options={"synchronize_session": False},
    )


async def due_for_agents(session: AsyncSession, campaign_id: int, now: datetime, limit: int) -> Sequence[TargetTable]:
    """Return the targets whose time has come and at which nobody looks, the longest due first."""
    found = await session.scalars(
        select(TargetTable)
        .where(
            TargetTable.campaign_id == campaign_id,
            TargetTable.state == TargetState.WAITING.value,
            TargetTable.not_before <= now,
            ~exists().where(HandedTable.target_id == TargetTable.id, HandedTable.state == HandedState.HANDED.value),
        )
        .order_by(TargetTable.not_before, TargetTable.id)
        .limit(limit)
    )
    return found.all()


async def waiting_for_agents(session: AsyncSession, now: datetime) -> tuple[int, int]:
    """Return how many campaigns that agents dial run, and how many homes of them are due: a thousand at most.

    Every agent's page asks: what it costs must not grow with the list.
    """
    running = select(CampaignTable.id).where(
        CampaignTable.state == CampaignState.RUNNING.value, CampaignTable.by_agent.is_(True)
    )
    campaigns = (await session.scalars(running)).all()
    if not campaigns:
        return 0, 0
    due = select(TargetTable.id).where(
        TargetTable.campaign_id.in_(campaigns),
        TargetTable.state == TargetState.WAITING.value,
        TargetTable.not_before <= now,
    )
    waiting = await session.scalar(select(func.count()).select_from(due.limit(MOST_COUNTED).subquery()))
    return len(campaigns), waiting or 0
