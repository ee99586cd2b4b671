"""Staff, tokens, roster, marks and the audit over HTTP; what is taken away is gone at once, sockets too."""

import asyncio
from datetime import date, timedelta

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from hotline.accounts.account import Role
from hotline.accounts.scopes import ANY_SCOPE, scope_of
from hotline.accounts.service import create_token
from hotline.bus import Bus
from hotline.database import Database
from hotline.hours import WeeklyHours, parse_spans
from hotline.livehelp.help import HelpState, Mode
from hotline.livehelp.room import HelpRoom
from hotline.livehelp.service import LiveHelp
from hotline.livehelp.store import claim_help, keep_state
from hotline.web.api_roster import day_out
from hotline.web.identity import EVERYONE
from hotline.web.server import ALL_ROUTES
from hotline.web.staff_shapes import DayOut
from tests.fakes.clock_by_hand import ClockByHand

HERE = "/api/v1/staff"
NIGHT = {
    "from": "2026-11-21T18:00", "until": "2026-11-22T09:00", "place": 1, "duty": "mobile", "name": "李娜",
    "number": "13800138101", "rings_for": 25,
}  # fmt: skip


async def refused(answer):
    return answer.status, (await answer.json())["error"]["id"]


async def closed(socket):
    """Wait until the service closes this socket, whatever it still says before; return its reason."""
    async with asyncio.timeout(15):
        while (message := await socket.receive()).type is WSMsgType.TEXT:
            pass
    return message.type in {WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING}


async def person(client, name):
    people = (await (await client.get(HERE)).json())["people"]
    return next(one for one in people if one["name"] == name)


async def test_role_taken_away_in_a_session_is_gone_with_the_next_request_and_its_socket_closes(desk):
    async with desk() as room:
        root, boss = await room.signed_in("root"), await room.signed_in("boss")
        socket, others = await boss.ws_connect("/api/v1/live"), await root.ws_connect("/api/v1/live")
        assert (await boss.get("/api/v1/campaigns")).status == 200

        changed = await root.put(f"{HERE}/boss", json={"role": "agent", "display_name": "陈", "extension": "8901"})

        assert (changed.status, (await changed.json())["role"]) == (200, "agent")
        assert await refused(await boss.get("/api/v1/campaigns")) == (403, "role-may-not")
        assert await closed(socket)
        assert not others.closed
        again = await boss.ws_connect("/api/v1/live")  # as what the person is now
        assert (await again.receive_json())["type"] == "snapshot"


class SwitchWithListeners:
    """The switch, as far as it is told to end a supervisor's channel."""

    def __init__(self):
        self.ended = []

    async def end(self, channel):
        self.ended.append(channel)


async def test_supervisor_whose_role_is_taken_away_no_longer_listens_at_an_agents_side(desk, tmp_path):
    switch, database, clock = (
        SwitchWithListeners(),
        Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"),
        ClockByHand(),
    )
    sides = LiveHelp(
        line=switch, database=database, bus=Bus(), clock=clock, rings_for=timedelta(0), call_of=lambda _: "",
        has_phone=lambda _: True,
    )  # fmt: skip
    async with desk(live_help=HelpRoom(sides, None, None)) as room:
        channels = {}
        for who, phone in (("boss", "8901"), ("chief", "8902")):
            asked = {"by": who, "extension": phone, "agent": "8001", "call_id": "c-1", "mode": Mode.LISTEN}
            async with room.database.begin() as session:
                one, _ = await claim_help(session, key=who, at=clock.now(), **asked)
                await keep_state(session, one.id, HelpState.LISTENING, Mode.LISTEN, clock.now())
            channels[who] = one.channel
        root = await room.signed_in("root")

        changed = await root.put(f"{HERE}/boss", json={"role": "agent", "extension": "8901"})

        assert changed.status == 200
        assert switch.ended == [channels["boss"]]
    await database.close()


@pytest.mark.parametrize("state", ["blocked", "left"])
async def test_person_blocked_in_a_session_is_out_at_once_and_does_not_come_back(desk, state):
    async with desk() as room:
        root, agent = await room.signed_in("root"), await room.signed_in("xiaowang")
        socket = await agent.ws_connect("/api/v1/live")

        assert (await root.post(f"{HERE}/xiaowang/state", json={"state": state})).status == 200

        assert await refused(await agent.get("/api/v1/me")) == (401, "not-signed-in")
        assert await closed(socket)
        with pytest.raises(WSServerHandshakeError):
            await agent.ws_connect("/api/v1/live")
        assert (await person(root, "xiaowang"))["state"] == state


async def test_new_person_sets_a_password_at_first_use(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        made = await root.post(HERE, json={"name": "XiaoLi", "role": "agent", "extension": "8002"})
        told = await made.json()
        assert (made.status, told["name"]) == (201, "xiaoli")

        newcomer = room.client(Origin=room.origin)
        sent = {"name": "xiaoli", "password": told["password"]}
        answer = await newcomer.post("/sign-in", data=sent, allow_redirects=False)

        assert answer.headers["Location"] == "/set-password"
        assert await refused(await newcomer.get("/api/v1/me")) == (403, "password-must-change")
        assert (await person(root, "xiaoli"))["must_change"]


async def test_what_cannot_be_is_refused_by_its_id(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        wanted = {"role": "supervisor", "display_name": "", "extension": ""}

        assert await refused(await root.put(f"{HERE}/root", json=wanted)) == (409, "last-admin")
        assert await refused(await root.put(f"{HERE}/nobody", json=wanted)) == (404, "account-unknown")
        double = await root.post(HERE, json={"name": "boss", "role": "agent"})
        assert await refused(double) == (422, "account-refused")
        assert await refused(await root.post(HERE, json={"name": "x", "role": "god"})) == (422, "input-refused")
        unknown = await root.put(f"{HERE}/skills/8001", json={"skills": ["cooking"]})
        assert await refused(unknown) == (422, "skills-refused")


async def test_skills_of_an_agent_are_set_and_shown(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        assert (await person(root, "xiaowang"))["skills"] is None

        await root.put(f"{HERE}/skills/8001", json={"skills": ["repair:2"]})
        assert (await person(root, "xiaowang"))["skills"] == ["repair:2"]
        await root.put(f"{HERE}/skills/8001", json={"skills": None})

        assert (await person(root, "xiaowang"))["skills"] is None
        found = await (await root.get("/api/v1/audit?word=8001&room=staff&limit=2")).json()
        assert [one["act"] for one in found["changes"]] == ["skills-set", "skills-set"]
        assert found["changes"][0]["differences"] == [{"name": "skills", "before": ["repair:2"], "after": "every"}]


async def test_token_reaches_what_its_scopes_name_and_closes_when_taken_back(desk):
    async with desk() as room:
        root = await room.signed_in("root")
        wanted = {"role": "admin", "label": "big screen", "scopes": ["calls:read", "live:read"], "days": 30}
        made = await root.post("/api/v1/tokens", json=wanted)
        machine = room.client(Authorization=f"Bearer {(await made.json())['token']}")
        socket = await machine.ws_connect("/api/v1/live")

        assert (await machine.get("/api/v1/calls")).status == 200
        assert (await machine.get("/api/v1/me")).status == 200
        for method, address in (("POST", "/api/v1/duty-log"), ("GET", "/api/v1/staff"), ("GET", "/calls")):
            answer = await machine.request(method, address, headers={"Accept": "application/json"})
            assert answer.status == 403
        [token] = (await (await root.get("/api/v1/tokens")).json())["tokens"]
        assert (token["scopes"], token["made_by"]) == (["calls:read", "live:read"], "root")
        assert (await root.post(f"/api/v1/tokens/{token['id']}/revoke", json={})).status == 200

        assert await refused(await machine.get("/api/v1/calls")) == (401, "token-refused")
        assert await closed(socket)


async def test_token_without_scopes_keeps_its_roles_rights(desk):
    async with desk() as room:
        token = await create_token(room.database, Role.SUPERVISOR, "old", clock=room.clock)
        machine = room.client(Authorization=f"Bearer {token}")

        assert (await machine.get("/api/v1/campaigns")).status == 200
        assert await refused(await machine.get(HERE)) == (403, "role-may-not")


def test_every_address_of_the_api_has_a_scope():
    """Or no token with scopes can ever ask it: name its area in hotline/accounts/scopes.py."""
    asked = [route for route in ALL_ROUTES if route.path.startswith("/api/") and route.roles != EVERYONE]

    assert [one.path for one in asked if not scope_of(one.method, one.path) and one.path not in ANY_SCOPE] == []


async def test_audit_is_searched_by_pages_and_only_by_administrators(desk):
    async with desk() as room:
        root, boss = await room.signed_in("root"), await room.signed_in("boss")
        for name in ("一", "二", "三"):
            wanted = {"role": "agent", "display_name": f"王{name}", "extension": "8001"}
            assert (await root.put(f"{HERE}/xiaowang", json=wanted)).status == 200

        first = await (await root.get("/api/v1/audit?by=root&limit=2")).json()
        rest = await (await root.get(f"/api/v1/audit?by=root&limit=2&cursor={first['next_cursor']}")).json()

        told = [one["after"]["display_name"] for one in (*first["changes"], *rest["changes"])]
        assert (told, rest["next_cursor"]) == (["王三", "王二", "王一"], None)
        assert first["people"] == ["command-line", "root"]
        by_day = await (await root.get("/api/v1/audit?by=root&since=2026-11-21&until=2026-11-21")).json()
        assert len(by_day["changes"]) == 3
        assert (await (await root.get("/api/v1/audit?by=root&since=2026-11-22")).json())["changes"] == []
        assert await refused(await boss.get("/api/v1/audit")) == (403, "role-may-not")


async def test_roster_is_changed_over_http_and_its_history_told(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        assert (await boss.post("/api/v1/roster", json={**NIGHT, "days": 2})).status == 201
        turns = (await (await boss.get("/api/v1/roster")).json())["turns"]
        assert [one["number"] for one in turns] == ["138****8101", "138****8101"]

        changed = await boss.put(f"/api/v1/roster/{turns[0]['id']}", json={**NIGHT, "name": "王强", "number": ""})
        removed = await boss.post(f"/api/v1/roster/{turns[1]['id']}/remove", json={})
        double = await boss.post("/api/v1/roster", json=NIGHT)

        assert (changed.status, removed.status) == (200, 200)
        assert await refused(double) == (422, "turn-refused")
        [left] = (await (await boss.get("/api/v1/roster")).json())["turns"]
        assert (left["name"], left["is_now"], left["is_over"]) == ("王强", False, False)
        told = (await (await boss.get("/api/v1/roster/history")).json())["changes"]
        assert [(one["by"], one["act"]) for one in told] == [
            ("boss", "removed"),
            ("boss", "changed"),
            ("boss", "added"),
        ]
        file = {"text": "开始,结束,顺序,岗位,姓名\n", "dry_run": True}
        assert await refused(await boss.post("/api/v1/roster/file", json=file)) == (422, "roster-refused")


def test_days_of_the_roster_say_why_the_desk_is_closed():
    spans = parse_spans("09:00-18:00")
    hours = WeeklyHours(week=(spans,) * 5 + ((), ()), holidays=(), exceptions={date(2026, 9, 30): ()})

    told = {day: day_out(hours, date(2026, month, day)) for month, day in ((9, 29), (9, 30), (10, 1), (10, 10))}

    assert told[29] == DayOut(
        day=date(2026, 9, 29), hours=(str(spans[0]),), is_holiday=False, is_workday_instead=False, is_exception=False
    )
    assert (told[30].hours, told[30].is_exception) == ((), True)
    assert (told[1].hours, told[1].is_holiday) == ((), True)
    assert (told[10].hours, told[10].is_workday_instead) == (("09:00-18:00",), True)


async def test_numbers_are_marked_and_lifted_over_http(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")
        wanted = {"number": "13800138501", "mark": "do-not-call", "reason": "来电要求"}
        assert (await boss.post("/api/v1/number-marks", json=wanted)).status == 201
        [mark] = (await (await boss.get("/api/v1/number-marks?word=8501")).json())["marks"]
        assert (mark["number"], mark["by"], mark["reason"]) == ("138****8501", "boss", "来电要求")

        lifted = await boss.post(f"/api/v1/number-marks/{mark['id']}/lift", json={"reason": "本人同意"})

        assert lifted.status == 200
        again = await boss.post(f"/api/v1/number-marks/{mark['id']}/lift", json={"reason": "本人同意"})
        assert await refused(again) == (404, "number-mark-unknown")
        assert (await (await boss.get("/api/v1/number-marks")).json())["marks"] == []


async def test_retention_is_told_with_its_settings(desk):
    async with desk() as room:
        boss = await room.signed_in("boss")

        rules = (await (await boss.get("/api/v1/retention")).json())["rules"]

        [log] = [one for one in rules if one["what"] == "duty_log"]
        assert (log["days"], log["setting"], log["lowest"]) == (730, "retention.duty_log", 730)
        assert "retention.duty_log" in await (await boss.get("/retention")).text()
