"""Live help by the API: supervisors alone act, the agent learns of their own side, where the setting shows it."""

from typing import Any

import pytest

from hotline.livehelp.help import Mode
from hotline.queues.board import AgentState
from tests.fakes.help_line import HelpLineByHand, help_room
from tests.fakes.web_desk import told

HELP = {"key": "key-0001", "agent": "8001", "mode": "listen"}


async def test_supervisor_comes_to_a_side_and_the_agent_alone_learns_of_it(desk: Any) -> None:
    async with desk() as room:
        line = HelpLineByHand()
        sides = help_room(room, line).sides
        boss, li = await room.signed_in("boss"), await room.signed_in()
        async with boss.ws_connect("/api/v1/live") as theirs, li.ws_connect("/api/v1/live") as mine:
            await told(theirs, "snapshot"), await told(mine, "snapshot")
            answer = await boss.post("/api/v1/live-help", json=HELP)
            assert answer.status == 202
            rings = (await told(theirs, "live-help"))["helps"], (await told(mine, "live-help"))["helps"]
            line.lives = {line.asked[0].channel: Mode.LISTEN}
            await sides.look()
            listens = (await told(theirs, "live-help"))["helps"], (await told(mine, "live-help"))["helps"]

        number = (await answer.json())["id"]
        assert ([one["state"] for one in rings[0]], rings[1]) == (["asked"], [])  # not there yet: nothing to be told
        for seen in listens:
            assert [(one["state"], one["by_name"], one["agent"]) for one in seen] == [("listening", "陈主管", "8001")]
        assert (await (await li.get("/api/v1/live-help")).json())["helps"] == list(listens[1])
        turned = await boss.post(f"/api/v1/live-help/{number}/turn", json={"mode": "whisper"})
        assert (await turned.json())["state"] == "whispering"
        assert (await boss.post(f"/api/v1/live-help/{number}/end", json={})).status == 202


async def test_agent_learns_nothing_where_the_setting_keeps_it(desk: Any) -> None:
    async with desk() as room:
        line = HelpLineByHand()
        sides = help_room(room, line, shows_agent=False).sides
        boss, li = await room.signed_in("boss"), await room.signed_in()
        await boss.post("/api/v1/live-help", json=HELP)
        line.lives = {line.asked[0].channel: Mode.LISTEN}
        await sides.look()

        assert (await (await li.get("/api/v1/live-help")).json())["helps"] == []
        assert len((await (await boss.get("/api/v1/live-help")).json())["helps"]) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/live-help", HELP),
        ("/api/v1/live-help/1/turn", {"mode": "take"}),
        ("/api/v1/live-help/1/end", {}),
        ("/api/v1/calls/call/move", {"to": "front"}),
        ("/api/v1/by-hand/plan", {"value": "closed"}),
        ("/api/v1/by-hand/queues/repair", {"is_closed": True}),
    ],
)
async def test_agent_may_do_none_of_it(desk: Any, path: str, body: dict[str, Any]) -> None:
    async with desk() as room:
        line = HelpLineByHand()
        help_room(room, line)
        li = await room.signed_in()

        answer = await li.post(path, json=body)

        assert answer.status == 403
        assert (line.asked, line.moved, line.held) == ([], [], {})


async def test_refusals_say_which(desk: Any) -> None:
    async with desk() as room:
        line = HelpLineByHand()
        help_room(room, line)
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        wanted: list[tuple[Any, str, dict[str, Any]]] = [
            (root, "/api/v1/live-help", HELP),  # no telephone
            (boss, "/api/v1/live-help", {**HELP, "agent": "8002"}),
            (boss, "/api/v1/live-help", {**HELP, "mode": "shout"}),
            (boss, "/api/v1/live-help/77/turn", {"mode": "listen"}),
            (boss, "/api/v1/calls/nowhere/move", {"to": "front"}),
            (boss, "/api/v1/by-hand/queues/nowhere", {"is_closed": True}),
        ]
        found = []
        for who, path, body in wanted:
            answer = await who.post(path, json=body)
            found.append((answer.status, (await answer.json())["error"]["id"]))

    assert found == [
        (409, "own-phone-missing"),
        (409, "agent-not-talking"),
        (422, "input-refused"),
        (404, "help-unknown"),
        (404, "call-unknown"),
        (422, "place-unknown"),
    ]


async def test_plan_queue_and_waiting_caller_are_switched_and_told_by_name(desk: Any) -> None:
    async with desk() as room:
        line = HelpLineByHand()
        by_hand = help_room(room, line).by_hand
        room.agents(a8001=AgentState.READY)
        await room.goes_on("call")
        boss = await room.signed_in("boss")
        async with boss.ws_connect("/api/v1/live") as socket:
            await told(socket, "snapshot")
            plan = (await (await boss.post("/api/v1/by-hand/plan", json={"value": "closed"})).json())["plan"]
            await told(socket, "by-hand")
        await boss.post("/api/v1/by-hand/queues/repair", json={"is_closed": True})
        await by_hand.look()
        moved = await boss.post("/api/v1/calls/call/move", json={"to": "8001"})
        shown = await (await boss.get("/api/v1/by-hand")).json()
        steps = (await (await boss.get("/api/v1/calls/call/help")).json())["steps"]

    assert (plan["is_open"], plan["is_scheduled"], plan["by_name"]) == (False, True, "陈主管")
    assert [(one["queue"], one["is_closed"], one["by_name"]) for one in shown["queues"]] == [
        ("repair", True, "陈主管"),
        ("complaint", False, ""),
        ("service", False, ""),
    ]
    assert line.held == {("closed", "repair"): "yes"}
    assert (moved.status, line.moved) == (200, [("PJSIP/carrier-0", "8001")])
    assert [(one["what"], one["to"], one["by_name"]) for one in steps] == [("moved", "8001", "陈主管")]
