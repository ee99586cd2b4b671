"""What changes from call to call is read as people read it, and only from pieces that exist."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.voice import pieces
from hotline.voice.mandarin import SURNAMES
from hotline.voice.pieces import LARGEST, Language

TODAY = date(2026, 11, 22)
languages = st.sampled_from(pieces.LANGUAGES)
dates = st.dates(date(2000, 1, 1), date(2099, 12, 31))
numbers = st.integers(0, LARGEST)
money = st.decimals(0, LARGEST, places=2)
month_names = st.builds(lambda year, month: f"{year}-{month:02}", st.integers(2000, 2099), st.integers(1, 12))


def said(ids: tuple[str, ...], language: Language = "zh") -> str:
    return pieces.text_of(ids, language)  # a KeyError for what is no piece


@pytest.mark.parametrize(
    ("yuan", "zh", "en"),
    [
        ("1234.56", "一千二百三十四元五角六分", "one thousand two hundred and thirty four point five six yuan"),
        ("0", "零元", "zero yuan"),
        ("2", "两元", "two yuan"),
        ("12.03", "十二元零三分", "twelve point zero three yuan"),
        ("0.06", "六分", "zero point zero six yuan"),
        ("210", "二百一十元", "two hundred and ten yuan"),
        ("20210.50", "两万零二百一十元五角", "twenty thousand two hundred and ten point five yuan"),
        ("2000", "两千元", "two thousand yuan"),
        ("1.005", "一元零一分", "one point zero one yuan"),
    ],
)
def test_money_is_read_as_people_read_it(yuan: str, zh: str, en: str):
    assert said(pieces.amount(Decimal(yuan))) == zh
    assert said(pieces.amount(Decimal(yuan), "en"), "en") == en


def test_near_day_is_named_and_a_far_one_is_dated_with_the_year_only_where_it_is_another():
    days = [date(2026, 11, 20), date(2026, 11, 21), TODAY, date(2026, 11, 23), date(2026, 12, 5), date(2025, 12, 5)]

    assert [said(pieces.day(one, TODAY)) for one in days] == [
        "前天", "昨天", "今天", "明天", "十二月五日", "二零二五年十二月五日",
    ]  # fmt: skip
    assert said(pieces.day(date(2025, 12, 5), TODAY, "en"), "en") == "December fifth twenty twenty five"


@pytest.mark.parametrize(
    ("home", "zh", "en"),
    [
        ((3, 2, 501), "三栋二单元五零一室", "building three unit two room five oh one"),
        ((12, 1, 1203), "十二栋一单元一二零三室", "building twelve unit one room one two oh three"),
        ((21, 11, 7), "二十一栋十一单元七室", "building twenty one unit eleven room seven"),
    ],
)
def test_home_is_read_figure_by_figure_where_people_do(home: tuple[int, int, int], zh: str, en: str):
    assert said(pieces.room(*home)) == zh
    assert said(pieces.room(*home, "en"), "en") == en


@pytest.mark.parametrize(
    ("at", "zh", "en"),
    [
        (time(15, 30), "下午三点半", "three thirty P M"),
        (time(0, 0), "凌晨零点", "twelve A M"),
        (time(10, 5), "上午十点零五分", "ten oh five A M"),
        (time(14, 0), "下午两点", "two P M"),
        (time(12, 45), "中午十二点四十五分", "twelve forty five P M"),
    ],
)
def test_time_of_day_is_read_with_its_part_of_the_day(at: time, zh: str, en: str):
    assert said(pieces.time_of_day(at)) == zh
    assert said(pieces.time_of_day(at, "en"), "en") == en


def test_two_of_something_are_liang():
    assert said(pieces.count(2, "minutes") + pieces.count(3, "people")) == "两分钟三位"
    assert said(pieces.count(1, "minutes", "en"), "en") == "one minute"


def test_months_are_read_as_the_spans_they_make():
    unpaid = ["2026-01", "2026-03", "2026-02", "2026-05"]

    assert said(pieces.months(unpaid)) == "二零二六年一月至三月和五月"
    assert said(pieces.months(["2025-12", "2026-01"])) == "二零二五年十二月至二零二六年一月"
    assert said(pieces.months(unpaid, "en"), "en") == "January to March and May twenty twenty six"


def test_resident_of_a_common_surname_is_addressed_and_any_other_is_not():
    assert said(pieces.addressed("张", "先生")) == "张先生"
    assert said(pieces.addressed("萧", "女士")) == "肖女士"  # another way to write it
    assert pieces.addressed("欧阳", "先生") == pieces.addressed("张", "") == pieces.addressed("", "先生") == ()
    assert pieces.addressed("张", "先生", "en") == ()
    assert len(set(SURNAMES)) == 100


def test_open_matter_is_told_so_that_case_in_progress_can_follow():
    assert said(pieces.open_matter("repair", date(2026, 11, 21), TODAY)) == "您昨天的报修"
    assert said(pieces.open_matter("complaint", date(2026, 10, 6), TODAY)) == "您十月六日的投诉"
    assert (
        said(pieces.open_matter("repair", date(2026, 11, 21), TODAY, "en"), "en") == "your repair request of yesterday"
    )
    assert pieces.open_matter("parking", TODAY, TODAY) == ()


def test_promise_and_debt_are_told_in_one_sentence():
    assert said(pieces.expected(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), TODAY)) == "预计明天下午三点前完成"
    assert said(pieces.arrears(["2026-01"], 12)) == "您未缴的物业费是二零二六年一月共十二元"


def test_figures_one_by_one_are_read_as_a_telephone_number():
    assert said(pieces.digits("138-0")) == "幺三八零"
    assert said(pieces.digits("138-0", "en"), "en") == "one three eight zero"


@given(language=languages, number=numbers, yuan=money, day=dates, today=dates, at=st.times())
def test_every_value_in_range_is_said_from_pieces_that_exist(
    language: Language, number: int, yuan: Decimal, day: date, today: date, at: time
):
    said(pieces.number(number, language), language)
    said(pieces.amount(yuan, language), language)
    said(pieces.day(day, today, language), language)
    said(pieces.expected(datetime.combine(day, at, UTC), today, language), language)
    said(pieces.open_matter("repair", day, today, language), language)
    for unit in ("people", "minutes", "hours", "days", "matters", "seconds"):
        said(pieces.count(number, unit, language), language)


@given(
    language=languages, building=numbers, unit=numbers, room=numbers, months=st.lists(month_names), figures=st.text()
)
def test_every_home_month_and_row_of_figures_is_said_from_pieces_that_exist(
    language: Language, building: int, unit: int, room: int, months: list[str], figures: str
):
    said(pieces.room(building, unit, room, language), language)
    said(pieces.months(months, language), language)
    said(pieces.digits(figures, language), language)


@pytest.mark.parametrize("value", [-1, LARGEST + 1])
def test_number_that_pieces_cannot_say_is_refused(value: int):
    with pytest.raises(ValueError, match="cannot be said"):
        pieces.number(value)
    with pytest.raises(ValueError, match="cannot be said"):
        pieces.amount(value)
