"""What may come in about the duty log and its dispatches, and the pages of them that go out."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from hotline.dutylog.entry import Kind, Source
from hotline.web.shapes import LARGEST_NUMBER, CallId, DispatchOut, Inlet, Line, Lines, Shape

Person = Annotated[str, Line, StringConstraints(max_length=40)]
Said = Annotated[str, Lines, StringConstraints(max_length=1000)]


class EntryIn(Inlet):
    """A new entry, or the whole text of a correction. What the caller said is written as told."""

    kind: Kind
    is_urgent: bool = False
    who: Person = ""
    home: Person = ""
    matter: Annotated[str, Lines, StringConstraints(min_length=1, max_length=4000)]
    promised: Annotated[str, Lines, StringConstraints(max_length=2000)] = ""
    result: Annotated[str, Lines, StringConstraints(max_length=2000)] = Field(
        default="", description="what came of it: then nothing is owed any more"
    )
    agent: Person = ""


class NewEntryIn(EntryIn):
    """A new entry, of a call or of none (somebody came to the desk, wrote, or found something on patrol)."""

    call_id: CallId | None = None
    source: Source | None = Field(default=None, description="without it: call where there is one, else walk-in")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.call_id is not None and self.source not in {None, Source.CALL}:
            raise ValueError("an entry of a call has no other source")
        return self


class SettledIn(Inlet):
    """What came of a matter."""

    result: Annotated[str, Lines, StringConstraints(min_length=1, max_length=1000)]


class DispatchIn(Inlet):
    """To which department a matter is given, and what its people must know or bring."""

    department: Annotated[str, Line, StringConstraints(min_length=1, max_length=20)]
    note: Said = ""


class AcceptedIn(Inlet):
    """Who of the department does it."""

    who: Person = ""


class EndedIn(Inlet):
    """What was done and by whom, or why it is given or taken back."""

    who: Person = ""
    text: Annotated[str, Lines, StringConstraints(min_length=1, max_length=1000)]


class DispatchesQuery(Inlet):
    """Which part of what departments have not done yet."""

    cursor: Annotated[int, Field(ge=1, le=LARGEST_NUMBER)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class DispatchPage(Shape):
    """What departments have not done yet, oldest first, and which departments there are."""

    dispatches: tuple[DispatchOut, ...]
    departments: tuple[str, ...]
    next_cursor: str | None
