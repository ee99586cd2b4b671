"""The shapes of the incidents' API: what goes out, what may come in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hotline.calls.state import CallState, Outcome
from hotline.incidents.incident import LONGEST_NOTICE, Act, IncidentState
from hotline.web.shapes import LARGEST_NUMBER, Inlet, Line, Lines, Shape

PromptId = Annotated[str, StringConstraints(max_length=80, pattern=r"^(([a-z]+/)?[a-z0-9][a-z0-9-]*)?$")]
NoticeText = Annotated[str, Line, StringConstraints(max_length=LONGEST_NOTICE)]
Words = Annotated[str, Lines, StringConstraints(min_length=1, max_length=1000)]


class NoticeOut(Shape):
    """What callers of the building hear: a recording, else a typed text, else the fixed sentence."""

    text: str
    recording: str = Field(description="a recording of the prompt shelf; it wins over the text")
    plays: Literal["recording", "text", "fixed-sentence"]
    trouble: str = Field(description="the error id of why the text is not spoken; empty where it is")


class IncidentOut(Shape):
    """An incident as lists and the live view show it."""

    id: int
    building: int
    state: IncidentState
    began_at: datetime = Field(description="the first call's ring start, or when it was raised")
    raised_at: datetime
    raised_by: str = Field(description="an account's name, or rule")
    confirmed_at: datetime | None
    closed_at: datetime | None
    calls: int
    homes: int = Field(description="different homes that called")
    registered: int = Field(description="calls whose callers are told when it is over")
    home_labels: tuple[str, ...] = Field(description="the first of those homes, in the order of the house")
    notice: NoticeOut


class IncidentCallOut(Shape):
    """A call of an incident's list."""

    id: str
    at: datetime
    number: str = Field(description="masked unless is_masked is false; empty is withheld")
    is_masked: bool
    home: str
    who: str
    is_registered: bool
    state: CallState | None
    outcome: Outcome | None


class IncidentStepOut(Shape):
    """Who did what to an incident."""

    at: datetime
    who: str
    act: Act
    words: str


class WholeIncident(IncidentOut):
    """An incident with its calls (who registered first, then newest first) and everything done to it."""

    call_list: tuple[IncidentCallOut, ...]
    steps: tuple[IncidentStepOut, ...]


class EndedIncident(IncidentOut):
    """An incident that is over, and the calls whose callers are now owed a word."""

    to_tell: tuple[str, ...]


class IncidentPage(Shape):
    """Some incidents, newest first."""

    incidents: tuple[IncidentOut, ...]
    next_cursor: str | None


class IncidentsQuery(Inlet):
    """Which incidents; `open` is suspected and confirmed."""

    state: IncidentState | Literal["open"] | None = None
    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class ConfirmIn(Inlet):
    """It is so; with a notice where the fixed sentence does not say enough."""

    notice: NoticeText = ""
    recording: PromptId = ""


class NoticeIn(Inlet):
    """What callers are to hear; nothing is the fixed sentence."""

    text: NoticeText = ""
    recording: PromptId = ""


class NewIncidentIn(NoticeIn):
    """An incident that somebody reports otherwise than by telephone."""

    building: Annotated[int, Field(ge=1, le=999)]


class OverIn(Inlet):
    """It is over."""

    what_was_done: Words


class DismissIn(Inlet):
    """The calls had nothing to do with each other."""

    reason: Words
