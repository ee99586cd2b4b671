"""The one link to the switch: kept up always, one ordered stream of events, every question answered in time or failed.

The sole importer of panoramisk's manager. Kept from it: action ids, the writing of actions, the matching of answers to
actions. Replaced, because each was seen to fail: framing and decoding, callbacks, re-sending after a reconnect, the
reading of list answers, unchecked pongs, and the life of the connection. A `_Link` lives for one connection only, so
nothing of a broken connection can leak into the next.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import panoramisk.actions
import structlog
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager
from panoramisk.message import Message

from hotline.ami import actions
from hotline.ami.actions import Action
from hotline.ami.errors import AmiDown, AmiError, AmiRefused, AmiSilent
from hotline.ami.events import AmiEvent, Malformed, read_event
from hotline.ami.framing import Frames, Unreadable
from hotline.clock import Clock
from hotline.settings import AmiSettings

log = structlog.get_logger()

MOST_ITEMS: Final = 20_000  # messages in one answer; a list longer than this is refused
STEADY_AFTER: Final = 5.0  # seconds; a link that lasted so long starts the back-off table anew
MISSED_PONGS: Final = 2


class LinkState(StrEnum):
    """Where the link stands. REFUSED: the switch is there but does not accept our password."""

    DOWN = "down"
    UP = "up"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Link:
    """The link's state, and since when."""

    state: LinkState
    since: datetime


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Signed in. What happened before is unknown: read a snapshot. FullyBooted follows once the switch is complete."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link is gone; what happens until the next LinkUp will never be told."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The reader fell behind and the backlog was dropped: read a snapshot. Where the link stands follows at once."""


Item = LinkUp | LinkDown | Lost | AmiEvent


@dataclass(frozen=True, slots=True)
class Reply:
    """The switch's answer: its message, its own headers (names in lower case), and for a list its items in order."""

    message: str
    headers: Mapping[str, str]
    events: tuple[AmiEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds before the next try: by the number of tries that failed so far; and when the password was refused."""

    back_off: tuple[float, ...] = (0.2, 0.5, 1.0, 2.0, 5.0)
    when_refused: float = 30.0


class AmiClient:
    """The link to the switch, for as long as `run` runs."""

    def __init__(self, settings: AmiSettings, clock: Clock, rhythm: Rhythm | None = None) -> None:
        self._settings, self._clock, self._rhythm = settings, clock, rhythm or Rhythm()
        self._current: _Link | None = None
        self._link = Link(LinkState.DOWN, clock.now())
        self._box: asyncio.Queue[Item] = asyncio.Queue(settings.buffer)
        self._has_reader = False
        self._outage_told = False
        self.malformed = 0  # events that could not be read, since the start

    @property
    def link(self) -> Link:
        """Where the link stands, and since when."""
        return self._link

    async def run(self) -> None:
        """Keep the link up until cancelled; then close it, for good."""
        failures = 0
        while True:
            began = self._clock.monotonic()
            after = await self._one_connection()
            if self._clock.monotonic() - began > STEADY_AFTER:
                failures = 0
            table = self._rhythm.back_off
            wait = table[min(failures, len(table) - 1)]
            failures += 1
            await asyncio.sleep(self._rhythm.when_refused if after is LinkState.REFUSED else wait)

    async def ask(self, action: Action) -> Reply:
        """Send one action, once, and return the whole answer.

        Raises AmiDown (no link, or it broke; see `was_sent`), AmiSilent (no whole answer within `answer_within`) or
        AmiRefused (the switch's own message).
        """
        if self._current is None:
            raise AmiDown
        return await self._current.ask(action, self._settings.answer_within)

    async def events(self) -> AsyncIterator[Item]:
        """Yield what happens, in order, from wherever the last reader stopped. One reader at a time."""
        while True:
            if self._has_reader:
                raise RuntimeError("the event stream has one reader")
            self._has_reader = True
            try:
                item = await self._box.get()
            finally:
                self._has_reader = False
            yield item

    async def _one_connection(self) -> LinkState:
        """Connect, sign in, stay until the link breaks; return the state it left us in."""
        early: deque[AmiEvent] = deque(
            maxlen=self._settings.buffer
        )  # what comes in one segment with the sign-in's answer
        link = _Link(self._settings, early.append)
        after = LinkState.DOWN
        try:
            await link.open(self._settings.answer_within)
            secret = self._settings.secret.get_secret_value()
            await link.ask(actions.log_in(self._settings.username, secret), self._settings.answer_within)
            self._current = link
            self._outage_told = False
            self._turn(LinkState.UP)
            link.hear = self._hear
            for event in early:
                self._hear(event)
            await self._watch(link)
        except AmiRefused as refused:
            after = LinkState.REFUSED
            log.warning(
                "switch refused our sign-in: run scripts/up again, or check ami.secret in secrets.toml",
                username=self._settings.username,
                answer=refused.message,
                next_try_s=self._rhythm.when_refused,
            )
        except (AmiError, OSError) as down:
            if not self._outage_told:  # once per outage, however many tries it takes
                log.warning("no link to the switch: trying again", port=self._settings.port, reason=str(down))
            self._outage_told = True
        finally:
            self._current = None
            link.close()
            self._turn(after)
        return after

    async def _watch(self, link: "_Link") -> None:
        """Return when the link broke, or when two pongs in a row did not come: such a link is half-open."""
        every, missed = self._settings.ping_every, 0
        while missed < MISSED_PONGS:
            if await link.is_lost_within(every):
                return
            try:
                await link.ask(actions.ping(), every)
                missed = 0
            except AmiRefused:
                missed = 0  # an answer, if not the one we like
            except AmiSilent:
                missed += 1
        log.warning("switch answers no pings: link dropped", missed=missed, port=self._settings.port)

    def _turn(self, state: LinkState) -> None:
        before = self._link.state
        if state is before:
            return
        self._link = Link(state, self._clock.now())
        log.info("link to the switch", before=before.value, after=state.value)
        if LinkState.UP in (before, state):
            self._put(self._link_item())

    def _link_item(self) -> LinkUp | LinkDown:
        return LinkUp() if self._link.state is LinkState.UP else LinkDown()

    def _hear(self, event: AmiEvent) -> None:
        if isinstance(event, Malformed):
            self.malformed += 1
        self._put(event)

    def _put(self, item: Item) -> None:
        """Hand an item to the reader; never waits, never raises."""
        if self._box.full():
            while not self._box.empty():
                self._box.get_nowait()
            log.warning("event reader fell behind: backlog dropped", items=self._settings.buffer)
            self._box.put_nowait(Lost())
            if not isinstance(item, LinkUp | LinkDown):
                self._box.put_nowait(self._link_item())
        self._box.put_nowait(item)


class _Asked(panoramisk.actions.Action):  # type: ignore[misc]
    """One action on its way: panoramisk numbers and writes it; when its answer is whole is decided here."""

    def __init__(self, action: Action) -> None:
        headers: dict[str, list[str]] = {}
        for name, value in action.headers:
            headers.setdefault(name, []).append(value)
        super().__init__({"Action": action.name, **headers})

    def add_message(self, message: Message) -> bool:
        """Take one message of the answer; return whether the answer is whole."""
        self.responses.append(message)
        flag = message.get("eventlist", "").lower()
        is_list_going_on = flag not in ("complete", "cancelled") if "event" in message else flag == "start"
        if is_list_going_on and len(self.responses) < MOST_ITEMS:
            return False
        if not self.future.done():
            self.future.set_result(self.responses)
        return True


class _Framed(AMIProtocol):  # type: ignore[misc]
    """panoramisk's protocol, fed with whole messages."""

    def __init__(self, link: "_Link") -> None:
        self._link = link

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._link.protocol = self
        self.factory, self.encoding = self._link, "utf-8"
        self._frames = Frames()

    def data_received(self, data: bytes) -> None:
        for headers in self._frames.feed(data):
            if isinstance(headers, Unreadable):
                self._link.hear(Malformed("", headers.reason))
            else:
                self.handle_message(Message(headers))

    def close(self) -> None:
        """Fail what is unanswered (panoramisk would keep it and send it again), then close at once."""
        waiting: list[_Asked] = list(self.responses.values())
        self.responses.clear()
        for asked in waiting:
            if not asked.future.done():
                asked.future.set_exception(AmiDown(was_sent=True))
        super().close()
        self.transport.abort()  # a half-open peer would never take what is still to be written


class _Link(Manager):  # type: ignore[misc]
    """panoramisk's manager for one connection; it neither reconnects nor calls back."""

    def __init__(self, settings: AmiSettings, hear: Callable[[AmiEvent], None]) -> None:
        super().__init__(host=str(settings.host), port=settings.port, loop=asyncio.get_running_loop())
        self.hear = hear
        self._lost = asyncio.Event()

    async def open(self, within: float) -> None:
        """Connect. Raises OSError or AmiSilent."""
        try:
            async with asyncio.timeout(within):
                host, port = self.config["host"], self.config["port"]
                await self.loop.create_connection(lambda: _Framed(self), host, port)
        except TimeoutError:
            raise AmiSilent("the connection", within) from None

    async def ask(self, action: Action, within: float) -> Reply:
        """Send one action and return the whole answer; see AmiClient.ask."""
        if self._lost.is_set():
            raise AmiDown
        asked = _Asked(action)
        answer: asyncio.Future[list[Any]] = self.send_action(asked)
        try:
            async with asyncio.timeout(within):
                messages = await answer
        except TimeoutError:
            raise AmiSilent(action.name, within) from None
        finally:
            self.protocol.responses.pop(asked.id, None)
        return _reply(action, messages)

    async def is_lost_within(self, seconds: float) -> bool:
        """Wait so long; return whether the link broke meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                return await self._lost.wait()
        except TimeoutError:
            return False

    def dispatch(self, event: Message) -> None:
        """Hear an event. panoramisk would run callbacks here, and a raising one would end the link."""
        self.hear(read_event(event))

    def connection_lost(self, exc: object) -> None:
        """The connection is gone. panoramisk would connect again by itself, even after close()."""
        self._lost.set()

    def close(self) -> None:
        """End the connection, if there is one."""
        self._lost.set()
        super().close()


def _reply(action: Action, messages: list[Any]) -> Reply:
    response: Mapping[str, str] = next((each for each in messages if "event" not in each), {})
    message = response.get("message", "")
    if len(messages) >= MOST_ITEMS:
        raise AmiRefused(action.name, f"an answer of more than {MOST_ITEMS} items")
    if response.get("response", "").lower() not in ("success", "goodbye"):
        raise AmiRefused(action.name, message or "no reason given")
    own = {name.lower(): value for name, value in response.items() if name != "content"}  # panoramisk adds content
    listed = (each for each in messages if "event" in each and each.get("eventlist", "").lower() != "complete")
    return Reply(message, own, tuple(map(read_event, listed)))
