"""The search over HTTP: staff ask, numbers stay masked, and every question is in the access log."""

import unicodedata

import pytest
from sqlalchemy import select

from hotline.accounts.account import Role
from hotline.transcribe.transcript import Side
from hotline.web.store import AccessLogTable
from tests.fakes.web_desk import CALLER


async def log_of(room):
    async with room.database.read() as session:
        rows = (await session.scalars(select(AccessLogTable).order_by(AccessLogTable.id))).all()
    return [(row.who, row.what, row.reason) for row in rows]


async def test_words_that_were_said_are_found_with_the_hit_marked(desk):
    async with desk() as room:
        await room.finished_call()
        await room.recorded()
        await room.transcribing()
        await room.transcribed("c-1", (Side.CALLER, 3.0, "厨房水管漏水", 0.9))
        client = await room.signed_in()

        answer = await (await client.get("/api/v1/search", params={"q": "漏水"})).json()

        hits = {hit["what"]: hit for hit in answer["hits"]}
        assert set(hits) == {"transcript", "entry"}
        assert hits["transcript"]["call_id"] == "c-1"
        assert {"text": "漏水", "is_hit": True} in hits["transcript"]["quote"]
        assert (hits["entry"]["home"], hits["entry"]["who"]) == ("3-2-501", "张先生")


async def test_number_is_masked_for_people_and_whole_for_a_supervisors_machine(desk):
    async with desk() as room:
        await room.finished_call()
        client, machine = await room.signed_in(), await room.machine(Role.SUPERVISOR)
        asked = {"number": CALLER, "what": "call"}

        seen = [
            (await (await who.get("/api/v1/search", params=asked)).json())["hits"][0]["number"]
            for who in (client, machine)
        ]

        assert "****" in seen[0]
        assert seen[1] == f"+86{CALLER.lstrip('0')}" or seen[1].endswith(CALLER)


async def test_each_question_of_a_person_is_written_down_and_its_number_masked(desk):
    async with desk() as room:
        await room.finished_call()
        client = await room.signed_in()

        await client.get("/api/v1/search", params={"q": "漏水 3-2-501"})
        await client.get("/api/v1/search", params={"q": "漏水 13800138501"})
        await client.get("/api/v1/search")

        log = await log_of(room)
        assert ("xiaowang", "search", "漏水 3-2-501") in log
        assert ("xiaowang", "search", "138****8501") in log
        assert not any("13800138501" in reason for _, _, reason in log)
        assert len(log) == 3


async def test_numbers_among_the_words_are_limited_like_all_looks_for_numbers(desk):
    async with desk() as room:
        client = await room.signed_in()

        answers = [await client.get("/api/v1/search", params={"q": f"1380013{end:04}"}) for end in range(11)]

        assert [answer.status for answer in answers] == [200] * 10 + [429]


@pytest.mark.parametrize(
    "asked",
    [{"q": "13800138501 13800138501"}, {"q": "13800138501", "number": "110"}, {"name": "13800138501"},
     {"home": "13800138501"}, {"q": "电话13800138501"}, {"q": "１３８００１３８５０１"}, {"q": "138-0013-8501"},
     {"q": "+86-138-0013-8501"}, {"q": "138 0013 8501"}, {"number": "138 0013 8501"}, {"number": "x13800138501y"}],
)  # fmt: skip
async def test_no_form_of_a_number_is_written_down_whole_and_each_is_limited(desk, asked):
    async with desk() as room:
        client = await room.signed_in()

        answers = [(await client.get("/api/v1/search", params=asked)).status for _ in range(11)]

        assert 429 in answers
        reasons = [reason for _, _, reason in await log_of(room)]
        assert any("138****8501" in reason for reason in reasons)
        assert not any("0013" in unicodedata.normalize("NFKC", reason) for reason in reasons)


@pytest.mark.parametrize(
    "asked",
    [{"q": "x" * 201}, {"cursor": "abc"}, {"cursor": "9" * 40}, {"cursor": "-1"}, {"order": "worst"}, {"limit": "0"},
     {"what": "secret"}, {"from": "1"}, {"q": "a\x00b"}, {"unknown": "1"}],
)  # fmt: skip
async def test_wrong_question_is_refused_by_name(desk, asked):
    async with desk() as room:
        client = await room.signed_in()

        answer = await client.get("/api/v1/search", params=asked)

        assert answer.status == 422
        assert list((await answer.json())["error"]["details"]["fields"]) == list(asked)


async def test_stranger_finds_nothing(desk):
    async with desk() as room:
        assert (await room.client().get("/api/v1/search", params={"q": "漏水"})).status == 401


async def test_page_keeps_the_question(desk):
    async with desk() as room:
        client = await room.signed_in()

        page = await (
            await client.get("/search", params={"q": '"><script>漏水', "what": "entry", "from": "2026-11-01"})
        ).text()

        assert 'value="&#34;&gt;&lt;script&gt;漏水"' in page
        assert 'value="2026-11-01"' in page
        assert '<option value="entry" selected>' in page


async def test_an_entry_that_was_corrected_says_which_one_holds_now_however_often(desk):
    async with desk() as room:
        client = await room.signed_in()
        entry = {"kind": "complaint", "matter": "楼上噪音", "home": "1-1-101", "who": "李女士"}
        first = await (await client.post("/api/v1/duty-log", json=entry)).json()
        other = await (await client.post("/api/v1/duty-log", json={**entry, "matter": "电梯噪音"})).json()
        second = await client.post(
            f"/api/v1/duty-log/{first['number']}/corrections", json={**entry, "matter": "楼下噪音"}
        )
        second = await second.json()
        third = await client.post(
            f"/api/v1/duty-log/{second['number']}/corrections", json={**entry, "matter": "隔壁噪音"}
        )
        third = await third.json()

        answer = await (await client.get("/api/v1/search", params={"q": "噪音", "what": "entry"})).json()

    holds = {int(hit["item"]): (hit["corrected_by"], hit["corrected_page"]) for hit in answer["hits"]}
    newest = (third["number"], third["page"])
    assert holds == {
        first["number"]: newest, second["number"]: newest, third["number"]: (None, ""), other["number"]: (None, ""),
    }  # fmt: skip
