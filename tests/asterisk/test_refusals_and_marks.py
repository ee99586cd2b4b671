"""What a caller may say by key beside the menu: no recording; how it was."""

import asyncio

import pytest

from hotline.accounts.account import Role
from hotline.calls.state import Outcome
from hotline.followups.follow_up import FollowUpKind
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")


def files_of(site: Site, call_id: str) -> list[str]:
    return [path.name for path in site.settings.recordings_directory.rglob(f"{call_id}*")]


@pytest.mark.parametrize(("number", "after"), [("13900000301", 6.0), ("13900000302", 11.0)])
async def test_who_refuses_in_the_notice_or_the_menu_is_never_recorded(site: Site, number: str, after: float) -> None:
    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Say(site.silence(2), 2), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(after), after), Press("#"), Wait(6), Press("0"), number=number, hangs_up=False
            )
        )
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of(number, where=ended)
    assert (call.outcome, call.recording_refused, call.recording) == (Outcome.ANSWERED, True, "")
    assert call.notice_version
    assert files_of(site, call.id) == []


async def test_who_refuses_in_the_talk_leaves_no_file_either(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Say(site.silence(14), 14), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5),
                Press("0"),
                Say(site.silence(14), 14),
                Press("#"),
                number="13900000303",
                hangs_up=False,
            )
        )
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of("13900000303", where=ended)
    assert (call.outcome, call.recording_refused) == (Outcome.ANSWERED, True)

    async def gone() -> bool:
        async with site.database.read() as session:
            found = await recording_of(session, call.id, site.settings.recordings_directory)
        assert found is not None, "the talk was being recorded when the caller refused"
        return found.state is RecordingState.REMOVED and files_of(site, call.id) == []

    await site.eventually(gone, limit=20, what="no file of the call is left")


async def marks(site: Site, extension: str, number: str, key: str) -> None:
    """Have a resident talk with this agent, who hangs up first, and give this mark; "" is silence."""
    phone = await site.sign_in_phone(extension)
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(1), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5),
                Press("0"),
                Say(site.silence(17), 17),
                *([Press(key)] if key else []),
                number=number,
                hangs_up=False,
            )
        )
    await site.sign_phone(phone, extension, lasts=0)


async def test_a_mark_of_one_or_two_after_the_talk_is_owed_by_the_manager_and_others_or_none_are_no_harm(
    site: Site,
) -> None:
    given = {"13900000304": "2", "13900000305": "5", "13900000306": "", "13900000307": "1", "13900000308": "3"}
    waiting = list(given.items())

    async def agent_and_callers(extension: str) -> None:
        while waiting:
            number, key = waiting.pop()
            await marks(site, extension, number, key)

    async with asyncio.TaskGroup() as both:
        for extension in ("8001", "8002"):
            both.create_task(agent_and_callers(extension))

    for number, key in given.items():
        call = await site.call_of(number, where=ended)
        assert (call.outcome, call.satisfaction) == (Outcome.ANSWERED, int(key) if key else None)
        owed = [(one.kind, one.owed_by, one.mark) for one in await site.owed(call.id)]
        assert owed == ([(FollowUpKind.UNSATISFIED, Role.SUPERVISOR, int(key))] if key in {"1", "2"} else [])
