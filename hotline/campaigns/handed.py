"""A home that is handed to an agent, who looks at it and then dials, skips it, or leaves it for later. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from hotline.campaigns.campaign import CampaignError
from hotline.campaigns.may_call import Verdict

HELD_FOR: Final = timedelta(minutes=10)  # then somebody else may have it: the page was closed, or its agent left
LATEST: Final = timedelta(days=30)  # a call that is put off longer belongs on another list


class HandedState(StrEnum):
    """Where it stands."""

    HANDED = "handed"  # an agent looks at it, and nobody else does
    DIALLED = "dialled"
    SKIPPED = "skipped"  # not called in this campaign; the agent said why
    LATER = "later"
    PUT_BACK = "put-back"  # or held too long
    FORBIDDEN = "forbidden"  # in the second of dialling the home might not be called any more


class Nothing(StrEnum):
    """Why nobody is handed to an agent now."""

    NOBODY = "nobody"  # no home of a campaign that agents dial may be called at this moment
    CALLERS = "callers"  # who rang us by themselves come first
    NOT_READY = "not-ready"
    NO_CAMPAIGN = "no-campaign"
    LINE_DOUBTED = "line-doubted"  # dialling pauses: a supervisor looks at the line


class HandedUnknown(CampaignError):
    """You do not have this home any more: it was dialled or put back, it was yours too long, or its campaign ended."""

    error_id = "handed-unknown"


class HomeNotToBeCalled(CampaignError):
    """In the second before dialling the home may not be called any more; says why."""

    error_id = "home-not-to-be-called"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("this home may not be called now")
        self.verdict = verdict
        self.details: dict[str, Any] = {"reasons": [reason.value for reason in verdict.reasons]}


class LaterRefused(CampaignError):
    """Such a time is over, or too far ahead."""

    error_id = "later-refused"


class NoLineFree(CampaignError):
    """Campaigns have no line at this moment: callers have them, or others of us call."""

    error_id = "no-line-free"


def check_later(at: datetime, now: datetime) -> datetime:
    """Return the moment. Raises LaterRefused."""
    if not now < at <= now + LATEST:
        raise LaterRefused("a time within the next thirty days")
    return at
