"""An agent asks for help in a talk: wished once, taken by name, over with the talk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.agents.agent import NotInThisCall
from hotline.agents.store import HelpWish, absorb_agent_calls
from hotline.database import Database
from tests.fakes.kept_agents import CALL, Desk, ready


async def test_help_is_wished_once_taken_by_name_and_over_with_the_talk(desk: Desk) -> None:
    leg = await desk.talks()
    wish = await desk.states.want_help("8001", by="xiaowang")
    again = await desk.states.want_help("8001", by="xiaowang")
    taken = await desk.states.help_comes(wish.id, by="boss", name="陈主管")
    too_late = await desk.states.help_comes(wish.id, by="root", name="root")

    assert (wish, wish.call_id) == (again, CALL)
    assert taken is not None
    assert [one.taken_name for one in desk.states.wishes] == ["陈主管"] == [taken.taken_name]
    assert too_late is not None
    assert too_late.taken_name == "陈主管"
    await desk.hangs_up(leg)
    await desk.states.end_what_is_over()
    assert desk.states.wishes == ()
    assert await desk.states.help_comes(wish.id, by="boss", name="陈主管") is None


async def test_help_in_another_call_is_another_wish(desk: Desk) -> None:
    leg = await desk.talks()
    first = await desk.states.want_help("8001", by="xiaowang")
    await desk.hangs_up(leg)
    await desk.talks(call="x-1.9")

    second = await desk.states.want_help("8001", by="xiaowang")

    assert (second.call_id, [one.id for one in desk.states.wishes]) == ("x-1.9", [second.id])
    assert second.id != first.id


async def test_wish_that_could_not_be_kept_is_shown_to_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.talks()
    wish = await desk.states.want_help("8001", by="xiaowang")
    with monkeypatch.context() as broken:
        broken.setattr(desk.database, "begin", lambda: not_kept(desk.database))
        with pytest.raises(OSError, match="away"):
            await desk.states.help_comes(wish.id, by="boss", name="陈主管")

    assert [one.taken_name for one in desk.states.wishes] == [""]


@asynccontextmanager
async def not_kept(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction whose commit fails."""
    async with AsyncSession(database.engine) as session:
        yield session
        raise OSError("the database is away")


async def test_wish_whose_call_was_handed_over_meanwhile_is_no_crash(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.talks()

    async def nobodys(_session: AsyncSession) -> tuple[HelpWish, ...]:
        return ()

    monkeypatch.setattr("hotline.agents.service.open_wishes", nobodys)
    with pytest.raises(NotInThisCall):
        await desk.states.want_help("8001", by="xiaowang")


async def test_who_is_in_no_talk_cannot_call_for_help_in_one(desk: Desk) -> None:
    with pytest.raises(NotInThisCall):
        await desk.states.want_help("8001", by="xiaowang")


async def test_what_joined_an_older_call_is_named_by_it(desk: Desk) -> None:
    await ready(desk)
    leg = await desk.talks(call="x-2.5")
    await desk.states.want_help("8001", by="xiaowang")
    await desk.hangs_up(leg)

    async with desk.database.begin() as session:
        await absorb_agent_calls(session, "x-2.5", "x-1.1")
    await desk.states.load()

    assert desk.states.now("8001").call_id == "x-1.1"
    assert [wish.call_id for wish in desk.states.wishes] == ["x-1.1"]
