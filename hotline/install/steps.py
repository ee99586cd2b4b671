"""What set-up says while it works: one line a step, with the seconds since the start."""

import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TextIO

from hotline.clock import Clock, SystemClock

QUIET_FOR = 2.0  # seconds: whatever takes longer shows its progress


class Steps:
    """Prints each step as it happens; one lives for one command."""

    def __init__(self, out: TextIO | None = None, clock: Clock | None = None) -> None:
        self._out = out or sys.stdout
        self._clock = clock or SystemClock()
        self._started = self._spoke = self._clock.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the command began."""
        return self._clock.monotonic() - self._started

    def say(self, what: str) -> None:
        """Print one line now."""
        self._spoke = self._clock.monotonic()
        with suppress(OSError):  # a terminal that was closed must not stop the stopping
            print(f"[{self.elapsed:6.1f} s] {what}", file=self._out, flush=True)

    def progress(self, what: str) -> None:
        """Print a line only if nothing was said for two seconds."""
        if self._clock.monotonic() - self._spoke >= QUIET_FOR:
            self.say(f"  {what}")


def run_reading(command: Sequence[str], environment: Mapping[str, str], on_line: Callable[[str], None]) -> int:
    """Run a program, hand over each line it prints, return its exit code; it never outlives us."""
    with subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - we asked for the pipe two lines above
            for line in process.stdout:
                on_line(line.rstrip("\n"))
            return process.wait()
        except BaseException:
            process.terminate()
            raise
