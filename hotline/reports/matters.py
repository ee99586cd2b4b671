"""Which entries of the duty log are about the same thing: the quarterly analysis [P 4.6]. Pure.

The same matter complained of twice and the same repair done three times are found by home, place and thing; place and
thing are read from the entry's words by the tables of the trade. Words that name no thing are compared with nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.dutylog.draft_words import FAULTS, PLACES, THINGS
from hotline.dutylog.entry import Kind

TIMES: Final = {Kind.COMPLAINT: 2, Kind.REPAIR: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One matter as it stands in the log: its newest version, and what it is about (`subject_of`)."""

    entry: int
    kind: Kind
    home: str
    subject: str
    at: datetime
    call_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """One thing of one home, written down again and again, oldest first."""

    kind: Kind
    home: str
    subject: str
    entries: tuple[Written, ...]


def subject_of(matter: str) -> str:
    """Return place and thing of what was written ("卫生间 马桶"); "" where no thing is named."""
    thing = _first(THINGS, matter) or _first(FAULTS, matter)
    return " ".join(filter(None, (_first(PLACES, matter), thing))) if thing else ""


def repeats(written: Iterable[Written]) -> list[Repeat]:
    """Return what was complained of twice or more and repaired three times or more, the most often first."""
    found: dict[tuple[Kind, str, str], list[Written]] = {}
    for one in written:
        if one.kind in TIMES and one.home and one.subject:
            found.setdefault((one.kind, one.home, one.subject), []).append(one)
    return sorted(_often(found), key=lambda repeat: (-len(repeat.entries), repeat.kind, repeat.home, repeat.subject))


def _often(found: dict[tuple[Kind, str, str], list[Written]]) -> Iterator[Repeat]:
    for (kind, home, subject), entries in found.items():
        if len(entries) >= TIMES[kind]:
            oldest_first = tuple(sorted(entries, key=lambda one: (one.at, one.entry)))
            yield Repeat(kind=kind, home=home, subject=subject, entries=oldest_first)


def _first(words: Iterable[str], text: str) -> str:
    """Return the word of a table that stands first in the text; of two at one place the longer."""
    there = [(text.index(word), -len(word), word) for word in words if word in text]
    return min(there)[2] if there else ""
