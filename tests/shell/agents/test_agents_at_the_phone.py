"""What is shown of an agent at the phone, and of one whose page is gone."""

from dataclasses import replace
from datetime import timedelta

from hotline.agents.agent import ShownState
from hotline.agents.legs import LegGone, LegSeen
from hotline.queues.board import AgentState as Phone
from tests.fakes.ami_variants import until
from tests.fakes.kept_agents import CALL, Desk, ready, state


async def test_call_at_the_phone_is_shown_with_its_name_and_since_when(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(5)
    began = desk.clock.now()
    leg = await desk.rings()
    ringing = desk.states.now("8001")
    desk.clock.turn(7)
    await desk.hangs_up(leg)
    await desk.talks()
    desk.clock.turn(20)
    talking = desk.states.now("8001")

    assert (ringing.state, ringing.call_id, ringing.since) == (ShownState.RINGING, CALL, began)
    assert (talking.state, talking.call_id, talking.since) == (ShownState.TALKING, CALL, began + timedelta(seconds=7))


async def test_state_tells_a_call_of_ours_apart_my_phone_rings_the_resident_is_rung_we_talk(desk: Desk) -> None:
    await ready(desk)
    one, seen = "outside-1700000000.7", []
    own = {"uniqueid": one, "channel": "PJSIP/8001-1", "linkedid": one}
    resident = {"uniqueid": "x-1.9", "channel": "PJSIP/outside-2", "linkedid": one, "is_called": True}
    steps = (
        LegSeen(**own, is_called=True), LegSeen(**own, is_up=True), LegSeen(**own, bridge="b"),
        LegSeen(**resident, is_up=True, bridge="b"),
    )  # fmt: skip
    for told in steps:
        await desk._hear(told)
        desk.phone("8001", Phone.TALKING)  # so says the switch of a page, from its first ring on
        seen.append(state(desk)[0])

    shown = ShownState
    assert seen == [shown.DIALLING, shown.CALLING, shown.CALLING, shown.TALKING]
    assert desk.states.now("8001").call_id == one


async def test_pause_asked_for_in_a_talk_follows_the_wrap_up(desk: Desk) -> None:
    await ready(desk)
    leg = await desk.talks()
    await desk.states.pause("8001", "用餐", by="xiaowang")
    talking = desk.states.now("8001")
    await desk.hangs_up(leg)
    wrapping = desk.states.now("8001")
    await desk.states.wrap_up_done("8001", by="xiaowang")

    assert (talking.state, talking.then) == (ShownState.TALKING, "用餐")
    assert (wrapping.state, wrapping.then) == (ShownState.WRAP_UP, "用餐")
    assert state(desk) == (ShownState.PAUSED, "用餐")


async def test_agent_without_a_page_for_long_is_signed_out_after_the_talk(desk: Desk) -> None:
    await ready(desk)
    with desk.states.present("8001"):
        desk.clock.turn(600)
        await desk.states.end_what_is_over()
        assert state(desk) == (ShownState.READY, "")
    leg = await desk.talks()
    desk.clock.turn(91)
    await desk.states.end_what_is_over()
    assert state(desk)[0] is ShownState.TALKING

    await desk.hangs_up(leg)
    await desk.states.end_what_is_over()

    assert state(desk) == (ShownState.SIGNED_OUT, "page-gone")


async def test_second_page_keeps_the_agent_signed_in(desk: Desk) -> None:
    await ready(desk)
    with desk.states.present("8001"):
        with desk.states.present("8001"):
            pass
        desk.clock.turn(600)
        await desk.states.end_what_is_over()

        assert state(desk) == (ShownState.READY, "")


async def test_nobody_is_signed_out_while_the_switch_cannot_be_heard(desk: Desk) -> None:
    await ready(desk)
    desk.board = replace(desk.board, is_current=False)
    desk.clock.turn(600)

    await desk.states.end_what_is_over()

    assert desk.states.decided("8001").is_signed_in


async def test_supervisors_ready_brings_a_desk_phone_back_without_a_page(desk: Desk) -> None:
    await ready(desk)
    await desk.states.sign_out("8001", by="xiaowang")

    await desk.states.ready("8001", by="boss", is_own=False)
    desk.clock.turn(600)
    await desk.states.end_what_is_over()

    assert state(desk) == (ShownState.READY, "")
    assert desk.states.decided("8001").by == "boss"


async def test_what_happens_at_phones_comes_in_order_through_the_keeping(desk: Desk) -> None:
    await ready(desk)
    async with desk.running():
        leg = await desk.talks()
        for event in desk.offers.hear(LegGone(uniqueid=leg), desk.clock.now()).happened:
            desk.keeping.take(event)
        desk.phone("8001", Phone.READY)

        assert await until(lambda: state(desk)[0] is ShownState.WRAP_UP)
