"""The API of calls after handled matters, and of how well what was owed was done in time."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field, StringConstraints

from hotline.aftercare.rules import Answers
from hotline.aftercare.store import satisfaction
from hotline.followups.compliance_store import FORMULA, compliance
from hotline.followups.follow_up import FollowUpKind, FollowUpNotYours, may_act
from hotline.followups.reading_store import follow_up_by_id
from hotline.web.answers import as_json
from hotline.web.api_follow_ups import follow_up_id_of
from hotline.web.identity import STAFF
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.owed import FollowUpOut, follow_up_out
from hotline.web.routes import Route
from hotline.web.shapes import Day, Inlet, Line, Shape
from hotline.web.store import account_names

Mark = Annotated[int, Field(ge=1, le=5)]
Words = Annotated[str, Line, StringConstraints(max_length=300)]


class AnswersIn(Inlet):
    """What the resident said: attitude and quality from 1 (bad) to 5 (good), charges, satisfied or not, in words."""

    is_satisfied: bool
    attitude: Mark
    quality: Mark
    was_charged_wrongly: bool = False
    shortcomings: Words = ""
    suggestions: Words = ""


class ComplianceQuery(Inlet):
    """Which days; without them the last thirty."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class KindOut(Shape):
    """What fell due, of one kind. `share` is null where nothing did: no data."""

    kind: FollowUpKind
    in_time: int
    late: int
    overdue: int
    share: float | None


class ComplianceOut(Shape):
    """How well what was owed was done in time, and how satisfied residents were who were called."""

    first: date
    last: date
    formula: str
    kinds: tuple[KindOut, ...]
    asked: int
    satisfied: int


async def write_answers(request: web.Request) -> web.StreamResponse:
    """Write what the resident said. Raises FollowUpUnknown, FollowUpNotYours, NoAftercare, FollowUpStepRefused."""
    rooms, me, number = request.app[ROOMS], request[IDENTITY], follow_up_id_of(request)
    said = await body_of(request, AnswersIn)
    async with rooms.database.read() as session:
        if not may_act(me.role, (await follow_up_by_id(session, number)).owed_by):
            raise FollowUpNotYours("a supervisor makes this call")
        names = await account_names(session)
    done = await rooms.aftercare.answer(number, Answers(**said.model_dump()), who=me.name)
    now = rooms.clock.now()
    shown: FollowUpOut = follow_up_out(done, names, is_masked=not me.sees_numbers, now=now, zone=rooms.zone)
    return as_json(shown)


async def show_compliance(request: web.Request) -> web.StreamResponse:
    """Answer with what fell due in these days, by kind, and the formula of the share."""
    rooms, query = request.app[ROOMS], query_of(request, ComplianceQuery)
    last = query.last or rooms.midnight().date()
    first = query.first or last - timedelta(days=29)
    since = datetime.combine(first, time(), rooms.zone)
    until = datetime.combine(last, time(), rooms.zone) + timedelta(days=1)
    async with rooms.database.read() as session:
        found = await compliance(session, since, until, now=rooms.clock.now())
        asked, satisfied = await satisfaction(session, since, until)
    kinds = tuple(
        KindOut(kind=one.kind, in_time=one.in_time, late=one.late, overdue=one.overdue, share=one.share)
        for one in sorted(found, key=lambda one: one.kind)
    )
    return as_json(
        ComplianceOut(first=first, last=last, formula=FORMULA, kinds=kinds, asked=asked, satisfied=satisfied)
    )


AFTERCARE_ROUTES: Final = (
    Route(
        method="POST",
        path="/api/v1/follow-ups/{id}/answers",
        act=write_answers,
        roles=STAFF,
        summary="What the resident said of a handled matter; who is not satisfied has it re-opened",
        body=AnswersIn,
        answer=FollowUpOut,
    ),
    Route(
        method="GET",
        path="/api/v1/reports/follow-ups",
        act=show_compliance,
        roles=STAFF,
        summary="How well what was owed was done in time",
        query=ComplianceQuery,
        answer=ComplianceOut,
    ),
)
