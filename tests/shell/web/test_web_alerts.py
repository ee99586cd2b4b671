"""Emergency calls on every screen, over the live socket and the API; taken note of once, by name."""

import asyncio
from datetime import timedelta

import pytest

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.web.alerts import Acknowledgement
from hotline.web.store import acknowledge, acknowledgement_of, returns_of, standing_alerts
from tests.fakes.web_desk import MORNING, told

LIVE = "/api/v1/live"
ACKNOWLEDGE = "/api/v1/alerts/c-1/acknowledge"


async def nobody_answers(room):
    await room.goes_on(is_emergency=True)
    ended = room.clock.now() + timedelta(seconds=40)
    return await room.goes_on(state=CallState.ENDED, ended_at=ended, outcome=Outcome.ABANDONED_QUEUE)


async def alert_of(socket, state):
    async with asyncio.timeout(5):
        while True:
            alert = (await told(socket, "alert"))["alert"]
            if alert["state"] == state:
                return alert


async def test_emergency_is_told_to_every_screen_at_once_with_the_home_and_a_masked_number(desk):
    async with desk() as room:
        one, other = await room.signed_in(), await room.signed_in("boss")
        async with one.ws_connect(LIVE) as here, other.ws_connect(LIVE) as there:
            assert (await told(here, "snapshot"))["alerts"] == []
            await told(there, "snapshot")
            await room.goes_on(is_emergency=True)

            for socket in (here, there):
                alert = await alert_of(socket, "calling")
                assert (alert["call"]["number"], alert["call"]["resident"]["home"]) == ("138****8501", "3-2-501")


async def test_alert_is_answered_when_a_human_is_there_and_over_when_the_call_ends(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            await room.goes_on(is_emergency=True)
            await alert_of(socket, "calling")
            await room.goes_on(state=CallState.TALKING, human_answer=room.clock.now(), agent="8001")
            await alert_of(socket, "answered")
            await room.goes_on(state=CallState.ENDED, ended_at=room.clock.now(), outcome=Outcome.ANSWERED)
            await alert_of(socket, "over")
        async with client.ws_connect(LIVE) as socket:
            assert (await told(socket, "snapshot"))["alerts"] == []


async def test_unanswered_emergency_stands_in_every_snapshot_until_a_person_takes_note_of_it(desk):
    async with desk() as room:
        await nobody_answers(room)
        client, other = await room.signed_in(), await room.signed_in("boss")
        async with other.ws_connect(LIVE) as socket:
            (standing,) = (await told(socket, "snapshot"))["alerts"]
            answer = await client.post(ACKNOWLEDGE)
            over = await alert_of(socket, "over")

            assert (standing["state"], standing["acknowledged"]) == ("unanswered", None)
            assert await answer.json() == over["acknowledged"]
            assert over["acknowledged"] == {"by": "xiaowang", "name": "王敏", "at": "2026-11-21T09:40:12+08:00"}
        async with other.ws_connect(LIVE) as socket:
            assert (await told(socket, "snapshot"))["alerts"] == []
        call = await (await client.get("/api/v1/calls/c-1")).json()
        assert call["acknowledged"]["name"] == "王敏"


async def test_whoever_takes_note_second_is_told_who_was_first(desk):
    async with desk() as room:
        await nobody_answers(room)
        one, other = await room.signed_in(), await room.signed_in("boss")

        both = await asyncio.gather(one.post(ACKNOWLEDGE), other.post(ACKNOWLEDGE))

        assert [answer.status for answer in both] == [200, 200]
        first, second = [await answer.json() for answer in both]
        assert first == second


async def test_emergency_that_goes_on_or_is_none_cannot_be_acknowledged_away(desk):
    async with desk() as room:
        await room.goes_on(is_emergency=True)
        await room.finished_call("plain")
        client = await room.signed_in()

        answers = [await client.post(f"/api/v1/alerts/{call}/acknowledge") for call in ("c-1", "plain", "none")]

        assert [answer.status for answer in answers] == [409, 409, 404]
        assert (await answers[0].json())["error"]["id"] == "nothing-to-acknowledge"


async def test_machine_cannot_take_note(desk):
    async with desk() as room:
        await nobody_answers(room)
        client = await room.machine(Role.ADMIN)

        assert (await client.post(ACKNOWLEDGE)).status == 403
        async with room.database.read() as session:
            assert await acknowledgement_of(session, "c-1") is None


@pytest.mark.parametrize("path", ["/", "/calls", "/calls/c-1", "/duty-log", "/calls/none"])
async def test_every_page_has_a_place_for_alerts(desk, path):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()

        page = await (await client.get(path)).text()

        assert 'id="alerts"' in page
        assert "/static/alert.js" in page
        assert 'id="freshness"' in page


async def test_call_that_was_returned_names_the_calls_of_ours(desk):
    async with desk() as room:
        await room.finished_call("missed", human_answer=None, outcome=Outcome.ABANDONED_QUEUE, agent="")
        await room.finished_call("ours", direction="outbound", returns="missed")
        client = await room.signed_in()

        missed, ours = [await (await client.get(f"/api/v1/calls/{name}")).json() for name in ("missed", "ours")]

        assert (missed["returned_by"], ours["returns"], ours["returned_by"]) == (["ours"], "missed", [])


async def test_alerts_are_kept_by_every_database(database: Database) -> None:
    def emergency(call_id: str, minute: int, **more: object) -> CallRecord:
        start = MORNING + timedelta(minutes=minute)
        return CallRecord(id=call_id, ring_start=start, is_emergency=True, **more)  # type: ignore[arg-type]

    ended = {"state": CallState.ENDED, "ended_at": MORNING + timedelta(hours=1)}
    note = Acknowledgement(by="xiaowang", name="王敏", at=MORNING)
    async with database.begin() as session:
        for call in (
            emergency("open", 3),
            emergency("unanswered", 2, **ended),
            emergency("noted", 1, **ended),
            emergency("answered", 0, human_answer=MORNING, **ended),
            CallRecord(id="plain", ring_start=MORNING),
            CallRecord(id="ours", ring_start=MORNING, direction="outbound", returns="unanswered"),
        ):
            await save_call(session, call)
        assert await acknowledge(session, "noted", note) == note
        assert await acknowledge(session, "noted", Acknowledgement(by="boss", name="陈主管", at=MORNING)) == note

    async with database.read() as session:
        assert [call.id for call in await standing_alerts(session)] == ["unanswered", "open"]
        assert await returns_of(session, "unanswered") == ["ours"]
