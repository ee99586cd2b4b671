"""Accounts changed by administrators: at once, never the last one away, each with its line in the audit."""

import asyncio
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from hotline.accounts.account import (
    AccountRefused,
    AccountState,
    AccountUnknown,
    LastAdmin,
    Role,
    SignInRefused,
    TokenRefused,
)
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import Accounts, add_user
from hotline.accounts.staff import Staff
from hotline.audit.change import Change, Head
from hotline.audit.store import Wanted, changes, verify_audit
from hotline.bus import Bus, Subject
from hotline.database import Database
from tests.fakes.clock_by_hand import ClockByHand

PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
PASSWORD = "correct horse"


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
async def staff(database: Database, bus: Bus) -> Staff:
    await add_user(database, "root", Role.ADMIN, None, PASSWORD, passwords=PASSWORDS)
    await add_user(database, "wang", Role.AGENT, "8001", PASSWORD, display_name="王敏", passwords=PASSWORDS)
    return Staff(database=database, bus=bus, clock=ClockByHand(), passwords=PASSWORDS)


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database, ClockByHand(), passwords=PASSWORDS)


async def audited(database: Database) -> list[Change]:
    """Return what was changed by people, newest first."""
    async with database.read() as session:
        return [kept.change for kept in await changes(session, Wanted(by="root"), limit=50)]


async def test_new_person_has_a_password_that_opens_only_its_change(
    database: Database, staff: Staff, accounts: Accounts
) -> None:
    made = await staff.add("Xiao.Li", Role.SUPERVISOR, extension="8901", display_name="李娜", by="root")

    account = await accounts.sign_in("xiao.li", made)
    assert (account.role, account.extension, account.must_change) == (Role.SUPERVISOR, "8901", True)
    [line] = await audited(database)
    assert (line.act, line.subject, line.before) == ("added", "xiao.li", None)
    assert line.after == {"role": "supervisor", "extension": "8901", "display_name": "李娜", "state": "active"}
    assert made not in str(line)


async def test_changed_rank_holds_at_once_and_is_told(
    database: Database, staff: Staff, accounts: Accounts, bus: Bus
) -> None:
    with bus.listening() as box:
        await staff.change("wang", role=Role.SUPERVISOR, extension="8001", display_name="王敏", by="root")

        told = box.get_nowait()
    assert (told.subject, told.id) == (Subject.ACCOUNT, "wang")
    found = await accounts.find("wang")
    assert found is not None
    assert found.role is Role.SUPERVISOR
    [line] = await audited(database)
    assert ((line.before or {})["role"], (line.after or {})["role"]) == ("agent", "supervisor")


async def test_change_that_changes_nothing_leaves_no_line(database: Database, staff: Staff) -> None:
    await staff.change("wang", role=Role.AGENT, extension="8001", display_name="王敏", by="root")

    assert await audited(database) == []


async def test_blocked_person_neither_comes_in_nor_stays_in_until_let_in_again(
    database: Database, staff: Staff, accounts: Accounts
) -> None:
    before = await accounts.sign_in("wang", PASSWORD)

    await staff.set_state("wang", AccountState.BLOCKED, by="root")

    assert await accounts.find("wang") is None
    with pytest.raises(SignInRefused):
        await accounts.sign_in("wang", PASSWORD)
    await staff.set_state("wang", AccountState.ACTIVE, by="root")
    after = await accounts.sign_in("wang", PASSWORD)
    assert after.session_number > before.session_number  # a session from before stays over
    assert [line.act for line in await audited(database)] == ["active", "blocked"]


async def test_who_left_frees_the_extension_and_keeps_the_name(staff: Staff) -> None:
    await staff.set_state("wang", AccountState.LEFT, by="root")

    await staff.add("li", Role.AGENT, extension="8001", display_name="", by="root")
    with pytest.raises(AccountRefused):
        await staff.add("wang", Role.AGENT, extension="8002", display_name="", by="root")


async def test_extension_of_somebody_else_is_refused(database: Database, staff: Staff) -> None:
    with pytest.raises(AccountRefused) as refused:
        await staff.change("root", role=Role.ADMIN, extension="8001", display_name="", by="root")

    assert list(refused.value.details["fields"]) == ["extension"]
    assert await audited(database) == []


async def test_last_administrator_stays_one(staff: Staff, accounts: Accounts) -> None:
    with pytest.raises(LastAdmin):
        await staff.change("root", role=Role.SUPERVISOR, extension="", display_name="root", by="root")
    for state in (AccountState.BLOCKED, AccountState.LEFT):
        with pytest.raises(LastAdmin):
            await staff.set_state("root", state, by="root")

    found = await accounts.find("root")
    assert found is not None
    assert found.role is Role.ADMIN


async def test_of_two_administrators_who_take_each_others_rank_at_once_one_stays(
    database: Database, staff: Staff
) -> None:
    await staff.change("wang", role=Role.ADMIN, extension="8001", display_name="王敏", by="root")

    outcomes = await asyncio.gather(
        staff.set_state("root", AccountState.BLOCKED, by="wang"),
        staff.change("wang", role=Role.AGENT, extension="8001", display_name="王敏", by="root"),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, LastAdmin) for outcome in outcomes) == 1
    people = await staff.people()
    assert sum(one.role is Role.ADMIN and one.state is AccountState.ACTIVE for one in people) == 1
    assert isinstance(await verify_audit(database), Head)


async def test_reset_password_ends_sessions_and_is_told(staff: Staff, accounts: Accounts, bus: Bus) -> None:
    before = await accounts.sign_in("wang", PASSWORD)

    with bus.listening() as box:
        made = await staff.reset_password("wang", by="root")

        assert box.get_nowait().id == "wang"
    after = await accounts.sign_in("wang", made)
    assert (after.must_change, after.session_number > before.session_number) == (True, True)


async def test_unknown_people_and_tokens_are_told_so(staff: Staff) -> None:
    with pytest.raises(AccountUnknown):
        await staff.set_state("nobody", AccountState.BLOCKED, by="root")
    with pytest.raises(AccountUnknown):
        await staff.reset_password("nobody", by="root")
    with pytest.raises(AccountUnknown):
        await staff.revoke_token(17, by="root")


async def test_token_with_scopes_and_an_end_opens_until_then_or_until_taken_back(
    database: Database, staff: Staff
) -> None:
    clock = ClockByHand()
    accounts = Accounts(database, clock, passwords=PASSWORDS)
    ends = clock.now() + timedelta(days=1)
    token = await staff.make_token(Role.ADMIN, "finance", scopes=["calls:read"], expires=ends, by="root")
    other = await staff.make_token(Role.AGENT, "screen", scopes=[], expires=None, by="root")

    known = await accounts.authorise(token)
    assert (known.scopes, known.made_by, known.label) == (frozenset({"calls:read"}), "root", "finance")
    clock.turn(86_400)
    with pytest.raises(TokenRefused):
        await accounts.authorise(token)
    await accounts.authorise(other)
    await staff.revoke_token(2, by="root")
    with pytest.raises(TokenRefused):
        await accounts.authorise(other)
    acts = [(line.act, line.subject) for line in await audited(database)]
    assert acts == [("token-revoked", "token 2"), ("token-made", "token 2"), ("token-made", "token 1")]
    assert token not in str(await audited(database))


async def test_token_with_a_scope_that_there_is_not_is_refused(staff: Staff) -> None:
    with pytest.raises(AccountRefused):
        await staff.make_token(Role.ADMIN, "all", scopes=["everything"], expires=None, by="root")
