"""When calls from one building are one incident. Pure.

A call counts once, and so does a home. Time is the switch's ring start, never ours.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.residents.resident import KnownCaller

ENQUIRY: Final = "enquiry"  # arrears, fees, progress: what the menu can answer by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody calls from: the building, and the home that the call counts for."""

    building: int
    home: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCall:
    """A call whose building is known and which belongs to no incident yet."""

    call_id: str
    home: str
    at: datetime


def place_of(known: KnownCaller | None) -> Place | None:
    """Return where this caller lives, or None where nobody can tell: unknown, or with homes in several buildings.

    Somebody with several homes in one building counts as the first of them: one caller is never two homes.
    """
    homes = sorted(household.home for household in known.households) if known else []
    if not homes or homes[0].building != homes[-1].building:
        return None
    return Place(building=homes[0].building, home=homes[0].label)


def counts(call: CallRecord) -> bool:
    """Return whether this call may be about what happens in the building.

    Nothing is said of a caller still hearing announcements or the menu. One whom the menu gave an answer about fees or
    progress, and who then wanted nobody, called for that alone. Calls of ours, or between phones of ours, are none.
    """
    if call.direction != "inbound" or call.ring_start is None:
        return False
    wanted_a_person = any((call.queued_at, call.human_answer, call.message_at, call.call_back_at, call.is_emergency))
    if wanted_a_person:
        return True
    gave_up = call.state is CallState.ENDED and not call.is_served_by_menu
    return call.request != ENQUIRY and (bool(call.request) or gave_up)


def surge_since(calls: Iterable[PlacedCall], *, homes: int, within: timedelta) -> datetime | None:
    """Return when the stretch begins in which so many different homes called, or None where there is none.

    `calls` are those of one building that belong to no incident. The stretch is `within` long and ends with a call; of
    several, the earliest. Two calls exactly `within` apart lie in one stretch.
    """
    in_order = sorted(calls, key=lambda call: (call.at, call.call_id))
    for last in in_order:
        begin = last.at - within
        if len({call.home for call in in_order if begin <= call.at <= last.at}) >= homes:
            return begin
    return None
