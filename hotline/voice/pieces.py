"""Say what changes from call to call: a value in, the names of the sounds that say it out. Pure.

The ids are prompts' ids (`pieces/n-100`), to be played one after the other or joined by hotline/voice/joining.py. What
the pieces say stands in mandarin.py and english.py, not in a file: a text changed there needs scripts/render-prompts.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from hotline.voice import english, mandarin

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
Unit = Literal["people", "minutes", "hours", "days", "matters", "seconds"]
FOLDER: Final = "pieces"  # below the language's folder of sounds
LARGEST: Final = 99_999_999  # yuan, and every number

_READERS: Final = {"zh": mandarin, "en": english}


@cache
def vocabulary(language: Language) -> Mapping[str, str]:
    """Return every piece of a language: its id and what it says."""
    return MappingProxyType({f"{FOLDER}/{name}": text for name, text in _READERS[language].texts().items()})


def text_of(ids: Iterable[str], language: Language) -> str:
    """Return what a row of pieces says. Raises KeyError for an id that is no piece."""
    return ("" if language == "zh" else " ").join(vocabulary(language)[one] for one in ids)


def number(value: int, language: Language = "zh") -> tuple[str, ...]:
    """Say a number, 0 to LARGEST. Raises ValueError outside."""
    return _pieces((_READERS[language].number(_in_range(value)),), language)


def amount(yuan: Decimal | int, language: Language = "zh") -> tuple[str, ...]:
    """Say money, rounded to the fen, 0 to LARGEST yuan. Raises ValueError outside."""
    fen = int((Decimal(yuan) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    _in_range(fen // 100)
    return _pieces(_READERS[language].amount(fen), language)


def count(value: int, unit: Unit, language: Language = "zh") -> tuple[str, ...]:
    """Say how many of something: 三位, two minutes. Raises ValueError outside 0 to LARGEST."""
    return _pieces(_READERS[language].count(_in_range(value), unit), language)


def day(value: date, today: date, language: Language = "zh") -> tuple[str, ...]:
    """Say a day: 昨天 where it is near, else 十二月五日, with the year where it is not this year."""
    return _pieces(_READERS[language].day(value, today), language)


def time_of_day(value: time, language: Language = "zh") -> tuple[str, ...]:
    """Say a time to the minute: 下午三点半."""
    return _pieces(_READERS[language].time_of_day(value), language)


def moment(value: datetime, today: date, language: Language = "zh") -> tuple[str, ...]:
    """Say a day and its time. `value` is in the centre's time zone already."""
    return day(value.date(), today, language) + time_of_day(value.time(), language)


def months(unpaid: Iterable[str], language: Language = "zh") -> tuple[str, ...]:
    """Say months, written "2026-01", as the spans they make: 二零二六年一月至六月, then 八月. Raises ValueError."""
    return _pieces(_READERS[language].months(_spans(unpaid)), language)


def room(building: int, unit: int, room: int, language: Language = "zh") -> tuple[str, ...]:
    """Say a home: 三栋二单元五零一室."""
    return _pieces(_READERS[language].room(_in_range(building), _in_range(unit), _in_range(room)), language)


def kind(value: str, language: Language = "zh") -> tuple[str, ...]:
    """Say the kind of a matter, as residents' MatterKind and duty entries name it; nothing for an unknown kind."""
    piece = f"{FOLDER}/kind-{value}"
    return (piece,) if piece in vocabulary(language) else ()


def addressed(surname: str, title: str, language: Language = "zh") -> tuple[str, ...]:
    """Say 张先生; nothing for a surname outside the hundred commonest, an unknown title, or in English."""
    return _pieces(_READERS[language].addressed(surname, title), language)


def digits(figures: str, language: Language = "zh") -> tuple[str, ...]:
    """Say figures one by one, as a telephone number is read (1 is 幺); every other character is passed over."""
    said = "".join(figure for figure in figures if figure in "0123456789")
    return _pieces((mandarin.spelt(said, one="幺") if language == "zh" else english.spelt(said),), language)


def open_matter(of_kind: str, opened: date, today: date, language: Language = "zh") -> tuple[str, ...]:
    """Say which matter: 您昨天的报修; the prompt case-in-progress may follow. Nothing for an unknown kind."""
    what = kind(of_kind, language)
    if not what:
        return ()
    when = _pieces(_READERS[language].day(opened, today, of=True), language)
    return (f"{FOLDER}/you", *when, *what) if language == "zh" else (f"{FOLDER}/your", *what, *when)


def expected(by: datetime, today: date, language: Language = "zh") -> tuple[str, ...]:
    """Say by when it was promised: 预计明天下午三点前完成. `by` is in the centre's time zone already."""
    after = (f"{FOLDER}/done-by",) if language == "zh" else ()
    return (f"{FOLDER}/expected", *moment(by, today, language), *after)


def arrears(unpaid: Iterable[str], yuan: Decimal | int, language: Language = "zh") -> tuple[str, ...]:
    """Say what is owed: 您未缴的物业费是二零二六年一月至六月共一千二百三十四元五角六分."""
    return (f"{FOLDER}/owed", *months(unpaid, language), f"{FOLDER}/in-all", *amount(yuan, language))


def _in_range(value: int) -> int:
    if not 0 <= value <= LARGEST:
        raise ValueError(f"cannot be said with the pieces there are: not within 0 to {LARGEST}")
    return value


def _spans(months: Iterable[str]) -> list[tuple[date, date]]:
    spans: list[tuple[date, date]] = []
    for at in sorted({date.fromisoformat(f"{month}-01") for month in months}):
        if spans and at - spans[-1][1] <= timedelta(days=31):
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((at, at))
    return spans


@cache
def _names(language: Language) -> Mapping[str, str]:
    return {text: piece for piece, text in vocabulary(language).items()}


def _pieces(phrases: tuple[str, ...], language: Language) -> tuple[str, ...]:
    return tuple(piece for phrase in phrases for piece in _fewest(phrase, language))


def _fewest(phrase: str, language: Language) -> tuple[str, ...]:
    """Return the fewest pieces that make a phrase: 二十二分钟 ends with 二 and 分钟, for 二分 would leave a rest."""
    names = _names(language)
    between = "" if language == "zh" else " "
    words = list(phrase) if language == "zh" else phrase.split()
    best: list[tuple[str, ...] | None] = [None] * len(words) + [()]  # for what begins at each word
    for start in reversed(range(len(words))):
        for end in range(start + 1, len(words) + 1):
            rest, piece = best[end], names.get(between.join(words[start:end]))
            if piece and rest is not None and ((known := best[start]) is None or len(rest) + 1 <= len(known)):
                best[start] = (piece, *rest)
    if best[0] is None:
        raise ValueError("cannot be said with the pieces there are")
    return best[0]
