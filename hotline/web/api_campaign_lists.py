"""The API of a campaign's list: whom it calls, what became of each try, the results to take away; for supervisors."""

import csv
import io
from typing import Final

from aiohttp import web

from hotline.campaigns.attempt_pages_store import attempts_before
from hotline.campaigns.campaign import CampaignUnknown
from hotline.campaigns.results import CODE_HEADINGS, HEADINGS, result_cells
from hotline.campaigns.results_store import result_of_target
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.targets_store import targets_page
from hotline.followups.reading_store import follow_up_by_id
from hotline.residents.files import LARGEST_BYTES
from hotline.web.answers import as_json
from hotline.web.api_campaigns import calling_out_of, campaign_id_of, show_campaign
from hotline.web.campaign_shapes import (
    AttemptPage,
    AttemptsQuery,
    CampaignExportQuery,
    DecideIn,
    FromRecordsIn,
    TakeInQuery,
    TakenOut,
    TargetPage,
    TargetsQuery,
    WholeCampaign,
    attempt_out,
    taken_out,
    target_out,
)
from hotline.web.errors import BodyTooLarge
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.store import Access, log_access

PAGE: Final = 500


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
    campaigns = calling_out_of(request).campaigns
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
    await calling_out_of(request).decide(
        request.match_info["attempt"][:80], rang=wanted.rang, by=request[IDENTITY].name
    )
    return await show_campaign(request)


async def hear_sample(request: web.Request) -> web.StreamResponse:
    """Give the sound of what one target would be told. Raises NotPlaced."""
    calling_out, campaign = calling_out_of(request), campaign_id_of(request)
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


def _line(cells: tuple[str, ...]) -> bytes:
    """Return a line of CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


CAMPAIGN_LIST_ROUTES: Final = (
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
