"""The shapes of the API of staff, tokens, roster, marks of numbers, retention and the audit."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from hotline.accounts.account import AccountState, Role
from hotline.residents.noted import NumberMark
from hotline.web.shapes import LARGEST_NUMBER, Day, Inlet, Line, Moment, Shape

Name = Annotated[str, Line, StringConstraints(min_length=1, max_length=40)]
Shown = Annotated[str, Line, StringConstraints(max_length=40)]
Phone = Annotated[str, StringConstraints(pattern=r"^(?:[0-9]{3,6})?$")]
Reason = Annotated[str, Line, StringConstraints(min_length=2, max_length=200)]
Cursor = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
Limit = Annotated[int, Field(ge=1, le=200)]


class PersonOut(Shape):
    """Somebody of the staff. `skills` null: no agent, or every skill; `must_change`: has set no password yet."""

    name: str
    display_name: str
    role: Role
    extension: str
    state: AccountState
    must_change: bool
    is_agent: bool
    skills: tuple[str, ...] | None


class StaffOut(Shape):
    """Everybody, and what may be chosen: the telephones of the house and the skills."""

    people: tuple[PersonOut, ...]
    phones: tuple[str, ...]
    skills: tuple[str, ...]


class PersonIn(Inlet):
    """What somebody is."""

    role: Role
    display_name: Shown = ""
    extension: Phone = ""


class NewPersonIn(PersonIn):
    """Somebody new."""

    name: Name


class PasswordOut(Shape):
    """A password that was made up: told once, and it opens nothing but its change."""

    name: str
    password: str


class StateIn(Inlet):
    """Whether somebody may come in."""

    state: AccountState


class SkillsIn(Inlet):
    """An agent's skills (`repair`, `repair:2`); null: every one."""

    skills: Annotated[tuple[Annotated[str, StringConstraints(max_length=24)], ...], Field(max_length=50)] | None


class TokenOut(Shape):
    """A token. Without scopes it has its role's rights."""

    id: int
    role: Role
    label: str
    scopes: tuple[str, ...]
    created: datetime
    made_by: str
    last_used: datetime | None
    expires: datetime | None
    revoked: datetime | None


class TokensOut(Shape):
    """Every token, and the scopes there are."""

    tokens: tuple[TokenOut, ...]
    scopes: tuple[str, ...]


class TokenIn(Inlet):
    """A token to be made. `days` 0: it has no end."""

    role: Role
    label: Annotated[str, Line, StringConstraints(min_length=1, max_length=80)]
    scopes: Annotated[tuple[Annotated[str, StringConstraints(max_length=40)], ...], Field(max_length=100)] = ()
    days: Annotated[int, Field(ge=0, le=36_500)] = 0


class NewTokenOut(Shape):
    """The token itself: told once and kept nowhere."""

    token: str


class TurnOut(Shape):
    """A turn of duty; its number masked. `is_over`: it stays as it stood."""

    id: int
    starts: datetime
    ends: datetime
    place: int
    duty: str
    name: str
    number: str
    rings_for: int
    is_now: bool
    is_over: bool


class DayOut(Shape):
    """A day of the desk: its hours ("09:00-18:00"), and why they are not the week's."""

    day: date
    hours: tuple[str, ...]
    is_holiday: bool
    is_workday_instead: bool
    is_exception: bool


class RosterOut(Shape):
    """The roster of some days."""

    turns: tuple[TurnOut, ...]
    days: tuple[DayOut, ...]
    holidays_known_until: date | None


class RosterQuery(Inlet):
    """Which days; without any, the week from today on."""

    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class TurnIn(Inlet):
    """A turn, as a line of a roster file: the centre's time (2026-11-22T18:00). `number` empty leaves it."""

    starts: Annotated[str, StringConstraints(max_length=20)] = Field(alias="from")
    until: Annotated[str, StringConstraints(max_length=20)]
    place: Annotated[int, Field(ge=1, le=9)]
    duty: Annotated[str, StringConstraints(max_length=20)]
    name: Name
    number: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    rings_for: Annotated[int, Field(ge=5, le=120)] = 20

    @property
    def cells(self) -> dict[str, str]:
        """What stands in a file's line."""
        values = self.model_dump(by_alias=True, exclude={"days"})
        return {column: str(value) for column, value in values.items()}


class NewTurnIn(TurnIn):
    """A turn, on so many days in a row."""

    days: Annotated[int, Field(ge=1, le=31)] = 1


class RosterFileIn(Inlet):
    """A roster file's text; `dry_run`: only say what it would do."""

    text: Annotated[str, StringConstraints(max_length=60_000)]
    dry_run: bool = True


class RosterFileOut(Shape):
    """What a file did, or would do; with problems nothing was done."""

    added: int
    changed: int
    unchanged: int
    removed: int
    problems: tuple[str, ...]


class NumberMarksQuery(Inlet):
    """Which marks: of a number, of those that end so, of a home; those that were lifted only where asked for."""

    word: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    lifted: bool = False
    cursor: Cursor | None = None
    limit: Limit = 50


class ListedMarkOut(Shape):
    """A mark of a number, as it was said last; `holds` false: it was lifted."""

    id: int
    number: str = Field(description="masked")
    mark: NumberMark
    holds: bool
    at: datetime
    by: str
    reason: str


class NumberMarksOut(Shape):
    """Some marks, the newest first."""

    marks: tuple[ListedMarkOut, ...]
    next_cursor: str | None


class NewNumberMarkIn(Inlet):
    """A number that is not to be called, or reaches somebody else."""

    number: Annotated[str, Line, StringConstraints(min_length=3, max_length=40)]
    mark: NumberMark = NumberMark.DO_NOT_CALL
    reason: Reason


class LiftIn(Inlet):
    """Why a mark is lifted."""

    reason: Reason


class AuditQuery(Inlet):
    """Which changes: by whom, in which room, when, with which word."""

    by: Annotated[str, Line, StringConstraints(max_length=64)] = ""
    room: Annotated[str, Line, StringConstraints(max_length=40)] = ""
    since: Day | Moment | None = None
    until: Day | Moment | None = None
    word: Annotated[str, Line, StringConstraints(max_length=80)] = ""
    cursor: Cursor | None = None
    limit: Limit = 50


class DifferenceOut(Shape):
    """One value that changed; null: it was not there."""

    name: str
    before: Any
    after: Any


class ChangeOut(Shape):
    """A change: who, when, where, what; and what differs."""

    position: int
    at: datetime
    centre: str
    by: str
    room: str
    act: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    differences: tuple[DifferenceOut, ...]


class AuditOut(Shape):
    """Some changes, newest first; who and which rooms there are to choose from."""

    changes: tuple[ChangeOut, ...]
    next_cursor: str | None
    people: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()


class NamedOut(Shape):
    """An account and what the person is called."""

    name: str
    shown: str


class NamesOut(Shape):
    """Every account, by its name."""

    people: tuple[NamedOut, ...]


class HistoryOut(Shape):
    """What was changed of the roster."""

    changes: tuple[ChangeOut, ...]
    next_cursor: str | None


Done = Literal["done"]


class DoneOut(Shape):
    """It is done."""

    is_done: bool = True
