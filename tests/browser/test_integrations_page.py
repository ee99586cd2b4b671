"""Bringing in a file on the page: what would happen is seen first; and what other programs were told."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from pydantic import SecretStr

from hotline.imports.service import ImportJobs
from hotline.settings import CentreSettings, ImportsSettings, ReceiverSettings, WebhooksSettings
from hotline.web.rooms import CHINA
from hotline.web.webhook import ReceiverWay
from hotline.webhooks.service import Webhooks
from tests.browser.test_access import broken_rules
from tests.fakes.page_checkers import page_checkers
from tests.fakes.web_desk import PASSWORD, MorningClock, web_desk

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]
FILE = "房号,姓名,称呼,电话\n3-2-501,张伟,先生,13800138501\n3-2-502,李明,先生,13800138502\n3-2,王芳,女士,12\n"


async def test_supervisor_sees_what_a_file_would_do_confirms_and_sees_it_done_and_what_others_were_told(
    tmp_path: Path, context: BrowserContext, screen: Page, pictures: Path
) -> None:
    async with web_desk(tmp_path, clock=MorningClock()) as room, asyncio.TaskGroup() as tasks:
        database, clock = room.database, room.clock
        imports = ImportJobs(directory=tmp_path / "imports", database=database, clock=clock, settings=ImportsSettings())
        receiver = ReceiverSettings(url="http://127.0.0.1:1/", secret=SecretStr(PASSWORD), events=("call.ended",))
        webhooks = Webhooks(
            settings=WebhooksSettings(receivers={"crm": receiver}), centre=CentreSettings(), zone=CHINA,
            database=database, clock=clock, way_to=lambda one: ReceiverWay(one, clock),
        )  # fmt: skip
        webhooks.follow()
        object.__setattr__(room.rooms, "imports", imports)
        object.__setattr__(room.rooms, "webhooks", webhooks)
        working = tasks.create_task(imports.run(), name="imports")
        await room.finished_call()
        await webhooks.sending.send_due("crm")
        signed_in = await context.request.post(
            room.origin + "/sign-in", form={"name": "boss", "password": PASSWORD}, headers={"Origin": room.origin}
        )
        assert signed_in.ok

        await screen.goto(room.origin + "/imports")
        await expect(screen.locator("#imports")).to_have_attribute("data-state", "shown")
        await screen.locator("input[type=file]").set_input_files(
            {"name": "住户.csv", "mimeType": "text/csv", "buffer": FILE.encode("gbk")}
        )
        await screen.get_by_role("button", name="上传并预览").click()
        await expect(screen.locator("#one")).to_have_attribute("data-state", "ready")
        await expect(screen.locator("#problems tbody tr")).to_have_count(2)
        await expect(screen.locator("#planned tbody tr")).to_have_count(1)
        await expect(screen.locator("#files tbody tr")).to_contain_text("陈主管")
        confirm = screen.get_by_role("button", name="确认写入")
        await expect(confirm).to_be_disabled()
        await screen.screenshot(path=pictures / "imports.png", full_page=True)
        modules = await asyncio.to_thread(page_checkers)
        axe = (modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8") if modules else ""
        assert not axe or await broken_rules(screen, axe) == []
        await screen.get_by_role("checkbox").check()
        await confirm.click()
        await expect(screen.locator("#one")).to_have_attribute("data-state", "done")

        await screen.get_by_role("link", name="推送").click()
        await expect(screen.locator("#webhooks")).to_have_attribute("data-state", "shown")
        await expect(screen.locator("#receivers tbody tr")).to_have_count(1)
        await expect(screen.locator("#messages tbody tr")).to_have_count(1)
        await expect(screen.locator("#messages tbody")).to_contain_text("待发")
        await screen.screenshot(path=pictures / "webhooks.png", full_page=True)
        assert not axe or await broken_rules(screen, axe) == []
        working.cancel()
