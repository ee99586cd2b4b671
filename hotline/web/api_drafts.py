"""The API of how good our drafts are: which share of each field the people who confirmed them kept."""

from datetime import datetime, time, timedelta
from typing import Final

from aiohttp import web
from pydantic import ConfigDict, Field

from hotline.dutylog.draft_fields import DraftField
from hotline.dutylog.draft_store import draft_shares
from hotline.dutylog.draft_verdicts import FORMULA
from hotline.web.answers import as_json
from hotline.web.identity import STAFF
from hotline.web.inlets import query_of
from hotline.web.keys import ROOMS
from hotline.web.routes import Route
from hotline.web.shapes import Day, Inlet, Shape


class DraftsQuery(Inlet):
    """Days of the centre on which entries were confirmed, both included; all of them when nothing is said."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class ShareOut(Shape):
    """How often one drafted field was kept as it was."""

    field: DraftField
    accepted: int
    changed: int
    filled: int = Field(description="nothing was drafted, and a person wrote it")
    share: float | None = Field(description="null is no data")


class DraftsReport(Shape):
    """Every field's share, and its formula."""

    formula: str
    fields: tuple[ShareOut, ...]


async def report_drafts(request: web.Request) -> web.StreamResponse:
    """Answer with the share of drafted values that people kept, field by field."""
    rooms, query = request.app[ROOMS], query_of(request, DraftsQuery)
    since = None if query.first is None else datetime.combine(query.first, time(), rooms.zone)
    until = None if query.last is None else datetime.combine(query.last, time(), rooms.zone) + timedelta(days=1)
    async with rooms.database.read() as session:
        found = await draft_shares(session, since, until)
    return as_json(
        DraftsReport(
            formula=FORMULA,
            fields=tuple(
                ShareOut(
                    field=one.field, accepted=one.accepted, changed=one.changed, filled=one.filled, share=one.share
                )
                for one in found
            ),
        )
    )


DRAFT_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/reports/drafts",
        act=report_drafts,
        roles=STAFF,
        summary="Which share of the drafted fields people kept; null is no data",
        query=DraftsQuery,
        answer=DraftsReport,
    ),
)
