"""A call's way as stretches of time: ringing, announcement, menu, queue, talk. Pure; the browser draws it."""

from datetime import datetime
from typing import Literal

from hotline.calls.ledger import CallRecord
from hotline.web.shapes import SegmentOut

Kind = Literal["ringing", "announcement", "menu", "queue", "talk"]


def segments(call: CallRecord) -> tuple[SegmentOut, ...]:
    """Return the stretches of the call, in order; the last one has no end while the call lasts.

    The announcement ends where the recording begins: the dialplan starts it right after the notice.
    """
    marks: list[tuple[Kind, datetime]] = []
    for kind, start in (
        ("ringing", call.ring_start),
        ("announcement", call.switch_answer),
        ("menu", call.recording_start),
        ("queue", call.queued_at),
        ("talk", call.human_answer),
    ):
        if start is not None:
            marks.append((kind, start))  # type: ignore[arg-type]  # mypy widens the literals of a loop
    ends = [start for _, start in marks[1:]] + [call.ended_at]
    return tuple(
        SegmentOut(kind=kind, start=start, end=end)
        for (kind, start), end in zip(marks, ends, strict=False)
        if start != end
    )
