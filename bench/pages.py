"""How soon each page of the desk is painted, and how soon it is filled, in a real browser on loopback.

    .venv/bin/python bench/pages.py [--times 5]

A busy desk as the tests of access have it; each page is opened anew with an empty cache, in turns. First paint is the
browser's own measure (first-contentful-paint, from the click); filled is when the live socket has given its snapshot.
"""

import argparse
import asyncio
import importlib.util
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.async_api import Page, async_playwright

AIM_MS: Final = 1000
PAINT: Final = """() => new Promise((told) => {
  const look = () => {
    const seen = performance.getEntriesByName("first-contentful-paint")[0];
    seen ? told([seen.startTime, performance.now()]) : requestAnimationFrame(look);
  };
  look();
})"""
BYTES: Final = "() => performance.getEntries().reduce((sum, one) => sum + (one.transferSize ?? 0), 0)"


def tests_of_access() -> ModuleType:
    """Return the tests that know every page and fill a desk."""
    path = Path(__file__).parents[1] / "tests" / "browser" / "test_access.py"
    spec = importlib.util.spec_from_file_location("test_access", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def opened(page: Page, address: str) -> tuple[float, float, float]:
    """Open one page anew; returns first paint and filled in milliseconds, and the bytes that came."""
    await page.goto("about:blank")
    await page.goto(address, wait_until="commit")
    live = page.locator("#freshness[data-is=live]")
    if await page.locator("header.top").count():
        await live.wait_for(state="attached")
    paint, filled = await page.evaluate(PAINT)
    return paint, filled, await page.evaluate(BYTES)


async def measure(times: int) -> None:
    access = tests_of_access()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    figures: dict[str, list[tuple[float, float, float]]] = {address: [] for address in access.PAGES}
    with tempfile.TemporaryDirectory() as home:
        async with async_playwright() as playwright, access.busy_desk(Path(home)) as room:
            browser = await playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            )
            for turn in range(times + 1):  # the first warms both programs up
                async with access.person(browser, room) as page:
                    for address in access.PAGES:
                        found = await opened(page, room.origin + address)
                        if turn:
                            figures[address].append(found)
                        await (await page.context.new_cdp_session(page)).send("Network.clearBrowserCache")
            await browser.close()
    print("| page | first paint: median / worst ms | filled: median / worst ms | kB |\n|---|---|---|---|")
    for address, found in figures.items():
        paint, filled, size = (sorted(column) for column in zip(*found, strict=True))
        print(
            f"| {address} | {statistics.median(paint):.0f} / {paint[-1]:.0f} |"
            f" {statistics.median(filled):.0f} / {filled[-1]:.0f} | {size[-1] / 1000:.0f} |"
        )
    worst = max(one[0] for found in figures.values() for one in found)
    print(f"\nThe worst first paint is {worst:.0f} ms; the aim is {AIM_MS} ms.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    asyncio.run(measure(parser.parse_args().times))
