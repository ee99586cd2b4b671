"""The hand-over, the reading of the log, and the files that are taken away, over HTTP."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import text

from hotline.accounts.account import Role
from tests.fakes.pdf_text import text_of

COMPLAINT = {"kind": "complaint", "matter": "楼上噪音", "home": "1-1-101", "who": "李女士"}


async def told(answer):
    return answer.status, (await answer.json())["error"]["id"]


async def owes(client, room, *, minutes=60):
    due = (room.clock.now() + timedelta(minutes=minutes)).isoformat()
    answer = await client.post("/api/v1/follow-ups", json={"text": "回电", "due": due, "home": "3-2-501"})
    assert answer.status == 201, await answer.text()


async def test_desk_is_handed_over_from_one_person_to_the_next(desk):
    async with desk() as room:
        wang, boss = await room.signed_in(), await room.signed_in("boss")
        assert (await (await wang.get("/api/v1/shifts/current")).json())["shift"] is None
        first = await (await wang.post("/api/v1/shifts", json={})).json()
        assert (first["state"], first["holder_name"]) == ("running", "王敏")
        await owes(wang, room)

        said = {"remarks": "钥匙已交", "words": {}, "property": {"电话机": "完好"}}
        signed = await (await wang.post("/api/v1/shifts/current/sign-out", json=said)).json()
        assert (signed["state"], len(signed["sheet"]["items"])) == ("signed-out", 1)
        assert await told(await wang.post("/api/v1/shifts/current/sign-in", json={"read": []})) == (409, "same-person")
        assert await told(await boss.post("/api/v1/shifts/current/sign-in", json={"read": []})) == (409, "items-unread")
        read = [item["key"] for item in (await (await boss.get("/api/v1/shifts/current")).json())["open_items"]]
        following = await (await boss.post("/api/v1/shifts/current/sign-in", json={"read": read})).json()
        assert (following["state"], following["holder_name"]) == ("running", "陈主管")

        listed = (await (await wang.get("/api/v1/shifts")).json())["shifts"]
        assert [(one["state"], one["successor_name"]) for one in listed] == [("running", ""), ("ended", "陈主管")]


async def test_sheet_says_who_has_each_matter_and_how_it_stands(desk):
    async with desk() as room:
        wang, boss = await room.signed_in(), await room.signed_in("boss")
        await wang.post("/api/v1/shifts", json={})
        await owes(wang, room, minutes=1)
        await owes(wang, room)
        assert (await wang.post("/api/v1/follow-ups/1/take", json={})).status == 200
        room.clock.turn(600)
        read = (await (await boss.get("/api/v1/shifts/current")).json())["open_items"]
        said = {"words": {"follow-up-1": "已约"}}
        signed = await (await wang.post("/api/v1/shifts/current/sign-out", json=said)).json()
        paper = text_of(await (await wang.get("/api/v1/shifts/1/sheet.pdf")).read())

    of = {item["key"]: (item["stands"], item["held_by"], item["is_overdue"]) for item in read}
    assert of == {"follow-up-1": ("taken", "王敏", True), "follow-up-2": ("waiting", "", False)}
    assert {item["key"]: item["held_by"] for item in signed["sheet"]["items"]} == {
        "follow-up-1": "王敏",
        "follow-up-2": "",
    }
    assert "已领取王敏" in paper
    assert "无人领取" in paper


async def test_what_is_overdue_is_not_handed_over_silently_and_the_answer_names_it(desk):
    async with desk() as room:
        client = await room.signed_in()
        await client.post("/api/v1/shifts", json={})
        await owes(client, room, minutes=1)
        room.clock.turn(600)

        answer = await client.post("/api/v1/shifts/current/sign-out", json={})

        assert answer.status == 409
        assert (await answer.json())["error"]["details"] == {"items": ["follow-up-1"]}


async def test_sheet_is_given_once_the_outgoing_person_has_signed(desk):
    async with desk() as room:
        client = await room.signed_in()
        await client.post("/api/v1/shifts", json={})
        assert await told(await client.get("/api/v1/shifts/1/sheet.pdf")) == (404, "sheet-not-there")
        assert await told(await client.get("/api/v1/shifts/99999999999/sheet.pdf")) == (404, "sheet-not-there")
        await client.post("/api/v1/shifts/current/sign-out", json={})

        answer = await client.get("/api/v1/shifts/1/sheet.pdf")

        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert (await answer.read()).startswith(b"%PDF-")


async def test_complaints_of_a_finished_day_are_read_and_signed_by_a_supervisor_only(desk):
    async with desk() as room:
        wang, boss = await room.signed_in(), await room.signed_in("boss")
        await wang.post("/api/v1/duty-log", json=COMPLAINT)
        await wang.post("/api/v1/duty-log", json=COMPLAINT | {"kind": "enquiry"})
        said = {"kind": "complaints", "day": "2026-11-21", "opinion": "已阅，约谈"}
        assert await told(await wang.get("/api/v1/reviews")) == (403, "role-may-not")
        assert await told(await boss.post("/api/v1/reviews", json=said)) == (409, "review-too-early")
        room.clock.turn(timedelta(days=1).total_seconds())
        boss = await room.signed_in("boss")

        waiting = await (await boss.get("/api/v1/reviews")).json()
        entries = await (await boss.get("/api/v1/reviews/entries?kind=complaints&day=2026-11-21")).json()
        signed = await boss.post("/api/v1/reviews", json=said)

        assert waiting["unread"] == [{"kind": "complaints", "day": "2026-11-21", "is_late": False}]
        assert [entry["matter"] for entry in entries["entries"]] == ["楼上噪音"]
        assert (signed.status, (await signed.json())["entries"]) == (201, 1)
        assert await told(await boss.post("/api/v1/reviews", json=said)) == (409, "review-signed")
        assert (await (await boss.get("/api/v1/reviews")).json())["unread"] == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_log_is_taken_away_by_a_supervisor_who_says_why_and_that_is_kept(desk, form):
    async with desk() as room:
        boss = await room.signed_in("boss")
        for _ in range(2):
            first = await (await boss.post("/api/v1/duty-log", json=COMPLAINT)).json()
        await boss.post(f"/api/v1/duty-log/{first['number']}/corrections", json=COMPLAINT)
        await boss.post("/api/v1/duty-log/3/settle", json={"result": "已上门协调"})
        days = f"from=2026-11-01&to=2026-11-30&format={form}"
        assert await told(await boss.get(f"/api/v1/duty-log/export?{days}")) == (422, "input-refused")
        wang = await room.signed_in()
        assert await told(await wang.get(f"/api/v1/duty-log/export?{days}&reason=看看")) == (403, "role-may-not")

        answer = await boss.get(f"/api/v1/duty-log/export?{days}&reason=月度检查")
        body = await answer.read()

        assert answer.status == 200
        assert f"duty-log-20261101-20261130.{form}" in answer.headers["Content-Disposition"]
        if form == "csv":
            rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
            assert [row[0] for row in rows[1:]] == ["20261121-001", "20261121-002", "20261121-003"]
            assert [dict(zip(rows[0], row, strict=True))["更正"] for row in rows[1:]] == ["", "", "更正 20261121-002"]
            assert [dict(zip(rows[0], row, strict=True))["办结"][17:] for row in rows[1:]] == [
                "",
                "",
                "boss：已上门协调",
            ]
        else:
            assert body.startswith(b"PK")
        async with room.database.read() as session:
            kept = (await session.execute(text("SELECT who, what, side, reason FROM access_log"))).tuples().all()
        assert ("boss", "export", "2026-11-01..2026-11-30", "月度检查") in kept


@pytest.mark.parametrize(
    "days", ["from=2026-11-30&to=2026-11-01", "from=2020-01-01&to=2026-01-01", "from=x&to=2026-11-01"]
)
async def test_days_that_make_no_sense_are_refused(desk, days):
    async with desk() as room:
        boss = await room.signed_in("boss")

        assert await told(await boss.get(f"/api/v1/duty-log/export?{days}&reason=检查")) == (422, "input-refused")


async def test_machine_signs_nothing(desk):
    async with desk() as room:
        for role, address, said in (
            (Role.AGENT, "/api/v1/shifts", {}),
            (Role.AGENT, "/api/v1/shifts/current/sign-in", {"read": []}),
            (Role.SUPERVISOR, "/api/v1/shifts/current/sign-out", {}),
            (Role.SUPERVISOR, "/api/v1/reviews", {"kind": "complaints", "day": "2026-11-20", "opinion": "已阅"}),
        ):
            program = await room.machine(role)

            assert await told(await program.post(address, json=said)) == (403, "role-may-not")
