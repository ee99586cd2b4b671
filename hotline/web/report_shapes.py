"""The shapes of reports: what is asked for, what goes out. Shares are of 1; lengths are seconds; null is no data."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints

from hotline.reports.definitions import ALL, Definition
from hotline.reports.figures import AgentWork, AnswerTimes
from hotline.web.figures import Percentiles
from hotline.web.shapes import Day, Inlet, Line, Shape

By = Literal["day", "hour", "weekday", "queue", "menu", "agent", "building", "kind"]


class DaysQuery(Inlet):
    """Days of the centre, both included; without them this month up to today."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class CallsReportQuery(DaysQuery):
    """Which days, and by what the rows are told apart."""

    by: By = "hour"


class RowsQuery(CallsReportQuery):
    """The rows of a table as a file. Who takes away rows that name homes ("repeats") says why."""

    what: Literal[
        "calls", "distribution", "heat", "causes", "agents", "kinds", "handled", "called-back", "owed", "hot-spots",
        "campaigns", "repeats",
    ] = "calls"  # fmt: skip
    form: Literal["csv", "xlsx"] = Field(default="xlsx", alias="format")
    reason: Annotated[str, Line, StringConstraints(max_length=200)] = ""


class QuarterQuery(Inlet):
    """Which quarter: 2026-Q4."""

    quarter: Annotated[str, Line, StringConstraints(pattern=r"^[0-9]{4}-Q[1-4]$")]


class MonthQuery(Inlet):
    """Which month: 2026-11."""

    month: Annotated[str, Line, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}$")]


class DefinitionOut(Shape):
    """What a figure means, in both languages."""

    key: str
    name: str
    english: str
    formula: str
    english_formula: str
    goal: float | None


class TimesOut(Shape):
    """How soon some calls were answered."""

    offered: int
    answered: int
    abandoned: int
    short: int
    unreached: int = Field(description="abandoned, message left, call-back wished, turned away; no short abandons")
    late: int
    emergencies: int
    within_three_rings: int
    within_limit: int
    three_rings_share: float | None
    service_level: float | None
    connected: float | None
    abandoned_share: float | None
    answer_seconds: Percentiles
    human_seconds: Percentiles
    human_mean: float | None

    @classmethod
    def of(cls, times: AnswerTimes) -> Self:
        """Return the shape of these figures."""
        lift, human = times.lift, times.human
        return cls(
            offered=times.offered,
            answered=times.answered,
            abandoned=times.abandoned,
            short=times.short,
            unreached=times.unreached,
            late=times.late,
            emergencies=times.emergencies,
            within_three_rings=times.within_three_rings,
            within_limit=times.within_limit,
            three_rings_share=times.three_rings_share,
            service_level=times.service_level,
            connected=times.connected,
            abandoned_share=times.abandoned_share,
            answer_seconds=Percentiles(p50=lift.p50, p90=lift.p90, p99=lift.p99),
            human_seconds=Percentiles(p50=human.p50, p90=human.p90, p99=human.p99),
            human_mean=times.human_mean,
        )


class RowOut(Shape):
    """The calls of one value: an hour, a queue, an agent … `label` is how it is shown where that is another word."""

    value: str
    label: str = ""
    times: TimesOut


class BarOut(Shape):
    """How many callers heard a human after more than `above` and at most `up_to` seconds; the last has no end."""

    above: int
    up_to: int | None
    calls: int


class CellOut(Shape):
    """One hour of one weekday (1 is Monday) in all these days together."""

    weekday: int
    hour: int
    offered: int
    three_rings_share: float | None
    service_level: float | None


class CountOut(Shape):
    """How many calls of one sort; `name` as the ledger has it."""

    name: str
    calls: int


class CallsReport(Shape):
    """Answer times of some days. `running` calls are not over and not counted; not `is_whole`: old ones are missing."""

    first: date
    last: date
    since: datetime
    until: datetime
    running: int
    is_whole: bool
    total: TimesOut
    by: By
    rows: tuple[RowOut, ...]
    distribution: tuple[BarOut, ...]
    heat: tuple[CellOut, ...]
    days: tuple[RowOut, ...]
    causes: tuple[CountOut, ...]
    late: tuple[CountOut, ...]
    outcomes: tuple[CountOut, ...]
    kinds: tuple[CountOut, ...]
    definitions: tuple[DefinitionOut, ...]


class AgentOut(Shape):
    """What one agent did, and how soon callers heard them first."""

    agent: str
    name: str
    calls: int
    calls_out: int
    talk_seconds: float
    hold_seconds: float
    wrap_up_seconds: float
    ready_seconds: float
    paused_seconds: float
    pauses: dict[str, float]
    missed: int
    marks: int
    mark_mean: float | None
    drafts_kept: int
    drafts_changed: int
    drafts_share: float | None
    occupancy: float | None
    human_seconds: Percentiles

    @classmethod
    def of(cls, agent: str, name: str, work: AgentWork, times: AnswerTimes) -> Self:
        """Return the shape of an agent's figures."""
        human = times.human
        return cls(
            agent=agent,
            name=name,
            calls=work.calls,
            calls_out=work.calls_out,
            talk_seconds=work.talk,
            hold_seconds=work.hold,
            wrap_up_seconds=work.wrap_up,
            ready_seconds=work.ready,
            paused_seconds=work.paused,
            pauses=work.pauses,
            missed=work.missed,
            marks=work.marks,
            mark_mean=work.mark_mean,
            drafts_kept=work.drafts_kept,
            drafts_changed=work.drafts_changed,
            drafts_share=work.drafts_share,
            occupancy=work.occupancy,
            human_seconds=Percentiles(p50=human.p50, p90=human.p90, p99=human.p99),
        )


class AgentsReport(Shape):
    """What the agents did on some days."""

    first: date
    last: date
    agents: tuple[AgentOut, ...]
    definitions: tuple[DefinitionOut, ...]


class HandledOut(Shape):
    """Matters of one kind that were written down on these days."""

    kind: str
    raised: int
    handled: int
    in_time: int
    share: float | None


class OwedOut(Shape):
    """What fell due on these days, of one kind."""

    kind: str
    in_time: int
    late: int
    overdue: int
    share: float | None


class CalledBackOut(Shape):
    """A row of the trade's table of call-backs: what was handled, over or held, and drawn; `wanted` is a share."""

    kind: str
    wanted: float
    handled: int
    drawn: int
    called: int
    in_time: int
    failed: int = Field(description="drawn, and not called in time (or not yet)")
    share: float | None


class HotSpotOut(Shape):
    """One building: its calls by kind, the most repairs and complaints first."""

    building: str
    repairs: int
    complaints: int
    calls: int


class RepeatOut(Shape):
    """The same thing of one home again and again; entries are numbers of the duty log, each with its call, if any."""

    kind: str
    home: str
    subject: str
    times: int
    entries: tuple[int, ...]
    calls: tuple[str, ...]


class CampaignResultOut(Shape):
    """What came of a campaign."""

    id: int
    name: str
    kind: str
    state: str
    targets: int
    by_state: dict[str, int]
    by_outcome: dict[str, int]
    reminded_fen: int | None = Field(description="of a campaign of fees: what its homes were reminded of")
    collected_fen: int | None = Field(description="of it, what the newest unpaid list does not name any more")
    collected_share: float | None


class ServiceReport(Shape):
    """What was done for residents on some days. Not `is_whole`: old calls are missing, or old entries."""

    first: date
    last: date
    is_whole: bool
    kinds: tuple[CountOut, ...]
    complaints: HandledOut
    handled: tuple[HandledOut, ...]
    asked: int
    satisfied: int
    satisfied_share: float | None
    promises: OwedOut
    owed: tuple[OwedOut, ...]
    called_back: tuple[CalledBackOut, ...]
    hot_spots: tuple[HotSpotOut, ...]
    more_hot_spots: bool = Field(description="buildings with less are left out")
    repeats: tuple[RepeatOut, ...]
    campaigns: tuple[CampaignResultOut, ...]
    collected_share: float | None = Field(description="of all these campaigns of fees together")
    definitions: tuple[DefinitionOut, ...]


def definitions(*keys: str) -> tuple[DefinitionOut, ...]:
    """Return these definitions; without keys all."""
    return tuple(_definition(one) for one in ALL if not keys or one.key in keys)


def _definition(one: Definition) -> DefinitionOut:
    return DefinitionOut(
        key=one.key,
        name=one.chinese,
        english=one.english,
        formula=one.chinese_formula,
        english_formula=one.english_formula,
        goal=one.goal,
    )
