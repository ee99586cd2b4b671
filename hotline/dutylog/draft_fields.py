"""What a drafted field of an entry rests on: who or what said it, at which second, and how sure it is. Pure."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from hotline.transcribe.edits import letters_of
from hotline.transcribe.transcript import Side, Turn


class DraftField(StrEnum):
    """The fields that are drafted. `symptom`, `emergency` and `due` stand in the words of other fields of the entry."""

    KIND = "kind"
    HOME = "home"
    SYMPTOM = "symptom"
    URGENCY = "is_urgent"
    EMERGENCY = "emergency"
    PROMISE = "promised"
    DUE = "due"


class Origin(StrEnum):
    """Where a drafted value comes from."""

    MENU = "menu"  # keys pressed, or the queue they led to
    RESIDENT = "resident"  # the resident's record, by the caller's number
    RECORDING = "recording"  # words said, at a second of it
    AGENT = "agent"  # the agent chose it while the call went on
    NOTHING = ""  # it is not known


class Certainty(StrEnum):
    """Sure: two who know it say the same. Likely: one does. Unsure: doubtful words, or two say different things."""

    SURE = "sure"
    LIKELY = "likely"
    UNSURE = "unsure"


YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """One field as drafted. `value` "" is: not known, or two values contradict each other and both are in `offered`.

    `phrase` is the piece of talk it rests on, `second` where that begins in the recording.
    """

    field: DraftField
    value: str = ""
    origin: Origin = Origin.NOTHING
    certainty: Certainty = Certainty.UNSURE
    side: Side | None = None
    second: float | None = None
    phrase: str = ""
    offered: tuple[str, ...] = ()  # other values somebody named; never chosen by us


def second_of(turn: Turn, phrase: str) -> float:
    """Return when a phrase of a turn begins, in seconds of the recording; the turn's beginning where words are less."""
    letters = letters_of(turn.words)
    at = letters.text.find(phrase)
    owner = letters.owners[at] if at >= 0 and phrase else -1
    start: timedelta = turn.words[owner].start if owner >= 0 else turn.start
    return round(start.total_seconds(), 1)
