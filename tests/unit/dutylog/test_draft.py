from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.dutylog.draft import (
    CALL_BACK_WISHED,
    INCIDENT_JOINED,
    LONGEST_MATTER,
    MESSAGE,
    MESSAGE_UNHEARD,
    NOT_RECORDED,
    SERVED_BY_MENU,
    TURNED_AWAY,
    UNANSWERED,
    draft_entry,
)
from hotline.dutylog.entry import Kind
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Household, KnownCaller, Resident, Title
from hotline.transcribe.transcript import Side, Turn
from tests.fakes.call_story import CallStory

HOME = Home(3, 2, 501, id=1)
ZHANG = Resident(id=1, home=HOME, name="张建国", title=Title.MR)
KNOWN = KnownCaller(number=PhoneNumber("+8613800138501"), residents=(ZHANG,), households=(Household(home=HOME),))


def answered(request: str = "repair", queue: str = "service", **more: Any) -> CallRecord:
    story = CallStory().rings().lifted().announced().enters_menu().presses("1").queues(queue)
    record = story.agent_rings().agent_answers().hangs_up(after=30, talking_to="8001").record
    return replace(record, request=request, **more)


def unanswered(**more: Any) -> CallRecord:
    story = CallStory().rings().lifted().announced().enters_menu().queues().hangs_up(after=60)
    return replace(story.record, **more)


def turns(*said: tuple[Side, str]) -> list[Turn]:
    return [
        Turn(side=side, start=timedelta(seconds=n), end=timedelta(seconds=n + 1), text=text, confidence=0.9, words=())
        for n, (side, text) in enumerate(said)
    ]


def turn(second: float, text: str) -> Turn:
    start = timedelta(seconds=second)
    return Turn(side=Side.CALLER, start=start, end=start + timedelta(seconds=2), text=text, confidence=0.9, words=())


CONVERSATION = turns(
    (Side.AGENT, "您好，物业服务中心，很高兴为您服务。"),
    (Side.CALLER, "你好，我家厨房水管漏水了，水已经流到客厅了。"),
    (Side.AGENT, "请您先关上总阀门，请问您住在哪一栋？"),
    (Side.CALLER, "三栋二单元五零一室，我姓张。"),
    (Side.AGENT, "张先生，三栋二单元五零一，厨房水管漏水，师傅半小时内上门。"),
    (Side.CALLER, "好的，谢谢。"),
)


def test_a_leak_by_a_known_resident_is_drafted_as_an_urgent_repair_with_who_where_what_and_promise() -> None:
    draft = draft_entry(answered(), KNOWN, CONVERSATION)

    assert (draft.kind, draft.is_urgent, draft.who, draft.home) == (Kind.REPAIR, True, "张先生", "3-2-501")
    assert "水管漏水" in draft.matter
    assert "谢谢" not in draft.matter
    assert draft.promised == "张先生，三栋二单元五零一，厨房水管漏水，师傅半小时内上门。"
    assert draft.agent == "8001"


def test_the_first_name_of_a_resident_never_stands_in_a_draft() -> None:
    draft = draft_entry(answered(), KNOWN, CONVERSATION)

    assert "建国" not in repr(draft)


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.UNKNOWN}))
def test_the_request_that_the_menu_names_is_the_kind(kind: Kind) -> None:
    assert draft_entry(answered(kind.value), None, ()).kind is kind


@pytest.mark.parametrize("request_named", ["", "unknown", "something a newer menu says"])
def test_without_a_known_request_the_words_say_the_kind_whatever_key_was_pressed(request_named: str) -> None:
    draft = draft_entry(answered(request_named), None, turns((Side.CALLER, "我要投诉")))

    assert draft.kind is Kind.COMPLAINT


@pytest.mark.parametrize("words", ["我被困在电梯里了", "我妈妈晕倒了，叫不醒", "楼道里着火了", "有煤气味"])
def test_words_of_danger_make_it_special_help_whatever_key_was_pressed(words: str) -> None:
    draft = draft_entry(answered("enquiry"), None, turns((Side.CALLER, words)))

    assert draft.kind is Kind.SPECIAL_HELP
    assert draft.is_urgent


@pytest.mark.parametrize("call", [answered("enquiry", is_emergency=True), answered("", "emergency")])
def test_emergency_is_special_help_before_a_word_is_known(call: CallRecord) -> None:
    draft = draft_entry(call, None, ())

    assert (draft.kind, draft.is_urgent) == (Kind.SPECIAL_HELP, True)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("我要投诉，楼上装修太吵", Kind.COMPLAINT),
        ("我们家突然停电了", Kind.REPAIR),
        ("有没有上门清洗空调的服务，怎么收费", Kind.PAID_SERVICE),
        ("今年的物业费怎么交", Kind.ENQUIRY),
        ("今天天气不错", Kind.UNKNOWN),
    ],
)
def test_without_a_request_the_words_say_the_kind(words: str, kind: Kind) -> None:
    assert draft_entry(answered(""), None, turns((Side.CALLER, words))).kind is kind


def test_words_of_danger_said_by_the_agent_alone_do_not_count() -> None:
    assert draft_entry(answered("repair"), None, turns((Side.AGENT, "是有人困在电梯吗"))).kind is Kind.REPAIR


def test_a_number_of_two_homes_names_nobody() -> None:
    other = Home(1, 1, 301, id=2)
    shared = KnownCaller(
        number=KNOWN.number,
        residents=(ZHANG, Resident(id=2, home=other, name="李建国", title=Title.MR)),
        households=(Household(home=HOME), Household(home=other)),
    )

    draft = draft_entry(answered(), shared, ())

    assert (draft.who, draft.home) == ("", "")


def test_a_caller_nobody_spoke_to_is_drafted_as_owed_a_call() -> None:
    assert draft_entry(unanswered(), KNOWN, ()).matter == UNANSWERED


def test_what_is_not_known_stays_empty() -> None:
    draft = draft_entry(answered(""), None, ())

    assert (draft.kind, draft.is_urgent, draft.who, draft.home, draft.matter, draft.promised) == (
        Kind.UNKNOWN, False, "", "", "", "",
    )  # fmt: skip


def test_a_two_hour_talk_is_drafted_no_longer_than_the_page() -> None:
    draft = draft_entry(answered(), None, turns((Side.CALLER, "漏水了" * LONGEST_MATTER)))

    assert len(draft.matter) == LONGEST_MATTER


def test_a_caller_who_spoke_into_the_waiting_music_is_still_owed_a_call() -> None:
    draft = draft_entry(unanswered(), KNOWN, turns((Side.CALLER, "有人吗，电梯里有人")))

    assert draft.matter.startswith(UNANSWERED)
    assert "电梯里有人" in draft.matter


def test_message_is_told_as_a_message_apart_from_what_was_said_before_it() -> None:
    call = unanswered()
    assert call.recording_start is not None
    call = replace(call, message_at=call.recording_start + timedelta(seconds=10))
    said = (turn(2, "喂，有人吗"), turn(12, "我是三栋五零一，水管漏水了"))

    draft = draft_entry(call, KNOWN, said)

    assert draft.matter.split("\n") == [UNANSWERED, "喂，有人吗", MESSAGE, "我是三栋五零一，水管漏水了"]
    assert draft.is_urgent


def test_message_that_is_not_written_down_yet_is_named() -> None:
    call = unanswered()

    draft = draft_entry(replace(call, message_at=call.ended_at), KNOWN, ())

    assert draft.matter.split("\n") == [UNANSWERED, MESSAGE_UNHEARD]


def test_wish_to_be_called_back_stands_in_the_matter() -> None:
    call = unanswered()

    assert CALL_BACK_WISHED in draft_entry(replace(call, call_back_at=call.queued_at), KNOWN, ()).matter


@pytest.mark.parametrize(
    ("call", "matter"),
    [
        (unanswered(outcome=Outcome.SERVED_BY_MENU), [SERVED_BY_MENU]),
        (unanswered(outcome=Outcome.INCIDENT_JOINED, joined_incident=True), [INCIDENT_JOINED]),
        (unanswered(joined_incident=True), [INCIDENT_JOINED, UNANSWERED]),
        (answered(joined_incident=True), [INCIDENT_JOINED]),
        (unanswered(outcome=Outcome.TURNED_AWAY), [TURNED_AWAY]),
    ],
)
def test_matter_says_how_a_call_without_a_person_ended(call: CallRecord, matter: list[str]) -> None:
    assert draft_entry(call, KNOWN, ()).matter.split("\n") == matter


def test_refused_recording_says_so_and_asks_the_agent_to_write_what_was_said() -> None:
    draft = draft_entry(answered(recording="", recording_start=None, recording_refused=True), KNOWN, ())

    assert draft.matter == NOT_RECORDED


def test_message_recorded_after_a_refusal_is_told_with_its_words() -> None:
    call = replace(unanswered(), recording_refused=True)
    assert call.recording_start is not None
    call = replace(call, message_at=call.recording_start)

    draft = draft_entry(call, KNOWN, (turn(2, "我是三栋五零一，水管漏水了"),))

    assert draft.matter.split("\n") == [UNANSWERED, MESSAGE, "我是三栋五零一，水管漏水了"]


def test_satisfaction_is_not_part_of_the_matter() -> None:
    assert draft_entry(answered(satisfaction=1), KNOWN, ()) == draft_entry(answered(satisfaction=5), KNOWN, ())
