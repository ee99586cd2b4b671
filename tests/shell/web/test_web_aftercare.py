"""What a resident says after a handled matter, and how well what was owed was done, over HTTP."""

COMPLAINT = {"kind": "complaint", "matter": "楼上噪音", "home": "1-1-101", "who": "李女士"}
ANSWERS = {"is_satisfied": False, "attitude": 2, "quality": 1, "shortcomings": "没人来"}


async def told(answer):
    return answer.status, (await answer.json())["error"]["id"]


async def call_after_a_complaint(client, room):
    await client.post("/api/v1/duty-log", json=COMPLAINT)
    await client.post("/api/v1/duty-log/1/settle", json={"result": "已约谈"})
    await room.rooms.aftercare.draw_some()
    owed = (await (await client.get("/api/v1/follow-ups?state=open")).json())["follow_ups"]
    return next(one for one in owed if one["kind"] == "aftercare")


async def test_who_is_not_satisfied_has_the_matter_reopened_and_the_supervisor_told(desk):
    async with desk() as room:
        client = await room.signed_in()
        call = await call_after_a_complaint(client, room)

        done = await client.post(f"/api/v1/follow-ups/{call['id']}/answers", json=ANSWERS)

        assert (done.status, (await done.json())["state"]) == (200, "done")
        owed = (await (await client.get("/api/v1/follow-ups?state=open")).json())["follow_ups"]
        assert sorted((one["kind"], one["owed_by"]) for one in owed) == [
            ("matter", "agent"), ("unsatisfied", "supervisor"),
        ]  # fmt: skip
        report = await (await client.get("/api/v1/reports/follow-ups?from=2026-11-01&to=2026-12-31")).json()
        assert (report["asked"], report["satisfied"]) == (1, 0)
        assert {one["kind"]: one["share"] for one in report["kinds"]} == {
            "aftercare": 1.0, "matter": None, "unsatisfied": None,
        }  # fmt: skip


async def test_answers_that_make_no_sense_and_calls_that_are_none_are_refused(desk):
    async with desk() as room:
        client = await room.signed_in()
        call = await call_after_a_complaint(client, room)
        address = f"/api/v1/follow-ups/{call['id']}/answers"

        assert await told(await client.post(address, json=ANSWERS | {"attitude": 6})) == (422, "input-refused")
        assert await told(await client.post("/api/v1/follow-ups/1/answers", json=ANSWERS)) == (422, "no-aftercare")
        assert await told(await client.post("/api/v1/follow-ups/99/answers", json=ANSWERS)) == (
            404,
            "follow-up-unknown",
        )


async def test_no_data_is_told_as_no_data(desk):
    async with desk() as room:
        client = await room.signed_in()

        report = await (await client.get("/api/v1/reports/follow-ups")).json()

        assert (report["kinds"], report["asked"]) == ([], 0)
        assert "÷" in report["formula"]
