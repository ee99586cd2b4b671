"""A clock that stands still until a test turns it."""

from datetime import UTC, datetime, timedelta


class ClockByHand:
    """A Clock whose both hands move together, and only by `turn`."""

    def __init__(self, now: datetime = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)) -> None:
        self._now, self._seconds = now, 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def turn(self, seconds: float) -> None:
        """Let this much time pass."""
        self._now += timedelta(seconds=seconds)
        self._seconds += seconds
