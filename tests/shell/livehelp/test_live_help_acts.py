"""Live help is claimed once on both databases, asked for once, and stands where the switch shows it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from hotline.ami.errors import AmiDown
from hotline.audit.store import Wanted, changes
from hotline.bus import Bus
from hotline.database import Database
from hotline.desk.outside import OwnPhoneMissing
from hotline.livehelp.help import (
    AgentNotTalking,
    HelpLiving,
    HelpNotMade,
    HelpState,
    HelpStepRefused,
    HelpUnknown,
    Mode,
)
from hotline.livehelp.service import HelpWanted, LiveHelp
from hotline.livehelp.store import absorb_help, help_steps
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import database, database_server
from tests.fakes.help_line import HelpLineByHand

__all__ = ["database", "database_server"]
CALL = "hotline-1795370000.1"


@dataclass
class Desk:
    line: HelpLineByHand
    helps: LiveHelp
    database: Database
    clock: ClockByHand
    talks: dict[str, str]

    async def shows(self, mode: Mode | None) -> None:
        """The switch shows the supervisor's channel so; None: it rings."""
        self.line.lives = {self.line.asked[-1].channel: mode}
        await self.helps.look()

    async def did(self) -> list[str]:
        async with self.database.read() as session:
            return [step.what for step in await help_steps(session, {CALL})]

    async def audited(self) -> list[str]:
        async with self.database.read() as session:
            return [one.change.act for one in await changes(session, Wanted(room="live-help"), limit=50)][::-1]

    async def state(self) -> HelpState | None:
        living = await self.helps.all_living()
        return living[0].state if living else None


@pytest.fixture
def desk(database: Database) -> Desk:
    line, clock, talks = HelpLineByHand(), ClockByHand(), {"8001": CALL}
    helps = LiveHelp(
        line=line, database=database, bus=Bus(), clock=clock, rings_for=timedelta(seconds=20),
        call_of=lambda phone: talks.get(phone, ""), has_phone=lambda phone: phone != "8999",
    )  # fmt: skip
    return Desk(line, helps, database, clock, talks)


def wanted(key: str = "key-0001", *, by: str = "chen", phone: str = "8901", mode: Mode = Mode.LISTEN) -> HelpWanted:
    return HelpWanted(key=key, by=by, extension=phone, agent="8001", mode=mode)


async def test_help_goes_its_way_and_each_step_is_kept_on_the_call_and_audited(desk: Desk) -> None:
    one = await desk.helps.begin(wanted())
    await desk.shows(None)
    assert await desk.state() is HelpState.ASKED
    await desk.shows(Mode.LISTEN)
    await desk.helps.turn(one.id, Mode.WHISPER, by="chen")
    await desk.shows(Mode.WHISPER)
    await desk.shows(Mode.BARGE)  # by a key of the telephone
    await desk.helps.turn(one.id, Mode.TAKE, by="chen")
    assert await desk.state() is HelpState.SPEAKING  # until the resident is there
    await desk.shows(Mode.TAKE)
    desk.line.lives = {}
    await desk.helps.look()

    assert await desk.state() is None
    assert await desk.did() == ["listening", "whispering", "speaking", "taken", "over"]
    assert await desk.audited() == [
        "asked-to-listen", "listening", "asked-to-whisper", "whispering", "speaking", "asked-to-take", "taken", "over",
    ]  # fmt: skip
    assert desk.line.turned == [(one.channel, Mode.WHISPER), (one.channel, Mode.TAKE)]


async def test_audit_says_of_each_step_how_it_stood_before_and_after(desk: Desk) -> None:
    one = await desk.helps.begin(wanted())
    await desk.shows(Mode.LISTEN)
    await desk.helps.turn(one.id, Mode.WHISPER, by="chen")
    desk.line.lives = {}
    await desk.helps.look()

    async with desk.database.read() as session:
        found = [one.change for one in await changes(session, Wanted(room="live-help"), limit=50)][::-1]
    assert [(change.act, change.before, change.after) for change in found] == [
        ("asked-to-listen", None, {"help": "asked", "mode": "listen", "extension": "8901"}),
        ("listening", {"help": "asked", "mode": "listen"}, {"help": "listening", "mode": "listen"}),
        ("asked-to-whisper", {"mode": "listen"}, {"mode": "whisper"}),
        ("whispering", {"help": "listening", "mode": "listen"}, {"help": "whispering", "mode": "whisper"}),
        ("over", {"help": "whispering", "mode": "whisper"}, {"help": "over", "mode": "whisper"}),
    ]
    assert {(change.by, change.subject) for change in found} == {("chen", f"8001 {CALL}")}


async def test_click_that_comes_twice_rings_once(desk: Desk) -> None:
    first, again = await desk.helps.begin(wanted()), await desk.helps.begin(wanted())

    assert first.id == again.id
    assert len(desk.line.asked) == 1


async def test_one_telephone_is_at_one_side_and_two_supervisors_may_be_at_the_same(desk: Desk) -> None:
    await desk.helps.begin(wanted())
    with pytest.raises(HelpLiving):
        await desk.helps.begin(wanted("key-0002"))

    await desk.helps.begin(wanted("key-0003", by="sun", phone="8902"))

    assert [one.by for one in await desk.helps.all_living()] == ["chen", "sun"]


async def test_nobody_is_rung_without_a_talk_a_telephone_or_a_free_one(desk: Desk) -> None:
    with pytest.raises(OwnPhoneMissing):
        await desk.helps.begin(wanted(phone=""))
    with pytest.raises(OwnPhoneMissing):
        await desk.helps.begin(wanted(phone="8999"))
    desk.line.absent = "8901"  # the board knows agents' telephones only
    with pytest.raises(OwnPhoneMissing):
        await desk.helps.begin(wanted())
    desk.line.absent = ""
    desk.talks["8901"] = "another"
    with pytest.raises(HelpLiving):
        await desk.helps.begin(wanted())
    with pytest.raises(HelpLiving):
        await desk.helps.begin(wanted(phone="8001"))  # one's own talk
    del desk.talks["8901"]
    desk.line.resident = ""
    with pytest.raises(AgentNotTalking):
        await desk.helps.begin(wanted(mode=Mode.TAKE))
    desk.line.is_talking = False
    with pytest.raises(AgentNotTalking):
        await desk.helps.begin(wanted())

    assert desk.line.asked == []
    assert await desk.audited() == []


async def test_help_that_was_surely_not_made_is_over_and_a_new_click_may(desk: Desk) -> None:
    desk.line.fails = HelpNotMade("no link")
    with pytest.raises(HelpNotMade):
        await desk.helps.begin(wanted())
    assert await desk.state() is None

    desk.line.fails = None
    await desk.helps.begin(wanted("key-0002"))

    assert await desk.did() == ["failed"]


async def test_help_of_which_nobody_can_tell_stands_until_the_switch_can_be_asked(desk: Desk) -> None:
    desk.line.fails = AmiDown(was_sent=True)
    await desk.helps.begin(wanted())
    with pytest.raises(AmiDown):
        await desk.helps.look()
    desk.line.fails = None
    await desk.helps.look()
    assert await desk.state() is HelpState.ASKED  # its channel may be on its way

    desk.clock.turn(seconds=11)
    await desk.helps.look()

    assert await desk.did() == ["failed"]


async def test_help_that_a_service_left_behind_is_ended_by_the_next(desk: Desk, database: Database) -> None:
    await desk.helps.begin(wanted())
    await desk.shows(Mode.LISTEN)
    after = LiveHelp(
        line=HelpLineByHand(), database=database, bus=Bus(), clock=desk.clock, rings_for=timedelta(seconds=20),
        call_of=lambda _: "", has_phone=lambda _: True,
    )  # fmt: skip

    await after.look()

    assert await after.all_living() == ()


async def test_nobody_turns_or_ends_what_another_does_and_a_taken_call_is_hung_up(desk: Desk) -> None:
    one = await desk.helps.begin(wanted())
    with pytest.raises(HelpStepRefused):  # not lifted yet
        await desk.helps.turn(one.id, Mode.WHISPER, by="chen")
    with pytest.raises(HelpUnknown):
        await desk.helps.end(one.id, by="sun")
    await desk.helps.end(one.id, by="chen")
    assert desk.line.ended == [one.channel]

    await desk.shows(Mode.TAKE)

    with pytest.raises(HelpStepRefused):
        await desk.helps.end(one.id, by="chen")
    with pytest.raises(HelpStepRefused):
        await desk.helps.turn(one.id, Mode.LISTEN, by="chen")


@pytest.mark.parametrize(
    ("shown", "is_left"),
    [
        (Mode.LISTEN, True), (Mode.WHISPER, True), (Mode.BARGE, True), (Mode.TAKE, False), (None, False),
    ],
)  # fmt: skip
async def test_page_that_goes_leaves_the_agents_side_as_the_switch_has_it_and_cuts_no_taken_call_off(
    desk: Desk, shown: Mode | None, is_left: bool
) -> None:
    one = await desk.helps.begin(wanted())
    await desk.shows(Mode.LISTEN)
    desk.line.lives = {one.channel: shown}  # meanwhile, and not looked at yet

    await desk.helps.leave("8902")
    assert desk.line.ended == []
    await desk.helps.leave("8901")

    assert desk.line.ended == ([one.channel] if is_left else [])


async def test_page_that_goes_while_the_switch_cannot_be_asked_leaves_all_as_it_is(desk: Desk) -> None:
    await desk.helps.begin(wanted())
    await desk.shows(Mode.LISTEN)
    desk.line.fails = AmiDown(was_sent=False)

    await desk.helps.leave("8901")

    assert desk.line.ended == []
    assert await desk.state() is HelpState.LISTENING


async def test_what_was_done_in_a_call_that_became_part_of_another_is_told_there(desk: Desk) -> None:
    await desk.helps.begin(wanted())
    await desk.shows(Mode.LISTEN)
    async with desk.database.begin() as session:
        await absorb_help(session, CALL, "older")

    async with desk.database.read() as session:
        assert [step.what for step in await help_steps(session, {"older"})] == ["listening"]
