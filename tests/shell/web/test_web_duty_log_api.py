"""The duty log over HTTP: added to, corrected beside, never changed."""

import pytest

ENTRY = {"kind": "repair", "matter": "厨房漏水", "home": "3-2-501", "who": "张先生", "promised": "两小时内上门"}


async def test_entry_is_written_under_the_name_of_who_is_signed_in(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post("/api/v1/duty-log", json=ENTRY | {"is_urgent": True})

        entry = await answer.json()
        assert answer.status == 201
        assert (entry["number"], entry["written_by"], entry["agent"]) == (1, "xiaowang", "8001")
        assert (entry["state"], entry["is_urgent"]) == ("confirmed", True)
        assert entry["written_at"] == "2026-11-21T09:40:12+08:00"
        assert (await (await client.get("/api/v1/duty-log")).json())["entries"] == [entry]


async def test_confirmed_draft_keeps_its_number(desk):
    async with desk() as room:
        await room.finished_call()
        number = await room.draft()
        client = await room.signed_in()

        entry = await (await client.post("/api/v1/duty-log", json=ENTRY | {"call_id": "c-1"})).json()

        assert entry["number"] == number
        page = await (await client.get("/api/v1/duty-log")).json()
        assert [(entry["number"], entry["state"]) for entry in page["entries"]] == [(number, "confirmed")]


async def test_correction_stands_beside_the_entry_which_stays_as_it_was(desk):
    async with desk() as room:
        client = await room.signed_in()
        first = await (await client.post("/api/v1/duty-log", json=ENTRY)).json()

        answer = await client.post("/api/v1/duty-log/1/corrections", json=ENTRY | {"home": "3-2-502"})

        second = await answer.json()
        assert (answer.status, second["number"], second["corrects"], second["home"]) == (201, 2, 1, "3-2-502")
        assert second["owed"] == first["owed"], "what is owed is owed for its newest version"
        assert (await (await client.get("/api/v1/duty-log")).json())["entries"] == [
            second,
            {**first, "corrected_by": second["number"], "owed": None},
        ]


async def test_draft_is_confirmed_and_not_corrected(desk):
    async with desk() as room:
        await room.finished_call()
        number = await room.draft()
        client = await room.signed_in()

        answer = await client.post(f"/api/v1/duty-log/{number}/corrections", json=ENTRY)

        assert answer.status == 409
        assert (await answer.json())["error"]["id"] == "entry-is-draft"


@pytest.mark.parametrize("number", ["99", "0", "-1", "x", "9" * 30, "٣"])
async def test_entry_that_is_not_there_cannot_be_corrected(desk, number):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post(f"/api/v1/duty-log/{number}/corrections", json=ENTRY)

        assert answer.status == 404
        assert (await answer.json())["error"]["id"] == "entry-unknown"


async def test_entry_of_a_call_that_is_not_there_is_refused(desk):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post("/api/v1/duty-log", json=ENTRY | {"call_id": "none"})

        assert (await answer.json())["error"]["id"] == "call-unknown"
        assert (await (await client.get("/api/v1/duty-log")).json())["entries"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "gossip"}, "kind"),
        ({"matter": "   "}, "matter"),
        ({"matter": "长" * 4001}, "matter"),
        ({"who": "x" * 41}, "who"),
        ({"written_by": "boss"}, "written_by"),
        ({"number": 7}, "number"),
        ({"is_urgent": "perhaps"}, "is_urgent"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_wrong_field_is_named(desk, change, field):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post("/api/v1/duty-log", json=ENTRY | change)

        assert answer.status == 422
        assert list((await answer.json())["error"]["details"]["fields"]) == [field]


@pytest.mark.parametrize("address", ["/api/v1/duty-log", "/api/v1/duty-log/1/corrections"])
@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\r", "\x7f", "\ud800"], ids=ascii)
async def test_text_that_the_database_cannot_hold_or_that_is_no_text_is_refused(desk, address, sign):
    async with desk() as room:
        client = await room.signed_in()
        for field in ("who", "home", "matter", "promised", "agent"):
            answer = await client.post(address, json=ENTRY | {field: f"a{sign}b"})

            assert answer.status == 422
            assert list((await answer.json())["error"]["details"]["fields"]) == [field]


@pytest.mark.parametrize("sign", ["\n", "\t"], ids=ascii)
async def test_lines_and_tabs_are_kept_where_there_is_room_for_them_and_refused_elsewhere(desk, sign):
    async with desk() as room:
        client = await room.signed_in()
        text = f"第一行{sign}第二行"

        kept = await client.post("/api/v1/duty-log", json=ENTRY | {"matter": text, "promised": text})
        refused = await client.post("/api/v1/duty-log", json=ENTRY | {"who": text})

        entry = await kept.json()
        assert (entry["matter"], entry["promised"]) == (text, text)
        assert refused.status == 422


async def test_call_id_with_a_control_character_is_refused(desk):
    async with desk() as room:
        client = await room.signed_in()

        assert (await client.post("/api/v1/duty-log", json=ENTRY | {"call_id": "c\x00"})).status == 422


@pytest.mark.parametrize("body", ["", "[]", "{", "null", '"x"', "[" * 5000], ids=lambda body: body[:5])
async def test_body_that_is_no_json_object_is_a_bad_request(desk, body):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.post("/api/v1/duty-log", data=body, headers={"Content-Type": "application/json"})

        assert answer.status == 400
        assert (await answer.json())["error"]["id"] == "bad-request"


@pytest.mark.parametrize("path", ["/api/v1/duty-log", "/duty-log"])
@pytest.mark.parametrize("cursor", ["9223372036854775808", "2147483648", "0", "9" * 200])
async def test_cursor_beyond_any_number_is_refused(desk, path, cursor):
    async with desk() as room:
        client = await room.signed_in()

        assert (await client.get(path, params={"cursor": cursor})).status == 422


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_body_that_is_not_packed_as_it_says_is_a_bad_request(desk, encoding):
    async with desk() as room:
        client = await room.signed_in()
        headers = {"Content-Type": "application/json", "Content-Encoding": encoding}

        answer = await client.post("/api/v1/duty-log", data=b"garbage" * 9, headers=headers)

        assert answer.status == 400
        assert (await answer.json())["error"]["id"] == "bad-request"


async def test_log_pages_by_cursor(desk):
    async with desk() as room:
        client = await room.signed_in()
        for place in range(5):
            await client.post("/api/v1/duty-log", json=ENTRY | {"matter": f"{place}"})
        seen, cursor = [], ""
        while cursor is not None:
            page = await (await client.get("/api/v1/duty-log", params={"limit": "2", "cursor": cursor})).json()
            seen += [entry["number"] for entry in page["entries"]]
            cursor = page["next_cursor"]

        assert seen == [5, 4, 3, 2, 1]


async def test_words_of_a_caller_are_never_markup(desk):
    async with desk() as room:
        client = await room.signed_in()
        await client.post("/api/v1/duty-log", json=ENTRY | {"matter": "<img src=x onerror=alert(1)>"})

        page = await (await client.get("/duty-log")).text()

        assert "<img src=x" not in page
        assert "&lt;img src=x" in page
