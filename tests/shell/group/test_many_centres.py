"""Two centres with databases of their own, and one group's service: who sees what, and what of one that is away."""

import asyncio
import csv
import io
import json
from datetime import timedelta

import structlog
from aiohttp import ClientSession, ClientWebSocketResponse

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user, create_token, revoke_token
from hotline.audit.store import Wanted, changes
from hotline.calls.state import CallState
from hotline.group.centre import Why
from hotline.queues.board import AgentState
from hotline.web import group_telling
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.group_desk import GroupDesk, group_desk
from tests.fakes.web_desk import CALLER, CHEAP, MORNING, PASSWORD, told

DAYS = "from=2026-11-21&to=2026-11-21"


async def answered(desk: GroupDesk, centre: str, *waits: float) -> None:
    """Let a centre answer so many calls, each after so many seconds."""
    room = desk.centres[centre]
    for place, wait in enumerate(waits):
        start = room.clock.now() - timedelta(minutes=5 + place)
        await room.finished_call(f"{centre}-{place}", start=start, human_answer=start + timedelta(seconds=wait))


async def read(client: ClientSession, address: str):
    answer = await client.get(address)
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def shown(client: ClientSession):
    """Return each centre as the group's service tells it, by id."""
    return {one["id"]: one for one in (await read(client, "/api/v1/centres"))["centres"]}


async def until_told(socket: ClientWebSocketResponse, centre: str, *, is_heard: bool):
    """Return the message in which a centre is heard, or is not, and what it says of that centre."""
    async with asyncio.timeout(30):
        while True:
            message = await socket.receive_json()
            for one in message["centres"]:
                if one["id"] == centre and one["is_heard"] is is_heard:
                    return message, one


async def test_a_user_sees_the_centres_granted_and_no_other(tmp_path):
    async with group_desk(tmp_path, clock=ClockByHand(MORNING)) as desk:
        await desk.grant("boss", "01")
        boss, admin, agent = [await desk.house.signed_in(name) for name in ("boss", "root", "xiaowang")]
        await desk.all_heard()
        seen = await shown(boss)
        compared = await read(boss, f"/api/v1/centres/report?{DAYS}")
        of_admin = await shown(admin)
        refused = (await agent.get("/api/v1/centres")).status
        await desk.grant("boss", "02")
        later = await shown(boss)
        row_files = await (await boss.get(f"/api/v1/centres/rows?{DAYS}&format=csv")).text()

    assert set(seen) == {"01"}
    assert [one["id"] for one in compared["centres"]] == ["01"]
    assert of_admin == {}, "no rank sees a centre by itself"
    assert refused == 403
    assert set(later) == {"02"}
    assert "西苑" in row_files
    assert "东苑" not in row_files


async def test_what_goes_on_at_each_centre_is_told_and_the_group_is_their_sum(tmp_path):
    async with group_desk(tmp_path, clock=ClockByHand(MORNING)) as desk:
        await desk.grant("boss", "01", "02")
        east, west = desk.centres.values()
        east.agents(a8001=AgentState.READY, a8002=AgentState.TALKING)
        west.agents(a8001=AgentState.READY)
        since = MORNING - timedelta(seconds=22)
        await east.goes_on("w", ring_start=since, switch_answer=since, queued_at=since, state=CallState.WAITING)
        await west.goes_on("m", ring_start=since, switch_answer=since, state=CallState.IN_MENU)
        await answered(desk, "01", 9, 12)
        await answered(desk, "02", 30)
        await west.goes_on("danger", is_emergency=True, state=CallState.WAITING)
        boss = await desk.house.signed_in("boss")

        def is_told() -> bool:
            walls = [one.wall for one in desk.group.now(desk.group.ids)]
            return (
                [wall and (wall.figures.offered, wall.agents_ready) for wall in walls] == [(3, 1), (2, 1)]
                and walls[1] is not None
                and bool(walls[1].emergencies)
            )

        await desk.until(is_told)
        whole = await read(boss, "/api/v1/centres")

    one, two = whole["centres"]
    assert (one["waiting"], one["in_menu"], one["agents_ready"]) == (1, 0, 1)
    assert (one["offered"], one["human_p90"], one["three_rings_share"]) == (3, 12.0, 1.0)
    assert one["longest_since"] == "2026-11-21T09:39:50+08:00"
    assert two["in_menu"] == 1
    assert [(danger["state"], danger["home"]) for danger in two["emergencies"]] == [("calling", "3-2-501")]
    assert whole["sum"]["agents_ready"] == 2
    assert whole["sum"]["heard"] == whole["sum"]["centres"] == 2
    assert CALLER not in json.dumps(whole)
    assert "张" not in json.dumps(whole, ensure_ascii=False)


async def test_a_centre_that_is_cut_off_has_no_data_and_comes_back_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(group_telling, "PACE_S", 0.05)
    async with group_desk(tmp_path) as desk:
        await desk.grant("boss", "01", "02")
        await answered(desk, "01", 9)
        await answered(desk, "02", 9)
        boss = await desk.house.signed_in("boss")
        await desk.until(lambda: all(one.wall and one.wall.figures.answered for one in desk.group.now(desk.group.ids)))
        async with boss.ws_connect("/api/v1/centres/live") as socket:
            await told(socket, "centres-snapshot")
            await desk.cables["02"].cut()
            message, lost = await until_told(socket, "02", is_heard=False)
            report = await read(boss, f"/api/v1/centres/report?{DAYS}")
            await desk.cables["02"].mend()
            await until_told(socket, "02", is_heard=True)
        back = await shown(boss)

    assert lost["why"] == "away"
    assert lost["heard_at"] is not None
    figures = ("in_menu", "waiting", "talking", "agents_ready", "offered", "three_rings_share", "human_p90", "overdue")
    assert {lost[name] for name in figures} == {None}
    assert (message["sum"]["heard"], message["sum"]["centres"], message["sum"]["offered"]) == (1, 2, 1)
    assert [one["times"] is None for one in report["centres"]] == [False, True]
    assert (report["heard"], report["total"]["offered"]) == (1, 1)
    assert back["02"]["offered"] == 1


async def test_percentiles_of_all_centres_are_made_of_their_steps_and_not_of_their_percentiles(tmp_path):
    async with group_desk(tmp_path, clock=ClockByHand(MORNING)) as desk:
        await desk.grant("boss", "01", "02")
        await answered(desk, "01", 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
        await answered(desk, "02", 40, 80)
        boss = await desk.house.signed_in("boss")
        await desk.all_heard()
        report = await read(boss, f"/api/v1/centres/report?{DAYS}")
        rows = list(csv.DictReader(io.StringIO(
            (await (await boss.get(f"/api/v1/centres/rows?{DAYS}&format=csv")).text()).removeprefix("\ufeff")
        )))  # fmt: skip
        book = await (await boss.get(f"/api/v1/centres/rows?{DAYS}&format=xlsx")).read()

    one, two = (row["times"]["human_seconds"]["p90"] for row in report["centres"])
    assert (one, two) == (14.0, 80.0)
    assert report["total"]["human_seconds"] == {"p50": 10.0, "p90": 40.0, "p99": 80.0}  # of 14: the 7th, 13th, 14th
    assert (report["total"]["offered"], report["total"]["within_limit"]) == (14, 12)
    assert report["total"]["service_level"] == round(12 / 14, 4)
    assert [row["编号"] for row in rows] == ["01", "02", ""]
    assert book.startswith(b"PK")


async def test_an_address_at_which_another_centre_answers_shows_nothing(tmp_path):
    async with group_desk(tmp_path, swapped=True) as desk:
        await desk.grant("boss", "01", "02")
        await answered(desk, "01", 9)
        boss = await desk.house.signed_in("boss")
        await desk.until(lambda: all(one.why is Why.ANOTHER for one in desk.group.now(desk.group.ids)))
        seen = await shown(boss)
        report = await read(boss, f"/api/v1/centres/report?{DAYS}")

    assert {one["why"] for one in seen.values()} == {"another"}
    assert {one["offered"] for one in seen.values()} == {None}
    assert {one["why"] for one in report["centres"]} == {"another"}
    assert report["total"] is None


async def test_a_token_that_was_taken_back_is_refused_and_stands_nowhere(tmp_path):
    with structlog.testing.capture_logs() as lines:
        async with group_desk(tmp_path) as desk:
            await desk.grant("boss", "01", "02")
            boss = await desk.house.signed_in("boss")
            await desk.all_heard()
            await revoke_token(desk.centres["02"].database, 1, clock=desk.house.clock)
            await desk.cables["02"].cut()
            await desk.cables["02"].mend()
            await desk.until(lambda: {one.why for one in desk.group.now({"02"})} == {Why.REFUSED})
            text = json.dumps(await read(boss, "/api/v1/centres")) + await (await boss.get("/group")).text()

    assert not any(token in text or token in json.dumps(lines, default=str) for token in desk.tokens.values())
    assert {"event": "a centre is not heard", "centre": "02", "why": "refused", "log_level": "warning"} in lines


async def test_a_grant_taken_away_closes_the_open_page_and_the_next_one_shows_no_more(tmp_path):
    async with group_desk(tmp_path) as desk:
        await desk.grant("boss", "01", "02")
        boss = await desk.house.signed_in("boss")
        await desk.all_heard()
        async with boss.ws_connect("/api/v1/centres/live") as socket:
            first = await told(socket, "centres-snapshot")
            await desk.grant("boss", "01")
            async with asyncio.timeout(15):
                async for _ in socket:
                    pass
        async with boss.ws_connect("/api/v1/centres/live") as socket:
            second = await told(socket, "centres-snapshot")

    assert [one["id"] for one in first["centres"]] == ["01", "02"]
    assert [one["id"] for one in second["centres"]] == ["01"]


async def test_an_administrator_grants_and_the_audit_keeps_it(tmp_path):
    async with group_desk(tmp_path) as desk:
        admin, boss = await desk.house.signed_in("root"), await desk.house.signed_in("boss")
        by_boss = (await boss.put("/api/v1/centres/grants/boss", json={"centres": ["01"]})).status
        unknown = (await admin.put("/api/v1/centres/grants/boss", json={"centres": ["07"]})).status
        nobody = (await admin.put("/api/v1/centres/grants/stranger", json={"centres": ["01"]})).status
        answer = await admin.put("/api/v1/centres/grants/boss", json={"centres": ["02", "01"]})
        told_back = await answer.json()
        async with desk.house.database.read() as session:
            kept = await changes(session, Wanted(room="staff"), limit=1)

    assert (by_boss, unknown, nobody, answer.status) == (403, 422, 404, 200)
    assert {one["account"]: one["centres"] for one in told_back["accounts"]}["boss"] == ["01", "02"]
    assert (kept[0].change.by, kept[0].change.act, kept[0].change.subject) == ("root", "centres-granted", "boss")
    assert (kept[0].change.before, kept[0].change.after) == ({"centres": []}, {"centres": ["01", "02"]})


async def test_a_machine_sees_the_centres_only_if_its_token_says_so(tmp_path):
    async with group_desk(tmp_path) as desk:
        await desk.all_heard()
        plain = await desk.house.machine(Role.SUPERVISOR)
        token = await create_token(
            desk.house.database, Role.SUPERVISOR, "screen", clock=desk.house.clock, scopes=["centres:read"]
        )
        named = desk.house.client(Authorization=f"Bearer {token}")
        seen = await shown(plain), await shown(named)

    assert [set(one) for one in seen] == [set(), {"01", "02"}]


async def test_every_answer_of_the_api_says_which_centre_it_comes_from(tmp_path):
    async with group_desk(tmp_path) as desk:
        east = await desk.centres["01"].machine(Role.SUPERVISOR)
        answer = await east.get("/api/v1/me")
        sums = await read(east, f"/api/v1/reports/sums?{DAYS}")
        nobody = await desk.centres["02"].client().get("/api/v1/centres/report")

    assert answer.headers["X-Hotline-Centre"] == "01"
    assert sums["centre"] == {"id": "01", "name": "东苑服务中心", "stamp": "stamp-of-01"}
    assert answer.headers["X-Hotline-Centre-Id"] == "stamp-of-01"
    assert (nobody.status, nobody.headers["X-Hotline-Centre"]) == (401, "02")


async def test_a_service_that_is_no_groups_has_no_such_page(tmp_path):
    async with group_desk(tmp_path) as desk:
        boss = await desk.centres["01"].signed_in("boss")
        statuses = [(await boss.get(path)).status for path in ("/group", "/api/v1/centres", "/api/v1/centres/report")]
        desk_page = await (await boss.get("/")).text()

    assert statuses == [404, 404, 404]
    assert 'href="/group"' not in desk_page


async def test_copy_of_a_centre_that_answers_as_another_is_noticed(tmp_path):
    async with group_desk(tmp_path, copied=True) as desk:
        await desk.grant("boss", "02")
        boss = await desk.house.signed_in("boss")
        await desk.all_heard()
        seen = await shown(boss)

    assert seen["02"]["same_as"] == ["01"], "said also to who does not see the other"


async def test_centres_with_databases_of_their_own_are_no_copies(tmp_path):
    async with group_desk(tmp_path) as desk:
        await desk.grant("boss", "01", "02")
        boss = await desk.house.signed_in("boss")
        await desk.all_heard()
        seen = await shown(boss)

    assert [one["same_as"] for one in seen.values()] == [[], []]


async def test_big_screen_sees_the_centres_granted_to_it_and_nothing_else_of_the_group(tmp_path):
    async with group_desk(tmp_path) as desk:
        await add_user(desk.house.database, "screen", Role.WALL, None, PASSWORD, passwords=Passwords(CHEAP))
        await desk.grant("screen", "02")
        await desk.all_heard()
        screen = await desk.house.signed_in("screen")
        page = await screen.get("/group/wall")
        text = await page.text()
        async with screen.ws_connect("/api/v1/centres/live") as socket:
            first = await told(socket, "centres-snapshot")
        others = [
            (await screen.get(path)).status
            for path in ("/group", f"/api/v1/centres/report?{DAYS}", "/api/v1/centres/grants")
        ]
        agent = await desk.house.signed_in("xiaowang")
        of_agent = (await agent.get("/group/wall")).status

    assert page.status == 200
    assert [one["id"] for one in first["centres"]] == ["02"]
    assert f'data-build="{first["build"]}"' in text, "else the screen would load itself anew without end"
    assert (others, of_agent) == ([403, 403, 403], 403)


async def test_one_tick_changes_one_centre_whatever_somebody_else_ticks_meanwhile(tmp_path):
    async with group_desk(tmp_path) as desk:
        admin = await desk.house.signed_in("root")
        await admin.put("/api/v1/centres/grants/boss/01", json={"is_granted": True})
        await asyncio.gather(
            admin.put("/api/v1/centres/grants/boss/02", json={"is_granted": True}),
            admin.put("/api/v1/centres/grants/boss/01", json={"is_granted": False}),
        )
        left = {one["account"]: one for one in (await read(admin, "/api/v1/centres/grants"))["accounts"]}
        strange = (await admin.put("/api/v1/centres/grants/boss/07", json={"is_granted": True})).status
        boss = await desk.house.signed_in("boss")
        by_boss = (await boss.put("/api/v1/centres/grants/boss/01", json={"is_granted": True})).status
        async with desk.house.database.read() as session:
            kept = await changes(session, Wanted(room="staff", word="centres-granted"), limit=5)
        with_ticks, without = [
            await (await (await room.signed_in("root")).get("/staff")).text()
            for room in (desk.house, desk.centres["01"])
        ]

    assert left["boss"]["centres"] == ["02"]
    assert (left["boss"]["role"], left["boss"]["may_look"], left["xiaowang"]["may_look"]) == ("supervisor", True, False)
    assert (strange, by_boss) == (422, 403)
    assert [one.change.by for one in kept] == ["root"] * 3
    assert ('id="grants"' in with_ticks, 'id="grants"' in without) == (True, False)


async def test_two_ranges_stand_beside_one_another_for_each_centre_and_for_all(tmp_path):
    async with group_desk(tmp_path, clock=ClockByHand(MORNING)) as desk:
        await desk.grant("boss", "01", "02")
        await answered(desk, "01", 9, 12)
        await answered(desk, "02", 30)
        east = desk.centres["01"]
        start = east.clock.now() - timedelta(days=1)
        await east.finished_call("yesterday", start=start, human_answer=start + timedelta(seconds=50))
        boss = await desk.house.signed_in("boss")
        await desk.all_heard()
        asked = f"{DAYS}&other_from=2026-11-20&other_to=2026-11-20"
        report = await read(boss, f"/api/v1/centres/report?{asked}")
        file = await boss.get(f"/api/v1/centres/rows?{asked}&format=csv")
        text = await file.text()
        half = (await boss.get(f"/api/v1/centres/report?{DAYS}&other_from=2026-11-20")).status
        await desk.cables["02"].cut()
        await desk.until(lambda: not desk.group.now({"02"})[0].is_heard)
        without = await read(boss, f"/api/v1/centres/report?{asked}")

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    one, two = report["centres"]
    assert (one["times"]["offered"], one["other"]["offered"], two["other"]["offered"]) == (2, 1, 0)
    assert (report["total"]["offered"], report["other_total"]["offered"]) == (3, 1)
    assert report["other_total"]["human_seconds"]["p90"] == 50.0
    assert (report["other_first"], report["other_last"]) == ("2026-11-20", "2026-11-20")
    assert [(row["编号"], row["从"]) for row in rows] == [
        ("01", "2026-11-21"), ("01", "2026-11-20"), ("02", "2026-11-21"), ("02", "2026-11-20"),
        ("", "2026-11-21"), ("", "2026-11-20"),
    ]  # fmt: skip
    assert half == 422
    assert 'filename="00-centres-20261121-20261121.csv"' in file.headers["Content-Disposition"], "whose file it is"
    assert (without["centres"][1]["times"], without["centres"][1]["other"], without["heard"]) == (None, None, 1)
