"""What a draft says of itself: from the menu, the record or a second of the recording, and how surely."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hotline.calls.ledger import CallRecord
from hotline.dutylog.draft import draft_entry
from hotline.dutylog.draft_fields import Certainty, Drafted, DraftField, Origin
from hotline.dutylog.draft_places import draft_home
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Household, KnownCaller
from hotline.transcribe.transcript import Side, Turn, Word, turn_of
from tests.fakes.call_story import START, CallStory

LIVES = Home(3, 2, 501)


def known(*homes: Home) -> KnownCaller:
    households = tuple(Household(home=home) for home in homes)
    return KnownCaller(number=PhoneNumber("+8613800138501"), residents=(), households=households)


def answered(**more: Any) -> CallRecord:
    story = CallStory().rings().lifted().announced().enters_menu().queues().agent_rings().agent_answers()
    return replace(story.hangs_up(after=30, talking_to="8001").record, **more)


def turn(side: Side, second: float, text: str, *, is_unsure: bool = False) -> Turn:
    """A turn, a character or a number a word; a character is a tenth of a second long."""
    words = [
        Word(
            text=found[0],
            start=timedelta(seconds=second + 0.1 * found.start()),
            end=timedelta(seconds=second + 0.1 * found.end()),
            confidence=0.9,
            is_unsure=is_unsure and found[0].isdigit(),
        )
        for found in re.finditer("[0-9]+|.", text)
    ]
    return turn_of(side, words)


def caller(text: str, second: float = 5.0, *, is_unsure: bool = False) -> Turn:
    return turn(Side.CALLER, second, text, is_unsure=is_unsure)


def agent(text: str, second: float = 10.0) -> Turn:
    return turn(Side.AGENT, second, text)


def drafted(field: DraftField, turns: Sequence[Turn], who: KnownCaller | None = None, **call: Any) -> Drafted:
    [found] = [one for one in draft_entry(answered(**call), who, turns).fields if one.field is field]
    return found


@pytest.mark.parametrize(
    "said", ["我住三栋二单元五零一", "3栋2单元501室", "三杠二杠五零一", "三幢二单元五百零一", "3号楼2单元501"]
)
def test_home_that_was_said_is_drafted_with_its_second(said: str) -> None:
    home = draft_home(None, [caller(said)])

    assert (home.value, home.origin, home.certainty, home.side) == (
        "3-2-501", Origin.RECORDING, Certainty.LIKELY, Side.CALLER,
    )  # fmt: skip
    assert home.second is not None
    assert home.second >= 5


def test_home_on_record_is_likely_and_sure_once_it_was_said() -> None:
    silent, said = draft_home(known(LIVES), []), draft_home(known(LIVES), [caller("3栋2单元501")])

    assert (silent.value, silent.origin, silent.certainty) == ("3-2-501", Origin.RESIDENT, Certainty.LIKELY)
    assert (said.value, said.origin, said.certainty) == ("3-2-501", Origin.RECORDING, Certainty.SURE)


def test_home_said_against_the_record_offers_both_and_chooses_none() -> None:
    home = draft_home(known(LIVES), [caller("我住6栋2单元1501")])

    assert (home.value, home.certainty, home.offered) == ("", Certainty.UNSURE, ("6-2-1501", "3-2-501"))


def test_of_several_homes_on_record_the_one_that_was_said_is_drafted() -> None:
    home = draft_home(known(LIVES, Home(1, 1, 301)), [caller("1栋1单元301")])

    assert (home.value, home.certainty) == ("1-1-301", Certainty.SURE)


def test_home_read_back_by_the_agent_is_sure_and_read_back_otherwise_is_unsure() -> None:
    same = draft_home(None, [caller("3栋2单元501"), agent("3栋2单元501，对吗")])
    other = draft_home(None, [caller("3栋2单元501"), agent("3栋2单元507，对吗")])

    assert (same.value, same.certainty) == ("3-2-501", Certainty.SURE)
    assert (other.value, other.certainty, other.offered) == ("", Certainty.UNSURE, ("3-2-501", "3-2-507"))


def test_number_that_the_recogniser_doubts_makes_the_home_unsure() -> None:
    assert draft_home(None, [caller("3栋2单元501", is_unsure=True)]).certainty is Certainty.UNSURE


@pytest.mark.parametrize("said", ["我住2栋3单元802，楼上2栋3单元902在装修", "隔壁2栋3单元801太吵，我家2栋3单元802"])
def test_home_of_a_neighbour_is_not_the_callers(said: str) -> None:
    assert draft_home(None, [caller(said)]).value == "2-3-802"


def test_home_said_in_pieces_is_put_together() -> None:
    said = [caller("我住3栋"), agent("几单元几室？", 7), caller("2单元501", 9)]

    assert draft_home(None, said).value == "3-2-501"


def test_two_homes_of_which_none_is_named_as_ones_own_are_both_offered() -> None:
    home = draft_home(None, [caller("3栋2单元501"), caller("3栋2单元502", 9)])

    assert (home.value, home.offered) == ("", ("3-2-501", "3-2-502"))


def test_building_and_unit_alone_are_drafted_as_far_as_they_were_said() -> None:
    assert draft_home(None, [caller("困在电梯里了，7栋1单元")]).value == "7-1"


SAID_NO_HOME = ("一共1234元", "请拨12345678", "电话是138-0013-8000", "2026-11-21", "今天下午3点", "有3个人")


@pytest.mark.parametrize("said", SAID_NO_HOME)
def test_number_that_is_no_home_drafts_none(said: str) -> None:
    assert draft_home(None, [caller(said)]).origin is Origin.NOTHING


def test_kind_by_key_and_word_is_sure_and_against_the_words_unsure() -> None:
    same = drafted(DraftField.KIND, [caller("我家停电了")], request="repair")
    other = drafted(DraftField.KIND, [caller("我要投诉")], request="repair")
    silent = drafted(DraftField.KIND, [], request="repair")

    assert (same.value, same.origin, same.certainty) == ("repair", Origin.MENU, Certainty.SURE)
    assert (other.value, other.certainty, other.offered) == ("repair", Certainty.UNSURE, ("complaint",))
    assert (silent.origin, silent.certainty) == (Origin.MENU, Certainty.LIKELY)


def test_word_that_tells_is_found_at_its_own_second() -> None:
    found = drafted(DraftField.URGENCY, [caller("你好，我家漏水了")], request="")

    assert (found.value, found.phrase, found.second) == ("yes", "漏水", 5.5)


@pytest.mark.parametrize(
    ("said", "emergency"),
    [
        ("我被困在电梯里了", "电梯困人"),
        ("老人昏倒了", "急救病人"),
        ("楼道冒烟了", "火情"),
        ("有没有煤气味啊，我闻到煤气味", "燃气泄漏"),
        ("家里进了小偷", "盗抢"),
        ("是不是着火了", "火情"),
        ("煤气费怎么交", ""),
        ("灶台打不着火", ""),
        ("没有着火", ""),
        ("我不是投诉", ""),
    ],
)
def test_emergency_is_what_happened_and_not_what_was_denied(said: str, emergency: str) -> None:
    found = drafted(DraftField.EMERGENCY, [caller(said)], request="")

    assert found.value == emergency
    assert draft_entry(answered(request=""), None, [caller(said)]).is_urgent is bool(emergency)


@pytest.mark.parametrize("said", ["请问几点停电", "什么时候会停电", "电梯里的广告多少钱", "没有漏水"])
def test_what_is_asked_after_or_denied_is_not_urgent(said: str) -> None:
    assert drafted(DraftField.URGENCY, [caller(said)], request="").value == "no"


def test_symptom_is_told_in_words_of_the_trade() -> None:
    assert drafted(DraftField.SYMPTOM, [caller("你好，我家卫生间马桶堵了")]).value == "卫生间 马桶 堵"


def test_what_nobody_said_is_drafted_as_nothing() -> None:
    fields = {one.field: one for one in draft_entry(answered(request=""), None, ()).fields}

    assert set(fields) == set(DraftField)
    assert all(one.origin is Origin.NOTHING for one in fields.values())
    assert fields[DraftField.KIND].value == ""


def test_special_help_by_the_emergency_key_is_urgent_by_that_key() -> None:
    found = drafted(DraftField.URGENCY, [], is_emergency=True)

    assert (found.value, found.origin) == ("yes", Origin.MENU)


def test_promise_and_its_deadline_stand_with_the_second_at_which_they_were_given() -> None:
    turns = [agent("好的，师傅半小时内上门", 12)]
    promised = drafted(DraftField.PROMISE, turns, recording_start=START)
    due = drafted(DraftField.DUE, turns, recording_start=START)

    assert (promised.value, promised.side) == ("好的，师傅半小时内上门", Side.AGENT)
    assert due.value == "2026-11-21T17:30+08:00"  # 9:00:13 UTC
    assert due.phrase.startswith("半小时内")
    assert due.second == 12.5
