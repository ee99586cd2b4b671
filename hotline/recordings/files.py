"""The files of a recording on disk: are they complete, how long are they, can a cut one be mended? Blocking."""

import struct
import wave
from pathlib import Path
from typing import Final

HEADER: Final = 44  # bytes of a plain WAV header; a file of no more has no sound
SIDES: Final = ("caller", "agent")


def side_file(directory: Path, name: str, side: str) -> Path:
    """Return the file of one side, "caller" or "agent"."""
    return directory / f"{name}.{side}.wav"


def are_complete(directory: Path, name: str) -> bool:
    """Return whether the switch has closed both sides' files.

    Asterisk writes the true length into a file's header as its last act; until then it says 0. This needs no command at
    a recording's end: each one was a fork of the whole switch, which cost a busy one a third of its processor.
    """
    return all(_is_closed(side_file(directory, name, side)) for side in SIDES)


def _is_closed(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(HEADER)
    except OSError:
        return False
    says = int.from_bytes(head[40:HEADER], "little") if len(head) == HEADER else 0
    return 0 < says == path.stat().st_size - HEADER


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
