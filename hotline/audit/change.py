"""One change of a setting, and the chain of them: each is bound to the one before it by a hash. Pure.

As in the duty log (hotline/dutylog/chain.py), whoever changes, removes or moves a change breaks the chain there.
`before` and `after` hold what was changed, by name; never a secret, a whole phone number or the words of a call.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

COMMAND_LINE: Final = "command-line"
"""Who it was, where somebody with the machine's own keys did it by a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Somebody changed something.

    `by` is an account's name, `room` where it was done ("staff", "menus"), `act` a verb in the past tense, `subject`
    what was changed. `before` is None where nothing was, `after` where nothing is any more. `centre` is empty where
    it concerns the whole house.
    """

    by: str
    room: str
    act: str
    subject: str
    at: datetime
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    centre: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain so far: how many changes it has, and the hash of the last."""

    position: int = 0
    hash: str = "0" * 64


class Fault(StrEnum):
    """What is wrong at a place of the chain."""

    ALTERED = "altered"  # the change, or the hash beside it, is not what it was
    MISSING = "missing"  # no change has this position any more
    REWRITTEN = "rewritten"  # the chain holds, but it is not the one whose head is kept or was printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first thing that is wrong, and where."""

    fault: Fault
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A change as it is kept: with its place in the chain, and the two texts that were hashed."""

    change: Change
    position: int
    hash: str


def as_text(values: Mapping[str, Any] | None) -> str:
    """Return values as the one JSON text of which there is only one, names sorted; "" for None."""
    if values is None:
        return ""
    plain = json.loads(json.dumps(values, default=_plain))  # what is read back is then written the same
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair can be written nowhere


def chain_hash(previous: str, change: Change) -> str:
    """Return the change's hash behind a change of that hash."""
    own = [
        change.at.astimezone(UTC).isoformat(timespec="microseconds"),
        change.centre,
        change.by,
        change.room,
        change.act,
        change.subject,
        as_text(change.before),
        as_text(change.after),
    ]
    return sha256(previous.encode() + json.dumps(own, separators=(",", ":")).encode()).hexdigest()


def walk(head: Head, kept: Kept) -> Head | Finding:
    """Go one change further: return the new head, or what is wrong."""
    position = head.position + 1
    if kept.position != position:
        return Finding(fault=Fault.MISSING, position=position)
    if chain_hash(head.hash, kept.change) != kept.hash:
        return Finding(fault=Fault.ALTERED, position=position)
    return Head(position, kept.hash)


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[tuple[str, Any, Any], ...]:
    """Return each name whose value changed, with the value before and after (None: it was not there)."""
    was, now = before or {}, after or {}
    names = sorted(was.keys() | now.keys())
    return tuple((name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return str(value)
