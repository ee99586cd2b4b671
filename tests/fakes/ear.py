"""What really reaches a caller's telephone: the sound of one line, received as RTP, and keys pressed into it.

The telephone's scenario leaves the sound to it: `with_ear(scenario, ear)`. Its A-law is decoded to samples, in which
prompts are found again, and silences measured by the moments at which sound arrived.
"""

import asyncio
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from hotline.simulate.scenario import TONES

RATE = 8000
FRAME = 160  # samples of one packet: 20 ms
LOUD = 0.003  # RMS of full scale; silence and comfort are far below, speech far above
PIECE = RATE // 2  # a prompt is looked for in pieces of half a second
SAME = 0.85  # correlation
Samples = NDArray[np.float32]


def _table() -> Samples:
    values = np.zeros(256, np.float32)
    for code in range(256):
        plain = code ^ 0x55
        step, part = (plain & 0x70) >> 4, (plain & 0x0F) << 4
        size = part + 8 if step == 0 else (part + 0x108) << (step - 1)
        values[code] = (size if plain & 0x80 else -size) / 32768
    return values


ALAW = _table()


class Ear(asyncio.DatagramProtocol):
    """One end of the sound of a call."""

    def __init__(self) -> None:
        self.port = 0
        self._heard: list[tuple[float, bytes]] = []
        self._line: asyncio.DatagramTransport | None = None
        self._from: tuple[str, int] | None = None
        self._sent = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = cast(asyncio.DatagramTransport, transport)  # the loop's own is no subclass of it
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > 12 and data[1] & 0x7F == 8:  # A-law
            self._from = addr
            self._heard.append((asyncio.get_running_loop().time(), data[12:]))

    @property
    def sound(self) -> Samples:
        """Everything that was heard, without the pauses in which nothing was sent."""
        return ALAW[np.frombuffer(b"".join(payload for _, payload in self._heard), np.uint8)]

    def share_of(self, prompt: Path) -> float:
        """Return how much of a prompt, 0 to 1, is found in what was heard: the share of its half seconds."""
        with wave.open(str(prompt)) as file:
            wanted = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / np.float32(32768)
        pieces = [wanted[at : at + PIECE] for at in range(0, len(wanted) - PIECE + 1, PIECE)]
        pieces = [piece for piece in pieces if _loudness(piece) > LOUD]
        return _found(self.sound, pieces) / len(pieces)

    def longest_silence(self) -> float:
        """Return the longest stretch without anything to hear, in seconds, between two sounds."""
        loud = [at for at, payload in self._heard if _loudness(ALAW[np.frombuffer(payload, np.uint8)]) > LOUD]
        return max((after - before for before, after in pairwise(loud)), default=0.0)

    async def hears(self, prompt: Path, *, share: float = 0.7, limit: float) -> None:
        """Wait until so much of the prompt was heard."""
        async with asyncio.timeout(limit):
            while await asyncio.to_thread(self.share_of, prompt) < share:
                await asyncio.sleep(0.5)

    async def begins(self, *, limit: float) -> None:
        """Wait until the switch sends sound."""
        async with asyncio.timeout(limit):
            while self._from is None:
                await asyncio.sleep(0.1)

    async def press(self, key: str) -> None:
        """Press a key: some silence, so that the switch listens, then its tones, each packet in its time."""
        names = {"*": "star", "#": "pound"}
        await self._say(b"\xd5" * FRAME * 10 + (TONES / f"key-{names.get(key, key)}.al").read_bytes())

    async def _say(self, sound: bytes) -> None:
        assert self._line is not None
        assert self._from is not None, "nothing was heard yet: where the switch listens is not known"
        loop = asyncio.get_running_loop()
        began = loop.time()
        for place, at in enumerate(range(0, len(sound) - FRAME + 1, FRAME)):
            await asyncio.sleep(max(0.0, began + place * 0.02 - loop.time()))
            head = struct.pack("!BBHII", 0x80, 8, self._sent & 0xFFFF, self._sent * FRAME, 4711)
            self._line.sendto(head + sound[at : at + FRAME], self._from)
            self._sent += 1


@asynccontextmanager
async def an_ear() -> AsyncIterator[Ear]:
    """Listen on a free port for the length of the block."""
    line, ear = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=("127.0.0.1", 0))
    try:
        yield ear
    finally:
        line.close()


def with_ear(scenario: str, ear: Ear) -> str:
    """Return a telephone's scenario with its sound led to the ear."""
    assert "[auto_media_port]" in scenario
    return scenario.replace("[auto_media_port]", str(ear.port))


def _loudness(samples: Samples) -> float:
    return float(np.sqrt((samples**2).mean())) if len(samples) else 0.0


def _found(heard: Samples, pieces: list[Samples]) -> int:
    """Return how many of the pieces occur, by normalised correlation at every place at once."""
    if len(heard) < PIECE:
        return 0
    size = 1 << (len(heard) + PIECE).bit_length()
    spectrum = np.fft.rfft(heard, size)
    energy = np.cumsum(np.concatenate([np.zeros(1), heard.astype(np.float64) ** 2]))
    local = np.sqrt(np.maximum(energy[PIECE:] - energy[:-PIECE], 1e-9))
    found = 0
    for piece in pieces:
        met = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)[: len(local)]
        found += bool((met / (local * np.linalg.norm(piece))).max() > SAME)
    return found
