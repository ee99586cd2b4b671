"""Put what the quality room knows into the shapes of its pages: names for accounts, tenths as points of a hundred."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.store import accounts
from hotline.quality.calibration import FORMULA, differences, spread
from hotline.quality.calibration_store import Calibration, calibrations, calls_to_score_blind
from hotline.quality.review import Review, ReviewState, Viewer, steps_open
from hotline.quality.review_store import comments_of, own_in_calibrations, reviews_of_calls, reviews_page
from hotline.quality.sampling import Plan
from hotline.quality.service import Sample
from hotline.quality.sheet import Sheet
from hotline.quality.sound import Sound
from hotline.quality.store import sheet_of
from hotline.sheets.row_files import Cell
from hotline.web import quality_shapes as shapes
from hotline.web.errors import InputRefused
from hotline.web.identity import HEADS
from hotline.web.rooms import WebRooms
from hotline.web.store import account_names, agent_names

LONGEST_DAYS = 1100  # three years: records of training are kept so long
AT_ONCE = 500
HEADINGS = (
    "编号", "来电时间", "通话", "坐席", "姓名", "评分人", "状态", "总分", "改前总分", "评分表版本", "各项得分", "评语",
    "录音批注", "坐席申诉", "答复", "评定时间", "已阅时间",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom something is told: who looks, in which zone, and what phones and accounts are called on screens."""

    viewer: Viewer
    zone: tzinfo
    agents: Mapping[str, str]
    accounts: Mapping[str, str]

    @classmethod
    async def of(cls, session: AsyncSession, viewer: Viewer, zone: tzinfo) -> "Reader":
        """Read the names."""
        names = await account_names(session)
        return cls(viewer=viewer, zone=zone, agents=await agent_names(session), accounts=names)


def days_of(rooms: WebRooms, first: date | None, last: date | None) -> tuple[date, date, datetime, datetime]:
    """Return the days asked for (the last thirty without any) and their moments. Raises InputRefused."""
    last = last or max(first or rooms.midnight().date(), rooms.midnight().date())
    first = first or last - timedelta(days=29)
    if not 0 <= (last - first).days < LONGEST_DAYS:
        raise InputRefused("'to' must not lie before 'from', nor more than three years after it", fields={"to": "day"})
    since = datetime.combine(first, time(), rooms.zone)
    return first, last, since, datetime.combine(last + timedelta(days=1), time(), rooms.zone)


def sheet_out(sheet: Sheet, to: Reader) -> shapes.SheetOut:
    """Return a sheet as it goes out."""
    return shapes.SheetOut(
        version=sheet.version,
        items=tuple(shapes.ItemOut(key=i.key, name=i.name, weight=i.weight, hint=i.hint) for i in sheet.items),
        by=to.accounts.get(sheet.by, sheet.by),
        at=sheet.at.astimezone(to.zone) if sheet.at else None,
    )


def plan_out(version: int, plan: Plan) -> shapes.PlanOut:
    """Return a plan as it goes out."""
    return shapes.PlanOut(
        version=version,
        shares=tuple(shapes.ShareOut(by=one.by, value=one.value, percent=one.percent) for one in plan.shares),
        long_over_minutes=plan.long_over // timedelta(minutes=1),
    )


def review_line(review: Review, to: Reader, *, is_hidden: bool) -> shapes.ReviewLine:
    """Return a review as a line; of one that may not be read it says who is at it, and not what they think."""
    return shapes.ReviewLine(**_line(review, to, is_hidden=is_hidden))


async def whole_review(session: AsyncSession, review: Review, to: Reader) -> shapes.WholeReview:
    """Return a whole review for somebody who may read it."""

    def there(at: datetime | None) -> datetime | None:
        return at.astimezone(to.zone) if at else None

    return shapes.WholeReview(
        **_line(review, to, is_hidden=False),
        calibration=review.calibration,
        sheet=sheet_out(await sheet_of(session, review.sheet), to),
        points=dict(review.points),
        remark=review.remark,
        revision=review.revision,
        comments=tuple(shapes.CommentOut(id=one.id, second=one.second, text=one.text) for one in review.comments),
        began_at=review.began_at.astimezone(to.zone),
        given_at=there(review.given_at),
        seen_at=there(review.seen_at),
        objection=review.objection,
        objected_at=there(review.objected_at),
        answer=review.answer,
        answered_name=to.accounts.get(review.answered_by, review.answered_by),
        answered_at=there(review.answered_at),
        score_before=_points(review.score_before),
        may=steps_open(to.viewer, review),
    )


async def sample_out(session: AsyncSession, sample: Sample, to: Reader) -> shapes.SampleOut:
    """Return a week's sample with how far it has been reviewed."""
    drawn = sample.drawn
    blind = await calls_to_score_blind(session, to.viewer.name)
    of_call: dict[str, list[Review]] = {}
    for review in await reviews_of_calls(session, list(drawn)):
        of_call.setdefault(review.call_id, []).append(review)
    calls = []
    for call_id, why in drawn.items():
        case = sample.cases[call_id]
        lines = tuple(review_line(one, to, is_hidden=call_id in blind) for one in of_call.get(call_id, ()))
        calls.append(
            shapes.SampledCall(
                call_id=call_id,
                rang_at=case.rang_at.astimezone(to.zone),
                agent=case.agent,
                agent_name=to.agents.get(case.agent, ""),
                kind=case.kind,
                outcome=case.outcome,
                talk_seconds=case.talked.total_seconds(),
                satisfaction=case.satisfaction,
                sound=case.sound,
                why=why,
                reviews=lines,
            )
        )
    done = sum(any(one.state is not ReviewState.DRAFT for one in of_call.get(call_id, ())) for call_id in drawn)
    strata: dict[str, list[int]] = {}
    for place in sample.places:
        counted = strata.setdefault(place.stratum, [place.percent, 0, 0])
        counted[1] += 1
        counted[2] += place.is_drawn
    return shapes.SampleOut(
        week=sample.week,
        last=sample.week + timedelta(days=6),
        seed=sample.seed,
        calls=tuple(calls),
        done=done,
        could=sum(case.sound is Sound.WHOLE for case in sample.cases.values()),
        strata=tuple(
            shapes.StratumOut(stratum=name, percent=percent, calls=count, drawn=hit)
            for name, (percent, count, hit) in strata.items()
        ),
    )


async def calibrations_out(
    session: AsyncSession, since: datetime, until: datetime, to: Reader
) -> shapes.CalibrationsOut:
    """Return the calibrations of some days; what two people gave is shown when both have."""
    found = await calibrations(session, since, until)
    whole = [(one.given[0], one.given[1]) for one in found if one.is_whole]
    apart = spread(whole)
    mine = await own_in_calibrations(session, to.viewer.name, [one.id for one in found])
    shown = []
    for one in found:
        sheet = await sheet_of(session, one.sheet) if one.is_whole else None
        shown.append(_calibration(one, sheet, to, mine.get(one.id, 0)))
    heads = [account for account in await accounts(session) if account.role in HEADS]
    return shapes.CalibrationsOut(
        calibrations=tuple(shown),
        calls=apart.calls,
        mean_apart=None if apart.mean_tenths is None else round(apart.mean_tenths / 10, 1),
        largest_apart=_points(apart.largest_tenths),
        items_apart={key: round(mean, 1) for key, mean in apart.by_item.items()},
        formula=FORMULA,
        people=tuple(shapes.PersonOut(name=one.name, shown=one.display_name or one.name) for one in heads),
    )


async def export_rows(session: AsyncSession, since: datetime, until: datetime, to: Reader) -> list[tuple[Cell, ...]]:
    """Return the reviews of calls of some days as rows of a file, oldest first; no drafts, nothing of a resident."""
    blind = await calls_to_score_blind(session, to.viewer.name)
    rows: list[tuple[Cell, ...]] = []
    before: int | None = None
    sheets: dict[int, Sheet] = {}
    while True:
        page = await reviews_page(
            session, seen_by=to.viewer.name, is_head=True, since=since, until=until, before=before, limit=AT_ONCE
        )
        comments = await comments_of(session, [one.id for one in page])
        for one in page:
            if one.state is ReviewState.DRAFT or one.call_id in blind:
                continue
            sheet = sheets.setdefault(one.sheet, await sheet_of(session, one.sheet))
            said = "；".join(f"{_clock(note.second)} {note.text}" for note in comments.get(one.id, ()))
            rows.append(_row(one, sheet, said, to))
        if len(page) < AT_ONCE:
            return rows[::-1]
        before = page[-1].id


def _row(one: Review, sheet: Sheet, said: str, to: Reader) -> tuple[Cell, ...]:
    def there(at: datetime | None) -> str:
        return at.astimezone(to.zone).strftime("%Y-%m-%d %H:%M:%S") if at else ""

    given = "；".join(
        f"{item.name} {'不适用' if one.points.get(item.key) is None else one.points[item.key]}/{item.weight}"
        for item in sheet.items
    )
    return (
        one.id, there(one.called_at), one.call_id, one.agent, to.accounts.get(one.account, one.account),
        to.accounts.get(one.reviewer, one.reviewer), one.state.value, _points(one.score_tenths),
        _points(one.score_before), one.sheet, given, one.remark, said, one.objection, one.answer, there(one.given_at),
        there(one.seen_at),
    )  # fmt: skip


def _calibration(one: Calibration, sheet: Sheet | None, to: Reader, mine: int) -> shapes.CalibrationOut:
    gave = {scored.reviewer for scored in one.given}
    said = {item.key: item.name for item in sheet.items} if sheet else {}
    return shapes.CalibrationOut(
        id=one.id,
        call_id=one.call_id,
        called_at=one.called_at.astimezone(to.zone),
        agent=one.agent,
        agent_name=to.agents.get(one.agent, ""),
        people=one.people,
        names=(to.accounts.get(one.people[0], one.people[0]), to.accounts.get(one.people[1], one.people[1])),
        given=(one.people[0] in gave, one.people[1] in gave),
        is_mine_to_score=to.viewer.name in one.people and to.viewer.name not in gave,
        mine=mine,
        scores=(one.given[0].score_tenths / 10, one.given[1].score_tenths / 10) if one.is_whole else None,
        differences=tuple(
            shapes.DifferenceOut(
                key=each.key, name=said.get(each.key, each.key), first=each.first, second=each.second, apart=each.apart
            )
            for each in (differences(*one.given) if one.is_whole else ())
        ),
    )


def _line(review: Review, to: Reader, *, is_hidden: bool) -> dict[str, object]:
    is_mine = review.reviewer == to.viewer.name
    is_shown = is_mine or (review.state is not ReviewState.DRAFT and not is_hidden)
    return {
        "id": review.id,
        "call_id": review.call_id,
        "called_at": review.called_at.astimezone(to.zone),
        "agent": review.agent,
        "agent_name": to.accounts.get(review.account) or to.agents.get(review.agent, ""),
        "reviewer": review.reviewer,
        "reviewer_name": to.accounts.get(review.reviewer, review.reviewer),
        "state": review.state,
        "score": _points(review.score_tenths) if is_shown else None,
        "is_mine": is_mine,
    }


def _points(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10


def _clock(second: float) -> str:
    whole = int(second)
    return f"{whole // 60}:{whole % 60:02d}"
