"""Follow-ups as the API shows them and takes them: their shapes, and the way from the room's values. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hotline.accounts.account import Role
from hotline.aftercare.occasions import ServiceDays
from hotline.followups.follow_up import DueBy, FollowUp, FollowUpKind, FollowUpState, Step, StepTaken
from hotline.web.shapes import LARGEST_NUMBER, CallId, Day, Inlet, Line, Lines, Moment, Shape
from hotline.web.telling import local, masked

Reason = Annotated[str, Lines, StringConstraints(min_length=1, max_length=1000)]


class ServiceOut(Shape):
    """From when to when a paid service goes on, and from which days on it is called about."""

    first: date
    last: date
    middle: date | None = Field(description="null: no call is made in the middle")
    end: date


class FollowUpOut(Shape):
    """Something the desk owes. `call_id` is the first call it comes from, `calls` how many it stands for."""

    id: int
    kind: FollowUpKind
    state: FollowUpState
    owed_by: Role
    call_id: CallId | None
    calls: int
    number: str = Field(description="masked (138****1234) unless is_masked is false; empty is withheld")
    is_masked: bool
    home: str
    who: str
    text: str
    request: str = Field(description="the kind of request that the keys named; may be empty")
    mark: int | None = Field(description="1 or 2: the caller's satisfaction")
    incident: str
    since: datetime
    last_at: datetime = Field(description="the newest of its calls")
    due: datetime | None = Field(description="null: not before what it waits for, the end of an incident")
    due_by: DueBy | None = Field(description="what the deadline rests on: a promise, the rule, whoever wrote it down")
    promised: datetime | None = Field(description="what the resident was told; may be later than the rule allows")
    is_overdue: bool
    play_from: float | None = Field(description="seconds into the recording where the message begins")
    taken_by: str
    taken_by_name: str
    result: str
    closed_by: str = Field(description="an account, or hotline where it closed by itself")
    closed_by_name: str
    closed_at: datetime | None
    closing: Step | None = Field(description="how it was closed")
    escalated_at: datetime | None = Field(description="since when supervisors see it, too: overdue for long")
    service: ServiceOut | None = Field(default=None, description="of a paid service whose days were written down")


class StepOut(Shape):
    """One step of a follow-up's history; `call_id` is the call that closed it."""

    at: datetime
    who: str
    who_name: str
    what: Step
    text: str
    call_id: str


class CoveredCallOut(Shape):
    """One of the calls that a follow-up stands for."""

    call_id: str
    at: datetime


class WholeFollowUp(FollowUpOut):
    """A follow-up with its history, oldest first."""

    steps: tuple[StepOut, ...]
    from_calls: tuple[CoveredCallOut, ...]


class FollowUpPage(Shape):
    """Some follow-ups: open ones by deadline, others by their last change; ask with `next_cursor` for more."""

    follow_ups: tuple[FollowUpOut, ...]
    next_cursor: str | None


class OwedOut(Shape):
    """How much is owed. `changed_at` tells a page whether its list is old."""

    open: int
    overdue: int
    changed_at: datetime | None


class FollowUpsQuery(Inlet):
    """Which follow-ups; `owner` is the account that took them."""

    state: Literal["open", "done", "cancelled", "closed"] | None = Field(
        default=None, description="closed is done or cancelled"
    )
    due_before: Moment | None = None
    owner: Annotated[str, Line, StringConstraints(max_length=40)] | None = None
    owed_by: Literal["agent", "supervisor"] | None = None
    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50

    @property
    def states(self) -> tuple[FollowUpState, ...]:
        if self.state == "closed":
            return (FollowUpState.DONE, FollowUpState.CANCELLED)
        return (FollowUpState(self.state),) if self.state else tuple(FollowUpState)


class NewFollowUpIn(Inlet):
    """A follow-up written down by a person; a number or a home says where."""

    text: Annotated[str, Lines, StringConstraints(min_length=1, max_length=1000)]
    due: Moment
    number: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    home: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    who: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    owed_by: Literal["agent", "supervisor"] = "agent"


class ResultIn(Inlet):
    """What came of it."""

    result: Reason


class ReasonIn(Inlet):
    """Why it is open again, or was never owed."""

    reason: Reason


class ServiceDaysIn(Inlet):
    """From when to when a paid service goes on, both days included."""

    first: Day
    last: Day


def follow_up_out(
    one: FollowUp,
    names: Mapping[str, str],
    *,
    is_masked: bool,
    now: datetime,
    zone: tzinfo,
    service: ServiceDays | None = None,
) -> FollowUpOut:
    """Return a follow-up as lists show it; `names` is what each account is called on screens."""
    return FollowUpOut(
        id=one.id,
        kind=one.kind,
        state=one.state,
        owed_by=one.owed_by,
        call_id=one.call_id,
        calls=one.calls,
        number=masked(one.number) if is_masked else one.number,
        is_masked=is_masked,
        home=one.home,
        who=one.who,
        text=one.text,
        request=one.request,
        mark=one.mark,
        incident=one.incident,
        since=one.since.astimezone(zone),
        last_at=one.last_at.astimezone(zone),
        due=local(one.due, zone),
        due_by=one.due_by,
        promised=local(one.promised, zone),
        is_overdue=one.is_overdue(now),
        play_from=one.play_from,
        taken_by=one.taken_by,
        taken_by_name=names.get(one.taken_by, one.taken_by),
        result=one.result,
        closed_by=one.closed_by,
        closed_by_name=names.get(one.closed_by, one.closed_by),
        closed_at=local(one.closed_at, zone),
        closing=one.closing,
        escalated_at=local(one.escalated_at, zone),
        service=service_out(service, zone) if service else None,
    )


def service_out(days: ServiceDays, zone: tzinfo) -> ServiceOut:
    """Return the days of a paid service as they go out."""
    return ServiceOut(
        first=days.first,
        last=days.last,
        middle=days.middle.since.astimezone(zone).date() if days.middle else None,
        end=days.end.since.astimezone(zone).date(),
    )


def whole_follow_up(
    one: FollowUpOut,
    steps: Iterable[StepTaken],
    calls: Iterable[tuple[str, datetime]],
    names: Mapping[str, str],
    zone: tzinfo,
) -> WholeFollowUp:
    """Return a follow-up with its history."""
    return WholeFollowUp(
        **dict(one),
        steps=tuple(
            StepOut(
                at=step.at.astimezone(zone),
                who=step.who,
                who_name=names.get(step.who, step.who),
                what=step.what,
                text=step.text,
                call_id=step.call_id,
            )
            for step in steps
        ),
        from_calls=tuple(CoveredCallOut(call_id=call_id, at=at.astimezone(zone)) for call_id, at in calls),
    )
