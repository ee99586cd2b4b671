"""The API of reviews: begun, written, given, seen, objected to, answered; each is given what is theirs.

Supervisors see everybody's reviews (drafts only their own); an agent is given the reviews about themselves and nothing
else, whatever is asked for.
"""

from typing import Final

from aiohttp import web

from hotline.quality.review import Review, ReviewUnknown, Viewer
from hotline.quality.review_store import count_unseen, reviews_page
from hotline.web import quality_shapes as shapes
from hotline.web.answers import as_json
from hotline.web.errors import RoleMayNot
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.quality_reading import (
    Reader,
    days_of,
    review_line,
    whole_review,
)
from hotline.web.routes import Route


async def list_reviews(request: web.Request) -> web.StreamResponse:
    """Answer with reviews: a supervisor's all, an agent's those about themselves."""
    rooms, query, viewer = request.app[ROOMS], query_of(request, shapes.ReviewsQuery), viewer_of(request)
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
        review = await rooms.quality.read(session, viewer_of(request), _number(request))
    return await _told(request, review)


async def begin_review(request: web.Request) -> web.StreamResponse:
    """Begin a review. Raises CallNotReviewed, ReviewTaken, ReviewNotYours."""
    rooms, wanted = request.app[ROOMS], await body_of(request, shapes.BeginIn)
    begun = await rooms.quality.begin(person_of(request), wanted.call_id, wanted.agent, calibration=wanted.calibration)
    return await _told(request, begun, status=201)


async def write_review(request: web.Request) -> web.StreamResponse:
    """Write what a draft says. Raises ReviewUnknown, ReviewNotYours, ReviewChanged, PointsRefused."""
    wanted = await body_of(request, shapes.WriteIn)
    quality, viewer, number = request.app[ROOMS].quality, person_of(request), _number(request)
    return await _told(
        request, await quality.write(viewer, number, wanted.points, wanted.remark, revision=wanted.revision)
    )


async def discard_review(request: web.Request) -> web.StreamResponse:
    """Throw a draft of one's own away. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    await request.app[ROOMS].quality.discard(person_of(request), _number(request))
    return as_json(shapes.DoneOut())


async def write_comment(request: web.Request) -> web.StreamResponse:
    """Comment on a second of the recording. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    wanted = await body_of(request, shapes.CommentIn)
    quality, viewer, number = request.app[ROOMS].quality, person_of(request), _number(request)
    return await _told(request, await quality.comment(viewer, number, wanted.second, wanted.text))


async def remove_comment(request: web.Request) -> web.StreamResponse:
    """Take a comment out of a draft. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    quality, comment = request.app[ROOMS].quality, number_of_path(request, "comment")
    return await _told(request, await quality.uncomment(person_of(request), _number(request), comment))


async def give_review(request: web.Request) -> web.StreamResponse:
    """Give a review to its agent. Raises ReviewUnknown, ReviewNotYours, ReviewIncomplete, ReviewStepRefused."""
    return await _told(request, await request.app[ROOMS].quality.give(person_of(request), _number(request)))


async def mark_seen(request: web.Request) -> web.StreamResponse:
    """Say: I have seen it. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    return await _told(request, await request.app[ROOMS].quality.see(person_of(request), _number(request)))


async def write_objection(request: web.Request) -> web.StreamResponse:
    """Object to a review of one's own call. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused."""
    wanted = await body_of(request, shapes.ObjectionIn)
    quality, viewer = request.app[ROOMS].quality, person_of(request)
    return await _told(request, await quality.object_to(viewer, _number(request), wanted.text))


async def answer_objection(request: web.Request) -> web.StreamResponse:
    """Answer an objection. Raises ReviewUnknown, ReviewNotYours, ReviewStepRefused, PointsRefused."""
    wanted = await body_of(request, shapes.AnswerIn)
    quality, viewer = request.app[ROOMS].quality, person_of(request)
    return await _told(request, await quality.answer(viewer, _number(request), wanted.text, wanted.points))


def viewer_of(request: web.Request) -> Viewer:
    """Return who looks, as the quality room knows them."""
    return Viewer(request[IDENTITY].name, request[IDENTITY].role in HEADS)


def person_of(request: web.Request) -> Viewer:
    """Return who acts; a review is a person's word, so a program writes none. Raises RoleMayNot."""
    if request[IDENTITY].is_machine:
        raise RoleMayNot(
            "a review is written, seen and answered by a person, by name", role=request[IDENTITY].role.value
        )
    return viewer_of(request)


def _number(request: web.Request) -> int:
    number = number_of_path(request)
    if not number:
        raise ReviewUnknown("there is no such review")
    return number


async def _told(request: web.Request, review: Review, *, status: int = 200) -> web.Response:
    rooms, viewer = request.app[ROOMS], viewer_of(request)
    async with rooms.database.read() as session:
        reader = await Reader.of(session, viewer, rooms.zone)
        whole = await rooms.quality.read(session, viewer, review.id)
        return as_json(await whole_review(session, whole, reader), status=status)


_REVIEW: Final = "/api/v1/quality/reviews/{id}"
QUALITY_REVIEW_ROUTES: Final = (
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
)
