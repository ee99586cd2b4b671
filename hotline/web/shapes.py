"""The shapes of the JSON API: what goes out, what may come in. pydantic checks both and describes both for OpenAPI.

Times are ISO 8601 with the centre's offset; lengths are seconds.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from hotline.calls.lateness import Lateness, LegKind
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.dispatch import DispatchState
from hotline.dutylog.draft_fields import Drafted
from hotline.dutylog.entry import EntryState, Kind, Source
from hotline.followups.follow_up import DueBy, FollowUpState

LARGEST_NUMBER: Final = 2**31 - 1  # an INTEGER of PostgreSQL; a larger one is an error of the database
# No control characters: PostgreSQL cannot hold NUL, and the others do nothing good on anybody's screen.
ONE_LINE: Final = r"^[^\x00-\x1f\x7f]*$"
LINES: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"  # but for line ends and tabs
CallId = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=ONE_LINE)]
Line = StringConstraints(strip_whitespace=True, pattern=ONE_LINE)
Lines = StringConstraints(strip_whitespace=True, pattern=LINES)
# A year 1 or 9999 overflows in somebody's time zone.
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2999, 12, 31, tzinfo=UTC))]


class Shape(BaseModel):
    """Something that goes out."""

    model_config = ConfigDict(frozen=True)


class Inlet(BaseModel):
    """Something that comes in; an unknown field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ResidentOut(Shape):
    """Whom the number belongs to: surname and title, and the home. `name` is empty where several people share it."""

    name: str
    home: str
    is_elderly_alone: bool


class RingOut(Shape):
    """One ringing of one agent's phone."""

    agent: str
    began: datetime
    ended: datetime | None
    was_answered: bool


class HoldOut(Shape):
    """One stretch on hold within a talk; `seconds` is null while it lasts."""

    began: datetime
    ended: datetime | None
    seconds: float | None


class TalkOut(Shape):
    """One agent's stretch with the caller; `ended` is null while it lasts."""

    agent: str
    began: datetime
    ended: datetime | None
    how: str = Field(
        description="answered, transferred-blind, transferred-attended, joined, picked-up, stepped-in, taken-over"
    )
    holds: tuple[HoldOut, ...]


class TransferOut(Shape):
    """One handing over, and what came of it; empty: it is still open."""

    kind: str = Field(description="blind, attended, three-way")
    by: str
    to: str
    at: datetime
    result: str = Field(description="answered, answered-by-other, returned, abandoned; empty: open")


class SegmentOut(Shape):
    """One stretch of the call's way; `end` is null while it lasts."""

    kind: Literal["ringing", "announcement", "menu", "queue", "message", "talk", "hold", "transfer", "after-talk"]
    start: datetime
    end: datetime | None


class LegOut(Shape):
    """One part of the caller's wait for a human; the parts add up to it. `agents` are those whose phones rang."""

    kind: LegKind
    start: datetime
    seconds: float
    agents: tuple[str, ...]
    detail: str
    is_cause: bool


class CallOut(Shape):
    """A call as lists and the live view show it."""

    id: str
    state: CallState
    direction: str
    number: str = Field(description="masked (138****1234) unless is_masked is false; empty is withheld")
    is_masked: bool
    caller_name: str
    dialled: str
    resident: ResidentOut | None
    ring_start: datetime | None
    switch_answer: datetime | None
    answer_seconds: float | None = Field(description="the first clock: ring start to the switch's answer")
    rings_heard: int | None
    is_within_three_rings: bool | None
    look_up: str = Field(description="known, unknown, late, failed; empty: not asked")
    language: str
    menu_path: tuple[str, ...]
    request: str = Field(description="the kind of request that the keys name; empty: none")
    without_service: str
    queue: str
    queued_at: datetime | None
    queue_seconds: float | None
    is_emergency: bool
    call_back_at: datetime | None = Field(description="when the caller wished to be called back")
    message_at: datetime | None
    message_seconds: float | None = Field(description="where in the recording the message begins")
    incident: str
    joined_incident: bool
    satisfaction: int | None = Field(description="1 bad to 5 good")
    returns: str = Field(description="the id of the call that this one returns")
    rings: tuple[RingOut, ...]
    agent: str
    human_answer: datetime | None
    human_seconds: float | None = Field(description="the second clock: ring start to a human voice")
    talk_seconds: float | None
    hold_seconds: float | None = Field(description="of the talks, by all agents together")
    talks: tuple[TalkOut, ...] = Field(description="who talked with the caller, in order; they may overlap")
    transfers: tuple[TransferOut, ...]
    ended_at: datetime | None
    ended_by_caller: bool | None
    hangup_cause: int
    outcome: Outcome | None
    is_short_abandon: bool = Field(description="gone within seconds (秒挂): not counted as abandoned")
    late: Lateness | None = Field(description="which promise was broken; null: none")
    wait_seconds: float | None = Field(description="from ring start to a human voice, else to the end")
    legs: tuple[LegOut, ...] = Field(description="how that wait was spent; of a late call with the causes marked")
    notice_version: str
    recording_refused: bool
    oddities: tuple[str, ...]
    timeline: tuple[SegmentOut, ...]


class RecordingOut(Shape):
    """Whether there is sound, and of which sides."""

    state: str
    seconds: float
    sides: tuple[Literal["caller", "agent"], ...]
    form: str = Field(description="how it lies on disk: empty or wav: two WAV files; flac, opus: one packed file")
    oddities: tuple[str, ...] = Field(description="silent-caller, silent-agent, legs-unequal")
    is_held: bool = Field(description="kept whatever its age, until a supervisor releases it")


class PictureOut(Shape):
    """How loud each side is over the time: one number a column, 0 to 255; `seconds` is the whole width."""

    seconds: float
    caller: tuple[int, ...]
    agent: tuple[int, ...]


class PartOut(Shape):
    """A stretch of a turn. `heard`: what the recogniser wrote where another word of that sound was put; else empty."""

    text: str
    heard: str
    is_unsure: bool


class TurnOut(Shape):
    """One side's turn; `start` and `end` are seconds from the recording's start. `parts` together are its text."""

    side: Literal["caller", "agent"]
    start: float
    end: float
    at: datetime | None
    text: str
    heard: str = Field(description="the turn as the recogniser wrote it; empty where that is the text")
    parts: tuple[PartOut, ...]
    confidence: float
    is_unsure: bool


class TranscriptOut(Shape):
    """What was said, and how far the writing down has come."""

    state: str
    engine: str
    model: str
    reason: str
    turns: tuple[TurnOut, ...]


class MatterOut(Shape):
    """What is owed for an entry's matter: the follow-up that stands for it."""

    follow_up: int
    state: FollowUpState
    due: datetime | None
    due_by: DueBy | None
    promised: datetime | None
    is_overdue: bool
    result: str
    closed_by: str
    closed_at: datetime | None


class DispatchOut(Shape):
    """A matter given to a department. `…_by` are accounts, `…_who` the department's people as told."""

    id: int
    entry: int = Field(description="the running number of the matter's first entry")
    department: str
    note: str
    is_urgent: bool
    state: DispatchState
    is_late: bool = Field(description="accepted or completed too late, or not yet and overdue")
    sent_at: datetime
    sent_by: str
    accept_by: datetime
    complete_by: datetime | None
    accepted_at: datetime | None
    accepted_by: str
    accepted_who: str
    ended_at: datetime | None
    ended_by: str
    ended_who: str
    result: str


class EntryOut(Shape):
    """An entry of the duty log."""

    number: int
    page: str = Field(description="the number of the centre's day, 20261122-007; empty for a draft")
    state: EntryState
    source: Source
    call_id: str | None
    kind: Kind
    is_urgent: bool
    who: str
    home: str
    matter: str
    promised: str
    result: str = Field(description="what came of it, where it was settled at once")
    agent: str
    happened_at: datetime | None = Field(description="when its call rang; null where there was no call")
    written_at: datetime
    written_by: str
    corrects: int | None
    corrected_by: int | None
    centre: str
    chain_position: int | None
    chain_hash: str
    owed: MatterOut | None = Field(description="on the newest version of an entry")
    dispatches: tuple[DispatchOut, ...] = Field(description="on the newest version of an entry; oldest first")
    drafted: tuple[Drafted, ...] = Field(description="on a draft: what each of its fields rests on")


class AcknowledgementOut(Shape):
    """Who took note of an emergency call that nobody answered, and when."""

    by: str
    name: str = Field(description="as shown on the pages")
    at: datetime


class AlertWordOut(Shape):
    """A word of danger that was said in a call."""

    word: str
    side: Literal["caller", "agent"]
    at: datetime


class AlertOut(Shape):
    """An emergency call, or one in which a word of danger fell (`danger`). `over`: it leaves the screens."""

    state: Literal["calling", "answered", "unanswered", "danger", "over"]
    danger: tuple[AlertWordOut, ...] = Field(description="words of danger said in it, the first first")
    call: CallOut
    acknowledged: AcknowledgementOut | None


class TalkStepOut(Shape):
    """What the talk of a campaign heard, told or was answered by key; `at` null: its rows are gone, the order stays."""

    at: datetime | None
    what: str
    value: str


class WholeCall(CallOut):
    """A call with everything that hangs on it."""

    returned_by: tuple[str, ...] = Field(description="the ids of our calls that returned this one")
    acknowledged: AcknowledgementOut | None
    alert_words: tuple[AlertWordOut, ...] = Field(description="words of danger heard while it was held")

    steps: tuple[TalkStepOut, ...] = ()
    recording: RecordingOut | None
    transcript: TranscriptOut | None
    duty_log: tuple[EntryOut, ...]


class CallPage(Shape):
    """Some calls, newest first; ask again with `next_cursor` for older ones."""

    calls: tuple[CallOut, ...]
    next_cursor: str | None


class EntryPage(Shape):
    """Some entries, newest first; ask again with `next_cursor` for older ones."""

    entries: tuple[EntryOut, ...]
    next_cursor: str | None


class NumberOut(Shape):
    """A number revealed; the reveal is in the access log."""

    number: str


class ErrorBody(Shape):
    """What went wrong."""

    id: str
    message: str
    details: dict[str, Any]


class ErrorOut(Shape):
    """Every error has this shape."""

    error: ErrorBody


class MeOut(Shape):
    """Who is signed in."""

    name: str
    display_name: str
    role: str
    extension: str


class CallsQuery(Inlet):
    """Which calls; `until` is not included."""

    since: Moment | None = None
    until: Moment | None = None
    number: Annotated[str, StringConstraints(max_length=40, pattern=ONE_LINE)] | None = None
    cursor: CallId | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class EntriesQuery(Inlet):
    """Which part of the duty log."""

    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class RecordingQuery(Inlet):
    """Which side of a recording."""

    side: Literal["caller", "agent", "both"] = "caller"
    reason: Annotated[str, Line, StringConstraints(max_length=200)] = ""


class HoldIn(Inlet):
    """Whether a recording is kept whatever its age, and why."""

    is_held: bool
    reason: Annotated[str, Line, StringConstraints(min_length=1, max_length=200)]


class ReportQuery(Inlet):
    """Days of the centre, both included; today when nothing is said."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    by: Literal["day", "hour"] | None = None


class RevealIn(Inlet):
    """Why a number is looked at."""

    reason: Annotated[str, Line, StringConstraints(min_length=1, max_length=200)]
