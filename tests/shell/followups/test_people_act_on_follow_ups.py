"""What a person does is committed, then told, and then the place kept for the caller is given up."""

import asyncio
from datetime import timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.accounts.account import Role
from hotline.bus import Bus, Change, Subject
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.followups import acts
from hotline.followups.acts import FollowUpActs, ForgetPlace
from hotline.followups.follow_up import FollowUpKind, FollowUpNotYours, FollowUpState, FollowUpStepRefused
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.rules import Debt, owed_by
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from tests.fakes.call_story import START
from tests.fakes.clock_by_hand import ClockByHand

Kind = FollowUpKind
SUPERVISOR = {"who": "boss", "role": Role.SUPERVISOR}


class Room:
    """The acts on one database, with the places that were given up and what stood in the table then."""

    def __init__(self, database: Database, forget_place: ForgetPlace | None = None) -> None:
        self.database = database
        self.bus = Bus()
        self.forgotten: list[tuple[str, FollowUpState]] = []
        self.acts = FollowUpActs(
            database=database,
            bus=self.bus,
            clock=ClockByHand(START),
            area_code="0755",
            forget_place=forget_place or self._forget,
        )

    async def _forget(self, digits: str) -> None:
        self.forgotten.append((digits, await self.state()))

    async def state(self, number: int = 1) -> FollowUpState:
        async with self.database.read() as session:
            return (await follow_up_by_id(session, number)).state

    async def owes(self, kind: FollowUpKind, number: str = "+8613800138501") -> None:
        read = PhoneNumber.parse(number, area_code="0755")
        async with self.database.begin() as session:
            await add_follow_up(
                session, debt=Debt(kind=kind, at=START, due=START), owed_by=owed_by(kind), call_id="c-1",
                number=number, e164=read.e164 if read else "", home="", who="", at=START,
            )  # fmt: skip


@pytest.mark.parametrize(("number", "digits"), [
    ("+8613800138501", "13800138501"), ("13800138501", "13800138501"), ("0755-8888 8888", "075588888888"),
    ("88888888", "075588888888"), ("+14155552671", "0014155552671"),
])  # fmt: skip
@pytest.mark.parametrize("kind", [Kind.CALL_BACK, Kind.MISSED])
async def test_place_of_who_is_owed_no_call_any_more_is_given_up_once_that_is_committed(
    database: Database, kind: FollowUpKind, number: str, digits: str
) -> None:
    room = Room(database)
    await room.owes(kind, number)

    await room.acts.take(1, **SUPERVISOR)
    assert room.forgotten == []
    await room.acts.close(1, **SUPERVISOR, result="已回电")
    await room.acts.reopen(1, **SUPERVISOR, reason="再试")
    await room.acts.cancel(1, **SUPERVISOR, reason="误触")

    assert room.forgotten == [(digits, FollowUpState.DONE), (digits, FollowUpState.CANCELLED)]


@pytest.mark.parametrize("kind", sorted({*Kind} - {Kind.CALL_BACK, Kind.MISSED}))
async def test_only_a_call_that_is_owed_has_a_place(database: Database, kind: FollowUpKind) -> None:
    room = Room(database)
    await room.owes(kind)

    await room.acts.close(1, **SUPERVISOR, result="已处理")

    assert room.forgotten == []


@pytest.mark.parametrize("number", ["", "anonymous"])
async def test_who_hid_the_number_has_no_place(database: Database, number: str) -> None:
    room = Room(database)
    await room.owes(Kind.MISSED, number)

    await room.acts.close(1, **SUPERVISOR, result="无号码")

    assert room.forgotten == []


@pytest.mark.parametrize("wrong", [HotlineError("away"), ConnectionResetError(), None])
async def test_switch_that_is_away_or_late_takes_no_word_back(
    database: Database, monkeypatch: pytest.MonkeyPatch, wrong: Exception | None
) -> None:
    monkeypatch.setattr(acts, "FORGET_WITHIN", 0.02)

    async def forget(_digits: str) -> None:
        if wrong is None:
            await asyncio.Event().wait()
        else:
            raise wrong

    room = Room(database, forget)
    await room.owes(Kind.CALL_BACK)

    closed = await room.acts.close(1, **SUPERVISOR, result="已回电")

    assert closed.state is await room.state() is FollowUpState.DONE


async def test_every_act_is_told_and_a_refused_one_is_not(database: Database) -> None:
    room = Room(database)
    await room.owes(Kind.EMERGENCY)

    with room.bus.listening() as changes:
        with pytest.raises(FollowUpNotYours):
            await room.acts.close(1, who="xiaowang", role=Role.AGENT, result="已处理")
        await room.acts.close(1, **SUPERVISOR, result="已处理")
        with pytest.raises(FollowUpStepRefused):
            await room.acts.close(1, **SUPERVISOR, result="已处理")
        made = await room.acts.write_down(
            by="boss", text="送钥匙", due=START + timedelta(hours=1), owed_by=Role.AGENT, home="3栋2单元501"
        )
        async with asyncio.timeout(5):
            told = [await changes.get(), await changes.get()]

    assert told == [Change(Subject.FOLLOW_UP, "1"), Change(Subject.FOLLOW_UP, "2")]
    assert (made.id, made.home, made.kind) == (2, "3-2-501", Kind.OTHER)
