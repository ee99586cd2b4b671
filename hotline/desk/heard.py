"""What a talk that goes on has told so far: its live words, made readable, drafted as its entry will be. Pure.

The same rules draw the entry after the call, so that what the page ticks now is what the form says then.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from hotline.calls.ledger import CallRecord
from hotline.dutylog.draft import Draft, draft_entry
from hotline.live.talk import LiveTurn
from hotline.residents.resident import KnownCaller
from hotline.transcribe.readable import Wishes, readable
from hotline.transcribe.transcript import Turn, Word
from hotline.transcribe.word_list import WordList


def drafted_so_far(
    call: CallRecord, known: KnownCaller | None, said: Iterable[LiveTurn], words: WordList, zone: tzinfo
) -> Draft:
    """Return the draft of a call that is still held, from what was said to the end of a turn."""
    began = call.recording_start or call.human_answer or call.ring_start
    turns = [turn_of_live(turn, began) for turn in said if turn.is_final and turn.text] if began else []
    return draft_entry(call, known, readable(turns, words, Wishes()), zone=zone)


def turn_of_live(turn: LiveTurn, began: datetime) -> Turn:
    """Return a finished live turn as the recording will have it; `began` is when the recording did."""
    start = max(turn.at - began, timedelta(0))
    words: list[Word] = []
    for word in turn.words:
        end = max(word.until - began, start)
        words.append(Word(text=word.text, start=words[-1].end if words else start, end=end, confidence=word.confidence))
    sure = sum(word.confidence for word in words) / len(words) if words else 1.0
    end = words[-1].end if words else start
    return Turn(side=turn.side, start=start, end=end, text=turn.text, confidence=sure, words=tuple(words))
