"""The demo centre goes into an empty database, once, with sign-ins that work."""

import stat
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import Accounts, add_user
from hotline.accounts.store import count_accounts
from hotline.database import Database
from hotline.demo import load_demo
from hotline.install.errors import SetUpFailed
from hotline.residents.demo_centre import DEMO_CALLER
from hotline.residents.resident import Home
from hotline.residents.store import counts, known_caller
from hotline.settings import Settings
from tests.fakes.clock_by_hand import ClockByHand

PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "home").mkdir()
    return Settings(home=tmp_path / "home")


async def test_demo_centre_is_loaded_and_its_sign_ins_work(database: Database, settings: Settings) -> None:
    clock = ClockByHand()

    demo = await load_demo(database, settings, clock, passwords=PASSWORDS)

    assert demo.is_new
    assert [(each.account.role, each.account.extension) for each in demo.sign_ins] == [
        (Role.AGENT, "8001"),
        (Role.AGENT, "8002"),
        (Role.SUPERVISOR, "8901"),
        (Role.SUPERVISOR, None),  # the second of the four eyes that approve a campaign; without a phone of their own
    ]
    accounts = Accounts(database, clock, passwords=PASSWORDS)
    for each in demo.sign_ins:
        assert await accounts.sign_in(each.account.name, each.password, "127.0.0.1") == each.account
    async with database.read() as session:
        seen = await counts(session)
        caller = await known_caller(session, DEMO_CALLER)
    assert (seen.homes, seen.open_matters, seen.arrears) == (198, 31, 40)
    assert caller is not None
    assert caller.resident is not None
    assert (caller.resident.salutation, caller.resident.home) == ("张先生", Home(3, 2, 501))
    assert caller.household is not None
    assert caller.household.greets_by_name
    assert len(caller.household.open_matters) == 1


async def test_sign_ins_are_written_for_their_owner_only(database: Database, settings: Settings) -> None:
    demo = await load_demo(database, settings, ClockByHand(), passwords=PASSWORDS)

    assert demo.path == settings.home / "demo-sign-ins.toml"
    assert stat.S_IMODE(demo.path.stat().st_mode) == 0o600
    assert all(each.password in demo.path.read_text("utf-8") for each in demo.sign_ins)
    assert all(each.password not in repr(demo) for each in demo.sign_ins)


async def test_second_run_returns_the_same_sign_ins_and_doubles_nothing(database: Database, settings: Settings) -> None:
    first = await load_demo(database, settings, ClockByHand(), passwords=PASSWORDS)
    async with database.read() as session:
        before = await counts(session)

    second = await load_demo(database, settings, ClockByHand(), passwords=PASSWORDS)

    assert not second.is_new
    assert second.sign_ins == first.sign_ins
    async with database.read() as session:
        assert await counts(session) == before


async def test_database_in_use_is_left_alone(database: Database, settings: Settings) -> None:
    await add_user(database, "boss", Role.ADMIN, passwords=PASSWORDS)

    demo = await load_demo(database, settings, ClockByHand(), passwords=PASSWORDS)

    assert (demo.is_new, demo.sign_ins) == (False, ())
    assert not demo.path.exists()
    async with database.read() as session:
        assert (await counts(session)).homes == 0


async def test_nothing_is_stored_when_the_sign_ins_cannot_be_written(database: Database, tmp_path: Path) -> None:
    with pytest.raises(SetUpFailed):
        await load_demo(database, Settings(home=tmp_path / "nowhere"), ClockByHand(), passwords=PASSWORDS)

    async with database.read() as session:
        assert (await counts(session)).homes == 0
        assert await count_accounts(session) == 0
