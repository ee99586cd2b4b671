"""Texts that nobody could render beforehand: building notices, campaign texts.

A text once spoken is kept by its content and what spoke it. Who writes a text asks for its sound at once and keeps the
name of it, so a call only ever plays a file and never waits for an engine.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from hotline.clock import Clock
from hotline.settings import VoiceSettings
from hotline.voice.engines import Engine, choose_engine
from hotline.voice.errors import VoiceError, VoiceFailed
from hotline.voice.sound import Language, Sound, telephone_seconds
from hotline.voice.spoken_text import clean
from hotline.voice.studio import Studio

LARGEST: Final = 200_000_000  # bytes of the cache: three and a half hours of speech
log = structlog.get_logger()


class FreeTexts:
    """Speaks free texts with the engine that is set, each once. One lives in each process that needs it."""

    def __init__(
        self,
        settings: VoiceSettings,
        home: Path,
        clock: Clock,
        *,
        choose: Callable[[VoiceSettings, Path], Engine] = choose_engine,
        studio: Studio | None = None,
        largest: int = LARGEST,
    ) -> None:
        self._settings = settings
        self._home = home
        self._clock = clock
        self._choose = choose
        self._studio = studio or Studio()
        self._cache = home / "voice-cache"
        self._largest = largest
        self._turns: dict[str, asyncio.Lock] = {}

    async def sound_of(self, text: str, language: Language = "zh") -> Sound:
        """Return the sound of a text, spoken now if it never was: seconds for a sentence, minutes for a page.

        Raises TextRefused; NoVoice when nothing here speaks; VoiceFailed or VoiceTooSlow when the engine did not this
        time. Whoever asks says a fixed sentence instead.
        """
        words = clean(text)
        engine = await asyncio.to_thread(self._choose, self._settings, self._home)
        file = self._file(engine, words, language)
        async with self._turns.setdefault(file.stem, asyncio.Lock()):  # one text asked for twice is spoken once
            try:
                return await asyncio.to_thread(_kept, file) or await self._spoken(engine, words, language, file)
            finally:
                self._turns.pop(file.stem, None)

    async def _spoken(self, engine: Engine, words: str, language: Language, file: Path) -> Sound:
        began = self._clock.monotonic()
        try:
            content = await self._studio.speak(engine, words, language)
        except VoiceError as wrong:
            log.warning("free text not spoken", engine=engine.name, characters=len(words), error_id=wrong.error_id)
            raise
        sound = await asyncio.to_thread(self._keep, file, content)
        log.info(
            "free text spoken",
            engine=engine.name,
            characters=len(words),
            sound_s=round(sound.seconds, 1),
            took_s=round(self._clock.monotonic() - began, 1),
        )
        return sound

    def _file(self, engine: Engine, words: str, language: Language) -> Path:
        content = "\0".join((engine.identity, language, words))
        return self._cache / f"{hashlib.sha256(content.encode()).hexdigest()}.wav"

    def _keep(self, file: Path, content: bytes) -> Sound:
        try:
            self._cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = file.with_name(f".{file.stem}.{os.getpid()}")
            fresh.write_bytes(content)
            fresh.replace(file)
        except OSError as wrong:
            raise VoiceFailed(f"{self._cache} cannot be written ({wrong.strerror})") from wrong
        sound = _kept(file)
        if sound is None:
            file.unlink(missing_ok=True)
            raise VoiceFailed("the engine's answer is no sound for the telephone")
        _make_room(self._cache, self._largest)
        return sound


def _kept(file: Path) -> Sound | None:
    """Return the sound of a file of the cache and mark it as used; None when it is not there."""
    try:
        seconds = telephone_seconds(file)
        os.utime(file)
    except OSError:
        return None
    return Sound(str(file.with_suffix("")), seconds) if seconds else None


def _make_room(cache: Path, largest: int) -> None:
    """Remove what was not used for the longest time until the rest fits; one being played plays on."""
    files = sorted(((file.stat(), file) for file in cache.glob("*.wav")), key=lambda each: -each[0].st_mtime_ns)
    held = 0
    for about, file in files:
        held += about.st_size
        if held > largest:
            file.unlink(missing_ok=True)
