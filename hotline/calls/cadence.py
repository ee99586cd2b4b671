"""China's ring cadence: how many rings a caller has heard after so long.

Asterisk `indications.conf` [cn] ring = 450/1000,0/4000 and YD/T 1522: 1 s on, 4 s off; ring n starts at 5(n-1) s.
"""

from datetime import timedelta
from typing import Final

RING_ON: Final = timedelta(seconds=1)
RING_PERIOD: Final = timedelta(seconds=5)
THREE_RINGS: Final = 2 * RING_PERIOD + RING_ON  # the end of the third ring: 11 s
PUBLIC_HOTLINE_LIMIT: Final = timedelta(seconds=15)  # GB/T 33358-2016


def rings_heard(waited: timedelta) -> int:
    """Return how many rings had begun when `waited` had passed since ring start."""
    if waited < timedelta(0):
        return 0
    return waited // RING_PERIOD + 1


def is_within_three_rings(waited: timedelta) -> bool:
    """Tell whether a call lifted after `waited` was lifted within three rings (11 s)."""
    return waited <= THREE_RINGS
