"""The API of quality: this week's sample, the score sheet, calibrations, figures and files."""

import asyncio
from datetime import timedelta
from typing import Final

from aiohttp import web

from hotline.quality.review_store import quality_by_agent
from hotline.quality.sampling import Plan, Share
from hotline.quality.sheet import Item
from hotline.quality.store import newest_plan, newest_sheet
from hotline.sheets.row_files import XLSX, rows_as_csv, rows_as_xlsx
from hotline.web import quality_shapes as shapes
from hotline.web.answers import as_json
from hotline.web.api_quality_reviews import person_of, viewer_of
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.quality_reading import (
    HEADINGS,
    Reader,
    calibrations_out,
    days_of,
    export_rows,
    plan_out,
    sample_out,
    sheet_out,
)
from hotline.web.render import page
from hotline.web.routes import Route
from hotline.web.store import Access, log_access


async def show_quality(request: web.Request) -> web.StreamResponse:
    """Give the page: of a supervisor the sample and the score sheet, of an agent their own reviews."""
    today = request.app[ROOMS].midnight().date().isoformat()
    return page(request, "quality.html", today=today)


async def show_sample(request: web.Request) -> web.StreamResponse:
    """Answer with a week's sample; what is new of its calls is drawn now."""
    rooms, query = request.app[ROOMS], query_of(request, shapes.WeekQuery)
    sample = await rooms.quality.sample(query.week or rooms.midnight().date())
    async with rooms.database.read() as session:
        reader = await Reader.of(session, viewer_of(request), rooms.zone)
        return as_json(await sample_out(session, sample, reader))


async def show_rules(request: web.Request) -> web.StreamResponse:
    """Answer with the score sheet and the plan in force."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        reader = await Reader.of(session, viewer_of(request), rooms.zone)
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


async def calibrate(request: web.Request) -> web.StreamResponse:
    """Ask two people to score a call blind. Raises CalibrationRefused, CallNotReviewed."""
    rooms, wanted = request.app[ROOMS], await body_of(request, shapes.CalibrateIn)
    people = (wanted.first, wanted.second)
    await rooms.quality.calibrate(person_of(request).name, wanted.call_id, wanted.agent, people)
    return await list_calibrations(request)


async def list_calibrations(request: web.Request) -> web.StreamResponse:
    """Answer with the calibrations of some days and how far reviewers are apart."""
    rooms = request.app[ROOMS]
    query = query_of(request, shapes.QualityDaysQuery)
    _, _, since, until = days_of(rooms, query.first, query.last)
    async with rooms.database.read() as session:
        reader = await Reader.of(session, viewer_of(request), rooms.zone)
        return as_json(await calibrations_out(session, since, until, reader))


async def figures_by_agent(request: web.Request) -> web.StreamResponse:
    """Answer with reviews and mean score by agent."""
    rooms, query = request.app[ROOMS], query_of(request, shapes.QualityDaysQuery)
    first, last, since, until = days_of(rooms, query.first, query.last)
    async with rooms.database.read() as session:
        reader = await Reader.of(session, viewer_of(request), rooms.zone)
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
        reader = await Reader.of(session, viewer_of(request), rooms.zone)
        rows = await export_rows(session, since, until, reader)
    headers = {"Content-Disposition": f'attachment; filename="quality-{first:%Y%m%d}-{last:%Y%m%d}.{query.form}"'}
    if query.form == "csv":
        return web.Response(body=rows_as_csv(HEADINGS, rows), content_type="text/csv", headers=headers)
    made = await asyncio.to_thread(rows_as_xlsx, "quality", HEADINGS, rows)
    return web.Response(body=made, content_type=XLSX, headers=headers)


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
