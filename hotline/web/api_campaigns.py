"""The API of calling out: campaigns, from draft to end; for supervisors."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.calling_out import CallingOut
from hotline.campaigns.campaign import Campaign, CampaignUnknown
from hotline.campaigns.store import campaign_by_id, campaigns_page, history_of
from hotline.campaigns.targets_store import target_counts, target_counts_of
from hotline.web.answers import as_json
from hotline.web.campaign_shapes import (
    CampaignOut,
    CampaignPage,
    CampaignsQuery,
    NewCampaignIn,
    NightOut,
    PreviewOut,
    WholeCampaign,
    campaign_out,
    preview_out,
    whole_campaign,
)
from hotline.web.errors import AddressUnknown
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route


async def list_campaigns(request: web.Request) -> web.StreamResponse:
    """Answer with a page of campaigns."""
    query = query_of(request, CampaignsQuery)
    async with request.app[ROOMS].database.read() as session:
        found = await campaigns_page(session, before=query.cursor, limit=query.limit + 1)
        counts = await target_counts_of(session, [one.id for one in found[: query.limit]])
    zone = request.app[ROOMS].zone
    shown = [campaign_out(one, counts[one.id], zone) for one in found[: query.limit]]
    following = str(shown[-1].id) if len(found) > query.limit else None
    night = calling_out_of(request).night()
    told = NightOut(day=night.day, rung=night.rung, doubles=night.doubles) if night else None
    return as_json(CampaignPage(campaigns=tuple(shown), night=told, next_cursor=following))


async def make_campaign(request: web.Request) -> web.StreamResponse:
    """Draft a campaign. Raises WordsRefused."""
    wanted = await body_of(request, NewCampaignIn)
    made = await calling_out_of(request).campaigns.make(
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
    seen = await calling_out_of(request).previews.of(campaign_id_of(request))
    return as_json(preview_out(seen, request.app[ROOMS].zone))


async def approve_campaign(request: web.Request) -> web.StreamResponse:
    """Approve it; whoever made it may not. Raises CampaignNeedsAnother, WordsRefused, CampaignStepRefused."""
    return await _step(request, calling_out_of(request).campaigns.approve)


async def start_campaign(request: web.Request) -> web.StreamResponse:
    """Let it begin. Raises CampaignStepRefused."""
    return await _step(request, calling_out_of(request).campaigns.start)


async def pause_campaign(request: web.Request) -> web.StreamResponse:
    """Begin no further call. Raises CampaignStepRefused."""
    return await _step(request, calling_out_of(request).campaigns.pause)


async def resume_campaign(request: web.Request) -> web.StreamResponse:
    """Go on. Raises CampaignStepRefused."""
    return await _step(request, calling_out_of(request).campaigns.resume)


async def stop_campaign(request: web.Request) -> web.StreamResponse:
    """End it at once, for good. Raises CampaignStepRefused."""
    return await _step(request, calling_out_of(request).campaigns.stop)


def campaign_id_of(request: web.Request) -> int:
    """Return the id in the address. Raises CampaignUnknown where no campaign can have it."""
    number = number_of_path(request)
    if not number:
        raise CampaignUnknown("there is no campaign of this id")
    return number


def calling_out_of(request: web.Request) -> CallingOut:
    """Return what calls out. Raises AddressUnknown at a desk that does not."""
    calling_out = request.app[ROOMS].calling_out
    if calling_out is None:
        raise AddressUnknown("this desk does not call out")
    return calling_out


async def _step(request: web.Request, act: Callable[..., Awaitable[Campaign]]) -> web.Response:
    return await _told(request, await act(campaign_id_of(request), by=request[IDENTITY].name))


async def _told(request: web.Request, one: Campaign, *, status: int = 200) -> web.Response:
    async with request.app[ROOMS].database.read() as session:
        return as_json(await _out(request, session, one), status=status)


async def _out(request: web.Request, session: AsyncSession, one: Campaign) -> CampaignOut:
    return campaign_out(one, await target_counts(session, one.id), request.app[ROOMS].zone)


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
    *_acts(),
)
