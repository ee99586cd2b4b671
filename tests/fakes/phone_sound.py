"""What a telephone of ours says: A-law silence fifty times a second, and key presses beside it (RFC 4733)."""

import asyncio
import contextlib
import secrets
import socket
import struct
from collections import deque
from typing import Final

import numpy as np

from hotline.simulate.alaw import as_alaw
from tests.fakes.ear import ALAW

LOOPBACK: Final = "127.0.0.1"
FRAME: Final = b"\xd5" * 160  # 20 ms
KEYS: Final = {**{str(digit): digit for digit in range(10)}, "*": 10, "#": 11}


LISTENED: Final = 25  # packets: half a second


class PhoneSound:
    """Silence, or a tone, fifty times a second, and keys beside it."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._there: tuple[str, int] | None = None
        self._sequence = self._stamp = 0
        self._source = secrets.randbits(31)
        self._task: asyncio.Task[None] | None = None
        self._keys: asyncio.Queue[tuple[int, asyncio.Event]] = asyncio.Queue()
        self._frame = FRAME
        self._heard: deque[bytes] | None = None

    def to(self, port: int) -> None:
        self._there = (LOOPBACK, port)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._speak())

    def hum(self, hertz: int) -> None:
        """Say a tone (a multiple of 50 Hz) from now on, and listen to what the others say."""
        wave = 8000 * np.sin(2 * np.pi * hertz * np.arange(160) / 8000)
        self._frame = as_alaw(wave.astype(np.int16))
        self._heard = deque(maxlen=LISTENED)
        asyncio.get_running_loop().add_reader(self._socket, self._take)

    def hears(self, hertz: int) -> bool | None:
        """Tell whether this tone was in the last half second; None: there was no sound of that length yet."""
        if self._heard is None or len(self._heard) < LISTENED:
            return None
        sound = ALAW[np.frombuffer(b"".join(self._heard), np.uint8)]
        turns = np.exp(-2j * np.pi * hertz * np.arange(len(sound)) / 8000)
        return bool(abs(np.dot(sound, turns)) * 2 / len(sound) > 0.03)  # as said it is 0.24

    def deafen(self) -> None:
        """Forget what was heard so far."""
        if self._heard is not None:
            self._heard.clear()

    def _take(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            packet = self._socket.recv(2048)
            if self._heard is not None and packet[1] & 0x7F == 8:
                self._heard.append(packet[12:])

    def close(self) -> None:
        if self._heard is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._heard = None
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._socket.close()

    async def press(self, key: int) -> None:
        done = asyncio.Event()
        self._keys.put_nowait((key, done))
        await done.wait()

    async def _speak(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if self._keys.empty():
                self._packet(8, self._frame)
                due += 0.02
                await asyncio.sleep(max(0, due - loop.time()))
                continue
            key, done = self._keys.get_nowait()
            begun = self._stamp
            for step in range(1, 9):  # 160 ms, its end told three times
                for _ in range(3 if step == 8 else 1):
                    end = 0x80 if step == 8 else 0
                    self._packet(101, struct.pack("!BBH", key, end | 10, step * 160), stamp=begun, first=step == 1)
                due += 0.02
                await asyncio.sleep(max(0, due - loop.time()))
            self._stamp = begun + 8 * 160
            for _ in range(8):
                self._packet(8, self._frame)
                due += 0.02
                await asyncio.sleep(max(0, due - loop.time()))
            done.set()

    def _packet(self, kind: int, payload: bytes, *, stamp: int | None = None, first: bool = False) -> None:
        self._sequence = (self._sequence + 1) & 0xFFFF
        head = struct.pack(
            "!BBHII", 0x80, kind | (0x80 if first else 0), self._sequence,
            (self._stamp if stamp is None else stamp) & 0xFFFFFFFF, self._source,
        )  # fmt: skip
        if self._there is not None:
            with contextlib.suppress(BlockingIOError, ConnectionError):
                self._socket.sendto(head + payload, self._there)
        if stamp is None:
            self._stamp += 160
