"""A private Redis on a Unix socket for a test, from the unpacked parts or the host's own program."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.install.parts import Parts
from hotline.settings import read_settings

START_WITHIN = 10.0


class RedisServer:
    """A Redis that a test may stop and start again; what it held is gone then."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._home = Path(tempfile.mkdtemp(prefix="hl-redis-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = self._home / "redis.sock"
        self.url = f"unix://{self.socket}"

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*self._command, "--port", "0", "--unixsocket", str(self.socket), "--save", "", "--dir", str(self._home)],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_WITHIN
        while not self._listens():
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError("the private Redis did not start")
            time.sleep(0.02)

    def _listens(self) -> bool:
        """Tell whether it takes connections: its socket's file is there a moment before."""
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(self.socket)) == 0

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self.socket.unlink(missing_ok=True)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    parts = Parts(read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.directory)
    if parts.ready:
        command = parts.command("redis-server")
    elif found := shutil.which("redis-server"):
        command = [found]
    else:
        pytest.skip("no Redis: run scripts/setup")
    server = RedisServer(command)
    server.start()
    yield server
    server.remove()
