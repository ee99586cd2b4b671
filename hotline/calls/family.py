"""Which call a channel belongs to: linkedids that share a channel are one call, under the oldest of them.

Pure. Asterisk gives bridged channels the older linkedid: the call by which an agent asks a colleague begins as one of
its own and becomes part of the resident's. Comes after `cel`, before `story`.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from hotline.calls.cel import CelRow

_NUMBERS: Final = re.compile(r"(\d{1,18})\.(\d{1,18})")
# Rows that name a further channel of the same call, which may never show the call's linkedid itself.
_NAMES_CHANNELS: Final = {
    "PICKUP": ("pickup_channel_uniqueid",),
    "ATTENDEDTRANSFER": ("channel2_uniqueid", "transfer_target_channel_uniqueid"),
}


def age(linkedid: str) -> tuple[int, int, int, str]:
    """Return by what Asterisk itself tells which of two linkedids is the older: second and number of its making.

    What is no id of the switch's own making counts as younger than all that are.
    """
    made = _NUMBERS.match(linkedid.rpartition("-")[2])
    return (0, int(made[1]), int(made[2]), linkedid) if made else (1, 0, 0, linkedid)


def links(rows: Iterable[CelRow]) -> Iterator[tuple[str, str]]:
    """Yield each channel's unique id with a linkedid that it was seen under."""
    for row in rows:
        yield row.uniqueid, row.linkedid
        for name in _NAMES_CHANNELS.get(row.type, ()):
            if other := extra(row, name):
                yield other, row.linkedid


def join(seen: Iterable[tuple[str, str]], known: Mapping[str, str]) -> dict[str, str]:
    """Return each channel and linkedid of `seen` and `known` with the call it belongs to.

    `known` is what was found so before, in any order: however the links are cut into pages, the result is the same.
    """
    parent: dict[str, str] = {}
    calls: set[str] = set(known.values())  # only a linkedid can be a call's id

    def find(one: str) -> str:
        parent.setdefault(one, one)
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for one, call in known.items():
        parent[find(one)] = find(call)
    for channel, linkedid in seen:
        calls.add(linkedid)
        parent[find(channel)] = find(linkedid)
    oldest: dict[str, str] = {}
    for call in calls:
        group = find(call)
        oldest[group] = min(oldest.get(group, call), call, key=age)
    return {one: oldest[find(one)] for one in parent}


def extra(row: CelRow, name: str) -> str:
    """Return one value of the row's JSON extras; "" where it is absent or the JSON is broken."""
    try:
        extras = json.loads(row.extra)
    except (ValueError, RecursionError):
        return ""
    return str(extras.get(name, "")) if isinstance(extras, dict) else ""
