"""The Asterisk ring: a private real switch, real Redis, the real service and worker, SIPp as carrier and phones."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hotline.demo import load_demo
from hotline.install.parts import Parts
from hotline.settings import read_settings
from tests.fakes.site import Site

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = (
        ""
        if Parts(read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.directory).ready
        else "no private Asterisk: run scripts/setup"
    )
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asterisk)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(240))
            if missing:
                item.add_marker(pytest.mark.skip(reason=missing))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """A whole desk, running; shared by the tests of one file."""
    site = Site()
    await site.set_up()
    site.start()
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def centre() -> AsyncIterator[Site]:
    """The demo centre's residents with a desk of their own; two homes of one building raise an incident by rule."""
    site = Site(HOTLINE_INCIDENTS_CALLS="2", HOTLINE_INCIDENTS_CONFIRMED_BY="rule")
    await site.set_up()
    await load_demo(site.database, site.settings, site.clock)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


@pytest.fixture
async def bare() -> AsyncIterator[Site]:
    """A desk that is set up, with nothing running."""
    site = Site()
    await site.set_up()
    try:
        yield site
    finally:
        await site.stop()
