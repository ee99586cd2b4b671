"""Bring in a large file while a loop is watched: how long it takes, how late the loop comes, how much memory it takes.

    python -m bench.imports [LINES]

And a file of 200 MB, sent whole and sent without saying how long it is: how soon it is refused, and what it leaves.
"""

import asyncio
import hashlib
import resource
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import ClientError

from hotline.accounts.account import Role
from hotline.clock import SystemClock
from hotline.command_line import settle_memory
from hotline.imports.service import ImportJobs
from hotline.residents.files import FileKind
from hotline.settings import ImportsSettings
from tests.fakes.web_desk import web_desk

CLOCK = SystemClock()
MOST_MB = 200


def megabytes() -> int:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def content_of(lines: int) -> bytes:
    """Return a file of residents: three to a home, a number each."""
    rows = ["房号,姓名,称呼,关系,电话,独居老人"]
    for number in range(lines):
        home = number // 3
        at = f"{home // 2000 + 1}-{home // 400 % 5 + 1}-{home % 400 + 101}"
        rows.append(f"{at},住户{number},先生,业主,{13800000000 + number},否")
    return "\n".join(rows).encode()


class Lag:
    """The latest that the loop woke."""

    def __init__(self) -> None:
        self.worst, self.late = 0.0, 0

    async def run(self) -> None:
        while True:
            began = CLOCK.monotonic()
            await asyncio.sleep(0.01)
            late = CLOCK.monotonic() - began - 0.01
            self.worst, self.late = max(self.worst, late), self.late + (late > 0.05)


async def main(lines: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        async with web_desk(home, clock=CLOCK) as room:
            imports = ImportJobs(
                directory=home / "imports", database=room.database, clock=CLOCK, settings=ImportsSettings()
            )
            object.__setattr__(room.rooms, "imports", imports)
            await refuse(room)
            content = content_of(lines)
            import_id, path = await imports.place()
            path.write_bytes(content)
            sha256 = hashlib.sha256(content).hexdigest()
            await imports.arrived(
                import_id, kind=FileKind.RESIDENTS, file_name="x", size=len(content), sha256=sha256, by="boss"
            )
            settle_memory()  # as the service does
            print(f"{lines} lines, {len(content) / 1e6:.1f} MB; before: {megabytes()} MB of memory")
            await timed("look", imports.work())
            await imports.confirm(import_id, sha256=sha256, leaves_out=False, by="boss")
            await timed("take in", imports.work())
            print((await imports.job(import_id)).counts)


async def refuse(room: Any) -> None:
    """Send too much, in both ways."""
    client = await room.machine(Role.SUPERVISOR)

    async def unsaid() -> AsyncIterator[bytes]:
        for _ in range(MOST_MB):
            yield b"x" * 1_000_000

    for name, headers in (("said", {"Content-Length": str(MOST_MB * 1_000_000)}), ("unsaid", {})):
        began, before = CLOCK.monotonic(), megabytes()
        try:
            answer = await client.post("/api/v1/imports", params={"kind": "residents"}, data=unsaid(), headers=headers)
            said = str(answer.status)
        except ClientError as wrong:
            said = type(wrong).__name__
        took = CLOCK.monotonic() - began
        print(f"{MOST_MB} MB, length {name}: {said} after {took:.2f} s, memory +{megabytes() - before} MB")


async def timed(name: str, work: Any) -> None:
    """Do it and say how long it took and how late the loop came."""
    lag = Lag()
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(lag.run(), name="lag")
        began = CLOCK.monotonic()
        await work
        took = CLOCK.monotonic() - began
        watching.cancel()
    print(
        f"{name}: {took:.1f} s; the loop {lag.worst * 1000:.0f} ms late at worst, {lag.late} times over 50 ms;"
        f" {megabytes()} MB of memory at most"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
