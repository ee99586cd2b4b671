"""Other programs are told: one message for each event and receiver, however often it is written; sent, kept small."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from sqlalchemy import func, select

from hotline.accounts.account import Role
from hotline.audit.store import Wanted, changes
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import drop_joined_call, save_call
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry, correct_entry
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.outbox.pauses import Delivered, NotSent
from hotline.settings import CentreSettings, ReceiverSettings, WebhooksSettings
from hotline.web.rooms import CHINA
from hotline.webhooks import store
from hotline.webhooks.event import EventKind, ReceiverUnknown, WebhookMessage, WebhookMessageWaits
from hotline.webhooks.service import Webhooks
from hotline.webhooks.store import WebhookMessageTable, keep_bounded
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]
ALL = tuple(EventKind)
CALLER = "13800138501"
SECRET = SecretStr("three rings and no more")


class Ear:
    """A receiver that takes what it is sent, while it is not deaf."""

    def __init__(self) -> None:
        self.taken: list[WebhookMessage] = []
        self.is_deaf = False
        self.tries = 0

    async def send(self, message: WebhookMessage, /) -> None:
        self.tries += 1
        if self.is_deaf:
            raise NotSent("status 500")
        self.taken.append(message)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(message.body) for message in self.taken]


class House:
    """A database whose writings are told to receivers."""

    def __init__(self, database: Database, **receivers: dict[str, Any]) -> None:
        self.database, self.clock = database, ClockByHand()
        self.ears = {name: Ear() for name in receivers}
        settings = WebhooksSettings(
            receivers={
                name: ReceiverSettings(url="http://127.0.0.1:1/x", secret=SECRET, **{"events": ALL, **said})
                for name, said in receivers.items()
            }
        )
        self.webhooks = Webhooks(
            settings=settings, centre=CentreSettings(name="锦绣花园"), zone=CHINA, database=database, clock=self.clock,
            way_to=lambda receiver: self.ears[receiver.name],
        )  # fmt: skip
        self.webhooks.follow()

    async def goes_on(self, **changes: Any) -> CallRecord:
        began = self.clock.now()
        call = CallRecord(id="c-1", state=CallState.RINGING, caller_number=CALLER, dialled="96000", ring_start=began)
        async with self.database.begin() as session:
            await save_call(session, call := replace(call, **changes))
        return call

    async def whole_call(self, **changes: Any) -> CallRecord:
        now = self.clock.now()
        over = {
            "state": CallState.ENDED, "human_answer": now + timedelta(seconds=9), "agent": "8001",
            "ended_at": now + timedelta(seconds=70), "outcome": Outcome.ANSWERED,
        }  # fmt: skip
        return await self.goes_on(**(over | changes))

    async def told(self, name: str = "crm") -> list[str]:
        while await self.webhooks.sending.send_due(name):
            pass
        return [message.event.value for message in self.ears[name].taken]

    async def rows(self) -> int:
        async with self.database.read() as session:
            return await session.scalar(select(func.count()).select_from(WebhookMessageTable)) or 0


async def test_a_call_is_told_when_it_starts_is_answered_and_ends_each_once_however_often_it_is_written(
    database: Database,
) -> None:
    house = House(database, crm={}, wall={"events": ("call.ended",)})
    for _ in range(3):
        await house.goes_on()
    for _ in range(3):
        await house.whole_call()
    await house.goes_on()  # an older telling of it comes late …
    await house.whole_call()  # … and it is over again

    assert await house.told() == ["call.started", "call.answered", "call.ended"]
    assert await house.told("wall") == ["call.ended"]
    assert await house.rows() == 4


async def test_numbers_are_masked_and_words_left_out_unless_the_setting_says_otherwise(database: Database) -> None:
    house = House(database, crm={}, archive={"full_numbers": True, "words": True})
    await house.whole_call()
    draft = Draft(
        kind=Kind.REPAIR, is_urgent=False, who="张先生", home="3-2-501", matter="厨房漏水", promised="两小时内上门",
        agent="8001",
    )  # fmt: skip
    async with database.begin() as session:
        await add_entry(session, call_id=None, draft=draft, written_by="xiaowang", at=house.clock.now())
    await house.told()
    await house.told("archive")

    assert CALLER not in str(house.ears["crm"].bodies)
    assert "漏水" not in str(house.ears["crm"].bodies)
    assert house.ears["crm"].bodies[0]["call"]["number"] == "138****8501"
    assert house.ears["archive"].bodies[0]["call"]["number"] == CALLER
    (entry,) = [body["entry"] for body in house.ears["archive"].bodies if "entry" in body]
    assert entry["matter"] == "厨房漏水"
    assert house.ears["crm"].bodies[0]["centre"] == {"code": "01", "name": "锦绣花园"}


async def test_what_is_rolled_back_is_told_to_nobody(database: Database) -> None:
    house = House(database, crm={})

    with pytest.raises(ZeroDivisionError):
        async with database.begin() as session:
            call = CallRecord(id="c-1", caller_number=CALLER, dialled="96000", ring_start=house.clock.now())
            await save_call(session, call)
            await session.flush()
            _ = 1 / 0

    assert await house.rows() == 0


async def test_calls_of_last_year_that_are_read_again_are_no_news(database: Database) -> None:
    house = House(database, crm={})
    await house.whole_call(ring_start=house.clock.now() - timedelta(days=2), human_answer=None, ended_at=None)

    assert await house.rows() == 0


async def test_an_entry_and_its_correction_are_told(database: Database) -> None:
    house = House(database, crm={})
    draft = Draft(kind=Kind.REPAIR, is_urgent=False, who="", home="3-2-501", matter="x", promised="", agent="8001")
    async with database.begin() as session:
        entry = await add_entry(session, call_id=None, draft=draft, written_by="xiaowang", at=house.clock.now())
    async with database.begin() as session:
        await correct_entry(session, entry.number, draft=draft, written_by="boss", at=house.clock.now())

    assert await house.told() == ["entry.written", "entry.corrected"]
    assert house.ears["crm"].bodies[1]["entry"]["corrects"] == entry.number


async def test_a_deadline_is_told_once_when_it_comes_and_again_where_it_was_moved(database: Database) -> None:
    house = House(database, crm={})
    due = house.clock.now() + timedelta(minutes=30)
    async with database.begin() as session:
        debt = Debt(kind=FollowUpKind.OTHER, due=due, at=house.clock.now())
        await add_follow_up(
            session, debt=debt, owed_by=Role.AGENT, call_id=None, number="", e164="", home="3-2-501", who="",
            at=house.clock.now(), text="回电",
        )  # fmt: skip
    await house.webhooks.look()
    assert await house.told() == []

    house.clock.turn(1801)
    for _ in range(3):
        await house.webhooks.look()

    assert await house.told() == ["follow-up.due"]
    assert house.ears["crm"].bodies[0]["follow_up"]["home"] == "3-2-501"


async def test_a_dead_receiver_keeps_no_other_waiting_and_is_left_alone_longer_each_time(database: Database) -> None:
    house = House(database, dead={}, crm={})
    house.ears["dead"].is_deaf = True
    await house.whole_call()

    assert await house.told() == ["call.started", "call.answered", "call.ended"]
    assert await house.told("dead") == []
    assert house.ears["dead"].tries == 1  # of one call the first alone is tried
    for pause, tries in ((4, 1), (1, 2), (14, 2), (1, 3), (60, 4)):
        house.clock.turn(pause)
        await house.told("dead")
        assert house.ears["dead"].tries == tries

    house.ears["dead"].is_deaf = False
    house.clock.turn(300)
    assert await house.told("dead") == ["call.started", "call.answered", "call.ended"]


async def test_what_was_given_up_after_a_day_is_sent_again_when_a_person_says_so_which_is_audited(
    database: Database,
) -> None:
    house = House(database, crm={})
    house.ears["crm"].is_deaf = True
    await house.goes_on()
    for _ in range(30):
        house.clock.turn(3600)
        await house.told()
    (state,) = await house.webhooks.states()
    assert (state.waiting, state.given_up, state.last_reason) == (0, 1, "status 500")

    house.ears["crm"].is_deaf = False
    assert await house.webhooks.all_again("crm", by="boss") == 1
    house.clock.turn(3600)
    assert await house.told() == ["call.started"]
    (message,) = await house.webhooks.messages(state=Delivered.SENT)
    await house.webhooks.again(message.id, by="boss")
    with pytest.raises(WebhookMessageWaits):
        await house.webhooks.again(message.id, by="boss")
    with pytest.raises(ReceiverUnknown):
        await house.webhooks.all_again("nobody", by="boss")
    async with database.read() as session:
        assert len(await changes(session, Wanted(room="webhooks"), limit=9)) == 2
    assert await house.told() == ["call.started", "call.started"]
    assert house.ears["crm"].bodies[0]["id"] == house.ears["crm"].bodies[1]["id"]


async def test_a_call_that_became_part_of_another_is_withdrawn_or_ended(database: Database) -> None:
    house = House(database, crm={}, late={})
    await house.goes_on()
    await house.told()  # crm heard of it, the other did not yet
    async with database.begin() as session:
        await house.webhooks.absorb(session, "c-1", "c-0")
        await drop_joined_call(session, "c-1")

    assert await house.told("late") == []
    assert await house.told() == ["call.started", "call.ended"]
    assert house.ears["crm"].bodies[1]["call"] == {"id": "c-1", "joined_to": "c-0"}


async def test_what_waits_and_what_is_kept_has_a_bound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_WAITING", 2)
    monkeypatch.setattr(store, "MOST_KEPT", 3)
    house = House(database, crm={})
    for number in range(5):
        await house.goes_on(id=f"c-{number}")

    async with database.begin() as session:
        await keep_bounded(session, house.clock.now())

    (state,) = await house.webhooks.states()
    assert (state.waiting, state.given_up) == (2, 1)
    assert await house.told() == ["call.started"] * 2
    house.clock.turn(8 * 86_400)
    async with database.begin() as session:
        await keep_bounded(session, house.clock.now())
    assert await house.rows() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"url": "ftp://example.org/x"},
        {"secret": SecretStr("short")},
        {"events": ("call.hung-up",)},
        {"events": ()},
    ],
)
def test_a_receiver_that_could_not_believe_us_or_is_told_nothing_is_refused(values: dict[str, Any]) -> None:
    good: dict[str, Any] = {"url": "https://example.org/x", "secret": SECRET, "events": ("call.ended",)}
    ReceiverSettings(**good)

    with pytest.raises(ValidationError):
        ReceiverSettings(**{**good, **values})
