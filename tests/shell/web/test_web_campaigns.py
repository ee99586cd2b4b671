"""Campaigns over HTTP: drafted, filled, looked at, approved by another, started; and who may not."""

import io
from datetime import UTC, datetime

import xlsxwriter
from sqlalchemy import event

from hotline.accounts.account import Role
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.targets_store import targets_page
from tests.fakes.web_desk import told as heard

FEE = {"kind": "fee-reminder", "name": "十一月催缴"}


def workbook(*rows):
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet()
    for line, row in enumerate((("房号", "姓名", "电话", "月份", "金额"), *rows)):
        sheet.write_row(line, 0, row)
    book.close()
    return content.getvalue()


GOOD = ("3-2-501", "张伟", "13800138501", "2026-09至2026-10", 123.45)


async def refused(answer):
    return answer.status, (await answer.json())["error"]["id"]


async def drafted(client, **more):
    return (await (await client.post("/api/v1/campaigns", json={**FEE, **more})).json())["id"]


async def test_fee_campaign_from_workbook_to_running(desk):
    async with desk() as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        number = await drafted(boss)
        address = f"/api/v1/campaigns/{number}"
        content = workbook(GOOD, ("9-9-999", "没有", "", "2026-09", 5), ("3-2-501", "张伟", "", "2026-09", -5))

        dry = await (await boss.post(f"{address}/targets?dry_run=true&name=a.xlsx", data=content)).json()
        taken = await (await boss.post(f"{address}/targets?name=a.xlsx", data=content)).json()
        again = await refused(await boss.post(f"{address}/targets", data=content))
        seen = await (await boss.get(f"{address}/preview")).json()
        own = await refused(await boss.post(f"{address}/approve"))
        early = await refused(await boss.post(f"{address}/start"))
        approved = await (await root.post(f"{address}/approve")).json()
        started = await (await boss.post(f"{address}/start")).json()

        assert (dry["added"], dry["dry_run"]) == (taken["added"], True) == (1, True)
        assert [(one["line"], one["column"]) for one in taken["problems"]] == [(3, "home"), (4, "amount")]
        assert again == (409, "campaign-list-doubled")
        assert (seen["targets"], seen["may_now"], seen["on_days"]) == (1, 1, {"2026-11-21": 1})
        assert "张先生" in seen["asks"]
        assert "三栋二单元五零一室" in seen["asks"]
        assert "一百二十三元" in seen["tells"]
        assert seen["shown"][0]["target"]["number"] == "138****8501"
        assert own == (403, "campaign-needs-another")
        assert early == (409, "campaign-step-refused")
        assert (approved["state"], approved["approved_by"]) == ("approved", "root")
        assert (started["state"], started["states"]) == ("running", {"waiting": 1})
        history = (await (await boss.get(address)).json())["history"]
        assert [step["what"] for step in history] == ["made", "imported", "approved", "started"]


async def test_campaign_is_paused_resumed_and_stopped_for_good(desk):
    async with desk() as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        number = await drafted(boss)
        await boss.post(f"/api/v1/campaigns/{number}/targets", data=workbook(GOOD))
        await root.post(f"/api/v1/campaigns/{number}/approve")

        states = [
            (await (await boss.post(f"/api/v1/campaigns/{number}/{act}")).json())["state"]
            for act in ("start", "pause", "resume", "stop")
        ]

        assert states == ["running", "paused", "running", "stopped"]
        assert await refused(await boss.post(f"/api/v1/campaigns/{number}/start")) == (409, "campaign-step-refused")


async def test_empty_list_is_neither_approved_nor_started(desk):
    async with desk() as room:
        boss, root = await room.signed_in("boss"), await room.signed_in("root")
        number = await drafted(boss)

        assert await refused(await root.post(f"/api/v1/campaigns/{number}/approve")) == (422, "campaign-empty")
        assert (await (await boss.get(f"/api/v1/campaigns/{number}")).json())["state"] == "draft"


async def test_list_of_a_campaign_that_rang_nobody_may_be_taken_in_again(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        first, content = await drafted(boss), workbook(GOOD)
        await boss.post(f"/api/v1/campaigns/{first}/targets", data=content)
        await boss.post(f"/api/v1/campaigns/{first}/stop")

        answer = await boss.post(f"/api/v1/campaigns/{await drafted(boss)}/targets", data=content)

        assert (await answer.json())["added"] == 1


async def test_records_name_who_owes_and_who_lives_in_a_building(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        fee, notice = await drafted(boss), await drafted(boss, kind="notice", words="周四上午三栋停水检修。")

        nobody = await boss.post(f"/api/v1/campaigns/{fee}/targets", json={"from_fen": 1})
        of_building = await boss.post(f"/api/v1/campaigns/{notice}/targets", json={"buildings": [3]})
        seen = await (await boss.get(f"/api/v1/campaigns/{notice}/preview")).json()

        assert await refused(nobody) == (422, "campaign-nobody")
        assert (await of_building.json())["added"] == 1
        assert "周四上午三栋停水检修。" in seen["tells"]


async def test_threat_is_refused_when_it_is_drafted(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")

        answer = await boss.post("/api/v1/campaigns", json={**FEE, "words": "再不交费就停水"})

        assert await refused(answer) == (422, "campaign-words-refused")


async def test_agent_neither_sees_nor_starts_campaigns(desk):
    async with desk() as room:
        agent = await room.machine(Role.AGENT)

        assert (await agent.get("/api/v1/campaigns")).status == 403
        assert (await agent.post("/api/v1/campaigns/1/start")).status == 403


async def test_what_is_no_campaign_no_attempt_and_no_list_is_said_so(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        number = await drafted(boss)

        assert await refused(await boss.get("/api/v1/campaigns/99")) == (404, "campaign-unknown")
        assert await refused(await boss.get("/api/v1/campaigns/none")) == (404, "campaign-unknown")
        decided = await boss.post(f"/api/v1/campaigns/{number}/attempts/attempt-1.1/decide", json={"rang": True})
        assert await refused(decided) == (409, "attempt-not-unknown")
        broken = await boss.post(f"/api/v1/campaigns/{number}/targets", data=b"\xff\xfe\x00")
        assert await refused(broken) == (422, "file-refused")


async def test_results_are_taken_away_with_a_reason_and_without_numbers(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        number = await drafted(boss)
        await boss.post(f"/api/v1/campaigns/{number}/targets", data=workbook(GOOD))

        answer = await boss.get(f"/api/v1/campaigns/{number}/export?reason=月报")
        lines = (await answer.text()).splitlines()
        coded = await boss.get(f"/api/v1/campaigns/{number}/export?reason=月报&codes=true")

        assert lines[0].lstrip("\ufeff") == "房号,称呼,金额（元）,状态,未呼叫原因,呼叫次数,结果,按键"
        assert lines[1] == "3-2-501,张先生,123.45,待呼叫,,0,,"
        assert (await coded.text()).splitlines()[1] == "3-2-501,张先生,123.45,waiting,,0,,"
        assert "13800138501" not in "".join(lines)
        assert (await boss.get(f"/api/v1/campaigns/{number}/export")).status == 422


async def test_page_hears_of_a_campaign_as_it_goes_on(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        async with boss.ws_connect("/api/v1/live") as socket:
            await heard(socket, "snapshot")

            await drafted(boss)

            assert (await heard(socket, "campaign"))["campaign"]["state"] == "draft"


async def test_an_agents_page_hears_nothing_of_campaigns(desk):
    async with desk() as room:
        boss, agent = await room.signed_in("boss"), await room.signed_in()
        async with agent.ws_connect("/api/v1/live") as socket, boss.ws_connect("/api/v1/live") as heads:
            for one in (socket, heads):
                await heard(one, "snapshot")

            await drafted(boss)
            await heard(heads, "campaign")
            await room.goes_on()

            kinds = []
            while "call" not in kinds:
                kinds.append((await socket.receive_json(timeout=10))["type"])
            assert "campaign" not in kinds


async def test_pages_of_campaigns_follow_each_other(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        numbers = [await drafted(boss, name=f"第{count}个") for count in range(3)]

        first = await (await boss.get("/api/v1/campaigns?limit=2")).json()
        second = await (await boss.get(f"/api/v1/campaigns?limit=2&cursor={first['next_cursor']}")).json()

        assert [one["id"] for one in (*first["campaigns"], *second["campaigns"])] == numbers[::-1]
        assert second["next_cursor"] is None


async def test_page_of_campaigns_counts_all_lists_at_once(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        numbers = [await drafted(boss, name=f"第{count}个") for count in range(3)]
        await boss.post(f"/api/v1/campaigns/{numbers[1]}/targets", data=workbook(GOOD))
        counted = []

        def look(_connection, _cursor, statement, *_):
            if "count(" in statement and "FROM target" in statement:
                counted.append(statement)

        event.listen(room.database.engine.sync_engine, "before_cursor_execute", look)
        shown = (await (await boss.get("/api/v1/campaigns")).json())["campaigns"]

        assert [one["states"] for one in shown] == [{}, {"waiting": 1}, {}]
        assert len(counted) == 1


async def test_attempt_that_comes_between_two_pages_shows_none_twice(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        number = await drafted(boss)
        await boss.post(f"/api/v1/campaigns/{number}/targets", data=workbook(GOOD))
        address = f"/api/v1/campaigns/{number}/attempts?limit=2&state=settled"

        async def tried(count, minute):
            async with room.database.begin() as session:
                (target,) = await targets_page(session, number)
                session.add(
                    AttemptTable(
                        id=f"attempt-170000000{count}.1", campaign_id=number, target_id=target.id, household="3-2-501",
                        e164=target.e164, state="settled", planned_at=datetime(2026, 11, 20, 2, minute, tzinfo=UTC),
                    )
                )  # fmt: skip

        for count, minute in enumerate((0, 1, 1, 1)):
            await tried(count, minute)

        first = await (await boss.get(address)).json()
        await tried(9, 2)
        second = await (await boss.get(f"{address}&cursor={first['next_cursor']}")).json()

        seen = [one["id"] for one in (*first["attempts"], *second["attempts"])]
        assert seen == [f"attempt-170000000{count}.1" for count in (3, 2, 1, 0)]
        assert second["next_cursor"] is None
