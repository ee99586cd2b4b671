"""Other hours are written into the text of the menus, and every other byte of it stays as it was."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.hours import DAYS, Span, WeeklyHours, parse_spans
from hotline.ivr.menu_form import read_hours
from hotline.menus.hours_text import HoursNotWritable, with_hours
from hotline.settings import SHIPPED_MENUS

SHIPPED = SHIPPED_MENUS.read_text(encoding="utf-8")
BEFORE = 'version = "1"  # ours\n\n# hours\n'
AFTER = """
# the first menu
[entrance]
open = 'main'   # either way
closed="main"

[menus.main]
label = "主菜单"   # 甲
prompts = [
  "a",  # one
  "b",
]
"""
HEADED = """[hours]  # of the desk
every_day = "09:00-18:00"  # a day
holidays = "open"

[hours.exceptions]  # days
"""
BY_DAY = """[hours]
# by day
mon = "09:00 - 12:00,14:00-18:00"
tue = 'closed'  # off
wed = "22:00-06:00"
thu = "10:00-11:00"
fri = "09:00-18:00"
sat = "closed"
sun = "closed"
# no holidays
"""
IN_ONE_LINE = """[hours]
sun = "closed"
every_day = "09:00-18:00"
exceptions = { 2027-02-16 = "closed", 2027-02-17 = "closed" }
"""
DOTTED = """[hours]
every_day = "08:00-20:00"
exceptions.2027-02-16 = "closed"
"""
TURNED_ROUND = """[hours.exceptions]
2027-02-16 = "closed"  # new year
# kept
2027-02-18 = "10:00-12:00"

[hours]
holidays = "closed"
every_day = "09:00-18:00"
"""
WAYS = (HEADED, BY_DAY, IN_ONE_LINE, DOTTED, TURNED_ROUND)


@st.composite
def days(draw: st.DrawFn) -> tuple[Span, ...]:
    ends = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    if len(ends) % 2:
        ends = ends[:-1]
    return tuple(Span(opens * 15, closes * 15) for opens, closes in zip(ends[::2], ends[1::2], strict=True))


@st.composite
def hours(draw: st.DrawFn) -> WeeklyHours:
    kinds = st.one_of(days(), st.sampled_from([parse_spans("09:00-18:00"), (), parse_spans("10:00-11:00")]))
    week = draw(st.one_of(st.tuples(*[kinds] * 7), kinds.map(lambda one: (one,) * 7)).filter(any))
    when = st.integers(0, 30).map(lambda ahead: date(2027, 2, 10) + timedelta(days=ahead))
    return WeeklyHours(
        week=week, holidays=draw(st.none() | kinds), exceptions=draw(st.dictionaries(when, kinds, max_size=5))
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(WAYS), hours(), hours())
def test_rest_of_the_text_stays_byte_for_byte_however_hours_are_written(
    way: str, first: WeeklyHours, second: WeeklyHours
) -> None:
    text = BEFORE + way + AFTER
    for wanted in (first, second):
        try:
            text = with_hours(text, wanted)
        except HoursNotWritable:  # said aloud, and nothing is written
            assert "exceptions." in way
            return
        assert text.startswith(BEFORE)
        assert text.endswith(AFTER)
        assert read_hours(tomllib.loads(text)["hours"]) == wanted
        assert with_hours(text, wanted) == text


@settings(max_examples=25, deadline=None)
@given(hours())
def test_shipped_text_takes_any_hours_and_goes_back_to_what_it_was(wanted: WeeklyHours) -> None:
    before, behind = SHIPPED.split("[hours]")[0], "[entrance]" + SHIPPED.split("[entrance]")[1]

    changed = with_hours(SHIPPED, wanted)

    assert changed.startswith(before)
    assert changed.endswith(behind)
    assert read_hours(tomllib.loads(with_hours(changed, read_hours(tomllib.loads(SHIPPED)["hours"])))["hours"]) == (
        read_hours(tomllib.loads(SHIPPED)["hours"])
    )


def test_a_day_set_apart_stands_under_its_heading_before_the_empty_line() -> None:
    present = read_hours(tomllib.loads(SHIPPED)["hours"])

    text = with_hours(
        SHIPPED, WeeklyHours(week=present.week, holidays=present.holidays, exceptions={date(2027, 2, 16): ()})
    )

    at = text.index("[hours.exceptions]")
    assert text[at:].splitlines()[1:4] == ['2027-02-16 = "closed"', "", "[entrance]"]
    assert text.replace('2027-02-16 = "closed"\n', "", 1).count("\n") == SHIPPED.count("\n")


def test_one_other_weekday_leaves_the_line_of_every_day_alone() -> None:
    spans = parse_spans("09:00-18:00")

    text = with_hours(SHIPPED, WeeklyHours(week=(*[spans] * 6, ())))

    changed = [line for line in text.splitlines() if line not in SHIPPED.splitlines()]
    assert changed == ['sun = "closed"']


def test_comment_behind_a_value_stays_with_the_new_value() -> None:
    text = with_hours(SHIPPED, WeeklyHours(week=(parse_spans("08:00-20:00"),) * 7))

    [line] = [line for line in text.splitlines() if line.startswith("every_day")]
    assert line.startswith('every_day = "08:00-20:00"  # mon to sun')


def test_hours_in_a_form_that_cannot_be_kept_are_refused_and_not_guessed() -> None:
    text = "hours = " + "{ " + ", ".join(f'{day} = "09:00-18:00"' for day in DAYS) + " }\n" + AFTER

    try:
        written = with_hours(text, WeeklyHours(week=(parse_spans("08:00-20:00"),) * 7))
    except HoursNotWritable:
        return
    assert written.endswith(AFTER)
    with pytest.raises(HoursNotWritable):
        with_hours(
            'hours.every_day = "09:00-18:00"\n' + AFTER, WeeklyHours(week=((), *[parse_spans("08:00-20:00")] * 6))
        )


@pytest.mark.parametrize("ends", ["\n", ""], ids=["a line end", "no line end"])
def test_day_that_is_not_named_is_closed_and_hours_may_be_the_last_of_the_text(ends: str) -> None:
    text = BEFORE + AFTER + '\n[hours]\nmon = "09:00-18:00"\n\n[hours.exceptions]\n2027-02-16 = "closed"' + ends
    was = read_hours(tomllib.loads(text)["hours"])
    longer = replace(was, exceptions={**was.exceptions, date(2027, 2, 17): ()})

    written = with_hours(text, longer)

    assert with_hours(text, was) == text
    assert written.startswith(text)
    assert read_hours(tomllib.loads(written)["hours"]) == longer
