"""When a talk is over: wrap-up with its limit, late where nobody heard the end; who does not lift is paused."""

from datetime import timedelta

import pytest

from hotline.agents import keeping as keeping_module
from hotline.agents.agent import ShownState
from hotline.settings import AgentsSettings
from tests.fakes.ami_variants import until
from tests.fakes.kept_agents import CALL, Desk, ready, state


async def test_wrap_up_ends_by_itself_at_its_limit(desk: Desk) -> None:
    await ready(desk)
    with desk.states.present("8001"):
        await desk.hangs_up(await desk.talks())
        desk.clock.turn(119)
        await desk.states.end_what_is_over()
        assert state(desk) == (ShownState.WRAP_UP, "")

        desk.clock.turn(1)
        await desk.states.end_what_is_over()

    assert state(desk) == (ShownState.READY, "")


async def test_agent_who_needs_more_time_has_it(desk: Desk) -> None:
    await ready(desk)
    await desk.hangs_up(await desk.talks())

    now = await desk.states.more_time("8001")

    assert now.until == desk.clock.now() + timedelta(seconds=180)
    with desk.states.present("8001"):
        desk.clock.turn(150)
        await desk.states.end_what_is_over()
    assert state(desk) == (ShownState.WRAP_UP, "")


async def test_desk_without_wrap_up_is_ready_after_the_talk(desk: Desk) -> None:
    desk.settings = AgentsSettings(wrap_up_for=0)
    desk.start()
    await ready(desk)

    await desk.hangs_up(await desk.talks())

    assert state(desk) == (ShownState.READY, "")
    await desk.ledger_has(desk.clock.now())
    await desk.keeping.look_at_ledger()
    assert state(desk) == (ShownState.READY, "")


async def test_phone_whose_owner_never_signed_in_has_no_wrap_up(desk: Desk) -> None:
    await desk.hangs_up(await desk.talks())

    assert (state(desk), await desk.rows()) == ((ShownState.READY, ""), [])


async def test_two_calls_that_rang_out_in_a_row_pause_the_agent(desk: Desk) -> None:
    await ready(desk)
    await desk.rings_out()
    assert state(desk) == (ShownState.READY, "")

    await desk.rings_out()

    assert state(desk) == (ShownState.PAUSED, "no-answer")


async def test_call_that_was_answered_or_refused_between_them_begins_the_count_anew(desk: Desk) -> None:
    await ready(desk)
    await desk.rings_out()
    await desk.rings_out(was_refused=True)
    await desk.rings_out()

    assert state(desk) == (ShownState.READY, "")


async def test_desk_that_wants_it_never_pauses_for_not_answering(desk: Desk) -> None:
    desk.settings = AgentsSettings(no_answers=0)
    desk.start()
    await ready(desk)
    for _ in range(3):
        await desk.rings_out()

    assert state(desk) == (ShownState.READY, "")


async def test_talk_that_ended_while_nobody_heard_the_switch_is_wrapped_up_late(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(300)
    ended = desk.clock.now() - timedelta(seconds=40)
    await desk.ledger_has(ended)

    await desk.keeping.look_at_ledger()

    now = desk.states.now("8001")
    assert (now.state, now.call_id, now.until) == (ShownState.WRAP_UP, CALL, ended + timedelta(seconds=120))
    await desk.states.wrap_up_done("8001", by="xiaowang")
    await desk.keeping.look_at_ledger()
    assert state(desk) == (ShownState.READY, ""), "once"


@pytest.mark.parametrize("ended_before", [1, 130])
async def test_talk_that_just_ended_or_ended_long_ago_is_not_wrapped_up_late(desk: Desk, ended_before: int) -> None:
    await ready(desk)
    desk.clock.turn(300)
    await desk.ledger_has(desk.clock.now() - timedelta(seconds=ended_before))

    await desk.keeping.look_at_ledger()

    assert state(desk) == (ShownState.READY, "")


async def test_agent_in_the_next_talk_is_not_interrupted_by_the_last_ones_wrap_up(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(300)
    await desk.ledger_has(desk.clock.now() - timedelta(seconds=40))
    await desk.talks(call="x-1.9")

    await desk.keeping.look_at_ledger()

    assert desk.states.decided("8001").stand.value == "ready"


async def test_ledger_is_looked_at_now_and_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping_module, "LEDGER_EVERY", 0.02)
    await ready(desk)
    desk.clock.turn(300)
    await desk.ledger_has(desk.clock.now() - timedelta(seconds=40))

    async with desk.running():
        assert await until(lambda: state(desk)[0] is ShownState.WRAP_UP)


async def test_agent_whose_talk_was_with_a_machine_is_ready_at_once_and_after_the_next_wraps_up(desk: Desk) -> None:
    await ready(desk)
    talk = await desk.talks()
    desk.states.spare_wrap_up("8001", desk.states.talk_of("8001"))

    await desk.hangs_up(talk)

    assert state(desk) == (ShownState.READY, "")
    ended = desk.clock.now()
    desk.clock.turn(20)
    await desk.states.talk_over("8001", CALL, ended)  # the ledger tells it later
    assert state(desk) == (ShownState.READY, "")
    await desk.states.talk_over("8001", "another", desk.clock.now())
    assert state(desk) == (ShownState.WRAP_UP, "")
