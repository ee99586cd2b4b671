"""Nothing of the switch ends a talk because it is long."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hotline.calls.state import CallState, Outcome
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHORT = 10  # seconds; every limit of waiting is as short as it may be set, and the talk is longer than each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(
        HOTLINE_QUEUES_MAX_WAIT=str(SHORT),
        HOTLINE_QUEUES_OVERFLOW_AFTER="5",
        HOTLINE_ANSWERING_AGENT_RINGS_FOR="5",
        HOTLINE_ANSWERING_LEASE="2",
    )
    await site.set_up()
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def test_a_talk_outlives_every_limit_of_the_way_to_it_and_its_channels_have_none(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    shown: dict[str, str] = {}

    async def look() -> None:
        await site.call_of("13900000701", where=lambda call: call.state is CallState.TALKING)
        for line in (await asyncio.to_thread(site.console, "core show channels concise")).splitlines():
            name = line.partition("!")[0]
            if name.startswith("PJSIP/"):
                shown[name] = await asyncio.to_thread(site.console, f"core show channel {name}")

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(site.agent_answers(phone, Say(site.silence(SHORT + 5), SHORT + 5), hangs_up=True))
        all_three.create_task(look())
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("1"), Wait(SHORT + 30), number="13900000701")
        )
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of("13900000701", where=ended)
    assert (call.outcome, call.oddities) == (Outcome.ANSWERED, ())
    assert call.talk_time is not None
    assert call.talk_time.total_seconds() > SHORT + 3
    assert len(shown) == 2
    for name, text in shown.items():
        limit = re.search(r"^\s*Time to Hangup: (\d+)$", text, re.MULTILINE)
        assert limit is not None, text
        assert int(limit[1]) == 0, f"{name} has an absolute time-out while it talks"
        assert "LIMIT_" not in text, f"{name} has a dial limit"
        assert "TIMEOUT(absolute)" not in text
