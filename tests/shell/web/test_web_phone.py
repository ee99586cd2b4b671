"""The phone in the page: its password goes to the person whose extension it is; the policy knows where it speaks."""

from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from hotline.accounts.account import Account, Role
from hotline.web.browser_phones import BrowserPhones

WHERE = "ws://127.0.0.1:8088/ws"


@dataclass
class Switch:
    """What the switch was asked to do with a phone's talk; 8001 has one."""

    asked: list[tuple[str, str]] = field(default_factory=list)

    async def leave(self, extension: str) -> bool:
        self.asked.append(("leave", extension))
        return extension == "8001"

    async def take_up(self, extension: str) -> bool:
        self.asked.append(("take-up", extension))
        return extension == "8001"


async def password_of(extension: str, account: Account, ends: datetime) -> str:
    return f"{extension} of {account.name}" if ends.tzinfo else "no time"


@pytest.fixture
def switch() -> Switch:
    return Switch()


@pytest.fixture
def phones(switch: Switch) -> BrowserPhones:
    return BrowserPhones(
        extensions=frozenset({"8001"}),
        password=password_of,
        port=8088,
        house=(("8001", "agent"), ("8901", "supervisor")),
        queues=("service",),
        leave=switch.leave,
        take_up=switch.take_up,
    )


async def test_agent_gets_the_password_of_their_own_phone_and_no_cache_keeps_it(desk, phones):
    async with desk(browser_phones=phones) as room:
        answer = await (await room.signed_in("xiaowang")).get("/api/v1/phone")

        told = await answer.json()
        assert answer.headers["Cache-Control"] == "no-store"
    assert (told["extension"], told["is_browser_phone"], told["password"]) == ("8001", True, "8001 of xiaowang")
    assert told["address"] == WHERE
    assert told["house"] == [{"extension": "8901", "whose": "supervisor"}]


async def test_whose_phone_is_no_page_gets_no_password(desk, phones):
    async with desk(browser_phones=phones) as room:
        for name in ("boss", "root"):
            told = await (await (await room.signed_in(name)).get("/api/v1/phone")).json()

            assert not told["is_browser_phone"]
            assert told["password"] == ""


async def test_machine_gets_no_password_and_takes_no_talk_up(desk, phones, switch):
    async with desk(browser_phones=phones) as room:
        machine = await room.machine(Role.ADMIN)
        told = await (await machine.get("/api/v1/phone")).json()
        taken = await (await machine.post("/api/v1/phone/take-up")).json()

    assert (told["password"], taken["was_there"], switch.asked) == ("", False, [])


async def test_nobody_gets_a_password_without_a_sign_in(desk, phones):
    async with desk(browser_phones=phones) as room, room.client().get("/api/v1/phone") as answer:
        assert answer.status == 401


async def test_page_speaks_for_its_own_phone_only(desk, phones, switch):
    async with desk(browser_phones=phones) as room:
        agent, boss = await room.signed_in("xiaowang"), await room.signed_in("boss")
        taken = [
            (await (await browser.post(f"/api/v1/phone/{what}")).json())["was_there"]
            for browser in (agent, boss)
            for what in ("leave", "take-up")
        ]

    assert taken == [True, True, False, False]
    assert switch.asked == [("leave", "8001"), ("take-up", "8001")]


async def test_policy_lets_pages_speak_with_the_switch_at_one_address_and_use_the_microphone(desk, phones):
    async with desk(browser_phones=phones) as room, (await room.signed_in()).get("/agent") as answer:
        assert f"connect-src 'self' {WHERE};" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "microphone=(self)" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("asked_at", "address"),
    [
        ("127.0.0.1:8080", WHERE),
        ("desk.example:8443", "ws://desk.example:8088/ws"),
        ("[::1]:8080", "ws://[::1]:8088/ws"),
        ("desk.example; script-src *", ""),
        ("", ""),
    ],
)
def test_phone_signs_in_under_the_name_the_page_is_reached_by(phones, asked_at, address):
    assert phones.address(asked_at, is_secure=False) == address


def test_page_that_came_encrypted_signs_its_phone_in_encrypted(phones):
    assert phones.address("desk.example", is_secure=True) == "wss://desk.example:8088/ws"


def test_without_browser_phones_the_policy_names_nobody(phones):
    assert replace(phones, extensions=frozenset()).address("127.0.0.1:8080", is_secure=False) == ""
