"""What a menu is to those who change it: a text with a number, who made it so, and why. Pure.

A version is what callers were led by; numbers only grow and texts are never changed, so going back to an older one is a
new version with its text. A draft is what is being written: each save is an edition of its own, so nothing is lost.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from hotline.errors import HotlineError
from hotline.ivr.menu_form import Problem
from hotline.menus.in_chinese import reason_in_chinese


class Origin(StrEnum):
    """How a version came about."""

    PAGE = "page"  # a draft was activated
    BACK = "back"  # an older version was activated again
    FILE = "file"  # the file was changed by hand, or was there before
    HOURS = "hours"  # hours of the desk were changed on the page of the roster


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuVersion:
    """A menu that callers were led by from `at` on, until the next one."""

    number: int
    label: str
    """What the text itself calls its version."""
    text: str
    by: str
    """An account's name; "" where the file was changed by hand."""
    at: datetime
    note: str
    origin: Origin
    of: int | None = None
    """The older version whose text this is, where somebody went back."""
    edition: int = 0
    """The draft's edition that was activated; 0 for none."""
    replaces: str = ""
    """What names the text that callers were led by before (`named`)."""
    is_written: bool = True
    """False until the file holds it: an activation that was cut off is ended by what is found here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuDraft:
    """What is being written. `edition` grows with each save; `base` is the version in force when it was begun."""

    edition: int
    base: int
    text: str
    by: str
    at: datetime | None


class MenusChanged(HotlineError):
    """Somebody else saved or activated meanwhile; `details` has their text, who and when. Nothing was changed."""

    error_id = "menus-changed"

    def __init__(self, draft: MenuDraft, in_force: MenuVersion) -> None:
        super().__init__("the menus were changed meanwhile: look at both texts")
        self.details = {
            "edition": draft.edition,
            "text": draft.text,
            "by": draft.by,
            "at": draft.at.isoformat() if draft.at else None,
            "in_force": in_force.number,
            "in_force_text": in_force.text,
            "in_force_by": in_force.by,
            "in_force_at": in_force.at.isoformat(),
        }


class MenuRefused(HotlineError):
    """The text is no good menu; `details` names each line, place and reason. What is in force stays."""

    error_id = "menu-refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("the menu is refused: " + "; ".join(str(problem) for problem in problems))
        self.problems = problems
        self.details = {
            "problems": [
                {
                    "line": one.line,
                    "place": one.place,
                    "reason": one.reason,
                    "reason_zh": reason_in_chinese(one.reason),
                }
                for one in problems
            ]
        }


class MenuVersionUnknown(HotlineError):
    """There is no version of this number."""

    error_id = "menu-version-unknown"


class MenuNotWritten(HotlineError):
    """The file of the menus cannot be written; what is in force stays."""

    error_id = "menu-not-written"


def named(text: str) -> str:
    """Return what names a text: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()
