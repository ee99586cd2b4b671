"""Lay two texts beside each other, line by line. Pure."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

AROUND: Final = 2  # lines shown before and after what differs


@dataclass(frozen=True, slots=True)
class Row:
    """One line: in both texts, only in the old one (`out`), only in the new one (`in`), or left out (`gap`)."""

    kind: Literal["same", "out", "in", "gap"]
    old: int | None  # number of the line, from 1
    new: int | None
    text: str = ""


def compared(old: str, new: str) -> list[Row]:
    """Return what differs, with some lines around it; nothing where the texts are the same."""
    before, after = old.splitlines(), new.splitlines()
    rows: list[Row] = []
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(AROUND)
    for number, group in enumerate(groups):
        if number:
            rows.append(Row("gap", None, None))
        for tag, left, left_end, right, right_end in group:
            if tag == "equal":
                rows += [Row("same", left + n + 1, right + n + 1, line) for n, line in enumerate(before[left:left_end])]
                continue
            rows += [Row("out", left + n + 1, None, line) for n, line in enumerate(before[left:left_end])]
            rows += [Row("in", None, right + n + 1, line) for n, line in enumerate(after[right:right_end])]
    return rows


def tally(rows: list[Row]) -> dict[str, int]:
    """Return how many lines went and came."""
    return {kind: sum(row.kind == kind for row in rows) for kind in ("out", "in")}
