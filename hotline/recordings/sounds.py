"""Give the sound of a recording, in whatever form it lies on disk: as bytes that can be sought in, or as two sides.

Every reading is a stretch of bytes, so that a player may seek: a packed file as it is, an encrypted one block by block,
two WAV files as one of two channels, and one side of a packed file as a WAV file that is made while it is read.
Blocking.
"""

import asyncio
import shutil
import struct
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO, Final, Literal, Protocol

import av.error
import numpy as np
import soxr

from hotline.recordings.errors import KeyMissing, RecordingError
from hotline.recordings.files import HEARD_PREFIX, SIDES, files_of, packed_file, side_file
from hotline.recordings.legs import Leg, open_leg
from hotline.recordings.packing import NoSound, Packed, both_sides
from hotline.recordings.recording import Form, Recording
from hotline.recordings.sealing import SealedFile

Side = Literal["caller", "agent", "both"]
MEDIA: Final = {Form.FLAC: "audio/flac", Form.OPUS: "audio/ogg"}
WAV: Final = "audio/wav"
HEADER: Final = 44
LONGEST_WAV: Final = 0xFFFF_FFFF - HEADER
RATE_FOR_WORDS: Final = 8000


class Sound(Protocol):
    """Bytes of a known length, any stretch of which can be read."""

    @property
    def media(self) -> str: ...

    @property
    def size(self) -> int: ...

    def read(self, start: int, length: int) -> bytes:
        """Return these bytes, fewer only at the end."""
        ...


@dataclass(frozen=True, slots=True)
class FileSound:
    """A file as it is."""

    path: Path
    media: str
    size: int

    def read(self, start: int, length: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(length)


@dataclass(frozen=True, slots=True)
class SealedSound:
    """The plain bytes of an encrypted file."""

    path: Path
    media: str
    size: int
    key: bytes

    def read(self, start: int, length: int) -> bytes:
        with SealedFile(self.path, self.key) as file:
            file.seek(start)
            return file.read(length)


class MadeWav:
    """A WAV file that is made while it is read: `frames` gives the samples from one frame to before another."""

    media = WAV

    def __init__(self, *, rate: int, channels: int, frames: int, samples: Callable[[int, int], bytes]) -> None:
        self._width = 2 * channels
        self._samples = samples
        data = min(frames * self._width, LONGEST_WAV)
        self._head = struct.pack(
            "<4sI4s4sIHHIIHH4sI",
            b"RIFF", data + HEADER - 8, b"WAVE", b"fmt ", 16, 1, channels, rate, rate * self._width, self._width, 16,
            b"data", data,
        )  # fmt: skip
        self.size = HEADER + data

    def read(self, start: int, length: int) -> bytes:
        until = min(self.size, start + length)
        head = self._head[start:until]
        first, last = max(0, start - HEADER), until - HEADER
        if last <= first:
            return head
        frame = first // self._width
        data = self._samples(frame, -(-last // self._width))
        skip = first - frame * self._width
        return head + data[skip : skip + last - first]


def no_key() -> bytes:
    """Say that this house encrypts nothing. Raises KeyMissing."""
    raise KeyMissing("no key file is named here: recordings are not encrypted in this house")


class Sounds:
    """Opens recordings. `key` reads the key of this home and is asked only for what is encrypted."""

    def __init__(self, directory: Path, key: Callable[[], bytes] = no_key) -> None:
        self.directory = directory
        self._key = key

    def open(self, recording: Recording, side: Side) -> Sound | None:
        """Return the sound of one side or of both (caller left, agent right); None where its file is not there.

        Raises KeyMissing, KeyWrong, SealBroken, or RecordingError where the packed file is damaged.
        """
        if not recording.form.is_packed:
            return self._open_sides(recording, side)
        path = packed_file(self.directory, recording.name, recording.form, is_encrypted=recording.is_encrypted)
        if not _is_below(path, self.directory):
            return None
        if side == "both":
            return self._whole(path, recording)
        with self._packed(path, recording) as packed:
            rate, frames = packed.rate, packed.frames
        column = SIDES.index(side)

        def samples(first: int, last: int) -> bytes:
            with self._packed(path, recording) as packed:
                found = [block[:, column] for block in packed.frames_of(first, last)]
            data = np.concatenate(found).tobytes() if found else b""
            return data.ljust(2 * (last - first), b"\0")

        return MadeWav(rate=rate, channels=1, frames=frames, samples=samples)

    def are_there(self, recording: Recording) -> bool:
        """Tell whether every file in which the recording lies is there now."""
        files = files_of(self.directory, recording.name, recording.form, is_encrypted=recording.is_encrypted)
        try:
            return all(path.is_file() for path in files)
        except OSError:  # the disk says nothing
            return False

    @asynccontextmanager
    async def sides(self, recording: Recording) -> AsyncIterator[tuple[Path, Path]]:
        """Give two WAV files, caller and agent, for as long as they are needed; a packed recording is unpacked for it.

        Raises RecordingError where the packed file is not there or cannot be read.
        """
        if not recording.form.is_packed:
            yield (
                side_file(self.directory, recording.name, "caller"),
                side_file(self.directory, recording.name, "agent"),
            )
            return
        place = Path(await asyncio.to_thread(mkdtemp, prefix=HEARD_PREFIX, dir=self.directory))
        try:
            yield await asyncio.to_thread(self._unpacked, recording, place)
        finally:
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)

    def _unpacked(self, recording: Recording, place: Path) -> tuple[Path, Path]:
        path = packed_file(self.directory, recording.name, recording.form, is_encrypted=recording.is_encrypted)
        caller, agent = (place / f"{side}.wav" for side in SIDES)
        try:
            with self._packed(path, recording) as packed:
                _unpack(packed, [caller, agent])
        except OSError as wrong:
            raise RecordingError(f"{path.name} cannot be unpacked: {type(wrong).__name__}") from None
        return caller, agent

    def _open_sides(self, recording: Recording, side: Side) -> Sound | None:
        paths = [side_file(self.directory, recording.name, one) for one in SIDES]
        if side != "both":
            path = paths[SIDES.index(side)]
            return FileSound(path, WAV, path.stat().st_size) if _is_below(path, self.directory) else None
        if not any(_is_below(path, self.directory) for path in paths):
            return None
        caller, agent = (open_leg(path) for path in paths)
        rate = caller.rate or agent.rate
        if not rate:
            return None
        if caller.rate and agent.rate and caller.rate != agent.rate:
            agent = Leg(path=agent.path)  # a switch does not write this; better one side than a wrong one

        def samples(first: int, last: int) -> bytes:
            return b"".join(block.tobytes() for block in both_sides(caller, agent, first, last))

        return MadeWav(rate=rate, channels=2, frames=max(caller.frames, agent.frames), samples=samples)

    def _whole(self, path: Path, recording: Recording) -> Sound:
        media = MEDIA[recording.form]
        if not recording.is_encrypted:
            return FileSound(path, media, path.stat().st_size)
        key = self._key()
        with SealedFile(path, key) as file:
            return SealedSound(path, media, file.size, key)

    @contextmanager
    def _packed(self, path: Path, recording: Recording) -> Iterator[Packed]:
        with ExitStack() as stack:
            file: Path | BinaryIO = path
            if recording.is_encrypted:
                file = stack.enter_context(SealedFile(path, self._key()))  # type: ignore[assignment]
            try:
                yield stack.enter_context(Packed(file))
            except (av.error.FFmpegError, NoSound) as wrong:
                raise RecordingError(
                    f"{path.name} cannot be read ({type(wrong).__name__}): take it from a backup; "
                    "`recordings check --deep` looks at all"
                ) from None


def _unpack(packed: Packed, files: list[Path]) -> None:
    """Write both channels as a recogniser takes them: FLAC as it was recorded, Opus at the telephone's rate."""
    rate = packed.rate if packed.rate in {8000, 16000} else RATE_FOR_WORDS
    with ExitStack() as stack:
        sounds, streams = [], []
        for file in files:
            sound = stack.enter_context(wave.open(str(file), "wb"))
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(rate)
            sounds.append(sound)
            streams.append(soxr.ResampleStream(packed.rate, rate, 1, dtype="int16") if rate != packed.rate else None)
        for block in packed.frames_of(0, None):
            for column, (sound, stream) in enumerate(zip(sounds, streams, strict=True)):
                samples = np.ascontiguousarray(block[:, column])
                sound.writeframesraw((samples if stream is None else stream.resample_chunk(samples)).tobytes())
        for sound, stream in zip(sounds, streams, strict=True):
            if stream is not None:
                sound.writeframesraw(stream.resample_chunk(np.zeros(0, np.int16), last=True).tobytes())


def _is_below(path: Path, directory: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(directory.resolve())
