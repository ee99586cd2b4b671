"""What was done for residents: matters handled, call-backs made by the trade's table, promises, repeats, campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.aftercare.rules import After
from hotline.aftercare.store import AftercareDrawTable
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.store import CampaignTable
from hotline.campaigns.targets_store import TargetTable
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable
from hotline.reports.fees_store import Collected, collected_fees
from hotline.reports.matter_store import ReportMatterTable
from hotline.reports.matters import TIMES, Repeat, Written, repeats
from hotline.reports.owed_store import called_in_time, was_called

MOST_CAMPAIGNS: Final = 50
MOST_REPEATS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """Matters of one kind that were raised on some days: how many, and how many of them are handled, in time or not."""

    kind: str
    raised: int
    handled: int
    in_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledBack:
    """A row of the trade's table: of those handled, over or held `wanted` percent are called back within its days.

    The head may set a share anew: `wanted` is what was in force at each draw, on average.
    """

    kind: After
    wanted: float
    handled: int
    drawn: int
    called: int
    in_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """What came of a campaign that was begun on these days; `fees` of one that reminds of fees."""

    id: int
    name: str
    kind: str
    state: str
    targets: int
    by_state: Mapping[str, int]
    by_outcome: Mapping[str, int]
    fees: Collected | None = None


async def handled_matters(session: AsyncSession, since: datetime, until: datetime) -> list[Handled]:
    """Return the matters raised from `since` to before `until`, by kind. What is cancelled was none."""
    is_done = FollowUpTable.state == FollowUpState.DONE.value
    rows = await session.execute(
        select(
            FollowUpTable.request,
            func.count(),
            func.sum(case((is_done, 1), else_=0)),
            func.sum(case((is_done & (FollowUpTable.closed_at <= FollowUpTable.due), 1), else_=0)),
        )
        .where(
            FollowUpTable.kind == FollowUpKind.MATTER.value,
            FollowUpTable.state.in_([FollowUpState.DONE.value, FollowUpState.OPEN.value]),
            FollowUpTable.since >= since,
            FollowUpTable.since < until,
        )
        .group_by(FollowUpTable.request)
        .order_by(FollowUpTable.request)
    )
    return [Handled(kind=kind, raised=n, handled=done or 0, in_time=soon or 0) for kind, n, done, soon in rows.tuples()]


async def called_back(session: AsyncSession, since: datetime, until: datetime) -> list[CalledBack]:
    """Return how the trade's table of call-backs was kept, by the day of the draw: when it was handled, or came."""
    call = aliased(FollowUpTable)
    rows = await session.execute(
        select(
            AftercareDrawTable.kind,
            func.count(),
            func.sum(AftercareDrawTable.percent),
            func.sum(case((AftercareDrawTable.is_drawn, 1), else_=0)),
            func.sum(case((was_called(call), 1), else_=0)),
            func.sum(case((called_in_time(call), 1), else_=0)),
        )
        .outerjoin(call, call.id == AftercareDrawTable.follow_up)
        .where(AftercareDrawTable.at >= since, AftercareDrawTable.at < until, AftercareDrawTable.place.is_not(None))
        .group_by(AftercareDrawTable.kind)
        .order_by(AftercareDrawTable.kind)
    )
    return [
        CalledBack(
            kind=After(kind),
            wanted=percent / handled,
            handled=handled,
            drawn=drawn,
            called=called,
            in_time=in_time,
        )
        for kind, handled, percent, drawn, called, in_time in rows.tuples()
    ]


def in_force(since: datetime, until: datetime, *more: ColumnElement[bool]) -> Select[tuple[DutyEntryTable]]:
    """Ask for the confirmed complaints and repairs of a stretch that are of a home; of corrections the newest."""
    newer = aliased(DutyEntryTable)
    return (
        select(DutyEntryTable)
        .outerjoin(newer, (newer.corrects == DutyEntryTable.number) & (newer.state == EntryState.CONFIRMED.value))
        .where(
            newer.number.is_(None),
            DutyEntryTable.state == EntryState.CONFIRMED.value,
            DutyEntryTable.kind.in_([kind.value for kind in TIMES]),
            DutyEntryTable.home != "",
            DutyEntryTable.written_at >= since,
            DutyEntryTable.written_at < until,
            *more,
        )
    )


async def repeated(session: AsyncSession, since: datetime, until: datetime) -> list[Repeat]:
    """Return the repeats among what was written on these days, the most often first, at most MOST_REPEATS."""
    matter = ReportMatterTable
    times = func.count().label("times")
    often = (
        select(matter.home, matter.kind, matter.subject, times)
        .where(matter.written_at >= since, matter.written_at < until)
        .group_by(matter.kind, matter.home, matter.subject)
        .having(or_(*(and_(matter.kind == kind.value, times >= least) for kind, least in TIMES.items())))
        .order_by(times.desc(), matter.kind, matter.home, matter.subject)
        .limit(MOST_REPEATS)
        .subquery()
    )
    rows = await session.execute(
        select(matter.number, matter.kind, matter.home, matter.subject, matter.written_at, DutyEntryTable.call_id)
        .join(
            often,
            (often.c.home == matter.home) & (often.c.kind == matter.kind) & (often.c.subject == matter.subject),
        )
        .join(DutyEntryTable, DutyEntryTable.number == matter.number)
        .where(matter.written_at >= since, matter.written_at < until)
        .order_by(matter.number)
    )
    return repeats(
        Written(entry=number, kind=Kind(kind), home=home, subject=subject, at=at, call_id=call_id or "")
        for number, kind, home, subject, at, call_id in rows.tuples()
    )


async def fee_campaigns(session: AsyncSession, since: datetime, until: datetime) -> list[int]:
    """Return the campaigns among `campaign_results` that remind of fees."""
    begun = (await session.scalars(_begun(since, until))).all()
    return [one.id for one in begun if one.kind == CampaignKind.FEE_REMINDER.value]


async def campaign_results(session: AsyncSession, since: datetime, until: datetime) -> list[CampaignResult]:
    """Return what came of the campaigns that were begun on these days, the newest first."""
    campaigns = (await session.scalars(_begun(since, until))).all()
    counts = await session.execute(
        select(TargetTable.campaign_id, TargetTable.state, TargetTable.outcome, func.count())
        .where(TargetTable.campaign_id.in_([campaign.id for campaign in campaigns]))
        .group_by(TargetTable.campaign_id, TargetTable.state, TargetTable.outcome)
    )
    reminding = [one.id for one in campaigns if one.kind == CampaignKind.FEE_REMINDER.value]
    fees = await collected_fees(session, reminding) if reminding else {}
    states: dict[int, dict[str, int]] = {}
    outcomes: dict[int, dict[str, int]] = {}
    for campaign_id, state, outcome, count in counts.tuples():
        by_state = states.setdefault(campaign_id, {})
        by_state[state] = by_state.get(state, 0) + count
        if outcome:
            by_outcome = outcomes.setdefault(campaign_id, {})
            by_outcome[outcome] = by_outcome.get(outcome, 0) + count
    return [
        CampaignResult(
            id=one.id,
            name=one.name,
            kind=one.kind,
            state=one.state,
            targets=sum(states.get(one.id, {}).values()),
            by_state=states.get(one.id, {}),
            by_outcome=outcomes.get(one.id, {}),
            fees=fees.get(one.id),
        )
        for one in campaigns
    ]


def _begun(since: datetime, until: datetime) -> Select[tuple[CampaignTable]]:
    return (
        select(CampaignTable)
        .where(CampaignTable.started_at >= since, CampaignTable.started_at < until)
        .order_by(CampaignTable.id.desc())
        .limit(MOST_CAMPAIGNS)
    )
