"""A floor from which homes are rung, without a switch: real database and Redis, and a dialler that writes down."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.state import Outcome as CallOutcome
from hotline.campaigns.attempt import AttemptId, AttemptState, Errand, NotPlaced
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import Campaign, CampaignKind, CampaignStep
from hotline.campaigns.dialling import Dialling
from hotline.campaigns.lines import Lines
from hotline.campaigns.pacing import ANOTHERS
from hotline.campaigns.settling import Settling
from hotline.campaigns.store import add_campaign, take_campaign_step
from hotline.campaigns.targets_store import NewTarget, TargetTable, add_targets
from hotline.campaigns.tick import Tick, Ticked
from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident, set_arrears
from hotline.settings import OutboundSettings
from tests.fakes.clock_by_hand import ClockByHand

ZONE = ZoneInfo("Asia/Shanghai")
TEN_O_CLOCK = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)  # a Thursday, 10:00 at the centre


class DiallerOnPaper:
    """A dialler that dials nobody. `wrong`, if set, is raised instead of, or after, writing down."""

    def __init__(self) -> None:
        self.placed: list[Errand] = []
        self.alive: set[AttemptId] = set()
        self.before: BaseException | None = None
        self.held_up: Callable[[], None] | None = None  # what happens while it makes ready
        self.behind: BaseException | None = None
        self.link = True

    def is_up(self) -> bool:
        return self.link

    async def place(self, errand: Errand, is_too_late: Callable[[], bool]) -> None:
        if self.before is not None:
            raise self.before
        if self.held_up is not None:
            self.held_up()
        if is_too_late():
            raise NotPlaced("too late", counts=False)
        self.placed.append(errand)
        self.alive.add(errand.id)
        if self.behind is not None:
            raise self.behind

    async def living(self) -> frozenset[AttemptId]:
        return frozenset(self.alive)

    @property
    def doubles(self) -> list[str]:
        return [number for number, count in Counter(one.number.e164 for one in self.placed).items() if count > 1]


class LinesAtLeisure(Lines):
    """Lines that keep the pace by themselves: whoever asks has a line, or there is none."""

    async def take(self, attempt: AttemptId, *, limit: int, per_second: float) -> timedelta | None:
        while True:
            wait = await super().take(attempt, limit=limit, per_second=per_second)
            if not wait or wait == ANOTHERS:
                return wait
            await asyncio.sleep(wait.total_seconds())


class DialFloor:
    """Everything that dials, with a clock turned by hand."""

    def __init__(self, database: Database, redis_url: str, shared: Lines | None = None, **settings: object) -> None:
        self.database, self.redis_url = database, redis_url
        self.clock = ClockByHand(TEN_O_CLOCK)
        values = {"lines": 50, "keep_free": 0, "per_second": 50.0, "needs_approval": False, **settings}
        self.settings = OutboundSettings.model_validate(values)
        self.dialler = DiallerOnPaper()
        self.lines = shared or LinesAtLeisure(redis_url)
        self.tick = Tick(
            database=database, clock=self.clock, lines=self.lines, settings=self.settings, zone=ZONE,
            ready_clerks=self._ready, is_switch_up=self.dialler.is_up,
        )  # fmt: skip
        self.settling = Settling(clock=self.clock, settings=self.settings, zone=ZONE)
        self.ready = 0

    async def _ready(self) -> int:
        return self.ready

    def worker(self, name: str = "worker-1", patience: timedelta = timedelta(0)) -> Dialling:
        return Dialling(
            database=self.database, clock=self.clock, lines=self.lines, dialler=self.dialler, settings=self.settings,
            zone=ZONE, worker=name, patience=patience,
        )  # fmt: skip

    async def close(self) -> None:
        await self.lines.close()

    async def owes(self, room: int, number: str, fen: int = 123_45, *, further: tuple[str, ...] = ()) -> NewTarget:
        """Let a home owe something, and return it as a target; `further` are numbers of the same person."""
        numbers = [read for written in (number, *further) if (read := PhoneNumber.parse(written)) is not None]
        read = numbers[0]
        async with self.database.begin() as session:
            home = await add_home(session, Home(building=3, unit=2, room=room))
            await add_resident(session, home, "张伟", title=Title.MR, numbers=numbers)
            await set_arrears(session, home, ["2026-09", "2026-10"], fen)
        return NewTarget(
            household=home.label, home_id=home.id, e164=read.e164, salutation="张先生", months=("2026-09",), fen=fen
        )

    async def campaign(
        self,
        *targets: NewTarget,
        kind: CampaignKind = CampaignKind.FEE_REMINDER,
        name: str = "十一月催缴",
        lines: int = 0,
    ) -> Campaign:
        """Make a campaign that runs."""
        now = self.clock.now()
        async with self.database.begin() as session:
            made = await add_campaign(session, kind=kind, name=name, words="", by="wang", at=now, lines=lines)
            await add_targets(session, made.id, targets, at=now)
            return await take_campaign_step(
                session, made.id, CampaignStep.STARTED, who="wang", at=now, needs_approval=False
            )

    async def ticks(self) -> Ticked:
        return await self.tick.once()

    async def rings(self) -> list[AttemptId]:
        """Tick once, and dial what is planned, now or before, as far as lines go; return what the switch took."""
        await self.ticks()
        waiting = [row.id for row in await self.attempts() if row.state == AttemptState.PLANNED]
        return [attempt for attempt in waiting if await self.worker().dial(attempt)]

    async def ended(self, attempt: AttemptId, call: CallRecord | None = None, **known: object) -> None:
        """Let the ledger show the attempt's call as it ended."""
        self.dialler.alive.discard(attempt)
        record = call or self.call(attempt, **known)
        async with self.database.begin() as session:
            await self.settling.follow(session, record)

    def call(self, attempt: AttemptId, **known: object) -> CallRecord:
        now = self.clock.now()
        record = CallRecord(
            id=attempt, state=CallState.ENDED, direction="outbound", ring_start=now - timedelta(seconds=30),
            ended_at=now, outcome=CallOutcome.NO_ANSWER, hangup_cause=19,
        )  # fmt: skip
        return replace(record, **known)  # type: ignore[arg-type]

    def heard(self, attempt: AttemptId, *steps: str, **known: object) -> CallRecord:
        """Return the call of somebody who lifted and did these steps of the talk."""
        lifted = self.clock.now() - timedelta(seconds=20)
        return self.call(
            attempt, resident_answered=lifted, switch_answer=lifted, talk_steps=("AMD HUMAN", *steps), hangup_cause=16,
            outcome=CallOutcome.ANSWERED, **known,
        )  # fmt: skip

    async def attempts(self) -> list[AttemptTable]:
        async with self.database.read() as session:
            found = await session.scalars(select(AttemptTable).order_by(AttemptTable.planned_at, AttemptTable.id))
            return list(found)

    async def targets(self) -> list[TargetTable]:
        async with self.database.read() as session:
            return list(await session.scalars(select(TargetTable).order_by(TargetTable.id)))

    def at(self, moment: datetime) -> None:
        """Turn the clock on to a moment."""
        self.clock.turn((moment - self.clock.now()).total_seconds())
