"""Incidents over HTTP and the live socket: everybody looks, supervisors decide, every desk sees it at once."""

from datetime import timedelta

import pytest

from hotline.accounts.account import Role
from hotline.bus import Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from tests.fakes.web_desk import CALLER, told

INCIDENTS = "/api/v1/incidents"
NEIGHBOURS = {"13800138101": 101, "13800138201": 201, "13800138301": 301}


async def neighbours_move_in(room):
    async with room.database.begin() as session:
        for number, flat in NEIGHBOURS.items():
            home = await add_home(session, Home(3, 1, flat))
            await add_resident(session, home, "李霞", title=Title.MS, numbers=[PhoneNumber.parse(number)])


async def neighbour_calls(room, number, **changes):
    """Let somebody wait in the queue, as the ledger writes it down."""
    at = room.clock.now() - timedelta(seconds=30)
    values = {"id": f"c-{number}", "state": CallState.WAITING, "caller_number": number, "dialled": "96000"}
    call = CallRecord(**(values | {"ring_start": at, "queued_at": at} | changes))
    async with room.database.begin() as session:
        await save_call(session, call)
        await room.rooms.incidents.follow(session, call)
    room.bus.publish(Change(Subject.CALL, call.id))
    return call


async def surge(room):
    await neighbours_move_in(room)
    for number in NEIGHBOURS:
        await neighbour_calls(room, number)


async def post(client, path, **values):
    answer = await client.post(f"{INCIDENTS}{path}", json=values)
    return answer.status, await answer.json()


async def test_surge_appears_on_every_desk_and_joins_grow_it(desk):
    async with desk() as room:
        await neighbours_move_in(room)
        client = await room.signed_in()
        async with client.ws_connect("/api/v1/live") as socket:
            assert (await told(socket, "snapshot"))["incidents"] == []
            for number in NEIGHBOURS:
                await neighbour_calls(room, number)
            while (first := (await told(socket, "incident"))["incident"])["calls"] < len(NEIGHBOURS):
                pass
            await neighbour_calls(room, CALLER)
            while (joined := (await told(socket, "incident"))["incident"])["calls"] == first["calls"]:
                pass

        assert (first["building"], first["state"], first["homes"], first["calls"]) == (3, "suspected", 3, 3)
        assert first["home_labels"] == ["3-1-101", "3-1-201", "3-1-301"]
        assert first["began_at"] == "2026-11-21T09:39:42+08:00"
        assert (joined["homes"], joined["calls"], joined["registered"]) == (4, 4, 0)


async def test_open_incident_is_in_the_snapshot_and_a_closed_one_is_not(desk):
    async with desk() as room:
        await surge(room)
        boss = await room.signed_in("boss")
        async with boss.ws_connect("/api/v1/live") as socket:
            assert [one["id"] for one in (await told(socket, "snapshot"))["incidents"]] == [1]
            await post(boss, "/1/dismiss", reason="三件不同的事")
            while (await told(socket, "incident"))["incident"]["state"] != "dismissed":
                pass  # word of the calls before may still come
        async with boss.ws_connect("/api/v1/live") as socket:
            assert (await told(socket, "snapshot"))["incidents"] == []


async def test_incident_goes_its_whole_way_and_says_who_did_what(desk):
    async with desk() as room:
        await surge(room)
        boss, root = await room.signed_in("boss"), await room.signed_in("root")

        confirmed = await post(boss, "/1/confirm", notice="三栋水管爆裂，正在抢修")
        await neighbour_calls(room, CALLER, incident="1", joined_incident=True)
        changed = await post(root, "/1/notice", text="")
        over = await post(boss, "/1/over", what_was_done="十点恢复供水")

        assert (confirmed[0], confirmed[1]["state"]) == (200, "confirmed")
        assert confirmed[1]["notice"] == {
            "text": "三栋水管爆裂，正在抢修",
            "recording": "",
            "plays": "fixed-sentence",
            "trouble": "no-voice",
        }
        assert (changed[0], changed[1]["notice"]["trouble"]) == (200, "")
        assert (over[0], over[1]["state"], over[1]["to_tell"]) == (200, "over", [f"c-{CALLER}"])
        whole = await (await boss.get(f"{INCIDENTS}/1")).json()
        assert [(step["who"], step["act"], step["words"]) for step in whole["steps"]] == [
            ("rule", "raise", ""),
            ("boss", "confirm", "三栋水管爆裂，正在抢修"),
            ("root", "notice", ""),
            ("boss", "end", "十点恢复供水"),
        ]


async def test_list_of_calls_masks_numbers_and_puts_who_registered_first(desk):
    async with desk() as room:
        await surge(room)
        await neighbour_calls(room, CALLER, incident="1", joined_incident=True)
        agent, machine = await room.signed_in(), await room.machine(Role.ADMIN)

        seen = (await (await agent.get(f"{INCIDENTS}/1")).json())["call_list"]
        whole = (await (await machine.get(f"{INCIDENTS}/1")).json())["call_list"]

        assert seen[0] == {
            "id": f"c-{CALLER}",
            "at": "2026-11-21T09:39:42+08:00",
            "number": "138****8501",
            "is_masked": True,
            "home": "3-2-501",
            "who": "张先生",
            "is_registered": True,
            "state": "waiting",
            "outcome": None,
        }
        assert {call["number"] for call in seen[1:]} == {"138****8101", "138****8201", "138****8301"}
        assert (whole[0]["number"], whole[0]["is_masked"]) == (CALLER, False)


async def test_agent_may_look_and_not_decide(desk):
    async with desk() as room:
        await surge(room)
        agent = await room.signed_in()

        assert (await agent.get(INCIDENTS)).status == 200
        for path, values in (
            ("", {"building": 3}),
            ("/1/confirm", {}),
            ("/1/notice", {"text": "停水"}),
            ("/1/over", {"what_was_done": "好了"}),
            ("/1/dismiss", {"reason": "不是"}),
        ):
            status, said = await post(agent, path, **values)
            assert (status, said["error"]["id"]) == (403, "role-may-not")


async def test_incident_is_raised_by_hand_for_a_building_that_has_none(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")

        status, incident = await post(boss, "", building=3, text="三栋停电")
        again = await post(boss, "", building=3)
        nowhere = await post(boss, "", building=77)

        assert (status, incident["state"], incident["raised_by"], incident["calls"]) == (201, "confirmed", "boss", 0)
        assert incident["began_at"] == "2026-11-21T09:40:12+08:00"
        assert (again[0], again[1]["error"]["id"]) == (409, "incident-open")
        assert (nowhere[0], nowhere[1]["error"]["id"]) == (422, "building-unknown")


@pytest.mark.parametrize(
    ("path", "values", "status", "error_id"),
    [
        ("/1/over", {"what_was_done": "好了"}, 409, "incident-step-refused"),
        ("/1/over", {"what_was_done": "  "}, 422, "input-refused"),
        ("/1/over", {}, 422, "input-refused"),
        ("/1/dismiss", {}, 422, "input-refused"),
        ("/1/confirm", {"notice": "水" * 201}, 422, "input-refused"),
        ("/1/confirm", {"notice": "停水\r\nAction: Originate"}, 422, "input-refused"),
        ("/1/notice", {"recording": "../../etc/passwd"}, 422, "input-refused"),
        ("/2/confirm", {}, 404, "incident-unknown"),
        ("/none/confirm", {}, 404, "incident-unknown"),
        ("/99999999999/confirm", {}, 404, "incident-unknown"),
        ("", {"building": 0}, 422, "input-refused"),
    ],
)
async def test_step_that_makes_no_sense_is_refused_by_name(desk, path, values, status, error_id):
    async with desk() as room:
        await surge(room)
        boss = await room.signed_in("boss")

        answered, said = await post(boss, path, **values)

        assert (answered, said["error"]["id"]) == (status, error_id)


async def test_list_is_narrowed_by_state_and_read_by_pages(desk):
    async with desk() as room:
        await neighbours_move_in(room)
        boss = await room.signed_in("boss")
        for number in (1, 2, 3):
            await post(boss, "", building=3)
            if number < 3:
                await post(boss, f"/{number}/over", what_was_done="好了")
                room.clock.turn(1)

        async def ids(query):
            page = await (await boss.get(f"{INCIDENTS}?{query}")).json()
            return [one["id"] for one in page["incidents"]], page["next_cursor"]

        assert await ids("") == ([3, 2, 1], None)
        assert await ids("state=open") == ([3], None)
        assert await ids("state=over") == ([2, 1], None)
        assert await ids("limit=2") == ([3, 2], "2")
        assert await ids("limit=2&cursor=2") == ([1], None)
        assert (await boss.get(f"{INCIDENTS}?state=gone")).status == 422
        assert (await boss.get(f"{INCIDENTS}/9")).status == 404


async def test_desk_that_keeps_no_incidents_says_so(desk):
    async with desk(incidents=None) as room:
        status, said = await post(await room.signed_in("boss"), "/1/confirm")

        assert (status, said["error"]["id"]) == (404, "address-unknown")
