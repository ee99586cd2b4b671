"""A story of dialling at random: the real tick, dial, settling, sweep and reconciling, and a second, naive opinion.

The second opinion knows nothing of `may_call` and of our rows: it writes down what the switch was asked to dial and
what people did, and says at each dial what is wrong with it.
"""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hotline.bus import Bus
from hotline.campaigns.attempt import AttemptState, Errand, NotPlaced
from hotline.campaigns.campaign import CampaignError, CampaignKind, CampaignState
from hotline.campaigns.household_marks import HouseholdMarks
from hotline.campaigns.may_call import Mark
from hotline.campaigns.pauses import DialPauses
from hotline.campaigns.reconcile import Decide, Reconcile
from hotline.campaigns.service import Campaigns, ListDoubled
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.sweep import sweep_planned
from hotline.campaigns.targets_store import TargetTable
from hotline.install.pbx import make_cel_store
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home
from hotline.residents.store import find_home, set_arrears
from tests.fakes.dial_floor import ZONE, DialFloor
from tests.fakes.redis_server import RedisServer

HOMES: Final = 7
LINES: Final = 3
DAY: Final = 24 * 3600
CAUSES: Final = {"no-answer": 19, "busy": 17, "refused": 21, "invalid": 1, "congestion": 34}
QUIET: Final = frozenset({"busy", "invalid", "congestion"})  # nobody was disturbed
WINDOWS: Final = ((9, 12), (14, 20))


class Killed(BaseException):
    """The process ends here: nothing catches this."""


@dataclass
class Rung:
    """One dial, as the switch was asked for it."""

    at: datetime
    household: str
    number: str
    attempt: str
    is_quiet: bool = False


@dataclass
class SecondOpinion:
    """What may not happen, kept by another head."""

    faults: list[str] = field(default_factory=list)
    rung: list[Rung] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)  # households that paid or want no calls
    numbers: set[str] = field(default_factory=set)  # that want no calls
    reached: set[tuple[int, str]] = field(default_factory=set)  # campaign and household: told
    halted: set[int] = field(default_factory=set)  # campaigns that a person paused or stopped

    def dials(self, errand: Errand, campaign: int, alive: list[Rung], now: datetime) -> None:
        """Judge one dial."""
        home, number = errand.home or errand.number.e164, errand.number.e164
        local = now.astimezone(ZONE)
        before = [one for one in self.rung if not one.is_quiet and home == one.household]
        days = [(local.date() - one.at.astimezone(ZONE).date()).days for one in before]
        wrong = {
            "outside the hours": not any(opens <= local.hour < closes for opens, closes in WINDOWS),
            "to a home that is not to be called": home in self.forbidden,
            "to a number that is not to be called": number in self.numbers,
            "twice on one day": sum(day < 1 for day in days) >= 1,
            "three times in a week": sum(day < 7 for day in days) >= 2,
            "four times in a month": sum(day < 30 for day in days) >= 3,
            "again too soon": any(now < one.at + timedelta(minutes=30) for one in before),
            "while the home is being rung": any(one.household == home or one.number == number for one in alive),
            "over the lines": len(alive) >= LINES,
            "for what was told already": (campaign, home) in self.reached,
            "of a campaign that is halted": campaign in self.halted,
            "twice by one attempt": any(one.attempt == errand.id for one in self.rung),
        }
        self.faults += [f"{now:%d %H:%M} {home}: {what}" for what, is_so in wrong.items() if is_so]
        self.rung.append(Rung(now, home, number, errand.id))


class DialStory:
    """One story by its seed."""

    def __init__(self, floor: DialFloor, redis: RedisServer, seed: int, cel: Path) -> None:
        self.floor, self.redis, self.dice = floor, redis, random.Random(seed)
        self.second = SecondOpinion()
        self.bus = Bus()
        self.falls_in: int | None = None
        self.is_carrier_broken = False
        self.told: list[str] = []
        self.paid: set[str] = set()
        self.invalid: set[str] = set()
        make_cel_store(cel)
        self.acts = Campaigns(database=floor.database, bus=self.bus, clock=floor.clock, settings=floor.settings)
        self.marks = HouseholdMarks(database=floor.database, clock=floor.clock)
        self.pauses = DialPauses(database=floor.database, bus=self.bus, clock=floor.clock, settings=floor.settings)
        self.looks = Reconcile(
            database=floor.database, bus=self.bus, clock=floor.clock, dialler=floor.dialler,
            link_up_since=lambda: floor.clock.now() - timedelta(days=9), cel_store=cel, settings=floor.settings,
        )  # fmt: skip
        self.decide = Decide(
            database=floor.database, bus=self.bus, clock=floor.clock, settings=floor.settings, zone=ZONE
        )
        self._hang_the_blade()

    # -- what may happen --------------------------------------------------------------------------------------------

    async def begins(self) -> None:
        """Let people owe, and two campaigns run over the same homes."""
        self.homes = {place: await self.floor.owes(500 + place, number_of(place)) for place in range(HOMES)}
        self.ran = {(await self.floor.campaign(*self.homes.values(), name="一")).id}
        if self.dice.random() < 0.5:
            some = self.dice.sample(list(self.homes.values()), 4)
            self.ran.add((await self.floor.campaign(*some, name="二", kind=CampaignKind.NOTICE)).id)

    async def goes_on(self, steps: int) -> None:
        """Let so many things happen."""
        happens: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (10, self.ticks_and_dials), (8, self.calls_end), (7, self.time_passes), (3, self.clock_jumps),
            (2, self.somebody_pays), (1, self.somebody_wants_no_calls), (2, self.campaign_is_halted),
            (2, self.campaign_goes_on), (1, self.queue_is_paused_for_two_days), (1, self.list_comes_twice),
            (4, self.lost_ones_are_found), (1, self.redis_forgets), (1, self.carrier_breaks_or_mends),
            (1, self.person_decides), (2, self.switch_is_strange),
        ]  # fmt: skip
        weights, acts = [weight for weight, _ in happens], [act for _, act in happens]
        for act in self.dice.choices(acts, weights, k=steps):
            self.told.append(act.__name__)
            self.falls_in = self.dice.randrange(1, 25) if self.dice.random() < 0.35 else None
            try:
                await act()
            except Killed:
                self.told.append("killed")
            finally:
                self.falls_in = None
            await self._lines_of_the_dead()

    async def comes_to_its_end(self) -> list[TargetTable]:
        """Let everybody who may be reached be reached: six weeks of good days; return the targets then."""
        self.is_carrier_broken = False
        self.floor.dialler.before = self.floor.dialler.behind = None
        for campaign in sorted(self.second.halted):
            await self._goes_on(campaign)
        for day in range(40):
            await self.person_decides()
            self.floor.at(_ten_o_clock_after(self.floor.clock.now(), day))
            for _ in range(3):
                await self.lost_ones_are_found()
                await self.ticks_and_dials()
                await self.all_are_reached()
                await self._lines_of_the_dead()
                self.floor.clock.turn(31)
            targets = [one for one in await self.floor.targets() if one.campaign_id in self.ran]
            if all(one.state not in {"waiting", "in-hand"} for one in targets):
                break
        return targets

    async def ticks_and_dials(self) -> None:
        """Let workers tick and dial."""
        await self.floor.ticks()
        planned = [row.id for row in await self.floor.attempts() if row.state == AttemptState.PLANNED]
        self.dice.shuffle(planned)
        for attempt in planned:
            await self.floor.worker(self.dice.choice("abc")).dial(attempt)

    async def calls_end(self) -> None:
        """Let some calls end, as people and carrier please."""
        for attempt in sorted(self.floor.dialler.alive):
            if self.dice.random() < 0.7:
                ends = self.dice.choices([*CAUSES, "human", "machine"], [4, 2, 1, 1, 1, 4, 1])[0]
                await self._ends(attempt, "invalid" if self.is_carrier_broken else ends)

    async def all_are_reached(self) -> None:
        """Let everybody lift and listen."""
        for attempt in sorted(self.floor.dialler.alive):
            await self._ends(attempt, "human")

    async def time_passes(self) -> None:
        """Turn the clock on."""
        self.floor.clock.turn(self.dice.choice([1, 12, 60, 11 * 60, 3600, 5 * 3600, DAY]))

    async def clock_jumps(self) -> None:
        """Let the clock on the wall be wrong, or put right."""
        jump = timedelta(hours=self.dice.choice([-26, -3, -1, 1, 3, 30]))
        self.floor.clock._now += jump

    async def somebody_pays(self) -> None:
        """Let a home owe nothing any more."""
        self.falls_in = None  # those who do it do not die here
        place = self.dice.randrange(HOMES)
        async with self.floor.database.begin() as session:
            home = await find_home(session, Home(building=3, unit=2, room=500 + place))
            assert home is not None
            await set_arrears(session, home, [], 0)
        self.paid.add(home.label)
        if await self._is_reminded(home.label):
            self.second.forbidden.add(home.label)

    async def somebody_wants_no_calls(self) -> None:
        """Let a home, or a number, be left in peace."""
        self.falls_in = None
        place = self.dice.randrange(HOMES)
        if self.dice.random() < 0.5:
            label = self.homes[place].household
            await self.marks.put(label, Mark.OPTED_OUT, by="chen", why="does not want it")
            self.second.forbidden.add(label)
            return
        number = PhoneNumber.parse(number_of(place))
        assert number is not None
        async with self.floor.database.begin() as session:
            at = self.floor.clock.now()
            await mark_number(session, number, NumberMark.DO_NOT_CALL, holds=True, by="chen", at=at)
        self.second.numbers.add(number.e164)

    async def campaign_is_halted(self) -> None:
        """Let a person pause a campaign."""
        campaign = self.dice.choice(sorted(self.ran))
        try:
            await self.acts.pause(campaign, by="chen")
        except CampaignError:
            pass  # over, or paused already
        finally:  # who was killed looks what came of it
            self.falls_in = None
            await self._look_whether_halted(campaign)

    async def campaign_goes_on(self) -> None:
        """Let a person resume one."""
        for campaign in sorted(self.second.halted)[:1]:
            await self._goes_on(campaign)

    async def queue_is_paused_for_two_days(self) -> None:
        """Let nobody tick for two days, with attempts planned and calls under way."""
        await self.floor.ticks()
        self.floor.clock.turn(2 * DAY)
        await self.lost_ones_are_found()

    async def list_comes_twice(self) -> None:
        """Let the same file be loaded again and again."""
        rows = [f"3-2-{500 + place},张伟,{number_of(place)},2026-09,123.45" for place in range(HOMES)]
        content = "\n".join(["房号,姓名,电话,月份,金额", *rows]).encode()
        made = await self.acts.make(CampaignKind.NOTICE, "三", by="chen", words="停水通知")
        before = len(await self.floor.targets())
        try:
            await self.acts.take_in(made.id, content, by="chen")
        except ListDoubled:
            assert len(await self.floor.targets()) == before
            await self.acts.stop(made.id, by="chen")

    async def lost_ones_are_found(self) -> None:
        """Let sweep and reconciling look."""
        for attempt, _turn in await sweep_planned(self.floor.database, self.floor.clock):
            await self.floor.worker("swept").dial(attempt)
        await self.looks.once()
        self.floor.clock.turn(21)
        await self.looks.once()

    async def redis_forgets(self) -> None:
        """Let Redis come back with nothing."""
        self.redis.stop()
        try:
            await self.ticks_and_dials()
        finally:
            self.redis.start()

    async def carrier_breaks_or_mends(self) -> None:
        """Let the carrier answer 404 to everything, or no longer."""
        self.is_carrier_broken = not self.is_carrier_broken

    async def person_decides(self) -> None:
        """Let a person decide whatever waits for one."""
        for one in await self.pauses.standing():
            await self.pauses.end(one.pause.id, are_dead=False, by="chen")
        for row in await self.floor.attempts():
            if row.state == AttemptState.UNKNOWN and row.id not in self.floor.dialler.alive:
                await self.decide(row.id, rang=True, by="chen")

    async def switch_is_strange(self) -> None:
        """Let orders be refused, or lost, or taken without a word."""
        self.floor.dialler.before = self.dice.choice(
            [None, NotPlaced("no"), NotPlaced("outage", counts=False), TimeoutError()]
        )
        self.floor.dialler.behind = self.dice.choice([None, TimeoutError()])
        try:
            await self.ticks_and_dials()
        finally:
            self.floor.dialler.before = self.floor.dialler.behind = None

    def protected(self) -> set[str]:
        """Return the homes that some rule protects by now."""
        of_numbers = {home.household for home in self.homes.values() if home.e164 in self.second.numbers}
        return self.second.forbidden | self.paid | self.invalid | of_numbers

    # -- how it is done ---------------------------------------------------------------------------------------------

    async def _ends(self, attempt: str, how: str) -> None:
        (rung,) = [one for one in self.second.rung if one.attempt == attempt]
        (row,) = [one for one in await self.floor.attempts() if one.id == attempt]
        if how == "human":
            call = self.floor.heard(attempt, "CONFIRMED", "KEY 1")
        elif how == "machine":
            call = self.floor.heard(attempt, "AMD MACHINE")
        else:
            call = self.floor.call(attempt, hangup_cause=CAUSES[how])
        while True:  # a ledger that died reads it again
            try:
                await self.floor.ended(attempt, call)
            except Killed:
                self.told.append("ledger killed")
                continue
            break
        rung.is_quiet = how in QUIET
        if how == "invalid":  # so few that no pause began: the number is marked
            self.invalid.add(rung.household)
        if how == "human":
            self.second.reached.add((row.campaign_id, row.household))

    async def _goes_on(self, campaign: int) -> None:
        try:
            await self.acts.resume(campaign, by="chen")
        except CampaignError:
            pass
        finally:
            self.falls_in = None
            await self._look_whether_halted(campaign)

    async def _look_whether_halted(self, campaign: int) -> None:
        async with self.floor.database.read() as session:
            is_halted = (await campaign_by_id(session, campaign)).state is CampaignState.PAUSED
        (self.second.halted.add if is_halted else self.second.halted.discard)(campaign)

    async def _is_reminded(self, label: str) -> bool:
        """Say whether only reminders ring this home: notices are told to who has paid as well."""
        async with self.floor.database.read() as session:
            kinds = {
                (await campaign_by_id(session, one.campaign_id)).kind
                for one in await self.floor.targets()
                if one.household == label
            }
        return kinds == {CampaignKind.FEE_REMINDER}

    async def _lines_of_the_dead(self) -> None:
        """Give back what a tick gives back ten seconds later by the clock of Redis."""
        for row in await self.floor.attempts():
            is_over = row.claimed_at is None or row.state in {AttemptState.WITHDRAWN, AttemptState.SETTLED}
            if is_over and row.id not in self.floor.dialler.alive:
                await self.floor.lines.give_back(row.id)

    async def _campaign_of(self, attempt: str) -> int:
        falls_in, self.falls_in = self.falls_in, None
        (campaign,) = [row.campaign_id for row in await self.floor.attempts() if row.id == attempt]
        self.falls_in = falls_in
        return campaign

    def _hang_the_blade(self) -> None:
        """Let everything that is awaited be a place to die at, and every dial be judged."""
        floor: Any = self.floor
        for name in ("begin", "read"):
            setattr(floor.database, name, self._watched(getattr(floor.database, name)))
        for owner, name in ((floor.lines, "take"), (floor.lines, "give_back")):
            setattr(owner, name, self._awaited(getattr(owner, name)))
        place = floor.dialler.place

        async def judged(errand: Errand, is_too_late: Callable[[], bool]) -> None:
            self._may_die()
            before = len(floor.dialler.placed)
            alive = [one for one in self.second.rung if one.attempt in floor.dialler.alive]
            try:
                await place(errand, is_too_late)
            finally:
                if len(floor.dialler.placed) > before:
                    self.second.dials(errand, await self._campaign_of(errand.id), alive, floor.clock.now())
            self._may_die()

        floor.dialler.place = judged

    def _watched(self, opened: Callable[[], Any]) -> Callable[[], Any]:
        @asynccontextmanager
        async def watched() -> AsyncIterator[Any]:
            self._may_die()
            async with opened() as session:
                yield session
                self._may_die()
            self._may_die()

        return watched

    def _awaited(self, act: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def watched(*words: Any, **named: Any) -> Any:
            self._may_die()
            done = await act(*words, **named)
            self._may_die()
            return done

        return watched

    def _may_die(self) -> None:
        if self.falls_in is None:
            return
        self.falls_in -= 1
        if self.falls_in <= 0:
            self.falls_in = None
            raise Killed


def number_of(place: int) -> str:
    """Return the number of a home of the story."""
    return f"1390000{place:04d}"


def _ten_o_clock_after(now: datetime, day: int) -> datetime:
    local = now.astimezone(ZONE) + timedelta(days=1)
    return local.replace(hour=10 + day % 2 * 5, minute=0, second=0, microsecond=0).astimezone(UTC)
