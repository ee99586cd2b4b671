"""What somebody looks for, and the words of the index that it comes to. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hotline.phone import PhoneNumber
from hotline.search.row import FACT_HOME, FACT_KIND, FACT_NAME, FACT_REQUEST, Found, number_kept, number_word
from hotline.search.words import asked_for, home_named, runs_of

MOST_WORDS: Final = 40  # words of one question that the index is asked for; what is found is held against all of it
LOOKS_LIKE_A_NUMBER: Final = re.compile(r"\+?[0-9]{6,20}|0[0-9]{2,3}-[0-9]{7,8}|1[0-9]{2}-[0-9]{4}-[0-9]{4}")
# What may be a telephone number in what somebody typed, however it is grouped: 138-0013-8501, 138 0013 8501, 一三八零….
DIGIT: Final = "[0-9〇零一二两三四五六七八九幺]"
GROUPED: Final = re.compile(
    rf"\+?{DIGIT}(?:(?:_|[^\w\s,;:/|、])*{DIGIT}){{6,}}|(?<!{DIGIT})(?<!-[0-9]-)(?<!-[0-9]{{2}}-){DIGIT}{{3,}}(?:[\s,;:/|、]+{DIGIT}{{3,}})+"
)
FEWEST_DIGITS: Final = 7
PAGE_NUMBER: Final = re.compile(r"20[0-9]{2}[01][0-9][0-3][0-9]-[0-9]{3}")  # of the duty log: 20261122-007


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question, read. What is not said is not asked; everything said must hold at once."""

    runs: tuple[str, ...] = field(default=(), repr=False)  # stretches of letters that the text must hold
    names: tuple[str, ...] = field(default=(), repr=False)
    homes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = field(default=(), repr=False)
    kind: Found | None = None
    request: str = ""
    since: datetime | None = None
    until: datetime | None = None  # not included
    is_empty: bool = False  # words were given and none of them can be looked for: nothing is found

    @property
    def words(self) -> list[str]:
        """The words of the index, all of which a row must have."""
        return list(dict.fromkeys(self._words()))[:MOST_WORDS]

    def _words(self) -> Iterator[str]:
        yield from (number_word(number) for number in self.numbers)
        yield from (f"{FACT_HOME}{home}" for home in self.homes)
        if self.request:
            yield f"{FACT_REQUEST}{self.request}"
        if self.kind:
            yield f"{FACT_KIND}{self.kind}"
        yield from (f"{FACT_NAME}{word}" for name in self.names for word in asked_for(name))
        yield from (word for run in self.runs for word in asked_for(run))


def read_query(
    words: str = "",
    *,
    name: str = "",
    home: str = "",
    number: str = "",
    kind: Found | None = None,
    request: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    area_code: str = "",
) -> Query:
    """Return the question that these fields ask. Among the words, a home is a home and a number is a number."""
    runs: list[str] = []
    homes, numbers = [], [number_kept(number.strip(), area_code=area_code)] if number.strip() else []
    known = home_named(home)
    if known:
        homes.append(known.label)
    elif home:
        runs += runs_of(home)
    for word in words.split():
        if (known := home_named(word)) is not None:
            homes.append(known.label)
        elif (read := _number(word, area_code)) is not None:
            numbers.append(read.e164)
        else:
            runs += runs_of(word)
    names = runs_of(name)
    said = (words, name, home, number)
    return Query(
        runs=tuple(dict.fromkeys(runs)),
        names=tuple(names),
        homes=tuple(homes),
        numbers=tuple(numbers),
        kind=kind,
        request=request,
        since=since,
        until=until,
        is_empty=any(text.strip() for text in said) and not (runs or names or homes or numbers),
    )


def numbers_asked(*texts: str, number: str = "") -> list[str]:
    """Return the numbers that somebody looks for, in whichever field: such looks are counted and limited."""
    found = [number.strip()] if number.strip() else []
    for text in texts:
        written = _plain(text)
        found += [one[0] for one in GROUPED.finditer(written) if _may_be_a_number(one[0])]
        found += [word for word in written.split() if LOOKS_LIKE_A_NUMBER.fullmatch(word)]
    return list(dict.fromkeys(found))


def without_numbers(text: str, mask: Callable[[str], str]) -> str:
    """Return text with every number of seven digits or more masked, however it is written and whatever touches it."""
    return GROUPED.sub(lambda one: mask(one[0]) if _may_be_a_number(one[0]) else one[0], _plain(text))


def _plain(text: str) -> str:
    # Every digit there is as 0 to 9: full-width, and those of other scripts.
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(digit) if (digit := unicodedata.decimal(sign, None)) is not None else sign for sign in normal)


def _may_be_a_number(written: str) -> bool:
    if len(re.findall(DIGIT, written)) < FEWEST_DIGITS:
        return False
    return home_named(written) is None and not PAGE_NUMBER.fullmatch(written)


def _number(word: str, area_code: str) -> PhoneNumber | None:
    if not LOOKS_LIKE_A_NUMBER.fullmatch(word):
        return None
    read = PhoneNumber.parse(word, area_code=area_code)
    return None if read is None or read.is_internal else read
