"""Menus and prompts over HTTP: who may, what a conflict and a wrong text say, files in and sounds out."""

from tests.fakes.menu_room import menu_room
from tests.fakes.menu_site import SHIPPED, versioned
from tests.fakes.voice_shelf import write_sound


async def test_an_agent_may_neither_see_nor_change_menus_and_prompts(tmp_path):
    async with menu_room(tmp_path) as room:
        agent = await room.signed_in()
        asked = [
            await agent.get("/api/v1/menus"),
            await agent.post("/api/v1/menus/activate", json={"edition": 0, "in_force": 1}),
            await agent.get("/api/v1/prompts"),
            await agent.put("/api/v1/prompts/sound?id=greeting", data=b"x"),
        ]

        assert {answer.status for answer in asked} == {403}


async def test_a_draft_is_checked_saved_activated_and_taken_back(tmp_path):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")
        told = await (await boss.get("/api/v1/menus")).json()
        assert (told["in_force"]["number"], told["draft"]["edition"], told["text"]) == (1, 0, SHIPPED)
        assert "<svg" in told["svg"]
        assert "repair" in told["queues"]

        text = versioned("冬季", ('label = "投诉"', 'label = "意见与投诉"'))
        looked = await (await boss.post("/api/v1/menus/check", json={"text": text})).json()
        assert (looked["problems"], looked["label"]) == ([], "冬季")
        assert "意见与投诉" in looked["svg"]
        assert [row["kind"] for row in looked["rows"]].count("in") == 2

        draft = await (await boss.put("/api/v1/menus/draft", json={"text": text, "edition": 0, "base": 1})).json()
        act = {"edition": draft["edition"], "in_force": 1, "note": "入冬"}
        made = await (await boss.post("/api/v1/menus/activate", json=act)).json()
        assert (made["number"], made["by"], made["note"], made["origin"]) == (2, "boss", "入冬", "page")

        back = await boss.post("/api/v1/menus/versions/1/activate", json={"in_force": 2})
        assert (await back.json())["of"] == 1
        history = await (await boss.get("/api/v1/menus/versions")).json()
        assert [one["number"] for one in history["versions"]] == [3, 2, 1]
        older = await (await boss.get("/api/v1/menus/versions/2")).json()
        assert (older["text"], older["by"]) == (text, "boss")
        assert (await boss.get("/api/v1/menus/versions/99")).status == 404


async def test_everything_wrong_is_told_at_once_in_chinese_at_its_line(tmp_path):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")
        text = SHIPPED.replace("waits = 4", "waits = 99").replace('"09:00-18:00"', '"9-18"')

        looked = await (await boss.post("/api/v1/menus/check", json={"text": text})).json()

        lines = text.splitlines()
        assert [(lines[one["line"] - 1].split(" =")[0], one["reason_zh"]) for one in looked["problems"]] == [
            ("every_day", "“9-18”不是时间段：请写 09:00-18:00，几段之间用逗号，全天休息写 closed"),
            ("waits", "不能大于 30"),
        ]
        saved = await boss.put("/api/v1/menus/draft", json={"text": text, "edition": 0, "base": 1})
        refused = await boss.post("/api/v1/menus/activate", json={"edition": 1, "in_force": 1})
        assert (saved.status, refused.status) == (200, 422)
        assert (await refused.json())["error"]["id"] == "menu-refused"


async def test_the_second_of_two_supervisors_gets_the_first_ones_text(tmp_path):
    async with menu_room(tmp_path) as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        await boss.put("/api/v1/menus/draft", json={"text": versioned("one"), "edition": 0, "base": 1})

        late = await root.put("/api/v1/menus/draft", json={"text": versioned("two"), "edition": 0, "base": 1})

        error = (await late.json())["error"]
        assert (late.status, error["id"]) == (409, "menus-changed")
        assert (error["details"]["by"], error["details"]["text"]) == ("boss", versioned("one"))
        beside = {"text": versioned("two"), "against": error["details"]["text"]}
        rows = (await (await root.post("/api/v1/menus/check", json=beside)).json())["rows"]
        assert [row["text"] for row in rows if row["kind"] != "same"] == ['version = "one"', 'version = "two"']


async def test_a_sound_file_comes_in_is_heard_and_goes_back(tmp_path):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")
        sound = write_sound(tmp_path / "new.wav", 2).read_bytes()

        told = await (await boss.put("/api/v1/prompts/sound?language=zh&id=greeting", data=sound)).json()

        greeting = told["prompts"][0]
        assert (greeting["is_own"], greeting["kept"]["by"], greeting["fit"]) == (True, "boss", "fits")
        heard = await boss.get("/api/v1/prompts/sound?language=zh&id=greeting")
        assert (heard.content_type, (await heard.read())[:4]) == ("audio/wav", b"RIFF")
        back = {"language": "zh", "id": "greeting", "to": "rendered"}
        told = await (await boss.post("/api/v1/prompts/back", json=back)).json()
        assert not told["prompts"][0]["is_own"]
        assert (await boss.post("/api/v1/prompts/back", json=back)).status == 422


async def test_a_file_that_is_no_sound_or_too_large_is_refused_and_left_nowhere(tmp_path, monkeypatch):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")
        words = await boss.put("/api/v1/prompts/sound?language=zh&id=greeting", data=b"no sound at all" * 9)
        monkeypatch.setattr("hotline.web.api_prompts.LARGEST", 1000)
        large = await boss.put("/api/v1/prompts/sound?language=zh&id=greeting", data=b"x" * 5000)
        strange = await boss.get("/api/v1/prompts/sound?language=zh&id=..%2F..%2Fetc")

        assert (words.status, (await words.json())["error"]["details"]) == (422, {"fault": "format"})
        assert (large.status, (await large.json())["error"]["id"]) == (413, "body-too-large")
        assert strange.status == 422
        assert list((tmp_path / "voice-uploads").iterdir()) == []


async def test_a_text_is_tried_out_then_spoken_and_a_late_writer_is_told(tmp_path):
    async with menu_room(tmp_path) as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        said = {"language": "zh", "id": "goodbye", "text": "祝您新年快乐，再见。", "edition": 0}
        tried = await boss.post("/api/v1/prompts/try", json={"language": "zh", "text": said["text"]})
        heard = await boss.get("/api/v1/prompts/tried", params={"name": (await tried.json())["name"]})
        assert (tried.status, heard.status, heard.content_type) == (200, 200, "audio/wav")

        told = await (await boss.post("/api/v1/prompts/speak", json=said)).json()
        late = await root.put("/api/v1/prompts/text", json=said | {"text": "再会。"})

        goodbye = told["prompts"][1]
        assert (goodbye["text"], goodbye["fit"], goodbye["kept"]["way"]) == (said["text"], "fits", "spoken")
        assert (late.status, (await late.json())["error"]["details"]["text"]) == (409, said["text"])


async def test_a_building_notice_is_posted_seen_by_agents_and_ended_early(tmp_path):
    async with menu_room(tmp_path) as room:
        boss, agent = await room.signed_in("boss"), await room.signed_in()
        said = {"buildings": [3], "text": "明天停水。", "ends": "2026-11-21T18:00:00+08:00"}
        assert (await agent.post("/api/v1/building-notices", json=said)).status == 403

        posted = await (await boss.post("/api/v1/building-notices", json=said)).json()
        await room.rooms.building_notices.look()

        seen = (await (await agent.get("/api/v1/building-notices")).json())["notices"][0]
        assert (seen["state"], seen["places"][0]["building"], seen["ends"]) == ("on", 3, "2026-11-21T18:00:00+08:00")
        assert seen["places"][0]["incident"] is not None
        ended = await (await boss.post(f"/api/v1/building-notices/{posted['notices'][0]['id']}/end", json={})).json()
        assert (ended["notices"][0]["state"], ended["notices"][0]["ended_by"]) == ("over", "boss")
        again = await boss.post("/api/v1/building-notices/1/end", json={})
        late = await boss.post("/api/v1/building-notices", json=said | {"ends": "2026-11-20T18:00:00+08:00"})
        strange = await boss.post("/api/v1/building-notices", json=said | {"buildings": [77]})
        assert [answer.status for answer in (again, late, strange)] == [422, 422, 422]
