"""Dial one attempt at most once, whoever asks, however often: a line, a last look, a claim, and only then the switch.

The order is the promise. What dies before the claim is committed leaves a planned attempt, which is asked for again;
what dies after it leaves one that is `dialling`, and nobody dials that again: the event log tells what became of it.
More attempts are planned than there are lines: they wait in one row (`Row`), and the first has the next line at once.
"""

import asyncio
from datetime import datetime, timedelta
from traceback import extract_tb
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptId, AttemptState, Dialler, Errand, NotPlaced, Outcome, Result, Step
from hotline.campaigns.attempts_store import AttemptTable, attempt_by_id, step_attempt
from hotline.campaigns.calling_rules import rules_of
from hotline.campaigns.campaign import CampaignState
from hotline.campaigns.doubting import HELD_FOR, check_line, is_doubtful
from hotline.campaigns.errands import errand_for
from hotline.campaigns.facts_store import calls_of_residents, facts_of
from hotline.campaigns.judging_store import put_off
from hotline.campaigns.line_doubt import LineDoubted
from hotline.campaigns.line_doubt_store import OUTAGES
from hotline.campaigns.lines import Lines
from hotline.campaigns.may_call import Reason, Verdict, may_call
from hotline.campaigns.pacing import ANOTHERS, Load, line_limit
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.target import CONGESTED_AFTER, OURS_AFTER, Plan, TargetState, TargetStep, plan_after
from hotline.campaigns.targets_store import step_target, target_by_id
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.settings import OutboundSettings

log = structlog.get_logger()

WAIT_FOR_LINE: Final = timedelta(seconds=3)  # then the attempt waits in the database, and is asked for again
LOOK_FOR_LINE_EVERY: Final = 0.1
READ_EVERY: Final = 1.0  # seconds: so old may be, at most, what was read of the callers
LINE_STALE_AFTER: Final = 5.0  # seconds between taking a line and the claim; a worker that slept asks anew
SENT_WITHIN: Final = 8.0  # seconds from before the claim; sooner than anybody may give the attempt up (reconcile.py)
PLACED_WITHIN: Final = 15.0  # seconds for the switch to take the order; its sounds have a limit of their own before
LET_REST: Final = timedelta(seconds=1)
MOST_WAITING: Final = 500
REST_AFTER_TROUBLE: Final = 1.0  # seconds


class Dialling:
    """Dials attempts. `worker` is who claims them, for whoever looks into a crash."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        lines: Lines,
        dialler: Dialler,
        settings: OutboundSettings,
        zone: ZoneInfo,
        worker: str,
        area_code: str = "",
        patience: timedelta = WAIT_FOR_LINE,
    ) -> None:
        self._database, self._clock, self._lines, self._dialler = database, clock, lines, dialler
        self._settings, self._rules, self._worker, self._area_code = (
            settings,
            rules_of(settings, zone),
            worker,
            area_code,
        )
        self._patience = patience.total_seconds()

    async def dial(self, attempt: AttemptId) -> bool:
        """Dial an attempt if it is still to be dialled; return whether the switch took the order.

        Whatever happens here, the attempt is dialled once or not at all.
        """
        taken = await self.take_line(attempt)
        return taken is not None and await self.dial_on_line(attempt, taken)

    async def take_line(self, attempt: AttemptId) -> float | None:
        """Wait a while for a line; return when it was taken, by the clock that never runs backwards, or None."""
        begins = self._clock.monotonic()
        until, read_at, limit = begins + self._patience, begins, await self._limit_for(attempt)
        while self._dialler.is_up():  # it stays planned: an outage of the switch is no fault of the target's
            asked = self._clock.monotonic()
            if asked - read_at >= READ_EVERY:
                read_at, limit = asked, await self._limit_for(attempt)
                asked = self._clock.monotonic()
            if limit is None:
                return None
            wait = await self._lines.take(attempt, limit=limit, per_second=self._settings.per_second)
            if wait is not None and not wait:
                return asked
            if wait == ANOTHERS or asked >= until:
                return None
            if wait is None:
                await self._lines.wait_for_free(LOOK_FOR_LINE_EVERY)
            else:
                await asyncio.sleep(min(wait.total_seconds(), 1.0))
        return None

    async def dial_on_line(self, attempt: AttemptId, taken: float) -> bool:
        """Dial an attempt on the line that it took; return whether the switch took the order."""
        errand: Errand | None = None
        claims = self._clock.monotonic()
        try:
            if claims - taken < LINE_STALE_AFTER and self._dialler.is_up():
                errand = await self._claim(attempt)
        finally:
            if errand is None:  # also where the database failed: what is claimed is then not known to be, and lives on
                await self._lines.give_back(attempt)
        return errand is not None and await self._place(errand, claims)

    async def _limit_for(self, attempt: AttemptId) -> int | None:
        """Return how many lines campaigns may have now; None where this attempt waits for none any more."""
        async with self._database.read() as session:
            row = await attempt_by_id(session, attempt)
            inbound = await calls_of_residents(session)
        if row is None or row.state != AttemptState.PLANNED:
            return None
        load = Load(lines=self._settings.lines, keep_free=self._settings.keep_free, inbound=inbound, ours=0)
        return line_limit(load)

    async def _claim(self, attempt: AttemptId) -> Errand | None:
        """Judge once more, then claim; None where it is not to be dialled, or is another's.

        Judged while nobody is held up. Nothing can come between that matters: while the attempt lives, no other call of
        ours to this home does, and whoever stops its campaign withdraws it.
        """
        now = self._clock.now()
        async with self._database.read() as session:
            row = await attempt_by_id(session, attempt)
            if row is None or row.state != AttemptState.PLANNED:
                return None
            campaign = await campaign_by_id(session, row.campaign_id)
            target = await target_by_id(session, row.target_id)
            is_wanted = target is not None and campaign.state is CampaignState.RUNNING
            verdict, errand = Verdict(False), None
            if target is not None and is_wanted:
                facts = await facts_of(session, campaign.kind, [target], now, but=attempt, area_code=self._area_code)
                verdict = may_call(facts[target.id], self._rules, now)
                ring_for = self._settings.ring_for
                errand = await errand_for(session, campaign, target, ring_for=ring_for, attempt=attempt)
        async with self._database.begin() as session:
            if target is None or not is_wanted:
                await withdraw(session, row, why=f"campaign-{campaign.state.value}", at=now)
                return None
            if not verdict.allowed:
                values = {"why": verdict.reasons[0].value, "ended_at": now}
                if await step_attempt(session, attempt, AttemptState.PLANNED, Step.WITHDRAWN, values):
                    await put_off(session, target, verdict, at=now)
                return None
            try:
                await check_line(session, campaign.id, attempt, at=now, settings=self._settings)
            except LineDoubted:
                await withdraw(session, row, why=Reason.LINE_DOUBTED.value, at=now)
                return None
            claimed = {"claimed_at": now, "disturbed_at": now, "worker": self._worker}
            is_ours = await step_attempt(session, attempt, AttemptState.PLANNED, Step.CLAIMED, claimed)
        return errand if is_ours else None

    async def _place(self, errand: Errand, claims: float) -> bool:
        def is_too_late() -> bool:
            return self._clock.monotonic() - claims > SENT_WITHIN

        try:
            async with asyncio.timeout(PLACED_WITHIN):
                await self._dialler.place(errand, is_too_late)
        except NotPlaced as wrong:
            log.warning("an attempt was not dialled", attempt=errand.id, reason=str(wrong))
            await self._never_dialled(errand.id, counts=wrong.counts)
            await self._lines.give_back(errand.id)
            return False
        except (HotlineError, OSError, TimeoutError) as wrong:
            # The switch may have dialled. It keeps its line; the event log tells.
            log.warning("it is not known whether an attempt was dialled", attempt=errand.id, kind=type(wrong).__name__)
            return False
        return True

    async def _never_dialled(self, attempt: AttemptId, *, counts: bool) -> None:
        now = self._clock.now()
        async with self._database.begin() as session:
            row = await attempt_by_id(session, attempt, is_locked=True)
            if row is not None:
                why = "not-placed" if counts else "outage"
                await put_back(session, row, why=why, at=now, settings=self._settings, counts=counts)


class Row:
    """The attempts that wait in one worker, in order; each is dialled in the moment in which it has a line."""

    def __init__(self, dialling: Dialling) -> None:
        self._dialling = dialling
        self._waiting: asyncio.Queue[AttemptId] = asyncio.Queue(MOST_WAITING)
        self._known: set[AttemptId] = set()

    def put(self, attempt: AttemptId) -> None:
        """Let an attempt wait, once; where the row is full, it is asked for again (sweep.py)."""
        if attempt not in self._known and not self._waiting.full():
            self._known.add(attempt)
            self._waiting.put_nowait(attempt)

    async def run(self) -> None:
        """Dial until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                attempt = await self._waiting.get()
                try:
                    taken = await self._dialling.take_line(attempt)
                except (SQLAlchemyError, OSError) as wrong:
                    log.error("no line: the database is away; asked for again", reason=type(wrong).__name__)
                    await asyncio.sleep(REST_AFTER_TROUBLE)
                    taken = None
                self._known.discard(attempt)
                if taken is not None:
                    tasks.create_task(self._dial(attempt, taken), name=attempt)

    async def _dial(self, attempt: AttemptId, taken: float) -> None:
        try:
            await self._dialling.dial_on_line(attempt, taken)
        except Exception as wrong:  # noqa: BLE001 -- the edge of one dial: whatever is wrong with it ends no other
            frames = [f"{frame.name}:{frame.lineno}" for frame in extract_tb(wrong.__traceback__)[-4:]]
            log.error("a dial failed; it is asked for again", attempt=attempt, kind=type(wrong).__name__, where=frames)


async def withdraw(session: AsyncSession, row: AttemptTable, *, why: str, at: datetime) -> bool:
    """Take back a planned attempt: its target waits as before. Return whether it was still planned."""
    values = {"why": why, "ended_at": at}
    if not await step_attempt(session, row.id, AttemptState.PLANNED, Step.WITHDRAWN, values):
        return False
    await step_target(
        session, row.target_id, TargetState.IN_HAND, TargetStep.RETURNED, at=at, values={"not_before": at + LET_REST}
    )
    return True


async def put_back(
    session: AsyncSession,
    row: AttemptTable,
    *,
    why: str,
    at: datetime,
    settings: OutboundSettings,
    counts: bool = True,
    gives_up: bool = True,
) -> bool:
    """Write that a claimed attempt surely never rang: its target is tried again, as after a fault of ours.

    Where it does not count (an outage), the target is not nearer to being given up. Where nobody can tell whose fault
    it was (the switch took the order, and no channel began), it is held with a pause instead.
    """
    state = AttemptState(row.state)
    values = {"why": why, "ended_at": at, "disturbed_at": None, "outcome": Outcome.FAILED_HERE.value}
    if not await step_attempt(session, row.id, state, Step.NEVER_DIALLED, values):
        return False
    target = await target_by_id(session, row.target_id)
    campaign = await campaign_by_id(session, row.campaign_id)
    if target is not None:
        failed = Result(outcome=Outcome.FAILED_HERE, ended_at=at)
        says_of_line = counts and why not in OUTAGES  # a part of us that died says nothing of it
        if says_of_line and await is_doubtful(session, row, Outcome.FAILED_HERE, at=at, settings=settings):
            plan = Plan(step=TargetStep.RETURNED, again_at=at + HELD_FOR, tries=target.tries)
        elif counts:
            plan = plan_after(campaign.kind, failed, target.tries, at, most_rung=settings.tries)
        else:
            plan = Plan(step=TargetStep.RETURNED, again_at=at + OURS_AFTER, tries=target.tries)
        if plan.step is TargetStep.ABANDONED and not gives_up:
            plan = Plan(step=TargetStep.RETURNED, again_at=at + CONGESTED_AFTER, tries=plan.tries)
        after = {"ours": plan.tries.ours, "outcome": Outcome.FAILED_HERE.value}
        after |= {"not_before": plan.again_at} if plan.again_at else {}
        await step_target(session, target.id, TargetState.IN_HAND, plan.step, at=at, values=after)
    return True
