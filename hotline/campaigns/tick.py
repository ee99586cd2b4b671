"""One tick: how many may begin, whose turn it is, may they be called; write the attempts planned, commit, ask for jobs.

Any worker may tick, and several at once: the database lets one home have one living attempt. Callers come first.
A line that becomes free between two ticks is taken by an attempt that was planned ahead and waits for it (dialling.py).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from hotline.campaigns.attempt import AttemptId, AttemptState
from hotline.campaigns.attempts_store import (
    ON_THE_LINE,
    AttemptTable,
    living_attempts,
    reached_lately,
)
from hotline.campaigns.calling_rules import rules_of
from hotline.campaigns.campaign import Campaign, CampaignState, CampaignStep
from hotline.campaigns.facts_store import callers_waiting, calls_of_residents, facts_of
from hotline.campaigns.judging_store import put_off
from hotline.campaigns.line_doubt_store import DialPauseTable, claim_probe, standing_pauses
from hotline.campaigns.lines import Lines
from hotline.campaigns.may_call import Verdict, is_window_open, may_call
from hotline.campaigns.pacing import Clerks, Load, attempts_to_plan, clerks_allow, lines_left
from hotline.campaigns.planning_store import plan_targets
from hotline.campaigns.store import campaign_by_id, running_campaigns, take_campaign_step
from hotline.campaigns.target import NEEDS_AGENT
from hotline.campaigns.targets_store import TargetTable, due_targets, is_nobody_left
from hotline.clock import Clock
from hotline.database import Database
from hotline.settings import OutboundSettings

log = structlog.get_logger()

BY_ITSELF: Final = "hotline"
TICK: Final = 1.0  # seconds from one tick to the next
MOST_JUDGED: Final = 200  # targets a campaign looks at in one tick
ABANDON_WINDOW: Final = timedelta(days=1)


async def no_clerks() -> int:
    """Say that nobody is ready: where the switch cannot be asked."""
    return 0


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a tick planned, and which campaigns changed."""

    planned: tuple[AttemptId, ...]
    changed: tuple[int, ...]


class Tick:
    """Plans what may begin. `ready_clerks` says how many could take a resident now.

    `is_switch_up`: whether the worker that ticks can ask the switch.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        lines: Lines,
        settings: OutboundSettings,
        zone: ZoneInfo,
        area_code: str = "",
        ready_clerks: Callable[[], Awaitable[int]] = no_clerks,
        is_switch_up: Callable[[], bool] = lambda: True,
    ) -> None:
        self._database, self._clock, self._lines, self._settings = database, clock, lines, settings
        self._rules, self._area_code, self._ready_clerks = rules_of(settings, zone), area_code, ready_clerks
        self._is_switch_up = is_switch_up

    async def once(self) -> Ticked:
        """Plan for the next second; without Redis nothing could be dialled, and nothing is planned."""
        now = self._clock.now()
        async with self._database.read() as session:
            campaigns = await running_campaigns(session)
            living = [row for row in await living_attempts(session) if not self._lines.has_hung_up(row.id)]
            inbound = await calls_of_residents(session) if campaigns else 0
            callers = await callers_waiting(session) if campaigns else 0
            pauses = await standing_pauses(session) if campaigns else []
            kinds = {one.id: one.kind for one in campaigns}
            for one in {row.campaign_id for row in living} - kinds.keys():  # paused, and somebody is rung still
                kinds[one] = (await campaign_by_id(session, one)).kind
        if not await self._lines.keep([one.id for one in living if AttemptState(one.state) in ON_THE_LINE]):
            return Ticked((), ())
        if not self._is_switch_up():  # nobody's line is ended for it, and nobody is planned
            return Ticked((), ())
        load = Load(
            lines=self._settings.lines,
            keep_free=self._settings.keep_free,
            inbound=inbound,
            ours=sum(one.state != AttemptState.UNKNOWN for one in living),
        )
        planned: list[AttemptId] = []
        changed: list[int] = []
        left = attempts_to_plan(load, per_second=self._settings.per_second, seconds=TICK)
        open_now = [one for one in campaigns if is_window_open(one.kind, self._rules, now)]
        open_now.sort(key=lambda one: not one.by_agent)  # first: what agents dial themselves leaves its share to others
        ready = await self._ready_clerks() if left and any(one.kind in NEEDS_AGENT for one in open_now) else 0
        ringing = sum(
            kinds[row.campaign_id] in NEEDS_AGENT
            and not (row.reached_agent or row.dialled_by or row.state == AttemptState.UNKNOWN)
            for row in living
        )
        going, probes = _held_up(open_now, pauses, now)
        for place, campaign in enumerate(going):
            share = ceil((left - len(planned)) / (len(going) - place))  # none waits until another is through
            if campaign.kind in NEEDS_AGENT:  # a clerk who is ready now may not be when a line is
                share = min(share, lines_left(load) - len(planned))
            clerks = Clerks(ready=ready, ringing=ringing, callers=callers)
            count = await self._allowed(campaign, share, living, clerks)
            begun, is_over = await self._plan(campaign, count, now)
            planned += begun
            ringing += len(begun) if campaign.kind in NEEDS_AGENT else 0
            changed += [campaign.id] if begun or is_over else []
        for pause, tried in probes:  # one home tells whether the line is good again
            planned += await self._probe(
                pause, tried, living, Clerks(ready=ready, ringing=ringing, callers=callers), now
            )
        return Ticked(tuple(planned), tuple(changed))

    async def _allowed(self, campaign: Campaign, share: int, living: Sequence[AttemptTable], clerks: Clerks) -> int:
        if campaign.by_agent:
            return 0
        own = sum(one.campaign_id == campaign.id and one.state != AttemptState.UNKNOWN for one in living)
        count = min(share, campaign.lines - own) if campaign.lines else share
        if campaign.kind not in NEEDS_AGENT or count <= 0:
            return max(0, count)
        async with self._database.read() as session:
            reached, gave_up = await reached_lately(session, [campaign.id], self._clock.now() - ABANDON_WINDOW)
        kept_up = replace(clerks, reached=reached, gave_up=gave_up)
        return min(count, clerks_allow(kept_up, cap=self._settings.abandon_cap))

    async def _probe(
        self,
        pause: DialPauseTable,
        campaigns: Sequence[Campaign],
        living: Sequence[AttemptTable],
        clerks: Clerks,
        now: datetime,
    ) -> list[AttemptId]:
        for campaign in campaigns if self._settings.doubt_probe else ():
            begun, _ = await self._plan(campaign, await self._allowed(campaign, 1, living, clerks), now, pause)
            if begun:
                return begun
        return []

    async def _plan(
        self, campaign: Campaign, count: int, now: datetime, probes: DialPauseTable | None = None
    ) -> tuple[list[AttemptId], bool]:
        """Plan up to `count` attempts of a campaign; return them, and whether nobody is left on its list.

        Judged while nobody is held up, written in one short transaction: the claim judges once more.
        """
        wanted = min(MOST_JUDGED, 3 * count + 20) if count > 0 else 1
        async with self._database.read() as session:
            targets = await due_targets(session, campaign.id, now, wanted)
            is_over = not targets and await is_nobody_left(session, campaign.id)
            if not is_over and (count <= 0 or not targets):
                return [], False
            facts = await facts_of(session, campaign.kind, targets, now, area_code=self._area_code)
        allowed: list[TargetTable] = []
        put_offs: list[tuple[TargetTable, Verdict]] = []
        for target in targets:
            if len(allowed) >= count:
                break
            verdict = may_call(facts[target.id], self._rules, now)
            if verdict.allowed:
                allowed.append(target)
            else:
                put_offs.append((target, verdict))
        async with self._database.begin() as session:
            current = await campaign_by_id(session, campaign.id, is_locked=True)
            if current.state is not CampaignState.RUNNING:
                return [], False  # stopped meanwhile
            if is_over:
                await take_campaign_step(
                    session, campaign.id, CampaignStep.FINISHED, who=BY_ITSELF, at=now, needs_approval=False
                )
                return [], True
            for target, verdict in put_offs:
                await put_off(session, target, verdict, at=now)
            begun = await plan_targets(session, allowed, at=now)
            if probes is not None and begun:  # where another tick was quicker, the claim withdraws this one
                following = now + timedelta(minutes=self._settings.doubt_probe)
                await claim_probe(session, probes, begun[0], at=now, following=following)
            return begun, False


def _held_up(
    campaigns: Sequence[Campaign], pauses: Sequence[DialPauseTable], now: datetime
) -> tuple[list[Campaign], list[tuple[DialPauseTable, list[Campaign]]]]:
    """Return the campaigns that no pause holds up; and each pause for which a home may be tried, with whose."""
    held = {pause.campaign_id for pause in pauses}
    going = [] if None in held else [one for one in campaigns if one.id not in held]
    due = [pause for pause in pauses if pause.probe_due <= now]
    if None in held:
        due = [pause for pause in due if pause.campaign_id is None]
    probes = [
        (pause, [one for one in campaigns if not one.by_agent and pause.campaign_id in {None, one.id}]) for pause in due
    ]
    return going, probes
