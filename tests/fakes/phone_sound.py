"""What a telephone of ours says: A-law silence fifty times a second, and key presses beside it (RFC 4733)."""

import asyncio
import contextlib
import secrets
import socket
import struct
from typing import Final

LOOPBACK: Final = "127.0.0.1"
FRAME: Final = b"\xd5" * 160  # 20 ms
KEYS: Final = {**{str(digit): digit for digit in range(10)}, "*": 10, "#": 11}


class PhoneSound:
    """Silence, fifty times a second, and keys beside it."""

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

    def to(self, port: int) -> None:
        self._there = (LOOPBACK, port)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._speak())

    def close(self) -> None:
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
                self._packet(8, FRAME)
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
                self._packet(8, FRAME)
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
