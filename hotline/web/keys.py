"""The typed keys under which the application and a request keep what this room needs."""

from typing import Final

import jinja2
from aiohttp import web
from aiohttp_session.cookie_storage import EncryptedCookieStorage

from hotline.accounts.tries import Tries
from hotline.web.group_telling import GroupTelling
from hotline.web.hub import Hub
from hotline.web.identity import Identity
from hotline.web.loop_lag import LoopLag
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route

ROOMS: Final = web.AppKey("rooms", WebRooms)
LAG: Final = web.AppKey("lag", LoopLag)
HUB: Final = web.AppKey("hub", Hub)
GROUP: Final = web.AppKey("group", GroupTelling)  # only where [group] names centres
ROUTES: Final = web.AppKey("routes", dict[tuple[str, str], Route])
SESSIONS: Final = web.AppKey("sessions", EncryptedCookieStorage)
SEARCHES: Final = web.AppKey("searches", Tries)
TEMPLATES: Final = web.AppKey("templates", jinja2.Environment)
IDENTITY: Final = web.RequestKey("identity", Identity)
CENTRE_HEADER: Final = "X-Hotline-Centre"
"""Names the centre (`centre.code`) in every answer of the API."""
STAMP_HEADER: Final = "X-Hotline-Centre-Id"
"""Names its database beside it, by the id of the stamp (hotline/centre/): a copy has the same."""
