"""The API of calling out: campaigns, their lists, their attempts; for supervisors."""

import csv
import io
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt_pages_store import attempts_before
from hotline.campaigns.calling_out import CallingOut
from hotline.campaigns.campaign import Campaign, CampaignUnknown
from hotline.campaigns.results import CODE_HEADINGS, HEADINGS, result_cells
from hotline.campaigns.results_store import result_of_target
from hotline.campaigns.store import campaign_by_id, campaigns_page, history_of
from hotline.campaigns.targets_store import target_counts, target_counts_of, targets_page
from hotline.followups.reading_store import follow_up_by_id
from hotline.residents.files import LARGEST_BYTES
from hotline.web.answers import as_json
from hotline.web.campaign_shapes import (
    AttemptPage,
    AttemptsQuery,
    CampaignExportQuery,
    CampaignOut,
    CampaignPage,
    CampaignsQuery,
    DecideIn,
    FromRecordsIn,
    NewCampaignIn,
    NightOut,
    PreviewOut,
    TakeInQuery,
    TakenOut,
    TargetPage,
    TargetsQuery,
    WholeCampaign,
    attempt_out,
    campaign_out,
    preview_out,
    taken_out,
    target_out,
    whole_campaign,
)
from hotline.web.errors import AddressUnknown, BodyTooLarge
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.store import Access, log_access

PAGE: Final = 500


async def list_campaigns(request: web.Request) -> web.StreamResponse:
    """Answer with a page of campaigns."""
    query = query_of(request, CampaignsQuery)
    async with request.app[ROOMS].database.read() as session:
        found = await campaigns_page(session, before=query.cursor, limit=query.limit + 1)
        counts = await target_counts_of(session, [one.id for one in found[: query.limit]])
    zone = request.app[ROOMS].zone
    shown = [campaign_out(one, counts[one.id], zone) for one in found[: query.limit]]
    following = str(shown[-1].id) if len(found) > query.limit else None
    night = _calling_out(request).night()
    told = NightOut(day=night.day, rung=night.rung, doubles=night.doubles) if night else None
    return as_json(CampaignPage(campaigns=tuple(shown), night=told, next_cursor=following))


async def make_campaign(request: web.Request) -> web.StreamResponse:
    """Draft a campaign. Raises WordsRefused."""
    wanted = await body_of(request, NewCampaignIn)
    made = await _calling_out(request).campaigns.make(
        wanted.kind,
        wanted.name,
        by=request[IDENTITY].name,
        words=wanted.words,
        lines=wanted.lines,
        by_agent=wanted.by_agent,
    )
    return await _told(request, made, status=201)


async def show_campaign(request: web.Request) -> web.StreamResponse:
    """Answer with one campaign and its history. Raises CampaignUnknown."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        one = await campaign_by_id(session, campaign_id_of(request))
        shown, history = await _out(request, session, one), await history_of(session, one.id)
    return as_json(whole_campaign(shown, history, rooms.zone))


async def preview_campaign(request: web.Request) -> web.StreamResponse:
    """Answer with who would be called and when, who not and why, and what is said."""
    seen = await _calling_out(request).previews.of(campaign_id_of(request))
    return as_json(preview_out(seen, request.app[ROOMS].zone))


async def list_targets(request: web.Request) -> web.StreamResponse:
    """Answer with a page of a campaign's list."""
    rooms, query = request.app[ROOMS], query_of(request, TargetsQuery)
    async with rooms.database.read() as session:
        one = await campaign_by_id(session, campaign_id_of(request))
        states = [query.state] if query.state else []
        found = await targets_page(session, one.id, states=states, after_id=query.cursor or 0, limit=query.limit + 1)
    shown = tuple(target_out(row, rooms.zone) for row in found[: query.limit])
    following = str(shown[-1].id) if len(found) > query.limit else None
    return as_json(TargetPage(targets=shown, next_cursor=following))


async def take_targets_in(request: web.Request) -> web.StreamResponse:
    """Take in a list (the body is the file, CSV or XLSX) or whom the records name (the body is JSON).

    Raises CampaignUnknown, CampaignStepRefused, FileRefused, ListDoubled, NobodyToRing.
    """
    rooms, by, campaign = request.app[ROOMS], request[IDENTITY].name, campaign_id_of(request)
    campaigns = _calling_out(request).campaigns
    if request.content_type == "application/json":
        wanted = await body_of(request, FromRecordsIn)
        wish = None
        if wanted.follow_up is not None:
            async with rooms.database.read() as session:
                wish = await follow_up_by_id(session, wanted.follow_up)
        taken = await campaigns.take_from_records(
            campaign,
            by=by,
            from_fen=wanted.from_fen,
            buildings=wanted.buildings,
            follow_up=wish,
            is_dry_run=wanted.dry_run,
        )
        return as_json(taken_out(taken, is_dry_run=wanted.dry_run))
    query = query_of(request, TakeInQuery)
    content = await _file_of(request)
    taken = await campaigns.take_in(campaign, content, by=by, file=query.name, is_dry_run=query.dry_run)
    return as_json(taken_out(taken, is_dry_run=query.dry_run))


async def approve_campaign(request: web.Request) -> web.StreamResponse:
    """Approve it; whoever made it may not. Raises CampaignNeedsAnother, WordsRefused, CampaignStepRefused."""
    return await _step(request, _calling_out(request).campaigns.approve)


async def start_campaign(request: web.Request) -> web.StreamResponse:
    """Let it begin. Raises CampaignStepRefused."""
    return await _step(request, _calling_out(request).campaigns.start)


async def pause_campaign(request: web.Request) -> web.StreamResponse:
    """Begin no further call. Raises CampaignStepRefused."""
    return await _step(request, _calling_out(request).campaigns.pause)


async def resume_campaign(request: web.Request) -> web.StreamResponse:
    """Go on. Raises CampaignStepRefused."""
    return await _step(request, _calling_out(request).campaigns.resume)


async def stop_campaign(request: web.Request) -> web.StreamResponse:
    """End it at once, for good. Raises CampaignStepRefused."""
    return await _step(request, _calling_out(request).campaigns.stop)


async def list_attempts(request: web.Request) -> web.StreamResponse:
    """Answer with a page of a campaign's attempts; the cursor is the last one seen."""
    rooms, query = request.app[ROOMS], query_of(request, AttemptsQuery)
    async with rooms.database.read() as session:
        one = await campaign_by_id(session, campaign_id_of(request))
        states = [query.state] if query.state else []
        found = await attempts_before(session, one.id, before=query.cursor, states=states, limit=query.limit + 1)
    shown = tuple(attempt_out(row, rooms.zone) for row in found[: query.limit])
    following = shown[-1].id if len(found) > query.limit else None
    return as_json(AttemptPage(attempts=shown, next_cursor=following))


async def decide_attempt(request: web.Request) -> web.StreamResponse:
    """Say what became of an attempt of unknown fate. Raises AttemptNotUnknown."""
    wanted = await body_of(request, DecideIn)
    await _calling_out(request).decide(request.match_info["attempt"][:80], rang=wanted.rang, by=request[IDENTITY].name)
    return await show_campaign(request)


async def hear_sample(request: web.Request) -> web.StreamResponse:
    """Give the sound of what one target would be told. Raises NotPlaced."""
    calling_out, campaign = _calling_out(request), campaign_id_of(request)
    errand = await calling_out.previews.errand_of(campaign, number_of_path(request, "target"))
    if errand is None:
        raise CampaignUnknown("this campaign's list has no such target")
    return web.FileResponse(await calling_out.sample(errand), headers={"Content-Type": "audio/wav"})


async def export_campaign(request: web.Request) -> web.StreamResponse:
    """Give a campaign's results as CSV, without numbers; who took it and why is kept."""
    rooms, wanted = request.app[ROOMS], query_of(request, CampaignExportQuery)
    async with rooms.database.begin() as session:
        one = await campaign_by_id(session, campaign_id_of(request))
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.EXPORT,
            call_id="",
            at=rooms.clock.now(),
            side=f"campaign {one.id}",
            reason=wanted.reason,
        )
    response = web.StreamResponse()
    response.content_type = "text/csv"
    response.headers["Content-Disposition"] = f'attachment; filename="campaign-{one.id}.csv"'
    await response.prepare(request)
    await response.write("\ufeff".encode() + _line(CODE_HEADINGS if wanted.codes else HEADINGS))
    after = 0
    while True:
        async with rooms.database.read() as session:
            rows = await targets_page(session, one.id, after_id=after, limit=PAGE)
        if not rows:
            break
        after = rows[-1].id
        lines = (_line(result_cells(result_of_target(row), in_codes=wanted.codes)) for row in rows)
        await response.write(b"".join(lines))
    await response.write_eof()
    return response


def campaign_id_of(request: web.Request) -> int:
    """Return the id in the address. Raises CampaignUnknown where no campaign can have it."""
    number = number_of_path(request)
    if not number:
        raise CampaignUnknown("there is no campaign of this id")
    return number


def _calling_out(request: web.Request) -> CallingOut:
    calling_out = request.app[ROOMS].calling_out
    if calling_out is None:
        raise AddressUnknown("this desk does not call out")
    return calling_out


async def _file_of(request: web.Request) -> bytes:
    """Return a body that is a file; longer than other bodies may be, and no longer than a list may be."""
    pieces: list[bytes] = []
    size = 0
    async for piece in request.content.iter_chunked(64 * 1024):
        size += len(piece)
        if size > LARGEST_BYTES:
            raise BodyTooLarge("the file is longer than a list may be")
        pieces.append(piece)
    return b"".join(pieces)


async def _step(request: web.Request, act: Callable[..., Awaitable[Campaign]]) -> web.Response:
    return await _told(request, await act(campaign_id_of(request), by=request[IDENTITY].name))


async def _told(request: web.Request, one: Campaign, *, status: int = 200) -> web.Response:
    async with request.app[ROOMS].database.read() as session:
        return as_json(await _out(request, session, one), status=status)


async def _out(request: web.Request, session: AsyncSession, one: Campaign) -> CampaignOut:
    return campaign_out(one, await target_counts(session, one.id), request.app[ROOMS].zone)


def _line(cells: tuple[str, ...]) -> bytes:
    """Return a line of CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _acts() -> tuple[Route, ...]:
    told = (
        ("approve", approve_campaign, "Approve it: a second person does, where that is set"),
        ("start", start_campaign, "Let it begin"),
        ("pause", pause_campaign, "Begin no further call; calls under way go on"),
        ("resume", resume_campaign, "Go on"),
        ("stop", stop_campaign, "End it at once, for good; nobody is cut off"),
    )
    return tuple(
        Route(
            method="POST",
            path=f"/api/v1/campaigns/{{id}}/{name}",
            act=act,
            roles=HEADS,
            summary=summary,
            answer=CampaignOut,
        )
        for name, act, summary in told
    )


CAMPAIGN_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/campaigns",
        act=list_campaigns,
        roles=HEADS,
        summary="Campaigns, the newest first, with their progress",
        query=CampaignsQuery,
        answer=CampaignPage,
    ),
    Route(
        method="POST",
        path="/api/v1/campaigns",
        act=make_campaign,
        roles=HEADS,
        summary="Draft a campaign",
        body=NewCampaignIn,
        answer=CampaignOut,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/campaigns/{id}",
        act=show_campaign,
        roles=HEADS,
        summary="One campaign with its history",
        answer=WholeCampaign,
    ),
    Route(
        method="GET",
        path="/api/v1/campaigns/{id}/preview",
        act=preview_campaign,
        roles=HEADS,
        summary="Who would be called and when, who not and why, what exactly is said",
        answer=PreviewOut,
    ),
    Route(
        method="GET",
        path="/api/v1/campaigns/{id}/targets",
        act=list_targets,
        roles=HEADS,
        summary="The campaign's list",
        query=TargetsQuery,
        answer=TargetPage,
    ),
    Route(
        method="POST",
        path="/api/v1/campaigns/{id}/targets",
        act=take_targets_in,
        roles=HEADS,
        summary="Take in a list: a CSV or XLSX file as the body, or JSON that says whom the records name",
        query=TakeInQuery,
        body=FromRecordsIn,
        answer=TakenOut,
    ),
    Route(
        method="GET",
        path="/api/v1/campaigns/{id}/targets/{target}/sample",
        act=hear_sample,
        roles=HEADS,
        summary="The sound of what one target would be told",
        media="audio/wav",
    ),
    *_acts(),
    Route(
        method="GET",
        path="/api/v1/campaigns/{id}/attempts",
        act=list_attempts,
        roles=HEADS,
        summary="The campaign's attempts, the newest first",
        query=AttemptsQuery,
        answer=AttemptPage,
    ),
    Route(
        method="POST",
        path="/api/v1/campaigns/{id}/attempts/{attempt}/decide",
        act=decide_attempt,
        roles=HEADS,
        summary="Say what became of an attempt that nobody else can tell of",
        body=DecideIn,
        answer=WholeCampaign,
    ),
    Route(
        method="GET",
        path="/api/v1/campaigns/{id}/export",
        act=export_campaign,
        roles=HEADS,
        summary="The results as CSV, without numbers; who took it and why is kept",
        query=CampaignExportQuery,
        media="text/csv",
    ),
)
