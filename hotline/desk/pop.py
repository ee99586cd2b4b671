"""The pop 来电弹屏: all that an agent wants to know of a caller before the first word, in one value. Pure.

Comes when a call is offered, and is the same after a reload, on a second screen, and for whoever the call is handed
to. What it rests on is read in `pop_store`; who may see it is said here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.dutylog.entry import Kind
from hotline.errors import HotlineError
from hotline.followups.follow_up import DueBy, FollowUp, FollowUpKind
from hotline.phone import PhoneNumber
from hotline.residents.noted import HomeNote, NumberMark
from hotline.residents.resident import Home, Household, KnownCaller, Resident

LAST_CALLS: Final = 5
FIRST_WORDS: Final = 80  # of what was said in an earlier call
MOST_MATTERS: Final = 8
MOST_OWED: Final = 6
MOST_NOTES: Final = 5
MOST_PEOPLE: Final = 12
ELLIPSIS: Final = "…"


class PopNotYours(HotlineError):
    """An agent may ask for calls that were offered to them, talked by them, or are nobody's yet to call back."""

    error_id = "pop-not-yours"


class Verdict(StrEnum):
    """What the number says of who calls."""

    KNOWN = "known"  # one person of one home
    SHARED = "shared"  # one home, several of it use this number
    CHOOSE = "choose"  # several homes: the caller is asked
    CHOSEN = "chosen"  # an agent said whose home it is
    UNKNOWN = "unknown"  # nobody's number
    WITHHELD = "withheld"  # no number was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A number on which somebody is reached."""

    number: PhoneNumber
    marks: frozenset[NumberMark] = frozenset()
    is_calling: bool = False  # the call comes from it


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the home, and how they are reached."""

    resident: Resident
    numbers: tuple[Reached, ...] = ()
    is_caller: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatter:
    """What is not finished for this home. `page` is its entry's number, "" of one from the records of before."""

    kind: str  # a value of Kind
    text: str = field(repr=False)
    opened: datetime
    promised: datetime | None
    is_overdue: bool
    follow_up: int | None = None
    due_by: DueBy | None = DueBy.PROMISE  # what `promised` rests on: of records of before it is what was promised


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What we owe this caller: a call back, an answer to a message, word of an incident."""

    follow_up: int
    kind: FollowUpKind
    since: datetime
    due: datetime | None
    due_by: DueBy | None
    is_overdue: bool
    taken_by: str
    request: str
    text: str = field(repr=False)
    call_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierCall:
    """A call with this caller or home before this one; `words` are the first of its entry, else of what was said."""

    id: str
    at: datetime | None
    direction: str
    kind: str
    outcome: Outcome | None
    is_emergency: bool
    agent: str
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentNow:
    """What is going on in the building now, and whether this caller was told."""

    id: int
    building: int
    since: datetime
    is_confirmed: bool
    text: str
    was_told: bool
    has_joined: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A home that this number belongs to, to choose from; `resident` is whose number it is there."""

    home: Home
    resident: Resident
    open_matters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pop:
    """Everything at a glance. `call` is None where the ledger has not read of the call yet: its phone rings already."""

    call_id: str
    number: PhoneNumber | None
    verdict: Verdict
    is_emergency: bool
    language: str
    call: CallRecord | None = None
    resident: Resident | None = None
    household: Household | None = None
    people: tuple[Person, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    matters: tuple[OpenMatter, ...] = ()
    more_matters: int = 0
    owed: tuple[Owed, ...] = ()
    calls: tuple[EarlierCall, ...] = ()
    notes: tuple[HomeNote, ...] = ()
    incident: IncidentNow | None = None
    caller_marks: frozenset[NumberMark] = frozenset()
    chosen_by: str = ""
    follow_up: int | None = None  # what a call of ours is made for

    @property
    def is_elderly_alone(self) -> bool:
        """Whether an old person lives alone in this home: more patience, and a visit rather than a letter."""
        if self.resident is not None:
            return self.resident.is_elderly_alone
        return self.household is not None and any(one.is_elderly_alone for one in self.household.residents)


def verdict_of(number: PhoneNumber | None, known: KnownCaller | None) -> Verdict:
    """Return what the number, or an agent's choice, says of who calls."""
    if known is not None and known.is_chosen:
        return Verdict.CHOSEN
    if number is None:
        return Verdict.WITHHELD
    if known is None or not known.households:
        return Verdict.UNKNOWN
    if known.household is None:
        return Verdict.CHOOSE
    return Verdict.SHARED if known.resident is None else Verdict.KNOWN


def language_of(call: CallRecord | None, resident: Resident | None) -> str:
    """Return in what language to answer: what the caller chose by key, else what the record says."""
    if call is not None and call.language not in {"", "zh"}:
        return call.language
    return resident.language if resident is not None else "zh"


def matters_of(
    household: Household | None, follow_ups: Iterable[FollowUp], now: datetime
) -> tuple[tuple[OpenMatter, ...], int]:
    """Return what is open for a home, overdue and soonest first, and how many more there are than are shown."""
    recorded = household.open_matters if household else ()
    found = [
        OpenMatter(
            kind=matter.kind.value,
            text=matter.text,
            opened=matter.opened,
            promised=matter.promised,
            is_overdue=matter.is_overdue(now),
        )
        for matter in recorded
    ] + [
        OpenMatter(
            kind=one.request or Kind.UNKNOWN.value,
            text=one.text,
            opened=one.since,
            promised=one.due,
            is_overdue=one.is_overdue(now),
            follow_up=one.id,
            due_by=one.due_by,
        )
        for one in follow_ups
        if one.kind is FollowUpKind.MATTER
    ]
    found.sort(key=lambda one: (not one.is_overdue, one.promised is None, one.promised or one.opened))
    return tuple(found[:MOST_MATTERS]), max(0, len(found) - MOST_MATTERS)


def owed_of(follow_ups: Iterable[FollowUp], now: datetime, *, first: FollowUp | None = None) -> tuple[Owed, ...]:
    """Return what we owe this caller beside their matters, overdue and soonest first.

    `first` is what a call of ours is made for: before all, whatever it is, and also when it is done.
    """
    sought = [one for one in follow_ups if one.kind is not FollowUpKind.MATTER and (not first or one.id != first.id)]
    found = [
        Owed(
            follow_up=one.id,
            kind=one.kind,
            since=one.since,
            due=one.due,
            due_by=one.due_by,
            is_overdue=one.is_overdue(now),
            taken_by=one.taken_by,
            request=one.request,
            text=first_words(one.text),
            call_id=one.call_id,
        )
        for one in ([first] if first else []) + sought
    ]
    is_first = first.id if first else None
    found.sort(key=lambda one: (one.follow_up != is_first, not one.is_overdue, one.due is None, one.due or one.since))
    return tuple(found[:MOST_OWED])


def people_of(
    known: KnownCaller | None,
    numbers: Mapping[int, Sequence[PhoneNumber]],
    marks: Mapping[PhoneNumber, frozenset[NumberMark]],
    calling: PhoneNumber | None,
) -> tuple[Person, ...]:
    """Return the people of the one home, the caller first, each with every number and what is marked of it."""
    if known is None or known.household is None:
        return ()
    callers = {one.id for one in known.residents}
    people = [
        Person(
            resident=one,
            numbers=tuple(
                Reached(number=number, marks=marks.get(number, frozenset()), is_calling=number == calling)
                for number in numbers.get(one.id, ())
            ),
            is_caller=one.id in callers,
        )
        for one in known.household.residents
    ]
    return tuple(sorted(people, key=lambda one: not one.is_caller)[:MOST_PEOPLE])


def candidates_of(known: KnownCaller | None) -> tuple[Candidate, ...]:
    """Return the homes to choose from, each with whose number it is there; none where there is nothing to choose."""
    if known is None or len(known.households) < 2:
        return ()
    homes = {household.home: len(household.open_matters) for household in known.households}
    return tuple(
        Candidate(home=one.home, resident=one, open_matters=homes[one.home])
        for one in sorted(known.residents, key=lambda one: (one.home, one.id))
        if one.home in homes
    )


def first_words(text: str, most: int = FIRST_WORDS) -> str:
    """Return the beginning of a text on one line, with a mark where it goes on."""
    line = " ".join(text[: most * 4].split())
    return line if len(line) <= most else line[: most - 1] + ELLIPSIS


def may_see(
    role: Role,
    name: str,
    extension: str,
    *,
    call: CallRecord | None,
    offered_to: Collection[str],
    left_to: Collection[str],
) -> bool:
    """Return whether somebody may ask for this call's pop.

    Supervisors and administrators may. An agent may where the call is or was offered to their phone, where they talked
    or were asked in it, and where it is still to be called back and nobody else has taken that: `left_to` holds who
    took it, "" for nobody.
    """
    if role is not Role.AGENT:
        return True
    if {"", name} & set(left_to):
        return True
    return bool(extension) and (extension in offered_to or (call is not None and extension in touched_by(call)))


def touched_by(call: CallRecord) -> frozenset[str]:
    """Return the extensions whose phones rang for this call, who talked in it, or to whom it was handed."""
    return frozenset(
        extension
        for extension in (
            call.agent,
            *(ring.agent for ring in call.rings),
            *(talk.agent for talk in call.talks),
            *(one.to for one in call.transfers),
        )
        if extension
    )
