"""Numbers said in Mandarin, as numbers: figure by figure (五零一), or by place (一千二百零三). Pure."""

from typing import Final

import cn2an

DIGITS: Final = {
    "零": "0", "〇": "0", "一": "1", "幺": "1", "二": "2", "两": "2", "三": "3", "四": "4", "五": "5", "六": "6",
    "七": "7", "八": "8", "九": "9",
} | {digit: digit for digit in "0123456789"}  # fmt: skip
PLACES: Final = "十百千万"
FIGURES: Final = frozenset({*DIGITS, *PLACES})
RUN: Final = f"[{''.join(DIGITS)}{PLACES}]"


def number_of(text: str) -> int | None:
    """Return the number that figures or places say, or None where they say none for certain."""
    digits = figures_of(text)
    return int(digits) if digits is not None else value_of(text)


def figures_of(text: str) -> str | None:
    """Return what is said figure by figure as digits (五零一 -> 501); None where there is a place, or nothing."""
    if not text or any(letter not in DIGITS for letter in text):
        return None
    return "".join(DIGITS[letter] for letter in text)


def value_of(text: str) -> int | None:
    """Return what is said by place (一千二百三十四 -> 1234); None for what is not said so, as 一百二 or 三百五千."""
    said = text.replace("两", "二")
    try:
        value = cn2an.cn2an(said, "normal")
    except (ValueError, KeyError):  # KeyError: the library's own slip, at 三百零五千
        return None
    # There and back: the library reads more than people say.
    return value if isinstance(value, int) and _plain(cn2an.an2cn(value, "low")) == _plain(said) else None


def _plain(said: str) -> str:
    return said.replace("一十", "十").replace("〇", "零")
