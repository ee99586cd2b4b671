"""A campaign's call on a real switch, to residents whom SIPp plays: keys, machines, and who is not reached."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import pytest_asyncio

from hotline.ami.dialler import AsteriskDialler
from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome as CallOutcome
from hotline.campaigns.attempt import Errand, Outcome, Result, Said, attempt_id
from hotline.campaigns.attempts_store import note_on_attempt, plan_attempt
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.outcome import result_of
from hotline.campaigns.store import add_campaign
from hotline.campaigns.targets_store import NewTarget, add_targets, targets_page
from hotline.followups.follow_up import FollowUpKind
from hotline.simulate.alaw import RATE, as_alaw, silence
from hotline.simulate.scenario import (
    Press,
    Say,
    Step,
    Wait,
    agent,
    agent_who_does_not_answer,
    telephone_that_is_not_lifted,
)
from hotline.simulate.sipp import Heard
from hotline.voice.shelf import Shelf
from tests.fakes.played import note_what_is_played, played_to, shorten_prompts
from tests.fakes.residents import a_dialler, errand, settled, short_hello, spoken
from tests.fakes.site import Site, ended
from tests.fakes.voice_shelf import write_sound

pytestmark = pytest.mark.asyncio(loop_scope="module")
ZONE = ZoneInfo("Asia/Shanghai")


SHORT = (
    *("out-ask", "out-owner", "out-ask-keys", "out-fee-keys", "out-heard", "out-paid", "out-disputed"),
    *("out-disputed-thanks", "out-later", "out-later-kept", "out-no-more", "out-wrong-person", "out-no-key"),
    *("out-survey", "out-survey-attitude", "out-survey-quality", "out-survey-charges", "out-survey-satisfied"),
    *("out-survey-sorry", "out-survey-wish", "out-survey-speak", "out-survey-thanks", "out-machine", "arrears-how"),
    *("out-notice", "out-notice-keys", "out-no-clerk", "chosen-people", "out-missed"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    """A whole desk, whose campaigns say what they say in a moment, and whose switch notes what it plays."""
    site = Site(HOTLINE_OUTBOUND_CLERK_WAIT="10")
    await site.set_up()
    shorten_prompts(site, *SHORT)
    note_what_is_played(site)
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def dialler(site: Site) -> AsyncIterator[AsteriskDialler]:
    async with a_dialler(site) as dialler:
        yield dialler


async def rings(
    site: Site, dialler: AsteriskDialler, one: Errand, scenario: str, *, limit: float = 90
) -> tuple[CallRecord, Result, list[Heard]]:
    """Dial a resident who does as the scenario says; return the call, what came of it, and the wire."""
    resident = site.outside()
    listening = asyncio.create_task(resident.call(scenario, limit=limit))
    await asyncio.sleep(0.3)  # SIPp is up
    await dialler.place(one)
    wire = await listening
    call = await settled(site, one.id)
    return call, result_of(call, ZONE), wire


def lifts(site: Site, *steps: Step, hangs_up: bool = False) -> str:
    return agent((short_hello(site), *steps), rings_for=0.5, hangs_up=hangs_up, patience=80)


def key_after(site: Site, seconds: float, key: str) -> tuple[Say, Press]:
    return Say(site.silence(seconds), seconds), Press(key)


async def test_person_is_asked_for_then_told_what_is_owed_and_a_key_says_it_was_heard(
    site: Site, dialler: AsteriskDialler
) -> None:
    one = errand(site)

    call, result, wire = await rings(
        site, dialler, one, lifts(site, Press("1"), *key_after(site, 1.0, "2"), *key_after(site, 1.0, "1"))
    )

    assert call.talk_steps == ("AMD HUMAN", "CONFIRMED", "TOLD", "KEY 2", "KEY 1")
    assert (call.direction, call.caller_number, call.outcome) == ("outbound", "13800138501", CallOutcome.REACHED)
    assert call.oddities == ()
    assert result.outcome is Outcome.HUMAN
    assert result.said == {Said.IS_PERSON, Said.REPEATED, Said.HEARD}
    assert result.rang_at is not None
    assert result.answered_at is not None
    assert "13800138501" in wire[0].line
    assert f"sip:{site.settings.sip.outbound_number}@" in wire[0].header("From"), "the service line is never shown"
    assert "13800138501" not in wire[0].header("From")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("2", {Said.WRONG_PERSON}),
        ("9", {Said.NO_MORE}),
        ("13", {Said.IS_PERSON, Said.PAID}),
        ("19", {Said.IS_PERSON, Said.NO_MORE}),
        ("182", {Said.IS_PERSON, Said.LATER}),
    ],
)
async def test_key_says_what_it_says(site: Site, dialler: AsteriskDialler, keys: str, said: set[Said]) -> None:
    steps: Sequence[Step] = [step for key in keys for step in key_after(site, 0.8, key)]

    call, result, _ = await rings(site, dialler, errand(site), lifts(site, *steps))

    assert result.outcome is Outcome.HUMAN
    assert result.said == said
    assert ("TOLD" in call.talk_steps) == (Said.IS_PERSON in said), "nothing private before the person said so"
    if Said.LATER in said:
        assert result.later_at is not None
        assert result.later_at.hour == 15


async def test_who_disputes_is_written_down_and_may_say_why(site: Site, dialler: AsteriskDialler) -> None:
    steps = (Press("1"), *key_after(site, 0.8, "4"), Say(site.silence(3), 3), Press("#"))

    call, result, _ = await rings(site, dialler, errand(site), lifts(site, *steps))

    assert Said.DISPUTED in result.said
    assert call.message_at is not None
    assert call.recording.endswith("-message")
    assert call.oddities == ()


async def test_person_who_presses_nothing_is_asked_twice_and_left_in_peace(
    site: Site, dialler: AsteriskDialler
) -> None:
    scenario = agent([Say(site.silence(50), 1)], rings_for=0.5, hangs_up=False, patience=80)

    call, result, _ = await rings(site, dialler, errand(site), scenario)

    assert call.talk_steps == ("AMD NOTSURE",), "silence is a person who waits"
    assert (result.outcome, result.said) == (Outcome.HUMAN, frozenset())
    assert call.ended_by_caller is False


async def test_machine_hears_who_called_and_nothing_private(site: Site, dialler: AsteriskDialler) -> None:
    greeting = spoken(site, "leave-message", name="machine", then=30)
    machine = agent([Say(greeting.sound, 1)], rings_for=0.5, hangs_up=False, patience=80)

    call, result, _ = await rings(site, dialler, errand(site), machine)

    assert call.talk_steps == ("AMD MACHINE",)
    assert result.outcome is Outcome.MACHINE
    assert await played_to(site, call.id) == ["out-machine"]


async def test_fax_machine_is_told_by_its_tone_and_let_go(site: Site, dialler: AsteriskDialler) -> None:
    moments = np.arange(4 * RATE) / RATE
    tone = as_alaw((8000 * np.sin(2 * np.pi * 2100 * moments)).astype(np.int16))
    sound = site.home / "fax.al"
    sound.write_bytes(silence(0.8) + tone)

    call, result, _ = await rings(
        site, dialler, errand(site), agent([Say(sound, 1)], rings_for=0.5, hangs_up=False, patience=60)
    )

    assert call.talk_steps == ("AMD FAX",)
    assert result.outcome is Outcome.FAX
    assert call.oddities == ()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("486 Busy Here", Outcome.BUSY),
        ("404 Not Found", Outcome.INVALID),
        ("480 Temporarily Unavailable", Outcome.NO_ANSWER),
        ("603 Decline", Outcome.REFUSED),
        ("503 Service Unavailable", Outcome.CONGESTION),
        ("502 Bad Gateway", Outcome.SWITCHED_OFF),
    ],
)
async def test_network_says_why_nobody_lifted(
    site: Site, dialler: AsteriskDialler, status: str, outcome: Outcome
) -> None:
    call, result, _ = await rings(site, dialler, errand(site), telephone_that_is_not_lifted(status))

    assert result.outcome is outcome
    assert result.answered_at is None
    assert call.talk_steps == ()


async def test_telephone_that_rings_in_vain_is_no_answer(site: Site, dialler: AsteriskDialler) -> None:
    _, result, _ = await rings(site, dialler, errand(site), agent_who_does_not_answer(patience=40))

    assert result.outcome is Outcome.NO_ANSWER


async def test_resident_who_hangs_up_in_mid_talk_was_reached(site: Site, dialler: AsteriskDialler) -> None:
    call, result, _ = await rings(
        site, dialler, errand(site), lifts(site, Press("1"), Say(site.silence(2), 2), hangs_up=True)
    )

    assert call.talk_steps == ("AMD HUMAN", "CONFIRMED", "TOLD")
    assert call.ended_by_caller is True
    assert (result.outcome, result.said) == (Outcome.HUMAN, {Said.IS_PERSON})


async def test_attempt_is_refused_while_its_namesake_lives_and_can_be_hung_up(
    site: Site, dialler: AsteriskDialler
) -> None:
    one = errand(site)
    resident = site.outside()
    listening = asyncio.create_task(resident.call(lifts(site, Press("1"), Wait(1)), limit=60))
    await asyncio.sleep(0.3)
    await dialler.place(one)
    await dialler.place(one)

    async def lives() -> bool:
        return one.id in await dialler.living()

    await site.eventually(lives, limit=10, what="the attempt's channel lives")
    await asyncio.sleep(2)
    assert site.console("core show channels concise").count("PJSIP/outside-") == 1
    assert await dialler.hang_up(one.id)
    await asyncio.gather(listening, return_exceptions=True)
    call = await settled(site, one.id)
    assert result_of(call, ZONE).outcome is Outcome.HUMAN
    assert not await dialler.hang_up(one.id)


async def test_survey_takes_its_five_answers_and_the_words(site: Site, dialler: AsteriskDialler) -> None:
    keys = [step for key in "1542" for step in key_after(site, 1.5, key)]
    more = [*key_after(site, 1.5, "2"), *key_after(site, 2.0, "2"), Say(site.silence(4), 4), Press("#")]
    one = errand(site, CampaignKind.SURVEY)

    call, result, _ = await rings(site, dialler, one, lifts(site, *keys, *more))

    assert result.answers == {"attitude": "5", "quality": "4", "charges": "2", "satisfied": "2", "wish": "2"}
    assert Said.UNSATISFIED in result.said
    assert call.message_at is not None
    assert call.oddities == ()
    assert [owed.kind for owed in await site.owed(call.id)] == [FollowUpKind.MESSAGE]


async def test_who_asks_for_a_clerk_waits_as_callers_do_and_is_owed_a_call_when_none_comes(
    site: Site, dialler: AsteriskDialler
) -> None:
    call, result, _ = await rings(
        site, dialler, errand(site), lifts(site, Press("1"), *key_after(site, 1.0, "0"), Wait(1))
    )

    assert (call.queue, call.notice_version != "", call.recording_start is not None) == ("service", True, True)
    assert (result.said, result.gave_up_waiting) == ({Said.IS_PERSON, Said.CLERK}, True)
    assert call.outcome is CallOutcome.CALL_BACK_WISHED
    assert [owed.kind for owed in await site.owed(call.id)] == [FollowUpKind.CALL_BACK]


async def test_clerk_who_lifts_talks_with_the_resident_who_pressed_0(site: Site, dialler: AsteriskDialler) -> None:
    phone = await site.sign_in_phone("8001")
    one = errand(site)
    async with asyncio.TaskGroup() as both:
        clerk = both.create_task(site.agent_answers(phone, Say(site.silence(2), 2), hangs_up=False))
        dialled = both.create_task(
            rings(site, dialler, one, lifts(site, Press("0"), Say(site.silence(14), 14), hangs_up=True))
        )
    await site.sign_phone(phone, "8001", lasts=0)
    call, result, _ = dialled.result()

    assert (call.direction, call.agent, call.outcome) == ("outbound", "8001", CallOutcome.ANSWERED)
    assert result.reached_agent
    assert not result.gave_up_waiting
    assert "13800138501" in clerk.result()[0].header("From"), "the clerk sees whom they talk with"
    assert clerk.result()[0].header("X-Call") == one.id, "a page that is reloaded knows that a resident is on the line"
    assert call.recording == call.recording.removesuffix("-message") != ""
    assert call.oddities == ()


async def test_whoever_rings_back_the_number_shown_is_told_why_we_called(site: Site) -> None:
    shown, number = site.settings.sip.outbound_number, "13800138507"
    now = site.clock.now()
    async with site.database.begin() as session:
        made = await add_campaign(session, kind=CampaignKind.FEE_REMINDER, name="催缴", words="", by="wang", at=now)
        await add_targets(session, made.id, [NewTarget(household="3-2-507", e164=f"+86{number}")], at=now)
        (target,) = await targets_page(session, made.id)
        attempt = attempt_id(now, 99_507)
        await plan_attempt(
            session, attempt, campaign_id=made.id, target_id=target.id, household="3-2-507", e164=f"+86{number}", at=now
        )
        await note_on_attempt(session, attempt, {"disturbed_at": now, "state": "settled"})

    await site.calls_in(Wait(13), number=number, dialled=shown)
    await site.calls_in(Wait(10), number="13800138508", dialled=shown)

    rang_back = await site.call_of(number, where=ended)
    other = await site.call_of("13800138508", where=ended)
    assert (rang_back.direction, rang_back.talk_steps, rang_back.oddities) == ("inbound", ("RINGS_BACK",), ())
    assert other.talk_steps == ("RINGS_BACK",)
    assert "out-rings-back" in await played_to(site, rang_back.id)
    assert not {"out-rings-back", "out-rings-back-other"} & set(await played_to(site, other.id)), "whom we never called"


async def test_notice_of_the_site_is_told_at_once_and_again_by_key(site: Site, dialler: AsteriskDialler) -> None:
    write_sound(site.home / "prompts" / "zh" / "site" / "water-off.wav", 0.6)
    Shelf.of(site.settings).lay_out()
    one = errand(site, CampaignKind.NOTICE, words="site/water-off")

    call, result, _ = await rings(
        site, dialler, one, lifts(site, *key_after(site, 0.5, "2"), *key_after(site, 1.0, "1"))
    )

    assert call.talk_steps == ("AMD HUMAN", "TOLD", "KEY 2", "KEY 1")
    assert result.said == {Said.REPEATED, Said.HEARD}
    assert (await played_to(site, call.id)).count("site/water-off") == 2
