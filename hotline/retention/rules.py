"""Of which class a recording is, and whether its time is over. Pure.

A recording that is held, or whose matter is open, has no end of its time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

GRAVE_KINDS: Final = frozenset({"complaint", "special-help"})


class Klass(StrEnum):
    """For what a recording is kept; each has its own number of days (settings, retention)."""

    CALLS = "calls"  # people of ours spoke
    MESSAGES = "messages"  # a message on the box
    UNANSWERED = "unanswered"  # nobody of ours spoke
    GRAVE = "grave"  # an emergency or a complaint, however it was answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is known of a recording that is kept. `kinds` are those of the call and of its duty-log entries."""

    name: str
    call_id: str
    began: datetime
    is_emergency: bool
    is_answered: bool
    has_message: bool
    kinds: frozenset[str]
    is_held: bool = False
    has_open_matter: bool = False

    @property
    def klass(self) -> Klass:
        """The gravest class that fits."""
        if self.is_emergency or self.kinds & GRAVE_KINDS:
            return Klass.GRAVE
        if self.is_answered:
            return Klass.CALLS
        return Klass.MESSAGES if self.has_message else Klass.UNANSWERED


@dataclass(frozen=True, slots=True)
class Days:
    """For how many days each class is kept."""

    of: dict[Klass, int]

    def is_over(self, kept: Kept, now: datetime) -> bool:
        """Return whether a recording's time is over and nothing speaks for keeping it."""
        if kept.is_held or kept.has_open_matter:
            return False
        return kept.began + timedelta(days=self.of[kept.klass]) <= now

    def earliest(self, klass: Klass, now: datetime) -> datetime:
        """Return the moment before which a recording must have begun to be looked at: grave or not is seen then."""
        return now - timedelta(days=min(self.of[klass], self.of[Klass.GRAVE]))

    def rule(self, klass: Klass) -> str:
        """Say the rule as the proof of a removal has it."""
        return f"retention.{klass} = {self.of[klass]} days"
