"""What is found again by sound, and what must be left alone."""

import pytest

from hotline.residents.resident import Home
from hotline.transcribe.edits import Edit
from hotline.transcribe.mending import mending
from hotline.transcribe.spoken_homes import home_mending
from hotline.transcribe.spoken_names import name_mending
from hotline.transcribe.word_list import DANGER_WORDS, ORDINARY, TRADE_WORDS, WordList

SITE = WordList(
    homes=frozenset({Home(3, 2, 501), Home(3, 2, 502), Home(5, 1, 1203), Home(7, 1, 101), Home(8, 1, 102)}),
    surnames=frozenset({"张", "王", "李", "欧阳"}),
    caller_names=("张建国",),
)
NOBODY_KNOWN = WordList()


def after(text: str, edits: list[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: one.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("楼道里找火了", "楼道里着火了"),
        ("我家厨房水管路水了", "我家厨房水管漏水了"),
        ("可能是跳炸了", "可能是跳闸了"),
        ("我被困在店梯里了", "我被困在电梯里了"),
        ("我要头诉，楼上装修", "我要投诉，楼上装修"),
        ("这个月的物叶费怎么交", "这个月的物业费怎么交"),
        ("有没气味，好像是煤汽泄漏", "有煤气味，好像是煤气泄漏"),
    ],
)
def test_a_word_of_the_trade_is_found_again_by_its_sound(heard: str, meant: str) -> None:
    assert after(heard, mending(heard, NOBODY_KNOWN)) == meant


@pytest.mark.parametrize(
    "said",
    [
        "大家好，今天开会", "两个大人一个小孩", "我买了一点期货", "是否可以再便宜一点", "我们克服了困难",
        "今天心情愉悦", "但愿人长久", "昨天午夜到家", "我想报案", "还在保修期内",
        "他的主观看法", "交费以后开票", "商店提供送货服务", "从门进来以后往左", "天气没有气味",
        "店里有很多图书", "最新的资讯", "他是个小头目", "早上六点半起来跑步", "头数一共三百",
        "这个方法很好", "你想一下再说", "一动不动地坐着", "三思而后行", "十冬腊月",
        "这条路水很深", "他自己去找火车站",
    ],
)  # fmt: skip
def test_everyday_words_stay_as_they_are(said: str) -> None:
    for words in (NOBODY_KNOWN, SITE):
        assert mending(said, words) == []
        assert home_mending(said, words) == []
        assert name_mending(said, words) == []


@pytest.mark.parametrize("word", [*DANGER_WORDS, *TRADE_WORDS])
def test_a_listed_word_is_never_mended_to_another(word: str) -> None:
    assert mending(f"是{word}了", NOBODY_KNOWN) == []


def test_no_listed_word_is_an_everyday_one_as_well() -> None:
    assert ORDINARY.isdisjoint((*DANGER_WORDS, *TRADE_WORDS))


def test_a_sound_that_is_not_quite_the_same_needs_a_word_of_the_trade_nearby() -> None:
    assert mending("那里路水了", NOBODY_KNOWN) == []
    assert after("那里路水了", mending("那里路水了", NOBODY_KNOWN, said_before="是水管坏了吗")) == "那里漏水了"


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("三动二单圆五零一是", "三栋二单元五零一室"),
        ("三动二单圆五零一是，我姓张", "三栋二单元五零一室，我姓张"),
        ("五冻一单元一千二百零三", "五栋一单元一千二百零三"),
        ("张先生三栋二担元五零一厨房水管漏水", "张先生三栋二单元五零一厨房水管漏水"),
        ("七动一单元里面还有一个小孩", "七栋一单元里面还有一个小孩"),
        ("三栋二单元无零一", "三栋二单元五零一"),
        ("山栋二单元五零一", "三栋二单元五零一"),
        ("3动2单圆501", "3栋2单元501"),
    ],
)
def test_a_home_is_found_again_by_its_sound(heard: str, meant: str) -> None:
    assert after(heard, home_mending(heard, SITE)) == meant


@pytest.mark.parametrize(
    "said",
    ["三栋二单元五零一是我家", "三栋二单元五零一室", "三栋二单元无零九", "二单元五零一其实没人", "您住在哪一栋"],
)
def test_a_home_nobody_said_is_not_made(said: str) -> None:
    assert home_mending(said, SITE) == []


def test_a_building_alone_is_found_where_it_was_asked_for() -> None:
    assert after("三动。", home_mending("三动。", SITE, said_before="请问您住在哪一栋？")) == "三栋。"
    assert home_mending("三动。", SITE, said_before="今天天气不错") == []
    assert home_mending("九动。", SITE, said_before="请问您住在哪一栋？") == []  # the centre has no ninth


@pytest.mark.parametrize(
    ("heard", "meant"),
    [("彰先生您好", "张先生您好"), ("我姓章", "我姓张"), ("忘女士", "王女士"), ("我叫章建国", "我叫张建国")],
)
def test_a_surname_is_found_again_where_it_is_said_as_one(heard: str, meant: str) -> None:
    assert after(heard, name_mending(heard, SITE)) == meant


@pytest.mark.parametrize("said", ["这位先生", "请女士先走", "黄先生", "汪女士", "叫师傅来", "张先生", "他的女士手表"])
def test_nobody_is_given_another_name(said: str) -> None:
    assert name_mending(said, SITE) == []


def test_a_name_that_many_have_is_the_callers_only_where_the_caller_has_it() -> None:
    zhang = WordList(surnames=frozenset({"章"}))

    assert name_mending("张先生", zhang) == []
    assert name_mending("彰先生", zhang) != []
