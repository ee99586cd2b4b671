"""A caller in the menu, walked by MenuSession over a channel that answers from a script of keys."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.ivr.agi_text import AgiCall
from hotline.ivr.errors import CallerGone
from hotline.ivr.menu import MenuPlan
from hotline.ivr.menu_file import SHIPPED_MENUS, read_menu_file
from hotline.ivr.menu_rules import Known
from hotline.ivr.session import QUEUE_VARIABLE, MenuSession

LEASE = 4
PLAN = read_menu_file(SHIPPED_MENUS, Known(frozenset({"service", "repair", "complaint", "english"})))
WORKING_HOURS = datetime(2026, 11, 23, 10, tzinfo=UTC)
SECONDS = 10.0


class ScriptedChannel:
    """Stands for AgiChannel: keeps what was asked of it, presses the scripted keys in turn."""

    def __init__(self, *keys: str, gone_at: str = "") -> None:
        self.call = AgiCall(uniqueid="u.1", channel="PJSIP/carrier-1")
        self.asked: list[tuple[str, ...]] = []
        self._keys = list(keys)
        self._gone_at = gone_at

    def _note(self, *words: str) -> None:
        if words[0] == self._gone_at:
            raise CallerGone
        self.asked.append(words)

    async def play(self, prompt: str, *, interrupted_by: str = "", lasts: timedelta = timedelta(0)) -> str:
        self._note("play", prompt)
        return self._keys.pop(0) if interrupted_by and self._keys else ""

    async def digit(self, timeout: timedelta) -> str:
        self._note("digit")
        return self._keys.pop(0) if self._keys else ""

    async def set_variable(self, name: str, value: str) -> None:
        self._note("set", name, value)

    async def run(self, application: str, *arguments: str) -> None:
        self._note("run", application, *arguments)

    async def renew_lease(self, seconds: int) -> None:
        self._note("lease", str(seconds))


@pytest.fixture
def session() -> MenuSession:
    lengths = dict.fromkeys(PLAN.prompts(), SECONDS)
    return MenuSession(plan=lambda: PLAN, now=lambda: WORKING_HOURS, lengths=lengths, lease=LEASE)


async def test_a_caller_who_presses_one_in_the_middle_of_the_menu_goes_to_the_desk_as_a_repair(
    session: MenuSession,
) -> None:
    channel = ScriptedChannel("1")

    await session(channel)

    assert ("run", "CELGenUserEvent", "MENU_CHOICE", "1") in channel.asked
    assert ("set", QUEUE_VARIABLE, "repair") in channel.asked
    assert channel.asked[-1] == ("play", "chosen-repair")


async def test_the_queue_is_set_before_it_is_said_so_that_a_session_that_dies_then_still_leads_right(
    session: MenuSession,
) -> None:
    channel = ScriptedChannel("2")

    await session(channel)

    said = channel.asked.index(("play", "chosen-complaint"))
    assert channel.asked.index(("set", QUEUE_VARIABLE, "complaint")) < said
    assert channel.asked.index(("run", "CELGenUserEvent", "MENU_CHOICE", "2")) < said


async def test_the_lease_is_renewed_before_every_step_for_longer_than_the_step(session: MenuSession) -> None:
    channel = ScriptedChannel()

    await session(channel)

    for before, step in zip(channel.asked, channel.asked[1:], strict=False):
        if step[0] == "play":
            assert before == ("lease", str(int(SECONDS) + LEASE))
        if step[0] == "digit":
            assert before == ("lease", str(int(PLAN.menu("main").waits.total_seconds()) + LEASE))


async def test_a_silent_caller_hears_the_menu_once_and_is_led_to_people(session: MenuSession) -> None:
    channel = ScriptedChannel()

    await session(channel)

    assert [words[1] for words in channel.asked if words[0] == "play"] == ["menu", "english-key", "connecting"]
    assert ("set", QUEUE_VARIABLE, "service") in channel.asked


@pytest.mark.parametrize("step", ["play", "digit", "run", "set", "lease"])
async def test_a_caller_who_hangs_up_at_any_point_ends_the_session_as_gone(session: MenuSession, step: str) -> None:
    with pytest.raises(CallerGone):
        await session(ScriptedChannel(gone_at=step))


async def test_a_caller_who_chooses_english_hears_the_same_menu_again_without_being_offered_english(
    session: MenuSession,
) -> None:
    channel = ScriptedChannel("8", "1")

    await session(channel)

    assert [words[1] for words in channel.asked if words[0] == "play"] == ["menu", "menu", "chosen-repair"]
    assert ("set", QUEUE_VARIABLE, "english") in channel.asked


async def test_a_call_goes_on_with_the_plan_it_began_with() -> None:
    asked: list[str] = []

    def plan() -> MenuPlan:
        asked.append("plan")
        return PLAN

    await MenuSession(
        plan=plan, now=lambda: WORKING_HOURS, lengths=dict.fromkeys(PLAN.prompts(), SECONDS), lease=LEASE
    )(ScriptedChannel("3", "2"))

    assert asked == ["plan"]
