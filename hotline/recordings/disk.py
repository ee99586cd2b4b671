"""How full the disk of the recordings is, long before one fails. Pure but for the one question to the system."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hotline.settings import RecordingSettings

MEGABYTE: Final = 1_000_000
# Two sides of 8000 samples of two bytes a second, before packing.
MB_A_CALL_HOUR: Final = 2 * 8000 * 2 * 3600 / MEGABYTE


class DiskState(StrEnum):
    """Whether there is room for the calls to come."""

    ROOMY = "roomy"
    LOW = "low"  # make room this week
    NEARLY_FULL = "nearly-full"  # make room now: the service says that it is not ready


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What is free, in MB of a million bytes, and for how many hours of calls that is enough."""

    state: DiskState
    free_mb: int
    call_hours: int


def look_at_disk(
    places: tuple[Path, ...],
    settings: RecordingSettings,
    free: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free,
) -> Disk:
    """Return the state of the fullest disk among these places; one that is not there yet is passed over."""
    least = min((free(place) for place in places if place.exists()), default=0) // MEGABYTE
    state = DiskState.ROOMY
    if least < settings.warn_free_mb:
        state = DiskState.LOW
    if least < settings.min_free_mb:
        state = DiskState.NEARLY_FULL
    return Disk(state=state, free_mb=least, call_hours=int(least / MB_A_CALL_HOUR))
