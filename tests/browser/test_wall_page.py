"""The wall on a television: what it shows, what it says when it cannot know, and how small a night leaves it."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import add_user
from hotline.alerts.alert import Rule
from hotline.alerts.gaps_store import begin_gap, end_gap
from hotline.alerts.store import raise_alert
from hotline.bus import Change, Subject
from hotline.calls.state import CallState, Outcome
from hotline.followups.service import FollowUps
from hotline.queues.board import AgentState
from hotline.settings import FollowUpSettings
from tests.fakes.page_libraries import has_libraries
from tests.fakes.web_desk import CHEAP, PASSWORD, MorningClock, WebDesk, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
BIG = {"width": 1920, "height": 1080}
NIGHT = 10_000
ANSWERED = re.compile("人工接起")


async def busy(room: WebDesk) -> None:
    """Let the wall have something of everything."""
    now = room.clock.now()
    await add_user(room.database, "tv", Role.WALL, None, PASSWORD, display_name="大厅", passwords=Passwords(CHEAP))
    for place in range(14):
        await room.finished_call(f"old-{place}", start=now - timedelta(minutes=11 * place + 4))
    for place in range(3):
        start = now - timedelta(minutes=20 * place + 9)
        missed = await room.goes_on(
            f"missed-{place}", ring_start=start, switch_answer=start + timedelta(seconds=1), state=CallState.ENDED,
            queued_at=start + timedelta(seconds=9), ended_at=start + timedelta(seconds=60),
            outcome=Outcome.ABANDONED_QUEUE,
            caller_number=f"1390013850{place}",
        )  # fmt: skip
        owes = FollowUps(settings=FollowUpSettings(), clock=room.clock, area_code="", next_opening=lambda at: at)
        async with room.database.begin() as session:
            await owes.follow(session, missed)
    start = now - timedelta(seconds=22)
    await room.goes_on("menu", ring_start=start, switch_answer=start, state=CallState.IN_MENU)
    await room.goes_on("waits", ring_start=start, switch_answer=start, queued_at=start, state=CallState.WAITING)
    await room.goes_on(
        "talks", ring_start=start, switch_answer=start, human_answer=start, state=CallState.TALKING, agent="8001"
    )
    async with room.database.begin() as session:
        await begin_gap(session, now - timedelta(minutes=70))
        await end_gap(session, now - timedelta(minutes=55))
        await raise_alert(session, Rule.WAIT, "", 16.0, now)
    room.agents(a8001=AgentState.TALKING, a8002=AgentState.READY, a8003=AgentState.PAUSED, a8004=AgentState.SIGNED_OUT)


async def open_wall(page: Page, room: WebDesk, name: str = "tv") -> None:
    await page.set_viewport_size(BIG)  # type: ignore[arg-type]
    await page.goto(f"{room.origin}/sign-in?next=/wall")
    await page.get_by_label("用户名").fill(name)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await expect(page.locator("#freshness")).to_have_text("实时", timeout=20_000)
    await expect(page.locator("[data-part=debts] li")).not_to_have_count(0, timeout=20_000)


async def test_a_big_screen_shows_everything_and_no_whole_number_and_no_name(
    tmp_path: Path, pictures: Path, screen: Page
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await busy(room)
        await open_wall(screen, room)

        now = screen.locator("[data-part=now] .figure-value")
        await expect(now.nth(0)).to_have_text("1")
        await expect(now.nth(1)).to_have_text("1")
        await expect(now.nth(3)).to_have_text("1")
        await expect(screen.locator("[data-part=debts]")).to_contain_text("139****8500")
        await expect(screen.locator("[data-part=today]")).to_contain_text("服务水平 =")
        if has_libraries():
            await expect(screen.locator("[data-part=hours] path[fill='var(--warn)']")).to_have_count(1)
            await expect(screen.locator("[data-part=hours] .picture")).to_have_attribute("aria-label", ANSWERED)
        await expect(screen.locator("[data-part=alarms]")).to_contain_text("来电等待 16 秒")
        text = await screen.locator("body").inner_text()
        assert "张" not in text
        assert "13800138501" not in text
        assert await screen.evaluate("document.documentElement.scrollHeight <= innerHeight")
        await screen.screenshot(path=pictures / "wall.png")


async def test_a_switch_that_cannot_be_heard_is_no_data_and_no_nought(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await busy(room)
        await open_wall(screen, room)
        await expect(screen.locator("#switch")).to_have_attribute("data-is", "live", timeout=20_000)

        room.board = type(room.board)()
        room.bus.publish(Change(Subject.LINK))

        await expect(screen.locator("#switch")).to_have_attribute("data-is", "lost", timeout=20_000)
        await expect(screen.locator("[data-part=now] .no-data")).to_have_count(4, timeout=20_000)
        await expect(screen.locator("[data-part=agents] .no-data")).to_have_count(1)


async def test_a_call_in_danger_is_red_on_top_until_a_person_is_there(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await busy(room)
        await open_wall(screen, room)

        await room.goes_on("danger", is_emergency=True, state=CallState.WAITING)
        await expect(screen.locator(".alarm[data-is=calling]")).to_contain_text("尚无人接听", timeout=20_000)
        await expect(screen.locator(".alarm[data-is=calling]")).to_contain_text("3-2-501")
        await room.goes_on("danger", state=CallState.TALKING, human_answer=room.clock.now(), agent="8001")
        await expect(screen.locator(".alarm[data-is=answered]")).to_have_count(1, timeout=20_000)


async def test_a_night_of_messages_leaves_the_page_as_small_as_it_was(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await busy(room)
        wire: list[WebSocketRoute] = []

        async def between(socket: WebSocketRoute) -> None:
            server = socket.connect_to_server()
            server.on_message(socket.send)
            wire.append(socket)

        await screen.route_web_socket("**/api/v1/live*", between)
        await open_wall(screen, room)
        wall = (await (await room.machine(Role.WALL)).get("/api/v1/wall")).json()
        known: dict[str, Any] = await wall
        hours = known["today"]["hours"]
        if has_libraries():
            await expect(screen.locator("[data-part=hours] .picture")).to_have_attribute("aria-label", ANSWERED)
        elements = await screen.evaluate("document.querySelectorAll('*').length")

        for n in range(NIGHT):
            known["calls_now"] = {**known["calls_now"], "waiting": n % 7, "in_menu": n}
            known["today"]["figures"]["offered"] = n
            known["today"]["hours"] = [{**one, "offered": one["offered"] + n // 20} for one in hours]
            known["agents"] = [{**one, "reason": str(n)} for one in known["agents"]]
            wire[-1].send(
                json.dumps(
                    {"type": "wall", "at": room.clock.now().astimezone(room.rooms.zone).isoformat(), "wall": known}
                )
            )

        await expect(screen.locator("[data-part=now] .figure-value").nth(0)).to_have_text(
            str(NIGHT - 1), timeout=60_000
        )
        assert await screen.evaluate("document.querySelectorAll('*').length") <= elements + 40


async def test_a_page_of_another_build_loads_itself_anew(tmp_path: Path, screen: Page) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room:
        await busy(room)
        told: list[str] = []

        async def between(socket: WebSocketRoute) -> None:
            def pass_on(message: str | bytes) -> None:
                told.append(str(message))
                # What the second build of the service would say to a page of the first.
                socket.send(str(message).replace('"build":"', '"build":"next-') if len(told) == 1 else message)

            socket.connect_to_server().on_message(pass_on)

        await screen.route_web_socket("**/api/v1/live*", between)
        await open_wall(screen, room)

        assert len([one for one in told if "wall-snapshot" in one]) == 2
        assert await screen.evaluate("performance.getEntriesByType('navigation')[0].type") == "reload"
