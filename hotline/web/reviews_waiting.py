"""Read how much of quality waits for some people: the same few statements however many look."""

from collections.abc import Mapping

from hotline.accounts.account import Role
from hotline.quality.waiting_store import calibrations_waiting, objections_waiting, unseen_reviews
from hotline.web.identity import HEADS
from hotline.web.review_shapes import ReviewsWaiting
from hotline.web.rooms import WebRooms


async def read_waiting(rooms: WebRooms, people: Mapping[str, Role]) -> dict[str, ReviewsWaiting]:
    """Return what waits for each of these people, by account."""
    heads = {name for name, role in people.items() if role in HEADS}
    async with rooms.database.read() as session:
        unseen = await unseen_reviews(session, people)
        objections = await objections_waiting(session) if heads else {}
        blind = await calibrations_waiting(session, heads) if heads else {}
    objected = sum(objections.values())
    return {
        name: ReviewsWaiting(
            unseen=unseen.get(name, 0),
            objections=objected - objections.get(name, 0) if name in heads else 0,  # one's own is answered by another
            calibrations=blind.get(name, 0),
        )
        for name in people
    }
