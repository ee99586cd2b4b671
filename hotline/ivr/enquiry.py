"""The dialogue in which a resident hears how a repair stands, or what is owed. Pure: what was heard in, a step out.

Nothing is read out before a proof: the last four digits of a number registered for the home, or the PIN the home set.
Who cannot be asked for one (a withheld number, one that nobody has or that stands for several homes) goes to people at
once, and so does who is wrong twice. Every path ends with people, the menu or a good-bye.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum, StrEnum
from typing import Final

from hotline.ivr.facts import CallerFacts, LookedUp
from hotline.residents.resident import Arrears, Matter, MatterKind, stretches_of

PIN_DIGITS: Final = 6  # the most that are taken; # ends sooner
PIN_WAIT: Final = timedelta(seconds=8)  # for the first digit, and between two
KEY_WAIT: Final = timedelta(seconds=4)
MOST_STRETCHES: Final = 4  # of months read out; who owes in more pieces hears it from people


class Topic(StrEnum):
    """What the caller asks about."""

    PROGRESS = "progress"
    ARREARS = "arrears"


class Proof(StrEnum):
    """What the digits proved (`ivr.proof` says so)."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"  # too many were wrong for this home lately: these were not looked at
    FAILED = "failed"  # nobody could look: the database is late or gone


class Place(StrEnum):
    """Where a caller is led on to."""

    PEOPLE = "people"
    MENU = "menu"
    EMERGENCY = "emergency"
    GOODBYE = "goodbye"


# What is said: the id of a prompt, or a value that is put together from pieces.


@dataclass(frozen=True, slots=True)
class SayKind:
    """What was asked for, and since when: 您昨天的报修; `today` is the caller's, for yesterday and today."""

    kind: MatterKind
    opened: date
    today: date


@dataclass(frozen=True, slots=True)
class SayDate:
    """A day: 明天, 十二月五日."""

    day: date
    today: date


@dataclass(frozen=True, slots=True)
class SayTime:
    """A time of day at the centre, to the minute: 下午三点半."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SayMonths:
    """Stretches of months, each first and last ("2026-01", "2026-06"): 二零二六年一月至六月."""

    stretches: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SayAmount:
    """A sum of money in fen: 一千二百三十四元五角六分."""

    fen: int = field(repr=False)


Saying = str | SayKind | SayDate | SayTime | SayMonths | SayAmount


class State(StrEnum):
    """Where the dialogue stands."""

    OFFERED = "offered"
    OFFERED_AGAIN = "offered-again"
    ASKED = "asked"
    ASKED_AGAIN = "asked-again"
    TOLD = "told"
    TOLD_AGAIN = "told-again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Say this, then wait for one key; any key cuts in."""

    sayings: tuple[Saying, ...]
    state: State
    waits: timedelta = KEY_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectDigits:
    """Say this, then collect keys until `#` or `*`, `most` of them, or a silence of `waits`; have them proved.

    What `needs_no_proof` is told to `after` as it is.
    """

    sayings: tuple[Saying, ...]
    state: State
    most: int = PIN_DIGITS
    waits: timedelta = PIN_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Say this, then lead the caller on. `key` was pressed for the menu; `is_proven` spares a second asking."""

    to: Place
    sayings: tuple[Saying, ...] = ()
    key: str = ""
    is_proven: bool = False


Step = Ask | CollectDigits | Lead


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquiry:
    """One caller's question: who asks, about what, when and where on earth."""

    topic: Topic
    facts: CallerFacts
    now: datetime
    zone: tzinfo
    is_proven: bool = False

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


class _Move(Enum):
    """What to do next."""

    ASK = 1
    ASK_AGAIN = 2
    TELL = 3
    REFUSE = 4
    REPEAT = 5
    PEOPLE = 6
    MENU = 7
    MENU_WITH_KEY = 8
    EMERGENCY = 9
    GOODBYE = 10


MENU_KEYS: Final = frozenset({"", "0", "9", "*"})  # pressed alone in place of a PIN

# The state, and what was heard: a key, "" for silence, or a proof. What does not stand here goes by OTHERWISE.
NEXT: Final[Mapping[tuple[State, str], _Move]] = {
    (State.OFFERED, "1"): _Move.ASK,
    (State.OFFERED, "2"): _Move.MENU,
    (State.OFFERED, "0"): _Move.PEOPLE,
    (State.OFFERED, "9"): _Move.EMERGENCY,
    (State.OFFERED, "*"): _Move.REPEAT,
    (State.OFFERED, ""): _Move.PEOPLE,
    (State.OFFERED_AGAIN, "1"): _Move.ASK,
    (State.OFFERED_AGAIN, "2"): _Move.MENU,
    (State.OFFERED_AGAIN, "0"): _Move.PEOPLE,
    (State.OFFERED_AGAIN, "9"): _Move.EMERGENCY,
    (State.OFFERED_AGAIN, "*"): _Move.MENU,
    (State.OFFERED_AGAIN, ""): _Move.PEOPLE,
    (State.ASKED, Proof.RIGHT): _Move.TELL,
    (State.ASKED, Proof.WRONG): _Move.ASK_AGAIN,
    (State.ASKED, Proof.LOCKED): _Move.REFUSE,
    (State.ASKED, "9"): _Move.EMERGENCY,
    (State.ASKED, "*"): _Move.MENU,
    (State.ASKED_AGAIN, Proof.RIGHT): _Move.TELL,
    (State.ASKED_AGAIN, Proof.WRONG): _Move.REFUSE,
    (State.ASKED_AGAIN, Proof.LOCKED): _Move.REFUSE,
    (State.ASKED_AGAIN, "9"): _Move.EMERGENCY,
    (State.ASKED_AGAIN, "*"): _Move.MENU,
    (State.TOLD, "0"): _Move.PEOPLE,
    (State.TOLD, "*"): _Move.MENU,
    (State.TOLD, "9"): _Move.EMERGENCY,
    (State.TOLD, ""): _Move.GOODBYE,
    (State.TOLD_AGAIN, "0"): _Move.PEOPLE,
    (State.TOLD_AGAIN, "*"): _Move.MENU,
    (State.TOLD_AGAIN, "9"): _Move.EMERGENCY,
    (State.TOLD_AGAIN, ""): _Move.GOODBYE,
}
OTHERWISE: Final[Mapping[State, _Move]] = {
    State.OFFERED: _Move.MENU_WITH_KEY,  # who knows the menu presses its keys now
    State.OFFERED_AGAIN: _Move.MENU_WITH_KEY,
    State.ASKED: _Move.PEOPLE,
    State.ASKED_AGAIN: _Move.PEOPLE,
    State.TOLD: _Move.REPEAT,
    State.TOLD_AGAIN: _Move.PEOPLE,
}
REPEATED: Final[Mapping[State, State]] = {State.OFFERED: State.OFFERED_AGAIN, State.TOLD: State.TOLD_AGAIN}


def offer(enquiry: Enquiry) -> Ask | None:
    """Return the step that tells, before the menu, of what is open; None where nothing is to be told."""
    matter = enquiry.facts.open_matter
    if not may_be_asked(enquiry.facts) or matter is None:
        return None
    return Ask(sayings=(_kind(enquiry, matter), "case-in-progress", "chosen-progress-after"), state=State.OFFERED)


def begin(enquiry: Enquiry) -> Step:
    """Return the first step for a caller who asks by a key of the menu."""
    if not may_be_asked(enquiry.facts):
        return Lead(to=Place.PEOPLE, sayings=("connecting",))
    if enquiry.topic is Topic.PROGRESS and enquiry.facts.open_matter is None:
        return Lead(to=Place.PEOPLE, sayings=("progress-none",), is_proven=enquiry.is_proven)
    return _tell(enquiry) if enquiry.is_proven else _step(enquiry, _Move.ASK)


def after(enquiry: Enquiry, step: Ask | CollectDigits, heard: str) -> Step:
    """Return the step that follows a key or the silence "" at an Ask; at a CollectDigits, a Proof or MENU_KEYS."""
    move = NEXT.get((step.state, heard), OTHERWISE[step.state])
    if move is _Move.REPEAT:
        return Ask(sayings=step.sayings, state=REPEATED[step.state])
    return _step(enquiry, move, key=heard, is_proven=step.state in {State.TOLD, State.TOLD_AGAIN})


def needs_no_proof(pressed: str) -> bool:
    """Return whether what was pressed in place of a PIN is silence or a key of the menu: it goes to `after` as it is."""
    return pressed in MENU_KEYS


def may_be_asked(facts: CallerFacts) -> bool:
    """Return whether this caller may prove a home: the number is known, and one home's only."""
    return facts.result is LookedUp.KNOWN and facts.home is not None


def _step(enquiry: Enquiry, move: _Move, *, key: str = "", is_proven: bool = False) -> Step:
    match move:
        case _Move.ASK:
            return CollectDigits(sayings=("ask-pin",), state=State.ASKED)
        case _Move.ASK_AGAIN:
            return CollectDigits(sayings=("pin-wrong", "ask-pin"), state=State.ASKED_AGAIN)
        case _Move.TELL:
            return _tell(enquiry)
        case _Move.REFUSE:
            return Lead(to=Place.PEOPLE, sayings=("pin-refused",))
        case _Move.MENU:
            return Lead(to=Place.MENU, is_proven=is_proven)
        case _Move.MENU_WITH_KEY:
            return Lead(to=Place.MENU, key=key)
        case _Move.EMERGENCY:
            return Lead(to=Place.EMERGENCY, key=key)
        case _Move.GOODBYE:
            return Lead(to=Place.GOODBYE, sayings=("goodbye",))
        case _:
            return Lead(to=Place.PEOPLE, sayings=("connecting",), is_proven=is_proven)


def _tell(enquiry: Enquiry) -> Step:
    told = _progress(enquiry) if enquiry.topic is Topic.PROGRESS else _arrears(enquiry.facts.arrears)
    if isinstance(told, Lead):
        return told
    return Ask(sayings=(*told, "after-enquiry"), state=State.TOLD)


def _progress(enquiry: Enquiry) -> tuple[Saying, ...] | Lead:
    matter = enquiry.facts.open_matter
    if matter is None:
        return Lead(to=Place.PEOPLE, sayings=("progress-none",), is_proven=True)
    if matter.is_overdue(enquiry.now):
        sayings = (_kind(enquiry, matter), "progress-overdue")
        return Lead(to=Place.PEOPLE, sayings=sayings, is_proven=True)
    if matter.promised is None:
        return (_kind(enquiry, matter), "case-in-progress")
    promised = matter.promised.astimezone(enquiry.zone)
    when = (SayDate(promised.date(), enquiry.today), SayTime(promised))
    return (_kind(enquiry, matter), "case-in-progress", "progress-promised", *when)


def _arrears(arrears: Arrears | None) -> tuple[Saying, ...] | Lead:
    if arrears is None:
        return ("arrears-none",)
    stretches = stretches_of(arrears.months)
    if len(stretches) > MOST_STRETCHES:
        return Lead(to=Place.PEOPLE, sayings=("connecting",), is_proven=True)
    return ("arrears-are", SayMonths(stretches), SayAmount(arrears.fen), "arrears-how")


def _kind(enquiry: Enquiry, matter: Matter) -> SayKind:
    return SayKind(matter.kind, matter.opened.astimezone(enquiry.zone).date(), enquiry.today)
