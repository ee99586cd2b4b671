"""Agents' states by the API: one's own, another's by supervisors, help and the emergency key; one truth for all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.accounts.account import Role
from hotline.agents.legs import LegGone, LegSeen
from hotline.agents.offers import Offers
from hotline.agents.service import AgentStates
from hotline.audit.store import Wanted, changes
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.queues.board import AgentState
from hotline.settings import AgentsSettings
from tests.fakes.web_desk import WebDesk, told, web_desk

CARRIER = {"uniqueid": "c-1", "channel": "PJSIP/carrier-1", "linkedid": "c-1"}
PHONE = {"uniqueid": "c-2", "channel": "PJSIP/8001-2", "linkedid": "c-1"}


@dataclass
class AgentsDesk:
    """A web room with agents' states, and the phone of 8001."""

    room: WebDesk
    states: AgentStates
    offers: Offers
    marked: list[tuple[str, str]]

    async def talks(self) -> None:
        """Let 8001 talk with a resident in call c-1."""
        at = self.room.clock.now()
        await self.room.goes_on("c-1", state=CallState.TALKING, human_answer=at, agent="8001")
        self.offers.hear(LegSeen(**CARRIER, is_up=True, bridge="b"), at)
        self.offers.hear(LegSeen(**PHONE, is_called=True, is_up=True, bridge="b"), at)
        self.room.agents(a8001=AgentState.TALKING)

    async def hangs_up(self) -> None:
        for event in self.offers.hear(LegGone(uniqueid="c-2"), self.room.clock.now()).happened:
            await self.states.happened(event)
        self.room.agents(a8001=AgentState.READY)


@asynccontextmanager
async def agents_desk(tmp_path: Any) -> AsyncIterator[AgentsDesk]:
    marked: list[tuple[str, str]] = []

    async def mark(call_id: str, by: str, _at: datetime) -> None:
        marked.append((call_id, by))
        call = await desk.room.goes_on(call_id, is_emergency=True)
        async with desk.room.database.begin() as session:
            await save_call(session, call)

    async with web_desk(tmp_path, mark_emergency=mark) as room:
        offers = Offers()
        states = AgentStates(
            database=room.database, bus=room.bus, clock=room.clock, agents=("8001", "8002"), settings=AgentsSettings(),
            offers=offers, board=lambda: room.board,
        )  # fmt: skip
        object.__setattr__(room.rooms, "agents", states)  # it needs the room's own database
        room.agents(a8001=AgentState.READY, a8002=AgentState.SIGNED_OUT)
        desk = AgentsDesk(room, states, offers, marked)
        yield desk


async def test_signing_in_pauses_until_ready_is_pressed_and_signing_out_takes_the_agent_out(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")
        states = []
        for press in (None, "ready", ("pause", "用餐"), "ready"):
            if press:
                step, body = (press, {}) if isinstance(press, str) else (press[0], {"reason": press[1]})
                assert (await li.post(f"/api/v1/agents/me/{step}", json=body)).status == 200
            board = await (await boss.get("/api/v1/agents")).json()
            states.append((board["agents"][0]["state"], board["agents"][0]["reason"]))
        await li.post("/sign-out", allow_redirects=False)
        board = await (await boss.get("/api/v1/agents")).json()

        assert states == [("paused", "signed-in"), ("ready", ""), ("paused", "用餐"), ("ready", "")]
        assert (board["agents"][0]["state"], board["agents"][0]["reason"]) == ("signed-out", "pressed")
        assert board["reasons"] == ["用餐", "休息", "培训", "外出", "填写记录"]


async def test_agent_and_supervisor_see_the_same_state_on_their_pages(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")
        async with li.ws_connect("/api/v1/live") as mine, boss.ws_connect("/api/v1/live") as theirs:
            await told(mine, "snapshot"), await told(theirs, "snapshot")
            await li.post("/api/v1/agents/me/pause", json={"reason": "休息"})
            boards = [await told(mine, "board"), await told(theirs, "board")]

        assert boards[0] == boards[1]
        agent = boards[0]["board"]["agents"][0]
        assert (agent["extension"], agent["name"], agent["state"], agent["reason"]) == (
            "8001",
            "王敏",
            "paused",
            "休息",
        )
        assert agent["since"].endswith("+08:00")


async def test_wrap_up_is_lengthened_ended_and_not_lengthened_after(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li = await desk.room.signed_in()
        await li.post("/api/v1/agents/me/ready", json={})
        await desk.talks()
        await desk.hangs_up()
        more = await (await li.post("/api/v1/agents/me/more-time", json={})).json()
        done = await (await li.post("/api/v1/agents/me/wrap-up-done", json={})).json()
        refused = await li.post("/api/v1/agents/me/more-time", json={})
        again = await li.post("/api/v1/agents/me/wrap-up-done", json={})

        assert (more["state"], more["call_id"], done["state"]) == ("wrap-up", "c-1", "ready")
        assert (datetime.fromisoformat(more["until"]) - datetime.fromisoformat(more["since"])).seconds == 180
        assert (refused.status, (await refused.json())["error"]["id"]) == (409, "agent-step-refused")
        assert (again.status, (await again.json())["state"]) == (200, "ready"), "a double click is no error"


async def test_supervisor_sets_another_agents_state_and_an_agent_may_not(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")
        paused = await (await boss.post("/api/v1/agents/8001/pause", json={"reason": "培训"})).json()
        woken = await (await boss.post("/api/v1/agents/8001/ready", json={})).json()
        out = await (await boss.post("/api/v1/agents/8001/sign-out", json={})).json()
        refused = [await li.post(f"/api/v1/agents/8002/{step}", json={}) for step in ("ready", "sign-out")]
        unknown = await boss.post("/api/v1/agents/8999/sign-out", json={})

        assert [paused["state"], woken["state"], out["state"]] == ["paused", "ready", "signed-out"]
        assert desk.states.decided("8001").by == "boss"
        assert [answer.status for answer in refused] == [403, 403]
        assert (unknown.status, (await unknown.json())["error"]["id"]) == (404, "agent-unknown")


async def test_agent_sees_which_supervisor_decided_and_nobody_where_they_did_themselves(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")

        async def shown() -> tuple[str, str, str, str]:
            told = await (await li.get("/api/v1/agents")).json()
            mine = next(one for one in told["agents"] if one["extension"] == "8001")
            return mine["state"], mine["reason"], mine["then"], mine["by_name"]

        await li.post("/api/v1/agents/me/pause", json={"reason": "用餐"})
        assert await shown() == ("paused", "用餐", "", "")
        await li.post("/api/v1/agents/me/ready", json={})
        await desk.talks()
        await boss.post("/api/v1/agents/8001/pause", json={"reason": "培训"})
        assert await shown() == ("talking", "", "培训", "陈主管")
        await desk.hangs_up()
        assert await shown() == ("wrap-up", "", "培训", "陈主管")
        await li.post("/api/v1/agents/me/wrap-up-done", json={})
        assert await shown() == ("paused", "培训", "", "陈主管")
        await li.post("/api/v1/agents/me/ready", json={})
        assert await shown() == ("ready", "", "", "")


async def test_reason_that_nobody_set_is_refused(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li = await desk.room.signed_in()
        answer = await li.post("/api/v1/agents/me/pause", json={"reason": "钓鱼"})

        assert (answer.status, (await answer.json())["error"]["id"]) == (422, "pause-reason-unknown")


async def test_who_has_no_agents_phone_has_no_state(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        root, machine, boss = (
            await desk.room.signed_in("root"), await desk.room.machine(Role.AGENT), await desk.room.signed_in("boss")
        )  # fmt: skip
        answers = [await each.post("/api/v1/agents/me/ready", json={}) for each in (root, machine, boss)]

        assert [answer.status for answer in answers] == [404, 404, 404]


async def test_wish_for_help_is_on_the_board_until_the_talk_is_over_and_says_who_comes(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")
        early = await li.post("/api/v1/agents/me/help", json={})
        await desk.talks()
        wish = await (await li.post("/api/v1/agents/me/help", json={})).json()
        taken = await (await boss.post(f"/api/v1/help/{wish['id']}/take", json={})).json()
        mine = await li.post(f"/api/v1/help/{wish['id']}/take", json={})
        board = await (await boss.get("/api/v1/agents")).json()
        await desk.hangs_up()
        await desk.states.end_what_is_over()
        after = await (await boss.get("/api/v1/agents")).json()
        late = (wish["id"], "x", 2**40, "9" * 4400)
        too_late = [await boss.post(f"/api/v1/help/{each}/take", json={}) for each in late]

        assert (early.status, (await early.json())["error"]["id"]) == (409, "not-in-this-call")
        assert (wish["call_id"], wish["taken_by"], taken["taken_by"]) == ("c-1", "", "陈主管")
        assert mine.status == 403
        assert [(one["name"], one["taken_by"]) for one in board["help"]] == [("王敏", "陈主管")]
        assert after["help"] == []
        assert [answer.status for answer in too_late] == [409] * 4


async def test_emergency_key_turns_every_screen_red_for_as_long_as_the_call_lasts(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")
        await desk.talks()
        async with boss.ws_connect("/api/v1/live") as socket:
            await told(socket, "snapshot")
            call = await (await li.post("/api/v1/calls/c-1/emergency", json={})).json()
            alert = (await told(socket, "alert"))["alert"]
            while alert["state"] != "danger":
                alert = (await told(socket, "alert"))["alert"]
            await desk.room.goes_on("c-1", state=CallState.ENDED, ended_at=desk.room.clock.now())
            while alert["state"] == "danger":
                alert = (await told(socket, "alert"))["alert"]

        assert call["is_emergency"]
        assert desk.marked == [("c-1", "xiaowang")]
        assert alert["state"] == "over"


async def test_call_of_somebody_else_or_one_that_is_over_is_marked_by_no_agent(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")
        await desk.room.goes_on("c-9", state=CallState.TALKING, human_answer=desk.room.clock.now())
        await desk.room.finished_call("c-8")
        others = await li.post("/api/v1/calls/c-9/emergency", json={})
        over = await boss.post("/api/v1/calls/c-8/emergency", json={})
        bosses = await boss.post("/api/v1/calls/c-9/emergency", json={})

        assert [answer.status for answer in (others, over, bosses)] == [409, 409, 200]
        assert desk.marked == [("c-9", "boss")]


async def test_desk_that_keeps_no_states_shows_agents_as_their_phones_are(tmp_path) -> None:
    async with web_desk(tmp_path) as room:
        room.agents(a8001=AgentState.READY)
        li = await room.signed_in()
        refused = await li.post("/api/v1/agents/me/ready", json={})
        metrics = await (await li.get("/metrics")).text()

        assert refused.status == 404
        assert 'hotline_agents{state="ready"} 1.0' in metrics


async def test_what_a_supervisor_sets_is_audited_and_what_agents_press_is_not(tmp_path) -> None:
    async with agents_desk(tmp_path) as desk:
        li, boss = await desk.room.signed_in(), await desk.room.signed_in("boss")
        await li.post("/api/v1/agents/me/ready", json={})
        await boss.post("/api/v1/agents/8001/pause", json={"reason": "培训"})
        await boss.post("/api/v1/agents/8001/ready", json={})
        await boss.post("/api/v1/agents/8001/sign-out", json={})
        async with desk.room.database.read() as session:
            found = await changes(session, Wanted(room="agents"), limit=10)

    assert [(one.change.by, one.change.act, one.change.subject) for one in found][::-1] == [
        ("boss", "pause", "8001"),
        ("boss", "wake", "8001"),
        ("boss", "sign-out", "8001"),
    ]
    assert found[-1].change.after == {"stand": "paused", "reason": "培训"}
