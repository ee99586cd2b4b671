"""The rules of waiting: whose turn it is, what who waits is told, where it ends, and why a late call was late."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from hotline.calls.lateness import Lateness, LegKind, how_late, late_because
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import CallTable
from hotline.simulate.scenario import Press, Say, Wait
from hotline.simulate.sipp import Heard
from tests.fakes.played import note_what_is_played, played_to, shorten_prompts
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAX_WAIT, AGENT_RINGS_FOR = 20, 5
COMPLAINT = 'prompt = "chosen-complaint", to = "queue:complaint", '
MOBILE, HEAD = "13900001111", "13900002222"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(
        HOTLINE_ANSWERING_RING_FOR="0.2",
        HOTLINE_ANSWERING_AGENT_RINGS_FOR=str(AGENT_RINGS_FOR),
        HOTLINE_QUEUES_MAX_WAIT=str(MAX_WAIT),
        HOTLINE_QUEUES_ANNOUNCE_EVERY="10",
    )
    await site.set_up()
    shorten_prompts(
        site, "greeting", "recording-notice", "menu", "english-key", "chosen-complaint", "chosen-people",
        "still-waiting", "duty-desk", "duty-mobile", "duty-manager", "duty-accept", "satisfaction", "waiting-keys",
        "queue-thereare", "queue-callswaiting", "queue-holdtime",
    )  # fmt: skip
    note_what_is_played(site)
    menus = site.home / "menus.toml"
    assert COMPLAINT in menus.read_text()
    menus.write_text(menus.read_text().replace(COMPLAINT, f"{COMPLAINT}priority = 1, "))
    # The switch speaks of whole minutes, of which nobody has to wait here: round to seconds, for this file only.
    queues = site.home / "asterisk" / "etc" / "queues.conf"
    queues.write_text(queues.read_text().replace("[waiting](!)\n", "[waiting](!)\nannounce-round-seconds = 5\n"))
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


def waits(call: CallRecord) -> bool:
    return call.state is CallState.WAITING


async def test_of_two_who_wait_the_one_whose_choice_has_priority_is_answered_first(site: Site) -> None:
    agent = site.telephone("agent-8002")

    async def complains_when_the_first_waits() -> None:
        await site.call_of("13900000801", where=waits)
        await site.calls_in(Say(site.silence(1.5), 1.5), Press("2"), number="13900000802", hangs_up=False)

    async def agent_comes_when_both_wait() -> None:
        await site.call_of("13900000802", where=waits)
        await site.sign_phone(agent, "8002", lasts=600)
        await site.agent_answers(agent, Wait(0.5), rings_for=0.5, hangs_up=True)
        await site.agent_answers(agent, Wait(0.5), rings_for=0.5, hangs_up=True)

    async with asyncio.TaskGroup() as all_three:
        all_three.create_task(
            site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), number="13900000801", hangs_up=False)
        )
        all_three.create_task(complains_when_the_first_waits())
        all_three.create_task(agent_comes_when_both_wait())
    await site.sign_phone(agent, "8002", lasts=0)

    asks, complains = [await site.call_of(number, where=ended) for number in ("13900000801", "13900000802")]
    assert (asks.outcome, complains.outcome) == (Outcome.ANSWERED, Outcome.ANSWERED)
    assert (asks.queue, complains.queue) == ("service", "service"), "nobody takes complaints: both wait in one queue"
    assert asks.queued_at is not None
    assert complains.queued_at is not None
    assert asks.queued_at < complains.queued_at
    assert asks.human_answer is not None
    assert complains.human_answer is not None
    assert complains.human_answer < asks.human_answer


@dataclass(frozen=True, slots=True)
class LongWait:
    """A caller who waits longer than anybody may, and one who waits behind them for a moment."""

    call: CallRecord
    behind: CallRecord
    mobile_heard: list[Heard]
    manager_heard: list[Heard]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def long_wait(site: Site) -> LongWait:
    """Have somebody wait in vain: an agent does not lift, the queue's time ends, and of the chain the third lifts."""
    silent, outside = site.telephone("agent-8001"), site.outside()
    desk = await site.sign_in_phone("8901")  # a supervisor's telephone: no queue rings it
    await site.on_duty(("desk", "8901", 5), ("mobile", MOBILE, 7), ("manager", HEAD, 20))

    async def another_waits_behind_and_then_an_agent_is_there_who_does_not_lift() -> None:
        await site.call_of("13900000803", where=waits)
        await site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(6), 6), number="13900000804")
        await site.sign_phone(silent, "8001", lasts=600)
        await site.agent_does_not_answer(silent)
        await site.sign_phone(silent, "8001", lasts=0)

    async def chain() -> tuple[list[Heard], list[Heard]]:
        mobile = await site.agent_does_not_answer(outside, limit=120)
        accepts = (Say(site.silence(1), 1), Press("1"), Wait(2))
        return mobile, await site.agent_answers(outside, *accepts, hangs_up=True)

    async with asyncio.TaskGroup() as all_of_them:
        all_of_them.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5), Press("0"), number="13900000803", hangs_up=False, limit=150
            )
        )  # fmt: skip
        all_of_them.create_task(another_waits_behind_and_then_an_agent_is_there_who_does_not_lift())
        all_of_them.create_task(site.agent_does_not_answer(desk, limit=120))
        chained = all_of_them.create_task(chain())
    await site.sign_phone(desk, "8901", lasts=0)
    mobile, manager = chained.result()
    return LongWait(
        call=await site.call_of("13900000803", where=ended),
        behind=await site.call_of("13900000804", where=ended),
        mobile_heard=mobile,
        manager_heard=manager,
    )


async def test_who_waits_is_told_their_position_and_how_long_it_may_take(site: Site, long_wait: LongWait) -> None:
    first, second = [await played_to(site, call.id) for call in (long_wait.call, long_wait.behind)]

    assert "queue-youarenext" in first
    told = second[second.index("queue-thereare") :]
    assert told[:4] == ["queue-thereare", "digits/2", "queue-callswaiting", "queue-holdtime"]
    assert told[4].startswith("digits/")
    assert "queue-seconds" in told[5:7]


async def test_the_longest_wait_ends_in_the_duty_chain_with_the_manager_third_each_rung_for_their_own_time(
    long_wait: LongWait,
) -> None:
    call = long_wait.call
    assert call.queued_at is not None
    asked = [ring for ring in call.rings if ring.agent in {"8901", "mobile", "manager"}]
    assert [ring.agent for ring in asked] == ["8901", "mobile", "manager"]
    assert asked[0].began - call.queued_at >= timedelta(seconds=MAX_WAIT - 1)
    rang_for = [(ring.ended - ring.began).total_seconds() for ring in asked[:2] if ring.ended]
    assert rang_for == pytest.approx([5, 7], abs=1)
    assert (call.outcome, call.agent, call.oddities) == (Outcome.ANSWERED, "manager", ())
    assert MOBILE in long_wait.mobile_heard[0].line
    assert HEAD in long_wait.manager_heard[0].line


async def test_why_a_late_call_was_late_is_kept_leg_by_leg_with_who_did_not_lift(
    site: Site, long_wait: LongWait
) -> None:
    call = long_wait.call
    legs = late_because(call)
    causes = [(leg.kind, *leg.agents) for leg in legs if leg.is_cause]

    assert how_late(call) is Lateness.HUMAN
    assert causes == [
        (LegKind.QUEUE,), (LegKind.MISSED, "8001"),
        (LegKind.QUEUE,), (LegKind.MISSED, "8901"),
        (LegKind.QUEUE,), (LegKind.MISSED, "mobile"),
        (LegKind.QUEUE,),
    ]  # fmt: skip
    assert sum((leg.took for leg in legs), timedelta(0)) == call.human_wait, "nothing of the wait is left unsaid"
    async with site.database.read() as session:
        kept = await session.scalar(select(CallTable.late).where(CallTable.id == call.id))
    assert kept == [leg.as_values() for leg in legs]
