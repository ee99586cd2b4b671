"""What stands in the duty log (值班记录): entries, drafts, corrections, and how they are numbered.

Pure. An entry once confirmed is not changed; a correction is a new entry that points at the old one.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo


class Kind(StrEnum):
    """The kinds of request; every call ends as one (domain: kinds of request)."""

    REPAIR = "repair"
    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    PAID_SERVICE = "paid-service"
    GENERAL_HELP = "general-help"
    SPECIAL_HELP = "special-help"
    UNKNOWN = "unknown"


KIND_IN_CHINESE: dict[Kind, str] = {
    Kind.REPAIR: "报修",
    Kind.COMPLAINT: "投诉",
    Kind.ENQUIRY: "咨询",
    Kind.PAID_SERVICE: "有偿服务",
    Kind.GENERAL_HELP: "一般求助",
    Kind.SPECIAL_HELP: "特别求助",
    Kind.UNKNOWN: "待定",
}


class Source(StrEnum):
    """How the matter came to the desk."""

    CALL = "call"
    WALK_IN = "walk-in"
    LETTER = "letter"
    EMAIL = "e-mail"
    PATROL = "patrol"


class EntryState(StrEnum):
    """A draft is ours and may be redrawn; a confirmed entry is a person's and stays as it is.

    A void one is a draft whose call turned out to be part of another call; its page keeps its number.
    """

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    VOID = "void"


CHINA: Final = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBook:
    """Whose log it is: the centre's code, and the zone by which its days begin and end."""

    centre: str = "01"
    zone: tzinfo = CHINA

    def day_of(self, at: datetime) -> date:
        """Return the day of the centre on which this moment falls."""
        return at.astimezone(self.zone).date()


def page_name(day: date | None, day_number: int | None) -> str:
    """Return how the entry of a day is called: 20261122-007; "" for a draft, which has no number of a day."""
    return "" if day is None or day_number is None else f"{day:%Y%m%d}-{str(day_number).zfill(3)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEntry:
    """One entry of the duty log. `number` counts without gaps, like the pages of the bound book it replaces.

    From confirmation on it also has its number of the centre's day (`page`) and its place in the chain.
    """

    number: int
    state: EntryState
    call_id: str | None
    kind: Kind
    is_urgent: bool
    who: str  # 张先生; "" where nobody is known
    home: str  # 3-2-501; "" where it is not known
    matter: str  # what the caller said, as told
    promised: str  # what the agent promised, in the agent's words
    agent: str
    written_at: datetime
    written_by: str  # an account's name, or "hotline" for a draft
    corrects: int | None = None
    corrected_by: int | None = None  # the newest correction of this entry: then this one is no longer how it was
    source: Source = Source.CALL
    result: str = ""  # what came of it, where it was settled at once: then nothing is owed any more
    centre: str = ""  # from here on: "" and None while it is a draft
    day: date | None = None  # of the centre, not of UTC
    day_number: int | None = None
    chain_position: int | None = None  # 1 is the first entry ever confirmed
    chain_hash: str = ""  # 64 hex digits; see `chain`

    @property
    def page(self) -> str:
        """The number a person says and writes: 20261122-007. "" for a draft."""
        return page_name(self.day, self.day_number)
