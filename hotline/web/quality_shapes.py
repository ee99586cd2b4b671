"""The shapes of the quality room: the sample, the sheet, reviews, calibrations."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hotline.quality.review import ReviewState, Step
from hotline.quality.sampling import LONGEST_VALUE, By
from hotline.quality.sheet import LONGEST_HINT, LONGEST_NAME, MOST_ITEMS, WHOLE
from hotline.quality.sound import Sound
from hotline.web.shapes import LARGEST_NUMBER, CallId, Day, Inlet, Line, Lines, Shape

Words = Annotated[str, Lines, StringConstraints(min_length=1, max_length=2000)]
Name = Annotated[str, Line, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
AccountName = Annotated[str, Line, StringConstraints(min_length=1, max_length=32)]
Extension = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
PointsIn = dict[Name, Annotated[int, Field(ge=0, le=WHOLE)] | None]
Number = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class ItemOut(Shape):
    """One item of the sheet."""

    key: str
    name: str
    weight: int
    hint: str


class SheetOut(Shape):
    """A version of the score sheet; 0 is the trade's own."""

    version: int
    items: tuple[ItemOut, ...]
    by: str
    at: datetime | None


class ShareOut(Shape):
    """So many percent of the calls of one rule."""

    by: By
    value: str
    percent: int


class PlanOut(Shape):
    """By which shares a sample is drawn; `version` of the newest plan."""

    version: int
    shares: tuple[ShareOut, ...]
    long_over_minutes: int


class RulesOut(Shape):
    """The sheet and the plan in force."""

    sheet: SheetOut
    plan: PlanOut


class ReviewLine(Shape):
    """A review in a list. `score` is null while it is a draft, and where it may not be seen yet."""

    id: int
    call_id: str
    called_at: datetime
    agent: str
    agent_name: str
    reviewer: str
    reviewer_name: str
    state: ReviewState
    score: float | None
    is_mine: bool = Field(description="of the asking person's own writing")


class SampledCall(Shape):
    """A call to be reviewed, with the rules that drew it. Without sound it is read: its entry, words and timeline."""

    call_id: str
    rang_at: datetime
    agent: str
    agent_name: str
    kind: str
    outcome: str
    talk_seconds: float
    satisfaction: int | None
    sound: Sound
    why: tuple[str, ...]
    reviews: tuple[ReviewLine, ...]


class StratumOut(Shape):
    """One rule of the week: calls that fell under it, and how many of them were drawn."""

    stratum: str
    percent: int
    calls: int
    drawn: int


class SampleOut(Shape):
    """The sample of a week. `done` of its calls have a review that was given."""

    week: date
    last: date
    seed: str
    calls: tuple[SampledCall, ...]
    done: int
    could: int = Field(description="calls of the week that can be listened to")
    strata: tuple[StratumOut, ...]


class CommentOut(Shape):
    """A comment at a second of the recording."""

    id: int
    second: float
    text: str


class WholeReview(ReviewLine):
    """A review with everything in it. `may` is what the asking person may do to it now."""

    calibration: int
    sheet: SheetOut
    points: dict[str, int | None]
    remark: str
    revision: int
    comments: tuple[CommentOut, ...]
    began_at: datetime
    given_at: datetime | None
    seen_at: datetime | None
    objection: str
    objected_at: datetime | None
    answer: str
    answered_name: str
    answered_at: datetime | None
    score_before: float | None
    may: tuple[Step, ...]


class ReviewPage(Shape):
    """Some reviews, newest first; `unseen` of the asking person's own have not been seen."""

    reviews: tuple[ReviewLine, ...]
    next_cursor: str | None
    unseen: int


class DifferenceOut(Shape):
    """One item as the two judged it; `apart` is null where only one of them did."""

    key: str
    name: str
    first: int | None
    second: int | None
    apart: int | None


class CalibrationOut(Shape):
    """One call that two people score; what they gave is shown when both have. `mine` is one's own review, 0: none."""

    id: int
    call_id: str
    called_at: datetime
    agent: str
    agent_name: str
    people: tuple[str, str]
    names: tuple[str, str]
    given: tuple[bool, bool]
    is_mine_to_score: bool
    mine: int
    scores: tuple[float, float] | None
    differences: tuple[DifferenceOut, ...]


class PersonOut(Shape):
    """Somebody who may score calls."""

    name: str
    shown: str


class CalibrationsOut(Shape):
    """Calibrations of some days, and how far reviewers are apart; null is no data."""

    calibrations: tuple[CalibrationOut, ...]
    calls: int
    mean_apart: float | None
    largest_apart: float | None
    items_apart: dict[str, float]
    formula: str
    people: tuple[PersonOut, ...]


class AgentQualityOut(Shape):
    """What the reviews of one agent came to; null is no data."""

    agent: str
    agent_name: str
    reviews: int
    mean: float | None


class AgentsQualityOut(Shape):
    """Reviews by agent, of calls of some days."""

    first: date
    last: date
    agents: tuple[AgentQualityOut, ...]


class WeekQuery(Inlet):
    """Any day of the week; without one this week."""

    week: Day | None = None


class ReviewsQuery(Inlet):
    """Which reviews, by the day of the call."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    agent: Extension | None = None
    state: ReviewState | None = None
    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class QualityDaysQuery(Inlet):
    """Which days, both included; without them the last thirty."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class QualityExportQuery(QualityDaysQuery):
    """Which days, in which form, and why it is taken away."""

    form: Literal["csv", "xlsx"] = Field(default="xlsx", alias="format")
    reason: Annotated[str, Line, StringConstraints(min_length=2, max_length=200)]


class ItemIn(Inlet):
    """One item of a new sheet; `key` of a new item is any short name."""

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
    name: Name
    weight: Annotated[int, Field(ge=1, le=WHOLE)]
    hint: Annotated[str, Line, StringConstraints(max_length=LONGEST_HINT)] = ""


class SheetIn(Inlet):
    """A new version, made from version `based_on`."""

    based_on: Number
    items: Annotated[tuple[ItemIn, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class ShareIn(Inlet):
    """So many percent of the calls of one rule."""

    by: By
    value: Annotated[str, Line, StringConstraints(max_length=LONGEST_VALUE)] = ""
    percent: Annotated[int, Field(ge=0, le=100)]


class PlanIn(Inlet):
    """A new plan, made from version `based_on`."""

    based_on: Number
    shares: Annotated[tuple[ShareIn, ...], Field(min_length=1, max_length=40)]
    long_over_minutes: Annotated[int, Field(ge=1, le=240)]


class BeginIn(Inlet):
    """Whose part of which call; of a calibration only its number counts."""

    call_id: CallId
    agent: Extension
    calibration: Number = 0


class WriteIn(Inlet):
    """What a draft says; `revision` is the one that was read."""

    points: PointsIn
    remark: Annotated[str, Lines, StringConstraints(max_length=2000)] = ""
    revision: Number


class CommentIn(Inlet):
    """A comment at a second of the recording."""

    second: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
    text: Words


class ObjectionIn(Inlet):
    """What the agent says."""

    text: Words


class AnswerIn(Inlet):
    """What the agent is answered; `points` change the score."""

    text: Words
    points: PointsIn | None = None


class CalibrateIn(Inlet):
    """Which call, and who scores it blind."""

    call_id: CallId
    agent: Extension
    first: AccountName
    second: AccountName


class DoneOut(Shape):
    """It is done."""

    is_done: bool = True
