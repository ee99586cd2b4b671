"""Read reports: the sums and what stands in the other rooms' tables, as shapes. Nothing is written here."""

from datetime import date
from typing import Final

from hotline.aftercare.rules import After
from hotline.followups.compliance_store import Compliance
from hotline.followups.follow_up import FollowUpKind
from hotline.reports.figures import AgentWork, AnswerTimes
from hotline.reports.ranges import Days
from hotline.reports.reading_store import count_running
from hotline.reports.rebuilding_store import are_facts_built, is_built
from hotline.reports.service_counts import (
    ANSWERED,
    CALLED_BACK,
    HANDLED,
    OWED,
    Answered,
    CalledBack,
    Handled,
    rows_of,
)
from hotline.reports.service_store import CampaignResult, campaign_results, repeated
from hotline.reports.service_sums_store import read_service
from hotline.reports.sums_store import read_days, read_sums
from hotline.reports.tally import Tally, bars, share
from hotline.reports.work_store import add_work_that_goes_on
from hotline.web import report_shapes as shapes
from hotline.web.rooms import WebRooms
from hotline.web.store import agent_names

SERVICE_FIGURES: Final = (
    "complaints", "satisfaction", "promises", "called-back", "repeats", "collection", "hot-spots", "kind", "building",
)  # fmt: skip
AGENT_FIGURES: Final = (
    "missed", "talk", "desk-time", "occupancy", "marks", "drafts", "human-time", "percentiles",
)  # fmt: skip
HOT_SPOTS: Final = 30
REPEATS: Final = 100
CALL_FIGURES: Final = (
    "offered", "answered", "within-three-rings", "service-level", "connected", "abandoned", "short", "answer-time",
    "human-time", "percentiles", "late", "cause", "kind", "building",
)  # fmt: skip


def days_of(rooms: WebRooms, first: date | None, last: date | None) -> Days:
    """Return the days asked for; without them this month up to today. Raises RangeRefused."""
    today = rooms.midnight().date()
    last = last or max(first or today, today)
    return Days.between(first or last.replace(day=1), last)


async def read_calls_report(rooms: WebRooms, days: Days, by: shapes.By) -> shapes.CallsReport:
    """Return how soon callers were answered on these days."""
    since, until = days.moments(rooms.zone)
    async with rooms.database.read() as session:
        dimensions = ["all", "week-hour", *([by] if by != "day" else [])]
        counted: dict[date, Tally] = {}
        sums = await read_sums(session, days, dimensions, rooms.zone, counted=counted)
        by_day = await read_days(session, days, counted)
        running = await count_running(session, since, until)
        is_whole = await are_facts_built(session, str(rooms.zone))
        names = await agent_names(session) if by == "agent" else {}
    total = sums["all"].get("", Tally())
    every_day = tuple(_row(day.isoformat(), tally) for day, tally in by_day.items())
    rows = every_day if by == "day" else _rows(sums[by], names)
    return shapes.CallsReport(
        first=days.first,
        last=days.last,
        since=since,
        until=until,
        running=running,
        is_whole=is_whole,
        total=shapes.TimesOut.of(AnswerTimes.of(total)),
        by=by,
        rows=rows,
        distribution=tuple(shapes.BarOut(above=low, up_to=high, calls=calls) for low, high, calls in bars(total.human)),
        heat=tuple(_cell(value, tally) for value, tally in sorted(sums["week-hour"].items())),
        days=every_day,
        causes=_counts(total, "cause"),
        late=_counts(total, "late"),
        outcomes=_counts(total, "outcome"),
        kinds=_counts(total, "kind"),
        definitions=shapes.definitions(*CALL_FIGURES),
    )


async def read_agents_report(rooms: WebRooms, days: Days) -> shapes.AgentsReport:
    """Return what the agents did on these days; time that goes on counts up to now."""
    async with rooms.database.read() as session:
        sums = await read_sums(session, days, ["work", "agent"], rooms.zone)
        await add_work_that_goes_on(session, sums["work"], days, rooms.zone, rooms.clock.now())
        names = await agent_names(session)
    return shapes.AgentsReport(
        first=days.first,
        last=days.last,
        agents=tuple(
            shapes.AgentOut.of(
                agent,
                names.get(agent, ""),
                AgentWork.of(tally),
                AnswerTimes.of(sums["agent"].get(agent, Tally())),
            )
            for agent, tally in sorted(sums["work"].items())
            if agent
        ),
        definitions=shapes.definitions(*AGENT_FIGURES),
    )


async def read_service_report(rooms: WebRooms, days: Days) -> shapes.ServiceReport:
    """Return what was done for residents on these days."""
    since, until = days.moments(rooms.zone)
    now = rooms.clock.now()
    async with rooms.database.read() as session:
        sums = await read_sums(session, days, ["all", "building"], rooms.zone)
        counts = await read_service(session, days, rooms.zone, now)
        again = await repeated(session, since, until)
        campaigns = await campaign_results(session, since, until)
        is_whole = await is_built(session, str(rooms.zone))
    handled = rows_of(counts, HANDLED, Handled)
    owed = rows_of(counts, OWED, Compliance, FollowUpKind)
    by_kind = {one.kind: one for one in handled}
    answered = next(iter(rows_of(counts, ANSWERED, Answered)), Answered(asked=0, satisfied=0))
    spots = _hot_spots(sums["building"])
    return shapes.ServiceReport(
        first=days.first,
        last=days.last,
        is_whole=is_whole,
        kinds=_counts(sums["all"].get("", Tally()), "kind"),
        complaints=_handled(by_kind.get("complaint", Handled(kind="complaint", raised=0, handled=0, in_time=0))),
        handled=tuple(_handled(one) for one in handled),
        asked=answered.asked,
        satisfied=answered.satisfied,
        satisfied_share=share(answered.satisfied, answered.asked),
        promises=_owed(
            next(
                (one for one in owed if one.kind is FollowUpKind.MATTER),
                Compliance(kind=FollowUpKind.MATTER, in_time=0, late=0, overdue=0),
            )
        ),
        owed=tuple(_owed(one) for one in owed),
        called_back=tuple(
            shapes.CalledBackOut(
                kind=one.kind.value,
                wanted=round(one.wanted / 100, 4),
                handled=one.handled,
                drawn=one.drawn,
                called=one.called,
                in_time=one.in_time,
                failed=one.drawn - one.in_time,
                share=share(one.in_time, one.drawn),
            )
            for one in rows_of(counts, CALLED_BACK, CalledBack, After)
        ),
        hot_spots=spots[:HOT_SPOTS],
        more_hot_spots=len(spots) > HOT_SPOTS,
        repeats=tuple(
            shapes.RepeatOut(
                kind=one.kind.value,
                home=one.home,
                subject=one.subject,
                times=len(one.entries),
                entries=tuple(entry.entry for entry in one.entries),
                calls=tuple(entry.call_id for entry in one.entries),
            )
            for one in again[:REPEATS]
        ),
        campaigns=tuple(map(_campaign, campaigns)),
        collected_share=share(
            sum(one.fees.came_in for one in campaigns if one.fees),
            sum(one.fees.reminded for one in campaigns if one.fees),
        ),
        definitions=shapes.definitions(*SERVICE_FIGURES),
    )


def _rows(sums: dict[str, Tally], names: dict[str, str]) -> tuple[shapes.RowOut, ...]:
    ordered = sorted(sums, key=lambda value: (value == "", int(value) if value.isdecimal() else 0, value))
    return tuple(_row(value, sums[value], names.get(value, "")) for value in ordered)


def _row(value: str, tally: Tally, label: str = "") -> shapes.RowOut:
    return shapes.RowOut(value=value, label=label, times=shapes.TimesOut.of(AnswerTimes.of(tally)))


def _cell(value: str, tally: Tally) -> shapes.CellOut:
    weekday, _, hour = value.partition("-")
    times = AnswerTimes.of(tally)
    return shapes.CellOut(
        weekday=int(weekday),
        hour=int(hour),
        offered=times.offered,
        three_rings_share=times.three_rings_share,
        service_level=times.service_level,
    )


def _counts(tally: Tally, kind: str) -> tuple[shapes.CountOut, ...]:
    """Return the counts of one sort, the most first."""
    found = [(name.partition(":")[2], n) for name, n in tally.counts.items() if name.startswith(f"{kind}:") and n]
    return tuple(shapes.CountOut(name=name, calls=n) for name, n in sorted(found, key=lambda one: (-one[1], one[0])))


def _handled(one: Handled) -> shapes.HandledOut:
    return shapes.HandledOut(
        kind=one.kind,
        raised=one.raised,
        handled=one.handled,
        in_time=one.in_time,
        share=share(one.handled, one.raised),
    )


def _campaign(one: CampaignResult) -> shapes.CampaignResultOut:
    fees = one.fees
    return shapes.CampaignResultOut(
        id=one.id,
        name=one.name,
        kind=one.kind,
        state=one.state,
        targets=one.targets,
        by_state=dict(one.by_state),
        by_outcome=dict(one.by_outcome),
        reminded_fen=fees.reminded if fees else None,
        collected_fen=fees.came_in if fees else None,
        collected_share=share(fees.came_in, fees.reminded) if fees else None,
    )


def _owed(one: Compliance) -> shapes.OwedOut:
    return shapes.OwedOut(kind=one.kind.value, in_time=one.in_time, late=one.late, overdue=one.overdue, share=one.share)


def _hot_spots(buildings: dict[str, Tally]) -> tuple[shapes.HotSpotOut, ...]:
    spots = [
        shapes.HotSpotOut(
            building=building,
            repairs=tally.counts["kind:repair"],
            complaints=tally.counts["kind:complaint"],
            calls=tally.counts["offered"],
        )
        for building, tally in buildings.items()
        if building
    ]
    worst_first = sorted(spots, key=lambda spot: (-(spot.repairs + spot.complaints), -spot.calls, spot.building))
    return tuple(worst_first)
