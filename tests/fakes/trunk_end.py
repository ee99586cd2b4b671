"""The other end of the trunk: SIPp answers every call alike, as many at once as come, and writes down whom it was
asked for."""

import asyncio
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from hotline.simulate.scenario import telephone_that_is_not_lifted
from tests.fakes.site import Site


@dataclass
class TrunkEnd:
    """What the carrier saw."""

    messages: Path

    @property
    def numbers(self) -> list[str]:
        """Every number a new call was for, once for each call."""
        text = self.messages.read_text(errors="replace") if self.messages.exists() else ""
        asked = re.findall(r"INVITE sip:(\d+)@.*?^Call-ID: (\S+)", text, re.MULTILINE | re.DOTALL)
        return [number for number, _ in dict.fromkeys(asked)]


@asynccontextmanager
async def trunk_end(site: Site, *, status: str, rings_for: float) -> AsyncIterator[TrunkEnd]:
    """Let every call ring so long and end so ("480 Temporarily Unavailable")."""
    scenario, messages = site.home / "trunk.xml", site.home / "trunk.messages"
    scenario.write_text(telephone_that_is_not_lifted(status, rings_for=rings_for), encoding="utf-8")
    port = site.settings.sip.trunk.rpartition(":")[2]
    process = subprocess.Popen(
        [
            *site.parts.command("sipp"), "-sf", str(scenario), "-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", port,
            "-nostdin", "-aa", "-l", "100", "-trace_msg", "-message_file", str(messages),
        ],
        cwd=site.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield TrunkEnd(messages)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 10)
