"""Logs of many calls for properties: captured stories under new ids and random ones, laid into one another."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final

from hypothesis import strategies as st

from hotline.calls.cel import CelRow
from hotline.calls.family import join, links
from hotline.calls.ledger import CallRecord, fold
from hotline.calls.story import tell
from tests.fakes.call_story import CallStory
from tests.fakes.recorded import RECORDED, read_story

_ID: Final = re.compile(r"hotline-(\d+)\.(\d+)")
NAMES: Final = sorted(path.stem for path in RECORDED.glob("*.jsonl"))
Log = list[CelRow]


@cache
def captured(name: str) -> tuple[CelRow, ...]:
    """Return the rows of a captured story."""
    return tuple(read_story(RECORDED / f"{name}.jsonl")[1])


def renamed(rows: Sequence[CelRow], place: int) -> Log:
    """Return the rows as those of another call: ids of their own, some seconds later."""

    def new(text: str) -> str:
        return _ID.sub(lambda found: f"hotline-{1_795_500_000 + 10_000 * place + int(found[2])}.{found[2]}", text)

    return [
        replace(
            row,
            at=row.at + timedelta(seconds=place),
            linkedid=new(row.linkedid),
            uniqueid=new(row.uniqueid),
            extra=new(row.extra),
        )
        for row in rows
    ]


@st.composite
def random_story(draw: st.DrawFn) -> Log:
    """Return the rows of a call that may end anywhere on its way."""
    story = CallStory(call="hotline-1795000000.1").rings()
    steps = [
        story.lifted, story.announced, story.enters_menu, lambda: story.presses("1"), story.queues,
        lambda: story.agent_rings("8001"), lambda: story.agent_stops_ringing("8001"),
        lambda: story.agent_rings("8002"), lambda: story.agent_answers("8002"),
        lambda: story.agent_leaves("8002"), lambda: story.said("SATISFACTION", "5"),
    ]  # fmt: skip
    for step in steps[: draw(st.integers(0, len(steps)))]:
        if draw(st.integers(0, 9)) or step in (steps[0], steps[5], steps[7], steps[8]):
            step()
    if draw(st.booleans()):
        story.hangs_up(after=draw(st.floats(0, 30)))
    return story.rows


@st.composite
def logs(draw: st.DrawFn, *, most: int = 4) -> Log:
    """Return the log of some calls, each in its own order, laid into one another."""
    calls = [
        renamed(captured(name) if isinstance(name, str) else name, place)
        for place, name in enumerate(
            draw(st.lists(st.one_of(st.sampled_from(NAMES), random_story()), min_size=1, max_size=most))
        )
    ]
    log: Log = []
    seed = draw(st.randoms(use_true_random=False))
    while calls:
        call = seed.choice(calls)
        length = seed.randint(1, 12)
        log += call[:length]
        del call[:length]
        calls = [call for call in calls if call]
    return numbered(log)


def numbered(rows: Sequence[CelRow]) -> Log:
    """Return the rows with the positions that the log would give them."""
    return [replace(row, position=place) for place, row in enumerate(rows, start=1)]


def by_call(rows: Sequence[CelRow]) -> dict[str, Log]:
    """Return the rows of each call."""
    call_of = join(links(rows), {})
    found: dict[str, Log] = {}
    for row in rows:
        found.setdefault(call_of[row.linkedid], []).append(row)
    return found


def reference(rows: Sequence[CelRow]) -> dict[str, CallRecord]:
    """Return what the ledger is to have: every call folded from all of its rows at once."""
    return {call: replace(fold(call, tell(its)), refused_recordings=()) for call, its in by_call(rows).items()}


def seen(record: CallRecord) -> str:
    """Return a record as text, for a difference that can be read."""
    return json.dumps({name: str(getattr(record, name)) for name in record.__slots__}, indent=1)
