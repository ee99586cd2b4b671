"""A campaign on a real switch, dialled by a worker of its own: from the list to the settled result."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable, attempts_page
from hotline.campaigns.campaign import Campaign, CampaignKind, CampaignState, CampaignStep
from hotline.campaigns.store import (
    NewTarget,
    add_campaign,
    add_targets,
    campaign_by_id,
    take_campaign_step,
    targets_page,
)
from hotline.campaigns.target import TargetState
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident, set_arrears
from hotline.simulate.scenario import Press, Say, agent
from tests.fakes.played import note_what_is_played, shorten_prompts
from tests.fakes.residents import short_hello
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHORT = ("out-ask", "out-owner", "out-ask-keys", "out-fee-keys", "out-heard", "arrears-how")


def zone_of_midday(now: datetime) -> str:
    """Return a zone in which it is midday now: homes may be rung, whatever the time of day a test runs at."""
    ahead = 12 - now.hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(
        HOTLINE_CENTRE_TIME_ZONE=zone_of_midday(datetime.now(UTC)),
        HOTLINE_OUTBOUND_WINDOWS="08:00-22:00",
        HOTLINE_OUTBOUND_REMINDER_DAYS=str(datetime.now(UTC).day % 28 + 1),  # not today
        HOTLINE_OUTBOUND_HOLIDAY_WINDOWS="08:00-22:00",
        HOTLINE_OUTBOUND_RING_FOR="10",
    )
    await site.set_up()
    shorten_prompts(site, *SHORT)
    note_what_is_played(site)
    site.start("redis", "asterisk", "serve", "worker")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


async def a_reminder(site: Site, room: int, e164: str) -> Campaign:
    """Let a home owe something, and a campaign remind it that runs."""
    now = site.clock.now()
    async with site.database.begin() as session:
        home = await add_home(session, Home(building=3, unit=2, room=room))
        await add_resident(session, home, "张伟", title=Title.MR, numbers=[PhoneNumber(e164)])
        await set_arrears(session, home, ["2026-09", "2026-10"], 123_45)
        made = await add_campaign(session, kind=CampaignKind.FEE_REMINDER, name="催缴", words="", by="wang", at=now)
        one = NewTarget(household=home.label, home_id=home.id, e164=e164, salutation="张先生", fen=123_45)
        await add_targets(session, made.id, [one], at=now)
        return await take_campaign_step(
            session, made.id, CampaignStep.STARTED, who="wang", at=now, needs_approval=False
        )


async def settled_attempts(site: Site, campaign: int, count: int = 1) -> list[AttemptTable]:
    async def look() -> list[AttemptTable] | None:
        async with site.database.read() as session:
            rows = list(await attempts_page(session, campaign))
        over = [row for row in rows if row.state == AttemptState.SETTLED]
        return rows if len(over) >= count else None

    return await site.eventually(look, limit=60, what="the attempt is settled")


async def test_home_is_dialled_by_the_worker_told_and_settled_by_the_ledger(site: Site) -> None:
    resident = site.outside()
    lifts = agent(
        (short_hello(site), Press("1"), Say(site.silence(1.0), 1.0), Press("1")), rings_for=0.5, hangs_up=False,
        patience=80,
    )  # fmt: skip
    listening = asyncio.create_task(resident.call(lifts, limit=90))
    campaign = await a_reminder(site, 501, "+8613800138501")

    await listening
    (attempt,) = await settled_attempts(site, campaign.id)

    assert (attempt.outcome, attempt.said) == ("human", ["heard", "is-person"])
    async with site.database.read() as session:
        (target,) = await targets_page(session, campaign.id)
    assert target.state == TargetState.DONE

    async def is_finished() -> bool:
        async with site.database.read() as session:
            return (await campaign_by_id(session, campaign.id)).state is CampaignState.FINISHED

    await site.eventually(is_finished, limit=10, what="the campaign is finished")


async def test_busy_home_is_put_off_for_a_quarter_of_an_hour(site: Site) -> None:
    from hotline.simulate.scenario import telephone_that_is_not_lifted

    resident = site.outside()
    listening = asyncio.create_task(resident.call(telephone_that_is_not_lifted("486 Busy Here"), limit=60))
    campaign = await a_reminder(site, 502, "+8613800138502")

    await listening
    (attempt,) = await settled_attempts(site, campaign.id)

    assert attempt.outcome == "busy"
    assert attempt.disturbed_at is None
    async with site.database.read() as session:
        (target,) = await targets_page(session, campaign.id)
    assert target.state == TargetState.WAITING
    assert attempt.ended_at is not None
    assert 890 < (target.not_before - attempt.ended_at).total_seconds() < 910
