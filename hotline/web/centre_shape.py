"""Which centre an answer comes from: it stands in what leaves the house."""

from hotline.web.rooms import WebRooms
from hotline.web.shapes import Shape


class CentreOut(Shape):
    """A centre: its id (`centre.code`) and its name."""

    id: str
    name: str


def centre_of(rooms: WebRooms) -> CentreOut:
    """Return the centre of this service."""
    return CentreOut(id=rooms.centre_code, name=rooms.centre)
