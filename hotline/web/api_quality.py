"""The API of quality: this week's sample, the score sheet, reviews, calibrations, figures and files.

Supervisors see everybody's reviews (drafts only their own); an agent is given the reviews about themselves and nothing
else, whatever is asked for.
"""

import asyncio
from datetime import timedelta
from typing import Final

from aiohttp import web

from hotline.quality.review import Review, ReviewUnknown, Viewer
from hotline.quality.review_store import count_unseen, quality_by_agent, reviews_page
from hotline.quality.sampling import Plan, Share
from hotline.quality.sheet import Item
from hotline.quality.store import newest_plan, newest_sheet
from hotline.sheets.row_files import rows_as_csv, rows_as_xlsx
from hotline.web import quality_shapes as shapes
from hotline.web.answers import as_json
from hotline.web.errors import RoleMayNot
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.quality_reading import (
    HEADINGS,
    Reader,
    calibrations_out,
    days_of,
    export_rows,
    plan_out,
    review_line,
    sample_out,
    sheet_out,
    whole_review,
)
from hotline.web.render import page
from hotline.web.routes import Route
from hotline.web.store import Access, log_access

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show_quality(request: web.Request) -> web.StreamResponse:
    """Give the page: of a supervisor the sample and the score sheet, of an agent their own reviews."""
    today = request.app[ROOMS].midnight().date().isoformat()
    return page(request, "quality.html", today=today)


async def show_sample(request: web.Request) -> web.StreamResponse:
    """Answer with a week's sample; what is new of its calls is drawn now."""
    rooms, query = request.app[ROOMS], query_of(request, shapes.WeekQuery)
    sample = await rooms.quality.sample(query.week or rooms.midnight().date())
    async with rooms.database.read() as session:
        reader = await Reader.of(session, _viewer(request), rooms.zone)
        return as_json(await sample_out(session, sample, reader))


async def show_rules(request: web.Request) -> web.StreamResponse:
    """Answer with the score sheet and the plan in force."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        reader = await Reader.of(session, _viewer(request), rooms.zone)
        sheet, plan = await newest_sheet(session), await newest_plan(session)
    return as_json(shapes.RulesOut(sheet=sheet_out(sheet, reader), plan=plan_out(*plan)))


async def change_sheet(request: web.Request) -> web.StreamResponse:
    """Put a new version of the sheet in force. Raises SheetRefused, SheetChanged."""
    rooms, wanted = request.app[ROOMS], await body_of(request, shapes.SheetIn)
    items = tuple(Item(one.key, one.name, one.weight, one.hint) for one in wanted.items)
    await rooms.quality.change_sheet(items, based_on=wanted.based_on, by=request[IDENTITY].name)
    return await show_rules(request)


async def change_plan(request: web.Request) -> web.StreamResponse:
    """Draw by another plan, from the next week that is begun. Raises PlanRefused, SheetChanged."""
    rooms, wanted = request.app[ROOMS], await body_of(request, shapes.PlanIn)
    plan = Plan(
        tuple(Share(one.by, one.percent, one.value) for one in wanted.shares),
        timedelta(minutes=wanted.long_over_minutes),
    )
    await rooms.quality.change_plan(plan, based_on=wanted.based_on, by=request[IDENTITY].name)
    return await show_rules(request)


async def list_reviews(request: web.Request) -> web.StreamResponse:
    """Answer with reviews: a supervisor's all, an agent's those about themselves."""
    rooms, query, viewer = request.app[ROOMS], query_of(request, shapes.ReviewsQuery), _viewer(request)
    _, _, since, until = days_of(rooms, query.first, query.last)
    async with rooms.database.read() as session:
        reader = await Reader.of(session, viewer, rooms.zone)
        found = await reviews_page(
            session,
            seen_by=viewer.name,
            is_head=viewer.is_head,
            since=since if query.first or query.last else None,
            until=until if query.first or query.last else None,
            agent=query.agent or "",
            state=query.state.value if query.state else "",
            before=query.cursor,
            limit=query.limit + 1,
        )
        shown = found[: query.limit]
        lines = tuple(
            [review_line(one, reader, is_hidden=await rooms.quality.is_blind(session, viewer, one)) for one in shown]
        )
        unseen = await count_unseen(session, viewer.name)
    cursor = str(shown[-1].id) if len(found) > query.limit else None
    return as_json(shapes.ReviewPage(reviews=lines, next_cursor=cursor, unseen=unseen))


async def show_review(request: web.Request) -> web.StreamResponse:
    """Answer with one review. Raises ReviewUnknown, also where it is not for the eyes of whoever asks."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        review = await rooms.quality.read(session, _viewer(request), _number(request))
    return await _told(request, review)


async def begin_review(request: web.Request) -> web.StreamResponse:
    """Begin a review. Raises CallNotReviewed, ReviewTaken, ReviewNotYours."""
    rooms, wanted = request.app[ROOMS], await body_of(request, shapes.BeginIn)
    begun = await rooms.quality.begin(_person(request), wanted.call_id, wanted.agent, calibration=wanted.calibration)
    return await _told(request, begun, status=201)


async def write_review(request: web.Request) -> web.StreamResponse:
    """Write what a draft says. Raises ReviewUnknown, ReviewNotYours, ReviewChanged, PointsRefused."""
    wanted = await body_of(request, shapes.WriteIn)
    quality, viewer, number = request.app[ROOMS].quality, _person(request), _number(request)
    return await _told(
        request, await quality.write(viewer, number, wanted.points, wanted.remark, revision=wanted.revision)
    )


async def discard_review(request: web.Request) -> web.StreamResponse:
    """Throw a draft of one's own away. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    await request.app[ROOMS].quality.discard(_person(request), _number(request))
    return as_json(shapes.DoneOut())


async def write_comment(request: web.Request) -> web.StreamResponse:
    """Comment on a second of the recording. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    wanted = await body_of(request, shapes.CommentIn)
    quality, viewer, number = request.app[ROOMS].quality, _person(request), _number(request)
    return await _told(request, await quality.comment(viewer, number, wanted.second, wanted.text))


async def remove_comment(request: web.Request) -> web.StreamResponse:
    """Take a comment out of a draft. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    quality, comment = request.app[ROOMS].quality, number_of_path(request, "comment")
    return await _told(request, await quality.uncomment(_person(request), _number(request), comment))


async def give_review(request: web.Request) -> web.StreamResponse:
    """Give a review to its agent. Raises ReviewUnknown, ReviewNotYours, ReviewIncomplete, ReviewStepRefused."""
    return await _told(request, await request.app[ROOMS].quality.give(_person(request), _number(request)))


async def mark_seen(request: web.Request) -> web.StreamResponse:
    """Say: I have seen it. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    return await _told(request, await request.app[ROOMS].quality.see(_person(request), _number(request)))


async def write_objection(request: web.Request) -> web.StreamResponse:
    """Object to a review of one's own call. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    wanted = await body_of(request, shapes.ObjectionIn)
    quality, viewer = request.app[ROOMS].quality, _person(request)
    return await _told(request, await quality.object_to(viewer, _number(request), wanted.text))


async def answer_objection(request: web.Request) -> web.StreamResponse:
    """Answer an objection. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused, PointsRefused."""
    wanted = await body_of(request, shapes.AnswerIn)
    quality, viewer = request.app[ROOMS].quality, _person(request)
    return await _told(request, await quality.answer(viewer, _number(request), wanted.text, wanted.points))


async def calibrate(request: web.Request) -> web.StreamResponse:
    """Ask two people to score a call blind. Raises CalibrationRefused, CallNotReviewed."""
    rooms, wanted = request.app[ROOMS], await body_of(request, shapes.CalibrateIn)
    people = (wanted.first, wanted.second)
    await rooms.quality.calibrate(_person(request).name, wanted.call_id, wanted.agent, people)
    return await list_calibrations(request)


async def list_calibrations(request: web.Request) -> web.StreamResponse:
    """Answer with the calibrations of some days and how far reviewers are apart."""
    rooms = request.app[ROOMS]
    query = query_of(request, shapes.QualityDaysQuery)
    _, _, since, until = days_of(rooms, query.first, query.last)
    async with rooms.database.read() as session:
        reader = await Reader.of(session, _viewer(request), rooms.zone)
        return as_json(await calibrations_out(session, since, until, reader))


async def figures_by_agent(request: web.Request) -> web.StreamResponse:
    """Answer with reviews and mean score by agent."""
    rooms, query = request.app[ROOMS], query_of(request, shapes.QualityDaysQuery)
    first, last, since, until = days_of(rooms, query.first, query.last)
    async with rooms.database.read() as session:
        reader = await Reader.of(session, _viewer(request), rooms.zone)
        found = await quality_by_agent(session, since, until)
    agents = tuple(
        shapes.AgentQualityOut(
            agent=agent,
            agent_name=reader.agents.get(agent, ""),
            reviews=one.reviews,
            mean=None if one.mean_tenths is None else round(one.mean_tenths / 10, 1),
        )
        for agent, one in found.items()
    )
    return as_json(shapes.AgentsQualityOut(first=first, last=last, agents=agents))


async def export_reviews(request: web.Request) -> web.StreamResponse:
    """Give the reviews of calls of some days as a file; who took it and why is kept."""
    rooms, query = request.app[ROOMS], query_of(request, shapes.QualityExportQuery)
    first, last, since, until = days_of(rooms, query.first, query.last)
    async with rooms.database.begin() as session:
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.EXPORT,
            call_id="",
            at=rooms.clock.now(),
            side=f"quality {first}..{last}",
            reason=query.reason,
        )
    async with rooms.database.read() as session:
        reader = await Reader.of(session, _viewer(request), rooms.zone)
        rows = await export_rows(session, since, until, reader)
    headers = {"Content-Disposition": f'attachment; filename="quality-{first:%Y%m%d}-{last:%Y%m%d}.{query.form}"'}
    if query.form == "csv":
        return web.Response(body=rows_as_csv(HEADINGS, rows), content_type="text/csv", headers=headers)
    made = await asyncio.to_thread(rows_as_xlsx, "quality", HEADINGS, rows)
    return web.Response(body=made, content_type=XLSX, headers=headers)


def _viewer(request: web.Request) -> Viewer:
    return Viewer(request[IDENTITY].name, request[IDENTITY].role in HEADS)


def _person(request: web.Request) -> Viewer:
    """Return who acts; a review is a person's word, so a program writes none. Raises RoleMayNot."""
    if request[IDENTITY].is_machine:
        raise RoleMayNot(
            "a review is written, seen and answered by a person, by name", role=request[IDENTITY].role.value
        )
    return _viewer(request)


def _number(request: web.Request) -> int:
    number = number_of_path(request)
    if not number:
        raise ReviewUnknown("there is no such review")
    return number


async def _told(request: web.Request, review: Review, *, status: int = 200) -> web.Response:
    rooms, viewer = request.app[ROOMS], _viewer(request)
    async with rooms.database.read() as session:
        reader = await Reader.of(session, viewer, rooms.zone)
        whole = await rooms.quality.read(session, viewer, review.id)
        return as_json(await whole_review(session, whole, reader), status=status)


_REVIEW: Final = "/api/v1/quality/reviews/{id}"
QUALITY_ROUTES: Final = (
    Route(method="GET", path="/quality", act=show_quality, roles=STAFF, summary="Reviews of calls", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/quality/sample",
        act=show_sample,
        roles=HEADS,
        summary="The calls of a week that are listened to, by rule, and how far that has come",
        query=shapes.WeekQuery,
        answer=shapes.SampleOut,
    ),
    Route(
        method="GET",
        path="/api/v1/quality/rules",
        act=show_rules,
        roles=STAFF,
        summary="The score sheet and the sample's plan in force",
        answer=shapes.RulesOut,
    ),
    Route(
        method="POST",
        path="/api/v1/quality/sheet",
        act=change_sheet,
        roles=HEADS,
        summary="A new version of the score sheet; its weights add up to 100; audited",
        body=shapes.SheetIn,
        answer=shapes.RulesOut,
    ),
    Route(
        method="POST",
        path="/api/v1/quality/plan",
        act=change_plan,
        roles=HEADS,
        summary="A new plan of the sample, from the next week that is begun; audited",
        body=shapes.PlanIn,
        answer=shapes.RulesOut,
    ),
    Route(
        method="GET",
        path="/api/v1/quality/reviews",
        act=list_reviews,
        roles=STAFF,
        summary="Reviews, newest first; an agent is given those about themselves",
        query=shapes.ReviewsQuery,
        answer=shapes.ReviewPage,
    ),
    Route(
        method="POST",
        path="/api/v1/quality/reviews",
        act=begin_review,
        roles=HEADS,
        summary="Begin the review of one agent in one call",
        body=shapes.BeginIn,
        answer=shapes.WholeReview,
        status=201,
    ),
    Route(
        method="GET",
        path=_REVIEW,
        act=show_review,
        roles=STAFF,
        summary="One review; to an agent only one about themselves",
        answer=shapes.WholeReview,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/points",
        act=write_review,
        roles=HEADS,
        summary="Write a draft's points and remark",
        body=shapes.WriteIn,
        answer=shapes.WholeReview,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/discard",
        act=discard_review,
        roles=HEADS,
        summary="Throw a draft of one's own away",
        answer=shapes.DoneOut,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/comments",
        act=write_comment,
        roles=HEADS,
        summary="Comment on a second of the recording",
        body=shapes.CommentIn,
        answer=shapes.WholeReview,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/comments/{{comment}}/remove",
        act=remove_comment,
        roles=HEADS,
        summary="Take a comment out of a draft",
        answer=shapes.WholeReview,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/give",
        act=give_review,
        roles=HEADS,
        summary="Give a review to its agent; from then on it stays as it is",
        answer=shapes.WholeReview,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/seen",
        act=mark_seen,
        roles=STAFF,
        summary="The agent has seen it",
        answer=shapes.WholeReview,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/objection",
        act=write_objection,
        roles=STAFF,
        summary="The agent objects, once",
        body=shapes.ObjectionIn,
        answer=shapes.WholeReview,
    ),
    Route(
        method="POST",
        path=f"{_REVIEW}/answer",
        act=answer_objection,
        roles=HEADS,
        summary="Answer an objection; points change the score, what it was stays beside it",
        body=shapes.AnswerIn,
        answer=shapes.WholeReview,
    ),
    Route(
        method="GET",
        path="/api/v1/quality/calibrations",
        act=list_calibrations,
        roles=HEADS,
        summary="Calls that two people score blind, and how far reviewers are apart",
        query=shapes.QualityDaysQuery,
        answer=shapes.CalibrationsOut,
    ),
    Route(
        method="POST",
        path="/api/v1/quality/calibrations",
        act=calibrate,
        roles=HEADS,
        summary="Ask two people to score a call blind",
        body=shapes.CalibrateIn,
        answer=shapes.CalibrationsOut,
    ),
    Route(
        method="GET",
        path="/api/v1/quality/agents",
        act=figures_by_agent,
        roles=HEADS,
        summary="Reviews and mean score by agent; null is no data",
        query=shapes.QualityDaysQuery,
        answer=shapes.AgentsQualityOut,
    ),
    Route(
        method="GET",
        path="/api/v1/quality/export",
        act=export_reviews,
        roles=HEADS,
        summary="The reviews of some days as CSV or XLSX; says why it is taken",
        query=shapes.QualityExportQuery,
        media=XLSX,
    ),
)
