"""Marks of households over HTTP: put with a reason, read, lifted with a reason, and never gone."""

import pytest

from hotline.accounts.account import Role

HERE = "/api/v1/household-marks"
HARDSHIP = {"household": "3栋2单元501", "mark": "hardship", "reason": "低保户"}


async def refused(answer):
    return answer.status, (await answer.json())["error"]["id"]


async def marks(client, query=""):
    return (await (await client.get(f"{HERE}{query}")).json())["marks"]


async def test_mark_is_put_once_and_lifted_and_stays_to_be_read(desk):
    async with desk() as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        first = await boss.post(HERE, json=HARDSHIP)
        again = await boss.post(HERE, json=HARDSHIP)
        assert (first.status, again.status) == (201, 201)
        (put,) = await marks(boss, "?household=3-2-501")
        assert (put["household"], put["mark"], put["by"], put["reason"]) == ("3-2-501", "hardship", "boss", "低保户")

        lifted = await root.delete(f"{HERE}/{put['id']}?reason=已脱困")

        assert lifted.status == 204
        assert await marks(boss) == []
        (stays,) = await marks(boss, "?lifted=true")
        assert (stays["lifted_by"], stays["lifted_why"], stays["reason"]) == ("root", "已脱困", "低保户")
        assert await refused(await root.delete(f"{HERE}/{put['id']}?reason=再来")) == (404, "household-mark-unknown")


async def test_number_is_marked_where_no_home_is_known_and_shown_masked(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")

        await boss.post(HERE, json={"household": "13800138501", "mark": "opted-out", "reason": "来电要求"})

        assert [one["household"] for one in await marks(boss, "?household=13800138501")] == ["138****8501"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"household": "隔壁"}, "household-mark-refused"),
        ({"mark": "says-paid"}, "household-mark-refused"),
        ({"reason": ""}, "input-refused"),
    ],
)
async def test_mark_without_place_or_reason_is_refused(desk, changed, error):
    async with desk() as room:
        boss = await room.signed_in("boss")

        answer = await boss.post(HERE, json={**HARDSHIP, **changed})

        assert await refused(answer) == (422, error)
        assert await marks(boss) == []


async def test_lifting_needs_a_reason_and_a_supervisor(desk):
    async with desk() as room:
        boss, agent = await room.signed_in("boss"), await room.machine(Role.AGENT)
        await boss.post(HERE, json=HARDSHIP)
        (put,) = await marks(boss)

        assert (await boss.delete(f"{HERE}/{put['id']}")).status == 422
        assert (await agent.delete(f"{HERE}/{put['id']}?reason=试试")).status == 403
        assert (await agent.get(HERE)).status == 403
        assert len(await marks(boss)) == 1


async def test_number_of_a_home_is_marked_by_its_masked_form_and_the_mark_taken_off_stays_to_be_read(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        wrong = {"household": "3-2-501", "number": "138****8501", "mark": "wrong-number", "reason": "接听者不是业主"}

        put = await (await boss.post(f"{HERE}/numbers", json=wrong)).json()
        off = await (await boss.post(f"{HERE}/numbers", json={**wrong, "holds": False, "reason": "已核实"})).json()
        other = await refused(await boss.post(f"{HERE}/numbers", json={**wrong, "number": "139****0000"}))

        assert put["numbers"] == ["138****8501"]
        said = [(one["number"], one["mark"], one["holds"], one["by"], one["reason"]) for one in put["number_marks"]]
        assert said == [("138****8501", "wrong-number", True, "boss", "接听者不是业主")]
        assert [(one["holds"], one["reason"]) for one in off["number_marks"]] == [(False, "已核实")]
        assert other == (422, "household-mark-refused")


async def test_marks_put_and_lifted_stand_in_the_audit_with_numbers_masked(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        await root.post(HERE, json=HARDSHIP)
        await root.post(HERE, json={"household": "13800138501", "mark": "opted-out", "reason": "来电要求"})
        number = {"household": "3-2-501", "number": "138****8501", "mark": "do-not-call", "reason": "来电要求"}
        await root.post(f"{HERE}/numbers", json=number)
        (put,) = await marks(root, "?household=3-2-501")
        await root.delete(f"{HERE}/{put['id']}?reason=已脱困")

        lines = (await (await root.get("/api/v1/audit?room=do-not-call")).json())["changes"]

        assert [(one["act"], one["subject"]) for one in lines] == [
            ("lifted", "3-2-501"),
            ("marked", "138****8501"),
            ("marked", "138****8501"),
            ("marked", "3-2-501"),
        ]
        assert lines[0]["before"] == {"mark": "hardship", "reason": "低保户"}
        assert "13800138501" not in str(lines)
