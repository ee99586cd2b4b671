"""What can go wrong with the sound of a recording. Each message says what to do; none names a person."""

from pathlib import Path

from hotline.errors import HotlineError


class RecordingError(HotlineError):
    """The sound of a recording cannot be given, or cannot be put away as asked."""

    error_id = "recording-error"


class NotPackable(RecordingError):
    """The sides are not what the switch writes, or the packed copy was not equal to them: they stay as they are."""

    error_id = "recording-not-packable"


class SealBroken(RecordingError):
    """An encrypted recording was changed, cut short, or is not one of ours."""

    error_id = "recording-seal-broken"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.name} {why}: take it from a backup; `recordings check --deep` looks at all")
        self.path = path


class KeyMissing(RecordingError):
    """Recordings are encrypted and their key is not there; only a copy of the key file gives their sound back."""

    error_id = "recording-key-missing"


class KeyWrong(RecordingError):
    """A recording was encrypted with another key than the one that is set."""

    error_id = "recording-key-wrong"


class HoldRefused(RecordingError):
    """A recording cannot be held or released as asked: it is gone, or it stands so already."""

    error_id = "recording-hold-refused"


class RemovalsBroken(RecordingError):
    """The chain of removals does not hold: a row was changed, taken out or put in."""

    error_id = "removals-broken"
