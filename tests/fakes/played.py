"""What callers were played, by the switch's own account; and prompts so short that a test has no time to lose.

Only tests let the switch write this down: the same lines quote callers' numbers, so no installation does.
"""

import asyncio
import re
from pathlib import Path
from typing import Final

from hotline.calls.cel import CelRow, read_page
from tests.fakes.site import Site
from tests.fakes.voice_shelf import write_sound

SHORT: Final = 0.6  # seconds; long enough to be heard, and for a key to fall into
_PLAYED: Final = re.compile(r"<([^>]+)> Playing '([^']+?)(?:\.[a-z0-9]+)?' \(")


def note_what_is_played(site: Site) -> None:
    """Have a switch that is set up and not started note each sound it plays, and to whom."""
    etc = site.home / "asterisk" / "etc"
    with (etc / "logger.conf").open("a") as logger:
        logger.write("played => verbose(3)\n")
    options = etc / "asterisk.conf"
    options.write_text(options.read_text().replace("[options]\n", "[options]\nverbose = 3\n"))


def shorten_prompts(site: Site, *prompt_ids: str) -> None:
    """Give the site recordings of its own of these prompts, a moment long; before its programs start."""
    for prompt_id in prompt_ids:
        write_sound(site.home / "prompts" / "zh" / f"{prompt_id}.wav", SHORT)


async def told_of(site: Site, call_id: str) -> list[CelRow]:
    """Return the event log's rows of the caller's own channel."""
    rows: list[CelRow] = []
    position = 0
    while (page := await asyncio.to_thread(read_page, site.settings.cel_store, position)).rows:
        rows += page.rows
        position = page.position
    return [row for row in rows if row.uniqueid == call_id]


async def played_to(site: Site, call_id: str) -> list[str]:
    """Return the sounds a caller was played, in order: a prompt's id, or the path of a joined sentence."""
    [channel] = {row.channel for row in await told_of(site, call_id) if row.type == "CHAN_START"}
    log = Path(site.home / "asterisk" / "log" / "played").read_text(errors="replace")
    return [sound for told, sound in _PLAYED.findall(log) if told == channel]
