"""An incident: many calls from one building for one reason (a burst pipe, a power cut). Pure.

Suspected by rule, confirmed by a supervisor (or at once by rule), told to the next callers of the building, and over
one day; or dismissed, because the calls had nothing to do with each other.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from hotline.errors import HotlineError

FIXED_SENTENCE: Final = "incident-notice"  # the prompt that says only that something is known and worked on
LONGEST_NOTICE: Final = 200  # characters; about fifty seconds aloud
SPOKEN_LANGUAGE: Final = "zh"  # typed notices are Chinese; callers in another language hear the fixed sentence
LARGEST_ID: Final = 2**31 - 1


class IncidentUnknown(HotlineError):
    """There is no incident of this id."""

    error_id = "incident-unknown"


class IncidentOpen(HotlineError):
    """The building has an open incident already; work on that one."""

    error_id = "incident-open"


class IncidentStepRefused(HotlineError):
    """The incident stands where this step makes no sense: one that is over is not confirmed."""

    error_id = "incident-step-refused"


class BuildingUnknown(HotlineError):
    """No home of this building is known."""

    error_id = "building-unknown"


class IncidentState(StrEnum):
    """Where an incident stands."""

    SUSPECTED = "suspected"  # raised by rule: callers do not hear of it yet
    CONFIRMED = "confirmed"  # the next callers of the building hear the notice
    OVER = "over"
    DISMISSED = "dismissed"


class Act(StrEnum):
    """What somebody, or the rule, did to an incident."""

    RAISE = "raise"
    CONFIRM = "confirm"
    NOTICE = "notice"
    END = "end"
    DISMISS = "dismiss"


S = IncidentState
NEXT: Final[dict[tuple[IncidentState, Act], IncidentState]] = {
    (S.SUSPECTED, Act.NOTICE): S.SUSPECTED,
    (S.SUSPECTED, Act.CONFIRM): S.CONFIRMED,
    (S.SUSPECTED, Act.DISMISS): S.DISMISSED,
    (S.CONFIRMED, Act.NOTICE): S.CONFIRMED,
    (S.CONFIRMED, Act.END): S.OVER,
}
OPEN: Final = frozenset({S.SUSPECTED, S.CONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the callers of the building hear: a phoned-in recording, a typed text as sound, or the fixed sentence."""

    text: str = field(default="", repr=False)
    recording: str = ""  # the prompt of a phoned-in recording; it wins over a text
    sound: str = ""  # what to play for the text, as made when it was saved; "" where it could not be made
    trouble: str = ""  # the error id of why there is no sound for the text

    def prompt(self, language: str = SPOKEN_LANGUAGE) -> str:
        """Return what to play to a caller who is spoken to in this language."""
        own = self.recording or self.sound
        return own if own and language == SPOKEN_LANGUAGE else FIXED_SENTENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident of one building. Calls that began at `since` or later are in its list."""

    id: int
    building: int
    state: IncidentState
    since: datetime
    raised_at: datetime
    raised_by: str  # an account's name, or "rule"
    notice: Notice = Notice()
    confirmed_at: datetime | None = None
    closed_at: datetime | None = None  # when it was over, or dismissed

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who did what to an incident, and when; steps are only ever added."""

    at: datetime
    who: str
    act: Act
    words: str = field(default="", repr=False)  # the notice, what was done, or why it was dismissed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How large an incident is: its calls, the different homes that called, how many registered to be told."""

    calls: int = 0
    homes: tuple[str, ...] = ()  # 3-2-501, in the order of the house
    registered: int = 0
    first_call_at: datetime | None = None


def advance(incident: Incident, act: Act, at: datetime) -> Incident:
    """Return the incident after this act. Raises IncidentStepRefused where the table has no such step."""
    state = NEXT.get((incident.state, act))
    if state is None:
        raise IncidentStepRefused(f"incident {incident.id} is {incident.state.value}: no {act.value} from there")
    return replace(
        incident,
        state=state,
        confirmed_at=at if act is Act.CONFIRM else incident.confirmed_at,
        closed_at=None if state in OPEN else at,
    )


def incident_id(text: str) -> int | None:
    """Return the id that a call carries as text, or None where that names no incident."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return None
    number = int(text)
    return number if 1 <= number <= LARGEST_ID and str(number) == text else None
