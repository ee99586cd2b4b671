"""Recordings made from a supervisor's telephone, on their way to the shelf.

The dialplan writes HOME/prompts/incoming/LANGUAGE/ID.wav and, once Asterisk has closed it, the mark ID.done beside it,
which may hold the extension that recorded. What does not pass the door is kept as ID.refused.wav with its reason in
ID.refused.txt until the next try.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from hotline.voice.errors import VoiceError
from hotline.voice.own import OwnRecordings
from hotline.voice.shelf import LANGUAGES
from hotline.voice.sound import Language

LOOK_EVERY: Final = timedelta(seconds=2)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PhonedIn:
    """A recording that came in by telephone; `refused` says why it was not taken, "" if it was."""

    prompt_id: str
    language: Language
    refused: str
    by: str = field(default="", compare=False)
    """The extension that recorded it."""


@dataclass(frozen=True, slots=True)
class PhoneState:
    """What goes on by telephone for a prompt: somebody records, or the last try was refused for this fault."""

    is_recording: bool = False
    refused: str = ""


WhenTaken = Callable[[PhonedIn], Awaitable[None]]


async def nobody_is_told(_phoned: PhonedIn) -> None:
    """Do nothing: where no audit is kept."""


class IncomingRecordings:
    """Takes in what was recorded by telephone."""

    def __init__(self, home: Path, recordings: OwnRecordings, *, when_taken: WhenTaken = nobody_is_told) -> None:
        """`when_taken` hears of each recording, taken in or refused."""
        self._incoming = home / "prompts" / "incoming"
        self._recordings = recordings
        self._when_taken = when_taken

    def state(self, prompt_id: str, language: Language) -> PhoneState:
        """Return what goes on by telephone for a prompt. Blocking."""
        file = self._incoming / language / f"{prompt_id}.wav"
        try:
            told = file.with_name(f"{file.stem}.refused.txt").read_text("utf-8").splitlines()
        except OSError:
            told = []
        return PhoneState(is_recording=file.exists(), refused=told[1] if len(told) > 1 else "other" if told else "")

    def take_in_phoned(self) -> list[PhonedIn]:
        """Take in every finished recording and say what became of each. Blocking."""
        return [
            self._take(mark, self._incoming / language, language)
            for language in LANGUAGES
            for mark in sorted((self._incoming / language).rglob("*.done"))
        ]

    async def run(self) -> None:
        """Look every two seconds, until cancelled. A full disk or the like is logged, and tried again."""
        while True:
            try:
                for phoned in await asyncio.to_thread(self.take_in_phoned):
                    await self._when_taken(phoned)
            except OSError as wrong:
                log.warning("phoned-in recordings cannot be taken in", reason=wrong.strerror)
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    def _take(self, mark: Path, folder: Path, language: Language) -> PhonedIn:
        file, prompt_id = mark.with_suffix(".wav"), str(mark.relative_to(folder).with_suffix(""))
        refused, reason = file.with_name(f"{file.stem}.refused.wav"), file.with_name(f"{file.stem}.refused.txt")
        for old in (refused, reason):
            old.unlink(missing_ok=True)
        why = by = ""
        try:
            by = mark.read_text("utf-8", errors="replace").strip()[:40] or "telephone"
            self._recordings.put(prompt_id, file, by=by, language=language, way="telephone")
            file.unlink()
        except VoiceError as wrong:
            why = str(wrong)
            reason.write_text(f"{why}\n{getattr(wrong, 'fault', 'other')}\n", "utf-8")
            if file.exists():
                file.rename(refused)
        mark.unlink()
        log.info("phoned-in recording", prompt=prompt_id, language=language, taken=not why, error_id=why and "refused")
        return PhonedIn(prompt_id, language, why, by)
