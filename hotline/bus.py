"""Tell whoever is listening that something changed; say what and which, never the content.

A listener reads the truth from SQL. Each listener's box is bounded: one that falls behind loses the backlog and is
told to start again from a snapshot (RESYNC).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What a change is about."""

    CALL = "call"
    DUTY_LOG = "duty-log"
    QUEUE = "queue"
    LINK = "link"
    FOLLOW_UP = "follow-up"
    INCIDENT = "incident"
    SHIFT = "shift"  # who has the desk
    STAFFING = "staffing"  # who serves which queue, or who is on duty
    WORDS = "words"  # what is being said in a call; the words are in memory (hotline/live/talk.py), never in SQL
    ALERT_WORD = "alert-word"  # a word of danger fell in a call
    ACCOUNT = "account"  # what somebody may do changed, or a token was revoked; the id is the name sockets are kept by
    AGENT = "agent"  # what an agent decided, or a wish for help; the id is the extension
    OFFER = "offer"  # what rings or talks at an extension; the id is the extension, the truth is in memory
    POP = "pop"  # what an agent is shown of a call: a home was chosen, a note written; the id is the call
    ALERT = "alert"  # an alert by rule was raised, acknowledged or ended; the id is its number
    CAMPAIGN = "campaign"  # a campaign, its targets or its attempts
    LIVE_HELP = "live-help"  # a supervisor at an agent's side; the id is the agent's extension
    BY_HAND = "by-hand"  # the night plan, or whether a queue is open, was switched by hand
    REVIEW = "review"  # a review was given, seen, objected to or answered, or a calibration asked for; no id
    RESYNC = "resync"


@dataclass(frozen=True, slots=True)
class Change:
    """Something changed: its subject and its id (a call's linkedid, an entry's number, a queue's name)."""

    subject: Subject
    id: str = ""


RESYNC = Change(Subject.RESYNC)


class Bus:
    """Publish and subscribe inside one process."""

    def __init__(self, *, box: int = 1000) -> None:
        self._box = box
        self._listeners: set[asyncio.Queue[Change]] = set()

    def publish(self, change: Change) -> None:
        """Hand the change to every listener; never waits."""
        for listener in self._listeners:
            if listener.full():
                while not listener.empty():
                    listener.get_nowait()
                listener.put_nowait(RESYNC)
            else:
                listener.put_nowait(change)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Queue[Change]]:
        """Listen from now until the block ends."""
        listener: asyncio.Queue[Change] = asyncio.Queue(self._box)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
