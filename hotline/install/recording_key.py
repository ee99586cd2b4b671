"""The key of encrypted recordings: made once, never made anew where something was encrypted with one that is gone."""

import secrets

from hotline.install.errors import SetUpFailed
from hotline.install.private_files import make_private_directory, write_private
from hotline.recordings.files import SEALED
from hotline.recordings.sealing import KEY_BYTES
from hotline.settings import Settings


def make_recording_key(settings: Settings) -> bool:
    """Make the key where recordings are to be encrypted and there is none; return whether one was made.

    Raises SetUpFailed where encrypted recordings are there and their key is not.
    """
    file = settings.recording_key_file
    if not settings.recording.encrypt or file.exists():
        return False
    there = settings.recordings_directory
    if there.is_dir() and next(there.rglob(f"*{SEALED}"), None) is not None:
        raise SetUpFailed(
            f"{file} is gone and recordings are encrypted with it: put back your copy. Without it their sound is lost;"
            f" to go on without it, move {there} away"
        )
    make_private_directory(file.parent)
    return write_private(file, secrets.token_hex(KEY_BYTES) + "\n")
