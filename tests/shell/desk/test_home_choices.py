"""Whose home a call is about is so everywhere: what is owed for it and its building's incident follow the choice."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Role
from hotline.bus import Bus, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.desk.choosing import HomeChoices
from hotline.dutylog.service import DutyLog
from hotline.followups.follow_up import FollowUp, FollowUpKind, Step
from hotline.followups.reading_store import follow_ups_page, history_of
from hotline.followups.rules import Debt
from hotline.followups.service import FollowUps
from hotline.followups.store import add_follow_up, take_step
from hotline.incidents.incident import IncidentState
from hotline.incidents.service import Incidents
from hotline.incidents.store import kept_call, raise_incident, tallies
from hotline.phone import PhoneNumber
from hotline.residents.noted import HomeUnknown
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from hotline.settings import FollowUpSettings, IncidentSettings
from hotline.web.rooms import CHINA
from tests.fakes.call_story import START
from tests.fakes.clock_by_hand import ClockByHand

OWNER = "13800139999"  # of a home in building 3, and of one in building 4
MINUTE = timedelta(minutes=1)


@dataclass
class Desk:
    """The rooms that follow a call, and who chooses."""

    database: Database
    homes: dict[int, Home] = field(default_factory=dict)
    clock: ClockByHand = field(default_factory=lambda: ClockByHand(START + 10 * MINUTE))
    bus: Bus = field(default_factory=Bus)

    def __post_init__(self) -> None:
        self.incidents = Incidents(settings=IncidentSettings(), database=self.database, bus=self.bus, clock=self.clock)
        self.follow_ups = FollowUps(settings=FollowUpSettings(), clock=self.clock)
        self.choices = HomeChoices(
            database=self.database, bus=self.bus, clock=self.clock, incidents=self.incidents,
            drafts=DutyLog(clock=self.clock, area_code="", zone=CHINA),
        )  # fmt: skip

    async def tell(self, **more: object) -> None:
        """Let the ledger tell of a caller who asked to be called back."""
        values: dict[str, object] = {
            "id": "c-1", "state": CallState.WAITING, "caller_number": OWNER, "ring_start": START,
            "queued_at": START + MINUTE, "call_back_at": START + 2 * MINUTE,
        }  # fmt: skip
        call = CallRecord(**(values | more))  # type: ignore[arg-type]
        async with self.database.begin() as session:
            await save_call(session, call)
            await self.follow_ups.follow(session, call)
            await self.incidents.follow(session, call)

    async def choose(self, building: int) -> bool:
        home = self.homes[building]
        assert home.id is not None
        return await self.choices.choose("c-1", home.id, by="xiaowang")

    async def owed(self) -> list[FollowUp]:
        async with self.database.read() as session:
            return await follow_ups_page(session)

    async def incident(self, building: int) -> int:
        async with self.database.begin() as session:
            made = await raise_incident(
                session, building=building, state=IncidentState.CONFIRMED, since=START - MINUTE, by="boss", at=START
            )
        assert made is not None
        return made.id

    async def place(self) -> tuple[int | None, str] | None:
        async with self.database.read() as session:
            kept = await kept_call(session, "c-1")
        return (kept.incident_id, kept.place.home) if kept else None


@pytest.fixture
async def desk(database: Database) -> Desk:
    """Give a desk that knows one owner of two homes."""
    desk, number = Desk(database), PhoneNumber.parse(OWNER)
    assert number is not None
    async with database.begin() as session:
        for building in (3, 4):
            desk.homes[building] = home = await add_home(session, Home(building, 9, 1))
            await add_resident(session, home, "李娜", title=Title.MS, numbers=[number])
    return desk


async def test_what_was_owed_before_the_choice_is_owed_to_the_chosen_home_and_its_history_says_who_chose(
    desk: Desk,
) -> None:
    await desk.tell()
    assert [(one.home, one.who) for one in await desk.owed()] == [("", "")]

    with desk.bus.listening() as box:
        assert await desk.choose(4)
        told = {box.get_nowait().subject for _ in range(box.qsize())}

    [one] = await desk.owed()
    assert (one.home, one.who) == (desk.homes[4].label, "李女士")
    async with desk.database.read() as session:
        steps, _ = await history_of(session, one.id)
    assert [(step.what, step.who, step.text, step.call_id) for step in steps][1:] == [
        (Step.HOME_CHOSEN, "xiaowang", one.home, "c-1")
    ]
    assert {Subject.POP, Subject.CALL, Subject.FOLLOW_UP} <= told


async def test_second_click_and_a_call_told_again_write_nothing_and_another_choice_corrects(desk: Desk) -> None:
    await desk.tell()
    await desk.choose(4)
    assert not await desk.choose(4)
    await desk.tell()
    await desk.choose(3)
    await desk.tell()

    [one] = await desk.owed()
    assert one.home == desk.homes[3].label
    async with desk.database.read() as session:
        steps, _ = await history_of(session, one.id)
    assert [step.text for step in steps if step.what is Step.HOME_CHOSEN] == [desk.homes[4].label, one.home]


async def test_home_chosen_after_it_was_closed_leaves_who_closed_it_and_what_came_of_it(desk: Desk) -> None:
    await desk.tell()
    [one] = await desk.owed()
    async with desk.database.begin() as session:
        await take_step(session, one.id, Step.CLOSED, who="linjing", at=START + 3 * MINUTE, text="已回电")

    await desk.choose(4)

    [kept] = await desk.owed()
    assert kept.home == desk.homes[4].label
    assert (kept.closed_by, kept.closing, kept.result) == ("linjing", Step.CLOSED, "已回电")


async def test_choice_made_before_the_ledger_read_of_the_call_holds_when_it_does(desk: Desk) -> None:
    incident = await desk.incident(4)
    await desk.choose(4)
    await desk.tell()

    assert [one.home for one in await desk.owed()] == [desk.homes[4].label]
    assert await desk.place() == (incident, desk.homes[4].label)


async def test_call_of_an_owner_of_homes_in_two_houses_joins_the_incident_of_the_chosen_one(desk: Desk) -> None:
    incident = await desk.incident(4)
    await desk.tell()
    assert await desk.place() is None

    with desk.bus.listening() as box:
        await desk.choose(4)
        told = [(one.subject, one.id) for one in (box.get_nowait() for _ in range(box.qsize()))]

    assert await desk.place() == (incident, desk.homes[4].label)
    assert (Subject.INCIDENT, str(incident)) in told


async def test_another_choice_takes_the_call_out_of_the_incident_and_into_that_of_the_other_house(desk: Desk) -> None:
    first, second = await desk.incident(3), await desk.incident(4)
    await desk.tell()
    await desk.choose(3)
    assert await desk.place() == (first, desk.homes[3].label)

    await desk.choose(4)
    await desk.tell()

    assert await desk.place() == (second, desk.homes[4].label)
    async with desk.database.read() as session:
        found = await tallies(session, [first, second])
    assert [found[one].calls for one in (first, second)] == [0, 1]


async def test_who_registered_for_an_incident_stays_on_its_list_whatever_house_is_chosen(desk: Desk) -> None:
    incident = await desk.incident(3)
    await desk.tell(incident=str(incident), joined_incident=True)

    await desk.choose(4)
    await desk.tell(incident=str(incident), joined_incident=True)

    assert await desk.place() == (incident, desk.homes[4].label)


async def test_what_an_entry_of_the_log_makes_us_owe_keeps_what_its_entry_says(desk: Desk) -> None:
    await desk.tell()
    async with desk.database.begin() as session:
        await add_follow_up(
            session, debt=Debt(kind=FollowUpKind.MATTER, at=START, due=START), owed_by=Role.AGENT, call_id="c-1",
            number=OWNER, e164="+8613800139999", home="3-公区", who="李女士", at=START,
        )  # fmt: skip

    await desk.choose(4)

    homes = {one.kind: one.home for one in await desk.owed()}
    assert homes == {FollowUpKind.CALL_BACK: desk.homes[4].label, FollowUpKind.MATTER: "3-公区"}


async def test_home_that_is_not_there_changes_nothing(desk: Desk) -> None:
    await desk.tell()
    with pytest.raises(HomeUnknown):
        await desk.choices.choose("c-1", 999_999, by="xiaowang")

    assert [one.home for one in await desk.owed()] == [""]
