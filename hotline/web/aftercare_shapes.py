"""What goes in and out of the page of call-backs: the trade's table, this quarter, the head's share."""

from datetime import date, datetime, tzinfo
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.aftercare.occasions import MOST_BUILDINGS, Outreach, OutreachSort
from hotline.aftercare.outreach_store import TITLE_TEXT, OutreachCount
from hotline.aftercare.rules import After, Rule
from hotline.aftercare.share import ShareInForce
from hotline.reports.service_counts import CalledBack
from hotline.reports.tally import share
from hotline.web.shapes import LARGEST_NUMBER, Day, Inlet, Line, Shape

Title = Annotated[str, Line, StringConstraints(min_length=1, max_length=TITLE_TEXT)]
Why = Annotated[str, Line, StringConstraints(min_length=2, max_length=200)]


class TableRowOut(Shape):
    """A row of the trade's table, in force now, and how its sample of the quarter stands. `share` is null: no data."""

    after: After
    percent: int
    from_days: int
    within_days: int
    is_set_by_head: bool
    sampled: int
    drawn: int
    called: int
    in_time: int
    share: float | None


class ShareOut(Shape):
    """The head's share of what the table does not name; `by`, `at`, `reason`: who set it last, or went back."""

    percent: int
    in_file: int
    is_from_page: bool
    by: str
    at: datetime | None
    reason: str
    version: int = Field(description="send it back with a change")


class OutreachOut(Shape):
    """A newsletter or event and what came of it; no `buildings`: the whole centre.

    `homes` have had their draw so far, `sampled` of them can be called; `is_finished` once every home had its draw.
    """

    id: int
    sort: OutreachSort
    title: str
    day: date
    buildings: tuple[int, ...]
    by: str
    at: datetime
    homes: int
    is_finished: bool
    sampled: int
    drawn: int
    called: int
    in_time: int


class AftercareOut(Shape):
    """After what residents are called, this quarter's samples, the head's share, and what went out last."""

    first: date
    last: date
    today: date
    rows: tuple[TableRowOut, ...]
    share: ShareOut
    outreaches: tuple[OutreachOut, ...]


class OutreachIn(Inlet):
    """A newsletter that went out or an event that was held within a week: in `buildings`, or `is_whole`: everywhere."""

    sort: OutreachSort
    title: Title
    day: Day
    buildings: Annotated[
        tuple[Annotated[int, Field(ge=1, le=LARGEST_NUMBER)], ...], Field(max_length=MOST_BUILDINGS)
    ] = ()
    is_whole: bool = False


class ShareIn(Inlet):
    """Another share in percent (null: that of the settings file), as seen in which version, and why."""

    percent: Annotated[int, Field(ge=0, le=100)] | None
    version: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
    reason: Why


def table_row_out(after: After, rule: Rule, found: CalledBack | None, *, is_set_by_head: bool) -> TableRowOut:
    """Return a row with its sample; nothing was drawn of it where nothing is found."""
    return TableRowOut(
        after=after,
        percent=rule.percent,
        from_days=rule.not_before.days,
        within_days=rule.within.days,
        is_set_by_head=is_set_by_head,
        sampled=found.handled if found else 0,
        drawn=found.drawn if found else 0,
        called=found.called if found else 0,
        in_time=found.in_time if found else 0,
        share=share(found.in_time, found.drawn) if found else None,
    )


def share_out(one: ShareInForce, zone: tzinfo) -> ShareOut:
    """Return the share as it goes out."""
    said = one.said
    return ShareOut(
        percent=one.percent,
        in_file=one.in_file,
        is_from_page=one.is_from_page,
        by=said.by if said else "",
        at=said.at.astimezone(zone) if said else None,
        reason=said.reason if said else "",
        version=one.version,
    )


def outreach_out(one: Outreach, count: OutreachCount, zone: tzinfo) -> OutreachOut:
    """Return a newsletter or event as it goes out."""
    return OutreachOut(
        id=one.id,
        sort=one.sort,
        title=one.title,
        day=one.day,
        buildings=one.buildings,
        by=one.by,
        at=one.at.astimezone(zone),
        homes=one.homes,
        is_finished=one.finished_at is not None,
        sampled=count.sampled,
        drawn=count.drawn,
        called=count.called,
        in_time=count.in_time,
    )
