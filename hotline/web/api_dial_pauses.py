"""The API of pauses of dialling: so many calls were refused that the line is in doubt; for supervisors, who decide."""

from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import Field

from hotline.campaigns.attempt import Outcome
from hotline.campaigns.line_doubt import DialPauseUnknown
from hotline.campaigns.pauses import DialPauses, Paused
from hotline.phone import PhoneNumber
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, number_of_path
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import Inlet, Shape


class DoubtfulOut(Shape):
    """An answer that is not believed yet."""

    campaign: int
    home: str
    number: str = Field(description="masked")
    outcome: str
    at: datetime | None


class DialPauseOut(Shape):
    """A pause: of one campaign, or (`campaign` null) of all."""

    id: int
    campaign: int | None
    since: datetime
    mostly: Outcome = Field(description="the answer that came most often")
    bad: int
    of: int = Field(description="of how many of the last calls, each number counted once")
    next_try: datetime = Field(description="when one home is called to see whether the line is good again")
    tries_itself: bool
    doubtful: tuple[DoubtfulOut, ...]
    count: int


class DialPausesOut(Shape):
    """The pauses that stand."""

    pauses: tuple[DialPauseOut, ...]


class EndPauseIn(Inlet):
    """What was found: the numbers are dead (they are marked so), or the line was at fault (the homes are called)."""

    numbers_are_dead: bool


async def list_pauses(request: web.Request) -> web.StreamResponse:
    """Answer with the pauses that stand."""
    return await _told(request)


async def end_pause(request: web.Request) -> web.StreamResponse:
    """Let dialling go on. Raises DialPauseUnknown."""
    wanted, pause = await body_of(request, EndPauseIn), number_of_path(request)
    if not pause:
        raise DialPauseUnknown("there is no such pause")
    await _pauses(request).end(pause, are_dead=wanted.numbers_are_dead, by=request[IDENTITY].name)
    return await _told(request)


def _pauses(request: web.Request) -> DialPauses:
    calling_out = request.app[ROOMS].calling_out
    if calling_out is None:
        raise AddressUnknown("this desk does not call out")
    return calling_out.pauses


async def _told(request: web.Request) -> web.Response:
    return as_json(DialPausesOut(pauses=tuple(_out(request, one) for one in await _pauses(request).standing())))


def _out(request: web.Request, one: Paused) -> DialPauseOut:
    zone, pauses, pause = request.app[ROOMS].zone, _pauses(request), one.pause
    return DialPauseOut(
        id=pause.id,
        campaign=pause.campaign_id,
        since=pause.at.astimezone(zone),
        mostly=Outcome(pause.mostly),
        bad=pause.bad,
        of=pause.of,
        next_try=pause.probe_due.astimezone(zone),
        tries_itself=pauses.tries_itself,
        doubtful=tuple(
            DoubtfulOut(
                campaign=row.campaign_id,
                home="" if row.household == row.e164 else row.household,
                number=PhoneNumber(row.e164).masked,
                outcome=row.outcome,
                at=row.ended_at.astimezone(zone) if row.ended_at else None,
            )
            for row in one.doubtful
        ),
        count=one.count,
    )


DIAL_PAUSE_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/dial-pauses",
        act=list_pauses,
        roles=HEADS,
        summary="Pauses of dialling that stand: the line is in doubt; with the answers that are not believed yet",
        answer=DialPausesOut,
    ),
    Route(
        method="POST",
        path="/api/v1/dial-pauses/{id}/end",
        act=end_pause,
        roles=HEADS,
        summary="Let dialling go on: the line was at fault and its homes are called again, or the numbers are dead",
        body=EndPauseIn,
        answer=DialPausesOut,
    ),
)
