"""A campaign 外呼任务: what it is for, its life, and who may let it begin. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from hotline.errors import HotlineError


class CampaignKind(StrEnum):
    """Why people are rung."""

    FEE_REMINDER = "fee-reminder"  # 催缴提醒
    SURVEY = "survey"  # 回访
    NOTICE = "notice"  # 停水停电 and the like, to given buildings
    MISSED_RETURN = "missed-return"  # calls that nobody took
    CALL_BACK = "call-back"  # one person's wish


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"  # by a person, for good
    FINISHED = "finished"  # nobody is left to be rung


class CampaignStep(StrEnum):
    """What can happen to a campaign; each stands in its history."""

    MADE = "made"
    IMPORTED = "imported"
    APPROVED = "approved"
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"
    FINISHED = "finished"
    REOPENED = "reopened"  # its list was over, and homes of it are to be called again: the line had been in doubt


S = CampaignState
NEXT: Final[Mapping[tuple[CampaignState, CampaignStep], CampaignState]] = {
    (S.DRAFT, CampaignStep.IMPORTED): S.DRAFT,
    (S.DRAFT, CampaignStep.APPROVED): S.APPROVED,
    (S.APPROVED, CampaignStep.IMPORTED): S.DRAFT,  # what was approved was another list
    (S.APPROVED, CampaignStep.STARTED): S.RUNNING,
    (S.RUNNING, CampaignStep.PAUSED): S.PAUSED,
    (S.PAUSED, CampaignStep.RESUMED): S.RUNNING,
    (S.RUNNING, CampaignStep.FINISHED): S.FINISHED,
    (S.FINISHED, CampaignStep.REOPENED): S.RUNNING,
    **{(state, CampaignStep.STOPPED): S.STOPPED for state in (S.DRAFT, S.APPROVED, S.RUNNING, S.PAUSED)},
}


class CampaignError(HotlineError):
    """Something is wrong with what was asked of a campaign."""

    error_id: ClassVar[str] = "campaign-error"


class CampaignUnknown(CampaignError):
    """There is no campaign of that id."""

    error_id = "campaign-unknown"


class CampaignStepRefused(CampaignError):
    """The campaign is not in a state for this step."""

    error_id = "campaign-step-refused"

    def __init__(self, state: CampaignState, step: CampaignStep, why: str = "") -> None:
        super().__init__(why or f"a campaign that is {state} cannot be {step}: read it again")
        self.details = {"state": state.value}


class CampaignNeedsAnother(CampaignError):
    """The person who made a campaign may not approve it: a second one does (`outbound.needs_approval`)."""

    error_id = "campaign-needs-another"


class CampaignEmpty(CampaignError):
    """Nobody stands on the campaign's list: there is nothing to approve, and nobody to ring."""

    error_id = "campaign-empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign."""

    id: int
    kind: CampaignKind
    name: str
    state: CampaignState
    words: str  # the template of what is said; "" is the kind's own
    made_by: str
    made_at: datetime
    approved_by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    lines: int = 0  # at most so many at one time; 0: as many as there are for campaigns
    by_agent: bool = False  # agents look at each home and dial it themselves; else workers dial


def after(state: CampaignState, step: CampaignStep, *, needs_approval: bool = False) -> CampaignState:
    """Return the state after this step. Raises CampaignStepRefused.

    Where no second person need approve, a draft may be started as it is.
    """
    if not needs_approval and (state, step) == (S.DRAFT, CampaignStep.STARTED):
        return S.RUNNING
    following = NEXT.get((state, step))
    if following is None:
        is_unapproved = (state, step) == (S.DRAFT, CampaignStep.STARTED)
        why = "a second person approves a campaign before it starts" if is_unapproved else ""
        raise CampaignStepRefused(state, step, why)
    return following


def check_approval(campaign: Campaign, by: str, *, needs_approval: bool) -> None:
    """Raise CampaignNeedsAnother where whoever made a campaign would approve it alone."""
    if needs_approval and by == campaign.made_by:
        raise CampaignNeedsAnother("whoever made a campaign does not approve it: ask another supervisor")
