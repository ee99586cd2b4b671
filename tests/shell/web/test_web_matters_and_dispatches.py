"""What is owed for an entry and who was given it, over HTTP."""

import pytest

ENTRY = {"kind": "repair", "matter": "厨房漏水", "home": "3-2-501", "who": "张先生"}


async def told(answer):
    return answer.status, (await answer.json())["error"]["id"]


async def test_entry_has_its_number_of_the_day_its_place_in_the_chain_and_a_deadline(desk):
    async with desk() as room:
        client = await room.signed_in()

        entry = await (await client.post("/api/v1/duty-log", json=ENTRY)).json()

        assert (entry["page"], entry["centre"], entry["chain_position"]) == ("20261121-001", "01", 1)
        assert len(entry["chain_hash"]) == 64
        assert entry["owed"]["state"] == "open"
        assert entry["owed"]["due"] == "2026-11-22T09:40:12+08:00"
        assert await (await client.get("/api/v1/duty-log/1")).json() == entry
        follow_ups = (await (await client.get("/api/v1/follow-ups")).json())["follow_ups"]
        assert [(one["kind"], one["id"]) for one in follow_ups] == [("matter", entry["owed"]["follow_up"])]


@pytest.mark.parametrize("source", ["walk-in", "letter", "e-mail", "patrol"])
async def test_what_did_not_come_by_telephone_is_written_with_its_source(desk, source):
    async with desk() as room:
        client = await room.signed_in()

        entry = await (await client.post("/api/v1/duty-log", json=ENTRY | {"source": source})).json()

        assert (entry["source"], entry["call_id"], entry["state"]) == (source, None, "confirmed")
        correction = await (await client.post("/api/v1/duty-log/1/corrections", json=ENTRY)).json()
        assert correction["source"] == source


async def test_without_a_source_an_entry_of_a_call_is_a_calls_and_another_a_walk_ins(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()

        of_call = await (await client.post("/api/v1/duty-log", json=ENTRY | {"call_id": "c-1"})).json()
        of_none = await (await client.post("/api/v1/duty-log", json=ENTRY)).json()

        assert (of_call["source"], of_none["source"]) == ("call", "walk-in")
        wrong = await client.post("/api/v1/duty-log", json=ENTRY | {"call_id": "c-1", "source": "letter"})
        assert await told(wrong) == (422, "input-refused")


async def test_matter_is_settled_once_and_its_follow_up_is_done(desk):
    async with desk() as room:
        client = await room.signed_in()
        await client.post("/api/v1/duty-log", json=ENTRY)

        entry = await (await client.post("/api/v1/duty-log/1/settle", json={"result": "已修好"})).json()

        assert (entry["owed"]["state"], entry["owed"]["result"], entry["owed"]["closed_by"]) == (
            "done", "已修好", "xiaowang",
        )  # fmt: skip
        again = await client.post("/api/v1/duty-log/1/settle", json={"result": "又一次"})
        assert await told(again) == (409, "follow-up-step-refused")


async def test_what_was_settled_when_it_was_written_owes_nothing(desk):
    async with desk() as room:
        client = await room.signed_in()

        entry = await (await client.post("/api/v1/duty-log", json=ENTRY | {"result": "已当场答复"})).json()

        assert (entry["owed"]["state"], entry["result"]) == ("done", "已当场答复")
        assert await told(await client.post("/api/v1/duty-log/1/settle", json={"result": "x"})) == (
            409, "follow-up-step-refused",
        )  # fmt: skip


async def test_dispatch_goes_its_way_and_what_is_late_says_so(desk):
    async with desk() as room:
        client = await room.signed_in()
        await client.post("/api/v1/duty-log", json=ENTRY | {"is_urgent": True})
        sent = await client.post("/api/v1/duty-log/1/dispatches", json={"department": "工程部", "note": "带扳手"})
        [dispatch] = (await sent.json())["dispatches"]
        assert (sent.status, dispatch["state"], dispatch["is_late"]) == (201, "sent", False)
        assert dispatch["accept_by"] == "2026-11-21T09:45:12+08:00"

        room.clock.turn(400)
        page = await (await client.get("/api/v1/dispatches")).json()
        assert [(one["id"], one["is_late"]) for one in page["dispatches"]] == [(dispatch["id"], True)]
        assert "工程部" in page["departments"]
        address = f"/api/v1/dispatches/{dispatch['id']}"
        accepted = await (await client.post(f"{address}/accept", json={"who": "王师傅"})).json()
        assert (accepted["state"], accepted["accepted_who"], accepted["accepted_by"]) == (
            "accepted", "王师傅", "xiaowang",
        )  # fmt: skip
        done = await (await client.post(f"{address}/complete", json={"who": "王师傅", "text": "换了角阀"})).json()
        assert (done["state"], done["result"], done["ended_at"]) == (
            "completed", "换了角阀", "2026-11-21T09:46:52+08:00",
        )  # fmt: skip
        assert (await (await client.get("/api/v1/dispatches")).json())["dispatches"] == []
        assert await told(await client.post(f"{address}/withdraw", json={"text": "x"})) == (
            409, "dispatch-step-refused",
        )  # fmt: skip


async def test_dispatch_that_makes_no_sense_is_refused(desk):
    async with desk() as room:
        client = await room.signed_in()
        await client.post("/api/v1/duty-log", json=ENTRY)
        send = "/api/v1/duty-log/1/dispatches"

        assert await told(await client.post(send, json={"department": "外星部"})) == (422, "department-unknown")
        assert (await client.post(send, json={"department": "工程部"})).status == 201
        assert await told(await client.post(send, json={"department": "工程部"})) == (409, "dispatch-doubled")
        for wrong in ("99", "0", "x", "٣", "9" * 30):
            address = f"/api/v1/dispatches/{wrong}/accept"
            assert await told(await client.post(address, json={})) == (404, "dispatch-unknown")
        missing = await client.post("/api/v1/duty-log/9/dispatches", json={"department": "工程部"})
        assert await told(missing) == (404, "entry-unknown")


async def test_second_correction_of_one_entry_is_sent_to_the_first(desk):
    async with desk() as room:
        client = await room.signed_in()
        for address in ("/api/v1/duty-log", "/api/v1/duty-log/1/corrections"):
            assert (await client.post(address, json=ENTRY)).status == 201

        late = await client.post("/api/v1/duty-log/1/corrections", json=ENTRY)

        assert await late.json() == {
            "error": {
                "id": "entry-corrected",
                "message": "entry 1 is corrected by entry 2: correct that one",
                "details": {"corrected_by": 2},
            }
        }


async def test_draft_has_no_number_of_the_day_and_owes_nothing(desk):
    async with desk() as room:
        await room.finished_call()
        number = await room.draft()
        client = await room.signed_in()

        entry = await (await client.get(f"/api/v1/duty-log/{number}")).json()

        assert (entry["page"], entry["owed"], entry["chain_position"]) == ("", None, None)
