"""Write numbers in digits where they are homes, amounts, times or telephone numbers: 五零一室 -> 501室. Pure.

Comes after mending. What is a manner of speaking stays (一下, 一直, 三思, 快一点). What is meant to be a number and is
none for certain (一百二, 三百五千) stays as it was heard and is marked unsure: nobody guesses a sum or a home.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from hotline.residents.resident import Home
from hotline.transcribe.edits import Edit
from hotline.transcribe.figures import RUN, figures_of, number_of, value_of
from hotline.transcribe.word_list import WordList

_N: Final = rf"(?<![哪这那每同某另])({RUN}+)"  # 哪一栋 asks, and counts nothing
_NO_MORE: Final = rf"(?!{RUN}|[点个分月元块天楼层])"
_HOME: Final = re.compile(rf"{_N}(?:栋|幢|号楼|座){_N}单元(?:({RUN}{{2,}}){_NO_MORE})?")
_UNIT: Final = re.compile(rf"{_N}单元(?:({RUN}{{2,}}){_NO_MORE})?")
_PLACE: Final = re.compile(rf"{_N}(?=栋|幢|号楼|楼(?!上|下|道|梯))|{_N}(?=层)(?<!一)")
_ROOM: Final = re.compile(rf"({RUN}{{3,}})(?=室|房|号房|号门)")
_MONEY: Final = re.compile(
    rf"{_N}(?=元|块钱|毛钱|分钱)|({RUN}{{2,}})(?=块)|(?<=[元块]){_N}(?=[角毛])|(?<=[角毛]){_N}(?=分)|(?<=百分之){_N}"
)
_DECIMAL: Final = re.compile(rf"(零|{RUN}+(?=点{RUN}+(?:元|块|度|平|米|吨|公斤|倍|折)))点({RUN}+)(?!{RUN}|分|点)")
_HOUR: Final = re.compile(
    rf"(?:(?<=[上下中]午)|(?<=[早晚]上)|(?<=凌晨)|(?<=夜里)|(?<=今晚)|(?<=明早)|(?<=点[到至])){_N}(?=点)"
)
_CLOCK: Final = re.compile(
    rf"{_N}(?=点(?:半|钟|整|以?前|之前|左右|一刻|三刻|[二三四五]?十|{RUN}+分))|(?<!一){_N}(?<!一)(?=点[到至多])"
)
_MINUTES: Final = re.compile(rf"(?<=点)({RUN}+)(?=分)|(?<=点)([二三四五]?十[一二三四五六七八九]?)")
_DATE: Final = re.compile(rf"{_N}(?=月)|(?<=月)({RUN}+)(?=日|号)|({RUN}{{4}})(?=年)")
_LENGTH: Final = re.compile(rf"{_N}(?=分钟|秒)")
_COUNT: Final = re.compile(
    rf"({RUN}+)(?=个|天|年|日|号|平|度|吨|立方|户|台|次|遍|人|位|公斤|米|小时|张|家|条|件|岁|级|倍|瓦|安|伏)"
)
_LONG: Final = re.compile(rf"{RUN}{{3,}}")
_ABOUT_PHONES: Final = re.compile("电话|手机|号码|联系方式")
EMERGENCY_NUMBERS: Final = frozenset({"120", "110", "119"})
PHONE_LENGTHS: Final = frozenset({5, 7, 8, 11, 12})
LEAST_COUNT: Final = 10  # 两个, 三次 are read as easily as 2个


def number_writing(text: str, words: WordList) -> list[Edit]:
    """Return which letters of a turn are to become digits, and which numbers are unsure; none overlap."""
    taken: set[int] = set()
    edits: list[Edit] = []
    for rule in _RULES:
        for edit in rule(text, words):
            if not taken.intersection(range(edit.start, edit.end)):
                taken.update(range(edit.start, edit.end))
                edits.append(edit)
    return sorted(edits, key=lambda edit: edit.start)


def _homes(text: str, words: WordList) -> Iterator[Edit]:
    for found in _HOME.finditer(text):
        numbers = [number_of(part) for part in found.groups() if part]
        if None in numbers:
            is_known = False
        elif len(numbers) == 3:
            is_known = not words.homes or Home(*(number or 0 for number in numbers)) in words.homes
        else:
            is_known = not words.homes or (numbers[0], numbers[1]) in words.units
        for group in range(1, len(numbers) + 1):
            yield _as_number(found, group, is_unsure=not is_known)
    for pattern in (_UNIT, _PLACE, _ROOM):
        yield from _numbers(pattern, text)


def _amounts(text: str, _words: WordList) -> Iterator[Edit]:
    yield from _numbers(_MONEY, text)
    for found in _DECIMAL.finditer(text):
        whole, decimals = number_of(found[1]), figures_of(found[2])
        if whole is not None and decimals is not None:
            yield Edit(start=found.start(), end=found.end(), text=f"{whole}.{decimals}")


def _times(text: str, _words: WordList) -> Iterator[Edit]:
    for pattern in (_HOUR, _CLOCK, _MINUTES, _DATE, _LENGTH):
        yield from _numbers(pattern, text)


def _counts(text: str, _words: WordList) -> Iterator[Edit]:
    for found in _COUNT.finditer(text):
        value = value_of(found[1])
        if value is not None and value >= LEAST_COUNT:
            yield _as_number(found, 1)


def _long_runs(text: str, _words: WordList) -> Iterator[Edit]:
    """Yield what is said figure by figure (telephones, rooms with a nought), and long runs that are no number."""
    is_about_phones = bool(_ABOUT_PHONES.search(text))
    for found in _LONG.finditer(text):
        digits = figures_of(found[0])
        if digits is None:
            if value_of(found[0]) is None:
                yield Edit(start=found.start(), end=found.end(), text=found[0], is_unsure=True)
        elif digits in EMERGENCY_NUMBERS or len(digits) > 4 or set("零〇幺").intersection(found[0]):
            is_unsure = is_about_phones and digits not in EMERGENCY_NUMBERS and len(digits) not in PHONE_LENGTHS
            yield Edit(start=found.start(), end=found.end(), text=digits, is_unsure=is_unsure)


_RULES: Final[tuple[Callable[[str, WordList], Iterator[Edit]], ...]] = (_homes, _amounts, _times, _counts, _long_runs)


def _numbers(pattern: re.Pattern[str], text: str) -> Iterator[Edit]:
    for found in pattern.finditer(text):
        yield from (_as_number(found, group) for group, part in enumerate(found.groups(), 1) if part)


def _as_number(found: re.Match[str], group: int, *, is_unsure: bool = False) -> Edit:
    """Figures as they were said, places by their value; neither: unsure, and left."""
    digits = figures_of(found[group])
    value = value_of(found[group]) if digits is None else None
    written = digits if digits is not None else (found[group] if value is None else str(value))
    is_none = digits is None and value is None
    return Edit(start=found.start(group), end=found.end(group), text=written, is_unsure=is_unsure or is_none)
