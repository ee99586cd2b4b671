"""Files only their owner may read, whole or not at all, whatever the umask is."""

import os
from pathlib import Path

from hotline.install.errors import SetUpFailed


def make_private_directory(path: Path) -> Path:
    """Make a directory (and those above it) that only its owner may enter. Raises SetUpFailed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as wrong:
        raise SetUpFailed(f"{path} cannot be made: {wrong.strerror} (HOTLINE_HOME says where it lies)") from wrong
    return path


def write_private(path: Path, text: str) -> bool:
    """Write a file of mode 0600 by renaming a finished copy into place; left alone if it says this already.

    Returns whether anything changed. Raises SetUpFailed.
    """
    try:
        if _says_already(path, text):
            path.chmod(0o600)
            return False
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), 0o600)  # a umask can only take bits away: give the owner's back
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.rename(path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as wrong:
        raise SetUpFailed(f"{path} cannot be written: {wrong.strerror}") from wrong
    return True


def _says_already(path: Path, text: str) -> bool:
    try:
        return path.read_text("utf-8") == text
    except (FileNotFoundError, UnicodeDecodeError):
        return False
