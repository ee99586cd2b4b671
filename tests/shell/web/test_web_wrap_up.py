"""Notes, wrap-up and my list over HTTP: nothing is overwritten silently, an act is one act, gaps are named."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession

from hotline.calls.state import Outcome
from hotline.calls.talks import Transfer
from hotline.dutylog.entry import EntryState
from hotline.dutylog.store import entries_of
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.reading_store import follow_ups_page
from hotline.web.store import accesses_of

HANDED_TO_8001 = Transfer(at=datetime(2026, 11, 21, 4, 0, tzinfo=UTC), kind="blind", by="8009", to="8001")
NOTES, WRAP_UP = "/api/v1/calls/c-1/notes", "/api/v1/calls/c-1/wrap-up"
REPAIR: dict[str, Any] = {
    "key": "wrap-0001", "disposition": "dispatched", "kind": "repair", "who": "张先生", "home": "3-2-501",
    "matter": "厨房漏水", "dispatch": {"department": "工程部", "note": "带止水阀"},
    "promise": {"due": "2026-11-21T15:00:00+08:00", "text": "下午三点前到"},
}  # fmt: skip


async def asked(client: ClientSession, path: str, status: int = 200) -> dict[str, Any]:
    async with client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return dict(await answer.json())


async def sent(client: ClientSession, method: str, path: str, body: dict[str, Any], status: int) -> dict[str, Any]:
    async with client.request(method, path, json=body) as answer:
        assert answer.status == status, await answer.text()
        return dict(await answer.json())


async def test_two_tabs_do_not_overwrite_each_others_notes_and_the_second_gets_the_newer_ones(desk):
    async with desk() as room:
        await room.finished_call()
        tab, other = await room.signed_in(), await room.signed_in()

        first = await sent(
            tab,
            "PUT",
            NOTES,
            {"version": 0, "text": "漏水", "points": ["place"], "form": {"home": "3-2-501", "is_urgent": True}},
            200,
        )
        late = await sent(other, "PUT", NOTES, {"version": 0, "text": "停电"}, 409)
        second = await sent(other, "PUT", NOTES, {"version": first["version"], "text": "漏水，停电"}, 200)
        stale = await sent(tab, "PUT", NOTES, {"version": first["version"], "text": "x"}, 409)

        assert (first["version"], second["version"]) == (1, 2)
        assert late["error"]["id"] == "notes-changed"
        assert late["error"]["details"]["notes"]["text"] == "漏水"
        assert stale["error"]["details"]["notes"]["version"] == 2
        assert (await asked(tab, NOTES))["mine"]["text"] == "漏水，停电"


async def test_notes_have_a_size_and_their_call_and_an_agent_does_not_write_on_anothers_call(desk):
    async with desk() as room:
        await room.finished_call()
        await room.finished_call("c-2", agent="8009", rings=())
        agent, boss = await room.signed_in(), await room.signed_in("boss")

        await sent(agent, "PUT", NOTES, {"version": 0, "text": "水" * 4001}, 422)
        await sent(agent, "PUT", "/api/v1/calls/none/notes", {"version": 0}, 404)
        refused = await sent(agent, "PUT", "/api/v1/calls/c-2/notes", {"version": 0, "text": "x"}, 403)
        await sent(boss, "PUT", "/api/v1/calls/c-2/notes", {"version": 0, "text": "<b>x</b>"}, 200)

        assert refused["error"]["id"] == "pop-not-yours"
        mine = await asked(boss, "/api/v1/calls/c-2/notes")
        assert (mine["mine"]["name"], mine["mine"]["text"]) == ("陈主管", "<b>x</b>")


async def test_anothers_call_is_neither_read_nor_written_nor_dialled_and_the_question_is_written_down(desk):
    async with desk() as room:
        await room.finished_call("theirs", agent="8009", rings=())
        await room.finished_call("handed", agent="8009", rings=(), transfers=(HANDED_TO_8001,))
        await room.finished_call("nobodys", agent="", rings=(), human_answer=None, outcome=Outcome.ABANDONED_QUEUE)
        agent, boss = await room.signed_in(), await room.signed_in("boss")

        for call_id, status in (("theirs", 403), ("handed", 200), ("nobodys", 200)):
            for what in ("heard", "notes", "wrap-up"):
                answer = await asked(agent, f"/api/v1/calls/{call_id}/{what}", status)
                assert status == 200 or answer["error"]["id"] == "pop-not-yours"
        dialled = await sent(agent, "POST", "/api/v1/outside-calls", {"key": "dial-0001", "call_id": "theirs"}, 403)
        async with room.database.read() as session:
            log = [what for _, _, what, _, _ in await accesses_of(session, "theirs")]

        assert dialled["error"]["id"] == "pop-not-yours"
        assert log == ["pop-refused"]
        for what in ("heard", "notes", "wrap-up"):
            await asked(boss, f"/api/v1/calls/theirs/{what}")


async def test_wrap_up_confirms_dispatches_and_promises_in_one_act_however_often_it_is_sent(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()
        await sent(client, "PUT", NOTES, {"version": 0, "text": "t", "form": {"home": "3-2"}}, 200)
        shown = await asked(client, WRAP_UP)

        answers = await asyncio.gather(*(sent(client, "POST", WRAP_UP, REPAIR, 201) for _ in range(3)))

        assert (shown["is_done"], shown["is_yours"], shown["departments"][0]) == (False, True, "工程部")
        assert shown["required"]["repair"] == ["home", "matter"]
        assert len({answer["number"] for answer in answers}) == 1
        assert [one["department"] for one in answers[0]["dispatches"]] == ["工程部"]
        assert answers[0]["owed"]["due"] == "2026-11-21T15:00:00+08:00"
        after = await asked(client, WRAP_UP)
        assert (after["is_done"], after["notes"]["mine"]["form"], after["notes"]["mine"]["text"]) == (True, {}, "t")
        async with room.database.read() as session:
            assert [entry.state for entry in await entries_of(session, "c-1")] == [EntryState.CONFIRMED]
            assert [one.kind for one in await follow_ups_page(session)] == [FollowUpKind.MATTER]


async def test_wrap_up_names_everything_that_is_missing_and_writes_nothing(desk):
    async with desk() as room:
        await room.finished_call()
        await room.draft()
        client = await room.signed_in()

        refused = await sent(
            client, "POST", WRAP_UP, {"key": "wrap-0002", "disposition": "dispatched", "kind": "special-help"}, 422
        )
        unknown = await sent(
            client, "POST", WRAP_UP, {**REPAIR, "key": "wrap-0003", "dispatch": {"department": "没有"}}, 422
        )

        assert refused["error"]["details"] == {
            "kind": "special-help",
            "missing": ["home", "who", "matter", "department"],
        }
        assert unknown["error"]["id"] == "department-unknown"
        async with room.database.read() as session:
            assert [entry.state for entry in await entries_of(session, "c-1")] == [EntryState.DRAFT]
            assert await follow_ups_page(session) == []


async def test_entry_confirmed_meanwhile_is_corrected_only_by_whoever_has_seen_it(desk):
    async with desk() as room:
        await room.finished_call()
        client, boss = await room.signed_in(), await room.signed_in("boss")
        done = await sent(boss, "POST", WRAP_UP, REPAIR, 201)

        late = await sent(client, "POST", WRAP_UP, {**REPAIR, "key": "wrap-0004"}, 409)
        mended = await sent(
            client, "POST", WRAP_UP,
            {**REPAIR, "key": "wrap-0005", "corrects": done["number"], "home": "3-2-502", "dispatch": None}, 201,
        )  # fmt: skip

        assert late["error"]["id"] == "entry-confirmed"
        assert (mended["corrects"], mended["home"]) == (done["number"], "3-2-502")


async def test_promise_to_somebody_else_or_without_a_matter_is_owed_on_its_own_to_the_one_who_gave_it(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()
        promise = {"due": "2026-11-21T15:00:00+08:00", "to": "李女士", "text": "回复电梯检修时间"}

        await sent(client, "POST", WRAP_UP, {**REPAIR, "disposition": "promised", "promise": promise}, 201)

        async with room.database.read() as session:
            owed = {one.kind: one for one in await follow_ups_page(session)}
        assert set(owed) == {FollowUpKind.MATTER, FollowUpKind.OTHER}
        mine = owed[FollowUpKind.OTHER]
        assert (mine.who, mine.taken_by, mine.state) == ("李女士", "xiaowang", FollowUpState.OPEN)
        assert mine.text.endswith("回复电梯检修时间")


async def test_my_list_has_what_is_mine_what_anybody_may_take_and_calls_that_wait_for_their_wrap_up(desk):
    async with desk() as room:
        await room.finished_call()
        await room.finished_call("c-9", agent="8002", rings=())
        await room.draft()
        await room.draft("c-9")
        await room.finished_call("c-3", human_answer=None, agent="", rings=(), outcome=Outcome.ABANDONED_QUEUE)
        agent, boss = await room.signed_in(), await room.signed_in("boss")
        new = {"text": "送合同", "home": "3-2-501", "due": (room.clock.now() - timedelta(hours=1)).isoformat()}
        taken = await sent(agent, "POST", "/api/v1/follow-ups", new, 201)
        await sent(agent, "POST", f"/api/v1/follow-ups/{taken['id']}/take", {}, 200)
        await sent(boss, "POST", "/api/v1/follow-ups", {**new, "text": "主管回访", "owed_by": "supervisor"}, 201)
        await sent(boss, "POST", "/api/v1/follow-ups", {**new, "text": "谁都可以"}, 201)

        mine, heads = await asked(agent, "/api/v1/my-list"), await asked(boss, "/api/v1/my-list")

        assert [one["text"] for one in mine["mine"]] == ["送合同"]
        assert [one["text"] for one in mine["anybody"]] == ["谁都可以"]
        assert [one["call_id"] for one in mine["waiting"]] == ["c-1"]
        assert mine["counts"] == {"overdue": 2, "mine": 1, "anybody": 1, "waiting": 1}
        assert {one["text"] for one in heads["anybody"]} == {"主管回访", "谁都可以"}
        assert {one["call_id"] for one in heads["waiting"]} == {"c-1", "c-9"}
        assert "13800138501" not in str(mine)
