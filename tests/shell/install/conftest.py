import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hotline.clock import SystemClock
from hotline.install.processes import Supervisor

LIMIT = 30.0


@contextmanager
def short_home() -> Iterator[Path]:
    """Make a home whose path is short enough for sockets; stop whatever runs in it at the end."""
    path = Path(tempfile.mkdtemp(prefix="hl-"))
    try:
        yield path
    finally:
        Supervisor(path).stop()
        shutil.rmtree(path)


@pytest.fixture
def home() -> Iterator[Path]:
    with short_home() as path:
        yield path


@pytest.fixture
def other_home() -> Iterator[Path]:
    with short_home() as path:
        yield path


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object], str], None]:
    """Return a function that waits until a condition holds and fails, saying what was awaited, if it never does."""

    def wait(holds: Callable[[], object], what: str) -> None:
        clock = SystemClock()
        deadline = clock.monotonic() + LIMIT
        while not holds():
            assert clock.monotonic() < deadline, f"waited {LIMIT} s for {what}"
            time.sleep(0.02)

    return wait


@pytest.fixture
def free_ports() -> Callable[[int], list[int]]:
    """Return a function that finds ports free for TCP and UDP."""

    def find(count: int) -> list[int]:
        sockets = [socket.socket() for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
        for each in sockets:
            each.close()
        return ports

    return find
