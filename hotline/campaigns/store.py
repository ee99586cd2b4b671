"""Tables and queries of campaigns: each with its history. Their lists stand in `targets_store` and `lists_store`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, String, Text, false, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.campaigns.campaign import (
    Campaign,
    CampaignKind,
    CampaignState,
    CampaignStep,
    CampaignUnknown,
    after,
)
from hotline.database import Base

NAME_TEXT: Final = 80


class CampaignTable(Base):
    """One campaign."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(NAME_TEXT))
    state: Mapped[str] = mapped_column(String(20), index=True)
    words: Mapped[str] = mapped_column(Text)
    lines: Mapped[int] = mapped_column(default=0)
    by_agent: Mapped[bool] = mapped_column(default=False, server_default=false())
    made_by: Mapped[str] = mapped_column(String(NAME_TEXT))
    made_at: Mapped[datetime]
    approved_by: Mapped[str] = mapped_column(String(NAME_TEXT), default="")
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    emptied_at: Mapped[datetime | None]  # when names, numbers and amounts of its list were all removed


class CampaignStepTable(Base):
    """One step of a campaign's history; rows are added, never changed."""

    __tablename__ = "campaign_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(NAME_TEXT))
    what: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """One line of a campaign's history."""

    at: datetime
    who: str
    what: CampaignStep
    text: str


async def add_campaign(
    session: AsyncSession,
    *,
    kind: CampaignKind,
    name: str,
    words: str,
    by: str,
    at: datetime,
    lines: int = 0,
    by_agent: bool = False,
) -> Campaign:
    """Write down a new draft."""
    row = CampaignTable(
        kind=kind.value,
        name=name[:NAME_TEXT],
        state=CampaignState.DRAFT.value,
        words=words,
        lines=lines,
        by_agent=by_agent,
        made_by=by,
        made_at=at,
    )
    session.add(row)
    await session.flush()
    _note(session, row.id, CampaignStep.MADE, who=by, at=at)
    await session.flush()
    return campaign_of(row)


async def campaign_by_id(session: AsyncSession, campaign_id: int, *, is_locked: bool = False) -> Campaign:
    """Return a campaign. Raises CampaignUnknown."""
    return campaign_of(await _row(session, campaign_id, is_locked=is_locked))


async def campaigns_page(session: AsyncSession, *, before: int | None = None, limit: int = 50) -> list[Campaign]:
    """Return campaigns, the newest first."""
    wanted = select(CampaignTable).order_by(CampaignTable.id.desc()).limit(limit)
    return [
        campaign_of(row)
        for row in await session.scalars(wanted if before is None else wanted.where(CampaignTable.id < before))
    ]


async def campaigns_named(session: AsyncSession, name: str) -> list[Campaign]:
    """Return the campaigns that have, or had, this name, the oldest first."""
    found = await session.scalars(select(CampaignTable).where(CampaignTable.name == name).order_by(CampaignTable.id))
    return [campaign_of(row) for row in found]


async def running_campaigns(session: AsyncSession) -> list[Campaign]:
    """Return the campaigns that run, the oldest first."""
    found = await session.scalars(
        select(CampaignTable).where(CampaignTable.state == CampaignState.RUNNING.value).order_by(CampaignTable.id)
    )
    return [campaign_of(row) for row in found]


async def take_campaign_step(
    session: AsyncSession,
    campaign_id: int,
    step: CampaignStep,
    *,
    who: str,
    at: datetime,
    needs_approval: bool,
    text: str = "",
) -> Campaign:
    """Let one step happen and keep it in the history. Raises CampaignUnknown, CampaignStepRefused."""
    row = await _row(session, campaign_id, is_locked=True)
    state = after(CampaignState(row.state), step, needs_approval=needs_approval)
    row.state = state.value
    match step:
        case CampaignStep.APPROVED:
            row.approved_by = who
        case CampaignStep.IMPORTED:
            row.approved_by = ""
        case CampaignStep.STARTED:
            row.started_at = at
        case CampaignStep.STOPPED | CampaignStep.FINISHED:
            row.ended_at = at
        case CampaignStep.REOPENED:
            row.ended_at = None
        case _:
            pass
    _note(session, campaign_id, step, who=who, at=at, text=text)
    await session.flush()
    return campaign_of(row)


async def history_of(session: AsyncSession, campaign_id: int) -> list[StepTaken]:
    """Return what happened to a campaign, in order."""
    found = await session.scalars(
        select(CampaignStepTable).where(CampaignStepTable.campaign_id == campaign_id).order_by(CampaignStepTable.id)
    )
    return [StepTaken(at=row.at, who=row.who, what=CampaignStep(row.what), text=row.text) for row in found]


async def _row(session: AsyncSession, campaign_id: int, *, is_locked: bool = False) -> CampaignTable:
    row = await session.get(CampaignTable, campaign_id, with_for_update=is_locked, populate_existing=True)
    if row is None:
        raise CampaignUnknown(f"there is no campaign {campaign_id}")
    return row


def _note(
    session: AsyncSession, campaign_id: int, step: CampaignStep, *, who: str, at: datetime, text: str = ""
) -> None:
    session.add(CampaignStepTable(campaign_id=campaign_id, at=at, who=who[:NAME_TEXT], what=step.value, text=text))


def campaign_of(row: CampaignTable) -> Campaign:
    """Return the campaign that a row keeps."""
    return Campaign(
        id=row.id,
        kind=CampaignKind(row.kind),
        name=row.name,
        state=CampaignState(row.state),
        words=row.words,
        lines=row.lines,
        by_agent=row.by_agent,
        made_by=row.made_by,
        made_at=row.made_at,
        approved_by=row.approved_by,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
