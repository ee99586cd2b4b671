"""What is being said: news of one leg as it is passed on, and each talk so far, bounded. Pure.

Words are personal: they live in these values and nowhere else, are never logged, and are gone with the talk.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from hotline.transcribe.transcript import Side

MOST_TALKS: Final = 100
MOST_TURNS: Final = 300  # of one talk; the oldest go first
MOST_CHARACTERS: Final = 2000  # of one turn
_ID: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """One word of a finished turn, when its sound ended, and how sure the recogniser is (0 to 1)."""

    text: str
    until: datetime
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTurn:
    """What one side says or said without a pause. `number` counts each leg's turns; until final, the text may change.

    `leg` tells two agents of one call apart. `words` are there once it is final.
    """

    call_id: str
    leg: str
    side: Side
    number: int
    at: datetime
    text: str
    is_final: bool
    words: tuple[SpokenWord, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """Which turn of its call this is."""
        return self.leg, self.number

    def to_json(self) -> dict[str, Any]:
        """Return the turn as JSON takes it."""
        return {
            "call": self.call_id,
            "leg": self.leg,
            "side": self.side.value,
            "number": self.number,
            "at": self.at.isoformat(),
            "text": self.text,
            "is_final": self.is_final,
            "words": [[word.text, word.until.isoformat(), round(word.confidence, 3)] for word in self.words],
        }

    @classmethod
    def from_json(cls, value: Any) -> "LiveTurn":
        """Read a turn. Raises ValueError, TypeError or KeyError for anything else."""
        words = tuple(
            SpokenWord(text=str(text)[:MOST_CHARACTERS], until=_aware(until), confidence=float(confidence))
            for text, until, confidence in value["words"]
        )
        return cls(
            call_id=str(value["call"])[:_ID],
            leg=str(value["leg"])[:_ID],
            side=Side(value["side"]),
            number=int(value["number"]),
            at=_aware(value["at"]),
            text=str(value["text"])[:MOST_CHARACTERS],
            is_final=bool(value["is_final"]),
            words=words,
        )


class Talks:
    """Every talk that is heard now or was lately, in memory only."""

    def __init__(self, *, most_talks: int = MOST_TALKS, most_turns: int = MOST_TURNS) -> None:
        self._most_talks, self._most_turns = most_talks, most_turns
        self._talks: OrderedDict[str, OrderedDict[tuple[str, int], LiveTurn]] = OrderedDict()
        self._refused: OrderedDict[str, None] = OrderedDict()

    def __contains__(self, call_id: str) -> bool:
        return call_id in self._talks

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls of which anything is held."""
        return tuple(self._talks)

    def take(self, turn: LiveTurn) -> bool:
        """Take a turn that began, went on or is final; return whether that is new. A talk that was shut stays so."""
        if turn.call_id in self._refused:
            return False
        talk = self._talks.setdefault(turn.call_id, OrderedDict())
        before = talk.get(turn.key)
        if before == turn or (before is not None and before.is_final):
            return False
        talk[turn.key] = turn
        talk.move_to_end(turn.key)
        while len(talk) > self._most_turns:
            talk.popitem(last=False)
        while len(self._talks) > self._most_talks:
            self._talks.popitem(last=False)
        return True

    def said(self, call_id: str) -> tuple[LiveTurn, ...]:
        """Return what was said so far in the order in which it began."""
        return tuple(sorted(self._talks.get(call_id, {}).values(), key=lambda turn: turn.at))

    def newest(self, call_id: str, count: int) -> tuple[LiveTurn, ...]:
        """Return the turns that changed last, in the order in which they began."""
        turns = list(self._talks.get(call_id, {}).values())[-count:]
        return tuple(sorted(turns, key=lambda turn: turn.at))

    def forget(self, call_id: str) -> bool:
        """Drop a talk; return whether there was one."""
        return self._talks.pop(call_id, None) is not None

    def shut(self, call_id: str) -> bool:
        """Drop a talk and take nothing of it any more: the caller refused. Returns whether there was one."""
        self._refused[call_id] = None
        while len(self._refused) > self._most_talks:
            self._refused.popitem(last=False)
        return self.forget(call_id)


def placed(words: Iterable[tuple[str, timedelta, float]], began: datetime) -> tuple[SpokenWord, ...]:
    """Return words, told by when they ended in their leg, at the moment each was said."""
    return tuple(SpokenWord(text=text, until=began + end, confidence=confidence) for text, end, confidence in words)


def _aware(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without an offset")
    return moment
