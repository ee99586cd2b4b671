"""The chain of the duty log: each confirmed entry is bound to the one before it by a hash. Pure.

Whoever changes, removes or moves an entry breaks the chain at that place. Whoever could rewrite all of it cannot
rewrite the heads that are printed on the hand-over sheets.
"""

import json
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from hotline.dutylog.entry import DutyEntry

NOT_OF_THE_ENTRY: Final = frozenset({"chain_hash", "chain_position", "corrected_by"})
"""What an entry says of itself goes into its hash; its place is given by the hash before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain so far: how many entries it has had, and the hash of the last."""

    position: int = 0
    hash: str = "0" * 64


class Fault(StrEnum):
    """What is wrong at a place of the chain."""

    ALTERED = "altered"  # the entry, or the hash beside it, is not what it was
    MISSING = "missing"  # no entry has this position any more
    OUT_OF_ORDER = "out-of-order"  # the entry is intact, but it belongs behind another one
    OUTSIDE = "outside"  # an entry calls itself confirmed and never was chained
    REWRITTEN = "rewritten"  # the chain holds, but a head that was printed is not in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first thing that is wrong. `number` and `page` are None and "" where the entry is gone."""

    fault: Fault
    position: int | None
    number: int | None = None
    page: str = ""


def canonical(entry: DutyEntry) -> bytes:
    """Return the entry as the one text of which there is only one: JSON, names sorted, times in UTC."""
    values = {field.name: _plain(getattr(entry, field.name)) for field in fields(entry)}
    own = {name: value for name, value in values.items() if name not in NOT_OF_THE_ENTRY}
    return json.dumps(own, sort_keys=True, separators=(",", ":")).encode()


def chain_hash(previous: str, entry: DutyEntry) -> str:
    """Return the entry's hash behind an entry of that hash."""
    return sha256(previous.encode() + canonical(entry)).hexdigest()


def walk(head: Head, entry: DutyEntry) -> Head | Finding:
    """Go one entry further: return the new head, or what is wrong."""
    position = head.position + 1
    if entry.chain_position != position:
        return Finding(fault=Fault.MISSING, position=position)
    if chain_hash(head.hash, entry) != entry.chain_hash:
        return Finding(fault=Fault.ALTERED, position=position, number=entry.number, page=entry.page)
    return Head(position, entry.chain_hash)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value
