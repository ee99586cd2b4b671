"""What the menu may know of a caller from the number alone. Pure.

A number proves little: it is shared, passed on, and can be forged. So without a proof (`enquiry`) a caller hears this,
and only where the number is one home's and the home asked for it (`greets_by_name`): the surname, where one person uses
the number; and of the one matter that is next due, its kind and the day it was opened. What was promised, and what is
owed, is told after the proof. An incident is its building's, and told to every number known there.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hotline.calls.talks_store import LastTalk
from hotline.campaigns.campaign import CampaignKind
from hotline.incidents.incident import Incident
from hotline.residents.resident import Arrears, Home, KnownCaller, Matter, Title

RETURNS_WITHIN: Final = timedelta(days=7)  # the agent who had the case is sought so far back
SAME_CASE_WITHIN: Final = timedelta(hours=24)  # a second call so soon is about the first, even with nothing open


class LookedUp(StrEnum):
    """What asking who calls came to, as the ledger keeps it."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    LATE = "late"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerFacts:
    """What is known of a caller; everything empty unless `result` is known, but for `case_agent`."""

    result: LookedUp
    surname: str = field(default="", repr=False)  # "" is: do not greet by name
    title: Title = Title.UNKNOWN
    homes: tuple[Home, ...] = ()
    greets_by_name: bool = False  # the choice of a caller's one home
    has_pin: bool = False  # whether a caller's one home is opened by a PIN
    open_matter: Matter | None = None  # the oldest promise first; only of a caller with one home
    arrears: Arrears | None = None  # only of a caller with one home
    incident: Incident | None = None  # confirmed, in the one building called from
    language: str = "zh"  # ISO 639; zh also where those who share the number differ
    is_elderly_alone: bool = False
    rung_for: CampaignKind | None = None  # what we called this number for lately, of a caller who rings us back
    case_agent: str = ""  # the extension of the agent who had the case

    @property
    def home(self) -> Home | None:
        """The home called from, if there is only one."""
        return self.homes[0] if len(self.homes) == 1 else None

    @property
    def building(self) -> int | None:
        """The building called from, if all the number's homes stand in one."""
        buildings = {home.building for home in self.homes}
        return buildings.pop() if len(buildings) == 1 else None


def caller_facts(known: KnownCaller | None, last_talk: LastTalk | None, now: datetime) -> CallerFacts:
    """Return what the menu may know of a caller with this number."""
    is_open = known is not None and any(household.open_matters for household in known.households)
    case_agent = last_talk.agent if last_talk and (is_open or last_talk.at >= now - SAME_CASE_WITHIN) else ""
    if known is None:
        return CallerFacts(result=LookedUp.UNKNOWN, case_agent=case_agent)
    household, resident = known.household, known.resident
    languages = {person.language for person in known.residents}
    is_greeted = household is not None and household.greets_by_name and resident is not None
    return CallerFacts(
        result=LookedUp.KNOWN,
        greets_by_name=household is not None and household.greets_by_name,
        has_pin=household is not None and household.has_pin,
        surname=resident.surname if resident and is_greeted else "",
        title=resident.title if resident and is_greeted else Title.UNKNOWN,
        homes=tuple(each.home for each in known.households),
        open_matter=first_owed(household.open_matters) if household else None,
        arrears=household.arrears if household else None,
        language=languages.pop() if len(languages) == 1 else "zh",
        is_elderly_alone=any(person.is_elderly_alone for person in known.residents),
        case_agent=case_agent,
    )


def first_owed(matters: tuple[Matter, ...]) -> Matter | None:
    """Return the matter with the oldest promise; without promises, the one open longest."""
    return min(
        matters, key=lambda matter: (matter.promised is None, matter.promised or matter.opened, matter.id), default=None
    )
