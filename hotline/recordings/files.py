"""The files of a recording on disk: are they complete, how long are they, can a cut one be mended? Blocking."""

import struct
import wave
from pathlib import Path
from typing import Final

HEADER: Final = 44  # bytes of a plain WAV header; a file of no more has no sound
SIDES: Final = ("caller", "agent")


def done_mark(directory: Path, name: str) -> Path:
    """Return the mark that MixMonitor's end command leaves when both files are complete."""
    return directory / f"{name}.done"


def side_file(directory: Path, name: str, side: str) -> Path:
    """Return the file of one side, "caller" or "agent"."""
    return directory / f"{name}.{side}.wav"


def seconds_of(path: Path) -> float:
    """Return the sound's length in seconds; 0.0 for a missing, empty or unreadable file."""
    try:
        with wave.open(str(path), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
    except (OSError, EOFError, wave.Error, ZeroDivisionError):
        return 0.0


def mend_header(path: Path) -> None:
    """Write the true lengths into the header of a file whose writer died.

    Asterisk fills them in when it closes the file; until then they say 0 although the sound is there.
    """
    with path.open("r+b") as file:
        head = file.read(HEADER)
        if len(head) < HEADER or head[:4] != b"RIFF" or head[36:40] != b"data":
            return
        size = path.stat().st_size
        file.seek(4)
        file.write(struct.pack("<I", size - 8))
        file.seek(40)
        file.write(struct.pack("<I", size - HEADER))
