"""Follow-ups over HTTP: listed by deadline, taken, closed with a result, opened again; numbers masked like calls."""

from datetime import timedelta

import pytest
from aiohttp import ClientSession

from hotline.accounts.account import Role
from hotline.bus import Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.followups.service import FollowUps
from hotline.settings import FollowUpSettings
from hotline.web.store import Access, accesses_of
from tests.fakes.web_desk import CALLER, WebDesk, told

BY_HAND = {"text": "把车位合同送到家里", "home": "3栋2单元501", "due": "2026-11-21T18:00:00+08:00"}
API = "/api/v1/follow-ups"


async def owes(room: WebDesk, call: CallRecord) -> None:
    """Show the call to the room that writes down what is owed, as the ledger does."""
    follower = FollowUps(settings=FollowUpSettings(), clock=room.clock)
    async with room.database.begin() as session:
        await follower.follow(session, call)
    room.bus.publish(Change(Subject.CALL, call.id))


async def missed(room: WebDesk, call_id: str = "c-1", *, minutes_ago: float = 3, **changes: object) -> None:
    start = room.clock.now() - timedelta(minutes=minutes_ago)
    values = {"human_answer": None, "rings": (), "agent": "", "outcome": Outcome.ABANDONED_QUEUE} | changes
    await owes(room, await room.finished_call(call_id, start=start, **values))


async def emergency(room: WebDesk, call_id: str = "e-1") -> None:
    await missed(room, call_id, is_emergency=True, caller_number="13912345678")


async def listed(client: ClientSession, query: str = "") -> list[dict]:
    answer = await client.get(f"{API}{query}")
    assert answer.status == 200, await answer.text()
    return (await answer.json())["follow_ups"]


async def test_missed_call_stands_in_the_list_with_whom_to_call_and_until_when(desk):
    async with desk() as room:
        await missed(room)

        [one] = await listed(await room.signed_in())

        assert (one["kind"], one["state"], one["owed_by"], one["call_id"]) == ("missed", "open", "agent", "c-1")
        assert (one["who"], one["home"], one["number"], one["is_masked"]) == ("张先生", "3-2-501", "138****8501", True)
        assert (one["since"], one["due"]) == ("2026-11-21T09:38:47+08:00", "2026-11-21T10:08:47+08:00")
        assert one["is_overdue"] is False
        room.clock.turn(3600)
        assert [one["is_overdue"] for one in await listed(await room.signed_in())] == [True]


async def test_person_takes_it_and_closes_it_with_the_result(desk):
    async with desk() as room:
        await missed(room)
        client = await room.signed_in()

        taken = await (await client.post(f"{API}/1/take")).json()
        closed = await (await client.post(f"{API}/1/close", json={"result": "已回电，漏水已派工"})).json()

        assert (taken["state"], taken["taken_by"], taken["taken_by_name"]) == ("open", "xiaowang", "王敏")
        assert (closed["state"], closed["closing"], closed["closed_by_name"]) == ("done", "closed", "王敏")
        whole = await (await client.get(f"{API}/1")).json()
        assert [(step["what"], step["who_name"], step["text"]) for step in whole["steps"]] == [
            ("raised", "hotline", ""), ("taken", "王敏", ""), ("closed", "王敏", "已回电，漏水已派工"),
        ]  # fmt: skip
        assert [call["call_id"] for call in whole["from_calls"]] == ["c-1"]


async def test_closed_one_is_opened_again_with_a_reason_and_the_first_result_stays_in_the_history(desk):
    async with desk() as room:
        await missed(room)
        client = await room.signed_in()
        await client.post(f"{API}/1/close", json={"result": "没人接"})

        again = await (await client.post(f"{API}/1/reopen", json={"reason": "再试一次"})).json()

        assert (again["state"], again["result"], again["closed_by"]) == ("open", "", "")
        steps = (await (await client.get(f"{API}/1")).json())["steps"]
        assert [(step["what"], step["text"]) for step in steps[1:]] == [("closed", "没人接"), ("reopened", "再试一次")]


async def test_what_was_never_owed_is_cancelled_and_not_removed(desk):
    async with desk() as room:
        await missed(room)
        client = await room.signed_in()

        assert (await client.post(f"{API}/1/cancel", json={"reason": "骚扰电话"})).status == 200

        assert await listed(client, "?state=open") == []
        for state in ("cancelled", "closed"):
            assert [one["result"] for one in await listed(client, f"?state={state}")] == ["骚扰电话"]


async def test_second_word_on_a_closed_one_is_a_conflict(desk):
    async with desk() as room:
        await missed(room)
        client = await room.signed_in()
        await client.post(f"{API}/1/close", json={"result": "已回电"})

        answer = await client.post(f"{API}/1/close", json={"result": "已回电"})

        assert answer.status == 409
        error = (await answer.json())["error"]
        assert (error["id"], error["details"]) == ("follow-up-step-refused", {"state": "done"})


@pytest.mark.parametrize(
    ("step", "body"), [("take", None), ("close", {"result": "已处理"}), ("cancel", {"reason": "误触"})]
)
async def test_what_a_supervisor_owes_an_agent_cannot_do(desk, step, body):
    async with desk() as room:
        await emergency(room)

        refused = await (await room.signed_in()).post(f"{API}/1/{step}", json=body)
        taken = await (await room.signed_in("boss")).post(f"{API}/1/{step}", json=body)

        assert (refused.status, (await refused.json())["error"]["id"]) == (403, "follow-up-not-yours")
        assert taken.status == 200


async def test_number_is_revealed_with_a_reason_and_the_access_log_keeps_it(desk):
    async with desk() as room:
        await missed(room)
        client = await room.signed_in()
        await client.post(API, json=BY_HAND | {"number": "13900139000"})

        first = await (await client.post(f"{API}/1/reveal", json={"reason": "回电"})).json()
        second = await (await client.post(f"{API}/2/reveal", json={"reason": "回电"})).json()

        assert (first["number"], second["number"]) == (CALLER, "13900139000")
        assert (await client.post(f"{API}/1/reveal", json={"reason": ""})).status == 422
        async with room.database.read() as session:
            for call_id in ("c-1", "follow-up 2"):
                [(_, who, what, _, why)] = await accesses_of(session, call_id)
                assert (who, what, why) == ("xiaowang", Access.NUMBER, "回电")


async def test_supervisors_machine_gets_whole_numbers_like_those_of_calls(desk):
    async with desk() as room:
        await missed(room)

        assert [one["number"] for one in await listed(await room.machine(Role.AGENT))] == ["138****8501"]
        assert [one["number"] for one in await listed(await room.machine(Role.SUPERVISOR))] == [CALLER]


async def test_person_writes_one_down_by_hand(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post(API, json=BY_HAND)

        one = await answer.json()
        assert answer.status == 201
        assert (one["kind"], one["call_id"], one["home"], one["text"]) == ("other", None, "3-2-501", BY_HAND["text"])
        assert (one["due"], one["owed_by"], one["calls"]) == (BY_HAND["due"], "agent", 0)
        steps = (await (await client.get(f"{API}/{one['id']}")).json())["steps"]
        assert [(step["what"], step["who"]) for step in steps] == [("raised", "xiaowang")]


async def test_known_number_brings_home_and_name_with_it(desk):
    async with desk() as room:
        client = await room.signed_in()

        one = await (await client.post(API, json=BY_HAND | {"home": "", "number": "138 0013 8501"})).json()

        assert (one["home"], one["who"], one["number"]) == ("3-2-501", "张先生", "138****8501")


@pytest.mark.parametrize("wrong", [
    {"text": ""}, {"text": "x\x00"}, {"due": None}, {"due": "2026-11-21T18:00:00"}, {"home": ""}, {"number": "abc"},
    {"owed_by": "admin"}, {"kind": "message"},
])  # fmt: skip
async def test_one_by_hand_with_something_missing_or_wrong_is_refused(desk, wrong):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post(API, json=BY_HAND | wrong)

        assert (answer.status, (await answer.json())["error"]["id"]) == (422, "input-refused")
        assert await listed(client) == []


async def test_person_who_closes_a_missed_call_gives_its_place_in_the_queue_up(desk):
    forgotten = []

    async def forget(digits):
        forgotten.append(digits)

    async with desk(forget_place=forget) as room:
        await missed(room)

        await (await room.signed_in()).post(f"{API}/1/close", json={"result": "已回电"})

        assert forgotten == [CALLER]


@pytest.mark.parametrize("number", ["0", "99", "-1", "x", "٣", "99999999999"])
async def test_one_that_is_not_there_is_told_as_such(desk, number):
    async with desk() as room:
        client = await room.signed_in()

        for answer in (
            await client.get(f"{API}/{number}"),
            await client.post(f"{API}/{number}/take"),
            await client.post(f"{API}/{number}/reveal", json={"reason": "回电"}),
        ):
            assert (answer.status, (await answer.json())["error"]["id"]) == (404, "follow-up-unknown")


async def test_list_is_narrowed_and_paged(desk):
    async with desk() as room:
        await missed(room, "c-1", minutes_ago=120, caller_number="13900139001")
        await missed(room, "c-2", minutes_ago=2, caller_number="13900139002")
        await emergency(room)
        client = await room.signed_in()
        await client.post(f"{API}/2/take")

        first = await (await client.get(f"{API}?state=open&limit=2")).json()
        rest = await (await client.get(f"{API}?state=open&limit=2&cursor={first['next_cursor']}")).json()

        assert [one["id"] for one in first["follow_ups"]] == [1, 3]
        assert ([one["id"] for one in rest["follow_ups"]], rest["next_cursor"]) == ([2], None)
        assert [one["id"] for one in await listed(client, "?owner=xiaowang")] == [2]
        assert [one["id"] for one in await listed(client, "?owed_by=supervisor")] == [3]
        assert [one["id"] for one in await listed(client, "?due_before=2026-11-21T08:30:00%2B08:00")] == [1]
        assert (await client.get(f"{API}?state=lost")).status == 422


async def test_nobody_reads_or_writes_without_signing_in(desk):
    async with desk() as room:
        stranger = room.client()

        assert (await stranger.get(API)).status == 401
        assert (await stranger.post(API, json=BY_HAND)).status in {401, 403}
        page = await stranger.get("/follow-ups", allow_redirects=False)
        assert (page.status, page.headers["Location"]) == (303, "/sign-in?next=/follow-ups")


async def test_every_desk_is_told_how_much_is_owed(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect("/api/v1/live") as socket:
            assert (await told(socket, "snapshot"))["owed"] == {"open": 0, "overdue": 0, "changed_at": None}

            await client.post(API, json=BY_HAND)

            owed = (await told(socket, "owed"))["owed"]
            assert (owed["open"], owed["overdue"]) == (1, 0)


async def test_missed_call_is_told_without_anybody_asking(desk):
    async with desk() as room:
        client = await room.signed_in()
        async with client.ws_connect("/api/v1/live") as socket:
            await told(socket, "snapshot")

            await missed(room, minutes_ago=60)

            while (owed := (await told(socket, "owed"))["owed"])["open"] == 0:
                pass  # told of the call before what it owes was kept
            assert (owed["open"], owed["overdue"]) == (1, 1)


async def test_end_of_an_incident_is_told_to_who_lists_what_is_owed(desk):
    async with desk() as room:
        await missed(room, joined_incident=True, incident="7", outcome=Outcome.INCIDENT_JOINED)
        client = await room.signed_in()
        async with client.ws_connect("/api/v1/live") as socket:
            before = (await told(socket, "snapshot"))["owed"]["changed_at"]
            room.clock.turn(60)

            async with room.database.begin() as session:
                follower = FollowUps(settings=FollowUpSettings(), clock=room.clock)
                assert await follower.incident_over(session, "7") == 1
            room.bus.publish(Change(Subject.INCIDENT, "7"))

            while (await told(socket, "owed"))["owed"]["changed_at"] == before:
                pass
            [one] = await listed(client)
            assert one["due"] == "2026-11-21T10:11:12+08:00"
