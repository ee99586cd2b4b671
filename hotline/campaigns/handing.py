"""Hand the homes of a campaign that agents dial to ready agents, one by one; each is dialled by one click, or is not.

The same function judges that judges before a worker dials, here and again in the transaction that claims. The claim of
the attempt and that of the agent's call (hotline/desk) are one transaction: both are there, or neither.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.campaigns.attempt import AttemptId, AttemptState, Step, attempt_id
from hotline.campaigns.attempts_store import (
    ON_THE_LINE,
    attempts_of_call,
    note_on_attempt,
    plan_attempt,
    step_attempt,
)
from hotline.campaigns.calling_rules import rules_of
from hotline.campaigns.campaign import CampaignState
from hotline.campaigns.doubting import check_line
from hotline.campaigns.facts_store import callers_waiting, calls_of_residents, facts_of
from hotline.campaigns.handed import (
    HELD_FOR,
    HandedState,
    HandedUnknown,
    HomeNotToBeCalled,
    Nothing,
    check_later,
)
from hotline.campaigns.handed_choice import Handed, Seat, homes_for, whole_of
from hotline.campaigns.handed_lines import HandedLines, TakesLines
from hotline.campaigns.handed_store import (
    end_handed,
    end_old,
    hand,
    handed_by_id,
    held_by,
    waiting_for_agents,
)
from hotline.campaigns.judging_store import put_off
from hotline.campaigns.line_doubt_store import DialPauseTable, standing_pauses
from hotline.campaigns.may_call import Reason, is_window_open, may_call
from hotline.campaigns.store import campaign_by_id, running_campaigns
from hotline.campaigns.target import TargetState, TargetStep
from hotline.campaigns.targets_store import step_target, target_by_id
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.outside import HomeBeingRung, OutsideCall, OutsideState
from hotline.desk.outside_acts import OutsideCalls, Wish
from hotline.errors import HotlineError
from hotline.phone import PhoneNumber
from hotline.settings import OutboundSettings

log = structlog.get_logger()

NUMBERS_A_TARGET: Final = 1000  # as tick.py counts them: ids of attempts stay apart


class Handing:
    """Hands homes over, and lets agents dial them."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        lines: TakesLines,
        outside: OutsideCalls,
        settings: OutboundSettings,
        zone: ZoneInfo,
        area_code: str = "",
    ) -> None:
        self._database, self._bus, self._clock, self._outside = database, bus, clock, outside
        self._lines = HandedLines(database=database, clock=clock, lines=lines, settings=settings)
        self._settings, self._rules, self._area_code = settings, rules_of(settings, zone), area_code

    async def waiting(self) -> tuple[int, int]:
        """Return how many campaigns that agents dial run, and how many homes of them are due."""
        async with self._database.read() as session:
            return await waiting_for_agents(session, self._clock.now())

    async def held(self, by: str) -> Handed | None:
        """Return what this agent looks at."""
        async with self._database.read() as session:
            row = await held_by(session, by, since=self._clock.now() - HELD_FOR)
            return None if row is None else await whole_of(session, row)

    async def next_for(self, seat: Seat) -> Handed | Nothing:
        """Hand an agent the next home that may be called now, the same one until it ends; or say why there is none."""
        now = self._clock.now()
        async with self._database.begin() as session:
            await end_old(session, now - HELD_FOR, at=now)
            if (row := await held_by(session, seat.name, since=now - HELD_FOR)) is not None:
                if (whole := await whole_of(session, row)) is not None:
                    return whole
                await end_handed(session, row.id, HandedState.PUT_BACK, at=now)
            campaigns = [one for one in await running_campaigns(session) if one.by_agent]
            if not campaigns:
                return Nothing.NO_CAMPAIGN
            pauses = [one for one in await standing_pauses(session) if not self._may_be_tried(one, now)]
            held = {pause.campaign_id for pause in pauses}
            campaigns = [] if None in held else [one for one in campaigns if one.id not in held]
            if not campaigns:
                return Nothing.LINE_DOUBTED
            if await callers_waiting(session):
                return Nothing.CALLERS
            for campaign in campaigns:
                if not is_window_open(campaign.kind, self._rules, now):
                    continue
                for target in await homes_for(
                    session, campaign, seat, now, rules=self._rules, area_code=self._area_code
                ):
                    if await hand(session, target, by=seat.name, extension=seat.extension, at=now):
                        row = await held_by(session, seat.name, since=now)
                        if row is not None and (whole := await whole_of(session, row)) is not None:
                            return whole
        return Nothing.NOBODY

    async def dial(self, handed: int, seat: Seat) -> OutsideCall:
        """Ring the agent, then the home, once however often it is clicked.

        Raises HandedUnknown, HomeNotToBeCalled, LineDoubted, NoLineFree, and what `OutsideCalls.dial` raises.
        """
        now = self._clock.now()
        async with self._database.read() as session:
            row = await handed_by_id(session, handed)
            target = None if row is None else await target_by_id(session, row.target_id)
            inbound = await calls_of_residents(session)
        if row is None or target is None or row.by != seat.name:
            raise HandedUnknown("you have no such home to call")
        attempt = row.attempt_id or attempt_id(now, target.id * NUMBERS_A_TARGET + target.attempts)
        wish = Wish(
            key=f"handed-{handed}",
            by=seat.name,
            role=seat.role,
            extension=seat.extension,
            number=PhoneNumber(target.e164).national,
            follow_up=target.follow_up_id,
            attempt=attempt,
            anyway=True,  # a marked number: may_call judges, and lets through only who wished this very call
        )
        if row.state == HandedState.DIALLED:  # a second click: the same call
            return await self._outside.dial(wish)
        is_ours = await self._lines.take(attempt, inbound)

        async def claim(session: AsyncSession, call: OutsideCall) -> None:
            await self._claim(session, handed, attempt, seat, call)

        try:
            call = await self._outside.dial(wish, claim)
        except HomeNotToBeCalled as no:
            await self._lines.give_back(attempt, is_ours=is_ours)
            await self._forbid(handed, target.id, no)
            raise
        except (HotlineError, TimeoutError):
            await self._lines.give_back(attempt, is_ours=is_ours)
            raise
        if call.state is OutsideState.NEVER:
            await self._lines.give_back(attempt, is_ours=is_ours)
        self._bus.publish(Change(Subject.CAMPAIGN, str(target.campaign_id)))
        return call

    async def skip(self, handed: int, seat: Seat, *, reason: str) -> None:
        """Let this home not be called in this campaign; the agent says why. Raises HandedUnknown."""
        await self._end(handed, seat, HandedState.SKIPPED, reason=reason)

    async def later(self, handed: int, seat: Seat, *, at: datetime) -> None:
        """Let this home be handed to somebody from that moment on. Raises HandedUnknown, LaterRefused."""
        await self._end(handed, seat, HandedState.LATER, not_before=check_later(at, self._clock.now()))

    async def put_back(self, handed: int, seat: Seat) -> None:
        """Let somebody else have it. Raises HandedUnknown."""
        await self._end(handed, seat, HandedState.PUT_BACK)

    async def heard_machine(self, call_id: str, seat: Seat) -> None:
        """Let a call that this agent dialled count as one that a machine took.

        Raises HandedUnknown where no such call of theirs goes on.
        """
        async with self._database.begin() as session:
            found = [
                row
                for row in await attempts_of_call(session, call_id, is_locked=True)
                if row.dialled_by == seat.name and row.state in ON_THE_LINE
            ]
            if not found:
                raise HandedUnknown("no call of a campaign that you dialled goes on")
            for row in found:
                await note_on_attempt(session, row.id, {"heard_machine": True})

    async def end_call(self, call_id: str) -> None:
        """End such a call."""
        try:
            await self._outside.hang_up(call_id)
        except (HotlineError, TimeoutError) as wrong:  # the agent hangs up by hand; it counts as a machine all the same
            log.warning("a call could not be ended", call=call_id, reason=type(wrong).__name__)

    async def _end(
        self, handed: int, seat: Seat, state: HandedState, *, reason: str = "", not_before: datetime | None = None
    ) -> None:
        now = self._clock.now()
        async with self._database.begin() as session:
            row = await handed_by_id(session, handed, is_locked=True)
            if (
                row is None
                or row.by != seat.name
                or not await end_handed(session, handed, state, at=now, reason=reason)
            ):
                raise HandedUnknown("you have no such home any more")
            if state is HandedState.SKIPPED:
                values = {"reasons": [Reason.SKIPPED.value]}
                await step_target(
                    session, row.target_id, TargetState.WAITING, TargetStep.FORBIDDEN, at=now, values=values
                )
            elif not_before is not None:
                await step_target(
                    session, row.target_id, TargetState.WAITING, TargetStep.RETURNED, at=now,
                    values={"not_before": not_before, "reasons": [Reason.TOO_EARLY.value]},
                )  # fmt: skip
            campaign = row.campaign_id
        self._bus.publish(Change(Subject.CAMPAIGN, str(campaign)))

    def _may_be_tried(self, pause: DialPauseTable, now: datetime) -> bool:
        """Say whether it is time for one call in spite of a pause, by which the line is tried."""
        return self._settings.doubt_probe > 0 and pause.probe_due <= now

    async def _claim(
        self, session: AsyncSession, handed: int, attempt: AttemptId, seat: Seat, call: OutsideCall
    ) -> None:
        """Judge once more and claim, in the transaction that claims the agent's call: what is raised undoes both."""
        now = call.at
        row = await handed_by_id(session, handed, is_locked=True)
        if row is None or row.state != HandedState.HANDED:
            raise HandedUnknown("you have no such home any more")
        campaign, target = await campaign_by_id(session, row.campaign_id), await target_by_id(session, row.target_id)
        if target is None or campaign.state is not CampaignState.RUNNING:
            raise HandedUnknown("the campaign does not run any more")
        facts = await facts_of(session, campaign.kind, [target], now, but_call=call.channel, area_code=self._area_code)
        verdict = may_call(facts[target.id], self._rules, now)
        if not verdict.allowed:
            raise HomeNotToBeCalled(verdict)
        await check_line(session, campaign.id, attempt, at=now, settings=self._settings)
        is_planned = await plan_attempt(
            session, attempt, campaign_id=campaign.id, target_id=target.id, household=target.household,
            e164=target.e164, at=now,
        )  # fmt: skip
        if not is_planned:
            raise HomeBeingRung("a campaign is ringing this home at this moment")
        # The moment is that of the agent's call: the caps take the two rows for one ring.
        claimed = {
            "claimed_at": now, "disturbed_at": now, "worker": f"agent {seat.extension}", "dialled_by": seat.name,
            "call_id": call.channel,
        }  # fmt: skip
        await step_attempt(session, attempt, AttemptState.PLANNED, Step.CLAIMED, claimed)
        values = {"attempts": target.attempts + 1, "reasons": []}
        if not await step_target(session, target.id, TargetState.WAITING, TargetStep.PLANNED, at=now, values=values):
            raise HandedUnknown("this home is not to be called any more")
        await end_handed(session, handed, HandedState.DIALLED, at=now, attempt_id=attempt)

    async def _forbid(self, handed: int, target_id: int, no: HomeNotToBeCalled) -> None:
        now = self._clock.now()
        async with self._database.begin() as session:
            target = await target_by_id(session, target_id)
            if await end_handed(session, handed, HandedState.FORBIDDEN, at=now) and target is not None:
                await put_off(session, target, no.verdict, at=now)
