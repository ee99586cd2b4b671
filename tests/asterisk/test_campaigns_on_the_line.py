"""A campaign on a real switch, dialled by a worker of its own: from the list to the settled result."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, CookieJar

from hotline.accounts.account import Role
from hotline.accounts.service import add_user
from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable, attempts_page
from hotline.campaigns.campaign import Campaign, CampaignKind, CampaignState, CampaignStep
from hotline.campaigns.store import add_campaign, campaign_by_id, take_campaign_step
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import NewTarget, add_targets, targets_page
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident, set_arrears
from hotline.simulate.scenario import Press, Say, agent, telephone_that_is_not_lifted
from hotline.simulate.sipp import Heard
from tests.fakes.desk_phone import DeskPhone
from tests.fakes.played import note_what_is_played, played_to, shorten_prompts, told_of
from tests.fakes.residents import can_be_rung, short_hello
from tests.fakes.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")
SHORT = (
    "out-ask",
    "out-owner",
    "out-ask-keys",
    "out-fee-keys",
    "out-heard",
    "arrears-how",
    "out-missed",
    "chosen-people",
)
# A question waits five seconds, twice, and a machine is told from a person within three: at these moments somebody who
# answers is heard however slow the switch is just now.
UNTIL_ASKED = 2.0
UNTIL_TOLD = 3.0


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


@asynccontextmanager
async def rung(site: Site, scenario: str) -> AsyncIterator["asyncio.Task[list[Heard]]"]:
    """Let a resident's telephone do as the scenario says once it is rung; what is begun inside may ring it."""
    resident = site.outside()
    listening = asyncio.create_task(resident.call(scenario, limit=110))
    try:
        await can_be_rung(site, resident.port)
        yield listening
    finally:
        if not listening.done():
            listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def person(site: Site, *keys: str, stays: float = 0.0) -> str:
    """A person who lifts, is asked for and presses keys, each when the switch surely waits for it."""
    pauses = (UNTIL_ASKED, *([UNTIL_TOLD] * (len(keys) - 1)))
    steps = [
        step for key, pause in zip(keys, pauses, strict=True) for step in (Say(site.silence(pause), pause), Press(key))
    ]
    last = [Say(site.silence(stays), stays)] if stays else []
    return agent((short_hello(site), *steps, *last), rings_for=0.5, hangs_up=bool(stays), patience=100)


async def a_reminder(site: Site, room: int, e164: str, *, language: str = "zh", by_agent: bool = False) -> Campaign:
    """Let a home owe something, and a campaign remind it that runs."""
    now = site.clock.now()
    async with site.database.begin() as session:
        home = await add_home(session, Home(building=3, unit=2, room=room))
        await add_resident(session, home, "张伟", title=Title.MR, numbers=[PhoneNumber(e164)])
        await set_arrears(session, home, ["2026-09", "2026-10"], 123_45)
        made = await add_campaign(
            session, kind=CampaignKind.FEE_REMINDER, name="催缴", words="", by="wang", at=now, by_agent=by_agent
        )
        one = NewTarget(
            household=home.label, home_id=home.id, e164=e164, salutation="张先生", fen=123_45, language=language
        )
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

    return await site.eventually(look, limit=90, what="the attempt is settled")


async def test_home_is_dialled_by_the_worker_told_and_settled_by_the_ledger(site: Site) -> None:
    async with rung(site, person(site, "1", "1")) as listening:
        campaign = await a_reminder(site, 501, "+8613800138501")
        await listening
    (attempt,) = await settled_attempts(site, campaign.id)

    assert (attempt.outcome, attempt.said) == ("human", ["is-person", "heard"])
    async with site.database.read() as session:
        (target,) = await targets_page(session, campaign.id)
    assert target.state == TargetState.DONE

    async def is_finished() -> bool:
        async with site.database.read() as session:
            return (await campaign_by_id(session, campaign.id)).state is CampaignState.FINISHED

    await site.eventually(is_finished, limit=30, what="the campaign is finished")


async def test_busy_home_is_put_off_for_a_quarter_of_an_hour(site: Site) -> None:
    async with rung(site, telephone_that_is_not_lifted("486 Busy Here")) as listening:
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


async def test_home_that_speaks_english_is_told_in_english(site: Site) -> None:
    async with rung(site, person(site, "1", "1")) as listening:
        campaign = await a_reminder(site, 503, "+8613800138503", language="en")
        await listening
    (attempt,) = await settled_attempts(site, campaign.id)

    assert (attempt.outcome, attempt.said) == ("human", ["is-person", "heard"])
    heard = await played_to(site, attempt.id)
    assert "out-heard" in heard
    log = (site.home / "asterisk" / "log" / "played").read_text(errors="replace").splitlines()
    last = next(line for line in reversed(log) if "'out-heard." in line)
    assert "(language 'en')" in last
    assert all("/zh/" not in sound for sound in heard)


@pytest.mark.parametrize(
    ("kind", "debt", "number"),
    [
        (CampaignKind.MISSED_RETURN, FollowUpKind.MISSED, "13800138504"),
        (CampaignKind.CALL_BACK, FollowUpKind.CALL_BACK, "13800138505"),
    ],
)
async def test_resident_whom_we_owe_a_call_is_rung_when_a_clerk_is_ready_and_talks_with_them(
    site: Site, kind: CampaignKind, debt: FollowUpKind, number: str
) -> None:
    now = site.clock.now()
    async with site.database.begin() as session:
        owed = await add_follow_up(
            session, debt=Debt(kind=debt, at=now, due=now + timedelta(hours=1)), owed_by=Role.AGENT,
            call_id=f"missed-{number}", number=number, e164=f"+86{number}", home="", who="", at=now,
        )  # fmt: skip
        made = await add_campaign(session, kind=kind, name="回拨", words="", by="wang", at=now)
        one = NewTarget(household=f"+86{number}", e164=f"+86{number}", follow_up_id=owed.id)
        await add_targets(session, made.id, [one], at=now)
        await take_campaign_step(session, made.id, CampaignStep.STARTED, who="wang", at=now, needs_approval=False)

    async with rung(site, person(site, "1")) as listening:  # stays until we hang up, however soon a clerk is there
        phone = await site.sign_in_phone("8001")
        clerk = await site.agent_answers(phone, Say(site.silence(2), 2), hangs_up=True)
        await listening
    await site.sign_phone(phone, "8001", lasts=0)
    (attempt,) = await settled_attempts(site, made.id)

    assert number in clerk[0].header("From")
    assert (attempt.outcome, attempt.reached_agent) == ("human", True)
    async with site.database.read() as session:
        (target,) = await targets_page(session, made.id)
        closed = await follow_up_by_id(session, owed.id)
    assert target.state == TargetState.DONE
    assert closed.state is FollowUpState.DONE


async def test_home_handed_to_an_agent_is_dialled_by_their_click_and_settled_as_any_attempt(site: Site) -> None:
    password = "three rings and no more"
    await add_user(site.database, "li", Role.AGENT, "8001", password)
    campaign = await a_reminder(site, 506, "+8613800138506", by_agent=True)
    origin, own = site.url(""), site.settings.sip.passwords["8001"].get_secret_value()
    lifts = agent((Say(site.silence(12), 12),), rings_for=0.5, hangs_up=True, patience=100)

    async with (
        ClientSession(origin, headers={"Origin": origin}, cookie_jar=CookieJar(unsafe=True)) as page,
        DeskPhone("8001", own, switch=site.settings.sip.port) as phone,
        rung(site, lifts) as listening,
    ):
        form = {"name": "li", "password": password}
        assert (await page.post("/sign-in", data=form, allow_redirects=False)).status == 303

        async def card() -> dict[str, Any] | None:
            await page.post("/api/v1/agents/me/ready", json={})
            answer = await (await page.post("/api/v1/handed", json={})).json()
            return answer["card"]

        handed = await site.eventually(card, limit=30, what="a ready agent is handed the home")
        clicks = [await page.post(f"/api/v1/handed/{handed['id']}/dial", json={}) for _ in range(2)]
        made = [await answer.json() for answer in clicks]
        (await phone.rings(within=30)).lift()
        await listening

    (attempt,) = await settled_attempts(site, campaign.id)
    assert [answer.status for answer in clicks] == [202, 202]
    assert made[0]["channel"] == made[1]["channel"] == attempt.call_id
    assert (attempt.dialled_by, attempt.outcome, attempt.reached_agent) == ("li", "human", True)
    assert [row.extra for row in await told_of(site, attempt.call_id) if row.type == "ATTEMPT"] != []
    async with site.database.read() as session:
        (target,) = await targets_page(session, campaign.id)
    assert target.state == TargetState.DONE
