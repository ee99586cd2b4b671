"""Where the switch streams to: one connection a leg, let in by its ticket, each with an owner, a bound and a limit."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from hotline.errors import HotlineError
from hotline.live.frames import HEADER, FrameRefused, Header, Kind, read_header, read_name
from hotline.live.hearing import Hearing
from hotline.live.legs import LiveLeg

log = structlog.get_logger()

NAME_WITHIN: Final = 1.0  # seconds from connection to name
SILENT_AT_MOST: Final = 30.0  # seconds without any frame: the switch sends fifty a second
DOORSTEP: Final = 8  # connections that are not let in yet; of those without a name the oldest makes room

Admit = Callable[[UUID], Awaitable[LiveLeg | None]]
Begin = Callable[[LiveLeg], Hearing]


class LivePortTaken(HotlineError):
    """The AudioSocket port cannot be opened."""

    error_id = "live-port-taken"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"cannot listen on {host}:{port} ({reason}): stop what uses it, or set sip.audiosocket_port to another"
        )
        self.host, self.port = host, port


class LegServer:
    """Takes the switch's streams while `run` runs; at most `most` legs are heard."""

    def __init__(self, host: str, port: int, *, most: int, admit: Admit, begin: Begin) -> None:
        self._host, self.port, self._most = host, port, most
        self._admit, self._begin = admit, begin
        self._nameless: dict[asyncio.StreamWriter, None] = {}  # oldest first
        self._named = 0  # whose names are being asked after
        self._legs: dict[LiveLeg, tuple[Hearing, asyncio.StreamWriter]] = {}
        self.listening = asyncio.Event()

    @property
    def legs(self) -> frozenset[LiveLeg]:
        """The legs that are heard now."""
        return frozenset(self._legs)

    @property
    def free(self) -> int:
        """How many more would be heard."""
        return self._most - len(self._legs)

    def stop(self, call_id: str) -> None:
        """Hear this call no longer, from this moment on; what waited to be heard is dropped."""
        for leg, (hearing, writer) in list(self._legs.items()):
            if leg.call_id == call_id:
                hearing.stop()
                writer.transport.abort()

    async def run(self) -> None:
        """Serve until cancelled. Raises LivePortTaken."""
        owner = asyncio.TaskGroup()
        try:
            server = await asyncio.start_server(
                partial(self._accept, owner), self._host, self.port, start_serving=False
            )
        except OSError as taken:
            raise LivePortTaken(self._host, self.port, str(taken.strerror)) from taken
        async with owner:
            try:
                await server.start_serving()
                self.port = server.sockets[0].getsockname()[1]
                self.listening.set()
                await asyncio.get_running_loop().create_future()
            finally:
                server.close()

    def _accept(self, owner: asyncio.TaskGroup, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._nameless) + self._named >= DOORSTEP:
            # A leg of the switch says its name at once: who is silent longest is none.
            oldest = next(iter(self._nameless), writer)
            self._nameless.pop(oldest, None)
            oldest.transport.abort()
            if oldest is writer:
                return
        self._nameless[writer] = None
        owner.create_task(self._serve(reader, writer), name="live-leg")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        leg: LiveLeg | None = None
        try:
            leg = await self._let_in(reader, writer)
            if leg is not None:
                hearing = self._begin(leg)
                self._legs[leg] = hearing, writer
                await self._hear(hearing, reader)
        except FrameRefused as wrong:
            log.warning("a live stream was refused", reason=str(wrong))
        except (asyncio.IncompleteReadError, OSError):
            pass  # gone: a port scan, a health check, or a call that is over
        except TimeoutError:
            log.warning("a live stream did not say its name: closed")
        except Exception as wrong:  # noqa: BLE001 - an edge: whatever befalls one leg, the others are heard on
            log.error(
                "a live leg failed: it has no more words", linkedid=leg.call_id if leg else "", kind=_kinds(wrong)
            )
        finally:
            self._nameless.pop(writer, None)
            if leg is not None:
                self._legs.pop(leg, None)
            writer.transport.abort()  # nothing is ever written: nothing has to be waited for

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> LiveLeg | None:
        async with asyncio.timeout(NAME_WITHIN):
            header = read_header(await reader.readexactly(HEADER))
            if header.kind is not Kind.NAME:
                raise FrameRefused("a stream did not begin with its name")
            name = read_name(await reader.readexactly(header.length))
        self._nameless.pop(writer, None)
        self._named += 1
        try:
            leg = await self._admit(name)
        finally:
            self._named -= 1
        if leg is None:
            raise FrameRefused("nobody announced a stream of this name, or it came too late")
        if leg in self._legs:
            raise FrameRefused("this leg is heard already")
        if self.free <= 0:
            log.warning("as many legs are heard as live.legs allows: this one has no words", linkedid=leg.call_id)
            return None
        return leg

    async def _hear(self, hearing: Hearing, reader: asyncio.StreamReader) -> None:
        async with asyncio.TaskGroup() as both:
            both.create_task(hearing.run(), name="live-hearing")
            try:
                await _read(hearing, reader)
            except (asyncio.IncompleteReadError, OSError):
                pass  # the call is over, or the switch is gone
            except TimeoutError:
                log.warning("a live stream fell silent: closed", linkedid=hearing.leg.call_id)
            except FrameRefused as wrong:
                log.warning("a live stream was refused", reason=str(wrong), linkedid=hearing.leg.call_id)
            hearing.sound.end()  # however it ended, what came is heard


async def _read(hearing: Hearing, reader: asyncio.StreamReader) -> None:
    while True:
        async with asyncio.timeout(SILENT_AT_MOST):
            header = read_header(await reader.readexactly(HEADER))
            payload = await reader.readexactly(header.length)
        if not _goes_on(header):
            return
        hearing.sound.put(payload)


def _goes_on(header: Header) -> bool:
    if header.kind is Kind.NAME:
        raise FrameRefused("a stream said a second name")
    return header.kind is Kind.SOUND


def _kinds(wrong: BaseException) -> str:
    """Say of what kind an error is, and nothing of what it says: that may be somebody's words."""
    if isinstance(wrong, BaseExceptionGroup):
        return ", ".join(_kinds(one) for one in wrong.exceptions)
    return type(wrong).__name__
