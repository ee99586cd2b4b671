"""The line to one centre, whatever answers there: no socket, nonsense, another address, silence. And the commands."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from typer.testing import CliRunner

from hotline.__main__ import app as command_line
from hotline.accounts.account import Role
from hotline.accounts.grants import Grants
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.audit.store import Wanted, changes
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.group.centre import CentreNotHeard, Why
from hotline.group.heard import HeardWall
from hotline.reports.ranges import Days
from hotline.settings import GroupSettings
from hotline.web.centre_line import Door, HttpCentreLine
from tests.fakes.web_desk import CHEAP, MORNING, PASSWORD

DAYS = Days.of_month("2026-11")
OF_01 = {"X-Hotline-Centre": "01"}
WALL = {
    "calls_now": {"in_menu": 1, "waiting": 0, "longest_since": None, "talking": 2},
    "agents": [{"state": "ready"}],
    "link": {"is_current": True},
    "today": {
        "figures": {
            "offered": 4, "answered": 4, "within_three_rings": 4, "three_rings_share": 1.0,
            "human_seconds": {"p90": 9.5},
        }
    },
    "debts": {"calls_open": 0, "overdue": 0},
    "emergencies": [],
}  # fmt: skip


@asynccontextmanager
async def centre_that(**acts: Any) -> AsyncIterator[HttpCentreLine]:
    """Give the line to something at which `live`, `wall` and `sums` are answered as a test says; else 404."""

    async def answer(request: web.Request) -> web.StreamResponse:
        name = {"/api/v1/live": "live", "/api/v1/wall": "wall", "/api/v1/reports/sums": "sums"}.get(request.path, "")
        if name not in acts:
            raise web.HTTPNotFound
        given: web.StreamResponse = await acts[name](request)
        return given

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        door = Door(id="01", url=str(server.make_url("")).rstrip("/"), token=SecretStr("a-token-of-the-centre"))
        limits = GroupSettings(answer_within=2.0, silent_after=0.5, connect_within=2.0)
        yield HttpCentreLine({"01": door}, limits, SystemClock())


def saying(*messages: Any) -> Any:
    """Return a socket that says these things, and then nothing more."""

    async def live(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        for message in messages:
            await socket.send_str(message if isinstance(message, str) else json.dumps(message))
        async for _ in socket:
            pass
        return socket

    return live


def giving(body: Any, *, headers: dict[str, str] | None = None, status: int = 200) -> Any:
    """Return an address that answers with this."""

    async def give(_request: web.Request) -> web.StreamResponse:
        return web.Response(
            text=body if isinstance(body, str) else json.dumps(body),
            status=status,
            headers=OF_01 if headers is None else headers,
        )

    return give


async def heard(line: HttpCentreLine, count: int) -> list[HeardWall]:
    found = []
    async with asyncio.timeout(15), aclosing(line.walls("01")) as walls:
        async for wall in walls:
            found.append(wall)
            if len(found) == count:
                break
    return found


async def why_not(line: HttpCentreLine) -> Why:
    with pytest.raises(CentreNotHeard) as refused:
        await heard(line, 100)
    return refused.value.why


def snapshot(**changes: Any) -> dict[str, Any]:
    said = {"type": "wall-snapshot", "build": "x", "centre": {"id": "01"}, "at": MORNING.isoformat(), "wall": WALL}
    return said | changes


async def test_where_sockets_do_not_come_through_the_wall_is_asked_for() -> None:
    async with centre_that(wall=giving(WALL)) as line:
        (wall,) = await heard(line, 1)

    assert (wall.calls_now.talking, wall.agents_ready) == (2, 1)


async def test_sections_that_changed_are_laid_over_the_snapshot() -> None:
    news = {"type": "wall", "at": MORNING.isoformat(), "wall": {"debts": {"calls_open": 3, "overdue": 1}, "else": 1}}
    async with centre_that(live=saying(snapshot(), news)) as line:
        first, second = await heard(line, 2)

    assert (first.debts.calls_open, second.debts.calls_open) == (0, 3)
    assert second.figures == first.figures


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ([snapshot()], Why.SILENT),
        ([], Why.SILENT),
        (["no json"], Why.UNREADABLE),
        (["[1]"], Why.UNREADABLE),
        ([{"type": "wall", "at": MORNING.isoformat(), "wall": {}}], Why.UNREADABLE),
        ([snapshot(centre={"id": "02"})], Why.ANOTHER),
        ([{"type": "wall-snapshot", "at": MORNING.isoformat(), "wall": WALL}], Why.UNREADABLE),
        ([snapshot(at="2026-11-21T09:00:00")], Why.UNREADABLE),
        ([snapshot(wall={"debts": 7})], Why.UNREADABLE),
    ],
    ids=["falls silent", "never speaks", "text", "list", "no snapshot", "another", "nameless", "no zone", "no wall"],
)
async def test_what_is_no_word_of_this_centre_is_no_data(messages: list[Any], why: Why) -> None:
    async with centre_that(live=saying(*messages)) as line:
        assert await why_not(line) is why


@pytest.mark.parametrize(
    ("sums", "why"),
    [
        (giving("{}", status=401), Why.REFUSED),
        (giving("{}", status=404), Why.UNREADABLE),
        (giving("{}", status=503), Why.AWAY),
        (giving("{}"), Why.UNREADABLE),
        (giving("<html>"), Why.UNREADABLE),
        (giving("{}", headers={"X-Hotline-Centre": "02"}), Why.ANOTHER),
        (giving("{}", headers={}), Why.UNREADABLE),
        (giving("", status=302, headers=OF_01 | {"Location": "/api/v1/wall"}), Why.UNREADABLE),
        (giving("x" * 9_000_000), Why.UNREADABLE),
    ],
    ids=["token", "older", "down", "empty", "page", "another", "nameless", "led elsewhere", "too long"],
)
async def test_sums_that_are_none_are_no_data(sums: Any, why: Why) -> None:
    async with centre_that(sums=sums, wall=giving(WALL)) as line:
        with pytest.raises(CentreNotHeard) as refused:
            await line.sums("01", DAYS)

    assert refused.value.why is why


async def test_grants_are_kept_and_audited_on_both_databases(database: Database) -> None:
    await add_user(database, "chen", Role.SUPERVISOR, None, PASSWORD, passwords=Passwords(CHEAP))
    grants = Grants(database=database, clock=SystemClock())

    given = [
        await grants.give("chen", ["02", "01"]),
        await grants.give("chen", ["01"]),
        await grants.take("chen", ["01", "09"]),
    ]
    put = await grants.put("chen", ["03"], by="root")

    async with database.read() as session:
        kept = await changes(session, Wanted(room="staff", word="centres-granted"), limit=9)
    assert given == [{"01", "02"}, {"01", "02"}, {"02"}]
    assert (put, await grants.of("chen"), await grants.all()) == ({"03"}, {"03"}, {"chen": {"03"}})
    assert [one.change.after for one in kept] == [{"centres": ["03"]}, {"centres": ["02"]}, {"centres": ["01", "02"]}]


def test_a_centre_that_the_group_has_not_is_not_granted_by_command(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))

    said = CliRunner().invoke(command_line, ["user", "grant", "chen", "07"])

    assert said.exit_code == 1
    assert "the group has no centre 07" in said.output
