"""What goes in and out of the page of menus."""

from datetime import datetime, tzinfo
from typing import Annotated, Literal

from pydantic import Field

from hotline.ivr.menu import MenuPlan
from hotline.ivr.menu_form import Problem
from hotline.ivr.menu_picture import as_svg
from hotline.menus.comparing import Row, compared
from hotline.menus.in_chinese import reason_in_chinese
from hotline.menus.version import MenuDraft, MenuVersion
from hotline.web.shapes import LARGEST_NUMBER, Inlet, Line, Shape

MenuText = Annotated[str, Field(max_length=65_536)]
Number = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
Note = Annotated[str, Line, Field(max_length=200)]


class MenuVersionOut(Shape):
    """A version: `origin` says how it came about, `of` whose text it is where somebody went back."""

    number: int
    label: str
    by: str  # an account's name; empty: the file was changed by hand
    at: datetime
    note: str
    origin: Literal["page", "back", "file", "hours"]
    of: int | None


class MenuDraftOut(Shape):
    """What is being written. Send `edition` back with what you save; `base`: the version it was begun from."""

    edition: int
    base: int
    text: str
    by: str
    at: datetime | None


class MenusOut(Shape):
    """What leads callers, what is being written, and the names that a text may use. `trouble`: see docs/menus.md."""

    in_force: MenuVersionOut
    text: str
    svg: str
    draft: MenuDraftOut
    trouble: str
    queues: tuple[str, ...]
    prompts: tuple[str, ...]


class MenuProblemOut(Shape):
    """One thing that is wrong, at its place."""

    line: int
    place: str
    reason: str
    reason_zh: str


class RowOut(Shape):
    """One line of two texts laid beside each other."""

    kind: Literal["same", "out", "in", "gap"]
    old: int | None
    new: int | None
    text: str


class MenuCheckOut(Shape):
    """What a text would do: its picture where it is good, all that is wrong where it is not, and what differs."""

    label: str
    svg: str
    problems: tuple[MenuProblemOut, ...]
    rows: tuple[RowOut, ...]


class WholeMenuVersion(MenuVersionOut, MenuCheckOut):
    """A version with its text, its picture, and what differs from the one in force."""

    text: str


class MenuVersionsOut(Shape):
    """A page of versions, newest first."""

    versions: tuple[MenuVersionOut, ...]
    before: int | None


class MenuDraftsOut(Shape):
    """The drafts that were saved, newest first."""

    drafts: tuple[MenuDraftOut, ...]


class MenuTextIn(Inlet):
    """A text to look at, and the one to compare it with: the one in force where none is given."""

    text: MenuText
    against: MenuText | None = None


class MenuDraftIn(Inlet):
    """A draft, the edition that was seen before it was written, and the version in force then."""

    text: MenuText
    edition: Number
    base: Number


class MenuActivateIn(Inlet):
    """The draft and the version in force as they were seen, and why it is done."""

    edition: Number
    in_force: Number
    note: Note = ""


class MenuBackIn(Inlet):
    """The version in force as it was seen, and why one goes back."""

    in_force: Number
    note: Note = ""


class MenuVersionsQuery(Inlet):
    """Which page of the versions."""

    before: Number | None = None


def version_out(version: MenuVersion, zone: tzinfo) -> MenuVersionOut:
    """Return a version without its text."""
    return MenuVersionOut(
        number=version.number,
        label=version.label,
        by=version.by,
        at=version.at.astimezone(zone),
        note=version.note,
        origin=version.origin.value,
        of=version.of,
    )


def draft_out(draft: MenuDraft, zone: tzinfo) -> MenuDraftOut:
    """Return a draft."""
    at = draft.at.astimezone(zone) if draft.at else None
    return MenuDraftOut(edition=draft.edition, base=draft.base, text=draft.text, by=draft.by, at=at)


def check_out(found: MenuPlan | tuple[Problem, ...], text: str, against: str) -> MenuCheckOut:
    """Return what a text would do, beside another."""
    rows = tuple(map(_row, compared(against, text)))
    if isinstance(found, MenuPlan):
        return MenuCheckOut(label=found.version, svg=as_svg(found), problems=(), rows=rows)
    return MenuCheckOut(label="", svg="", problems=tuple(map(_problem, found)), rows=rows)


def _problem(problem: Problem) -> MenuProblemOut:
    return MenuProblemOut(
        line=problem.line,
        place=problem.place,
        reason=problem.reason,
        reason_zh=reason_in_chinese(problem.reason),
    )


def _row(row: Row) -> RowOut:
    return RowOut(kind=row.kind, old=row.old, new=row.new, text=row.text)
