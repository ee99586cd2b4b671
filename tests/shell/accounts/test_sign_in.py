"""Signing in, being turned away, and tokens, on both databases."""

import asyncio
import threading
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from hotline.accounts import store
from hotline.accounts.account import Account, AccountRefused, Role, SignInRefused, TokenRefused, TooManyTries
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import Accounts, add_user, create_token
from hotline.database import Database
from tests.fakes.clock_by_hand import ClockByHand

WEAK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
async def accounts(database: Database, clock: ClockByHand) -> Accounts:
    passwords = Passwords(WEAK)
    await add_user(database, "Lin.Jing", Role.AGENT, "8001", PASSWORD, display_name="林静", passwords=passwords)
    return Accounts(database, clock, passwords=passwords)


async def test_right_name_and_password_give_the_account(accounts: Accounts) -> None:
    account = await accounts.sign_in("LIN.JING", PASSWORD, "127.0.0.1")

    assert account == Account(name="lin.jing", role=Role.AGENT, extension="8001", display_name="林静")
    assert await accounts.find("lin.jing") == account


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("lin.jing", "wrong horse"),
        ("lin.jing", ""),
        ("lin.jing", PASSWORD + "x" * 65536),
        ("lin.jing", "\ud800"),
        ("nobody", PASSWORD),
        ("a\x00b", PASSWORD),
        ("", ""),
    ],
)
async def test_everybody_else_is_refused_in_the_same_words(accounts: Accounts, name: str, password: str) -> None:
    with pytest.raises(SignInRefused, match="name or password is wrong"):
        await accounts.sign_in(name, password, "127.0.0.1")


async def test_unknown_name_is_hashed_for_as_well(database: Database, clock: ClockByHand) -> None:
    checked: list[str] = []

    class Counted(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            checked.append("verified")
            return super().verify(hash, password)

    counted = Accounts(database, clock, passwords=Passwords(Counted(time_cost=1, memory_cost=8, parallelism=1)))
    with pytest.raises(SignInRefused):
        await counted.sign_in("nobody", PASSWORD)

    assert checked == ["verified"]


async def test_right_password_has_to_wait_after_five_wrong_ones(accounts: Accounts, clock: ClockByHand) -> None:
    for address in range(5):
        with pytest.raises(SignInRefused):
            await accounts.sign_in("lin.jing", "wrong horse", f"10.0.0.{address}")
    clock.turn(100)

    with pytest.raises(TooManyTries) as held:
        await accounts.sign_in("lin.jing", PASSWORD, "10.0.0.9")

    assert held.value.wait_seconds == 200
    clock.turn(200)
    assert (await accounts.sign_in("lin.jing", PASSWORD, "10.0.0.9")).name == "lin.jing"


async def test_address_that_tries_many_names_has_to_wait(accounts: Accounts) -> None:
    for number in range(50):
        with pytest.raises(SignInRefused):
            await accounts.sign_in(f"a{number}", "wrong horse", "10.0.0.1")

    with pytest.raises(TooManyTries):
        await accounts.sign_in("lin.jing", PASSWORD, "10.0.0.1")
    assert await accounts.sign_in("lin.jing", PASSWORD, "10.0.0.2")


async def test_one_who_mistypes_keeps_nobody_else_at_the_same_address_out(accounts: Accounts) -> None:
    for _ in range(6):
        with pytest.raises((SignInRefused, TooManyTries)):
            await accounts.sign_in("boss", "wrong horse", "10.0.0.1")

    assert (await accounts.sign_in("lin.jing", PASSWORD, "10.0.0.1")).name == "lin.jing"


async def test_hundred_tries_at_one_moment_are_five(accounts: Accounts) -> None:
    results = await asyncio.gather(
        *(accounts.sign_in("lin.jing", f"wrong {number}", "10.0.0.1") for number in range(100)), return_exceptions=True
    )

    assert sum(isinstance(result, SignInRefused) for result in results) == 5
    assert sum(isinstance(result, TooManyTries) for result in results) == 95


async def test_sign_in_that_finds_no_turn_at_the_hasher_is_told_to_come_later(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hotline.accounts.service.CHECK_WITHIN_S", 0.0)

    with pytest.raises(TooManyTries):
        await accounts.sign_in("lin.jing", PASSWORD, "10.0.0.1")


async def test_loop_goes_on_while_a_password_is_checked(database: Database, clock: ClockByHand) -> None:
    checking, let_go = threading.Event(), threading.Event()

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            checking.set()
            assert let_go.wait(10), "the loop stood still"
            return super().verify(hash, password)

    async def let_it_go() -> None:
        while not checking.is_set():
            await asyncio.sleep(0)
        let_go.set()

    slow = Accounts(database, clock, passwords=Passwords(Slow(time_cost=1, memory_cost=8, parallelism=1)))
    async with asyncio.timeout(20):
        refused, _ = await asyncio.gather(slow.sign_in("nobody", PASSWORD), let_it_go(), return_exceptions=True)

    assert isinstance(refused, SignInRefused)


async def test_good_sign_ins_never_add_up_to_a_wait(accounts: Accounts) -> None:
    for _ in range(12):
        await accounts.sign_in("lin.jing", PASSWORD, "127.0.0.1")


async def test_password_hashed_weakly_is_hashed_anew_at_sign_in(
    accounts: Accounts, database: Database, clock: ClockByHand
) -> None:
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    async with database.read() as session:
        before = await store.find_account(session, "lin.jing")

    await Accounts(database, clock, passwords=stronger).sign_in("lin.jing", PASSWORD)

    async with database.read() as session:
        after = await store.find_account(session, "lin.jing")
    assert before is not None
    assert after is not None
    assert stronger.is_outdated(before.password_hash)
    assert not stronger.is_outdated(after.password_hash)
    assert await accounts.sign_in("lin.jing", PASSWORD)


async def test_password_is_made_up_when_none_is_given(database: Database, clock: ClockByHand) -> None:
    passwords = Passwords(WEAK)
    made_up = await add_user(database, "boss", Role.SUPERVISOR, passwords=passwords)

    assert len(made_up) >= 16
    assert (await Accounts(database, clock, passwords=passwords).sign_in("boss", made_up)).role is Role.SUPERVISOR


async def test_signing_out_gives_the_account_another_session_number(accounts: Accounts) -> None:
    before = await accounts.sign_in("lin.jing", PASSWORD)

    await accounts.sign_out("lin.jing")
    await accounts.sign_out("nobody")
    await accounts.sign_out("a\x00b")

    after = await accounts.sign_in("lin.jing", PASSWORD)
    assert after.session_number == before.session_number + 1


@pytest.mark.parametrize(
    ("name", "extension", "password", "display_name"),
    [
        ("lin.jing", None, None, ""),
        ("LIN.JING", None, None, ""),
        ("other", "8001", None, ""),
        ("other", "80", None, ""),
        ("two words", None, None, ""),
        ("other", None, "short", ""),
        ("other", None, "x" * 257, ""),
        ("other", None, None, "a\nb"),
    ],
)
async def test_account_that_cannot_be_is_refused(
    accounts: Accounts, database: Database, name: str, extension: str | None, password: str | None, display_name: str
) -> None:
    with pytest.raises(AccountRefused):
        await add_user(
            database, name, Role.AGENT, extension, password, display_name=display_name, passwords=Passwords(WEAK)
        )

    async with database.read() as session:
        assert await store.count_accounts(session) == 1


async def test_token_opens_with_its_role_and_is_not_kept(
    accounts: Accounts, database: Database, clock: ClockByHand
) -> None:
    token = await create_token(database, Role.ADMIN, "reports", clock=clock)

    assert (await accounts.authorise(token)).role is Role.ADMIN
    async with database.read() as session:
        digests = (await session.execute(text("SELECT digest FROM token"))).scalars().all()
    assert token not in digests


@pytest.mark.parametrize("token", ["", "wrong", "x" * 65536, "\ud800", "a\x00"])
async def test_unknown_token_is_refused(accounts: Accounts, token: str) -> None:
    with pytest.raises(TokenRefused):
        await accounts.authorise(token)


async def test_revoked_token_is_refused(accounts: Accounts, database: Database, clock: ClockByHand) -> None:
    token = await create_token(database, Role.ADMIN, "reports", clock=clock)
    async with database.begin() as session:
        (known,) = await store.tokens(session)
        await store.revoke_token(session, known.id, clock.now())

    with pytest.raises(TokenRefused):
        await accounts.authorise(token)


async def test_use_of_a_token_is_noted_once_a_minute(
    accounts: Accounts, database: Database, clock: ClockByHand
) -> None:
    token = await create_token(database, Role.AGENT, "screen", clock=clock)
    noted = []
    for seconds in (0, 30, 30):
        clock.turn(seconds)
        await accounts.authorise(token)
        async with database.read() as session:
            (known,) = await store.tokens(session)
        noted.append(known.last_used)

    assert noted[0] == noted[1]
    assert noted[2] == clock.now()


async def test_token_without_a_label_is_refused(database: Database, clock: ClockByHand) -> None:
    with pytest.raises(AccountRefused):
        await create_token(database, Role.AGENT, "", clock=clock)
