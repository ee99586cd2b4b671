"""Notes, wrap-ups and a person's list as the API shows them and takes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.desk.notes import LONGEST_FORM, LONGEST_POINT, LONGEST_TEXT, MOST_FIELDS, MOST_POINTS
from hotline.desk.wrap_up import Disposition, Original
from hotline.desk.wrap_up_store import LONGEST_KEY
from hotline.dutylog.entry import Kind
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.web.duty_shapes import Person
from hotline.web.owed import FollowUpOut
from hotline.web.shapes import LARGEST_NUMBER, ONE_LINE, CallId, EntryOut, Inlet, Line, Lines, Moment, Shape

Key = Annotated[str, StringConstraints(min_length=8, max_length=LONGEST_KEY, pattern=r"^[A-Za-z0-9-]+$")]
Point = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_POINT, pattern=ONE_LINE)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,30}$")]
FieldText = Annotated[str, Lines, StringConstraints(max_length=LONGEST_FORM)]


class NotesIn(Inlet):
    """What was typed so far. `version` is the one that it was typed on; 0 where nothing was kept."""

    version: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
    text: Annotated[str, Lines, StringConstraints(max_length=LONGEST_TEXT)] = ""
    points: Annotated[tuple[Point, ...], Field(max_length=MOST_POINTS)] = ()
    form: Annotated[dict[FieldName, bool | FieldText], Field(max_length=MOST_FIELDS)] = Field(default_factory=dict)


class NotesOut(Shape):
    """One person's notes on one call."""

    by: str
    name: str
    version: int
    text: str
    points: tuple[str, ...]
    form: dict[str, bool | str] = Field(description="what they touched in the form of the wrap-up, half filled in")
    at: datetime | None


class CallNotesOut(Shape):
    """Notes on a call: one's own, and those of whoever had the call before, oldest first."""

    call_id: str
    mine: NotesOut
    others: tuple[NotesOut, ...]


class DispatchOfWrapUp(Inlet):
    """Which department does it, and what it must know."""

    department: Annotated[str, Line, StringConstraints(min_length=1, max_length=20)]
    note: Annotated[str, Lines, StringConstraints(max_length=1000)] = ""


class PromiseOfWrapUp(Inlet):
    """By when something was promised, to whom (empty: to the one of the entry), and what."""

    due: Moment
    to: Person = ""
    text: Annotated[str, Lines, StringConstraints(max_length=1000)] = ""


class WrapUpIn(Inlet):
    """Everything that is said of a call in one act. The same `key` is the same act, however often it is sent."""

    key: Key
    disposition: Disposition
    kind: Kind
    is_urgent: bool = False
    who: Person = ""
    home: Person = ""
    matter: Annotated[str, Lines, StringConstraints(max_length=4000)] = ""
    promised: Annotated[str, Lines, StringConstraints(max_length=2000)] = ""
    result: Annotated[str, Lines, StringConstraints(max_length=2000)] = ""
    corrects: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = Field(
        default=None, description="the call's entry, where it was confirmed before: it is corrected"
    )
    original: Original | None = Field(
        default=None,
        description="what our own call brought for what it was made for; only `new` lets something new be owed",
    )
    dispatch: DispatchOfWrapUp | None = None
    promise: PromiseOfWrapUp | None = None


class OriginalOut(Shape):
    """What a call of ours was made for. `page` is its entry's number; empty where it stands in no entry."""

    follow_up: int
    kind: FollowUpKind
    state: FollowUpState
    page: str
    text: str


class WrapUpOut(Shape):
    """What the form of the wrap-up is drawn from."""

    call_id: str
    entry: EntryOut | None = Field(description="the draft, or the entry as it stands now; null: none was drawn yet")
    is_done: bool = Field(description="a person has confirmed the call's entry")
    is_yours: bool = Field(description="whether you may wrap it up")
    agent: str
    direction: str
    original: OriginalOut | None = Field(
        description="what our own call was made for; null: nothing, or it was no call of ours"
    )
    notes: CallNotesOut
    departments: tuple[str, ...]
    required: Mapping[Kind, tuple[str, ...]] = Field(description="the fields that must be told, by kind")
    needs: Mapping[Disposition, tuple[str, ...]] = Field(description="and by what came of the call")


class WaitingOut(Shape):
    """A call that is over and whose entry nobody has confirmed."""

    call_id: CallId
    entry: int
    number: str
    who: str
    home: str
    kind: Kind
    matter: str
    agent: str
    agent_name: str
    ended_at: datetime


class MyCounts(Shape):
    """How much there is, by what it is."""

    overdue: int
    mine: int
    anybody: int
    waiting: int


class MyListOut(Shape):
    """What one person owes: taken by them, free to take, and calls of theirs that wait for their wrap-up."""

    at: datetime
    counts: MyCounts
    mine: tuple[FollowUpOut, ...]
    anybody: tuple[FollowUpOut, ...]
    waiting: tuple[WaitingOut, ...]
