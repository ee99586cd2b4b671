"""What holds when a part dies in a campaign's call: the talk goes on alone, and the event log tells it afterwards."""

import asyncio
import signal
from collections.abc import AsyncIterator
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from hotline.calls.store import call_by_id
from hotline.campaigns.attempt import Outcome, Said
from hotline.campaigns.outcome import result_of
from hotline.simulate.scenario import Press, Say, Wait, agent
from tests.fakes.residents import a_dialler, errand, settled, short_hello
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")
ZONE = ZoneInfo("Asia/Shanghai")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """A desk whose service and switch a test may kill."""
    site = Site()
    await site.set_up()
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def test_talk_goes_on_when_service_and_link_die_after_the_answer_and_is_settled_afterwards(site: Site) -> None:
    one = errand(site)
    silent = Say(site.silence(4), 4)
    resident = asyncio.create_task(
        site.outside().call(
            agent([short_hello(site), Press("1"), silent, Press("1")], rings_for=3, hangs_up=False, patience=60),
            limit=70,
        )
    )
    await asyncio.sleep(0.3)
    async with a_dialler(site) as dialler:
        await dialler.place(one)
    # The link over which it was ordered is gone before anybody lifted; now the service, too.
    site.signal("serve", signal.SIGKILL)

    await resident
    site.start("serve")
    await site.ready()
    call = await settled(site, one.id)

    result = result_of(call, ZONE)
    assert (result.outcome, result.said) == (Outcome.HUMAN, {Said.IS_PERSON, Said.HEARD})
    assert call.oddities == ()


async def test_switch_that_dies_in_the_talk_leaves_an_attempt_that_is_over_and_was_answered(site: Site) -> None:
    one = errand(site)
    scenario = agent([short_hello(site), Press("1"), Wait(2)], rings_for=0.5, hangs_up=False, patience=20)
    resident = asyncio.create_task(site.outside().call(scenario, limit=30))
    await asyncio.sleep(0.3)
    async with a_dialler(site) as dialler:
        await dialler.place(one)

        async def is_told() -> bool:
            async with site.database.read() as session:
                call = await call_by_id(session, one.id)
            return call is not None and "TOLD" in call.talk_steps

        await site.eventually(is_told, limit=20, what="the resident is being told")
        site.signal("asterisk", signal.SIGKILL)
        resident.cancel()
        await asyncio.gather(resident, return_exceptions=True)
    site.start("asterisk")
    call = await settled(site, one.id, limit=60)

    result = result_of(call, ZONE)
    assert (result.outcome, result.said) == (Outcome.HUMAN, {Said.IS_PERSON})
    assert result.answered_at is not None
