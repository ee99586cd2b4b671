"""The proof that something was removed: what, of which class, by which rule, when, the hash of what was there. Pure.

The proofs are a chain: each holds the hash of the one before it, so none can be changed, taken out or put in unseen.
Other rooms prove their removals here, too: `kind` says of what.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

NOTHING_BEFORE: Final = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Something that is no longer there."""

    kind: str  # recording, transcript, entry …
    what: str  # its name
    klass: str  # the class whose rule it fell under: calls, messages, unanswered, grave, refused
    rule: str  # in words a person reads: retention.calls = 180 days
    at: datetime
    sha256: str  # of what was there

    def hash_after(self, previous: str) -> str:
        """Return this proof's hash in a chain whose last hash was `previous`."""
        says = [self.kind, self.what, self.klass, self.rule, self.at.astimezone(UTC).isoformat(), self.sha256]
        return sha256(json.dumps([previous, *says], ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One proof as it is kept: its place in the chain, what came before it, and its hash."""

    position: int
    removed: Removed
    previous: str
    hash: str


def first_break(links: Iterable[Link], *, after: Link | None = None) -> int | None:
    """Return the position of the first link that does not hold, or None where all do. Links come in their order."""
    previous, position = (after.hash, after.position) if after else (NOTHING_BEFORE, 0)
    for link in links:
        if link.position != position + 1 or link.previous != previous:
            return link.position
        if link.hash != link.removed.hash_after(previous):
            return link.position
        previous, position = link.hash, link.position
    return None
