"""Serve the dialplan's FastAGI calls: one session per caller, each with limits, none able to hurt another.

The sole importer of panoramisk.fast_agi. Kept from it: the reading of result lines. Replaced, because each was seen to
fail: its reading of the header block (an empty connection froze the process), routes, and what a hang-up looks like.
Whatever goes wrong here ends in a closed connection, upon which the dialplan leads the caller to people.
"""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from panoramisk.fast_agi import parse_agi_result

from hotline.ivr.agi_text import AgiCall, command, read_call
from hotline.ivr.errors import AgiPortTaken, AgiRefused, AgiSilent, CallerGone, UnsafeArgument
from hotline.settings import AgiSettings

log = structlog.get_logger()

MOST_BYTES: Final = 256 * 1024  # of a header block or a reply; a caller's name may have 64 KiB
LONGEST_PROMPT: Final = timedelta(seconds=60)
CLOSING_TAKES: Final = 1.0  # seconds; then the connection is cut
AT_ONCE: Final = timedelta(0)
USAGE_LINES: Final = 200
FAILED: Final = -1
ASKS: Final = "menu-asks"  # the subroutine of the dialplan
KEYS_HEARD: Final = frozenset("0123456789*#")
_VARIABLE: Final = re.compile(r"[A-Za-z_]\w*(\([\w,./:-]*\))?", re.ASCII)
_SEPARATES: Final = frozenset("&,()")  # in what a subroutine of the dialplan is given
_VALUE: Final = re.compile(r"200 result=1 \((.*)\)")


@dataclass(frozen=True, slots=True)
class _Result:
    """What a command came to; `data` stands in brackets after the number."""

    number: int
    data: str = ""
    played: int = 0  # samples of a prompt that were heard


class AgiChannel:
    """One caller, as long as the connection lasts.

    Every method may raise CallerGone, AgiSilent, AgiRefused or UnsafeArgument. After CallerGone, AgiSilent, or a wait
    that was cancelled, the connection is of no more use and every command raises CallerGone.
    """

    def __init__(
        self, call: AgiCall, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer_within: float
    ) -> None:
        self.call = call
        self._reader, self._writer, self._answer_within = reader, writer, answer_within
        self._is_usable = True

    async def play(self, prompt: str, *, lasts: timedelta = LONGEST_PROMPT) -> None:
        """Play a prompt (a path without suffix) that no key cuts short.

        `lasts` is the most it may take. A prompt that the switch does not have raises AgiRefused.
        """
        result = await self._ask("STREAM FILE", prompt, "", lasts=lasts)
        if result.played == 0:
            raise AgiRefused("STREAM FILE", "nothing was played: is the prompt there?")

    async def digit(self, timeout: timedelta) -> str:  # noqa: ASYNC109 -- the switch keeps it, not we
        """Wait for one key; return it, or "" when none came in time."""
        milliseconds = max(1, round(timeout.total_seconds() * 1000))  # 0 or less would be for ever
        return _key(await self._ask("WAIT FOR DIGIT", str(milliseconds), lasts=timeout))

    async def ask(self, sounds: Sequence[str], *, waits: timedelta, lasts: timedelta) -> str:
        """Play these one after another and wait for a key; return the key that came meanwhile, or "".

        The switch leads it alone, without our lease (deploy/asterisk/extensions.conf.j2, [menu-asks]), and gives us the
        lease again as soon as it is over, however it ended. `waits` is the time after the last word, `lasts` the most
        the sounds may take. A sound that the switch does not have raises AgiRefused.
        """
        seconds = math.ceil(waits.total_seconds())
        if any(set(sound) & _SEPARATES for sound in sounds):
            raise UnsafeArgument("GOSUB")
        words = (ASKS, "start", "1", f"{'&'.join(sounds)},{seconds}")
        await self._ask("GOSUB", *words, lasts=lasts + timedelta(seconds=seconds))
        heard = await self.variable("HEARD")
        if heard and heard not in KEYS_HEARD:
            raise AgiRefused("GOSUB", "a sound was not played: is it there?")
        return heard

    async def set_variable(self, name: str, value: str) -> None:
        """Set a channel variable or write a dialplan function."""
        await self._ask("SET VARIABLE", _checked("SET VARIABLE", name), value)

    async def variable(self, name: str) -> str:
        """Return a channel variable's or dialplan function's value; "" when it has none."""
        return (await self._ask("GET VARIABLE", _checked("GET VARIABLE", name))).data

    async def run(self, application: str, *arguments: str, lasts: timedelta = AT_ONCE) -> None:
        """Run a dialplan application that takes up to `lasts`. An argument with a comma raises UnsafeArgument."""
        if any("," in argument for argument in arguments):
            raise UnsafeArgument("EXEC")
        result = await self._ask("EXEC", application, ",".join(arguments), lasts=lasts)
        if result.number == -2:
            raise AgiRefused("EXEC", "no such application")

    async def renew_lease(self, seconds: int) -> None:
        """Let the dialplan take the call back unless we renew again within so many seconds."""
        await self.set_variable("TIMEOUT(absolute)", str(seconds))

    async def hang_up(self) -> None:
        """End the call."""
        await self._ask("HANGUP")
        self._is_usable = False

    async def _ask(self, name: str, *words: str, lasts: timedelta = AT_ONCE) -> _Result:
        """Carry out one command. -1 says that it failed or that the caller is gone: the channel's state tells which."""
        result = await self._exchange(name, *words, lasts=lasts)
        if result.number == FAILED:
            if (await self._exchange("CHANNEL STATUS")).number == FAILED:
                self._is_usable = False
                raise CallerGone
            raise AgiRefused(name, "it failed: is what it names there?")
        return result

    async def _exchange(self, name: str, *words: str, lasts: timedelta = AT_ONCE) -> _Result:
        line = command(*name.split(), *words)
        if not self._is_usable:
            raise CallerGone
        within = self._answer_within + lasts.total_seconds()
        self._is_usable = False  # until the whole answer is here: a late one must not be taken for the next command's
        try:
            async with asyncio.timeout(within):
                self._writer.write(line)
                await self._writer.drain()
                reply = await self._reply()
        except TimeoutError:
            raise AgiSilent(name, within) from None
        except (OSError, asyncio.IncompleteReadError):
            raise CallerGone from None
        except asyncio.LimitOverrunError:
            raise AgiRefused(name, f"with a reply longer than {MOST_BYTES} bytes") from None
        result = _read_result(name, reply)
        self._is_usable = True
        if isinstance(result, AgiRefused):
            raise result
        return result

    async def _reply(self) -> str:
        """Return the line that ends the answer to one command."""
        for _ in range(USAGE_LINES):
            line = (await self._reader.readuntil(b"\n")).decode("utf-8", "replace").rstrip("\r\n")
            if line == "HANGUP":
                raise CallerGone
            if line[:1].isdigit() and line[3:4] == " " and not line.startswith("100"):
                return line  # neither "100 Trying" nor a line of the usage text that "520-" begins
        raise CallerGone  # whatever this is, it does not speak AGI


def _read_result(name: str, line: str) -> _Result | AgiRefused:
    """Read a reply's last line. Raises CallerGone."""
    if name == "GET VARIABLE" and (value := _VALUE.fullmatch(line)):
        return _Result(1, value[1])  # read by us: panoramisk takes a variable's value "hangup" for a hang-up
    if line.startswith("511"):
        raise CallerGone  # "command not permitted on a dead channel"
    try:
        found = parse_agi_result(line[:1000])
    except ValueError:
        return AgiRefused(name, "with something that is no reply")
    if found.get("error") == "AGIResultHangup":
        raise CallerGone
    if found.get("error") == "AGIAppError":
        return _Result(FAILED)
    if "error" in found:
        return AgiRefused(name, f"code {found['status_code']}")
    try:
        return _Result(int(found["result"][0] or 0), found["result"][1], int(found.get("endpos", ("0",))[0]))
    except ValueError:
        return AgiRefused(name, "with a result that is no number")


def _key(result: _Result) -> str:
    return chr(result.number) if 0 < result.number < 128 else ""


def _checked(command_name: str, variable: str) -> str:
    if not _VARIABLE.fullmatch(variable):
        raise UnsafeArgument(command_name)
    return variable


class AgiServer:
    """Hands each caller the dialplan sends us to `session`, which must be a coroutine function."""

    def __init__(
        self, settings: AgiSettings, session: Callable[[AgiChannel], Awaitable[None]], *, port: int | None = None
    ) -> None:
        self._settings, self._session = settings, session
        self._port = settings.port if port is None else port
        self._open = 0
        self.listening = asyncio.Event()

    @property
    def port(self) -> int:
        """The port we listen on; with port 0, known once `listening` is set."""
        return self._port

    @property
    def connections(self) -> int:
        """Connections open now."""
        return self._open

    async def run(self) -> None:
        """Serve until cancelled; then every session is cancelled and its connection closed. Raises AgiPortTaken."""
        host = str(self._settings.host)
        sessions = asyncio.TaskGroup()
        try:
            server = await asyncio.start_server(
                partial(self._accept, sessions), host, self._port, limit=MOST_BYTES, start_serving=False
            )
        except OSError as taken:
            raise AgiPortTaken(host, self._port, str(taken.strerror)) from taken
        async with sessions:
            try:
                await server.start_serving()
                self._port = server.sockets[0].getsockname()[1]
                self.listening.set()
                # Not serve_forever: from Python 3.12 on, cancelled, it waits for sessions nobody has cancelled yet.
                await asyncio.get_running_loop().create_future()
            finally:
                server.close()

    def _accept(self, sessions: asyncio.TaskGroup, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= self._settings.sessions:
            log.warning("too many callers in the menu: sent on to people", sessions=self._open)
            writer.close()
            return
        self._open += 1
        sessions.create_task(self._serve(reader, writer), name="agi-session")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            call = await self._read_call(reader)
            if call is not None:
                await self._lead(AgiChannel(call, reader, writer, self._settings.answer_within))
        finally:
            self._open -= 1
            await _close(writer)

    async def _read_call(self, reader: asyncio.StreamReader) -> AgiCall | None:
        try:
            async with asyncio.timeout(self._settings.answer_within):
                block = await reader.readuntil(b"\n\n")
        except (asyncio.IncompleteReadError, OSError):
            return None  # a port scan, a health check, a caller already gone
        except (TimeoutError, asyncio.LimitOverrunError) as wrong:
            log.warning("connection closed: no header block came", reason=type(wrong).__name__)
            return None
        call = read_call(block)
        if call is None:
            log.warning("connection closed: its header block names no call")
        return call

    async def _lead(self, channel: AgiChannel) -> None:
        uniqueid = channel.call.uniqueid
        try:
            await self._session(channel)
        except CallerGone:
            log.info("caller gone", uniqueid=uniqueid)
        except AgiSilent as silent:
            log.warning("switch silent: session closed", uniqueid=uniqueid, command=silent.command)
        except Exception:  # the edge: one session's fault is not another caller's
            log.exception("session failed: the dialplan goes on alone", uniqueid=uniqueid)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        async with asyncio.timeout(CLOSING_TAKES):
            await writer.wait_closed()
    except (TimeoutError, OSError):
        writer.transport.abort()
