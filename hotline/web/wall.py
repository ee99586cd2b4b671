"""Tell the walls: each section is read when something of it may have changed, and told when it differs.

A change on the bus says which sections may be new. At most one round a second, and one each ten seconds whatever
happens: deadlines pass silently, and a wall must be able to tell silence from a lost line.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog
from pydantic import TypeAdapter

from hotline.bus import RESYNC, Change, Subject
from hotline.calls.today import CallsOfToday
from hotline.web.build import build
from hotline.web.centre_shape import centre_of
from hotline.web.messages import Encoded, encoded
from hotline.web.rooms import WebRooms
from hotline.web.wall_reading import (
    calls_now,
    read_agents,
    read_campaigns,
    read_debts,
    read_emergencies,
    read_link,
    read_rule_alerts,
    today_out,
)
from hotline.web.wall_shapes import Wall, WallChanged, WallSnapshot

log = structlog.get_logger()
PACE_S: Final = 1.0
BEAT_S: Final = 10.0
ALL: Final = frozenset(Wall.model_fields)
OF_A_CALL: Final = frozenset({"calls_now", "today", "debts", "emergencies"})
SECTIONS: Final[Mapping[Subject, frozenset[str]]] = {
    Subject.CALL: OF_A_CALL,
    Subject.ALERT_WORD: frozenset({"emergencies"}),
    Subject.FOLLOW_UP: frozenset({"debts"}),
    Subject.INCIDENT: frozenset({"debts"}),
    Subject.QUEUE: frozenset({"agents", "calls_now", "link"}),
    Subject.LINK: frozenset({"agents", "calls_now", "link"}),
    Subject.AGENT: frozenset({"agents"}),
    Subject.OFFER: frozenset({"agents"}),
    Subject.STAFFING: frozenset({"agents"}),
    Subject.CAMPAIGN: frozenset({"campaigns"}),
    Subject.ALERT: frozenset({"alerts"}),
    Subject.RESYNC: ALL,
}
_SECTION: Final[dict[str, TypeAdapter[Any]]] = {
    name: TypeAdapter(field.annotation or Any) for name, field in Wall.model_fields.items()
}


class WallTelling:
    """`run` works until cancelled; `note` is told of each change, `snapshot` is what a new wall is told first."""

    def __init__(
        self, rooms: WebRooms, today: CallsOfToday, send: Callable[[Encoded], None], is_watched: Callable[[], bool]
    ) -> None:
        self._rooms, self._today, self._send, self._is_watched = rooms, today, send, is_watched
        self._old: set[str] = set()
        self._wake = asyncio.Event()
        self._told: dict[str, str] = {}  # each section as it was told last

    def note(self, change: Change) -> None:
        """Remember what this change may have changed."""
        sections = ALL if change == RESYNC else SECTIONS.get(change.subject, frozenset())
        if sections:
            self._old |= sections
            self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._wake.wait()
            except TimeoutError:
                self._old |= ALL
            self._wake.clear()
            old, self._old = self._old, set()
            if self._is_watched():
                try:
                    self._send(await self._news(old))
                except Exception as wrong:  # noqa: BLE001  # an edge, as in the hub: the next round reads all again
                    self._old |= ALL
                    log.error("the wall could not be read", kind=type(wrong).__name__)
            await asyncio.sleep(PACE_S)

    async def wall(self) -> Wall:
        """Return everything a wall shows, as of now."""
        read = await self._read(ALL)
        return Wall(**read)

    async def snapshot(self) -> Encoded:
        """Return the first message of a wall."""
        now = self._rooms.clock.now().astimezone(self._rooms.zone)
        of = build(self._rooms.libraries)
        return encoded(WallSnapshot(build=of, centre=centre_of(self._rooms), at=now, wall=await self.wall()))

    async def _news(self, old: set[str]) -> Encoded:
        told: dict[str, Any] = {}
        for name, value in (await self._read(frozenset(old))).items():
            text = _SECTION[name].dump_json(value).decode()
            if self._told.get(name) != text:
                self._told[name], told[name] = text, json.loads(text)
        return encoded(WallChanged(at=self._rooms.clock.now().astimezone(self._rooms.zone), wall=told))

    async def _read(self, wanted: frozenset[str]) -> dict[str, Any]:
        rooms, found = self._rooms, dict[str, Any]()
        if wanted & {"calls_now", "today"}:
            today = await self._today.read()
            found["calls_now"] = calls_now(today.going_on, rooms.zone, is_current=rooms.board().is_current)
            found["today"] = today_out(today, rooms)
        for name, read in (
            ("agents", read_agents),
            ("link", read_link),
            ("debts", read_debts),
            ("campaigns", read_campaigns),
            ("emergencies", read_emergencies),
            ("alerts", read_rule_alerts),
        ):
            if name in wanted:
                found[name] = await read(rooms)
        return found
