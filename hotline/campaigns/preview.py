"""What a campaign would do, before it does: who would be called and when, who not and why, and what exactly is said.

The same function judges that judges before each call. Nothing is written.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hotline.campaigns.attempt import Errand, NotPlaced
from hotline.campaigns.calling_rules import rules_of
from hotline.campaigns.campaign import Campaign
from hotline.campaigns.errands import errand_for
from hotline.campaigns.facts_store import facts_of
from hotline.campaigns.may_call import Facts, Reason, Verdict, may_call
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import TargetTable, targets_page
from hotline.campaigns.texts import Spoken, spoken
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import OutboundSettings

BATCH: Final = 500  # targets judged together
MOST_JUDGED: Final = 20_000  # a longer list is judged so far, and says so
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Judged:
    """One target and what may be done with it now."""

    target: TargetTable = field(repr=False)
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a campaign would do as things stand. `on_days` counts first calls by the centre's day they may begin on."""

    campaign: Campaign
    at: datetime
    targets: int
    judged: int
    may_now: int
    on_days: Mapping[date, int]
    never: Mapping[Reason, int]  # a target may have several reasons, and counts once for each
    not_now: Mapping[Reason, int]
    suppressed: int
    shown: tuple[Judged, ...]
    sample: Spoken | None  # what the first who may be called hears
    sample_target: int | None
    cannot_be_said: str = ""


class Previews:
    """Looks ahead. `prompts` are the texts of the fixed sounds."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        settings: OutboundSettings,
        zone: ZoneInfo,
        prompts: Mapping[str, str],
        area_code: str = "",
    ) -> None:
        self._database, self._clock, self._settings, self._zone = database, clock, settings, zone
        self._rules, self._prompts, self._area_code = rules_of(settings, zone), prompts, area_code

    async def of(self, campaign_id: int) -> Preview:
        """Judge everybody on the list who waits. Raises CampaignUnknown."""
        now = self._clock.now()
        days: Counter[date] = Counter()
        never: Counter[Reason] = Counter()
        not_now: Counter[Reason] = Counter()
        shown: list[Judged] = []
        judged = may_now = suppressed = after = 0
        async with self._database.read() as session:
            campaign = await campaign_by_id(session, campaign_id)
            while judged < MOST_JUDGED:
                targets = await targets_page(
                    session, campaign_id, states=[TargetState.WAITING], after_id=after, limit=BATCH
                )
                if not targets:
                    break
                after = targets[-1].id
                facts = await facts_of(session, campaign.kind, targets, now, area_code=self._area_code)
                given = [facts[target.id] for target in targets]
                for target, verdict in zip(targets, await asyncio.to_thread(self._judge, given, now), strict=True):
                    judged += 1
                    may_now += verdict.allowed
                    suppressed += verdict.is_for_good
                    (never if verdict.is_for_good else not_now).update(verdict.reasons)
                    begins = now if verdict.allowed else verdict.earliest
                    if begins is not None:
                        days[begins.astimezone(self._zone).date()] += 1
                    if len(shown) < SHOWN:
                        shown.append(Judged(target, verdict))
            first = next((one.target for one in shown if not one.verdict.is_for_good), None)
            ring_for = self._settings.ring_for
            errand = None if first is None else await errand_for(session, campaign, first, ring_for=ring_for)
            total = judged
        sample, why = self._said(errand)
        return Preview(
            campaign=campaign,
            at=now,
            targets=total,
            judged=judged,
            may_now=may_now,
            on_days=dict(sorted(days.items())),
            never=never,
            not_now=not_now,
            suppressed=suppressed,
            shown=tuple(shown),
            sample=sample,
            sample_target=first.id if first else None,
            cannot_be_said=why,
        )

    async def errand_of(self, campaign_id: int, target_id: int) -> Errand | None:
        """Return what one target would be told, for listening to it; None where there is no such target."""
        async with self._database.read() as session:
            campaign = await campaign_by_id(session, campaign_id)
            found = await targets_page(session, campaign_id, after_id=target_id - 1, limit=1)
            if not found or found[0].id != target_id:
                return None
            return await errand_for(session, campaign, found[0], ring_for=self._settings.ring_for)

    def _judge(self, given: Sequence[Facts], now: datetime) -> list[Verdict]:
        return [may_call(facts, self._rules, now) for facts in given]

    def _said(self, errand: Errand | None) -> tuple[Spoken | None, str]:
        if errand is None:
            return None, ""
        try:
            return spoken(errand, self._prompts), ""
        except (NotPlaced, ValueError, KeyError) as wrong:
            return None, getattr(wrong, "error_id", type(wrong).__name__)
