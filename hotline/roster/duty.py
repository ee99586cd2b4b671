"""Who is rung outside the hours and in danger, one after the other: the duty chain of a moment, and how it is told.

Pure. A turn of duty holds one place of the chain for a while; the chain is whoever holds a place now. The dialplan
reads it from the switch's own database, so it holds while the service is away; without one the desk's phones ring.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hotline.phone import PhoneNumber

MOST_PLACES: Final = 9
SHORTEST_RING: Final = 5
LONGEST_RING: Final = 120
COUNT: Final = ("duty", "count")
PLAN: Final = ("hotline", "plan")

Key = tuple[str, str]  # family and key: the dialplan's DB(family/key)


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyContact:
    """Somebody to ring: `place` 1 first, for `rings_for` seconds. `duty` is what a caller is told (`desk`)."""

    place: int
    duty: str
    name: str = field(repr=False)
    number: PhoneNumber
    rings_for: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyTurn:
    """One contact's turn: from `starts` until before `ends`."""

    starts: datetime
    ends: datetime
    contact: DutyContact

    @property
    def place(self) -> int:
        """The place in the chain that it holds."""
        return self.contact.place


@dataclass(frozen=True, slots=True)
class Put:
    """Keep a value with the switch."""

    key: Key
    value: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Drop a place that nobody holds: nobody's number stays with the switch longer than needed."""

    key: Key


def chain_at(turns: Iterable[DutyTurn], now: datetime) -> tuple[DutyContact, ...]:
    """Return whom to ring now, in order. Nobody on the roster: nobody, and the dialplan rings the desk's phones."""
    current = sorted((turn for turn in turns if turn.starts <= now < turn.ends), key=lambda turn: turn.starts)
    return tuple(contact for _, contact in sorted({turn.place: turn.contact for turn in current}.items()))


def overlapping(turns: Iterable[DutyTurn]) -> list[tuple[DutyTurn, DutyTurn]]:
    """Return each turn that begins before the end of another of its place, the earlier one first."""
    found: list[tuple[DutyTurn, DutyTurn]] = []
    last: dict[int, DutyTurn] = {}
    for turn in sorted(turns, key=lambda turn: turn.starts):
        before = last.get(turn.place)
        if before is not None and turn.starts < before.ends:
            found.append((before, turn))
        if before is None or turn.ends > before.ends:
            last[turn.place] = turn
    return found


def values_of(chain: Iterable[DutyContact]) -> dict[Key, str]:
    """Return what the dialplan is to find of a chain; places are numbered 1, 2, 3 without gaps, the count comes last.

    Numbers stand as they are dialled: digits only.
    """
    values: dict[Key, str] = {}
    count = 0
    for count, contact in enumerate(chain, start=1):
        values["duty", f"{count}/number"] = contact.number.national
        values["duty", f"{count}/rings_for"] = str(contact.rings_for)
        values["duty", f"{count}/name"] = contact.duty
    values[COUNT] = str(count)
    return values


def plan_value(*, is_open: bool) -> str:
    """Return what the dialplan is to find at PLAN."""
    return "open" if is_open else "closed"


def changes(held: Mapping[Key, str] | None, values: Mapping[Key, str]) -> tuple[Put | Drop, ...]:
    """Return what to tell the switch, in order; `held` is what it has, None when nobody knows.

    A chain that grows has its new places before the count says so; one that shrinks is counted down first.
    """
    puts = [Put(key, value) for key, value in values.items() if held is None or held.get(key) != value]
    count = int(values[COUNT])
    stale = range(count + 1, MOST_PLACES + 1)
    return (
        *puts,
        *(Drop(("duty", f"{place}")) for place in stale if held is None or ("duty", f"{place}/number") in held),
    )
