"""How many attempts may begin now. Pure.

Callers come first: what they have, and what is kept free for them, no campaign takes. Where people are to talk, no
more telephones ring than clerks are ready.
"""

from dataclasses import dataclass
from typing import Final

FEWEST: Final = 20  # residents reached, below which a share says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the lines carry now."""

    lines: int  # of the trunk
    keep_free: int
    inbound: int  # calls of residents that have not ended
    ours: int  # attempts planned, dialling, ringing or answered; one whose fate is unknown has no channel any more


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


def lines_left(load: Load) -> int:
    """Return how many lines campaigns may still take."""
    return max(0, load.lines - load.keep_free - load.inbound - load.ours)


def line_limit(load: Load) -> int:
    """Return how many lines campaigns may have in all, now."""
    return max(0, load.lines - load.keep_free - load.inbound)


def attempts_to_begin(load: Load, *, per_second: float, seconds: float) -> int:
    """Return how many attempts may begin in these seconds."""
    return min(lines_left(load), max(1, round(per_second * seconds)))


def clerks_allow(clerks: Clerks, *, cap: float) -> int:
    """Return how many residents may be rung for whom a clerk must be there when they lift.

    Above the cap one clerk is held back, so that a rung resident never meets the last one just taken.
    """
    held_back = 1 if clerks.is_over(cap) else 0
    return max(0, clerks.ready - held_back - clerks.ringing - clerks.callers)
