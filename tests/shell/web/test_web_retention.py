"""For how long things are kept, over HTTP: who may, what is said before, the night of grace, two at once, the audit."""

from datetime import timedelta

from hotline.recordings.removal_store import hold_recording

WHY = {"reason": "磁盘不够"}
DAY = 86_400


async def rule(client, what="calls"):
    rules = (await (await client.get("/api/v1/retention")).json())["rules"]
    return next(one for one in rules if one["what"] == what)


async def test_supervisors_see_it_and_administrators_alone_change_it(desk):
    async with desk() as room:
        boss, agent = await room.signed_in("boss"), await room.signed_in()

        assert (await boss.get("/api/v1/retention")).status == 200
        assert (await agent.get("/api/v1/retention")).status == 403
        assert (await boss.post("/api/v1/retention/calls", json={"days": 365, "version": 0} | WHY)).status == 403
        assert (await boss.get("/api/v1/retention/calls/foreseen?days=30")).status == 403
        assert 'class="edit"' not in await (await boss.get("/retention")).text()


async def test_fewer_days_wait_for_the_night_and_more_hold_at_once(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        shorter = {"days": 30, "version": 0} | WHY

        unsure = await root.post("/api/v1/retention/calls", json=shorter)
        sure = await root.post("/api/v1/retention/calls", json=shorter | {"is_sure": True})

        assert (unsure.status, (await unsure.json())["error"]["id"]) == (409, "retention-not-sure")
        told = await sure.json()
        assert (told["days"], told["next_days"], told["next_at"]) == (180, 30, "2026-11-22T02:00:00+08:00")
        assert (await room.rooms.staff.retention.now()).calls == 180
        room.clock.turn(DAY)
        assert (await room.rooms.staff.retention.now()).calls == 30
        root = await room.signed_in("root")  # the old session is over
        longer = await (await root.post("/api/v1/retention/calls", json={"days": 400, "version": 1} | WHY)).json()
        assert (longer["days"], longer["next_days"], longer["is_from_page"], longer["by"]) == (400, None, True, "root")
        assert (await room.rooms.staff.retention.now()).calls == 400


async def test_the_way_back_to_the_file_and_a_slip_taken_back_in_time(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        await root.post("/api/v1/retention/messages", json={"days": 1, "version": 0, "is_sure": True} | WHY)

        back = await (await root.post("/api/v1/retention/messages", json={"days": None, "version": 1} | WHY)).json()

        assert (back["days"], back["next_days"], back["is_from_page"], back["version"]) == (180, None, False, 2)
        room.clock.turn(2 * DAY)
        assert (await room.rooms.staff.retention.now()).messages == 180


async def test_the_second_of_two_is_told_what_the_first_has_said(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        await root.post("/api/v1/retention/calls", json={"days": 365, "version": 0} | WHY)

        late = await root.post("/api/v1/retention/calls", json={"days": 200, "version": 0, "is_sure": True} | WHY)

        error = (await late.json())["error"]
        assert (late.status, error["id"]) == (409, "retention-changed")
        assert error["details"] == {"days": 365, "version": 1, "by": "root"}
        assert (await rule(root))["days"] == 365


async def test_days_out_of_their_limits_and_things_nobody_keeps_are_refused(desk):
    async with desk() as room:
        root = await room.signed_in("root")

        short = await root.post("/api/v1/retention/duty_log", json={"days": 729, "version": 0, "is_sure": True} | WHY)
        strange = await root.post("/api/v1/retention/souls", json={"days": 30, "version": 0} | WHY)
        silent = await root.post("/api/v1/retention/calls", json={"days": 365, "version": 0, "reason": ""})

        assert (short.status, (await short.json())["error"]["details"]) == (422, {"lowest": 730, "highest": 36500})
        assert (strange.status, silent.status) == (422, 422)
        assert (await root.get("/api/v1/retention/souls/foreseen?days=30")).status == 422


async def test_what_would_go_is_said_before_and_what_is_held_is_not_counted(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        for name, days in (("old", 100), ("held", 100), ("young", 5)):
            await room.finished_call(name, start=room.clock.now() - timedelta(days=days))
            await room.recorded(name)
        async with room.database.begin() as session:
            await hold_recording(
                session, "2026/11/21/held", is_held=True, who="boss", reason="争议", at=room.clock.now()
            )

        told = await (await root.get("/api/v1/retention/calls/foreseen?days=30")).json()
        longer = await (await root.get("/api/v1/retention/calls/foreseen?days=400")).json()

        assert (told["is_shorter"], told["count"], told["is_more"]) == (True, 1, False)
        assert [one["what"] for one in told["first"]] == ["old"]
        assert told["holds_from"] == "2026-11-22T02:00:00+08:00"
        assert (longer["is_shorter"], longer["count"]) == (False, 0)


async def test_each_kind_can_be_foreseen(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        for one in (await (await root.get("/api/v1/retention")).json())["rules"]:
            asked = await root.get(f"/api/v1/retention/{one['what']}/foreseen?days={one['lowest']}")
            assert (asked.status, (await asked.json())["count"]) == (200, 0), one["what"]


async def test_the_audit_has_days_before_and_after_and_why(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        await root.post("/api/v1/retention/calls", json={"days": 30, "version": 0, "is_sure": True} | WHY)

        [line] = (await (await root.get("/api/v1/audit?room=retention")).json())["changes"]

        assert (line["by"], line["act"], line["subject"]) == ("root", "set-days", "retention.calls")
        assert (line["before"], line["after"]["days"]) == ({"days": 180, "source": "file"}, 30)
        assert (line["after"]["reason"], line["after"]["source"]) == ("磁盘不够", "page")
