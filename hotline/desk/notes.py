"""What an agent types during a call: words, checked points of the checklist, the half-filled form. Pure.

Each person's notes on a call are their own: whoever takes the call over reads them beside their own and sees whose they
are. Each writing says which version it was made from, so that two tabs never overwrite each other silently.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final

from hotline.errors import HotlineError

LONGEST_TEXT: Final = 4000
MOST_POINTS: Final = 40
LONGEST_POINT: Final = 80
MOST_FIELDS: Final = 40
LONGEST_FORM: Final = 16_000  # characters of its JSON; every field of the form has a limit of its own, too

FormValue = str | bool


class NotesError(HotlineError):
    """Something is wrong with notes on a call."""

    error_id: ClassVar[str] = "notes-error"


class NotesTooLong(NotesError):
    """More was typed than is kept."""

    error_id = "notes-too-long"


class NotesChanged(NotesError):
    """They were written meanwhile, in another tab or at another desk; the newer ones are in the details."""

    error_id = "notes-changed"

    def __init__(self, newer: "Notes") -> None:
        super().__init__("these notes were written meanwhile: go on from the newer ones")
        self.newer = newer
        self.details: dict[str, Any] = {"notes": newer.as_values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """One person's notes on one call. `version` 0: nothing is kept yet. `form` is what they touched in the form."""

    call_id: str
    by: str
    version: int = 0
    text: str = ""
    points: tuple[str, ...] = ()
    form: Mapping[str, FormValue] = field(default_factory=dict)
    at: datetime | None = None

    def as_values(self) -> dict[str, Any]:
        """Return the notes as JSON values."""
        return {
            "call_id": self.call_id,
            "by": self.by,
            "version": self.version,
            "text": self.text,
            "points": list(self.points),
            "form": dict(self.form),
            "at": self.at.isoformat() if self.at else None,
        }


def check_size(notes: Notes) -> None:
    """Raise NotesTooLong where more is to be kept than is kept."""
    if (
        len(notes.text) > LONGEST_TEXT
        or len(notes.points) > MOST_POINTS
        or any(len(point) > LONGEST_POINT for point in notes.points)
        or len(notes.form) > MOST_FIELDS
        or len(json.dumps(dict(notes.form), ensure_ascii=False)) > LONGEST_FORM
    ):
        raise NotesTooLong("these notes are too long to be kept: write what matters into the entry")


def joined(old: Notes, young: Notes) -> Notes:
    """Return the notes of one person on two calls that turned out to be one; what both say, the newer one says."""
    older, newer = sorted((old, young), key=lambda one: (one.at is not None, one.at))
    texts = [text for text in (older.text, newer.text) if text]
    text = newer.text if older.text in newer.text else "\n".join(texts)
    return Notes(
        call_id=old.call_id,
        by=old.by,
        version=max(old.version, young.version) + 1,
        text=text[-LONGEST_TEXT:],
        points=tuple(dict.fromkeys((*older.points, *newer.points)))[:MOST_POINTS],
        form={**older.form, **newer.form},
        at=newer.at,
    )
