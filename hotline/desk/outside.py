"""A call that an agent makes to a resident: what may be dialled, and where such a call stands. Pure.

It is written down first (`claimed`) and committed; then the switch is asked, once, with the row's own channel id. What
came of it is told by the ledger alone, also after any crash.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final, Protocol

from hotline.errors import HotlineError
from hotline.phone import PhoneNumber

SENT_WITHIN: Final = 8.0  # seconds from before the claim; sooner than any row may be freed
SILENT_AFTER: Final = 20.0  # seconds since we saw the row: the switch begins within them, and the ledger hears of it
LINK_STEADY_FOR: Final = timedelta(seconds=10)  # a switch that was stuck works off what it was told before


class OutsideState(StrEnum):
    """Where such a call stands."""

    CLAIMED = "claimed"  # committed; the switch may have been asked
    ASKED = "asked"  # the switch took the order
    ENDED = "ended"  # the ledger told its end
    NEVER = "never"  # nobody was dialled, and nobody will be: a new click may


LIVING: Final = frozenset({OutsideState.CLAIMED, OutsideState.ASKED})


class OutsideError(HotlineError):
    """A call to the outside cannot be made."""

    error_id: ClassVar[str] = "outside-error"


class NumberNotDialled(OutsideError):
    """This number is not dialled from the desk: no number, the hotline's own, a short, service or foreign one."""

    error_id = "number-not-dialled"


class NumberMarked(OutsideError):
    """Whoever answers there wants no calls of ours, or is somebody else; send `anyway` after looking."""

    error_id = "number-marked"

    def __init__(self, marks: Collection[str]) -> None:
        super().__init__("this number is marked: look, and say that you call anyway")
        self.details: dict[str, Any] = {"marks": sorted(marks)}


class OutsideCallLiving(OutsideError):
    """A call of yours, or to this number, is being made at this moment."""

    error_id = "outside-call-living"


class HomeBeingRung(OutsideError):
    """A campaign is ringing this number, or its home, at this moment: wait until that call is over."""

    error_id = "home-being-rung"


class HomeUndecided(HomeBeingRung):
    """A campaign may have rung this home, and nobody can tell: a supervisor decides before anybody calls there."""

    error_id = "home-undecided"

    def __init__(self, campaign: int) -> None:
        super().__init__("it is not known whether a campaign rang this home: a supervisor decides first")
        self.details: dict[str, Any] = {"campaign": campaign}


class OutsideCallUnknown(OutsideError):
    """There is no call to the outside of this id."""

    error_id = "outside-call-unknown"


class OwnPhoneMissing(OutsideError):
    """You have no extension, or its telephone is not signed in: there is nothing to ring first."""

    error_id = "own-phone-missing"


class NoWayOut(OutsideError):
    """Calls cannot leave: `sip.trunk` is not set, or the switch cannot be reached."""

    error_id = "no-way-out"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideCall:
    """One call to the outside. `call_id` is the ledger's, once it tells of it; `outcome` is its outcome."""

    id: int
    channel: str
    key: str
    by: str
    extension: str
    number: PhoneNumber
    follow_up: int | None
    returns: str  # the call that it returns
    state: OutsideState
    at: datetime
    asked_at: datetime | None
    ended_at: datetime | None
    call_id: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What the switch is asked: ring this telephone of ours, then this number."""

    channel: str
    extension: str
    number: PhoneNumber
    returns: str
    rings_for: timedelta
    attempt: str = ""  # of a campaign that agents dial: told to the switch's log


class OutsideLine(Protocol):
    """The switch, as far as calls to the outside need it. Both raise HotlineError."""

    async def ring(self, errand: Errand, is_too_late: Callable[[], bool]) -> None:
        """Ask once; returns once the switch took the order.

        `is_too_late` is asked in the last moment before: a service that was stopped since its claim sends nothing, for
        the row may be freed by now. Raises NoWayOut where surely nothing was asked.
        """
        ...

    async def living(self) -> frozenset[str]:
        """Return the ids of our channels that live now."""
        ...

    async def hang_up(self, channel: str) -> bool:
        """End a call by its agent's channel; return whether it lived."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialable:
    """What the site lets be dialled."""

    ours: frozenset[str]
    beyond: frozenset[str] = frozenset()
    short: frozenset[str] = frozenset()

    def check(self, number: PhoneNumber | None) -> PhoneNumber:
        """Return the number. Raises NumberNotDialled, which never holds it."""
        if number is None:
            raise NumberNotDialled("this is no number that could be dialled")
        if number.national in self.ours:
            raise NumberNotDialled("this is our own number")
        if number.is_internal:
            if number.e164 in self.short:
                return number
            raise NumberNotDialled("short numbers are not dialled from here: see outside.short_numbers")
        if not number.e164.startswith("+86"):
            if "international" in self.beyond:
                return number
            raise NumberNotDialled("numbers abroad are not dialled from here: see outside.beyond")
        if number.is_private_line or "service" in self.beyond:
            return number
        raise NumberNotDialled("service numbers are not dialled from here: see outside.beyond")


def is_settled_without(
    call: OutsideCall, *, lives: bool, is_told: bool, silent_for: float, link_up_for: timedelta | None
) -> bool:
    """Return whether a living row stands for nothing: no channel and no word of the ledger, for long enough.

    `silent_for`: seconds since we ourselves saw the row first, by a clock that cannot be put forward. `link_up_for`:
    how long the switch has been heard without a gap; None: it is not heard.
    """
    can_see = link_up_for is not None and link_up_for >= LINK_STEADY_FOR
    return call.state in LIVING and not lives and not is_told and can_see and silent_for >= SILENT_AFTER
