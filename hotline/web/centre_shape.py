"""Which centre an answer comes from: it stands in what leaves the house."""

from hotline.web.rooms import WebRooms
from hotline.web.shapes import Shape


class CentreOut(Shape):
    """A centre: its id (`centre.code`), its name, and the id with which its database is stamped."""

    id: str
    name: str
    stamp: str = ""


def centre_of(rooms: WebRooms) -> CentreOut:
    """Return the centre of this service."""
    return CentreOut(id=rooms.centre_code, name=rooms.centre, stamp=rooms.centre_stamp())
