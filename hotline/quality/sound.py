"""Whether a call can be listened to, and why not: what became of its recording. Pure."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from hotline.recordings.recording import IS_WHOLE, RecordingState


class Sound(StrEnum):
    """What there is to be heard of a call."""

    WHOLE = "whole"
    REFUSED = "refused"  # the caller did not want it
    REMOVED = "removed"  # its time was over
    BROKEN = "broken"  # nobody was heard, or the files were lost
    NONE = "none"  # none was ever made


_UNWANTED: Final = frozenset({RecordingState.REFUSED, RecordingState.REMOVED})
_PAST: Final = frozenset({RecordingState.EXPIRING, RecordingState.EXPIRED})


def sound_of(states: Collection[RecordingState], *, was_refused: bool) -> Sound | None:
    """Return what can be heard of a call whose recordings are in these states; None while it is not settled yet."""
    if not IS_WHOLE.isdisjoint(states):
        return Sound.WHOLE
    if RecordingState.PENDING in states:
        return None
    if was_refused or not _UNWANTED.isdisjoint(states):
        return Sound.REFUSED
    if not _PAST.isdisjoint(states):
        return Sound.REMOVED
    return Sound.BROKEN if states else Sound.NONE
