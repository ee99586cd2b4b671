"""What can go wrong between a recording and its conversation. Each message names what to do.

They cross from the recogniser's process to ours, so each is rebuilt from its plain arguments.
"""

from pathlib import Path

from hotline.errors import HotlineError


class TranscribeError(HotlineError):
    """A recording was not written down."""

    error_id = "transcribe-error"


class RecordingUnreadable(TranscribeError):
    """A leg's file is not what the switch writes: a whole WAV file, one channel, 16 bits, 8 or 16 kHz."""

    error_id = "recording-unreadable"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"{self.path} {self.why}"


class RecordingMissing(RecordingUnreadable):
    """A leg's file is not there."""

    error_id = "recording-missing"


class RecordingCut(RecordingUnreadable):
    """A leg's file ends before its own header says: the switch or the disk stopped in the middle of it."""

    error_id = "recording-cut"


class RecordingTooLong(RecordingUnreadable):
    """A leg is longer than any call of ours: the file is damaged or is no call."""

    error_id = "recording-too-long"


class NoModel(TranscribeError):
    """No speech model is at hand for what is set; `scripts/up` fetches one."""

    error_id = "no-speech-model"


class RecogniserDied(TranscribeError):
    """The recogniser's process ended in the middle of a leg (crash, out of memory); the next gets a new one."""

    error_id = "recogniser-died"


class RecogniserTooSlow(TranscribeError):
    """A leg took longer than `transcribe.timeout`; its process was ended."""

    error_id = "recogniser-too-slow"


class RecogniserFailed(TranscribeError):
    """The engine refused a leg, or cannot load its model; says in the engine's words why."""

    error_id = "recogniser-failed"


class NotLoaded(RecogniserFailed):
    """The engine did not come up: model broken, out of memory, machine too busy. No recording is to blame."""
