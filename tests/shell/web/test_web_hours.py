"""Hours and holidays over HTTP: a form makes a new version of the menus; two at once, nonsense, and who may."""

import tomllib
from datetime import UTC, datetime

import pytest

from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.menu_room import menu_room
from tests.fakes.menu_site import SHIPPED

NINE_TO_SIX = [{"opens": "09:00", "closes": "18:00", "next_day": False}]


def hours(**changes):
    return {"week": [NINE_TO_SIX] * 7, "holidays": None, "exceptions": []} | changes


def looked_at(**changes):
    return hours(**changes) | {"first": "2027-02-01", "last": "2027-02-28"}


async def test_an_agent_may_neither_see_nor_change_the_hours(tmp_path):
    async with menu_room(tmp_path) as room:
        agent = await room.signed_in()
        asked = [
            await agent.get("/api/v1/hours"),
            await agent.post("/api/v1/hours/look", json=looked_at()),
            await agent.post("/api/v1/hours", json=hours(in_force=1)),
        ]

        assert {answer.status for answer in asked} == {403}


async def test_saved_hours_are_a_new_version_that_leads_the_next_call_and_can_be_taken_back(tmp_path):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")
        told = await (await boss.get("/api/v1/hours")).json()
        assert (told["in_force"], told["week"], told["holidays"]) == (1, [NINE_TO_SIX] * 7, None)
        wanted = hours(
            week=[*[NINE_TO_SIX] * 6, []], holidays=[], exceptions=[{"day": "2026-12-31", "spans": NINE_TO_SIX}]
        )

        answer = await boss.post("/api/v1/hours", json=wanted | {"in_force": 1, "note": "冬季"})

        made = await answer.json()
        assert (answer.status, made["in_force"], made["by"], made["week"][6]) == (200, 2, "boss", [])
        text = (tmp_path / "menus.toml").read_text("utf-8")
        assert tomllib.loads(text)["hours"]["exceptions"] == {"2026-12-31": "09:00-18:00"}
        assert text.split("[entrance]")[1] == SHIPPED.split("[entrance]")[1]
        assert room.rooms.menus.hours.week[6] == (), "the plan that leads the next caller"
        [newest, _] = (await (await boss.get("/api/v1/menus/versions")).json())["versions"]
        assert (newest["origin"], newest["by"], newest["note"]) == ("hours", "boss", "冬季")
        back = await boss.post("/api/v1/menus/versions/1/activate", json={"in_force": 2})
        assert back.status == 200
        assert (await (await boss.get("/api/v1/hours")).json())["week"][6] == NINE_TO_SIX
        assert (tmp_path / "menus.toml").read_text("utf-8") == SHIPPED


async def test_the_audit_has_the_hours_before_and_after(tmp_path):
    async with menu_room(tmp_path) as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        await boss.post("/api/v1/hours", json=hours(week=[*[NINE_TO_SIX] * 6, []]) | {"in_force": 1})

        [line, *_] = (await (await root.get("/api/v1/audit?room=menus")).json())["changes"]

        assert (line["by"], line["act"], line["subject"]) == ("boss", "hours-changed", "menus@2")
        assert {"name": "sun", "before": "09:00-18:00", "after": "closed"} in line["differences"]


async def test_the_second_of_two_is_refused_and_told_who_was_first(tmp_path):
    async with menu_room(tmp_path) as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        await boss.post("/api/v1/hours", json=hours(holidays=[]) | {"in_force": 1})

        late = await root.post("/api/v1/hours", json=hours(week=[[], *[NINE_TO_SIX] * 6]) | {"in_force": 1})

        error = (await late.json())["error"]
        assert (late.status, error["id"]) == (409, "menus-changed")
        assert (error["details"]["in_force"], error["details"]["in_force_by"]) == (2, "boss")
        assert (await (await root.get("/api/v1/hours")).json())["holidays"] == []


async def test_a_look_says_what_changes_day_by_day_and_saves_nothing(tmp_path):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")

        found = await (
            await boss.post("/api/v1/hours/look", json=looked_at(exceptions=[{"day": "2027-02-16", "spans": []}]))
        ).json()

        assert found["differences"] == [{"field": "2027-02-16", "before": None, "after": "closed"}]
        assert (found["days_changed"], found["days_changed_count"]) == (["2027-02-16"], 1)
        day = found["days"][15]
        assert (day["day"], day["hours"], day["is_exception"], day["is_changed"]) == ("2027-02-16", [], True, True)
        assert len(found["days"]) == 28
        assert (await (await boss.get("/api/v1/hours")).json())["in_force"] == 1
        assert not (tmp_path / "menus.toml").exists()


async def test_holidays_that_are_heeded_close_the_announced_days(tmp_path):
    async with menu_room(tmp_path, ClockByHand(datetime(2026, 9, 1, tzinfo=UTC))) as room:
        boss = await room.signed_in("boss")
        wanted = hours(holidays=[]) | {"first": "2026-10-01", "last": "2026-10-31"}

        found = await (await boss.post("/api/v1/hours/look", json=wanted)).json()

        first = found["days"][0]
        assert (first["is_holiday"], first["hours"], first["is_changed"]) == (True, [], True)


async def test_nonsense_is_told_beside_its_field_by_look_and_by_save(tmp_path):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")
        wrong = [{"opens": "18:00", "closes": "09:00"}]

        looked = await (await boss.post("/api/v1/hours/look", json=looked_at(holidays=wrong))).json()
        saved = await boss.post(
            "/api/v1/hours", json=hours(exceptions=[{"day": "2026-11-01", "spans": []}]) | {"in_force": 1}
        )

        [problem] = looked["problems"]
        assert (problem["field"], problem["chinese"][:6]) == ("holidays", "结束早于开始")
        error = (await saved.json())["error"]
        assert (saved.status, error["id"]) == (422, "hours-refused")
        assert error["details"]["problems"][0]["field"] == "2026-11-01"


@pytest.mark.parametrize(
    "change", [{"week": [NINE_TO_SIX]}, {"exceptions": [{"day": "x", "spans": []}]}, {"first": ""}]
)
async def test_a_form_that_is_none_is_refused(tmp_path, change):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")

        assert (await boss.post("/api/v1/hours/look", json=looked_at() | change)).status == 422


async def test_days_that_are_over_are_shown_as_they_were(tmp_path):
    async with menu_room(tmp_path) as room:
        boss = await room.signed_in("boss")
        wanted = hours(week=[*[NINE_TO_SIX] * 6, []]) | {"first": "2026-11-01", "last": "2026-11-30"}

        found = await (await boss.post("/api/v1/hours/look", json=wanted)).json()

        sundays = {one["day"]: (one["hours"], one["is_changed"]) for one in found["days"][::7]}
        assert sundays["2026-11-15"] == (["09:00-18:00"], False)
        assert sundays["2026-11-22"] == ([], True)
