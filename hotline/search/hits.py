"""Hold what the index found against what was asked, weigh it, and quote it with the hit marked. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hotline.search.query import Query
from hotline.search.row import Found, Row
from hotline.search.words import RUN, folded

BEFORE: Final = 24  # characters shown before the first hit …
QUOTED: Final = 120  # … and in all
# What a person wrote down weighs more than what was said on the way to it.
WEIGHTS: Final = {
    Found.RESIDENT: 4.0,
    Found.ENTRY: 2.0,
    Found.FOLLOW_UP: 1.5,
    Found.TRANSCRIPT: 1.0,
    Found.CALL: 0.5,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of quoted text; a hit is marked."""

    text: str
    is_hit: bool = False


def holds(row: Row, query: Query) -> bool:
    """Return whether the row has every run whole: the index knows pairs, and 水管漏 may be there as 水管 and 管漏."""
    long_runs = [run for run in query.runs if not run.isascii() and len(run) > 2]
    long_names = [run for run in query.names if not run.isascii() and len(run) > 2]
    if not (long_runs or long_names):
        return True
    named, text = folded(f"{row.who}\n{row.names}")[0], folded(f"{row.home}\n{row.text}")[0]
    return all(run in text or run in named for run in long_runs) and all(run in named for run in long_names)


def weight(row: Row, query: Query) -> float:
    """Return how well the row answers: how often the words stand in how much text, and what kind of thing it is."""
    text = folded(row.text)[0]
    often = sum(text.count(run) for run in query.runs)
    return WEIGHTS[row.kind] * (1.0 + often / math.log(len(text) + 10))


def quoted(text: str, runs: Iterable[str]) -> tuple[Piece, ...]:
    """Return the part of a text around its first hit, hits marked; the beginning where there is none."""
    hits = _hits(text, tuple(runs))
    start = max(0, hits[0][0] - BEFORE) if hits else 0
    end = min(len(text), start + QUOTED)
    pieces, place = [Piece("…")] if start else [], start
    for first, last in hits:
        if first >= end:
            break
        stop = min(last, end)
        pieces += [Piece(text[place:first]), Piece(text[first:stop], is_hit=True)]
        place = stop
    pieces += [Piece(text[place:end]), Piece("…" if end < len(text) else "")]
    return tuple(piece for piece in pieces if piece.text)


def _hits(text: str, runs: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where hits begin and end in text, in order, drawn together where they touch."""
    plain, places = folded(text)
    found = [
        (start, start + len(run)) for run in runs if not run.isascii() for start in _starts(plain, run)
    ]  # fmt: skip
    latin = {run for run in runs if run.isascii()}
    if latin:
        found += [one.span() for one in RUN.finditer(plain) if one[0] in latin]
    drawn: list[tuple[int, int]] = []
    for start, end in sorted((places[first], places[last - 1] + 1) for first, last in found):
        if drawn and start <= drawn[-1][1]:
            drawn[-1] = (drawn[-1][0], max(end, drawn[-1][1]))
        else:
            drawn.append((start, end))
    return drawn


def _starts(text: str, run: str) -> list[int]:
    starts, place = [], text.find(run)
    while place >= 0:
        starts.append(place)
        place = text.find(run, place + len(run))
    return starts
