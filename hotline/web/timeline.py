"""A call's way as stretches of time, from ringing to the talks and what follows them. Pure; the browser draws it."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal

from hotline.calls.cel import CelRow
from hotline.calls.events import TalkStep
from hotline.calls.family import extra
from hotline.calls.ledger import CallRecord
from hotline.calls.said import said_by_dialplan
from hotline.calls.talks import DUST, Talk
from hotline.web.shapes import SegmentOut, TalkStepOut

Kind = Literal["ringing", "announcement", "menu", "queue", "message", "talk", "hold", "transfer", "after-talk"]
Mark = tuple[Kind, datetime]


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
    if any(not one.result or one.result == "returned" for one in call.transfers) and call.ended_at is None:
        after = None  # handed over, and nobody there yet
    moments: list[tuple[Kind, datetime | None]] = [
        ("ringing", call.ring_start),
        ("announcement", call.switch_answer),
        ("menu", menu),
        ("queue", people),
        ("message", call.message_at),
        ("after-talk", after),
        *(_talking(call) if call.talks else [("talk", call.human_answer)]),
    ]
    marks = sorted(((kind, start) for kind, start in moments if start is not None), key=lambda mark: mark[1])
    ends = [start for _, start in marks[1:]] + [call.ended_at]
    return tuple(
        SegmentOut(kind=kind, start=start, end=end)
        for (kind, start), end in zip(marks, ends, strict=False)
        if start != end
    )


def talk_steps(call: CallRecord, rows: Iterable[CelRow], zone: tzinfo) -> tuple[TalkStepOut, ...]:
    """Return the steps of a campaign's talk with their moments, which the rows of the call tell.

    Where the rows are gone, or tell others than the ledger keeps, the ledger's steps stand in their order.
    """
    told = [event for row in rows for event in [said_by_dialplan(row.type, row.at, extra(row, "extra"))]]
    steps = [one for one in told if isinstance(one, TalkStep)]
    if tuple(f"{one.what} {one.value}".strip() for one in steps) != call.talk_steps:
        parts = (step.partition(" ") for step in call.talk_steps)
        return tuple(TalkStepOut(at=None, what=what, value=value) for what, _, value in parts)
    return tuple(TalkStepOut(at=one.at.astimezone(zone), what=one.what, value=one.value) for one in steps)


def _talking(call: CallRecord) -> list[Mark]:
    """Return when the caller began to hear somebody, to be on hold, to be handed over."""
    edges = {edge for talk in call.talks for edge in (talk.began, talk.ended) if edge}
    edges |= {edge for talk in call.talks for hold in talk.holds for edge in (hold.began, hold.ended) if edge}
    marks: list[Mark] = []
    for kind, start in _kinds(call, sorted(edges)):
        if not marks or marks[-1][0] != kind:
            marks.append((kind, start))
    return marks


def _kinds(call: CallRecord, edges: list[datetime]) -> Iterator[Mark]:
    for start, end in zip(edges, [*edges[1:], None], strict=True):
        there = [talk for talk in call.talks if talk.began <= start and (talk.ended is None or start < talk.ended)]
        if there:
            yield ("hold" if all(_is_held(talk, start) for talk in there) else "talk"), start
        elif end is None:
            if call.ended_at is None and call.transfers:
                yield "transfer", start
        elif end - start >= DUST:
            yield "transfer", start


def _is_held(talk: Talk, at: datetime) -> bool:
    return any(hold.began <= at and (hold.ended is None or at < hold.ended) for hold in talk.holds)
