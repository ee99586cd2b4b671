"""The API of quality: each role is given what is theirs, whatever it asks for; files in which nothing runs."""

import asyncio
import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse
from openpyxl import load_workbook

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.recordings.recording import RecordingState
from hotline.web.store import Access, accesses_of
from tests.fakes.web_desk import CHEAP, PASSWORD, WebDesk

REVIEWS = "/api/v1/quality/reviews"
POINTS = {"post": 18, "handover": None, "training": 10, "speed": 20, "service": 20, "procedure": 10, "other": 10}
Opened = Callable[..., Any]


async def with_a_call(room: WebDesk) -> None:
    """Leave a recorded complaint of 8001, and a second agent."""
    await add_user(room.database, "xiaoli", Role.AGENT, "8002", PASSWORD, passwords=Passwords(CHEAP))
    await room.finished_call(request="complaint")
    await room.recorded()


async def posted(client: ClientSession, address: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = await client.post(address, json=body)
    told = await answer.json()
    assert answer.status == status, told
    return told


async def given(boss: ClientSession, remark: str = "很好", *, call_id: str = "c-1") -> int:
    begun = await posted(boss, REVIEWS, {"call_id": call_id, "agent": "8001"}, 201)
    address = f"{REVIEWS}/{begun['id']}"
    await posted(boss, f"{address}/comments", {"second": 12.5, "text": "=HYPERLINK(1)"})
    await posted(boss, f"{address}/points", {"points": POINTS, "remark": remark, "revision": begun["revision"]})
    await posted(boss, f"{address}/give", {})
    return int(begun["id"])


async def test_supervisor_reviews_the_weeks_sample_and_the_progress_says_so(desk: Opened) -> None:
    async with desk() as room:
        await with_a_call(room)
        boss = await room.signed_in("boss")
        before = await (await boss.get("/api/v1/quality/sample")).json()
        number = await given(boss)

        after = await (await boss.get("/api/v1/quality/sample?week=2026-11-19")).json()

        assert [(one["call_id"], one["kind"], "complaint" in one["why"]) for one in before["calls"]] == [
            ("c-1", "complaint", True)
        ]
        assert (before["week"], before["done"], before["calls"][0]["reviews"]) == ("2026-11-16", 0, [])
        [line] = after["calls"][0]["reviews"]
        assert (after["done"], line["id"], line["score"], line["state"]) == (1, number, 97.8, "given")
        figures = await (await boss.get("/api/v1/quality/agents")).json()
        assert figures["agents"] == [{"agent": "8001", "agent_name": "王敏", "reviews": 1, "mean": 97.8}]
        assert (await (await boss.get("/api/v1/quality/agents?from=2025-01-01&to=2025-02-01")).json())["agents"] == []


async def test_complaint_without_sound_is_drawn_says_so_and_is_reviewed(desk: Opened) -> None:
    async with desk() as room:
        await with_a_call(room)
        await room.finished_call("c-2", request="complaint", recording="", recording_refused=True)
        await room.finished_call("c-3", request="complaint")
        await room.recorded("c-3", RecordingState.MISSING)
        await room.finished_call("c-4", recording="", recording_refused=True)  # no complaint: nobody listens to nothing
        boss = await room.signed_in("boss")

        sample = await (await boss.get("/api/v1/quality/sample")).json()
        number = await given(boss, call_id="c-2")

        drawn = {one["call_id"]: (one["sound"], "complaint" in one["why"]) for one in sample["calls"]}
        assert drawn == {"c-1": ("whole", True), "c-2": ("refused", True), "c-3": ("broken", True)}
        assert sample["could"] == 1
        assert (await (await boss.get(f"{REVIEWS}/{number}")).json())["score"] == 97.8


async def waits(socket: ClientWebSocketResponse, **wanted: int) -> None:
    """Read on until so much of quality waits for whoever has this socket. Raises TimeoutError."""
    async with asyncio.timeout(15):
        while True:
            message = await socket.receive_json()
            if message.get("reviews") == {"unseen": 0, "objections": 0, "calibrations": 0} | wanted:
                return


async def test_each_person_is_told_at_once_how_much_waits_for_them_and_nobody_of_anothers(desk: Opened) -> None:
    async with desk() as room:
        await with_a_call(room)
        boss, mine, other = [await room.signed_in(name) for name in ("boss", "xiaowang", "xiaoli")]
        async with (
            boss.ws_connect("/api/v1/live") as head,
            mine.ws_connect("/api/v1/live") as agent,
            other.ws_connect("/api/v1/live") as colleague,
        ):
            for socket in (head, agent, colleague):
                await waits(socket)  # with the snapshot
            address = f"{REVIEWS}/{await given(boss)}"
            await waits(agent, unseen=1)
            await waits(colleague)
            await posted(mine, f"{address}/objection", {"text": "第 12 秒复述过"})
            await waits(agent)
            await waits(head, objections=1)
            await posted(boss, f"{address}/answer", {"text": "维持"})
            await waits(head)
            wanted = {"call_id": "c-1", "agent": "8001", "first": "boss", "second": "root"}
            await posted(boss, "/api/v1/quality/calibrations", wanted)
            await waits(head, calibrations=1)

            async with boss.ws_connect("/api/v1/live") as late:
                await waits(late, calibrations=1)  # a page that is opened now


async def test_agent_sees_own_reviews_and_of_others_not_even_that_there_is_one(desk: Opened) -> None:
    async with desk() as room:
        await with_a_call(room)
        number = await given(await room.signed_in("boss"))
        mine, other = await room.signed_in("xiaowang"), await room.signed_in("xiaoli")

        assert [one["id"] for one in (await (await mine.get(REVIEWS)).json())["reviews"]] == [number]
        assert (await (await mine.get(REVIEWS)).json())["unseen"] == 1
        for asked in ("", "?agent=8001", f"?cursor={number + 1}", "?state=given"):
            told = await (await other.get(REVIEWS + asked)).json()
            assert (told["reviews"], told["unseen"]) == ([], 0)
        for act in ("", "/seen", "/objection"):
            address = f"{REVIEWS}/{number}{act}"
            answer = await (other.post(address, json={"text": "x"}) if act else other.get(address))
            missing = await other.get(f"{REVIEWS}/99")
            told = await answer.json()
            assert (answer.status, told) == (404, await missing.json())
        for address in ("sample", "agents", "calibrations", "export?reason=我想看"):
            assert (await mine.get(f"/api/v1/quality/{address}")).status == 403
        for address in (
            f"reviews/{number}/points",
            f"reviews/{number}/give",
            "sheet",
            "plan",
            "reviews",
            "calibrations",
        ):
            assert (await mine.post(f"/api/v1/quality/{address}", json={})).status == 403


async def test_agent_marks_as_seen_objects_and_is_answered_with_another_score(desk: Opened) -> None:
    async with desk() as room:
        await with_a_call(room)
        boss, mine = await room.signed_in("boss"), await room.signed_in("xiaowang")
        address = f"{REVIEWS}/{await given(boss)}"

        seen = await posted(mine, f"{address}/seen", {})
        objected = await posted(mine, f"{address}/objection", {"text": "第 12 秒复述过"})
        answered = await posted(boss, f"{address}/answer", {"text": "改分", "points": {**POINTS, "post": 20}})

        assert (seen["state"], seen["may"]) == ("seen", ["objected"])
        assert (objected["objection"], objected["may"]) == ("第 12 秒复述过", [])
        assert (answered["score"], answered["score_before"], answered["answered_name"]) == (100.0, 97.8, "陈主管")
        assert (await posted(mine, f"{address}/objection", {"text": "还有"}, 409))["error"]["id"] == (
            "quality-review-step-refused"
        )


async def test_a_program_reads_reviews_and_writes_none(desk: Opened) -> None:
    async with desk() as room:
        await with_a_call(room)
        number = await given(await room.signed_in("boss"))
        program, agents_program = await room.machine(Role.SUPERVISOR), await room.machine(Role.AGENT)

        assert (await (await program.get(f"{REVIEWS}/{number}")).json())["score"] == 97.8
        assert (await (await agents_program.get(REVIEWS)).json())["reviews"] == []
        assert (await agents_program.get(f"{REVIEWS}/{number}")).status == 404
        await posted(program, REVIEWS, {"call_id": "c-1", "agent": "8001"}, 403)


async def test_two_who_score_blind_see_the_differences_when_both_are_done(desk: Opened) -> None:
    async with desk() as room:
        await with_a_call(room)
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        wanted = {"call_id": "c-1", "agent": "8001", "first": "boss", "second": "root"}
        [asked] = (await posted(boss, "/api/v1/quality/calibrations", wanted))["calibrations"]

        for client, post in ((boss, 18), (root, 15)):
            begun = await posted(client, REVIEWS, {**wanted, "calibration": asked["id"]}, 422)
            assert begun["error"]["id"] == "input-refused"  # of two people one scores
            body = {"call_id": "c-1", "agent": "8001", "calibration": asked["id"]}
            begun = await posted(client, REVIEWS, body, 201)
            told = await (await root.get("/api/v1/quality/calibrations")).json()
            assert (told["calibrations"][0]["scores"], told["mean_apart"]) == (None, None)
            body = {"points": {**POINTS, "post": post}, "revision": begun["revision"]}
            await posted(client, f"{REVIEWS}/{begun['id']}/points", body)
            await posted(client, f"{REVIEWS}/{begun['id']}/give", {})

        told = await (await boss.get("/api/v1/quality/calibrations")).json()
        [one] = told["calibrations"]
        assert one["differences"][0] == {"key": "post", "name": "本岗工作质量", "first": 18, "second": 15, "apart": 3}
        assert (one["scores"], told["mean_apart"], told["items_apart"]["post"]) == ([97.8, 94.4], 3.4, 3.0)
        assert (await (await boss.get("/api/v1/quality/agents")).json())["agents"] == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_reviews_are_taken_away_with_a_reason_and_no_cell_of_them_runs(desk: Opened, form: str) -> None:
    async with desk() as room:
        await with_a_call(room)
        boss = await room.signed_in("boss")
        await given(boss, remark="=1+1")
        address = "/api/v1/quality/export"

        assert (await boss.get(address)).status == 422  # why?
        answer = await boss.get(address, params={"format": form, "reason": "季度考核"})
        content = await answer.read()

        assert answer.status == 200, content
        if form == "csv":
            _, row = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
            assert row[11] == "'=1+1"
            assert row[7] == "97.8"
        else:
            cell = load_workbook(io.BytesIO(content)).active["L2"]
            assert (cell.value, cell.data_type) == ("=1+1", "s")
        async with room.database.read() as session:
            [(_, who, what, side, reason)] = await accesses_of(session, "")
        assert (who, what, side.split()[0], reason) == ("boss", Access.EXPORT, "quality", "季度考核")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("sheet", {"based_on": 0, "items": [{"key": "a", "name": "A", "weight": 99}]}),
        ("sheet", {"based_on": 0, "items": []}),
        ("sheet", {"based_on": 0, "items": [{"key": "A b", "name": "A", "weight": 100}]}),
        ("plan", {"based_on": 0, "shares": [{"by": "kind", "percent": 5}], "long_over_minutes": 10}),
        ("plan", {"based_on": 0, "shares": [{"by": "mood", "percent": 5}], "long_over_minutes": 10}),
        ("plan", {"based_on": 0, "shares": [{"by": "random", "percent": 5}], "long_over_minutes": 0}),
        ("reviews", {"call_id": "c-1\u0000", "agent": "8001"}),
        ("reviews/1/comments", {"second": -1, "text": "x"}),
        ("reviews/1/points", {"points": {"post": 1e9}, "revision": 1}),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(desk: Opened, what: str, body: dict[str, Any]) -> None:
    async with desk() as room:
        await with_a_call(room)
        boss = await room.signed_in("boss")

        told = await posted(boss, f"/api/v1/quality/{what}", body, 422)

        assert told["error"]["id"] in {"input-refused", "quality-sheet-refused", "quality-plan-refused"}


async def test_sheet_is_changed_from_the_version_that_was_read(desk: Opened) -> None:
    async with desk() as room:
        boss = await room.signed_in("boss")
        items = [{"key": "post", "name": "质量", "weight": 60}, {"key": "service", "name": "态度", "weight": 40}]

        changed = await posted(boss, "/api/v1/quality/sheet", {"based_on": 0, "items": items})

        assert (changed["sheet"]["version"], changed["sheet"]["by"]) == (1, "陈主管")
        told = await posted(boss, "/api/v1/quality/sheet", {"based_on": 0, "items": items}, 409)
        assert told["error"]["id"] == "quality-sheet-changed"
        assert (await (await boss.get(f"{REVIEWS}/x")).json())["error"]["id"] == "quality-review-unknown"
