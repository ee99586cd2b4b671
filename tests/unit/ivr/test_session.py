"""A caller in the menu, walked by MenuSession over a channel that answers from a script of keys."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hotline.campaigns.campaign import CampaignKind
from hotline.incidents.incident import Incident, IncidentState
from hotline.ivr.agi_text import AgiCall
from hotline.ivr.enquiry import Proof, SayMatter
from hotline.ivr.errors import CallerGone
from hotline.ivr.facts import CallerFacts, LookedUp
from hotline.ivr.menu import MenuPlan
from hotline.ivr.menu_file import read_menu_file
from hotline.ivr.menu_rules import Known
from hotline.ivr.session import CASE_AGENT, PRIORITY, QUEUE, REFUSED, MenuRooms, MenuSession
from hotline.ivr.speech import SayName, Spoken
from hotline.residents.resident import Home, Matter, MatterKind, Title
from hotline.settings import SHIPPED_MENUS
from hotline.voice.errors import SoundUnknown
from hotline.voice.sound import Language, Sound

LEASE = 4
PLAN = read_menu_file(SHIPPED_MENUS, Known(frozenset({"service", "repair", "complaint", "english"})))
WORKING_HOURS = datetime(2026, 11, 23, 10, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)
SECONDS = 10.0
NOBODY = CallerFacts(result=LookedUp.UNKNOWN)
HOME = Home(building=3, unit=2, room=501, id=1)
OPEN_REPAIR = Matter(
    id=1, home=HOME, kind=MatterKind.REPAIR, text="水管", opened=WORKING_HOURS - timedelta(days=1),
    promised=WORKING_HOURS + timedelta(hours=4),
)  # fmt: skip
MR_ZHANG = CallerFacts(result=LookedUp.KNOWN, surname="张", title=Title.MR, homes=(HOME,), open_matter=OPEN_REPAIR,
                       greets_by_name=True)  # fmt: skip
BURST_PIPE = Incident(
    id=7, building=3, state=IncidentState.CONFIRMED, since=WORKING_HOURS, raised_at=WORKING_HOURS, raised_by="rule"
)


class Mouth:
    """Stands for Speech: a prompt is its own sound, a value is told by its type."""

    def __init__(self, *missing: str) -> None:
        self._missing = missing

    def sound(self, saying: Spoken, _language: Language) -> Sound | None:
        if saying in self._missing:
            raise SoundUnknown(str(saying))
        return Sound(saying if isinstance(saying, str) else type(saying).__name__, SECONDS)


class Residents:
    """Stands for the look-up and the proof: these facts, these digits."""

    def __init__(self, facts: CallerFacts, digits: str) -> None:
        self._facts, self._digits = facts, digits

    async def look_up(self, _number: str, *, rings_back: bool = False) -> CallerFacts:
        return self._facts

    async def check(self, _home: Home, digits: str) -> Proof:
        return Proof.RIGHT if digits == self._digits else Proof.WRONG


def leading(
    facts: CallerFacts = NOBODY, *, plan: Callable[[], MenuPlan] = lambda: PLAN, now: datetime = WORKING_HOURS,
    incident: Incident | None = None, digits: str = "8501", missing: str = "",
) -> MenuSession:  # fmt: skip
    residents = Residents(replace(facts, incident=incident), digits)
    return MenuSession(
        MenuRooms(
            plan=plan,
            now=lambda: now,
            zone=ZoneInfo("UTC"),
            speech=Mouth(missing),
            caller=residents,
            proof=residents,
            lease=LEASE,
        )
    )


def said(channel: "ScriptedChannel") -> list[str]:
    return [words[1] for words in channel.asked if words[0] == "play"]


def told(channel: "ScriptedChannel") -> list[tuple[str, ...]]:
    return [words[2:] for words in channel.asked if words[:2] == ("run", "CELGenUserEvent")]


class ScriptedChannel:
    """Stands for AgiChannel: keeps what was asked of it, presses the scripted keys in turn."""

    def __init__(self, *keys: str, gone_at: str = "", pressed_before: str = "") -> None:
        self.call = AgiCall(uniqueid="u.1", channel="PJSIP/carrier-1", arguments=(pressed_before,))
        self.asked: list[tuple[str, ...]] = []
        self._keys = list(keys)
        self._gone_at = gone_at

    def _note(self, *words: str) -> None:
        if words[0] == self._gone_at:
            raise CallerGone
        self.asked.append(words)

    async def play(self, prompt: str, *, lasts: timedelta) -> None:
        self._note("play", prompt)

    async def ask(self, sounds: Sequence[str], *, waits: timedelta, lasts: timedelta) -> str:
        assert lasts == len(sounds) * timedelta(seconds=SECONDS)
        self._note("ask")
        for sound in sounds:
            self._note("play", sound)
            if self._keys and (key := self._keys.pop(0)):
                return key
        return await self.digit(waits) if waits else ""

    async def digit(self, timeout: timedelta) -> str:
        self._note("digit")
        return self._keys.pop(0) if self._keys else ""

    async def set_variable(self, name: str, value: str) -> None:
        self._note("set", name, value)

    async def run(self, application: str, *arguments: str) -> None:
        self._note("run", application, *arguments)

    async def renew_lease(self, seconds: int) -> None:
        self._note("lease", str(seconds))

    async def hang_up(self) -> None:
        self._note("hang-up")


@pytest.fixture
def session() -> MenuSession:
    return leading()


async def test_a_caller_who_presses_one_in_the_middle_of_the_menu_goes_to_the_desk_as_a_repair(
    session: MenuSession,
) -> None:
    channel = ScriptedChannel("1")

    await session(channel)

    assert ("run", "CELGenUserEvent", "MENU_CHOICE", "1") in channel.asked
    assert ("set", QUEUE, "repair") in channel.asked
    assert channel.asked[-1] == ("play", "chosen-repair")


async def test_the_queue_is_set_before_it_is_said_so_that_a_session_that_dies_then_still_leads_right(
    session: MenuSession,
) -> None:
    channel = ScriptedChannel("2")

    await session(channel)

    said = channel.asked.index(("play", "chosen-complaint"))
    assert channel.asked.index(("set", QUEUE, "complaint")) < said
    assert channel.asked.index(("run", "CELGenUserEvent", "MENU_CHOICE", "2")) < said


async def test_the_lease_is_renewed_before_every_step_that_the_switch_does_not_lead_alone() -> None:
    channel, silent = ScriptedChannel("4", *"1111", "", *"8501#"), ScriptedChannel()

    await leading(replace(MR_ZHANG, surname=""))(channel)
    await leading()(silent)

    alone = [
        (before, step)
        for before, step in (*pairwise(channel.asked), *pairwise(silent.asked))
        if step[0] in {"play", "digit"} and before[0] not in {"ask", "play"}
    ]
    assert {step[0] for _, step in alone} == {"play", "digit"}
    assert all(before[0] == "lease" for before, _ in alone)
    assert all(before[1] == str(int(SECONDS) + LEASE) for before, step in alone if step[0] == "play")


async def test_a_silent_caller_hears_the_menu_once_and_is_led_to_people(session: MenuSession) -> None:
    channel = ScriptedChannel()

    await session(channel)

    assert [words[1] for words in channel.asked if words[0] == "play"] == ["menu", "english-key", "connecting"]
    assert ("set", QUEUE, "service") in channel.asked


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
    assert ("set", QUEUE, "english") in channel.asked


async def test_a_call_goes_on_with_the_plan_it_began_with() -> None:
    asked: list[str] = []

    def plan() -> MenuPlan:
        asked.append("plan")
        return PLAN

    await leading(plan=plan)(ScriptedChannel("3", "2"))

    assert asked == ["plan"]


async def test_a_key_pressed_in_the_greeting_is_the_first_answer_and_the_menu_is_not_said(session: MenuSession) -> None:
    channel = ScriptedChannel(pressed_before="2")

    await session(channel)

    assert said(channel) == ["chosen-complaint"]
    assert told(channel) == [("LOOKUP", "unknown"), ("MENU_CHOICE", "2"), ("REQUEST", "complaint")]


async def test_the_key_that_refuses_is_told_once_and_the_question_is_put_again(session: MenuSession) -> None:
    channel = ScriptedChannel("#", "#", "1")

    await session(channel)

    assert told(channel).count(("REFUSED", "")) == 1
    assert ("set", REFUSED, "yes") in channel.asked
    assert said(channel) == ["menu", "recording-refused", "menu", "invalid-choice", "chosen-repair"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [(CampaignKind.FEE_REMINDER, "out-rings-back"), (CampaignKind.SURVEY, "out-rings-back-other")],
)
async def test_whoever_rings_us_back_is_told_why_we_called_before_the_menu(kind: CampaignKind, said: str) -> None:
    channel = ScriptedChannel("", "1")

    await leading(replace(NOBODY, rung_for=kind))(channel)

    played = [words[1] for words in channel.asked if words[0] == "play"]
    assert played[0] == said
    assert ("set", QUEUE, "repair") in channel.asked, "and the menu goes on as ever"


async def test_key_pressed_in_the_greeting_is_not_made_to_wait_for_why_we_called() -> None:
    channel = ScriptedChannel(pressed_before="1")

    await leading(replace(NOBODY, rung_for=CampaignKind.FEE_REMINDER))(channel)

    assert ("play", "out-rings-back") not in channel.asked


async def test_nine_leads_to_the_emergency_from_every_menu(session: MenuSession) -> None:
    for keys in (("9",), ("3", "9"), ("8", "9")):
        channel = ScriptedChannel(*keys)

        await session(channel)

        assert ("set", QUEUE, "emergency") in channel.asked


async def test_outside_the_hours_the_closed_menu_leads_to_the_duty_chain() -> None:
    channel = ScriptedChannel()

    await leading(now=NIGHT)(channel)

    assert said(channel) == ["menu-closed"]
    assert ("set", QUEUE, "duty") in channel.asked


async def test_a_known_resident_is_greeted_told_of_the_open_repair_and_hears_its_promise_after_the_proof() -> None:
    channel = ScriptedChannel("", "", "1", *"8501#", "", "", "", "0")

    await leading(MR_ZHANG)(channel)

    assert said(channel)[:2] == [SayName.__name__, SayMatter.__name__]
    assert "SayPromise" in said(channel)
    assert ("SERVED", "") in told(channel)


async def test_who_proves_nothing_twice_goes_to_people_and_hears_nothing_of_the_home() -> None:
    channel = ScriptedChannel("4", *"1111#", *"2222#")

    await leading(replace(MR_ZHANG, surname=""), digits="8501")(channel)

    assert "SayPromise" not in said(channel)
    assert ("set", QUEUE, "service") in channel.asked


async def test_a_sentence_without_a_sound_is_left_out_and_the_caller_led_on() -> None:
    channel = ScriptedChannel("1")

    await leading(missing="menu")(channel)

    assert said(channel) == ["english-key", "chosen-repair"]


async def test_callers_of_a_building_hear_of_its_incident_and_may_register_by_one_key() -> None:
    channel = ScriptedChannel("1")

    await leading(MR_ZHANG, incident=BURST_PIPE)(channel)

    assert told(channel) == [("LOOKUP", "known"), ("INCIDENT", "7"), ("INCIDENT_JOINED", "7")]
    assert said(channel) == ["incident-notice", "incident-joined"]
    assert channel.asked[-1] == ("hang-up",)


async def test_a_caller_who_wants_something_else_in_an_incident_gets_the_menu_and_other_buildings_hear_nothing() -> (
    None
):
    channel, elsewhere = ScriptedChannel("2", "", "", "2"), ScriptedChannel("1")

    await leading(replace(MR_ZHANG, open_matter=None, surname=""), incident=BURST_PIPE)(channel)
    await leading(NOBODY)(elsewhere)

    assert said(channel)[:2] == ["incident-notice", "menu"]
    assert ("INCIDENT", "7") not in told(elsewhere)


async def test_an_emergency_pressed_in_the_greeting_is_not_held_up_by_an_incident() -> None:
    channel = ScriptedChannel(pressed_before="9")

    await leading(MR_ZHANG, incident=BURST_PIPE)(channel)

    assert said(channel) == []
    assert ("set", QUEUE, "emergency") in channel.asked


async def test_the_agent_who_had_the_case_and_a_step_for_the_old_living_alone_are_told_to_the_dialplan() -> None:
    channel = ScriptedChannel("0")
    facts = replace(NOBODY, case_agent="8002", is_elderly_alone=True)

    await leading(facts)(channel)

    assert ("set", CASE_AGENT, "8002") in channel.asked
    assert ("set", PRIORITY, "1") in channel.asked


async def test_a_resident_who_speaks_english_is_spoken_to_in_english_from_the_first_word() -> None:
    channel = ScriptedChannel("1")

    await leading(replace(NOBODY, result=LookedUp.KNOWN, language="en"))(channel)

    assert channel.asked.index(("set", "CHANNEL(language)", "en")) < channel.asked.index(("play", "menu"))
    assert ("LANGUAGE", "en") in told(channel)
    assert ("set", QUEUE, "english") in channel.asked


async def test_digits_pressed_faster_than_the_prompts_are_taken_in_their_order(session: MenuSession) -> None:
    channel = ScriptedChannel("3", "2")

    await session(channel)

    assert [key for event, key in told(channel) if event == "MENU_CHOICE"] == ["3", "2"]
    assert ("set", QUEUE, "service") in channel.asked


@pytest.mark.parametrize(
    ("facts", "incident", "keys"),
    [
        (MR_ZHANG, None, ("#",)),
        (replace(MR_ZHANG, surname=""), None, ("#",)),
        (replace(MR_ZHANG, surname="", open_matter=None), BURST_PIPE, ("#",)),
        (replace(MR_ZHANG, surname="", open_matter=None), BURST_PIPE, ("", "#")),
        (replace(MR_ZHANG, surname=""), None, ("1", "#", *"8501#")),
        (NOBODY, None, ("3", "#")),
    ],
    ids=["by-name", "open-matter", "incident", "incident-keys", "proof", "second-menu"],
)
async def test_the_key_that_refuses_is_heard_whatever_is_being_said(
    facts: CallerFacts, incident: Incident | None, keys: tuple[str, ...]
) -> None:
    channel = ScriptedChannel(*keys)

    await leading(facts, incident=incident)(channel)

    assert ("REFUSED", "") in told(channel)
    assert "recording-refused" in said(channel)


async def test_who_hangs_up_while_the_answer_is_said_was_not_served() -> None:
    class HangsUpInTheAnswer(ScriptedChannel):
        async def ask(self, sounds: Sequence[str], *, waits: timedelta, lasts: timedelta) -> str:
            if "SayPromise" in sounds:
                raise CallerGone
            return await super().ask(sounds, waits=waits, lasts=lasts)

    channel = HangsUpInTheAnswer("4", *"8501#")
    with pytest.raises(CallerGone):
        await leading(replace(MR_ZHANG, surname="", open_matter=OPEN_REPAIR))(channel)

    assert ("SERVED", "") not in told(channel)


async def test_who_asks_again_and_again_is_led_to_people_in_the_end() -> None:
    again = ("4", *"8501#", "", "", "*") + ("4", "", "", "*") * 20
    channel = ScriptedChannel(*again)

    await leading(replace(MR_ZHANG, surname=""))(channel)

    assert ("set", QUEUE, "service") in channel.asked
    assert len([event for event, _ in told(channel) if event == "MENU"]) < 20
