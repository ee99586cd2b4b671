"""Three workers over one Redis dial one list; two of them are killed at random, and started again: nobody twice."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

import pytest
import pytest_asyncio

from hotline.calls.cel import CelRow
from hotline.campaigns.attempts_store import attempts_page
from hotline.campaigns.campaign import CampaignKind, CampaignState, CampaignStep
from hotline.campaigns.double_rings import double_rings
from hotline.campaigns.log_store import rows_of_attempts
from hotline.campaigns.store import add_campaign, campaign_by_id, take_campaign_step
from hotline.campaigns.targets_store import NewTarget, add_targets, targets_page
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident, set_arrears
from tests.fakes.played import shorten_prompts
from tests.fakes.site import Site
from tests.fakes.trunk_end import trunk_end

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOMES = 16
WORKERS = ("worker", "worker-2", "worker-3")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    ahead = 12 - datetime.now(UTC).hour
    site = Site(
        HOTLINE_CENTRE_TIME_ZONE=f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT",
        HOTLINE_OUTBOUND_WINDOWS="08:00-22:00",
        HOTLINE_OUTBOUND_REMINDER_DAYS=str(datetime.now(UTC).day % 28 + 1),  # not today
        HOTLINE_OUTBOUND_HOLIDAY_WINDOWS="08:00-22:00",
        HOTLINE_OUTBOUND_LINES="6",
        HOTLINE_OUTBOUND_KEEP_FREE="1",
        HOTLINE_OUTBOUND_PER_SECOND="3",
        HOTLINE_OUTBOUND_TRIES="1",
        HOTLINE_WORKER_PROCESSES="3",
    )
    await site.set_up()
    shorten_prompts(site, "out-ask", "out-owner", "out-ask-keys", "out-no-key")
    site.start("redis", "asterisk", "serve", *WORKERS)
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


_TURN = {"CHAN_START": 1, "HANGUP": -1}


def _most_at_once(rows: list[CelRow]) -> int:
    turns = sorted(
        [(row.at, 1) for row in rows if row.type == "CHAN_START"]
        + [(row.at, -1) for row in rows if row.type == "HANGUP"]
    )
    return max(accumulate(turn for _, turn in turns))


async def test_two_of_three_workers_killed_at_random_ring_nobody_twice_and_lose_nobody(site: Site) -> None:
    chance = random.Random(7)
    now = site.clock.now()
    async with site.database.begin() as session:
        targets = []
        for room in range(101, 101 + HOMES):
            home = await add_home(session, Home(building=1, unit=1, room=room))
            number = PhoneNumber(f"+8613800{room:06}")
            await add_resident(session, home, "张伟", title=Title.MR, numbers=[number])
            await set_arrears(session, home, ["2026-10"], 100_00)
            one = NewTarget(household=home.label, home_id=home.id, e164=number.e164, salutation="张先生", fen=1)
            targets.append(one)
        made = await add_campaign(session, kind=CampaignKind.FEE_REMINDER, name="催缴", words="", by="wang", at=now)
        await add_targets(session, made.id, targets, at=now)
        await take_campaign_step(session, made.id, CampaignStep.STARTED, who="wang", at=now, needs_approval=False)

    async with trunk_end(site, status="480 Temporarily Unavailable", rings_for=1.5) as end:
        async with asyncio.timeout(150):
            while True:
                async with site.database.read() as session:
                    if (await campaign_by_id(session, made.id)).state is CampaignState.FINISHED:
                        break
                victim = chance.choice(WORKERS[1:])
                site.signal(victim, signal.SIGKILL)
                await asyncio.sleep(chance.uniform(0.5, 2.0))
                site.start(victim)
                await asyncio.sleep(chance.uniform(1.0, 3.0))

        numbers = end.numbers
    async with site.database.read() as session:
        attempts = await attempts_page(session, made.id, limit=500)
        rows = await rows_of_attempts(session, now - timedelta(minutes=1), site.clock.now())
        states = Counter(target.state for target in await targets_page(session, made.id, limit=500))
    rung = Counter(numbers)
    assert double_rings(rows, timedelta(minutes=30)) == ()
    assert {number: count for number, count in rung.items() if count > 1} == {}
    assert len(rung) == HOMES, "nobody is forgotten"
    assert states.total() == HOMES
    assert states["waiting"] == states["in-hand"] == 0
    assert _most_at_once(rows) <= 5, "lines that are kept free are taken by no worker"
    assert len({attempt.worker for attempt in attempts if attempt.worker}) >= 2
