"""Debian's Chromium, headless, driven by Playwright, in front of a web room of its own; skips aloud without it."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run",
    "--disable-sync", "--disable-dev-shm-usage", "--mute-audio",
]  # fmt: skip

# Four browsers on two cores: what a page shows within a moment may take seconds here. A wait ends when it is shown.
expect.set_options(timeout=15_000)


# A desk closes before its page does: what the page asks for in between, a file or the socket, is refused.
DESK_IS_GONE = "net::ERR_CONNECTION_REFUSED"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Give a running Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium fonts-noto-cjk)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """Give a fresh profile on the screen of a front desk."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="zh-CN", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    yield context
    await context.close()


@pytest.fixture
async def screen(context: BrowserContext) -> AsyncIterator[Page]:
    """Give a page that may not complain: no console error, no broken content policy, no uncaught exception."""
    complaints: list[str] = []
    page = await context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda wrong: complaints.append(str(wrong)))
    yield page
    assert [said for said in complaints if DESK_IS_GONE not in said] == []


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return where pictures go: docs/pictures when NEW_PICTURES is set, else nowhere that stays."""
    if os.getenv("NEW_PICTURES"):
        kept = Path(__file__).parents[2] / "docs" / "pictures"
        kept.mkdir(parents=True, exist_ok=True)
        return kept
    return tmp_path
