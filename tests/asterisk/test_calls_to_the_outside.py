"""One click rings the agent, then the resident, once; ledger, draft and follow-up tell what came of it."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.calls.ledger import CallRecord
from hotline.calls.rows_store import rows_of_calls
from hotline.calls.state import Outcome
from hotline.calls.store import call_by_id
from hotline.desk.outside import OutsideState
from hotline.desk.outside_store import claim, outside_call_by_id
from hotline.dutylog.store import entries_of
from hotline.followups.follow_up import FollowUpKind, FollowUpState, Step
from hotline.followups.reading_store import follow_up_by_id, history_of
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.recordings.store import recording_of
from hotline.simulate.scenario import Press, Say, agent, telephone_that_is_not_lifted
from tests.fakes.desk_phone import DeskPhone
from tests.fakes.played import shorten_prompts
from tests.fakes.recorded import RECORDED, written
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "three rings and no more"
NUMBER = "13900000301"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    # 8001 is a page's phone: the switch looks after its talks as after any page's.
    site = Site(HOTLINE_OUTSIDE_AGENT_RINGS_FOR="5", HOTLINE_OUTSIDE_RING_FOR="10", HOTLINE_SIP_DESK_PHONES="8002,8901")
    await site.set_up()
    shorten_prompts(site, "call-back-nobody", "recording-refused")
    for name, extension in (("wang", "8001"), ("li", "8002")):
        await add_user(site.database, name, Role.AGENT, extension, PASSWORD)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def page(site: Site) -> AsyncIterator[ClientSession]:
    """The page of the agent at 8001."""
    origin = site.url("")
    async with ClientSession(origin, headers={"Origin": origin}, cookie_jar=CookieJar(unsafe=True)) as client:
        signed = await client.post("/sign-in", data={"name": "wang", "password": PASSWORD}, allow_redirects=False)
        assert signed.status == 303, await signed.text()
        yield client


@pytest_asyncio.fixture(loop_scope="module")
async def phone(site: Site) -> AsyncIterator[DeskPhone]:
    password = site.settings.sip.passwords["8001"].get_secret_value()
    async with DeskPhone("8001", password, switch=site.settings.sip.port) as phone:

        async def is_there() -> bool:
            return "Not in use" in await asyncio.to_thread(site.console, "pjsip show endpoint 8001")

        await site.eventually(is_there, limit=30, what="the switch has the telephone")
        yield phone


async def clicks(page: ClientSession, *, status: int = 202, key: str = "", **whom: Any) -> dict[str, Any]:
    body = {"key": key or uuid4().hex, **whom}
    async with page.post("/api/v1/outside-calls", json=body) as answer:
        assert answer.status == status, await answer.text()
        return dict(await answer.json())


async def owes(site: Site, number: str = NUMBER, kind: FollowUpKind = FollowUpKind.CALL_BACK) -> int:
    now, e164 = site.clock.now(), PhoneNumber.parse(number)
    assert e164 is not None
    async with site.database.begin() as session:
        one = await add_follow_up(
            session, debt=Debt(kind=kind, at=now, due=now + timedelta(hours=1)), owed_by=Role.AGENT,
            call_id=f"hotline-1.{uuid4().int % 10**6}", number=number, e164=e164.e164, home="", who="", at=now,
        )  # fmt: skip
    return one.id


async def over(site: Site, made: dict[str, Any], name: str = "") -> CallRecord:
    """Wait until the ledger has the call's end and the row knows it; return the call."""

    async def found() -> CallRecord | None:
        async with site.database.read() as session:
            call = await call_by_id(session, made["channel"])
            row = await outside_call_by_id(session, made["id"])
        return call if call and ended(call) and row and row.state is OutsideState.ENDED else None

    call = await site.eventually(found, limit=40, what="the call to the outside is over")
    assert call is not None
    if name and os.environ.get("CAPTURE"):  # tests/recorded: read by a person before it is kept
        await capture(site, call, name)
    return call


async def capture(site: Site, call: CallRecord, name: str) -> None:
    async with site.database.read() as session:
        rows = (await rows_of_calls(session, [call.id]))[call.id]
    Path(RECORDED / f"{name}.jsonl").write_text(written([call], rows), "utf-8")


async def history(site: Site, follow_up: int) -> tuple[FollowUpState, list[Step]]:
    async with site.database.read() as session:
        steps, _ = await history_of(session, follow_up)
        return (await follow_up_by_id(session, follow_up)).state, [step.what for step in steps]


async def test_a_click_rings_the_agent_then_the_resident_who_hears_the_notice_and_the_call_back_is_returned(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    owed, resident = await owes(site), site.outside()
    scenario = agent([Say(site.silence(9), 9)], rings_for=1.0, hangs_up=True, patience=60)
    async with asyncio.TaskGroup() as both:
        ringing = both.create_task(resident.call(scenario, limit=80))
        key = uuid4().hex
        made, again = await asyncio.gather(*(clicks(page, key=key, follow_up=owed) for _ in range(2)))
        line = await phone.rings(within=10)
        await asyncio.sleep(0.5)
        line.lift()

    call = await over(site, made, "outside_answered")
    assert made["id"] == again["id"]
    assert not phone.has_rung(), "a double click is one call"
    invite = ringing.result()[0]
    assert invite.line.split()[1].startswith(f"sip:{NUMBER}@")
    assert site.settings.sip.outbound_number in invite.header("From")
    assert site.settings.sip.hotline_number not in invite.header("From")
    assert (call.direction, call.caller_number, call.agent, call.outcome) == (
        "outbound", NUMBER, "8001", Outcome.ANSWERED,
    )  # fmt: skip
    assert (call.oddities, call.notice_version != "", call.ended_by_caller) == ((), True, True)
    assert call.human_answer is not None
    assert call.recording_start is not None
    assert call.resident_answered is not None
    assert call.resident_answered < call.recording_start <= call.human_answer
    assert await history(site, owed) == (FollowUpState.DONE, [Step.RAISED, Step.RETURNED])
    async with site.database.read() as session:
        [entry] = await entries_of(session, call.id)
        assert await recording_of(session, call.id, site.settings.recordings_directory) is not None
    assert entry.matter.startswith("回电：已接通")


@pytest.mark.parametrize(
    ("status", "outcome", "number"),
    [
        ("486 Busy Here", Outcome.BUSY, "13900000302"),
        ("404 Not Found", Outcome.INVALID_NUMBER, "13900000303"),
        ("603 Decline", Outcome.REFUSED, "13900000304"),
    ],
)
async def test_a_resident_who_does_not_lift_leaves_the_networks_word_and_a_try(
    site: Site, page: ClientSession, phone: DeskPhone, status: str, outcome: Outcome, number: str
) -> None:
    owed = await owes(site, number)
    async with asyncio.TaskGroup() as both:
        both.create_task(site.outside().call(telephone_that_is_not_lifted(status), limit=60))
        made = await clicks(page, follow_up=owed)
        line = await phone.rings(within=10)
        line.lift()

    call = await over(site, made, f"outside_{outcome.value.replace('-', '_')}")
    assert (call.outcome, call.human_answer, call.oddities) == (outcome, None, ())
    assert await history(site, owed) == (FollowUpState.OPEN, [Step.RAISED, Step.TRIED])


async def test_a_resident_who_lets_it_ring_is_told_as_such_and_one_who_is_marked_is_not_rung_without_a_look(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    scenario = telephone_that_is_not_lifted("480 Temporarily Unavailable", rings_for=3)
    async with asyncio.TaskGroup() as both:
        both.create_task(site.outside().call(scenario, limit=60))
        made = await clicks(page, number="13900000305")
        (await phone.rings(within=10)).lift()
        busy = await clicks(page, status=409, number="13900000306")

    call = await over(site, made, "outside_no_answer")
    assert (call.outcome, call.returns, call.oddities) == (Outcome.NO_ANSWER, "", ())
    assert busy["error"]["id"] == "outside-call-living"
    async with site.database.read() as session:
        [entry] = await entries_of(session, call.id)
    assert entry.matter == "去电：未接通（无人接听）。"


async def test_an_agent_who_does_not_lift_rings_nobody(site: Site, page: ClientSession, phone: DeskPhone) -> None:
    owed = await owes(site, "13900000307")
    made = await clicks(page, follow_up=owed)
    line = await phone.rings(within=10)
    await asyncio.wait_for(line.over.wait(), 15)

    call = await over(site, made, "outside_not_dialled")
    assert (call.outcome, call.resident_dialled, call.oddities) == (Outcome.NOT_DIALLED, None, ())
    assert await history(site, owed) == (FollowUpState.OPEN, [Step.RAISED])
    async with site.database.read() as session:
        assert await entries_of(session, call.id) == []


async def test_a_resident_who_refuses_the_recording_is_not_recorded(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    scenario = agent(
        [Say(site.silence(1.0), 1.0), Press("#"), Say(site.silence(6), 6)], rings_for=0.5, hangs_up=True, patience=60
    )
    async with asyncio.TaskGroup() as both:
        both.create_task(site.outside().call(scenario, limit=80))
        made = await clicks(page, number="13900000308")
        (await phone.rings(within=10)).lift()

    call = await over(site, made)
    assert (call.recording_refused, call.recording, call.outcome) == (True, "", Outcome.ANSWERED)


@pytest.mark.parametrize("by_keys", [True, False])
async def test_a_resident_who_was_called_is_handed_over_as_any_other(
    site: Site, page: ClientSession, phone: DeskPhone, by_keys: bool
) -> None:
    password = site.settings.sip.passwords["8002"].get_secret_value()
    scenario = agent([Say(site.silence(18), 18)], rings_for=0.5, hangs_up=True, patience=60)
    async with (
        DeskPhone("8002", password, switch=site.settings.sip.port) as colleague,
        asyncio.TaskGroup() as both,
    ):
        both.create_task(site.outside().call(scenario, limit=80))
        made = await clicks(page, number=f"1390000031{int(by_keys)}")
        line = await phone.rings(within=10)
        line.lift()

        async def talks() -> bool:
            async with site.database.read() as session:
                call = await call_by_id(session, made["channel"])
            return call is not None and call.human_answer is not None

        await site.eventually(talks, limit=30, what="agent and resident talk")
        if by_keys:
            await line.press("*1")
            await asyncio.sleep(0.7)
            await line.press("8002")
        else:
            assert await line.refer("8002") == 202
        (await colleague.rings(within=15)).lift()

        call = await over(site, made, "outside_handed_over_by_keys" if by_keys else "outside_handed_over_by_refer")
    assert [talk.agent for talk in call.talks] == ["8001", "8002"]
    assert [(one.kind, one.to, one.result) for one in call.transfers] == [("blind", "8002", "answered")]
    assert (call.direction, call.oddities, call.outcome) == ("outbound", (), Outcome.ANSWERED)


async def in_talk(site: Site, made: dict[str, Any]) -> None:
    async def talks() -> bool:
        async with site.database.read() as session:
            call = await call_by_id(session, made["channel"])
        return call is not None and call.human_answer is not None

    await site.eventually(talks, limit=30, what="agent and resident talk")


def a_resident(site: Site, seconds: float) -> str:
    return agent([Say(site.silence(seconds), seconds)], rings_for=0.5, hangs_up=True, patience=60)


async def test_a_page_that_is_reloaded_in_a_call_to_the_outside_takes_its_talk_up_again(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    async with asyncio.TaskGroup() as both:
        both.create_task(site.outside().call(a_resident(site, 22), limit=80))
        made = await clicks(page, number="13900000321")
        line = await phone.rings(within=10)
        line.lift()
        await in_talk(site, made)
        assert line.invite is not None
        assert line.invite.get("X-Call") == made["channel"], "or the page that dies asks for nobody to be kept"
        async with page.post("/api/v1/phone/leave", json={}) as left:
            assert (await left.json())["was_there"], site.console("core show channels concise")
        await asyncio.wait_for(line.over.wait(), 15)
        await asyncio.sleep(1)  # a page takes so long; less would be no hold
        async with page.post("/api/v1/phone/take-up", json={}) as taken:
            assert taken.ok, await taken.text()
        again = await phone.rings(within=15)
        assert again.invite is not None
        assert (again.invite.get("X-Call"), again.invite.get("X-Answer")) == (made["channel"], "now")
        again.lift()

    call = await over(site, made)
    [talk] = call.talks
    assert (talk.agent, [hold.ended is not None for hold in talk.holds]) == ("8001", [True])
    assert (call.direction, call.outcome, call.ended_by_caller, call.oddities) == (
        "outbound", Outcome.ANSWERED, True, (),
    )  # fmt: skip


async def test_the_resident_of_an_agent_whose_sound_has_vanished_waits_for_people_first_of_all(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    async with asyncio.TaskGroup() as both:
        both.create_task(site.outside().call(a_resident(site, 35), limit=80))
        made = await clicks(page, number="13900000322")
        line = await phone.rings(within=10)
        line.lift()
        await in_talk(site, made)
        assert line.sound is not None
        line.sound.close()  # the browser died

        async def waits() -> bool:
            return "!Queue!" in await asyncio.to_thread(site.console, "core show channels concise")

        await site.eventually(waits, limit=25, what="the resident waits in the queue")

    call = await over(site, made)
    assert ([talk.agent for talk in call.talks], call.queue) == (["8001"], "service")
    assert (call.direction, call.outcome, call.oddities) == ("outbound", Outcome.ANSWERED, ())


async def test_a_parked_place_that_outlived_its_channel_is_empty(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    await asyncio.to_thread(site.console, "database put parked 8001 PJSIP/carrier-0000ffff")  # the switch died then
    async with asyncio.TaskGroup() as both:
        both.create_task(site.outside().call(a_resident(site, 12), limit=80))
        made = await clicks(page, number="13900000324")
        line = await phone.rings(within=10)
        line.lift()
        await in_talk(site, made)
        assert await line.refer("park") == 202

        async def is_parked() -> bool:
            return "!parked!" in await asyncio.to_thread(site.console, "core show channels concise")

        await site.eventually(is_parked, limit=15, what="the resident is parked")

    assert (await over(site, made)).oddities == ()
    assert "0 results" in await asyncio.to_thread(site.console, "database show parked 8001")


async def test_an_agent_who_hangs_up_ends_a_call_to_the_outside_for_both(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    async with asyncio.TaskGroup() as both:
        both.create_task(site.outside().call(agent([], rings_for=0.5, hangs_up=False, patience=60), limit=80))
        made = await clicks(page, number="13900000323")
        line = await phone.rings(within=10)
        line.lift()
        await in_talk(site, made)
        await line.hang_up()
        call = await over(site, made)

    assert ([talk.agent for talk in call.talks], call.queue, call.ended_by_caller) == (["8001"], "", False)
    assert (call.outcome, call.oddities) == (Outcome.ANSWERED, ())


async def test_killed_between_claim_and_order_nobody_is_ever_rung_for_it(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    number = PhoneNumber.parse("13900000309")
    assert number is not None
    key = uuid4().hex
    site.signal("serve", signal.SIGKILL)
    async with site.database.begin() as session:  # as the service leaves it that dies right after its commit
        call, _ = await claim(
            session, key=key, by="wang", extension="8001", number=number, follow_up=None, returns="",
            at=site.clock.now() - timedelta(seconds=30),
        )  # fmt: skip
    site.start("serve")
    await site.ready()

    async def is_freed() -> bool:
        async with site.database.read() as session:
            row = await outside_call_by_id(session, call.id)
        return row is not None and row.state is OutsideState.NEVER

    await site.eventually(is_freed, limit=30, what="the call that was never made is freed")
    assert (await clicks(page, key=key, number="13900000309"))["state"] == "never"
    assert not phone.has_rung()
    assert "outside-" not in site.console("core show channels concise")
    assert json.loads(json.dumps(call.channel)).startswith("outside-")


async def test_a_page_that_is_reloaded_in_a_call_back_for_a_kept_place_takes_its_talk_up_again(
    site: Site, page: ClientSession, phone: DeskPhone
) -> None:
    # What whoever asked for the call back has left behind: the placeholder waits in everybody's queue.
    left_behind = {"WISHES": "13900000331", "RETURNS": "", "ARRIVED": "1", "RANK": "5", "WAITING_IN": "service"}
    for name, value in left_behind.items():
        site.console(f"dialplan set global {name} {value}")
    try:
        site.console("channel originate Local/keep@kept-place/n extension lifted@kept-place")
        async with asyncio.TaskGroup() as both:
            resident = agent(
                [Say(site.silence(1.5), 1.5), Press("1"), Say(site.silence(25), 25)], rings_for=0.5, hangs_up=True
            )
            both.create_task(site.outside().call(resident, limit=100))
            async with page.post("/api/v1/agents/me/ready", json={}) as ready:
                assert ready.ok, await ready.text()
            line = await phone.rings(within=30)
            line.lift()

            async def talks() -> CallRecord | None:
                calls = await site.calls_from("13900000331")
                return next((call for call in calls if call.human_answer is not None), None)

            call = await site.eventually(talks, limit=60, what="agent and resident talk")
            assert call is not None
            async with page.post("/api/v1/phone/leave", json={}) as left:
                assert (await left.json())["was_there"], site.console("core show channels concise")
            await asyncio.wait_for(line.over.wait(), 15)
            await asyncio.sleep(1)  # a page takes so long; less would be no hold
            async with page.post("/api/v1/phone/take-up", json={}) as taken:
                assert taken.ok, await taken.text()
            again = await phone.rings(within=15)
            assert again.invite is not None
            assert again.invite.get("X-Answer") == "now"
            again.lift()
            assert "13900000331" in site.console("core show channels verbose"), "the resident is there still"
    finally:
        for name in left_behind:
            site.console(f"dialplan set global {name}")
        async with page.post("/api/v1/agents/me/sign-out", json={}):
            pass

    async def is_over() -> CallRecord | None:
        return next((one for one in await site.calls_from("13900000331") if ended(one)), None)

    whole = await site.eventually(is_over, limit=60, what="the call is over")
    assert whole is not None
    assert (whole.direction, whole.outcome, whole.oddities) == ("outbound", Outcome.ANSWERED, ())
    [talk] = whole.talks
    assert (talk.agent, [hold.ended is not None for hold in talk.holds]) == ("8001", [True])


async def test_a_page_that_is_signed_out_of_has_no_telephone_any_more_and_its_password_opens_nothing(
    site: Site, page: ClientSession
) -> None:
    async def password() -> str:
        async with page.get("/api/v1/phone") as answer:
            told = await answer.json()
        assert told["is_browser_phone"], told
        return str(told["password"])

    async def is_gone() -> bool:
        return "Unavailable" in await asyncio.to_thread(site.console, "pjsip show endpoint 8001")

    given = await password()
    assert await password() == given, "one session has one"
    assert given != site.settings.sip.passwords["8001"].get_secret_value()
    copied = DeskPhone("8001", given, switch=site.settings.sip.port)
    await copied.__aenter__()
    assert not await is_gone()

    await page.post("/sign-out", allow_redirects=False)

    await site.eventually(is_gone, limit=20, what="the switch has no such telephone any more")
    with pytest.raises(AssertionError, match="401"):
        await copied.register(600)
    copied.close()
    signed = await page.post("/sign-in", data={"name": "wang", "password": PASSWORD}, allow_redirects=False)
    assert signed.status == 303
    renewed = await password()
    assert renewed != given
    async with DeskPhone("8001", renewed, switch=site.settings.sip.port):
        assert not await is_gone()
    await page.post("/sign-out", allow_redirects=False)
