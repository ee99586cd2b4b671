"""Run SIPp: one process is one telephone. Sole place that knows its command line."""

import asyncio
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from hotline.errors import HotlineError

LOOPBACK: Final = "127.0.0.1"
PORT_IS_TAKEN: Final = "Unable to bind"
TRIES: Final = 5
TRY_AGAIN: Final = 0.3  # seconds
_SEEN: Final = re.compile(  # SIPp 3.6 writes "day<tab>time", 3.7 and later ISO 8601 in UTC
    r"^-{5,} (?P<at>\d{4}-\d{2}-\d{2}[ \tT]\d{2}:\d{2}:\d{2}\.\d{6})Z?[^\n]*\n"
    r"UDP message (?P<way>sent|received)[^\n]*\n\n(?P<line>[^\n]+)(?P<headers>.*?)(?=^-{5,} |\Z)",
    re.MULTILINE | re.DOTALL,
)


class TelephoneFailed(HotlineError):
    """A simulated telephone could not do what its scenario says; the message holds SIPp's own words."""

    error_id = "telephone-failed"


@dataclass(frozen=True, slots=True)
class Heard:
    """A SIP message a telephone sent or received: first line, the rest, when by SIPp's clock (naive: no zone told)."""

    at: datetime
    was_sent: bool
    line: str
    headers: str = ""

    def header(self, name: str) -> str:
        """Return the value of a header, "" where it is absent."""
        found = re.search(rf"^{name}:\s*(.*?)\s*$", self.headers, re.MULTILINE | re.IGNORECASE)
        return found[1] if found else ""


def free_port() -> int:
    """Return a UDP port that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class Telephone:
    """One simulated telephone: `await call()` runs its scenario once, on loopback."""

    def __init__(self, sipp: Sequence[str], *, switch_port: int, directory: Path, name: str) -> None:
        # The same for every scenario: the switch sends calls to where the phone registered from.
        self.port = free_port()
        self._sipp = sipp
        self._switch = f"{LOOPBACK}:{switch_port}"
        self._directory = directory
        self._name = name

    async def call(self, scenario: str, *, limit: float) -> list[Heard]:
        """Run the scenario; return what was said on the wire.

        Raises TelephoneFailed when the scenario did not go as written, or not within `limit` seconds.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        stem = self._directory / f"{self._name}-{self.port}"
        path, messages, errors = stem.with_suffix(".xml"), stem.with_suffix(".messages"), stem.with_suffix(".errors")
        path.write_text(scenario, encoding="utf-8")
        media = free_port()
        command = [
            *self._sipp, self._switch, "-sf", str(path), "-m", "1", "-i", LOOPBACK, "-mi", LOOPBACK,
            "-p", str(self.port), "-min_rtp_port", str(media), "-max_rtp_port", str(min(media + 20, 65_535)),
            "-nostdin", "-aa", "-timeout", f"{limit:.0f}s", "-timeout_error",
            "-trace_msg", "-message_file", str(messages), "-trace_err", "-error_file", str(errors),
        ]  # fmt: skip
        tries = TRIES
        while True:
            errors.unlink(missing_ok=True)
            code = await self._run(command, limit)
            if code == 0:
                return heard(messages.read_text(errors="replace"))
            words = errors.read_text(errors="replace")[-600:] if errors.exists() else "no error file"
            tries -= 1
            if not tries or PORT_IS_TAKEN not in words:
                raise TelephoneFailed(f"{self._name}: SIPp ended with code {code}: {words}")
            await asyncio.sleep(TRY_AGAIN)  # whoever looks for a free port holds one for a moment

    async def _run(self, command: Sequence[str], limit: float) -> int:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, cwd=self._directory
        )
        try:
            async with asyncio.timeout(limit + 5):
                return await process.wait()
        except TimeoutError:
            raise TelephoneFailed(f"{self._name}: SIPp did not end within {limit:.0f} s") from None
        finally:
            if process.returncode is None:
                await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let SIPp hang up what it has on the line; a telephone that vanished would wait in the queue for minutes."""
    process.terminate()
    try:
        async with asyncio.timeout(3):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def heard(messages: str) -> list[Heard]:
    """Read SIPp's message log."""
    return [
        Heard(
            at=datetime.fromisoformat(found["at"].replace("\t", " ")),
            was_sent=found["way"] == "sent",
            line=found["line"].strip(),
            headers=found["headers"],
        )
        for found in _SEEN.finditer(messages)
    ]
