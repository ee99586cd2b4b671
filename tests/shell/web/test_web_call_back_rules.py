"""The page of call-backs over HTTP: the table with this quarter, newsletters and events, the share, service days."""

from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import add_home, add_resident

NEWSLETTER = {"sort": "newsletter", "title": "十一月简报", "day": "2026-11-21", "is_whole": True}
SOME = {"is_whole": False, "buildings": [3]}
SHARE = {"percent": 25, "version": 0, "reason": "多听意见"}


async def told(answer):
    body = await answer.json()
    return answer.status, body["error"]["id"], body["error"].get("details", {}).get("why")


async def has_homes(room, how_many):
    async with room.database.begin() as session:
        for number in range(1, how_many + 1):
            home = await add_home(session, Home(7, 1, number))
            await add_resident(session, home, f"王{number}", numbers=[PhoneNumber(f"+861390000{number:04}")])


async def row(client, after):
    rows = (await (await client.get("/api/v1/aftercare")).json())["rows"]
    return next(one for one in rows if one["after"] == after)


async def test_the_table_says_what_is_in_force_and_nothing_drawn_is_no_data(desk):
    async with desk() as room:
        boss, agent = await room.signed_in("boss"), await room.signed_in()

        found = await (await boss.get("/api/v1/aftercare")).json()

        assert (found["first"], found["last"]) == ("2026-10-01", "2026-12-31")
        assert {one["after"]: (one["percent"], one["from_days"], one["within_days"]) for one in found["rows"]} == {
            "complaint": (100, 0, 3), "repair": (30, 1, 2), "paid-service": (30, 0, 7),
            "paid-service-middle": (30, 0, 7), "paid-service-end": (30, 0, 7), "special-help": (100, 0, 7),
            "newsletter-event": (10, 0, 7), "enquiry": (10, 0, 7), "general-help": (10, 0, 7),
        }  # fmt: skip
        assert {one["share"] for one in found["rows"]} == {None}
        assert (await agent.get("/api/v1/aftercare")).status == 403


async def test_a_newsletter_is_drawn_stands_in_lists_and_reports_and_is_called_back(desk):
    async with desk() as room:
        await has_homes(room, 19)  # and the one that every room has
        boss, agent = await room.signed_in("boss"), await room.signed_in()

        made = await boss.post("/api/v1/aftercare/outreaches", json=NEWSLETTER)
        again = await boss.post("/api/v1/aftercare/outreaches", json=NEWSLETTER)

        [one] = (await made.json())["outreaches"]
        assert (made.status, again.status) == (201, 201)
        assert (one["homes"], one["sampled"], one["drawn"], one["is_finished"]) == (20, 20, 2, True)
        owed = (await (await agent.get("/api/v1/follow-ups?state=open")).json())["follow_ups"]
        assert [(each["kind"], each["request"], each["due"]) for each in owed] == [
            ("aftercare", "newsletter-event", "2026-11-29T00:00:00+08:00")
        ] * 2
        answers = {"is_satisfied": True, "attitude": 5, "quality": 5}
        assert (await agent.post(f"/api/v1/follow-ups/{owed[0]['id']}/answers", json=answers)).status == 200

        found = await row(boss, "newsletter-event")
        assert (found["sampled"], found["drawn"], found["called"], found["in_time"], found["share"]) == (
            20,
            2,
            1,
            1,
            0.5,
        )
        report = await (await boss.get("/api/v1/reports/service?from=2026-11-01&to=2026-11-30")).json()
        assert [
            (each["kind"], each["wanted"], each["handled"], each["drawn"], each["called"], each["in_time"])
            for each in report["called_back"]
        ] == [("newsletter-event", 0.1, 20, 2, 1, 1)]
        behind = "/reports/behind?from=2026-11-01&to=2026-11-30&value=newsletter-event&figure="
        for figure, count in (
            ("sampled", 20),
            ("drawn", 2),
            ("called", 1),
            ("called-in-time", 1),
            ("not-called-back", 1),
        ):
            text = await (await boss.get(behind + figure)).text()
            assert text.count("<tr data-id") == count
            assert "简报/活动" in text


async def test_what_cannot_be_written_down_is_refused_with_why(desk):
    async with desk() as room:
        boss, agent = await room.signed_in("boss"), await room.signed_in()
        where = "/api/v1/aftercare/outreaches"
        await boss.post(where, json=NEWSLETTER)

        assert await told(await boss.post(where, json=NEWSLETTER | {"day": "2026-11-22"})) == (
            422, "outreach-refused", "day",
        )  # fmt: skip
        assert await told(await boss.post(where, json=NEWSLETTER | SOME)) == (
            422, "outreach-refused", "known",
        )  # fmt: skip
        assert (await told(await boss.post(where, json=NEWSLETTER | SOME | {"title": "x", "buildings": [9]})))[:2] == (
            422, "building-unknown",
        )  # fmt: skip
        for nowhere in ({"is_whole": False}, {"is_whole": False, "buildings": []}, {"buildings": [3]}):
            refused = await told(await boss.post(where, json=NEWSLETTER | {"title": "x"} | nowhere))
            assert refused == (422, "outreach-refused", "where")
        assert len((await (await boss.get("/api/v1/aftercare")).json())["outreaches"]) == 1
        assert (await told(await boss.post(where, json=NEWSLETTER | {"title": ""})))[:2] == (422, "input-refused")
        assert (await agent.post(where, json=NEWSLETTER)).status == 403


async def test_the_share_is_set_in_force_at_once_and_the_second_of_two_is_told(desk):
    async with desk() as room:
        boss, agent = await room.signed_in("boss"), await room.signed_in()
        where = "/api/v1/aftercare/share"

        kept = await (await boss.post(where, json=SHARE)).json()
        late = await boss.post(where, json=SHARE | {"percent": 50})

        assert (kept["percent"], kept["in_file"], kept["by"], kept["version"]) == (25, 10, "boss", 1)
        assert (await row(boss, "enquiry"))["percent"] == 25
        error = (await late.json())["error"]
        assert (late.status, error["id"], error["details"]) == (
            409, "aftercare-share-changed", {"percent": 25, "version": 1, "by": "boss"},
        )  # fmt: skip
        assert (await told(await boss.post(where, json=SHARE | {"percent": 101})))[:2] == (422, "input-refused")
        assert (await agent.post(where, json=SHARE)).status == 403
        back = await (await boss.post(where, json=SHARE | {"percent": None, "version": 1})).json()
        assert (back["percent"], back["is_from_page"]) == (10, False)


async def test_the_days_of_a_paid_service_are_told_with_its_follow_up(desk):
    async with desk() as room:
        client = await room.signed_in()
        for kind in ("paid-service", "repair"):
            entry = {"kind": kind, "matter": "家政保洁", "home": "3-2-501", "who": "张先生"}
            await client.post("/api/v1/duty-log", json=entry)
        owed = (await (await client.get("/api/v1/follow-ups?state=open")).json())["follow_ups"]
        service, repair = (next(one for one in owed if one["request"] == kind) for kind in ("paid-service", "repair"))
        days = {"first": "2026-12-01", "last": "2026-12-31"}

        kept = await client.post(f"/api/v1/follow-ups/{service['id']}/service-days", json=days)
        refused = await client.post(f"/api/v1/follow-ups/{repair['id']}/service-days", json=days)

        wanted = days | {"middle": "2026-12-16", "end": "2027-01-01"}
        assert (await kept.json())["service"] == wanted
        assert await told(refused) == (422, "service-days-refused", "kind")
        listed = (await (await client.get("/api/v1/follow-ups?state=open")).json())["follow_ups"]
        assert {one["request"]: one["service"] for one in listed} == {"paid-service": wanted, "repair": None}
        whole = await (await client.get(f"/api/v1/follow-ups/{service['id']}")).json()
        assert whole["service"] == wanted
        assert (whole["steps"][-1]["what"], whole["steps"][-1]["text"]) == ("service-days", "2026-12-01 — 2026-12-31")
        backwards = {"first": "2026-12-31", "last": "2026-12-01"}
        assert await told(await client.post(f"/api/v1/follow-ups/{service['id']}/service-days", json=backwards)) == (
            422, "service-days-refused", "order",
        )  # fmt: skip
