"""Tell every open browser what changed.

The bus says that something changed; the truth is read from SQL once for all browsers. Bursts are drawn together: at
most ten messages a second for one call. A browser that does not keep up loses its place and must take a new snapshot.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

import structlog

from hotline.accounts.account import Role
from hotline.bus import RESYNC, Change, Subject
from hotline.calls.today import CallsOfToday
from hotline.web.agents_reading import read_board
from hotline.web.campaign_reading import read_campaign
from hotline.web.campaign_shapes import CampaignChanged
from hotline.web.errors import TooManyViewers
from hotline.web.figures import Figures, figures
from hotline.web.help_reading import read_helps, read_helps_of
from hotline.web.help_shapes import ByHandChanged, LiveHelpChanged
from hotline.web.identity import HEADS, STAFF
from hotline.web.incident_reading import read_incident, read_open_incidents
from hotline.web.live_words import talks_out, words_changed
from hotline.web.messages import (
    AlertChanged,
    BoardChanged,
    BoardOut,
    CallChanged,
    Encoded,
    EntryChanged,
    IncidentChanged,
    OwedChanged,
    Snapshot,
    TodayChanged,
    encoded,
)
from hotline.web.pops import Offering
from hotline.web.reading import (
    CallAsItStands,
    read_alerts,
    read_as_they_stand,
    read_entries,
    read_entry,
    read_open_calls,
    read_owed,
)
from hotline.web.review_shapes import ReviewsChanged
from hotline.web.reviews_waiting import read_waiting
from hotline.web.rooms import WebRooms
from hotline.web.shapes import EntriesQuery
from hotline.web.telling import alert_out, call_out
from hotline.web.wall import WallTelling
from hotline.web.wall_shapes import Wall

log = structlog.get_logger()
PACE_S: Final = 0.1  # between two rounds of telling
FIGURES_PACE_S: Final = 2.0
FIGURES_AGAIN_S: Final = 60.0  # so that midnight is noticed
AFTER_FAILURE_S: Final = 1.0
OUTBOX: Final = 256  # messages; about half a minute of the busiest desk
MOST_VIEWERS: Final = 200
ENTRIES_SHOWN: Final = 30
BOARD: Final = frozenset({Subject.QUEUE, Subject.LINK, Subject.SHIFT, Subject.STAFFING, Subject.AGENT})
FOR_HEADS: Final = frozenset({Subject.CAMPAIGN, Subject.LIVE_HELP, Subject.BY_HAND})
Outbox = asyncio.Queue[Encoded | None]  # None: you fell behind, or we close


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whose an open socket is. A wall is told nothing but the wall."""

    name: str
    extension: str
    role: Role = Role.AGENT
    is_wall: bool = False


class Hub:
    """The fan-out. `run` works until cancelled; `viewing` is held by each open socket."""

    def __init__(self, rooms: WebRooms, *, most_viewers: int = MOST_VIEWERS, outbox: int = OUTBOX) -> None:
        self._rooms = rooms
        self._most_viewers, self._outbox = most_viewers, outbox
        self._viewers: dict[Outbox, Viewer] = {}
        self._own_today = CallsOfToday(rooms.database, rooms.bus, rooms.clock, rooms.midnight)
        self._today = rooms.today or self._own_today
        self._wall = WallTelling(rooms, self._today, self._send_to_walls, self._is_a_wall_there)
        self._offering = Offering(rooms, self._send_to, self._is_watched)
        self._figures_are_old = asyncio.Event()

    @property
    def viewers(self) -> int:
        """How many sockets are open."""
        return len(self._viewers)

    @contextmanager
    def viewing(
        self, name: str = "", extension: str = "", role: Role = Role.AGENT, *, is_wall: bool = False
    ) -> Iterator[Outbox]:
        """Be told of every change, and of the calls offered to `extension`, from now until the block ends.

        `name` is who looks, and `role` and `is_wall` decide what of it is told. Raises TooManyViewers.
        """
        if len(self._viewers) >= self._most_viewers:
            raise TooManyViewers("as many live windows are open as are served", most=self._most_viewers)
        outbox: Outbox = asyncio.Queue(self._outbox)
        self._viewers[outbox] = Viewer(name, extension, role, is_wall)
        try:
            yield outbox
        finally:
            self._viewers.pop(outbox, None)

    async def run(self) -> None:
        """Listen to the bus and tell, until cancelled."""
        follows = self._own_today.following() if self._today is self._own_today else nullcontext()
        with follows:
            await self._run()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._wall.run(), name="web-hub-wall")
            group.create_task(self._tell_changes(), name="web-hub-changes")
            group.create_task(self._tell_figures(), name="web-hub-figures")
            group.create_task(self._offering.run(), name="web-hub-offers")

    async def snapshot(self, extension: str = "", name: str = "", role: Role = Role.AGENT) -> Encoded:
        """Return everything a desk shows, as of now; with what rings or talks at this phone, and waits for whom."""
        rooms, zone = self._rooms, self._rooms.zone
        calls = await read_open_calls(rooms)
        entries = (await read_entries(rooms, EntriesQuery(limit=ENTRIES_SHOWN))).entries
        alerts = {mask: await read_alerts(rooms, is_masked=mask) for mask in (True, False)}
        today, board, owed = await self._figures(), await self._board(), await read_owed(rooms)
        incidents, offers = await read_open_incidents(rooms), await self._offering.now(extension)
        reviews = (await read_waiting(rooms, {name: role}))[name]

        def told(*, is_masked: bool) -> Snapshot:
            return Snapshot(
                at=rooms.clock.now().astimezone(zone),
                board=board,
                calls=tuple(call_out(call, known, is_masked=is_masked, zone=zone) for call, known in calls),
                alerts=alerts[is_masked],
                today=today,
                duty_log=entries,
                owed=owed,
                incidents=incidents,
                words=talks_out(rooms.talks, zone),
                offers=offers,
                reviews=reviews,
            )

        return encoded(told(is_masked=True), told(is_masked=False))

    async def wall_snapshot(self) -> Encoded:
        """Return everything a wall shows, as of now."""
        return await self._wall.snapshot()

    async def wall(self) -> Wall:
        """Return everything a wall shows, for a program."""
        return await self._wall.wall()

    def dismiss(self, name: str | None = None) -> None:
        """Tell every socket, or this person's, to close and come again: we go down, lost the backlog, or they left."""
        for outbox, whose in list(self._viewers.items()):
            if name is None or whose.name == name:
                show_out(outbox)

    async def _tell_changes(self) -> None:
        with self._rooms.bus.listening() as box:
            while True:
                changes = {await box.get()}
                for change in changes:
                    self._note(change)
                while not box.empty():
                    changes.add(change := box.get_nowait())
                    self._note(change)
                if self._viewers:
                    await self._tell(changes)
                await asyncio.sleep(PACE_S)

    def _note(self, change: Change) -> None:
        self._wall.note(change)
        if change.subject is Subject.ACCOUNT:  # another role, blocked, a token revoked: whoever it is comes again
            self.dismiss(change.id)

    async def _tell(self, changes: Collection[Change]) -> None:
        try:
            if RESYNC in changes:
                self.dismiss()
                return
            named = {change.id for change in changes if change.subject in {Subject.CALL, Subject.ALERT_WORD}}
            calls = await read_as_they_stand(self._rooms, named) if named else {}
            for change in {_once(change) for change in changes}:
                if change.subject in {Subject.CALL, Subject.INCIDENT}:  # both may make us owe something
                    self._figures_are_old.set()
                is_for_heads = change.subject in FOR_HEADS  # as the API of them is
                for message in await self._messages(change, calls):
                    self._send(message, HEADS if is_for_heads else STAFF)
        except Exception as wrong:  # noqa: BLE001  # an edge: a desk that cannot be told now is told to start again
            log.error("changes could not be told", kind=type(wrong).__name__)
            self.dismiss()
            await asyncio.sleep(AFTER_FAILURE_S)

    async def _messages(self, change: Change, calls: Mapping[str, CallAsItStands]) -> list[Encoded]:
        rooms = self._rooms
        match change.subject:
            case Subject.CALL:
                found = calls.get(change.id)
                if found is None:
                    return []
                self._offering.foresee(found.call)
                masked, whole = (
                    call_out(found.call, found.known, is_masked=mask, zone=rooms.zone) for mask in (True, False)
                )
                # The draft of its entry is drawn in the same breath as the call, and nobody says so apart.
                return [
                    encoded(CallChanged(call=masked), CallChanged(call=whole)),
                    *self._alert(found),
                    *(encoded(EntryChanged(entry=entry)) for entry in found.entries),
                    *([encoded(IncidentChanged(incident=found.incident))] if found.incident else []),
                ]
            case Subject.DUTY_LOG:
                one = await read_entry(rooms, int(change.id)) if change.id.isdecimal() else None
                return [] if one is None else [encoded(EntryChanged(entry=one))]
            case Subject.INCIDENT:
                incident = await read_incident(rooms, int(change.id)) if change.id.isdecimal() else None
                return [] if incident is None else [encoded(IncidentChanged(incident=incident))]
            case Subject.WORDS:
                return [encoded(words_changed(rooms.talks, change.id, rooms.zone))]
            case Subject.ALERT_WORD:
                found = calls.get(change.id)
                return [] if found is None else self._alert(found)
            case Subject.CAMPAIGN:
                campaign = await read_campaign(rooms, int(change.id)) if change.id.isdecimal() else None
                return [] if campaign is None else [encoded(CampaignChanged(campaign=campaign))]
            case Subject.FOLLOW_UP:
                return [encoded(OwedChanged(owed=await read_owed(rooms)))]
            case Subject.LIVE_HELP:  # the agent at whose side it is learns of nothing else
                self._send_to(change.id, encoded(LiveHelpChanged(helps=await read_helps_of(rooms, change.id))))
                return [encoded(LiveHelpChanged(helps=await read_helps(rooms)))]
            case Subject.BY_HAND:
                return [encoded(ByHandChanged())]
            case Subject.REVIEW:
                await self._tell_reviews()
                return []
            case Subject.OFFER | Subject.POP | Subject.ALERT:
                return []  # told by itself: to one person without the pace; with the wall
            case _:  # the board
                return [encoded(BoardChanged(board=await self._board()))]

    async def _tell_reviews(self) -> None:
        """Tell each person how much of quality waits for them; nobody learns what waits for another."""
        people = {one.name: one.role for one in self._viewers.values() if one.role in STAFF and not one.is_wall}
        waiting = await read_waiting(self._rooms, people)
        for outbox, whose in list(self._viewers.items()):
            if whose.name in waiting and not whose.is_wall:
                _put(outbox, encoded(ReviewsChanged(reviews=waiting[whose.name])))

    def _alert(self, one: CallAsItStands) -> list[Encoded]:
        """Return what every screen is told of a call in danger; nothing of any other."""
        if not (one.call.is_emergency or one.words):
            return []
        masked, whole = (
            AlertChanged(
                alert=alert_out(one.call, one.known, one.noted, one.words, is_masked=mask, zone=self._rooms.zone)
            )
            for mask in (True, False)
        )
        return [encoded(masked, whole)]

    async def _tell_figures(self) -> None:
        while True:
            try:
                async with asyncio.timeout(FIGURES_AGAIN_S):
                    await self._figures_are_old.wait()
            except TimeoutError:
                pass
            self._figures_are_old.clear()
            if self._viewers:
                try:
                    self._send(encoded(TodayChanged(today=await self._figures())))
                    # What a call makes us owe is kept with the call, and nobody says so apart; deadlines pass silently.
                    self._send(encoded(OwedChanged(owed=await read_owed(self._rooms))))
                except Exception as wrong:  # noqa: BLE001  # an edge, as above; the next round tries again
                    log.error("figures could not be read", kind=type(wrong).__name__)
            await asyncio.sleep(FIGURES_PACE_S)

    def _send(self, message: Encoded, roles: frozenset[Role] = STAFF) -> None:
        for outbox, whose in list(self._viewers.items()):
            if whose.role in roles and not whose.is_wall:
                _put(outbox, message)

    def _send_to_walls(self, message: Encoded) -> None:
        for outbox, whose in list(self._viewers.items()):
            if _sees_wall(whose):
                _put(outbox, message)

    def _is_a_wall_there(self) -> bool:
        return any(_sees_wall(whose) for whose in self._viewers.values())

    def _send_to(self, extension: str, message: Encoded) -> int:
        """Give a message to the sockets of one extension alone; never waits. Returns how many there are."""
        theirs = [outbox for outbox, whose in self._viewers.items() if extension and whose.extension == extension]
        for outbox in theirs:
            _put(outbox, message)
        return len(theirs)

    def _is_watched(self, extension: str) -> bool:
        return any(whose.extension == extension for whose in self._viewers.values())

    async def _board(self) -> BoardOut:
        return await read_board(self._rooms)

    async def _figures(self) -> Figures:
        return figures((await self._today.read()).begun, self._rooms.clock.now())


def _once(change: Change) -> Change:
    """Return what stands for a change in its round: the board and what is owed are told whole, so once is enough."""
    if change.subject in BOARD:
        return Change(Subject.QUEUE)
    return Change(Subject.FOLLOW_UP) if change.subject is Subject.FOLLOW_UP else change


def _sees_wall(viewer: Viewer) -> bool:
    """Heads are told the wall beside their desk."""
    return viewer.is_wall or viewer.role in HEADS


def _put(outbox: Outbox, message: Encoded) -> None:
    """Give one socket a message; never waits."""
    if outbox.full():
        show_out(outbox)
    else:
        outbox.put_nowait(message)


def show_out(outbox: Outbox) -> None:
    """Let one socket close and come again; what it was still to be told is dropped."""
    while not outbox.empty():
        outbox.get_nowait()
    outbox.put_nowait(None)
