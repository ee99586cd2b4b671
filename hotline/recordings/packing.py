"""Pack both sides of a recording into one file, prove that it is right, and read it again. Blocking.

FLAC is compared sample by sample with the sides before anybody believes in it; Opus loses what ears do not miss, so
there the length and the loudness of each side are compared.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from hotline.recordings.errors import NotPackable
from hotline.recordings.legs import PIECE, Leg
from hotline.recordings.recording import Form

Stereo = NDArray[np.int16]  # one row a moment: caller, agent
SIDES_PACKED: Final = 2
CODEC: Final = {Form.FLAC: "flac", Form.OPUS: "libopus"}
CONTAINER: Final = {Form.FLAC: "flac", Form.OPUS: "ogg"}
# Opus: a narrow-band voice is clear at 16 kbit/s a side; "voip" favours speech.
OPTIONS: Final = {Form.FLAC: {"compression_level": "8"}, Form.OPUS: {"application": "voip"}}
OPUS_BITS_A_SECOND: Final = 32_000
OPUS_RATES: Final = frozenset({8000, 12000, 16000, 24000, 48000})
OPUS_MAY_DIFFER_S: Final = 0.1
OPUS_MAY_DIFFER: Final = 2.0  # times as loud, either way
QUIET: Final = 30.0  # below this loudness (of 32768) the line's own noise decides


def pack(caller: Leg, agent: Leg, target: Path, form: Form) -> None:
    """Write both sides into one file, the caller left and the agent right; the shorter is silent at its end.

    Raises NotPackable where the sides do not go together or the file is not equal to them; OSError: the disk fails.
    """
    rate = _rate_of(caller, agent, form)
    try:
        _write(caller, agent, target, form, rate)
        with target.open("rb+") as file:
            os.fsync(file.fileno())
        (_compare_flac if form is Form.FLAC else _compare_opus)(caller, agent, target)
    except av.error.FFmpegError as wrong:
        if isinstance(wrong, OSError) and wrong.errno in {28, 122}:  # no space, over quota: the disk's fault
            raise OSError(wrong.errno, os.strerror(wrong.errno)) from None
        raise NotPackable(f"{target.name}: {type(wrong).__name__}") from None


def both_sides(caller: Leg, agent: Leg, first: int = 0, last: int | None = None) -> Iterator[Stereo]:
    """Give the frames of both sides together; a side that has ended is silent."""
    last = max(caller.frames, agent.frames) if last is None else last
    for start in range(first, last, PIECE):
        until = min(last, start + PIECE)
        block = np.zeros((until - start, SIDES_PACKED), np.int16)
        for column, leg in enumerate((caller, agent)):
            at = 0
            for samples in leg.pieces(start, until):
                block[at : at + len(samples), column] = samples
                at += len(samples)
        yield block


class NoSound(Exception):
    """A file can be opened and holds no sound: it was damaged."""


class Packed:
    """An open packed file: `rate` in Hz, `frames` long. Use it as `with`; `frames_of` may be called again and again.

    Raises av.error.FFmpegError or NoSound for a damaged one.
    """

    def __init__(self, file: Path | BinaryIO) -> None:
        self._container = av.open(str(file) if isinstance(file, Path) else file, mode="r")
        if not self._container.streams.audio:
            self._container.close()
            raise NoSound
        self._stream = self._container.streams.audio[0]
        self.rate = int(self._stream.rate or 0)
        # The container's length is the stream's, rounded up to a microsecond at most.
        length = self._stream.duration
        base = self._stream.time_base
        self.frames = round(length * base * self.rate) if length and base else 0

    def __enter__(self) -> "Packed":
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def frames_of(self, first: int = 0, last: int | None = None) -> Iterator[Stereo]:
        """Give the frames from `first` to before `last`, in order, in pieces of the codec's size."""
        last = self.frames if last is None else last
        base = self._stream.time_base
        assert base is not None  # noqa: S101 - a stream with a rate has one
        self._container.seek(int(max(0, first - self.rate) / self.rate / base), stream=self._stream)
        at = first
        for frame in self._container.decode(self._stream):
            begins = round((frame.pts or 0) * (frame.time_base or base) * self.rate)
            block = _as_stereo(frame)[max(0, at - begins) : max(0, last - begins)]
            if len(block):
                yield block
                at = max(at, begins) + len(block)
            if at >= last:
                return


def _rate_of(caller: Leg, agent: Leg, form: Form) -> int:
    rates = {leg.rate for leg in (caller, agent) if leg.frames}
    if len(rates) != 1:
        raise NotPackable(f"{caller.path.name}: {'no sound' if not rates else 'the sides have different rates'}")
    (rate,) = rates
    if form is Form.OPUS and rate not in OPUS_RATES:
        raise NotPackable(f"{caller.path.name}: Opus knows no {rate} Hz")
    return rate


def _write(caller: Leg, agent: Leg, target: Path, form: Form, rate: int) -> None:
    with av.open(str(target), "w", format=CONTAINER[form]) as out:
        stream: Any = out.add_stream(CODEC[form], rate=rate, options=OPTIONS[form], layout="stereo", format="s16")
        if form is Form.OPUS:
            stream.codec_context.bit_rate = OPUS_BITS_A_SECOND
        at = 0
        for block in both_sides(caller, agent):
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(block).reshape(1, -1), format="s16", layout="stereo")
            frame.sample_rate, frame.pts = rate, at
            at += len(block)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _compare_flac(caller: Leg, agent: Leg, packed: Path) -> None:
    with Packed(packed) as there:
        heard = _rechunked(there.frames_of(0, None))
        for wanted in both_sides(caller, agent):
            if not np.array_equal(wanted, heard(len(wanted))):
                raise NotPackable(f"{packed.name}: the packed sound is not the recorded one")
        if len(heard(1)):
            raise NotPackable(f"{packed.name}: the packed sound is longer than the recorded one")


def _compare_opus(caller: Leg, agent: Leg, packed: Path) -> None:
    wanted, frames = np.zeros(SIDES_PACKED), 0
    for block in both_sides(caller, agent):
        wanted, frames = wanted + (block.astype(np.float64) ** 2).sum(axis=0), frames + len(block)
    rate = caller.rate or agent.rate
    heard, length = np.zeros(SIDES_PACKED), 0
    with Packed(packed) as there:
        for block in there.frames_of(0, None):
            heard, length = heard + (block.astype(np.float64) ** 2).sum(axis=0), length + len(block)
        if abs(length / there.rate - frames / rate) > OPUS_MAY_DIFFER_S:
            raise NotPackable(f"{packed.name}: the packed sound has another length than the recorded one")
    for before, after in zip(np.sqrt(wanted / frames), np.sqrt(heard / max(1, length)), strict=True):
        if max(before, after) > QUIET and not 1 / OPUS_MAY_DIFFER < after / max(before, 1.0) < OPUS_MAY_DIFFER:
            raise NotPackable(f"{packed.name}: a side of the packed sound is not as loud as the recorded one")


def _rechunked(blocks: Iterator[Stereo]) -> Any:
    """Return a function that gives the next so many frames of the blocks, fewer at their end."""
    left = np.zeros((0, SIDES_PACKED), np.int16)

    def take(count: int) -> Stereo:
        nonlocal left
        parts = [left]
        there = len(left)
        while there < count and (block := next(blocks, None)) is not None:
            parts.append(block)
            there += len(block)
        whole = np.concatenate(parts)
        left = whole[count:]
        return whole[:count]

    return take


def _as_stereo(frame: AudioFrame) -> Stereo:
    data: NDArray[Any] = frame.to_ndarray()
    data = data.T if frame.format.is_planar else data.reshape(-1, SIDES_PACKED)
    if data.dtype != np.int16:
        data = np.clip(np.round(data * 32767), -32768, 32767)
    return data.astype(np.int16, copy=False)
