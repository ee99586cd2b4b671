"""What goes out and comes in about shifts, hand-overs and readings of the log."""

from datetime import date, datetime, tzinfo
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.shifts.review import Review, ReviewKind, Unread
from hotline.shifts.shift import OpenItem, Sheet, Shift, ShiftState
from hotline.web.shapes import LARGEST_NUMBER, Day, Inlet, Line, Lines, Shape

Said = Annotated[str, Lines, StringConstraints(max_length=1000)]
Key = Annotated[str, Line, StringConstraints(min_length=1, max_length=40)]
Word = Annotated[str, Line, StringConstraints(max_length=200)]
Found = Annotated[str, Line, StringConstraints(max_length=60)]


class OpenItemOut(Shape):
    """One thing that is open. `needs_word`: it may not be handed over without a word."""

    key: str
    kind: str
    what: str
    home: str
    who: str
    since: datetime
    due: datetime | None
    is_urgent: bool
    is_overdue: bool
    needs_word: bool
    word: str
    stands: str = Field(description="waiting, taken; sent, accepted (a dispatch); empty on old sheets")
    held_by: str = Field(description="who has it, as shown on screens: a person of the desk or of a department")


class SheetOut(Shape):
    """The hand-over sheet as it was taken down."""

    items: tuple[OpenItemOut, ...]
    entries: int
    first_page: str
    last_page: str
    by_kind: dict[str, int]
    calls: int
    drafts: int
    property_found: dict[str, str]
    chain_position: int
    chain_head: str


class ShiftOut(Shape):
    """One shift. People by account name and by the name that is shown."""

    id: int
    state: ShiftState
    holder: str
    holder_name: str
    began: datetime
    remarks: str
    sheet: SheetOut | None
    signed_out_at: datetime | None
    signed_out_name: str
    successor_name: str
    successor_remarks: str
    ended: datetime | None


class DeskOut(Shape):
    """Who has the desk now (nobody before the first shift), what is open, and what the desk owns."""

    shift: ShiftOut | None
    open_items: tuple[OpenItemOut, ...]
    property: tuple[str, ...]


class ShiftPage(Shape):
    """Shifts, newest first."""

    shifts: tuple[ShiftOut, ...]
    next_cursor: str | None


class ShiftsQuery(Inlet):
    """Which part of the shifts."""

    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class SignOutIn(Inlet):
    """The outgoing person's signature: remarks, a word for each item that needs one, and how the property was found."""

    remarks: Said = ""
    words: Annotated[dict[Key, Word], Field(max_length=600)] = Field(default_factory=dict)
    property: Annotated[dict[Found, Found], Field(max_length=50)] = Field(default_factory=dict)


class SignInIn(Inlet):
    """The next person's signature: what they have read (the items' keys), and remarks."""

    remarks: Said = ""
    read: Annotated[tuple[Key, ...], Field(max_length=600)] = ()


class UnreadOut(Shape):
    """A day's complaints or a week's log that nobody has signed for."""

    kind: ReviewKind
    day: date
    is_late: bool


class ReviewOut(Shape):
    """A signed reading."""

    kind: ReviewKind
    day: date
    entries: int
    opinion: str
    signed_name: str
    signed_at: datetime


class ReviewPage(Shape):
    """What waits to be read, oldest first, and what was read, newest first."""

    unread: tuple[UnreadOut, ...]
    signed: tuple[ReviewOut, ...]


class ReviewQuery(Inlet):
    """What is read: a day's complaints, or the week that begins on this Monday."""

    kind: ReviewKind
    day: Day
    after: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)] = 0


class OpinionIn(Inlet):
    """The opinion with which somebody signs."""

    kind: ReviewKind
    day: Day
    opinion: Annotated[str, Lines, StringConstraints(min_length=1, max_length=2000)]


def item_out(item: OpenItem, names: dict[str, str], zone: tzinfo) -> OpenItemOut:
    """Return an open item with its times in the centre's zone."""
    return OpenItemOut(
        key=item.key,
        kind=item.kind,
        what=item.what,
        home=item.home,
        who=item.who,
        since=item.since.astimezone(zone),
        due=item.due and item.due.astimezone(zone),
        is_urgent=item.is_urgent,
        is_overdue=item.is_overdue,
        needs_word=item.needs_word,
        word=item.word,
        stands=item.stands,
        held_by=names.get(item.held_by, item.held_by),
    )


def shift_out(shift: Shift, names: dict[str, str], zone: tzinfo) -> ShiftOut:
    """Return a shift with its people's names and its times in the centre's zone."""

    def name(account: str) -> str:
        return names.get(account, account)

    return ShiftOut(
        id=shift.id,
        state=shift.state,
        holder=shift.holder,
        holder_name=name(shift.holder),
        began=shift.began.astimezone(zone),
        remarks=shift.remarks,
        sheet=shift.sheet and _sheet_out(shift.sheet, names, zone),
        signed_out_at=shift.signed_out_at and shift.signed_out_at.astimezone(zone),
        signed_out_name=name(shift.signed_out_by),
        successor_name=name(shift.successor),
        successor_remarks=shift.successor_remarks,
        ended=shift.ended and shift.ended.astimezone(zone),
    )


def review_out(review: Review, names: dict[str, str], zone: tzinfo) -> ReviewOut:
    """Return a signed reading."""
    return ReviewOut(
        kind=review.kind,
        day=review.day,
        entries=review.entries,
        opinion=review.opinion,
        signed_name=names.get(review.signed_by, review.signed_by),
        signed_at=review.signed_at.astimezone(zone),
    )


def unread_out(one: Unread) -> UnreadOut:
    """Return what waits to be read."""
    return UnreadOut(kind=one.kind, day=one.day, is_late=one.is_late)


def _sheet_out(sheet: Sheet, names: dict[str, str], zone: tzinfo) -> SheetOut:
    return SheetOut(
        items=tuple(item_out(item, names, zone) for item in sheet.items),
        entries=sheet.entries,
        first_page=sheet.first_page,
        last_page=sheet.last_page,
        by_kind=dict(sheet.by_kind),
        calls=sheet.calls,
        drafts=sheet.drafts,
        property_found=dict(sheet.property_found),
        chain_position=sheet.chain_position,
        chain_head=sheet.chain_head,
    )
