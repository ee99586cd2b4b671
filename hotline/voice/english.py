"""How English reads what changes from call to call, and the pieces it is spoken from. Pure.

As hotline/voice/mandarin.py, and simpler: nobody is greeted by name.
"""

from collections.abc import Sequence
from datetime import date, time
from itertools import product
from typing import Final

ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS: Final = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip
ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
NEAR_DAYS: Final = {-1: "yesterday", 0: "today", 1: "tomorrow"}
UNITS: Final = {
    "people": ("person", "people"), "minutes": ("minute", "minutes"), "hours": ("hour", "hours"),
    "days": ("day", "days"), "matters": ("request", "requests"), "seconds": ("second", "seconds"),
}  # fmt: skip
KINDS: Final = {
    "repair": "repair request", "complaint": "complaint", "booking": "booking", "enquiry": "enquiry",
    "paid-service": "service order", "general-help": "request for help", "special-help": "emergency call",
    "call-back": "call back", "message": "message",
}  # fmt: skip
_PHRASES: Final = {
    "hello": "hello", "your": "your", "of": "of", "to": "to", "and": "and", "in-all": "in all", "point": "point",
    "owed": "your unpaid property fee is", "expected": "it should be done by", "hundred": "hundred",
    "thousand": "thousand", "million": "million", "yuan": "yuan", "oh": "oh", "building": "building", "unit": "unit",
    "room": "room", "am": "A M", "pm": "P M",
}  # fmt: skip


def texts() -> dict[str, str]:
    """Return every piece: its name (the sound's, without folder) and what it says."""
    found = {f"n-{n}": number(n) for n in (*range(20), *range(20, 100, 10))}
    found |= {f"n-{n}00": f"{ONES[n]} hundred" for n in range(1, 10)}
    found |= {f"month-{n}": name for n, name in enumerate(MONTHS, 1)}
    found |= {f"day-{n}": ordinal(n) for n in range(1, 32)}
    found |= {f"year-{n}": _year(n) for n in range(2024, 2040)}
    found |= {f"near-{n + 2}": word for n, word in NEAR_DAYS.items()}
    found |= {f"building-{n}": f"building {number(n)}" for n in range(1, 10)}
    found |= {f"unit-{n}": f"unit {number(n)}" for n in range(1, 7)}
    for (unit, words), form in product(UNITS.items(), ("one", "many")):
        if words[form == "many"] not in found.values():  # a second is the second of the month as well
            found[f"{unit}-{form}"] = words[form == "many"]
    found |= {f"kind-{kind}": words for kind, words in KINDS.items()}
    return found | _PHRASES


def number(value: int) -> str:
    """Read a number, 0 to 99,999,999: 1234 is one thousand two hundred and thirty four."""
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            many, rest = divmod(value, size)
            after = f" and {number(rest)}" if 0 < rest < 100 else f" {number(rest)}" if rest else ""
            return f"{number(many)} {name}{after}"
    if value < 20:
        return ONES[value]
    ten, one = divmod(value, 10)
    return f"{TENS[ten - 2]} {ONES[one]}" if one else TENS[ten - 2]


def spelt(figures: str, *, zero: str = "zero") -> str:
    """Read figures one by one: 501 is five zero one."""
    return " ".join(zero if figure == "0" else ONES[int(figure)] for figure in figures)


def ordinal(value: int) -> str:
    """Read the day of a month: 21 is twenty first."""
    if value <= 20:
        return ORDINALS[value - 1]
    return "thirtieth" if value == 30 else f"{TENS[value // 10 - 2]} {ORDINALS[value % 10 - 1]}"


def amount(fen: int) -> tuple[str, ...]:
    """Read money: 123450 fen are one thousand two hundred and thirty four point five yuan."""
    yuan, rest = divmod(fen, 100)
    point = ("point", spelt(f"{rest:02}".rstrip("0"))) if rest else ()
    return (number(yuan), *point, "yuan")


def count(value: int, unit: str) -> tuple[str, ...]:
    """Read a count: two minutes."""
    return number(value), UNITS[unit][value != 1]


def day(value: date, today: date, *, of: bool = False) -> tuple[str, ...]:
    """Read a day: yesterday, or December fifth, with the year where it is another; `of` is said before it."""
    before = ("of",) if of else ()
    if near := NEAR_DAYS.get((value - today).days):
        return (*before, near)
    years = () if value.year == today.year else (_year(value.year),)
    return (*before, MONTHS[value.month - 1], ordinal(value.day), *years)


def months(spans: Sequence[tuple[date, date]]) -> tuple[str, ...]:
    """Read spans of months: January to June and August twenty twenty six; a year is said after its last month."""
    read: list[str] = []
    for place, (first, last) in enumerate(spans, 1):
        if 1 < place == len(spans):
            read.append("and")
        read.append(MONTHS[first.month - 1])
        if first.year != last.year:
            read.append(_year(first.year))
        if first != last:
            read += ["to", MONTHS[last.month - 1]]
        if place == len(spans) or spans[place][0].year != last.year:
            read.append(_year(last.year))
    return tuple(read)


def room(building: int, unit: int, room: int) -> tuple[str, ...]:
    """Read a home: building three, unit two, room five oh one."""
    return f"building {number(building)}", f"unit {number(unit)}", "room", spelt(str(room), zero="oh")


def time_of_day(value: time) -> tuple[str, ...]:
    """Read a time to the minute: three thirty P M, ten oh five A M."""
    minutes = () if not value.minute else (f"{'oh ' if value.minute < 10 else ''}{number(value.minute)}",)
    return number(value.hour % 12 or 12), *minutes, "A M" if value.hour < 12 else "P M"


def _year(value: int) -> str:
    century, rest = divmod(value, 100)
    return f"{number(century)} {number(rest) if rest > 9 else f'oh {ONES[rest]}' if rest else 'hundred'}"


def addressed(_surname: str, _title: str) -> tuple[str, ...]:
    """Nobody is greeted by name in English."""
    return ()
