"""The shapes of a pop, and the way to them from the desk's values; numbers are masked here. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Literal

from pydantic import Field

from hotline.agents.offers import Offer, OfferState
from hotline.calls.state import CallState, Outcome
from hotline.desk.pop import Person, Pop, Verdict, first_words
from hotline.followups.follow_up import DueBy, FollowUpKind
from hotline.residents.noted import HomeNote, NumberMark
from hotline.residents.resident import Arrears, Relation
from hotline.web.campaign_about import AboutOut
from hotline.web.shapes import Shape
from hotline.web.telling import local, masked

LONGEST_MATTER = 160


class ReachedOut(Shape):
    """A number of a resident, masked; it is shown whole on `POST /api/v1/residents/{id}/reveal`."""

    number: str
    marks: tuple[NumberMark, ...]
    is_calling: bool


class PersonOut(Shape):
    """Somebody of the home."""

    id: int
    salutation: str = Field(description="how to address them: 张先生")
    name: str
    relation: Relation
    language: str
    is_elderly_alone: bool
    is_caller: bool
    numbers: tuple[ReachedOut, ...]


class ArrearsOut(Shape):
    """What the home has not paid, in words and in yuan."""

    months: str
    amount: str


class HomeOut(Shape):
    """The home that calls."""

    id: int
    label: str = Field(description="3-2-501")
    spoken: str = Field(description="3栋2单元501室")
    greets_by_name: bool
    arrears: ArrearsOut | None


class CandidateOut(Shape):
    """A home to choose, and whose number it is there."""

    home_id: int
    home: str
    resident_id: int
    salutation: str
    name: str
    relation: Relation
    is_elderly_alone: bool
    open_matters: int


class OpenMatterOut(Shape):
    """A matter of the home that is not finished."""

    kind: str
    text: str
    opened: datetime
    promised: datetime | None
    due_by: DueBy | None
    is_overdue: bool
    follow_up: int | None


class OwedOut(Shape):
    """A call, or an answer, that we owe this caller."""

    follow_up: int
    kind: FollowUpKind
    since: datetime
    due: datetime | None
    due_by: DueBy | None
    is_overdue: bool
    taken_by: str
    request: str
    text: str
    call_id: str | None


class EarlierCallOut(Shape):
    """A call before this one."""

    id: str
    at: datetime | None
    direction: str
    kind: str
    outcome: Outcome | None
    is_emergency: bool
    agent: str
    words: str


class NoteOut(Shape):
    """A note of the home that holds."""

    id: int
    resident_id: int | None
    text: str
    by: str
    by_name: str = Field(description="whom `by` is on screens")
    at: datetime


class IncidentNowOut(Shape):
    """What goes on in the caller's building."""

    id: int
    building: int
    since: datetime
    is_confirmed: bool
    text: str
    was_told: bool
    has_joined: bool


class WayOut(Shape):
    """How the call came here: what its keys said, and how long it has waited."""

    state: CallState
    direction: str
    ring_start: datetime | None
    queued_at: datetime | None
    queue: str
    menu_path: tuple[str, ...]
    request: str
    look_up: str
    without_service: str
    call_back_at: datetime | None = Field(description="when the caller wished to be called back and keep their place")
    returns: str = Field(description="the id of the call that this one returns; empty: none")
    recording_refused: bool


class HouseholdMarkedOut(Shape):
    """A mark of the household: who put it, when and why; supervisors lift it."""

    mark: str
    at: datetime
    by: str
    by_name: str = Field(description='whom `by` is on screens; "key": the resident pressed it')
    reason: str
    until: datetime | None


class PopOut(Shape):
    """Everything an agent wants to know of a caller, the moment the call is offered."""

    call_id: str
    verdict: Verdict
    number: str = Field(description="masked; empty is withheld")
    marks: tuple[NumberMark, ...]
    is_emergency: bool
    is_elderly_alone: bool
    language: str
    salutation: str = Field(description="empty where it is not known who of the home calls")
    home: HomeOut | None
    people: tuple[PersonOut, ...]
    candidates: tuple[CandidateOut, ...]
    matters: tuple[OpenMatterOut, ...]
    more_matters: int
    owed: tuple[OwedOut, ...]
    calls: tuple[EarlierCallOut, ...]
    notes: tuple[NoteOut, ...]
    incident: IncidentNowOut | None
    way: WayOut | None = Field(description="null: the ledger has not read of the call yet")
    chosen_by: str
    follow_up: int | None = Field(description="what our own call is made for; null: nobody said")
    campaign: AboutOut | None = Field(default=None, description="why a campaign calls, or called, this home")
    household_marks: tuple[HouseholdMarkedOut, ...] = ()


class OfferOut(Shape):
    """A call at a phone."""

    call_id: str
    extension: str
    began: datetime
    answered: datetime | None
    state: OfferState
    is_emergency: bool
    is_ours: bool = Field(description="whoever sits at this phone makes the call: it rings first, then the resident")


class OfferedOut(Shape):
    """A call at the phone of whoever looks, with what is known of it. `pop` null: ask for it by its address."""

    offer: OfferOut
    pop: PopOut | None


class OfferChanged(OfferedOut):
    """A call rings at this person's phone, was lifted, or is gone from it; or its pop changed."""

    type: Literal["offer"] = "offer"


def offer_out(offer: Offer, zone: tzinfo) -> OfferOut:
    """Return a call at a phone."""
    return OfferOut(
        call_id=offer.call_id,
        extension=offer.extension,
        began=offer.began.astimezone(zone),
        answered=local(offer.answered, zone),
        state=offer.state,
        is_emergency=offer.is_emergency,
        is_ours=offer.is_ours,
    )


def pop_out(
    pop: Pop,
    zone: tzinfo,
    *,
    campaign: AboutOut | None = None,
    household_marks: tuple[HouseholdMarkedOut, ...] = (),
    names: Mapping[str, str] | None = None,
) -> PopOut:
    """Return a pop as a screen shows it: no number of it is whole. `names` are how accounts are called on screens."""
    household, call = pop.household, pop.call
    home = household.home if household else None
    return PopOut(
        call_id=pop.call_id,
        verdict=pop.verdict,
        number=pop.number.masked if pop.number else masked(call.caller_number) if call else "",
        marks=tuple(sorted(pop.caller_marks)),
        is_emergency=pop.is_emergency,
        is_elderly_alone=pop.is_elderly_alone,
        language=pop.language,
        salutation=pop.resident.salutation if pop.resident else "",
        home=None
        if household is None or home is None or home.id is None
        else HomeOut(
            id=home.id,
            label=home.label,
            spoken=home.spoken,
            greets_by_name=household.greets_by_name,
            arrears=arrears_out(household.arrears),
        ),
        people=tuple(person_out(one) for one in pop.people),
        candidates=tuple(
            CandidateOut(
                home_id=one.home.id or 0,
                home=one.home.label,
                resident_id=one.resident.id,
                salutation=one.resident.salutation,
                name=one.resident.name,
                relation=one.resident.relation,
                is_elderly_alone=one.resident.is_elderly_alone,
                open_matters=one.open_matters,
            )
            for one in pop.candidates
        ),
        matters=tuple(
            OpenMatterOut(
                kind=one.kind,
                text=first_words(one.text, LONGEST_MATTER),
                opened=one.opened.astimezone(zone),
                promised=local(one.promised, zone),
                due_by=one.due_by,
                is_overdue=one.is_overdue,
                follow_up=one.follow_up,
            )
            for one in pop.matters
        ),
        more_matters=pop.more_matters,
        owed=tuple(
            OwedOut(
                follow_up=one.follow_up,
                kind=one.kind,
                since=one.since.astimezone(zone),
                due=local(one.due, zone),
                due_by=one.due_by,
                is_overdue=one.is_overdue,
                taken_by=one.taken_by,
                request=one.request,
                text=one.text,
                call_id=one.call_id,
            )
            for one in pop.owed
        ),
        calls=tuple(
            EarlierCallOut(
                id=one.id,
                at=local(one.at, zone),
                direction=one.direction,
                kind=one.kind,
                outcome=one.outcome,
                is_emergency=one.is_emergency,
                agent=one.agent,
                words=one.words,
            )
            for one in pop.calls
        ),
        notes=tuple(note_out(one, names or {}, zone) for one in pop.notes),
        incident=None
        if pop.incident is None
        else IncidentNowOut(
            id=pop.incident.id,
            building=pop.incident.building,
            since=pop.incident.since.astimezone(zone),
            is_confirmed=pop.incident.is_confirmed,
            text=pop.incident.text,
            was_told=pop.incident.was_told,
            has_joined=pop.incident.has_joined,
        ),
        way=None
        if call is None
        else WayOut(
            state=call.state,
            direction=call.direction,
            ring_start=local(call.ring_start, zone),
            queued_at=local(call.queued_at, zone),
            queue=call.queue,
            menu_path=call.menu_path,
            request=call.request,
            look_up=call.look_up,
            without_service=call.without_service,
            call_back_at=local(call.call_back_at, zone),
            returns=call.returns,
            recording_refused=call.recording_refused,
        ),
        chosen_by=pop.chosen_by,
        follow_up=pop.follow_up,
        campaign=campaign,
        household_marks=household_marks,
    )


def person_out(one: Person) -> PersonOut:
    """Return somebody of the home."""
    return PersonOut(
        id=one.resident.id,
        salutation=one.resident.salutation,
        name=one.resident.name,
        relation=one.resident.relation,
        language=one.resident.language,
        is_elderly_alone=one.resident.is_elderly_alone,
        is_caller=one.is_caller,
        numbers=tuple(
            ReachedOut(number=each.number.masked, marks=tuple(sorted(each.marks)), is_calling=each.is_calling)
            for each in one.numbers
        ),
    )


def arrears_out(arrears: Arrears | None) -> ArrearsOut | None:
    """Return what the home has not paid."""
    return None if arrears is None else ArrearsOut(months=arrears.period, amount=arrears.amount)


def note_out(note: HomeNote, names: Mapping[str, str], zone: tzinfo) -> NoteOut:
    """Return a note of a home; `names` are how accounts are called on screens."""
    return NoteOut(
        id=note.id,
        resident_id=note.resident_id,
        text=note.text,
        by=note.by,
        by_name=names.get(note.by, note.by),
        at=note.at.astimezone(zone),
    )
