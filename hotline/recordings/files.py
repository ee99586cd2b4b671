"""The files of a recording on disk: are they complete, how long are they, can a cut one be mended? Blocking."""

import os
import struct
import wave
from pathlib import Path
from typing import Final

from hotline.recordings.recording import Form

HEADER: Final = 44  # bytes of a plain WAV header; a file of no more has no sound
SIDES: Final = ("caller", "agent")
PART: Final = ".part"  # what is being written; nobody reads it
SEALED: Final = ".sealed"
HEARD_PREFIX: Final = ".heard-"  # directories in which a packed recording is unpacked for a recogniser


def side_file(directory: Path, name: str, side: str) -> Path:
    """Return the file of one side, "caller" or "agent"."""
    return directory / f"{name}.{side}.wav"


def packed_file(directory: Path, name: str, form: Form, *, is_encrypted: bool) -> Path:
    """Return the one file of a packed recording."""
    return directory / f"{name}.{form.value}{SEALED if is_encrypted else ''}"


def every_file(directory: Path, name: str) -> list[Path]:
    """Return every file that a recording of this name may have, in whatever form and however unfinished."""
    packed = [packed_file(directory, name, form, is_encrypted=sealed) for form in Form if form.is_packed
              for sealed in (False, True)]  # fmt: skip
    return [*(side_file(directory, name, side) for side in SIDES), *packed,
            *(path.with_name(path.name + PART) for path in packed)]  # fmt: skip


def files_of(directory: Path, name: str, form: Form, *, is_encrypted: bool) -> list[Path]:
    """Return the files in which a recording lies in this form."""
    if form.is_packed:
        return [packed_file(directory, name, form, is_encrypted=is_encrypted)]
    return [side_file(directory, name, side) for side in SIDES]


def remove_files(paths: list[Path]) -> int:
    """Remove what is there of these files, see it gone from the disk, and return how many there were."""
    gone = 0
    for path in paths:
        if path.exists():
            path.unlink(missing_ok=True)
            gone += 1
    for place in {path.parent for path in paths if path.parent.is_dir()}:
        settle_directory(place)
    return gone


def settle_directory(directory: Path) -> None:
    """Have the names in a directory (made, changed, gone) on the disk before going on."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
