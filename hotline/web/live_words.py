"""Live words and words of danger as pages get them. Pure."""

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final, Literal

from hotline.live.store import AlertWord
from hotline.live.talk import LiveTurn, Talks
from hotline.web.shapes import AlertWordOut, Shape

NEWEST: Final = 6  # turns told in one change; a page that misses one takes it from the next or from a snapshot


class LiveWordOut(Shape):
    """A word of a finished turn and the moment it had been said."""

    text: str
    until: datetime
    confidence: float


class LiveTurnOut(Shape):
    """What one side says; until `is_final` the text may change. An empty final text: it was nothing."""

    key: str
    side: Literal["caller", "agent"]
    at: datetime
    text: str
    is_final: bool
    words: tuple[LiveWordOut, ...]


class LiveTalkOut(Shape):
    """What was said so far in one call; lists of turns are in the order in which they began."""

    call_id: str
    turns: tuple[LiveTurnOut, ...]


class WordsChanged(Shape):
    """The turns of a talk that changed last. `is_gone`: its live words are over, the call has what is kept."""

    type: Literal["words"] = "words"
    call_id: str
    is_gone: bool
    turns: tuple[LiveTurnOut, ...]


def words_changed(talks: Talks, call_id: str, zone: tzinfo) -> WordsChanged:
    """Return what every page is told when a talk went on, or its live words are gone."""
    newest = tuple(live_turn_out(turn, zone) for turn in talks.newest(call_id, NEWEST))
    return WordsChanged(call_id=call_id, is_gone=call_id not in talks, turns=newest)


def talks_out(talks: Talks, zone: tzinfo) -> tuple[LiveTalkOut, ...]:
    """Return every talk that is held, from its beginning, for a page that comes now."""
    return tuple(
        LiveTalkOut(call_id=call_id, turns=tuple(live_turn_out(turn, zone) for turn in talks.said(call_id)))
        for call_id in talks.calls
    )


def live_turn_out(turn: LiveTurn, zone: tzinfo) -> LiveTurnOut:
    """Return a turn."""
    return LiveTurnOut(
        key=f"{turn.leg}:{turn.number}",
        side=turn.side.value,
        at=turn.at.astimezone(zone),
        text=turn.text,
        is_final=turn.is_final,
        words=tuple(
            LiveWordOut(text=word.text, until=word.until.astimezone(zone), confidence=round(word.confidence, 3))
            for word in turn.words
        ),
    )


def alert_words_out(words: Iterable[AlertWord], zone: tzinfo) -> tuple[AlertWordOut, ...]:
    """Return the words of danger of one call."""
    return tuple(AlertWordOut(word=one.word, side=one.side.value, at=one.at.astimezone(zone)) for one in words)
