"""Digits prove a home or they do not, five wrong ones an hour are the most, and a stuck database proves nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select, text
from structlog.testing import capture_logs

from hotline.accounts.passwords import Passwords
from hotline.database import Database
from hotline.ivr.answers import Answers
from hotline.ivr.enquiry import Proof
from hotline.ivr.proof import HomeProof, clear_pin, set_pin
from hotline.phone import PhoneNumber
from hotline.residents.noted import HomeUnknown
from hotline.residents.pin import PinRefused
from hotline.residents.pin_store import PinTryRow
from hotline.residents.resident import Home
from hotline.residents.store import HomeRow, add_home, add_resident
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server
from tests.fakes.sqlite_threads import sqlite_threads_are_over

__all__ = ["database", "database_server"]

PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
HOME = Home(3, 2, 501)
OTHER = Home(1, 1, 301)


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
async def proof(database: Database, clock: ClockByHand) -> AsyncIterator[HomeProof]:
    async with database.begin() as session:
        home = await add_home(session, HOME)
        await add_resident(session, home, "张建华", numbers=[PhoneNumber("+8613800138501")])
        await add_resident(session, home, "刘芳", numbers=[PhoneNumber("+8613800138502"), PhoneNumber("8003")])
        await add_resident(session, await add_home(session, OTHER), "李", numbers=[PhoneNumber("+8613800138503")])
    async with Answers() as answers:
        yield HomeProof(database, clock, answers, PASSWORDS, within=20)


async def tries(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(PinTryRow)) or 0


@pytest.mark.parametrize("digits", ["8501", "8502"])
async def test_last_four_digits_of_any_number_of_the_home_open_it(
    proof: HomeProof, database: Database, digits: str
) -> None:
    assert await proof.check(HOME, digits) is Proof.RIGHT
    assert await tries(database) == 0


@pytest.mark.parametrize("digits", ["8503", "0000", "138501", "18501"])
async def test_digits_of_another_home_open_nothing_and_are_counted(
    proof: HomeProof, database: Database, digits: str
) -> None:
    assert await proof.check(HOME, digits) is Proof.WRONG
    assert await tries(database) == 1


@pytest.mark.parametrize("digits", ["", "501", "1234567", "85*1", "８５０１", "8501\n"])
async def test_what_can_be_no_pin_is_wrong_and_costs_no_try(proof: HomeProof, database: Database, digits: str) -> None:
    assert await proof.check(HOME, digits) is Proof.WRONG
    assert await tries(database) == 0


async def test_home_that_set_a_pin_is_opened_by_it_alone(proof: HomeProof, database: Database) -> None:
    await set_pin(database, PASSWORDS, HOME, "90210")

    assert await proof.check(HOME, "90210") is Proof.RIGHT
    assert await proof.check(HOME, "8501") is Proof.WRONG
    assert await proof.check(OTHER, "90210") is Proof.WRONG

    await clear_pin(database, HOME)
    assert await proof.check(HOME, "8501") is Proof.RIGHT
    assert await proof.check(HOME, "90210") is Proof.WRONG


async def test_pin_is_kept_as_a_hash_only(proof: HomeProof, database: Database) -> None:
    await set_pin(database, PASSWORDS, HOME, "90210")

    async with database.read() as session:
        kept = await session.scalar(select(HomeRow.pin_hash).where(HomeRow.building == HOME.building))
    assert kept is not None
    assert kept.startswith("$argon2id$")


async def test_sixth_try_within_an_hour_is_not_looked_at_whichever_call_it_comes_from(
    proof: HomeProof, database: Database, clock: ClockByHand
) -> None:
    for _ in range(5):
        assert await proof.check(HOME, "9999") is Proof.WRONG
        clock.turn(60)

    assert await proof.check(HOME, "8501") is Proof.LOCKED
    assert await proof.check(OTHER, "8503") is Proof.RIGHT

    clock.turn(3600 - 5 * 60)
    assert await proof.check(HOME, "8501") is Proof.RIGHT
    assert await tries(database) == 4


async def test_tries_at_one_moment_are_counted_one_by_one(proof: HomeProof) -> None:
    proofs = await asyncio.gather(*(proof.check(HOME, f"77{tail}") for tail in range(10, 22)))

    assert sorted(proofs) == [Proof.LOCKED] * 7 + [Proof.WRONG] * 5


async def test_new_pin_forgets_the_wrong_tries(proof: HomeProof, database: Database) -> None:
    for _ in range(5):
        await proof.check(HOME, "9999")

    await set_pin(database, PASSWORDS, HOME, "90210")

    assert await proof.check(HOME, "90210") is Proof.RIGHT


async def test_easily_guessed_pin_and_unknown_home_are_refused(proof: HomeProof, database: Database) -> None:
    for pin in ("1234", "8502", "12"):
        with pytest.raises(PinRefused):
            await set_pin(database, PASSWORDS, HOME, pin)
    with pytest.raises(HomeUnknown):
        await set_pin(database, PASSWORDS, Home(9, 9, 999), "90210")
    with pytest.raises(HomeUnknown):
        await clear_pin(database, Home(9, 9, 999))

    assert await proof.check(HOME, "8501") is Proof.RIGHT


async def test_home_that_is_gone_proves_nothing(proof: HomeProof) -> None:
    assert await proof.check(Home(9, 9, 999), "8501") is Proof.LOCKED


async def test_stuck_database_proves_nothing_in_time(proof: HomeProof, database: Database, clock: ClockByHand) -> None:
    loop = asyncio.get_running_loop()
    async with Answers() as answers:
        impatient = HomeProof(database, clock, answers, PASSWORDS, within=0.3)
        with capture_logs() as logs:
            async with database.begin() as session:  # a writer on SQLite; on PostgreSQL this home is held
                await session.execute(text("UPDATE home SET room = room"))
                began = loop.time()
                assert await impatient.check(HOME, "8501") is Proof.FAILED
                assert loop.time() - began < 1.0

    assert "8501" not in str(logs)
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert await proof.check(HOME, "8501") is Proof.RIGHT
    await sqlite_threads_are_over(database)


async def test_database_that_is_gone_proves_nothing(clock: ClockByHand) -> None:
    gone = Database("sqlite+aiosqlite:////nowhere/at/all.db")
    async with Answers() as answers:
        assert await HomeProof(gone, clock, answers, PASSWORDS, within=20).check(HOME, "8501") is Proof.FAILED
    await sqlite_threads_are_over(gone)
