"""Join sounds to one: a sentence from its pieces, without clicks, in milliseconds and without a synthesiser.

Joined sentences are kept by the content of their parts, so that the next caller's "您昨天的报修" costs nothing, and a
recording that replaces a piece makes new sentences by itself. Blocking: called from a thread.
"""

import hashlib
import io
import os
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from hotline.voice.errors import VoiceError
from hotline.voice.sound import RATE, Samples, as_wav

OVERLAP: Final = RATE * 30 // 1000  # samples of one sound that fade out while the next fades in
MOST_KEPT: Final = 2000  # joined sentences; the oldest go first
_METHOD: Final = b"1"  # raised when joining itself changes, so that what was kept before is not used


class SoundNotJoined(VoiceError):
    """A part of a sentence is missing or is not telephone sound (8 kHz, 16 bits, one channel)."""

    error_id = "sound-not-joined"

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}; restore deploy/asterisk/sounds, or run scripts/render-prompts")
        self.file = file


def join(sounds: Sequence[Path]) -> bytes:
    """Return the sounds one after the other as a WAV file. Raises SoundNotJoined, ValueError when there are none."""
    return _joined(sounds, [_content(sound) for sound in sounds])


class JoinedSounds:
    """Joined sentences kept in a folder of their own, `most` of them.

    The folder must hold nothing else: what was used longest ago is removed.
    """

    def __init__(self, directory: Path, *, most: int = MOST_KEPT) -> None:
        self._directory = directory
        self._most = most

    def file(self, sounds: Sequence[Path]) -> Path:
        """Return the file of the joined sounds, made if need be; Asterisk plays it by its path without suffix.

        Raises SoundNotJoined, ValueError when there are no sounds, OSError when the folder cannot be written.
        """
        contents = [_content(sound) for sound in sounds]
        parts = b"".join(hashlib.sha256(content).digest() for content in contents)
        file = self._directory / f"{hashlib.sha256(_METHOD + parts).hexdigest()[:32]}.wav"
        try:
            os.utime(file)  # used now: it stays
        except FileNotFoundError:
            self._write(file, _joined(sounds, contents))
        return file

    def _write(self, file: Path, content: bytes) -> None:
        self._directory.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}")
        try:
            fresh.write_bytes(content)
            fresh.replace(file)
        finally:
            fresh.unlink(missing_ok=True)
        self._make_room()

    def _make_room(self) -> None:
        used: list[tuple[int, Path]] = []
        for kept in self._directory.glob("*.wav"):  # never what another thread is writing
            try:
                used.append((kept.stat().st_mtime_ns, kept))
            except FileNotFoundError:  # another thread was making room as well
                continue
        for _, oldest in sorted(used)[: max(0, len(used) - self._most)]:
            oldest.unlink(missing_ok=True)


def _content(sound: Path) -> bytes:
    try:
        return sound.read_bytes()
    except OSError as wrong:
        raise SoundNotJoined(sound, f"cannot be read ({wrong.strerror})") from wrong


def _joined(sounds: Sequence[Path], contents: Sequence[bytes]) -> bytes:
    if not sounds:
        raise ValueError("nothing to join")
    parts = [_samples(sound, content) for sound, content in zip(sounds, contents, strict=True)]
    whole = parts[0]
    for part in parts[1:]:
        whole = _crossfaded(whole, part)
    return as_wav(whole)


def _crossfaded(before: Samples, after: Samples) -> Samples:
    overlap = min(OVERLAP, len(before), len(after))
    rising = np.linspace(0, 1, overlap).astype(np.float32)
    middle = before[len(before) - overlap :] * rising[::-1] + after[:overlap] * rising
    return np.concatenate((before[: len(before) - overlap], middle.astype(np.float32), after[overlap:]))


def _samples(sound: Path, content: bytes) -> Samples:
    try:
        with wave.open(io.BytesIO(content)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
                raise SoundNotJoined(sound, "is not 8 kHz, 16 bits, one channel")
            return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / np.float32(32767)
    except (wave.Error, EOFError) as wrong:
        raise SoundNotJoined(sound, "is no WAV file") from wrong
