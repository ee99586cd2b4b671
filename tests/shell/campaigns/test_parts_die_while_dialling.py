"""A worker dies between any two lines of a dial, and what was lost is found again: nobody twice, nobody forgotten."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.bus import Bus
from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.pacing import ANOTHERS
from hotline.campaigns.reconcile import AttemptNotUnknown, Decide, Reconcile
from hotline.campaigns.sweep import sweep_planned
from hotline.campaigns.target import TargetState
from hotline.database import Database
from hotline.install.pbx import make_cel_store
from tests.fakes.dial_floor import ZONE, DialFloor
from tests.fakes.redis_server import RedisServer


class Killed(BaseException):
    """The process ends here: nothing catches this."""


class Guillotine:
    """Counts every await of a database's transaction, a line or the switch, and falls at the chosen one."""

    def __init__(self, falls_at: int) -> None:
        self.falls_at, self.passed, self.fell_at = falls_at, 0, ""

    def step(self, what: str) -> None:
        self.passed += 1
        if self.passed == self.falls_at:
            self.fell_at = what
            raise Killed(what)


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


def under(guillotine: Guillotine, floor: DialFloor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the guillotine hang over everything that a dial awaits, before and after it is done."""
    from contextlib import asynccontextmanager

    database, lines, dialler = floor.database, floor.lines, floor.dialler

    def transactions(name: str):  # type: ignore[no-untyped-def]
        opened = getattr(database, name)

        @asynccontextmanager
        async def watched():  # type: ignore[no-untyped-def]
            guillotine.step(f"before {name}")
            async with opened() as session:
                yield session
                guillotine.step(f"in {name}, before its end")
            guillotine.step(f"after {name}")

        return watched

    def awaited(owner: object, name: str) -> None:
        act = getattr(owner, name)

        async def watched(*words: object, **named: object) -> object:
            guillotine.step(f"before {name}")
            done = await act(*words, **named)
            guillotine.step(f"after {name}")
            return done

        monkeypatch.setattr(owner, name, watched)

    for name in ("begin", "read"):
        monkeypatch.setattr(database, name, transactions(name))
    for owner, name in ((lines, "take"), (lines, "give_back"), (dialler, "place")):
        awaited(owner, name)


def reconcile(floor: DialFloor, cel: Path) -> Reconcile:
    make_cel_store(cel)
    return Reconcile(
        database=floor.database, bus=Bus(), clock=floor.clock, dialler=floor.dialler,
        link_up_since=lambda: floor.clock.now() - timedelta(hours=1), cel_store=cel, settings=floor.settings,
    )  # fmt: skip


@pytest.mark.parametrize("falls_at", range(1, 14))
async def test_worker_killed_between_any_two_lines_rings_nobody_twice_and_forgets_nobody(
    floor: DialFloor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, falls_at: int
) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    guillotine = Guillotine(falls_at)
    with monkeypatch.context() as patch:
        under(guillotine, floor, patch)
        with pytest.raises(Killed):
            await floor.worker("killed").dial(attempt)
    rang_before = len(floor.dialler.placed)
    if not floor.dialler.alive:
        await floor.lines.give_back(attempt)  # as the next ticks would, ten seconds later by the clock of Redis
    looks = reconcile(floor, tmp_path / "master.db")

    for _ in range(8):  # what the workers and the service do from here on
        for waiting, _turn in await sweep_planned(floor.database, floor.clock):
            await floor.worker("next").dial(waiting)
        await looks.once()
        await floor.rings()
        floor.clock.turn(11)
        if floor.dialler.alive:  # whoever was rung lifts, and the ledger tells
            (living,) = floor.dialler.alive
            await floor.ended(living, floor.heard(living, "CONFIRMED", "KEY 1"))

    assert len(floor.dialler.placed) == 1, guillotine.fell_at
    assert rang_before <= 1
    (target,) = await floor.targets()
    assert target.state == TargetState.DONE, guillotine.fell_at


async def test_attempt_whose_channel_lives_is_waited_for(floor: DialFloor, tmp_path: Path) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    await floor.rings()
    looks = reconcile(floor, tmp_path / "master.db")
    for _ in range(2):
        floor.clock.turn(300)
        assert await looks.once() == 0

    (row,) = await floor.attempts()
    assert row.state == AttemptState.DIALLING


async def test_attempt_that_nobody_can_tell_of_is_shown_to_a_person_and_not_dialled_again(
    floor: DialFloor, tmp_path: Path
) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    floor.dialler.alive.clear()
    floor.clock.turn(3600)
    away = Reconcile(
        database=floor.database, bus=Bus(), clock=floor.clock, dialler=floor.dialler,
        link_up_since=floor.clock.now, cel_store=tmp_path / "gone.db", settings=floor.settings,
    )  # fmt: skip

    assert await away.once() == 0, "we have not seen it silent ourselves"
    floor.clock.turn(20)
    assert await away.once() == 1
    await floor.rings()

    (row,) = await floor.attempts()
    assert row.state == AttemptState.UNKNOWN
    assert len(floor.dialler.placed) == 1

    decide = Decide(
        database=floor.database, bus=Bus(), clock=floor.clock, settings=floor.settings, zone=ZONE
    )  # fmt: skip
    await decide(attempt, rang=True, by="chen")
    (row,), (target,) = await floor.attempts(), await floor.targets()
    assert (row.state, row.outcome, row.decided_by) == (AttemptState.SETTLED, "no-answer", "chen")
    assert row.disturbed_at is not None
    assert target.state == TargetState.WAITING
    with pytest.raises(AttemptNotUnknown):
        await decide(attempt, rang=False, by="chen")


async def test_person_who_knows_that_it_never_rang_frees_the_home(floor: DialFloor, tmp_path: Path) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    floor.dialler.alive.clear()
    floor.clock.turn(3600)
    away = Reconcile(
        database=floor.database, bus=Bus(), clock=floor.clock, dialler=floor.dialler,
        link_up_since=floor.clock.now, cel_store=tmp_path / "gone.db", settings=floor.settings,
    )  # fmt: skip
    await away.once()
    floor.clock.turn(20)
    await away.once()

    await Decide(database=floor.database, bus=Bus(), clock=floor.clock, settings=floor.settings, zone=ZONE)(
        attempt, rang=False, by="chen"
    )
    floor.clock.turn(11)

    assert len(await floor.rings()) == 1


async def test_call_that_the_log_tells_of_late_counts_against_the_caps(floor: DialFloor) -> None:
    from hotline.campaigns.dialling import put_back

    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    async with floor.database.begin() as session:
        (row,) = await floor.attempts()
        await put_back(session, row, why="never-dialled", at=floor.clock.now(), settings=floor.settings)

    await floor.ended(attempt)

    (row,) = await floor.attempts()
    assert (row.state, row.why) == (AttemptState.WITHDRAWN, "rang-after-all")
    assert row.disturbed_at is not None
    floor.clock.turn(60)
    assert await floor.rings() == []


async def test_planned_attempt_of_a_dead_worker_is_asked_for_again(floor: DialFloor) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    assert await sweep_planned(floor.database, floor.clock) == []
    floor.clock.turn(20)

    assert await sweep_planned(floor.database, floor.clock) == [(attempt, 2)]


async def test_lease_of_a_line_outlives_nobody(floor: DialFloor) -> None:
    assert await floor.lines.take("attempt-1.1", limit=1, per_second=1000) is None, "Redis does not know who has one"
    assert await floor.lines.keep([])
    assert await floor.lines.take("attempt-1.1", limit=1, per_second=1000) == timedelta(0)
    assert await floor.lines.take("attempt-1.1", limit=1, per_second=1000) == ANOTHERS  # whoever took it dials
    assert await floor.lines.take("attempt-1.2", limit=1, per_second=1000) is None

    await floor.lines.give_back("attempt-1.1")
    await asyncio.sleep(0.01)

    assert await floor.lines.take("attempt-1.2", limit=1, per_second=1000) == timedelta(0)
    assert await floor.lines.keep(["attempt-1.2"])
    assert await floor.lines.take("attempt-1.3", limit=1, per_second=1000) is None


async def test_calls_of_several_workers_keep_one_pace(floor: DialFloor, redis_server: RedisServer) -> None:
    from hotline.campaigns.lines import Lines

    others = [Lines(redis_server.url) for _ in range(3)]
    assert await others[0].keep([])

    taken = await asyncio.gather(
        *(line.take(f"attempt-1.{place}", limit=50, per_second=1) for place, line in enumerate(others))
    )

    assert sorted(wait == timedelta(0) for wait in taken) == [False, False, True]
    assert all(wait is not None and wait <= timedelta(seconds=1) for wait in taken)
    for line in others:
        await line.close()


async def test_worker_that_was_held_up_since_its_claim_sends_nothing_for_the_attempt_may_be_given_up(
    floor: DialFloor, tmp_path: Path
) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = (await floor.ticks()).planned
    floor.dialler.held_up = lambda: floor.clock.turn(30)  # as by a stopped process

    assert not await floor.worker("slow").dial(attempt)

    assert floor.dialler.placed == []
    floor.dialler.held_up = None
    floor.clock.turn(11)
    assert len(await floor.rings()) == 1
    assert floor.dialler.doubles == []


async def test_worker_whose_clock_is_slow_has_as_long_as_any_other(floor: DialFloor, tmp_path: Path) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    await floor.rings()
    floor.dialler.alive.clear()  # not yet: the order is on its way
    floor.clock.turn(60)  # the service's clock is a minute ahead of the worker's
    looks = reconcile(floor, tmp_path / "master.db")

    assert await looks.once() == 0
    floor.clock.turn(19)
    assert await looks.once() == 0
    floor.clock.turn(1)
    assert await looks.once() == 1


async def test_orders_that_the_switch_takes_and_never_dials_hold_a_home_and_do_not_give_it_up(
    floor: DialFloor, tmp_path: Path
) -> None:
    await floor.campaign(await floor.owes(501, "13800138501"))
    looks = reconcile(floor, tmp_path / "master.db")
    for _ in range(8):  # as with a trunk that is away: the order is taken, and no channel begins
        assert len(await floor.rings()) == 1
        floor.dialler.alive.clear()
        assert await looks.once() == 0
        floor.clock.turn(20)
        assert await looks.once() == 1
        floor.clock.turn(300)

    (target,) = await floor.targets()
    assert target.state == TargetState.WAITING


async def test_end_that_the_ledger_tells_while_an_attempt_is_lost_from_sight_settles_it(floor: DialFloor) -> None:
    from hotline.campaigns.attempt import Step
    from hotline.campaigns.attempts_store import attempt_by_id, step_attempt

    await floor.campaign(await floor.owes(501, "13800138501"))
    (attempt,) = await floor.rings()
    async with floor.database.begin() as session:
        await attempt_by_id(session, attempt, is_locked=True)
        assert await step_attempt(session, attempt, AttemptState.DIALLING, Step.LOST_SIGHT)
        telling = asyncio.create_task(floor.ended(attempt, floor.heard(attempt, "CONFIRMED", "KEY 1")))
        await asyncio.wait({telling}, timeout=0.5)  # it reads, as far as it gets
        assert not telling.done()
    await asyncio.wait_for(telling, 10)

    (row,), (target,) = await floor.attempts(), await floor.targets()
    assert (row.state, target.state) == (AttemptState.SETTLED, TargetState.DONE)


async def test_switch_and_log_are_asked_once_for_all_that_is_silent(
    floor: DialFloor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    homes = [await floor.owes(500 + room, f"1380013850{room}") for room in range(1, 5)]
    await floor.campaign(*homes)
    attempts = await floor.rings()
    floor.dialler.alive = {attempts[0]}
    looks = reconcile(floor, tmp_path / "master.db")
    asked = 0
    living = floor.dialler.living

    async def counted() -> frozenset[str]:
        nonlocal asked
        asked += 1
        return await living()

    monkeypatch.setattr(floor.dialler, "living", counted)
    assert (await looks.once(), asked) == (0, 0), "nothing is silent yet"
    floor.clock.turn(20)

    assert (await looks.once(), asked) == (3, 1)

    states = {row.id: row.state for row in await floor.attempts()}
    assert states.pop(attempts[0]) == AttemptState.DIALLING
    assert set(states.values()) == {AttemptState.WITHDRAWN}
