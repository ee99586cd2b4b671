"""The passwords of the phones in pages are kept at the switch as the sessions are."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from hotline.accounts.account import Account, Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import Accounts, add_user, reset_password
from hotline.ami.errors import AmiDown
from hotline.bus import Bus
from hotline.database import Database
from hotline.desk.page_phone_store import page_keys
from hotline.desk.page_phones import PagePhones
from hotline.settings import SipSettings
from tests.fakes.clock_by_hand import ClockByHand

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=12)
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Switch:
    """What the switch holds, and whose sign-in was ended; `is_away` refuses all."""

    held: dict[str, str] = field(default_factory=dict)
    signed_out: list[str] = field(default_factory=list)
    is_away: bool = False
    told: int = 0

    async def put(self, family: str, key: str, value: str) -> None:
        self._reached()
        assert family == "pages/auth"
        self.held[key] = json.loads(value)["password"]

    async def drop(self, family: str, key: str) -> None:
        self._reached()
        assert family == "pages/auth"
        self.held.pop(key, None)

    async def sign_out(self, extension: str, password: str) -> None:
        assert extension not in self.held, "it is signed by the extension's own secret"
        assert password == "own"
        self._reached()
        self.signed_out.append(extension)

    def _reached(self) -> None:
        if self.is_away:
            raise AmiDown
        self.told += 1


@dataclass
class Room:
    """One desk: two extensions are pages."""

    database: Database
    switch: Switch = field(default_factory=Switch)
    clock: ClockByHand = field(default_factory=lambda: ClockByHand(AT))
    in_talk: set[str] = field(default_factory=set)

    def phones(self) -> PagePhones:
        """Return the service, as it begins: it knows nothing."""
        own = {extension: SecretStr("own") for extension in ("8001", "8002")}
        return PagePhones(
            sip=SipSettings(agents=("8001",), supervisors=("8002",), passwords=own),
            switch=self.switch, registrar=self.switch, database=self.database, bus=Bus(), clock=self.clock,
            talks=self.in_talk.__contains__,
        )  # fmt: skip

    async def account(self, name: str = "wang") -> Account:
        found = await Accounts(self.database, self.clock, passwords=CHEAP).find(name)
        assert found is not None
        return found


@pytest.fixture
async def room(database: Database) -> Room:
    await add_user(database, "wang", Role.AGENT, "8001", "three rings", passwords=CHEAP)
    return Room(database)


async def test_pages_of_one_session_have_one_password_and_the_switch_has_it(room: Room):
    phones = room.phones()

    given = await phones.password("8001", await room.account(), LATER)

    assert given == await phones.password("8001", await room.account(), LATER)
    assert room.switch.held == {"8001": given}
    await phones.compare()
    assert room.switch.held == {"8001": given}
    assert room.switch.signed_out == []


async def test_sign_out_a_new_password_and_a_session_that_timed_out_each_end_it(room: Room):
    phones, given = room.phones(), set()
    for ending in ("sign-out", "reset", "time"):
        given.add(await phones.password("8001", await room.account(), LATER))
        if ending == "sign-out":
            await Accounts(room.database, room.clock, passwords=CHEAP).sign_out("wang")
        elif ending == "reset":  # by the command line, in another process; then by the person
            await reset_password(room.database, "wang", passwords=CHEAP)
        else:
            room.clock.turn(13 * 3600)
        await phones.compare()

        assert room.switch.held == {}
        assert room.switch.signed_out.pop() == "8001"
        async with room.database.read() as session:
            assert await page_keys(session) == ()
        if ending == "reset":
            await Accounts(room.database, room.clock, passwords=CHEAP).set_password("wang", "other rings", present=None)
    assert len(given) == 3


async def test_talk_is_not_disturbed_and_the_password_ends_with_it(room: Room):
    phones = room.phones()
    given = await phones.password("8001", await room.account(), LATER)
    room.in_talk.add("8001")
    await Accounts(room.database, room.clock, passwords=CHEAP).sign_out("wang")

    await phones.compare()
    assert (room.switch.held, room.switch.signed_out) == ({"8001": given}, [])
    room.in_talk.clear()
    await phones.compare()

    assert (room.switch.held, room.switch.signed_out) == ({}, ["8001"])


async def test_switch_that_was_away_is_told_when_it_is_back_by_whichever_service_there_is(room: Room):
    room.switch.is_away = True
    given = await room.phones().password("8001", await room.account(), LATER)
    assert room.switch.held == {}
    room.switch.is_away = False
    room.switch.held["8002"] = "of a session that nobody remembers"

    await room.phones().compare()

    assert room.switch.held == {"8001": given}


async def test_what_the_switch_holds_is_not_told_again(room: Room):
    phones = room.phones()
    await phones.password("8001", await room.account(), LATER)
    await phones.compare()
    before = room.switch.told

    await phones.compare()

    assert room.switch.told == before


async def test_sign_in_that_could_not_be_ended_is_ended_by_the_next_look(room: Room, monkeypatch: pytest.MonkeyPatch):
    phones = room.phones()
    await phones.password("8001", await room.account(), LATER)
    await Accounts(room.database, room.clock, passwords=CHEAP).sign_out("wang")

    async def silent(_extension: str, _password: str) -> None:
        raise AmiDown

    with monkeypatch.context() as away:
        away.setattr(room.switch, "sign_out", silent)
        await phones.compare()
    assert (room.switch.held, room.switch.signed_out) == ({}, [])
    await phones.compare()

    assert room.switch.signed_out == ["8001"]
