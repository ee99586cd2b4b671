from datetime import UTC, datetime
from typing import Any

import pytest

from hotline.recordings.recording import Form, Recording, RecordingState


def recording(**changes: Any) -> Recording:
    values: dict[str, Any] = {
        "name": "a", "call_id": "c", "state": RecordingState.FINISHED, "began": datetime(2026, 11, 22, tzinfo=UTC),
        "caller": None, "agent": None,
    }  # fmt: skip
    return Recording(**(values | changes))


def test_recording_with_both_sides_heard_and_equal_has_nothing_odd() -> None:
    assert recording(gap_seconds=1.9).oddities == ()


@pytest.mark.parametrize("gap", [2.5, -2.5])
def test_silent_side_and_unequal_sides_are_oddities_whichever_is_longer(gap: float) -> None:
    assert recording(silent_legs=("agent",), gap_seconds=gap).oddities == ("silent-agent", "legs-unequal")


def test_only_flac_and_opus_are_packed() -> None:
    assert [form for form in Form if form.is_packed] == [Form.FLAC, Form.OPUS]
