"""The way to the group's centres: their own API, over http or https, with a token of each. Never redirected.

The wall's socket is preferred; where something between does not let sockets through, the wall is asked for instead.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorSSLError,
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ClientWSTimeout,
    ConnectionTimeoutError,
    WSMsgType,
    WSServerHandshakeError,
)
from pydantic import SecretStr

from hotline.clock import Clock
from hotline.errors import SettingsRefused
from hotline.group.centre import Centre, CentreNotHeard, Why
from hotline.group.comparison import CentreSums
from hotline.group.heard import SECTIONS, HeardWall, read_wall
from hotline.group.service import Group
from hotline.reports.ranges import Days
from hotline.settings import GroupSettings
from hotline.web.keys import CENTRE_HEADER, STAMP_HEADER

LIVE: Final = "/api/v1/live?view=wall"
WALL: Final = "/api/v1/wall"
LARGEST: Final = 8 * 1024 * 1024  # bytes of one message or answer
SAME_CLOCK: Final = timedelta(seconds=2)  # what the way takes is no difference of clocks
FAREWELL: Final = ClientWSTimeout(ws_close=1.0)
ASK_EVERY_S: Final = 10.0
ASKS: Final = 30  # then the socket is tried again
TOKEN_REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where a centre's API is, and what opens it. `trust` True: as every program of this machine trusts."""

    id: str
    url: str
    token: SecretStr = field(repr=False)
    trust: ssl.SSLContext | bool = True


class HttpCentreLine:
    """The way to the centres behind these doors."""

    def __init__(self, doors: Mapping[str, Door], settings: GroupSettings, clock: Clock) -> None:
        self._doors, self._settings, self._clock = doors, settings, clock

    async def walls(self, centre: str) -> AsyncGenerator[HeardWall, None]:
        """Yield the centre's wall at each word of it. Raises CentreNotHeard."""
        door = self._doors[centre]
        try:
            async with self._client(door) as client:
                try:
                    async with client.ws_connect(
                        f"{door.url}{LIVE}", ssl=door.trust, max_msg_size=LARGEST, timeout=FAREWELL
                    ) as socket:
                        known: dict[str, Any] = {}
                        while True:
                            async with asyncio.timeout(self._settings.silent_after):
                                message = await socket.receive()
                            if message.type is not WSMsgType.TEXT:
                                if message.type is WSMsgType.ERROR:
                                    raise CentreNotHeard(Why.AWAY)
                                return  # it closed in good order: after an hour, or to let us take a new snapshot
                            yield self._read(door, known, message.data)
                except WSServerHandshakeError as wrong:
                    if wrong.status in TOKEN_REFUSED:
                        raise CentreNotHeard(Why.REFUSED) from None
                    async for wall in self._asked(client, door):
                        yield wall
        except (ClientError, OSError) as wrong:
            raise _not_heard(wrong) from None

    async def sums(self, centre: str, days: Days) -> CentreSums:
        """Return what the centre counted on these days. Raises CentreNotHeard."""
        door = self._doors[centre]
        address = f"/api/v1/reports/sums?from={days.first}&to={days.last}"
        try:
            async with asyncio.timeout(self._settings.answer_within), self._client(door) as client:
                said, _ = await self._get(client, door, address)
        except (ClientError, OSError) as wrong:
            raise _not_heard(wrong) from None
        sums = await asyncio.to_thread(CentreSums.read, said, days.first, days.last)
        if sums is None:
            raise CentreNotHeard(Why.UNREADABLE)
        return sums

    async def _asked(self, client: ClientSession, door: Door) -> AsyncGenerator[HeardWall, None]:
        for _ in range(ASKS):
            async with asyncio.timeout(self._settings.answer_within):
                said, stamp = await self._get(client, door, WALL)
            wall = read_wall({**said, "stamp": stamp}, behind=timedelta())
            if wall is None:
                raise CentreNotHeard(Why.UNREADABLE)
            yield wall
            await asyncio.sleep(ASK_EVERY_S)

    async def _get(self, client: ClientSession, door: Door, address: str) -> tuple[dict[str, Any], str]:
        """Return what is said there, and the stamp of the database that says it."""
        async with client.get(f"{door.url}{address}", ssl=door.trust, allow_redirects=False) as answer:
            if answer.status in TOKEN_REFUSED:
                raise CentreNotHeard(Why.REFUSED)
            if answer.headers.get(CENTRE_HEADER, door.id) != door.id:
                raise CentreNotHeard(Why.ANOTHER)
            if answer.status != 200 or CENTRE_HEADER not in answer.headers:
                raise CentreNotHeard(Why.AWAY if answer.status >= 500 else Why.UNREADABLE)
            return _object(await _body(answer)), answer.headers.get(STAMP_HEADER, "")

    def _client(self, door: Door) -> ClientSession:
        return ClientSession(
            headers={"Authorization": f"Bearer {door.token.get_secret_value()}"},
            timeout=ClientTimeout(
                total=None,
                connect=self._settings.connect_within,
                sock_read=self._settings.answer_within,  # until it speaks as a socket: then silence has its own limit
            ),
        )

    def _read(self, door: Door, known: dict[str, Any], text: str) -> HeardWall:
        message = _object(text)
        if message.get("type") == "wall-snapshot":
            centre = message.get("centre")
            if not isinstance(centre, dict):
                raise CentreNotHeard(Why.UNREADABLE)
            if centre.get("id") != door.id:
                raise CentreNotHeard(Why.ANOTHER)
            known.clear()
            known["stamp"] = centre.get("stamp", "")
        elif message.get("type") != "wall" or not known:
            raise CentreNotHeard(Why.UNREADABLE)
        told, at = message.get("wall"), _moment(message.get("at"))
        if not isinstance(told, dict) or at is None:
            raise CentreNotHeard(Why.UNREADABLE)
        known.update({name: section for name, section in told.items() if name in SECTIONS})
        behind = self._clock.now() - at
        wall = read_wall(known, behind=behind if abs(behind) > SAME_CLOCK else timedelta())
        if wall is None:
            raise CentreNotHeard(Why.UNREADABLE)
        return wall


def open_group(settings: GroupSettings, clock: Clock) -> Group | None:
    """Return the group of centres that is set; None where none is. Blocking. Raises SettingsRefused."""
    if not settings.centres:
        return None
    doors = {
        key: Door(id=key, url=one.url.rstrip("/"), token=settings.token_of(key), trust=_trust(key, one.ca_file))
        for key, one in settings.centres.items()
    }
    centres = [
        Centre(id=key, name=one.name, page=(one.page or one.url).rstrip("/")) for key, one in settings.centres.items()
    ]
    return Group(centres=centres, line=HttpCentreLine(doors, settings, clock), clock=clock, settings=settings)


def _not_heard(wrong: ClientError | OSError) -> CentreNotHeard:
    """Return why nothing was heard: a certificate, silence, or nobody there."""
    if isinstance(wrong, (ClientConnectorCertificateError, ClientConnectorSSLError, ssl.SSLError)):
        return CentreNotHeard(Why.UNTRUSTED)
    if isinstance(wrong, TimeoutError) and not isinstance(wrong, ConnectionTimeoutError):
        return CentreNotHeard(Why.SILENT)
    return CentreNotHeard(Why.AWAY)


def _trust(key: str, ca_file: Any) -> ssl.SSLContext | bool:
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ssl.SSLError):
        raise SettingsRefused(f"group.centres.{key}.ca_file is no certificate that can be read") from None


async def _body(answer: ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > LARGEST:
            raise CentreNotHeard(Why.UNREADABLE)
    return bytes(body)


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise CentreNotHeard(Why.UNREADABLE)
    return said


def _moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo is not None else None
