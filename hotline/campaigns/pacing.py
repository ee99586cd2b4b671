"""How many attempts may begin now. Pure.

Callers come first: what they have, and what is kept free for them, no campaign takes. Where people are to talk, no
more telephones ring than clerks are ready. Where nobody need be there, a few attempts more are planned than there are
lines: they wait in the workers, and the first takes the next line in the moment in which it becomes free.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final

FEWEST: Final = 20  # residents reached, below which a share says nothing
AHEAD: Final = 2.0  # seconds of calls that wait for a line: until the next tick has planned more, even a late one
ANOTHERS: Final = timedelta(days=-1)
"""The answer where the attempt has a line already: whoever took it dials, and gives it back. Nobody else may."""
AHEAD_OF_LINES: Final = 3  # and a third of the lines at most: more do not end in two seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the lines carry now."""

    lines: int  # of the trunk
    keep_free: int
    inbound: int  # calls of residents that have not ended
    ours: int  # attempts planned, dialling, ringing or answered; not those whose channel is known to be gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerks:
    """How people keep up with a campaign in which they are to talk."""

    ready: int
    ringing: int  # attempts that have not reached a clerk yet, over all campaigns in which they must
    callers: int = 0  # who wait for a clerk by themselves: they come first
    reached: int = 0  # residents who lifted, lately
    gave_up: int = 0  # of them, those who hung up while they waited for a clerk

    def is_over(self, cap: float) -> bool:
        """Return whether more than `cap` percent gave up; one in a handful is none to go by, but counts."""
        return self.gave_up > 0 and 100 * self.gave_up > cap * max(self.reached, FEWEST)


def line_limit(load: Load) -> int:
    """Return how many lines campaigns may have in all, now."""
    return max(0, load.lines - load.keep_free - load.inbound)


def lines_left(load: Load) -> int:
    """Return how many lines campaigns may still take."""
    return max(0, line_limit(load) - load.ours)


def look_ahead(load: Load, *, per_second: float) -> int:
    """Return how many attempts may be planned beyond the lines there are."""
    return min(ceil(AHEAD * per_second), ceil(line_limit(load) / AHEAD_OF_LINES))


def attempts_to_plan(load: Load, *, per_second: float, seconds: float) -> int:
    """Return how many attempts to plan for these seconds, those that wait for a line among them."""
    room = line_limit(load) + look_ahead(load, per_second=per_second) - load.ours
    return max(0, min(room, max(1, round(per_second * seconds))))


def clerks_allow(clerks: Clerks, *, cap: float) -> int:
    """Return how many residents may be rung for whom a clerk must be there when they lift.

    Above the cap one clerk is held back, so that a rung resident never meets the last one just taken.
    """
    held_back = 1 if clerks.is_over(cap) else 0
    return max(0, clerks.ready - held_back - clerks.ringing - clerks.callers)
