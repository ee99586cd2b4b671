"""Of each call is known whether it can be heard, and why not."""

import pytest

from hotline.quality.sound import Sound, sound_of
from hotline.recordings.recording import RecordingState as State


@pytest.mark.parametrize(
    ("states", "was_refused", "sound"),
    [
        ({State.FINISHED}, False, Sound.WHOLE),
        ({State.CUT, State.MISSING}, False, Sound.WHOLE),
        ({State.PENDING}, False, None),
        ({State.REFUSED}, True, Sound.REFUSED),
        ({State.REMOVED}, False, Sound.REFUSED),
        (set(), True, Sound.REFUSED),
        ({State.EXPIRING}, False, Sound.REMOVED),
        ({State.EXPIRED}, False, Sound.REMOVED),
        ({State.EMPTY}, False, Sound.BROKEN),
        ({State.MISSING}, False, Sound.BROKEN),
        (set(), False, Sound.NONE),
    ],
)
def test_what_can_be_heard_follows_from_its_recordings(
    states: set[State], was_refused: bool, sound: Sound | None
) -> None:
    assert sound_of(states, was_refused=was_refused) is sound
