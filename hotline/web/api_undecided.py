"""The API of attempts of which nobody can tell whether they rang: a supervisor decides each; for supervisors."""

from datetime import datetime
from typing import Final

from aiohttp import web
from pydantic import Field

from hotline.campaigns.undecided_store import undecided_attempts
from hotline.phone import PhoneNumber
from hotline.web.answers import as_json
from hotline.web.identity import HEADS
from hotline.web.keys import ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import Shape


class CallSinceOut(Shape):
    """A call with this number since then: who answers one may be asked."""

    id: str
    at: datetime | None
    direction: str
    outcome: str


class UndecidedOut(Shape):
    """An attempt that a person decides. `worker` is who sent it, `why` what could not be told."""

    id: str
    campaign: int
    campaign_name: str
    home: str
    number: str = Field(description="masked")
    claimed_at: datetime | None
    worker: str
    why: str
    calls: tuple[CallSinceOut, ...]


class UndecidedPage(Shape):
    """The oldest of them, and how many there are in all: none of these homes is called before somebody decides."""

    attempts: tuple[UndecidedOut, ...]
    count: int


async def list_undecided(request: web.Request) -> web.StreamResponse:
    """Answer with the attempts that wait for a person; `POST /api/v1/campaigns/{id}/attempts/{attempt}/decide`."""
    rooms = request.app[ROOMS]
    async with rooms.database.read() as session:
        found, count = await undecided_attempts(session)
    zone = rooms.zone
    shown = tuple(
        UndecidedOut(
            id=one.attempt.id,
            campaign=one.attempt.campaign_id,
            campaign_name=one.campaign,
            home="" if one.attempt.household == one.attempt.e164 else one.attempt.household,
            number=PhoneNumber(one.attempt.e164).masked,
            claimed_at=one.attempt.claimed_at.astimezone(zone) if one.attempt.claimed_at else None,
            worker=one.attempt.worker,
            why=one.attempt.why,
            calls=tuple(
                CallSinceOut(
                    id=call.id,
                    at=call.at.astimezone(zone) if call.at else None,
                    direction=call.direction,
                    outcome=call.outcome,
                )
                for call in one.calls
            ),
        )
        for one in found
    )
    return as_json(UndecidedPage(attempts=shown, count=count))


UNDECIDED_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/undecided-attempts",
        act=list_undecided,
        roles=HEADS,
        summary="Attempts of which nobody can tell whether they rang, with what is known, for a person to decide",
        answer=UndecidedPage,
    ),
)
