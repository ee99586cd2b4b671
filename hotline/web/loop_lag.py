"""How late the loop comes to what it was asked to do: whoever holds it up holds up every page and every caller."""

import asyncio
from typing import Final

LOOK_EVERY: Final = 0.25
BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class LoopLag:
    """Counts how late it wakes. `run` watches until cancelled."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS_S) + 1)  # the last is beyond all bounds
        self.total = 0.0

    async def run(self) -> None:
        """Watch until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(LOOK_EVERY)
            self.note(loop.time() - began - LOOK_EVERY)

    def note(self, late: float) -> None:
        """Count one waking that came so many seconds late."""
        late = max(late, 0.0)
        self.counts[sum(late > bound for bound in BOUNDS_S)] += 1
        self.total += late

    @property
    def buckets(self) -> list[tuple[str, float]]:
        """The counts as Prometheus takes them: each holds all below it."""
        bounds = [*map(str, BOUNDS_S), "+Inf"]
        return [(bound, float(sum(self.counts[: place + 1]))) for place, bound in enumerate(bounds)]
