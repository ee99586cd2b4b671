"""The shapes of campaigns, their targets and attempts, as the API gives and takes them. Numbers are masked. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import Campaign, CampaignKind, CampaignState, CampaignStep
from hotline.campaigns.may_call import Reason
from hotline.campaigns.preview import Preview
from hotline.campaigns.service import Taken
from hotline.campaigns.store import StepTaken
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import TargetTable
from hotline.phone import PhoneNumber
from hotline.web.shapes import LARGEST_NUMBER, Inlet, Line, Lines, Shape

MOST_BUILDINGS: Final = 500


class CampaignsQuery(Inlet):
    """Which part of the campaigns."""

    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class NewCampaignIn(Inlet):
    """A new draft. `words` are a notice's own; other kinds say what the house says."""

    kind: CampaignKind
    name: Annotated[str, Line, StringConstraints(min_length=1, max_length=80)]
    words: Annotated[str, Lines, StringConstraints(max_length=300)] = ""
    lines: Annotated[int, Field(ge=0, le=1000)] = 0
    by_agent: bool = Field(default=False, description="agents look at each home and dial it themselves")


class FromRecordsIn(Inlet):
    """Whom the records name: who owes at least so many fen, who lives in these buildings; else whom we owe a call."""

    from_fen: Annotated[int, Field(ge=1, le=10**12)] = 1
    buildings: Annotated[tuple[Annotated[int, Field(ge=1, le=999)], ...], Field(max_length=MOST_BUILDINGS)] = ()
    follow_up: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    dry_run: bool = False


class TakeInQuery(Inlet):
    """Whether a list is only looked at, and what its file is called."""

    dry_run: bool = False
    name: Annotated[str, Line, StringConstraints(max_length=80)] = ""


class TargetsQuery(Inlet):
    """Which part of a campaign's list."""

    state: TargetState | None = None
    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AttemptsQuery(Inlet):
    """Which part of a campaign's attempts."""

    state: AttemptState | None = None
    cursor: Annotated[str, StringConstraints(max_length=80)] = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DecideIn(Inlet):
    """What a person found out about an attempt that nobody else can tell of."""

    rang: bool


class CampaignExportQuery(Inlet):
    """Why the results are taken away; `codes`: for a machine, in codes instead of words."""

    codes: bool = False
    reason: Annotated[str, Line, StringConstraints(min_length=2, max_length=200)]


class CampaignOut(Shape):
    """A campaign, and how far it is: targets by state, and by the outcome of their last call."""

    id: int
    kind: CampaignKind
    name: str
    state: CampaignState
    words: str
    lines: int
    by_agent: bool
    made_by: str
    made_at: datetime
    approved_by: str
    started_at: datetime | None
    ended_at: datetime | None
    targets: int
    states: dict[TargetState, int]
    outcomes: dict[str, int]


class NightOut(Shape):
    """Of the day before, from the switch's event log alone: calls begun, and possible double rings (0 is good)."""

    day: date
    rung: int
    doubles: int


class CampaignPage(Shape):
    """Some campaigns, the newest first; `night` null: not counted yet."""

    campaigns: tuple[CampaignOut, ...]
    night: NightOut | None
    next_cursor: str | None


class CampaignStepOut(Shape):
    """One line of a campaign's history."""

    at: datetime
    who: str
    what: CampaignStep
    text: str


class WholeCampaign(CampaignOut):
    """A campaign with its history."""

    history: tuple[CampaignStepOut, ...]


class ProblemOut(Shape):
    """One row that cannot be rung: its line, its column, and why."""

    line: int
    column: str
    chinese: str
    english: str


class TakenOut(Shape):
    """What taking in a list did, or would do."""

    added: int
    known: int
    dry_run: bool
    problems: tuple[ProblemOut, ...]


class TargetOut(Shape):
    """One target. `number` is masked; `not_before` is when it is tried at the earliest."""

    id: int
    home: str
    number: str
    who: str
    fen: int
    state: TargetState
    reasons: tuple[str, ...]
    not_before: datetime
    attempts: int
    outcome: str
    said: tuple[str, ...]
    line: int


class TargetPage(Shape):
    """Some targets, in the order of the list."""

    targets: tuple[TargetOut, ...]
    next_cursor: str | None


class JudgedOut(Shape):
    """A target, and whether it may be called now; `earliest` null: never."""

    target: TargetOut
    allowed: bool
    reasons: tuple[Reason, ...]
    earliest: datetime | None


class PreviewOut(Shape):
    """Who would be called and when, who not and why, and what exactly is said."""

    at: datetime
    targets: int
    may_now: int
    suppressed: int
    on_days: dict[date, int]
    never: dict[Reason, int]
    not_now: dict[Reason, int]
    shown: tuple[JudgedOut, ...]
    asks: str
    tells: str
    sample_target: int | None
    cannot_be_said: str


class AttemptOut(Shape):
    """One attempt. `call` leads to the ledger."""

    id: str
    target: int
    home: str
    number: str
    state: AttemptState
    planned_at: datetime
    claimed_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    outcome: str
    cause: int
    said: tuple[str, ...]
    answers: dict[str, str]
    call: str
    why: str
    decided_by: str
    dialled_by: str = Field(description="the agent who dialled; empty: the switch did")


class AttemptPage(Shape):
    """Some attempts, the newest first."""

    attempts: tuple[AttemptOut, ...]
    next_cursor: str | None


class CampaignChanged(Shape):
    """A campaign went on: its state, its progress, its outcomes."""

    type: Literal["campaign"] = "campaign"
    campaign: CampaignOut


def campaign_out(one: Campaign, counts: Mapping[tuple[TargetState, str], int], zone: tzinfo) -> CampaignOut:
    """Return a campaign as it goes out."""
    states: dict[TargetState, int] = {}
    outcomes: dict[str, int] = {}
    for (state, outcome), count in counts.items():
        states[state] = states.get(state, 0) + count
        if outcome:
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    return CampaignOut(
        id=one.id,
        kind=one.kind,
        name=one.name,
        state=one.state,
        words=one.words,
        lines=one.lines,
        by_agent=one.by_agent,
        made_by=one.made_by,
        made_at=one.made_at.astimezone(zone),
        approved_by=one.approved_by,
        started_at=_at(one.started_at, zone),
        ended_at=_at(one.ended_at, zone),
        targets=sum(states.values()),
        states=states,
        outcomes=outcomes,
    )


def whole_campaign(shown: CampaignOut, history: Sequence[StepTaken], zone: tzinfo) -> WholeCampaign:
    """Return a campaign with its history."""
    steps = (CampaignStepOut(at=one.at.astimezone(zone), who=one.who, what=one.what, text=one.text) for one in history)
    return WholeCampaign(**shown.model_dump(), history=tuple(steps))


def taken_out(taken: Taken, *, is_dry_run: bool) -> TakenOut:
    """Return what came of a list."""
    return TakenOut(
        added=taken.added,
        known=taken.known,
        dry_run=is_dry_run,
        problems=tuple(
            ProblemOut(line=one.line, column=one.column, chinese=one.chinese, english=one.english)
            for one in taken.problems
        ),
    )


def target_out(row: TargetTable, zone: tzinfo) -> TargetOut:
    """Return a target as it goes out."""
    return TargetOut(
        id=row.id,
        home="" if row.household == row.e164 else row.household,
        number=PhoneNumber(row.e164).masked,
        who=row.salutation,
        fen=row.fen,
        state=TargetState(row.state),
        reasons=tuple(row.reasons),
        not_before=row.not_before.astimezone(zone),
        attempts=row.attempts,
        outcome=row.outcome,
        said=tuple(row.said),
        line=row.line,
    )


def preview_out(seen: Preview, zone: tzinfo) -> PreviewOut:
    """Return a preview as it goes out."""
    return PreviewOut(
        at=seen.at.astimezone(zone),
        targets=seen.targets,
        may_now=seen.may_now,
        suppressed=seen.suppressed,
        on_days=dict(seen.on_days),
        never=dict(seen.never),
        not_now=dict(seen.not_now),
        shown=tuple(
            JudgedOut(
                target=target_out(one.target, zone),
                allowed=one.verdict.allowed,
                reasons=one.verdict.reasons,
                earliest=_at(one.verdict.earliest, zone),
            )
            for one in seen.shown
        ),
        asks=seen.sample.ask if seen.sample else "",
        tells=seen.sample.told if seen.sample else "",
        sample_target=seen.sample_target,
        cannot_be_said=seen.cannot_be_said,
    )


def attempt_out(row: AttemptTable, zone: tzinfo) -> AttemptOut:
    """Return an attempt as it goes out."""
    return AttemptOut(
        id=row.id,
        target=row.target_id,
        home="" if row.household == row.e164 else row.household,
        number=PhoneNumber(row.e164).masked,
        state=AttemptState(row.state),
        planned_at=row.planned_at.astimezone(zone),
        claimed_at=_at(row.claimed_at, zone),
        answered_at=_at(row.answered_at, zone),
        ended_at=_at(row.ended_at, zone),
        outcome=row.outcome,
        cause=row.cause,
        said=tuple(row.said),
        answers={str(name): str(value) for name, value in row.answers.items()},
        call=row.call_id,
        why=row.why,
        decided_by=row.decided_by,
        dialled_by=row.dialled_by,
    )


def _at(at: datetime | None, zone: tzinfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)
