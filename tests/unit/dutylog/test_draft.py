from datetime import timedelta

import pytest

from hotline.calls.ledger import CallRecord
from hotline.dutylog.draft import LONGEST_MATTER, UNANSWERED, draft_entry
from hotline.dutylog.entry import Kind
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Household, KnownCaller, Resident, Title
from hotline.transcribe.transcript import Side, Turn
from tests.fakes.call_story import CallStory

HOME = Home(3, 2, 501, id=1)
ZHANG = Resident(id=1, home=HOME, name="张建国", title=Title.MR)
KNOWN = KnownCaller(number=PhoneNumber("+8613800138501"), residents=(ZHANG,), households=(Household(home=HOME),))


def answered(key: str = "1", queue: str = "service") -> CallRecord:
    story = CallStory().rings().lifted().announced().enters_menu().presses(key).queues(queue)
    return story.agent_rings().agent_answers().hangs_up(after=30, talking_to="8001").record


def turns(*said: tuple[Side, str]) -> list[Turn]:
    return [
        Turn(side=side, start=timedelta(seconds=n), end=timedelta(seconds=n + 1), text=text, confidence=0.9, words=())
        for n, (side, text) in enumerate(said)
    ]


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


@pytest.mark.parametrize(
    ("key", "kind"), [("1", Kind.REPAIR), ("2", Kind.COMPLAINT), ("3", Kind.ENQUIRY), ("4", Kind.ENQUIRY)]
)
def test_the_key_says_the_kind(key: str, kind: Kind) -> None:
    assert draft_entry(answered(key), None, ()).kind is kind


@pytest.mark.parametrize("words", ["我被困在电梯里了", "我妈妈晕倒了，叫不醒", "楼道里着火了", "有煤气味"])
def test_words_of_danger_make_it_special_help_whatever_key_was_pressed(words: str) -> None:
    draft = draft_entry(answered("3"), None, turns((Side.CALLER, words)))

    assert draft.kind is Kind.SPECIAL_HELP
    assert draft.is_urgent


def test_the_emergency_key_is_special_help_before_a_word_is_known() -> None:
    draft = draft_entry(answered("9", "emergency"), None, ())

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
def test_without_a_key_the_words_say_the_kind(words: str, kind: Kind) -> None:
    assert draft_entry(answered(""), None, turns((Side.CALLER, words))).kind is kind


def test_words_of_danger_said_by_the_agent_alone_do_not_count() -> None:
    assert draft_entry(answered("1"), None, turns((Side.AGENT, "是有人困在电梯吗"))).kind is Kind.REPAIR


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
    call = CallStory().rings().lifted().announced().enters_menu().queues().hangs_up(after=60).record

    assert draft_entry(call, KNOWN, ()).matter == UNANSWERED


def test_what_is_not_known_stays_empty() -> None:
    draft = draft_entry(answered(""), None, ())

    assert (draft.kind, draft.is_urgent, draft.who, draft.home, draft.matter, draft.promised) == (
        Kind.UNKNOWN, False, "", "", "", "",
    )  # fmt: skip


def test_a_two_hour_talk_is_drafted_no_longer_than_the_page() -> None:
    draft = draft_entry(answered(), None, turns((Side.CALLER, "漏水了" * LONGEST_MATTER)))

    assert len(draft.matter) == LONGEST_MATTER


def test_a_caller_who_spoke_into_the_waiting_music_is_still_owed_a_call() -> None:
    call = CallStory().rings().lifted().announced().enters_menu().queues().hangs_up(after=60).record

    draft = draft_entry(call, KNOWN, turns((Side.CALLER, "有人吗，电梯里有人")))

    assert draft.matter.startswith(UNANSWERED)
    assert "电梯里有人" in draft.matter
