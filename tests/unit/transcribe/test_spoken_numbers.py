import pytest

from hotline.residents.resident import Home
from hotline.transcribe.figures import figures_of, number_of, value_of
from hotline.transcribe.spoken_numbers import number_writing
from hotline.transcribe.word_list import WordList

SITE = WordList(homes=frozenset({Home(3, 2, 501), Home(5, 1, 1203), Home(7, 1, 101), Home(6, 2, 1501)}))


def written(text: str, words: WordList = SITE) -> str:
    for edit in reversed(number_writing(text, words)):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def unsure(text: str, words: WordList = SITE) -> list[str]:
    return [text[edit.start : edit.end] for edit in number_writing(text, words) if edit.is_unsure]


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("三栋二单元五零一室，我姓张。", "3栋2单元501室，我姓张。"),
        ("五栋一单元一千二百零三，业主姓王。", "5栋1单元1203，业主姓王。"),
        ("七栋一单元，里面还有一个小孩。", "7栋1单元，里面还有一个小孩。"),
        ("是九零二在装修，这个星期已经第三次了。", "是902在装修，这个星期已经第三次了。"),
        ("物业费是一千二百三十四元五角六分", "物业费是1234元5角6分"),
        ("挂机每台八十元，柜机一百二十元", "挂机每台80元，柜机120元"),
        ("一百二十三块", "123块"),
        ("电话是一三八零零一三八零零零。", "电话是13800138000。"),
        ("我们马上拨打一二零", "我们马上拨打120"),
        ("中午十二点半还在打电钻", "中午12点半还在打电钻"),
        ("今天下午六点前给您回电话", "今天下午6点前给您回电话"),
        ("星期六上午九点到十一点师傅上门", "星期六上午9点到11点师傅上门"),
        ("师傅二十分钟内到", "师傅20分钟内到"),
        ("从一月到六月的物业费", "从1月到6月的物业费"),
        ("二零二六年九月一日", "2026年9月1日"),
        ("百分之三十", "百分之30"),
        ("零点三三", "0.33"),
        ("三点五度", "3.5度"),
        ("下午三点五十", "下午3点50"),
        ("在十八楼", "在18楼"),
        ("有一百个人", "有100个人"),
    ],
)  # fmt: skip
def test_numbers_that_are_homes_amounts_times_and_telephones_stand_in_digits(said: str, digits: str) -> None:
    assert written(said) == digits


@pytest.mark.parametrize(
    "said",
    [
        "请等一下", "一直都这样", "三思而后行", "快一点", "早一点到", "有一点漏水", "十分抱歉",
        "千万不要动", "万一着火了", "一个小孩", "两台挂机", "走的时候一块儿走", "请问您住在哪一栋？", "是哪一家在装修",
        "第三次", "同一层楼", "三三两两", "五一放假", "老三", "一一告诉您", "这一层灰",
    ],
)  # fmt: skip
def test_a_manner_of_speaking_stays_in_words(said: str) -> None:
    assert written(said) == said


@pytest.mark.parametrize(
    ("said", "doubt"), [("三百零五千三百三十四", "三百零五千三百三十四"), ("一百二块钱", "一百二")]
)
def test_what_is_no_number_for_certain_is_left_and_marked(said: str, doubt: str) -> None:
    assert written(said) == said
    assert unsure(said) == [doubt]


def test_a_home_the_centre_does_not_have_is_marked() -> None:
    assert unsure("三栋二单元五零九") == ["三", "二", "五零九"]
    assert unsure("三栋二单元五零一") == []
    assert unsure("九栋一单元") == ["九", "一"]
    assert unsure("九栋一单元", WordList()) == []


def test_a_telephone_number_of_no_known_length_is_marked() -> None:
    assert unsure("电话是一三八零零一三八零零") == ["一三八零零一三八零零"]
    assert unsure("电话是一三八零零一三八零零零") == []


def test_a_number_in_digits_already_stays_and_is_looked_at_all_the_same() -> None:
    assert written("3栋2单元501室") == "3栋2单元501室"
    assert unsure("3栋2单元509室") == ["3", "2", "509"]


@pytest.mark.parametrize(
    ("said", "value"),
    [("一千二百零三", 1203), ("十二", 12), ("一百一十", 110), ("两百", 200), ("三万五千", 35000), ("一百二", None),
     ("三百五千", None), ("百", None), ("万", None), ("千", None), ("二十十", None)],
)  # fmt: skip
def test_a_value_is_what_people_say_so(said: str, value: int | None) -> None:
    assert value_of(said) == value


def test_figures_are_read_one_by_one() -> None:
    assert figures_of("五零幺") == "501"
    assert figures_of("五十") is None
    assert figures_of("") is None
    assert number_of("五零一") == 501
