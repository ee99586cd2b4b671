"""What stands in the duty log (值班记录): entries, drafts, corrections.

Pure. An entry once confirmed is not changed; a correction is a new entry that points at the old one.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


class EntryState(StrEnum):
    """A draft is ours and may be redrawn; a confirmed entry is a person's and stays as it is."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyEntry:
    """One entry of the duty log. `number` counts without gaps, like the pages of the bound book it replaces."""

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
