"""A shift (班次) of the desk and its hand-over (交接班). Pure.

One person has the desk at a time. A shift ends only when the next person has read what is open and signed: until then
it is the outgoing person's [P 4.4]. What is urgent or overdue is not handed over silently: each needs a word.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError


class ShiftState(StrEnum):
    """How far a shift is."""

    RUNNING = "running"
    SIGNED_OUT = "signed-out"  # the outgoing person has signed; the next has not read and signed yet
    ENDED = "ended"


class ShiftStep(StrEnum):
    """What can happen to a shift."""

    SIGN_OUT = "sign-out"  # 交班签字
    TAKE_BACK = "take-back"  # signed too early: the desk is still theirs
    SIGN_IN = "sign-in"  # 接班签字, by the next person


S = ShiftState
NEXT: Final[dict[tuple[ShiftState, ShiftStep], ShiftState]] = {
    (S.RUNNING, ShiftStep.SIGN_OUT): S.SIGNED_OUT,
    (S.SIGNED_OUT, ShiftStep.TAKE_BACK): S.RUNNING,
    (S.SIGNED_OUT, ShiftStep.SIGN_IN): S.ENDED,
}


class ShiftError(HotlineError):
    """Something is wrong with what was asked of a shift."""

    error_id: ClassVar[str] = "shift-error"


class ShiftStepRefused(ShiftError):
    """The shift is not in a state for this step."""

    error_id = "shift-step-refused"

    def __init__(self, state: ShiftState | None, step: ShiftStep) -> None:
        super().__init__(f"the desk is {state or 'without a shift'}: it cannot be {step}; read it again")
        self.details = {"state": state.value if state else ""}


class ShiftNotYours(ShiftError):
    """Only who has the desk hands it over; a supervisor may do it for somebody who is not there."""

    error_id = "shift-not-yours"


class SamePerson(ShiftError):
    """Nobody hands the desk over to themselves: the second signature is another person's."""

    error_id = "same-person"


class HandedOverSilently(ShiftError):
    """Something urgent or overdue has no word of the outgoing person; `details` says which."""

    error_id = "handed-over-silently"

    def __init__(self, without_word: Iterable[str]) -> None:
        super().__init__("what is urgent or overdue needs a word for the next person")
        self.details = {"items": list(without_word)}


class ItemsUnread(ShiftError):
    """The next person signs for what they have read; `details` says what is unread or new since the list was shown."""

    error_id = "items-unread"

    def __init__(self, unread: Iterable[str]) -> None:
        super().__init__("there are open items you have not read: read the list again and tick them")
        self.details = {"items": list(unread)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """One thing that is open when the desk is handed over. `key` names it for both people: "follow-up-12"."""

    key: str
    kind: str  # a kind of follow-up, or "dispatch"
    what: str  # in the log's words
    home: str
    who: str
    since: datetime
    due: datetime | None
    is_urgent: bool
    is_overdue: bool
    word: str = ""  # of the outgoing person
    stands: str = ""  # "waiting", "taken", or the state of a dispatch; "" on sheets of before this was kept
    held_by: str = ""  # an account, or somebody of a department; "" while nobody has it

    @property
    def needs_word(self) -> bool:
        """Return whether this may not be handed over silently."""
        return self.is_urgent or self.is_overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What the hand-over sheet says: taken down when the outgoing person signs, and printed as it was then."""

    items: tuple[OpenItem, ...]
    entries: int  # confirmed in this shift
    first_page: str  # 20261122-001; "" where nothing was written
    last_page: str
    by_kind: Mapping[str, int]
    calls: int
    drafts: int  # calls of the shift whose entry nobody has confirmed yet
    property_found: Mapping[str, str]  # 电话机 → 完好; what the desk owns and how it was found
    chain_position: int
    chain_head: str  # whoever rewrites the database cannot rewrite paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One shift. People are account names; `sheet` is None until the outgoing person has signed."""

    id: int
    state: ShiftState
    holder: str
    began: datetime
    remarks: str = ""
    sheet: Sheet | None = None
    signed_out_at: datetime | None = None
    signed_out_by: str = ""  # the holder, or a supervisor for a holder who is not there
    successor: str = ""
    successor_remarks: str = ""
    ended: datetime | None = None


def after(state: ShiftState | None, step: ShiftStep) -> ShiftState:
    """Return the state after this step. Raises ShiftStepRefused."""
    following = NEXT.get((state, step)) if state else None
    if following is None:
        raise ShiftStepRefused(state, step)
    return following


def with_words(items: Iterable[OpenItem], words: Mapping[str, str]) -> tuple[OpenItem, ...]:
    """Return the items with the outgoing person's words. Raises HandedOverSilently."""
    said = tuple(replace(item, word=words.get(item.key, "").strip()) for item in items)
    if silent := [item.key for item in said if item.needs_word and not item.word]:
        raise HandedOverSilently(silent)
    return said


def check_read(items: Iterable[OpenItem], read: Iterable[str]) -> None:
    """Raise ItemsUnread where an item is open now that the next person has not ticked."""
    ticked = set(read)
    if unread := [item.key for item in items if item.key not in ticked]:
        raise ItemsUnread(unread)
