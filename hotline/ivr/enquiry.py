"""The dialogue in which a resident hears how a repair stands, or what is owed. Pure: what was heard in, a step out.

A proof is the last four digits of a number registered for the home, or the PIN the home set. Before it a caller hears,
at most, the kind and the day of the one matter that is next due (您昨天的报修正在处理中), and that only from a number
which is one home's, of a home that chose to be greeted by name. Who asks by the menu's key and has nothing open is told
so. By when it was promised, and what is owed, nobody hears without the proof.

Who cannot be asked for one (a withheld number, one that nobody has or that stands for several homes) goes to people at
once, and so does who is wrong twice. Every path ends in a Lead; what follows an answer, the menu file says (`then`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final

from hotline.ivr.facts import CallerFacts, LookedUp
from hotline.residents.pin import TAIL
from hotline.residents.resident import Arrears, Matter, MatterKind, stretches_of
from hotline.voice.pieces import LARGEST

PIN_DIGITS: Final = 6  # the most that are taken where the home set a PIN; # ends sooner
PIN_WAIT: Final = timedelta(seconds=8)  # for the first digit
DIGIT_WAIT: Final = timedelta(seconds=3)  # between two
END_WAIT: Final = timedelta(seconds=1)  # for the # after the last
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
    MENU = "menu"  # where the call stood before
    ON = "on"  # the answer was given: what the menu file says comes then
    EMERGENCY = "emergency"


# What is said: the id of a prompt, or a value that hotline.voice.pieces puts together.


@dataclass(frozen=True, slots=True)
class SayMatter:
    """Which matter: 您昨天的报修. Both days are the centre's."""

    kind: MatterKind
    opened: date
    today: date


@dataclass(frozen=True, slots=True)
class SayPromise:
    """By when it was promised: 预计明天下午三点前完成. `by` is in the centre's time zone."""

    by: datetime
    today: date


@dataclass(frozen=True, slots=True)
class SayArrears:
    """What is owed: 您未缴的物业费是二零二六年一月至六月共一千二百三十四元五角六分."""

    months: tuple[str, ...]
    yuan: Decimal = field(repr=False)


Saying = str | SayMatter | SayPromise | SayArrears


class State(StrEnum):
    """Where the dialogue stands."""

    OFFERED = "offered"
    OFFERED_AGAIN = "offered-again"
    ASKED = "asked"
    ASKED_AGAIN = "asked-again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Say this, then wait for one key; any key cuts in."""

    sayings: tuple[Saying, ...]
    state: State
    waits: timedelta = KEY_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectDigits:
    """Say this, then collect keys until `#` or `*`, or `most` of them, or a silence of `wait_after`; have them proved.

    There are `digits` of them at most. What `needs_no_proof` is told to `after` as it is.
    """

    sayings: tuple[Saying, ...]
    state: State
    digits: int
    waits: timedelta = PIN_WAIT

    @property
    def most(self) -> int:
        """The most keys: the # we ask for has its place too. Left on the line, it would refuse the recording."""
        return self.digits + 1

    def wait_after(self, pressed: str) -> timedelta:
        """Return how long to wait for the next key after these; short when only the # can still come."""
        if not pressed:
            return self.waits
        return DIGIT_WAIT if len(pressed) < self.digits else END_WAIT


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
}
OTHERWISE: Final[Mapping[State, _Move]] = {
    State.OFFERED: _Move.MENU_WITH_KEY,  # who knows the menu presses its keys now
    State.OFFERED_AGAIN: _Move.MENU_WITH_KEY,
    State.ASKED: _Move.PEOPLE,
    State.ASKED_AGAIN: _Move.PEOPLE,
}


def offer(enquiry: Enquiry) -> Ask | None:
    """Return the step that tells, before the menu, of what is open; None where nothing is to be told."""
    matter = enquiry.facts.open_matter
    if not may_be_asked(enquiry.facts) or not enquiry.facts.greets_by_name or matter is None:
        return None
    return Ask(sayings=(_which(enquiry, matter), "case-in-progress", "chosen-progress-after"), state=State.OFFERED)


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
        return Ask(sayings=step.sayings, state=State.OFFERED_AGAIN)
    return _step(enquiry, move, key=heard)


def needs_no_proof(pressed: str) -> bool:
    """Return whether this, pressed in place of a PIN, is silence or a key of the menu: `after` takes it as it is."""
    return pressed in MENU_KEYS


def may_be_asked(facts: CallerFacts) -> bool:
    """Return whether this caller may prove a home: the number is known, and one home's only."""
    return facts.result is LookedUp.KNOWN and facts.home is not None


def _step(enquiry: Enquiry, move: _Move, *, key: str = "") -> Step:
    match move:
        case _Move.ASK:
            return _collect(enquiry, State.ASKED, "ask-pin")
        case _Move.ASK_AGAIN:
            return _collect(enquiry, State.ASKED_AGAIN, "pin-wrong", "ask-pin")
        case _Move.TELL:
            return _tell(enquiry)
        case _Move.REFUSE:
            return Lead(to=Place.PEOPLE, sayings=("pin-refused",))
        case _Move.MENU:
            return Lead(to=Place.MENU)
        case _Move.MENU_WITH_KEY:
            return Lead(to=Place.MENU, key=key)
        case _Move.EMERGENCY:
            return Lead(to=Place.EMERGENCY, key=key)
        case _:
            return Lead(to=Place.PEOPLE, sayings=("connecting",))


def _collect(enquiry: Enquiry, state: State, *sayings: str) -> CollectDigits:
    return CollectDigits(sayings=sayings, state=state, digits=PIN_DIGITS if enquiry.facts.has_pin else TAIL)


def _tell(enquiry: Enquiry) -> Lead:
    if enquiry.topic is Topic.ARREARS:
        return _arrears(enquiry.facts.arrears)
    matter = enquiry.facts.open_matter
    if matter is None:
        return Lead(to=Place.PEOPLE, sayings=("progress-none",), is_proven=True)
    if matter.is_overdue(enquiry.now):
        return Lead(to=Place.PEOPLE, sayings=(_which(enquiry, matter), "progress-overdue"), is_proven=True)
    told = (_which(enquiry, matter), "case-in-progress")
    if matter.promised is None:
        return Lead(to=Place.ON, sayings=told, is_proven=True)
    promise = SayPromise(matter.promised.astimezone(enquiry.zone), enquiry.today)
    return Lead(to=Place.ON, sayings=(*told, promise), is_proven=True)


def _arrears(arrears: Arrears | None) -> Lead:
    if arrears is None:
        return Lead(to=Place.ON, sayings=("arrears-none",), is_proven=True)
    if len(stretches_of(arrears.months)) > MOST_STRETCHES or arrears.yuan > LARGEST:
        return Lead(to=Place.PEOPLE, sayings=("connecting",), is_proven=True)
    return Lead(to=Place.ON, sayings=(SayArrears(arrears.months, arrears.yuan), "arrears-how"), is_proven=True)


def _which(enquiry: Enquiry, matter: Matter) -> SayMatter:
    return SayMatter(matter.kind, matter.opened.astimezone(enquiry.zone).date(), enquiry.today)
