"""The live socket: a snapshot, then changes; bounded for the slow, closed to strangers."""

import asyncio
from dataclasses import replace

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from sqlalchemy import event

from hotline.accounts.account import Role
from hotline.bus import RESYNC, Change, Subject
from hotline.calls.rows_store import CelFamilyTable
from hotline.calls.state import CallState
from hotline.database import Database
from hotline.queues.board import AgentState
from hotline.web import live
from hotline.web.hub import Hub
from hotline.web.keys import HUB
from hotline.web.reading import read_as_they_stand
from tests.fakes.web_desk import CALLER, told

LIVE = "/api/v1/live"


async def closed(socket):
    async with asyncio.timeout(5):
        while True:
            message = await socket.receive()
            if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR}:
                return socket.close_code


async def test_browser_gets_a_snapshot_first_and_then_what_changes(desk):
    async with desk() as room:
        await room.goes_on()
        room.agents(a8001=AgentState.READY)
        await room.finished_call("old")
        await room.draft("old")
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            first = await socket.receive_json()
            await room.goes_on(state=CallState.ANSWERED, switch_answer=room.clock.now())
            changed = await told(socket, "call")
            while changed["call"]["id"] != "c-1":  # word of what was before may still come
                changed = await told(socket, "call")

            assert (first["type"], first["version"]) == ("snapshot", 1)
            assert [call["id"] for call in first["calls"]] == ["c-1"]
            assert first["calls"][0]["number"] == "138****8501"
            [agent] = first["board"]["agents"]
            assert (agent["extension"], agent["name"], agent["state"]) == ("8001", "王敏", "ready")
            assert first["duty_log"][0]["matter"] == "厨房漏水"
            assert first["today"]["offered"] == 1
            assert (changed["call"]["id"], changed["call"]["state"]) == ("c-1", "answered")


async def test_entry_written_at_one_desk_appears_at_the_other(desk):
    async with desk() as room:
        other = await room.signed_in("boss")
        client = await room.signed_in()
        async with other.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            await client.post("/api/v1/duty-log", json={"kind": "repair", "matter": "漏水"})

            assert (await told(socket, "duty-entry"))["entry"]["matter"] == "漏水"


async def test_draft_that_is_drawn_with_its_call_appears_though_only_the_call_is_named(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            await room.draft(is_told=False)
            room.bus.publish(Change(Subject.CALL, "c-1"))

            assert (await told(socket, "duty-entry"))["entry"]["matter"] == "厨房漏水"


async def test_lost_link_to_the_switch_is_told(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            assert (await told(socket, "snapshot"))["board"]["is_current"] is False
            room.agents(a8001=AgentState.TALKING)

            assert (await told(socket, "board"))["board"]["is_current"] is True


async def test_ended_call_changes_the_figures_of_today(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            assert (await told(socket, "snapshot"))["today"]["three_rings_share"] is None
            await room.finished_call()

            assert (await told(socket, "today"))["today"]["three_rings_share"] == 1.0


async def test_burst_of_changes_of_one_call_is_drawn_together(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            for place in range(50):
                await room.goes_on(oddities=(f"{place}",))
            messages = []
            while not messages or messages[-1]["call"]["oddities"] != ["49"]:
                messages.append(await told(socket, "call"))

            assert len(messages) < 25


async def test_calls_told_together_cost_no_more_statements_than_one(desk):
    async with desk() as room:
        # An engine of its own: what the room reads meanwhile does not count.
        alone = Database(room.database.engine.url.render_as_string(hide_password=False))
        asked, counts = [], []
        event.listen(alone.engine.sync_engine, "before_cursor_execute", lambda *seen: asked.append(seen[2]))
        for names in (["a"], [f"b-{place}" for place in range(20)]):
            for name in names:
                await room.goes_on(name)
            asked.clear()
            told_of = await read_as_they_stand(replace(room.rooms, database=alone), set(names))
            counts.append(len(asked))

            assert {each.call.id for each in told_of.values()} == set(names)

        await alone.close()
        assert counts[0] == counts[1] > 0


async def test_part_of_an_older_call_is_told_as_ended_under_its_own_id(desk):
    async with desk() as room:
        await room.goes_on("whole")
        async with room.database.begin() as session:
            session.add(CelFamilyTable(id="part", call_id="whole"))
        told_of = await read_as_they_stand(room.rooms, {"whole", "part", "nobody's"})

        assert {name: each.call.state for name, each in told_of.items()} == {
            "whole": CallState.RINGING,
            "part": CallState.ENDED,
        }


async def test_many_agents_who_change_at_once_are_one_message(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            for place in range(50):
                room.bus.publish(Change(Subject.AGENT, str(8001 + place)))
            await room.goes_on("after")
            boards = 0
            while (message := await socket.receive_json())["type"] != "call":
                boards += message["type"] == "board"
            async with asyncio.timeout(5):
                while not boards:
                    boards += (await socket.receive_json())["type"] == "board"

            assert boards <= 2


async def test_only_a_machine_of_rank_hears_whole_numbers(desk):
    async with desk() as room:
        await room.goes_on()
        for client, number in (
            (await room.machine(Role.SUPERVISOR), CALLER),
            (await room.machine(Role.AGENT), "138****8501"),
        ):
            async with client.ws_connect(LIVE) as socket:
                assert (await told(socket, "snapshot"))["calls"][0]["number"] == number


@pytest.mark.parametrize("origin", [None, "https://elsewhere.example", "null"])
async def test_socket_from_another_sites_page_is_refused_before_the_upgrade(desk, origin):
    async with desk() as room:
        signed_in = await room.signed_in()
        cookie = next(iter(signed_in.cookie_jar))
        headers = {"Cookie": f"{cookie.key}={cookie.value}"} | ({"Origin": origin} if origin else {})
        client = room.client(**headers)
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(LIVE)

        assert refused.value.status == 403
        assert room.hub.viewers == 0


async def test_stranger_gets_no_socket(desk):
    async with desk() as room:
        with pytest.raises(WSServerHandshakeError) as refused:
            await room.client(Origin=room.origin).ws_connect(LIVE)

        assert refused.value.status == 401


async def test_browser_that_does_not_read_is_dropped_and_others_go_on(desk, monkeypatch):
    monkeypatch.setattr(live, "SEND_WITHIN_S", 0.5)
    async with desk() as room:
        slow, quick = await room.machine(Role.AGENT), await room.signed_in()
        async with quick.ws_connect(LIVE) as listening:
            stuck = await slow.ws_connect(LIVE)
            stuck._response.connection.transport.pause_reading()
            await told(listening, "snapshot")
            assert room.hub.viewers == 2
            place = 0
            async with asyncio.timeout(20):
                while room.hub.viewers == 2:
                    place += 1
                    await room.goes_on(oddities=("x" * 500_000, f"{place}"))
                    while (await told(listening, "call"))["call"]["oddities"][1] != f"{place}":
                        pass

            assert not listening.closed


async def test_browser_whose_outbox_is_full_is_told_to_come_again(desk):
    async with desk() as room:
        room.app._state[HUB] = hub = Hub(room.rooms, outbox=2)
        with hub.viewing() as outbox:
            for _ in range(3):
                hub._send(await hub.snapshot())

            assert outbox.get_nowait() is None
            assert outbox.empty()


async def test_backlog_lost_on_the_bus_means_everybody_starts_again_from_a_snapshot(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            room.bus.publish(RESYNC)

            assert await closed(socket) == 1013


async def test_database_that_cannot_be_read_sends_browsers_to_a_new_snapshot_and_the_hub_lives_on(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            async with room.database.engine.begin() as connection:
                await connection.exec_driver_sql("ALTER TABLE call RENAME TO away")
            room.bus.publish(Change(Subject.CALL, "c-1"))
            assert await closed(socket) == 1013

            async with room.database.engine.begin() as connection:
                await connection.exec_driver_sql("ALTER TABLE away RENAME TO call")
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            await room.goes_on()
            assert (await told(socket, "call"))["call"]["id"] == "c-1"


async def test_socket_of_who_signs_out_is_closed_at_once_and_others_stay(desk):
    async with desk() as room:
        client, other = await room.signed_in(), await room.signed_in("boss")
        async with client.ws_connect(LIVE) as socket, other.ws_connect(LIVE) as staying:
            await told(socket, "snapshot")
            await told(staying, "snapshot")
            await client.post("/sign-out", allow_redirects=False)

            assert await closed(socket) == 1013
            await room.goes_on()
            assert (await told(staying, "call"))["call"]["id"] == "c-1"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET session_number = session_number + 1",
        "UPDATE account SET role = 'supervisor'",
        "DELETE FROM account",
        "ALTER TABLE account RENAME TO away",
    ],
)
async def test_socket_whose_session_no_longer_holds_is_closed_by_the_next_heartbeat(desk, monkeypatch, change):
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.1)
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            async with room.database.engine.begin() as connection:
                await connection.exec_driver_sql(change)

            assert await closed(socket) == 1013


async def test_socket_of_a_revoked_token_is_closed_by_the_next_heartbeat(desk, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.1)
    async with desk() as room:
        client = await room.machine(Role.AGENT)
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            async with room.database.engine.begin() as connection:
                await connection.exec_driver_sql("UPDATE token SET revoked = '2026-11-21 00:00:00'")

            assert await closed(socket) == 1013


async def test_more_sockets_than_are_served_are_told_so(desk):
    async with desk() as room:
        room.hub._most_viewers = 1
        client = await room.signed_in()
        async with client.ws_connect(LIVE):
            with pytest.raises(WSServerHandshakeError) as refused:
                await client.ws_connect(LIVE)

        assert refused.value.status == 503


async def test_browser_that_talks_back_is_shown_out(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect(LIVE) as socket:
            await told(socket, "snapshot")
            await socket.send_str("hello")

            assert await closed(socket) == 1008


async def test_socket_that_closes_leaves_nothing_behind(desk):
    async with desk() as room:
        client = await room.signed_in()
        for _ in range(20):
            async with client.ws_connect(LIVE) as socket:
                await told(socket, "snapshot")
        async with asyncio.timeout(5):
            while room.hub.viewers:
                await asyncio.sleep(0.01)

        assert room.hub.viewers == 0
