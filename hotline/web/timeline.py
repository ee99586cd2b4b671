"""A call's way as stretches of time, from ringing to the talk and what follows it. Pure; the browser draws it."""

from datetime import datetime, timedelta
from typing import Final, Literal

from hotline.calls.ledger import CallRecord
from hotline.web.shapes import SegmentOut

Kind = Literal["ringing", "announcement", "menu", "queue", "message", "talk", "after-talk"]


SHORTEST_AFTER_TALK: Final = timedelta(seconds=1)  # less is the moment between one receiver and the other


def segments(call: CallRecord) -> tuple[SegmentOut, ...]:
    """Return the stretches of the call, in order; the last one has no end while the call lasts."""
    # Calls from before the menu said when it began: the recording was started right before it.
    menu = call.menu_entered_at or (call.recording_start if call.menu_path else None)
    phones = [ring.began for ring in call.rings]
    # An emergency rings people without a queue.
    people = call.queued_at or (min(phones) if call.is_emergency and phones else None)
    after = call.talk_ended
    if after and call.ended_at and call.ended_at - after < SHORTEST_AFTER_TALK:
        after = None
    moments: list[tuple[Kind, datetime | None]] = [
        ("ringing", call.ring_start),
        ("announcement", call.switch_answer),
        ("menu", menu),
        ("queue", people),
        ("message", call.message_at),
        ("talk", call.human_answer),
        ("after-talk", after),
    ]
    marks = sorted(((kind, start) for kind, start in moments if start is not None), key=lambda mark: mark[1])
    ends = [start for _, start in marks[1:]] + [call.ended_at]
    return tuple(
        SegmentOut(kind=kind, start=start, end=end)
        for (kind, start), end in zip(marks, ends, strict=False)
        if start != end
    )
