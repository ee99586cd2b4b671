"""Possible double rings: homes that were rung again sooner than is decent, from the switch's event log alone. Pure.

The figure aims at 0. It believes none of our own rows: a channel of a campaign that began is a ring, to the number it
was made for, whatever we wrote of it; so is an agent's call of which the dialplan says that it is for a campaign. Two
rings of one number within the gap are a possible double, unless the first was told at once that nobody would be
disturbed: busy, no such number, congestion.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hotline.calls.cel import CelRow
from hotline.calls.family import extra
from hotline.calls.ours import AGENT_FIRST, number_called, unreached
from hotline.calls.state import Outcome
from hotline.campaigns.attempt import PREFIX, AttemptId

SAYS_ATTEMPT: Final = "ATTEMPT"  # said before an agent's call for a campaign rings the home (extensions_outside.conf)
_QUIET: Final = frozenset({Outcome.BUSY, Outcome.INVALID_NUMBER, Outcome.SWITCHED_OFF, Outcome.CONGESTION})


@dataclass(frozen=True, slots=True)
class DoubleRing:
    """Two attempts at one number; the number itself is not told."""

    first: AttemptId
    second: AttemptId
    apart: timedelta


@dataclass
class _Ring:
    attempt: AttemptId
    at: datetime
    number: str
    is_quiet: bool


def double_rings(rows: Iterable[CelRow], gap: timedelta) -> tuple[DoubleRing, ...]:
    """Return pairs of rings of one number that began within `gap`, and channels that began twice under one id."""
    by_channel: dict[str, list[CelRow]] = {}
    of_agents: dict[str, list[CelRow]] = {}
    for row in rows:
        if row.uniqueid.startswith(PREFIX):
            by_channel.setdefault(row.uniqueid, []).append(row)
        elif row.linkedid.startswith(AGENT_FIRST):
            of_agents.setdefault(row.linkedid, []).append(row)
    rings = [ring for channel, told in by_channel.items() for ring in _rings(channel, told)]
    rings += [ring for told in of_agents.values() for ring in _agents_rings(told)]
    found: list[DoubleRing] = []
    last: dict[str, _Ring] = {}
    for ring in sorted(rings, key=lambda one: (one.at, one.attempt)):
        before = last.get(ring.number) if ring.number else None
        if before is not None and not before.is_quiet and ring.at - before.at < gap:
            found.append(DoubleRing(before.attempt, ring.attempt, ring.at - before.at))
        if ring.number:
            last[ring.number] = ring
    return tuple(found)


def _rings(channel: str, rows: list[CelRow]) -> list[_Ring]:
    """Return each time that this channel began: more than once is a double by itself."""
    number = number_called(channel, rows)
    begins = [row for row in rows if row.type == "CHAN_START"]
    return [_Ring(channel, row.at, number, _is_quiet(rows)) for row in dict.fromkeys(begins)]


def _agents_rings(rows: list[CelRow]) -> list[_Ring]:
    """Return the rings of a home by an agent's call: as often as the dialplan says that it rings one for a campaign."""
    said = [row for row in rows if row.type == SAYS_ATTEMPT and extra(row, "extra").startswith(PREFIX)]
    if not said:
        return []
    first = said[0].uniqueid
    number, theirs = number_called(first, rows), [row for row in rows if row.uniqueid != first]
    return [_Ring(extra(row, "extra"), row.at, number, _is_quiet(theirs)) for row in dict.fromkeys(said)]


def _is_quiet(rows: list[CelRow]) -> bool:
    """Return whether the network told at once that nobody would be disturbed."""
    ends = [row for row in rows if row.type == "HANGUP"]
    cause = extra(ends[-1], "hangupcause") if ends else ""
    was_lifted = any(row.type == "ANSWER" for row in rows)
    return cause.isdecimal() and not was_lifted and unreached(int(cause)) in _QUIET
