"""A duty telephone is called about an alert: each turn once, in order, until somebody presses 1, and never too late."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from hotline.alerts.alert import Alert, AlertState, Rule
from hotline.alerts.duty_phone import AlertUnspoken, DutyPhone
from hotline.alerts.store import acknowledge_alert, alert_by_id, end_alert, raise_alert
from hotline.bus import Bus
from hotline.database import Database
from hotline.settings import AlertsSettings
from tests.fakes.clock_by_hand import ClockByHand

NUMBERS = ("13800138001", "8901")


@dataclass
class Line:
    """A switch that rings on paper."""

    rung: list[str] = field(default_factory=list)
    lives: set[str] = field(default_factory=set)
    ended: list[str] = field(default_factory=list)
    fails: BaseException | None = None

    async def ring(self, channel: str, number: str, sounds: tuple[str, str], ring_for: timedelta) -> None:
        if self.fails is not None:
            raise self.fails
        self.rung.append(number)
        self.lives.add(channel)

    async def living(self) -> frozenset[str]:
        return frozenset(self.lives)

    async def hang_up(self, channel: str) -> None:
        self.lives.discard(channel)
        self.ended.append(channel)


class Desk:
    """A duty telephone with a clock turned by hand."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.line = database, ClockByHand(), Line()
        self.is_speechless = False
        self.phone = self.made()

    def made(self) -> DutyPhone:
        return DutyPhone(
            database=self.database, bus=Bus(), clock=self.clock, line=self.line, speak=self.speak,
            settings=AlertsSettings(duty_numbers=NUMBERS, duty_rounds=2), is_up=lambda: True,
        )  # fmt: skip

    async def speak(self, _alert: Alert, text: str) -> tuple[str, str]:
        if self.is_speechless:
            raise AlertUnspoken("record site/alert-disk")
        return text, "thanks"

    async def raised(self, rule: Rule = Rule.DISK) -> Alert:
        async with self.database.begin() as session:
            alert = await raise_alert(session, rule, "", 100, self.clock.now())
        assert alert is not None
        return alert

    async def looks(self, times: int = 40, every: float = 12) -> None:
        """Look for a while; whoever is rung does not lift."""
        for _ in range(times):
            await self.phone.look()
            self.clock.turn(every)
            self.line.lives.clear()

    async def state(self, alert: Alert) -> tuple[AlertState, str]:
        async with self.database.read() as session:
            now = await alert_by_id(session, alert.id)
        return now.state, now.acknowledged_name


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


async def test_chain_is_rung_in_order_twice_and_not_again_also_by_a_service_that_began_anew(desk: Desk) -> None:
    await desk.raised()

    await desk.looks()
    desk.phone = desk.made()
    await desk.looks()

    assert desk.line.rung == [*NUMBERS, *NUMBERS]


async def test_who_presses_1_takes_note_by_the_name_of_the_duty_telephone_and_nobody_else_is_rung(desk: Desk) -> None:
    alert = await desk.raised()
    assert await desk.phone.look()
    (channel,) = desk.line.lives

    assert await desk.phone.noted(channel)
    assert await desk.phone.noted(channel), "pressed twice"
    await desk.looks()

    assert await desk.state(alert) == (AlertState.ACKNOWLEDGED, "值班电话")
    assert desk.line.rung == [NUMBERS[0]]
    assert not await desk.phone.noted("alert-1.999"), "no call of ours"


async def test_one_telephone_at_a_time_whatever_stands(desk: Desk) -> None:
    await desk.raised()
    await desk.raised(Rule.LINK)

    assert await desk.phone.look()
    assert not await desk.phone.look()
    desk.clock.turn(60)
    assert not await desk.phone.look(), "it lives"
    assert len(desk.line.rung) == 1


async def test_alert_that_ended_rings_nobody_and_a_call_that_rings_for_it_is_ended(desk: Desk) -> None:
    alert = await desk.raised()
    assert await desk.phone.look()
    (channel,) = desk.line.lives
    async with desk.database.begin() as session:
        await end_alert(session, alert.rule, alert.subject, desk.clock.now())

    await desk.phone.look()
    await desk.looks()

    assert desk.line.ended == [channel]
    assert len(desk.line.rung) == 1


async def test_alert_that_ends_while_its_sound_is_made_is_not_rung_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = await desk.raised()

    async def slow(_alert: Alert, text: str) -> tuple[str, str]:
        async with desk.database.begin() as session:
            await end_alert(session, alert.rule, alert.subject, desk.clock.now())
        return text, "thanks"

    monkeypatch.setattr(desk.phone, "_speak", slow)

    assert not await desk.phone.look()
    assert desk.line.rung == []


async def test_alert_that_a_person_took_note_of_or_that_is_not_to_be_told_so_rings_nobody(desk: Desk) -> None:
    alert = await desk.raised()
    await desk.raised(Rule.BACKLOG)
    async with desk.database.begin() as session:
        await acknowledge_alert(session, alert.id, by="chen", name="陈静", at=desk.clock.now())

    await desk.looks(5)

    assert desk.line.rung == []


async def test_order_that_nobody_confirms_is_not_given_again_and_the_next_number_follows(desk: Desk) -> None:
    await desk.raised()
    desk.line.fails = TimeoutError()
    await desk.phone.look()
    desk.line.fails = None
    desk.clock.turn(12)

    await desk.phone.look()

    assert desk.line.rung == [NUMBERS[1]]


async def test_alert_that_cannot_be_said_is_rung_for_as_soon_as_it_can(desk: Desk) -> None:
    await desk.raised()
    desk.is_speechless = True
    await desk.looks(3)
    assert desk.line.rung == []

    desk.is_speechless = False
    await desk.looks(1)

    assert desk.line.rung == [NUMBERS[0]]
