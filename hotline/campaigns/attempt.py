"""One try to reach one home: its life, what it is sent to say, and what came of it. Pure.

The row is the truth. Its id is the channel's unique id at the switch, so the switch refuses a second one while the
first lives, and its event log tells for ever whether it was dialled.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from hotline.campaigns.campaign import CampaignError, CampaignKind
from hotline.phone import PhoneNumber

AttemptId = str
"""`attempt-SECOND.NUMBER`: read by Asterisk and by us as an id of the switch's making, so the older of two is known.
The second keeps a database that was made anew from meeting its namesakes in an old event log."""
PREFIX: Final = "attempt-"


def attempt_id(planned_at: datetime, number: int) -> AttemptId:
    """Return the id of the attempt with this row number."""
    return f"{PREFIX}{int(planned_at.timestamp())}.{number}"


class AttemptState(StrEnum):
    """Where an attempt stands."""

    PLANNED = "planned"  # a job may claim it
    DIALLING = "dialling"  # claimed: the switch is asked, or was
    RINGING = "ringing"  # the event log tells of it
    ANSWERED = "answered"  # somebody, or a machine, lifted
    SETTLED = "settled"  # over, with an outcome
    WITHDRAWN = "withdrawn"  # never dialled, and never will be
    UNKNOWN = "unknown"  # nobody can tell whether it rang: a person decides


class Step(StrEnum):
    """What can happen to an attempt."""

    CLAIMED = "claimed"
    WITHDRAWN = "withdrawn"  # before the switch was asked: stopped, forbidden, no line
    NEVER_DIALLED = "never-dialled"  # the switch refused, or its log has nothing of it
    RANG = "rang"
    LIFTED = "lifted"
    ENDED = "ended"
    LOST_SIGHT = "lost-sight"  # it cannot be told whether it was dialled


S = AttemptState
NEXT: Final[Mapping[tuple[AttemptState, Step], AttemptState]] = {
    (S.PLANNED, Step.CLAIMED): S.DIALLING,
    (S.PLANNED, Step.WITHDRAWN): S.WITHDRAWN,
    (S.DIALLING, Step.WITHDRAWN): S.WITHDRAWN,
    (S.DIALLING, Step.NEVER_DIALLED): S.WITHDRAWN,
    (S.DIALLING, Step.LOST_SIGHT): S.UNKNOWN,
    (S.UNKNOWN, Step.NEVER_DIALLED): S.WITHDRAWN,
    **{(state, Step.RANG): S.RINGING for state in (S.DIALLING, S.UNKNOWN)},
    **{(state, Step.LIFTED): S.ANSWERED for state in (S.DIALLING, S.UNKNOWN, S.RINGING)},
    **{(state, Step.ENDED): S.SETTLED for state in (S.DIALLING, S.UNKNOWN, S.RINGING, S.ANSWERED)},
}
ALIVE: Final = (S.PLANNED, S.DIALLING, S.RINGING, S.ANSWERED, S.UNKNOWN)
"""While one of these is there, the home has no other attempt: a unique index says so."""


def after(state: AttemptState, step: Step) -> AttemptState | None:
    """Return the state after this step; None where it cannot follow (the log tells a thing twice, or late)."""
    return NEXT.get((state, step))


class Outcome(StrEnum):
    """How an attempt ended 呼叫结果: said by the network, not by us."""

    HUMAN = "human"
    MACHINE = "machine"
    FAX = "fax"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    SWITCHED_OFF = "switched-off"
    INVALID = "invalid"  # 空号, 停机: there is no such number
    REFUSED = "refused"
    CONGESTION = "congestion"
    FAILED_HERE = "failed-here"  # our switch, our line, our sound


class Said(StrEnum):
    """What the person who lifted told us by key."""

    IS_PERSON = "is-person"  # "请问是…吗?是请按 1"
    WRONG_PERSON = "wrong-person"
    HEARD = "heard"  # 1
    REPEATED = "repeated"  # 2
    PAID = "paid"  # 3
    DISPUTED = "disputed"  # 4
    CLERK = "clerk"  # 0
    LATER = "later"  # 8
    NO_MORE = "no-more"  # 9
    UNSATISFIED = "unsatisfied"  # survey: the matter is opened again


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the switch's event log tells of an attempt. While it goes on, `outcome` is None."""

    outcome: Outcome | None = None
    said: frozenset[Said] = frozenset()
    pressed: tuple[Said, ...] = ()  # the same, in the order in which it was said
    answers: Mapping[str, str] = field(default_factory=dict)  # of a survey: question to key
    later_at: datetime | None = None  # when the person wishes to be called
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    cause: int = 0  # Q.850
    reached_agent: bool = False  # a clerk spoke with the person
    gave_up_waiting: bool = False  # pressed 0, and was gone before a clerk was there

    @property
    def keys(self) -> list[str]:
        """What was said, each once, in the order of its first key, as it is stored."""
        return [*dict.fromkeys(one.value for one in (*self.pressed, *sorted(self.said)))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What one attempt is sent to do: whom to ring, whom to ask for, and what is said then."""

    id: AttemptId
    kind: CampaignKind
    number: PhoneNumber
    ring_for: timedelta
    home: str = ""  # 3-2-501
    salutation: str = ""  # 张先生
    language: str = "zh"
    months: tuple[str, ...] = ()  # "2026-01"
    fen: int = 0
    words: str = field(default="", repr=False)  # a notice's or a survey's own text, as it was approved


class NotPlaced(CampaignError):
    """The switch surely did not dial: there was no link to it, it refused, or what was to be said could not be made.

    Anything else that `place` raises leaves the attempt's fate to the event log. `counts`: whether it says something
    of the target, which is given up after some of them; an outage of ours does not.
    """

    error_id = "attempt-not-placed"

    def __init__(self, words: str, *, counts: bool = True) -> None:
        super().__init__(words)
        self.counts = counts


class Dialler(Protocol):
    """What sends an errand on its way; see hotline/ami."""

    def is_up(self) -> bool:
        """Return whether the switch can be asked now: while it cannot, nothing is claimed."""
        ...

    async def place(self, errand: Errand, is_too_late: Callable[[], bool]) -> None:
        """Ask the switch to dial; returns once it has taken the order.

        `is_too_late` is asked in the last moment before: a worker that was stopped since its claim sends nothing, for
        the attempt may have been given up meanwhile. Raises NotPlaced where surely nothing was dialled, AmiError or
        TimeoutError where nobody can tell.
        """
        ...

    async def living(self) -> frozenset[AttemptId]:
        """Return the attempts whose channels live at the switch now. Raises AmiError."""
        ...
