"""The wall over the live socket: who may see it, what of it is told, and that nothing else is told to a big screen."""

import asyncio
import json
from datetime import timedelta

import pytest
from aiohttp import WSServerHandshakeError

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.alerts.alert import Rule
from hotline.alerts.store import raise_alert
from hotline.calls.state import CallState, Outcome
from hotline.queues.board import AgentState
from hotline.web import wall
from tests.fakes.web_desk import CALLER, CHEAP, PASSWORD, told

LIVE = "/api/v1/live"
WALL = f"{LIVE}?view=wall"


async def signed_in_wall(room):
    await add_user(room.database, "tv", Role.WALL, None, PASSWORD, passwords=Passwords(CHEAP))
    return await room.signed_in("tv")


async def section(socket, name):
    """Return this section once it is told anew."""
    async with asyncio.timeout(15):
        while True:
            message = await socket.receive_json()
            assert message["type"] in {"wall-snapshot", "wall"}
            if name in message["wall"]:
                return message["wall"][name]


async def test_a_big_screen_is_told_the_wall_and_nothing_of_a_resident(desk):
    async with desk() as room:
        client = await signed_in_wall(room)
        room.agents(a8001=AgentState.READY)
        async with client.ws_connect(LIVE) as socket:
            first = await socket.receive_json()
            await room.goes_on(is_emergency=True, state=CallState.WAITING, caller_name="张伟 13800138501")
            seen = [await section(socket, "emergencies")]
            await room.draft()
            await room.goes_on(state=CallState.ENDED, ended_at=room.clock.now(), outcome=Outcome.ABANDONED_QUEUE)
            seen.append(await section(socket, "today"))

    text = json.dumps([first, *seen], ensure_ascii=False)
    assert first["type"] == "wall-snapshot"
    assert first["wall"]["agents"][0]["state"] == "ready"
    assert seen[0][0]["home"] == "3-2-501"
    assert seen[0][0]["number"] == "138****8501"
    assert CALLER not in text
    assert "张" not in text
    assert "厨房" not in text


async def test_a_big_screen_opens_no_other_page_and_no_other_address(desk):
    async with desk() as room:
        client = await signed_in_wall(room)
        answers = {
            path: (await client.get(path, allow_redirects=False)).status
            for path in ("/wall", "/api/v1/wall", "/", "/calls", "/follow-ups", "/api/v1/calls", "/api/v1/follow-ups",
                         "/api/v1/duty-log", "/api/v1/alerts", "/api/v1/residents?home=3-2-501")
        }  # fmt: skip

    assert {path for path, status in answers.items() if status == 200} == {"/wall", "/api/v1/wall"}
    assert {status for path, status in answers.items() if path not in {"/wall", "/api/v1/wall"}} <= {403, 404}


async def test_an_agent_is_not_shown_the_wall(desk):
    async with desk() as room:
        client = await room.signed_in("xiaowang")
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(WALL)
        page = await client.get("/wall")

    assert (refused.value.status, page.status) == (403, 403)


async def test_a_supervisors_desk_is_told_the_wall_beside_its_own_and_an_agents_is_not(desk):
    async with desk() as room:
        boss, agent = await room.signed_in("boss"), await room.signed_in("xiaowang")
        async with boss.ws_connect(LIVE) as heads, agent.ws_connect(LIVE) as theirs:
            assert (await heads.receive_json())["type"] == "snapshot"
            assert (await heads.receive_json())["type"] == "wall-snapshot"
            assert (await theirs.receive_json())["type"] == "snapshot"
            await room.goes_on()
            await told(heads, "wall")
            kinds = {(await theirs.receive_json())["type"] for _ in range(3)}

    assert not kinds & {"wall", "wall-snapshot"}


async def test_only_what_changed_is_told_and_silence_has_its_beat(desk, monkeypatch):
    monkeypatch.setattr(wall, "BEAT_S", 0.2)
    monkeypatch.setattr(wall, "PACE_S", 0.05)
    async with desk() as room:
        client = await room.signed_in("boss")
        async with client.ws_connect(WALL) as socket:
            await told(socket, "wall-snapshot")
            async with asyncio.timeout(15):
                while (await told(socket, "wall"))["wall"]:
                    pass  # the first rounds tell what no round has told before
            room.agents(a8001=AgentState.READY)
            async with asyncio.timeout(15):
                while not (news := (await told(socket, "wall"))["wall"]):
                    pass

    assert set(news) <= {"agents", "link", "calls_now"}
    assert news["agents"][0]["extension"] == "8001"


async def test_without_the_switch_nothing_of_now_is_nought(desk):
    async with desk() as room:
        room.agents(a8001=AgentState.READY)
        client = await room.machine(Role.WALL)
        heard = await (await client.get("/api/v1/wall")).json()
        room.board = type(room.board)()
        deaf = await (await client.get("/api/v1/wall")).json()

    assert heard["calls_now"] == {"ringing": 0, "in_menu": 0, "waiting": 0, "longest_since": None, "talking": 0}
    assert set(deaf["calls_now"].values()) == {None}
    assert deaf["agents"] == []
    assert heard["today"]["figures"]["three_rings_share"] is None


async def test_an_alert_by_rule_is_acknowledged_by_a_supervisor_by_name_and_every_wall_sees_who(desk):
    async with desk() as room:
        async with room.database.begin() as session:
            alert = await raise_alert(session, Rule.DISK, "", 400, room.clock.now())
        boss, agent, tv = await room.signed_in("boss"), await room.signed_in("xiaowang"), await signed_in_wall(room)
        address = f"/api/v1/alerts/{alert.id}/acknowledge"
        async with tv.ws_connect(LIVE) as socket:
            assert (await section(socket, "alerts"))[0]["state"] == "raised"
            refused = [(await one.post(address, json={})).status for one in (agent, tv, await room.machine(Role.ADMIN))]
            taken = await boss.post(address, json={})
            again = await boss.post(address, json={})
            alerts = await section(socket, "alerts")
        unknown = await boss.post("/api/v1/alerts/999999999999/acknowledge", json={})
        listed = await (await boss.get("/api/v1/alerts")).json()

    assert refused == [403, 403, 403]
    assert (taken.status, again.status, unknown.status) == (200, 409, 404)
    assert alerts[0]["acknowledged_by"] == "陈主管"
    assert listed["standing"][0]["acknowledged_by"] == "陈主管"


async def test_a_big_screen_stays_signed_in_for_weeks_and_a_clerk_does_not(desk):
    async with desk() as room:
        tv, clerk = await signed_in_wall(room), await room.signed_in("xiaowang")
        room.clock.turn(timedelta(days=29).total_seconds())

        weeks = [(await one.get("/api/v1/me")).status for one in (tv, clerk)]
        room.clock.turn(timedelta(days=2).total_seconds())
        month = (await tv.get("/api/v1/me")).status

    assert (weeks, month) == ([200, 401], 401)


async def test_what_the_desk_owes_is_on_the_wall(desk):
    async with desk() as room:
        boss, tv = await room.signed_in("boss"), await signed_in_wall(room)
        async with tv.ws_connect(LIVE) as socket:
            assert (await section(socket, "debts"))["open"] == 0
            made = await boss.post(
                "/api/v1/follow-ups",
                json={"text": "x", "due": (room.clock.now() + timedelta(hours=1)).isoformat(), "number": CALLER},
            )
            assert made.status == 201
            while (await section(socket, "debts"))["open"] != 1:
                pass
