"""Find out what became of attempts that were claimed and then never heard of: a worker, a link or the switch died.

Decided from two witnesses only: the channels that live at the switch, and its event log read to the end. A living
channel is waited for; a log that would hold the call and does not, says that it was never dialled. Where neither can
tell, the attempt is unknown: it is not dialled again, and a person decides.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.bus import Bus, Change, Subject
from hotline.calls.cel import CelUnreadable, read_page, read_source
from hotline.calls.rows_store import cursor_of
from hotline.calls.store import calls_of_ids
from hotline.campaigns.attempt import AttemptId, AttemptState, Dialler, Outcome, Result, Step
from hotline.campaigns.attempts_store import attempt_by_id, living_attempts, note_on_attempt, step_attempt
from hotline.campaigns.campaign import CampaignError
from hotline.campaigns.dialling import put_back
from hotline.campaigns.log_store import is_log_of_then
from hotline.campaigns.settling import Settling
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.settings import OutboundSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 5.0
SILENT_AFTER: Final = timedelta(seconds=20)  # from the claim, and seen so by us: by then the switch has said something
LINK_STEADY_FOR: Final = timedelta(seconds=10)  # a switch that was stuck works off what it was told before
GIVE_UP_AFTER: Final = timedelta(minutes=10)  # of not being able to tell: then a person is asked


class AttemptNotUnknown(CampaignError):
    """This attempt's fate is known, or there is no such attempt: nothing is to be decided."""

    error_id = "attempt-not-unknown"


class Fate(StrEnum):
    """What the witnesses say of an attempt that was claimed."""

    WAIT = "wait"  # it lives, or the witnesses cannot be heard yet
    NEVER_DIALLED = "never-dialled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """What the switch and its log say at one moment. None: they could not be asked."""

    living: frozenset[AttemptId] | None  # channels
    link_up_since: datetime | None
    is_log_read: bool  # to its end, after the channels were asked for
    is_log_of_then: bool  # the log is the one that would hold the call
    is_in_ledger: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What both said in one round, of all attempts; the log's `source` is "" where it could not be read."""

    living: frozenset[AttemptId] | None
    link_up_since: datetime | None
    source: str
    is_log_read: bool


def fate_of(attempt: AttemptId, claimed_at: datetime, seen: Witnesses, now: datetime) -> Fate:
    """Return what is known of an attempt that is `dialling` and of which the ledger has said nothing. Pure."""
    waited = now - claimed_at
    if timedelta(0) <= waited < SILENT_AFTER or seen.is_in_ledger or (seen.living and attempt in seen.living):
        return Fate.WAIT
    can_see = (
        seen.living is not None
        and seen.link_up_since is not None
        and now - seen.link_up_since >= LINK_STEADY_FOR
        and seen.is_log_read
    )
    if not can_see:
        return Fate.UNKNOWN if waited >= GIVE_UP_AFTER and seen.living is not None else Fate.WAIT
    return Fate.NEVER_DIALLED if seen.is_log_of_then else Fate.UNKNOWN


class Reconcile:
    """Looks, every few seconds, for attempts whose fate nobody told. It runs where the event log lies."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        dialler: Dialler,
        link_up_since: Callable[[], datetime | None],
        cel_store: Path,
        settings: OutboundSettings,
    ) -> None:
        self._database, self._bus, self._clock, self._dialler = database, bus, clock, dialler
        self._link_up_since, self._cel_store, self._settings = link_up_since, cel_store, settings
        self._seen: dict[AttemptId, float] = {}  # since when we see it dialling: a worker's clock may be another

    async def run(self) -> None:
        """Look until cancelled; a database that is away is waited for, aloud."""
        while True:
            try:
                await self.once()
            except (SQLAlchemyError, OSError) as wrong:
                log.error("attempts could not be looked after", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> int:
        """Decide what can be decided; return how many attempts were."""
        async with self._database.read() as session:
            silent = [
                (row.id, row.claimed_at, row.campaign_id)
                for row in await living_attempts(session)
                if row.state == AttemptState.DIALLING and row.claimed_at and not row.dialled_by  # those: desk/outside
            ]
        at = self._clock.monotonic()
        self._seen = {attempt: self._seen.get(attempt, at) for attempt, _, _ in silent}
        silent = [one for one in silent if at - self._seen[one[0]] >= SILENT_AFTER.total_seconds()]
        decided = 0
        asked = await self._ask() if silent else None
        for attempt, claimed_at, campaign in silent:
            if asked is None:
                break
            seen = await self._heard(attempt, claimed_at, asked)
            fate = fate_of(attempt, claimed_at, seen, self._clock.now())
            if fate is not Fate.WAIT and await self._write(attempt, fate):
                decided += 1
                self._bus.publish(Change(Subject.CAMPAIGN, str(campaign)))
        return decided

    async def _ask(self) -> "_Asked":
        """Ask both: first the channels, then the log, so that a call which begins between the two is in the log.

        Once for all that is silent: each of them was claimed longer ago than anybody may still send it.
        """
        since = self._link_up_since()
        try:
            living = await self._dialler.living()
        except (HotlineError, OSError, TimeoutError):
            living = None
        try:
            source = await asyncio.to_thread(read_source, self._cel_store)
            async with self._database.read() as session:
                cursor = await cursor_of(session, source)
            page = await asyncio.to_thread(read_page, self._cel_store, cursor, limit=1)
            is_read = not page.rows and page.position == cursor
        except (CelUnreadable, OSError):
            source, is_read = "", False
        return _Asked(living=living, link_up_since=since, source=source, is_log_read=is_read)

    async def _heard(self, attempt: AttemptId, claimed_at: datetime, asked: "_Asked") -> Witnesses:
        async with self._database.read() as session:
            return Witnesses(
                living=asked.living,
                link_up_since=asked.link_up_since,
                is_log_read=asked.is_log_read,
                is_log_of_then=bool(asked.source) and await is_log_of_then(session, asked.source, claimed_at),
                is_in_ledger=bool(await calls_of_ids(session, [attempt])),
            )

    async def _write(self, attempt: AttemptId, fate: Fate) -> bool:
        now = self._clock.now()
        async with self._database.begin() as session:
            row = await attempt_by_id(session, attempt, is_locked=True)
            if row is None or row.state != AttemptState.DIALLING:
                return False  # told meanwhile
            if fate is Fate.NEVER_DIALLED:
                log.warning("an attempt was never dialled: it is free again", attempt=attempt)
                return await put_back(
                    session, row, why="never-dialled", at=now, settings=self._settings, gives_up=False
                )
            log.error("nobody can tell whether an attempt was dialled: a person decides", attempt=attempt)
            return await step_attempt(session, attempt, AttemptState.DIALLING, Step.LOST_SIGHT, {"why": "no-witness"})


class Decide:
    """What a person says of an attempt that nobody else can tell of."""

    def __init__(
        self, *, database: Database, bus: Bus, clock: Clock, settings: OutboundSettings, zone: ZoneInfo
    ) -> None:
        self._database, self._bus, self._clock, self._settings = database, bus, clock, settings
        self._settling = Settling(clock=clock, settings=settings, zone=zone)

    async def __call__(self, attempt: AttemptId, *, rang: bool, by: str) -> None:
        """Let a person say what became of an attempt that nobody can tell of. Raises AttemptNotUnknown."""
        now = self._clock.now()
        async with self._database.begin() as session:
            row = await attempt_by_id(session, attempt, is_locked=True)
            if row is None or row.state != AttemptState.UNKNOWN:
                raise AttemptNotUnknown("the fate of this attempt is known, or there is no such attempt")
            if rang:
                result = Result(outcome=Outcome.NO_ANSWER, rang_at=row.claimed_at, ended_at=now)
                await self._settling.settle(session, row, result, row.call_id)
            else:
                await put_back(session, row, why="never-dialled", at=now, settings=self._settings)
            await note_on_attempt(session, attempt, {"decided_by": by})
            campaign = row.campaign_id
        self._bus.publish(Change(Subject.CAMPAIGN, str(campaign)))
