"""What agents decided: rows with times, the pages told, the switch asked; and kept right when the switch was away."""

from itertools import pairwise

import pytest
from sqlalchemy import select

from hotline.agents.agent import AgentUnknown, PauseReasonUnknown, ShownState
from hotline.agents.store import AgentStateTable
from hotline.bus import Change, Subject
from tests.fakes.ami_variants import given, until
from tests.fakes.kept_agents import CALL, Desk, ready, state


async def test_day_of_an_agent_is_a_history_with_times_and_names(desk: Desk) -> None:
    await ready(desk)
    desk.clock.turn(60)
    leg = await desk.talks()
    desk.clock.turn(60)
    await desk.hangs_up(leg)
    desk.clock.turn(30)
    await desk.states.wrap_up_done("8001", by="xiaowang")
    await desk.states.pause("8001", "用餐", by="xiaowang")
    await desk.states.sign_out("8001", by="xiaowang")

    assert await desk.rows() == [
        ("paused", "signed-in"), ("ready", ""), ("wrap-up", ""), ("ready", ""), ("paused", "用餐"),
        ("signed-out", "pressed"),
    ]  # fmt: skip
    async with desk.database.read() as session:
        rows = list(await session.scalars(select(AgentStateTable).order_by(AgentStateTable.id)))
    wrap_up = rows[2]
    assert (wrap_up.call_id, wrap_up.by, rows[3].by) == (CALL, "", "xiaowang")
    assert wrap_up.ended_at is not None
    assert wrap_up.until is not None
    assert [(wrap_up.ended_at - wrap_up.since).seconds, (wrap_up.until - wrap_up.since).seconds] == [30, 120]
    assert all(one.ended_at == other.since for one, other in pairwise(rows))


async def test_what_was_decided_is_so_after_a_restart(desk: Desk) -> None:
    await ready(desk)
    await desk.states.pause("8001", "培训", by="xiaowang")
    before = desk.states.now("8001")

    desk.start()
    await desk.states.load()

    assert desk.states.now("8001") == before
    assert state(desk) == (ShownState.PAUSED, "培训")


async def test_page_and_switch_hear_of_a_decision_at_once(desk: Desk) -> None:
    async with desk.running():
        given(await until(lambda: desk.keeping.trouble == ""))
        with desk.bus.listening() as changes:
            await ready(desk)
            await desk.states.pause("8001", "休息", by="xiaowang")

            assert await until(lambda: desk.switch.asked[-1:] == [("8001", True, "休息")])
            assert changes.get_nowait() == Change(Subject.AGENT, "8001")


async def test_agent_of_whom_nothing_was_said_is_left_to_the_switch(desk: Desk) -> None:
    desk.switch.paused["8002"] = "by hand"
    async with desk.running():
        assert await until(lambda: desk.keeping.trouble == "")

    assert desk.switch.asked == []


async def test_what_the_switch_was_not_told_while_it_was_away_it_is_told_with_the_next_link(desk: Desk) -> None:
    desk.switch.is_gone = True
    async with desk.running():
        given(await until(lambda: desk.keeping.trouble == "ami-down"))
        await desk.states.sign_in("8001", by="xiaowang")
        given(desk.switch.paused == {})
        desk.switch.is_gone = False

        desk.bus.publish(Change(Subject.LINK))

        assert await until(lambda: desk.switch.paused == {"8001": "signed-in"})


async def test_pause_that_somebody_changed_at_the_switch_is_set_back(desk: Desk) -> None:
    await ready(desk)
    desk.switch.paused["8001"] = "typed at the console"

    await desk.keeping.compare()

    assert desk.switch.paused == {}


async def test_switch_that_does_not_know_the_phone_is_told_as_trouble(desk: Desk) -> None:
    await desk.states.sign_in("8001", by="xiaowang")

    async def refuses(_agent: str, **_: object) -> bool:
        return False

    desk.switch.pause = refuses  # type: ignore[method-assign,assignment]
    await desk.keeping.compare()

    assert desk.keeping.trouble == "the switch refused to change the pause of 1"


async def test_reason_that_is_none_of_the_settings_and_phone_that_is_no_agents_are_refused(desk: Desk) -> None:
    with pytest.raises(PauseReasonUnknown):
        await desk.states.pause("8001", "no-answer", by="xiaowang")
    with pytest.raises(AgentUnknown):
        await desk.states.ready("8901", by="boss")
    await desk.states.sign_in("8901", by="boss")
    await desk.states.sign_out("8901", by="boss")

    assert await desk.rows("8901") == []


async def test_database_that_is_away_at_the_start_is_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[int] = []
    load = desk.states.load

    async def once_away() -> None:
        loads.append(1)
        if len(loads) == 1:
            raise OSError
        await load()

    monkeypatch.setattr(desk.states, "load", once_away)
    async with desk.running():
        assert await until(lambda: desk.keeping.trouble == "", within=5)
