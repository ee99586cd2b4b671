"""From a typed text to clauses that a synthesiser reads as people would. Pure.

The engines' own front ends read plain numbers and amounts. What they were heard to read wrongly is written out here
first: telephone numbers, rooms, times of day, thousands, ranges.
"""

import re
import unicodedata
from typing import Final

from hotline.voice.errors import TextRefused

LONGEST: Final = 500  # characters: about two minutes
CLAUSE: Final = 80  # characters; an engine hears no more than some hundred sounds at once
_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_SENTENCE: Final = re.compile(r"(?<=[。！？；!?;\n])|(?<=\.)\s")
_PAUSE: Final = re.compile(r"(?<=[，、,：:])|\s+")


def clean(text: str) -> str:
    """Return a text without control characters, in one line of one kind of space.

    Raises TextRefused: nothing in it can be said, or more than `LONGEST` characters are left.
    """
    plain = "".join(" " if sign.isspace() else sign for sign in text if sign.isspace() or _is_said(sign))
    plain = " ".join(plain.split())
    if not any(sign.isalnum() for sign in plain):
        raise TextRefused("the text holds nothing that can be said")
    if len(plain) > LONGEST:
        raise TextRefused(f"the text has {len(plain)} characters: {LONGEST} is the most")
    return plain


def as_read(text: str) -> str:
    """Return a Chinese text with numbers written as they are read, where an engine would not find out by itself."""
    for pattern, written in _READINGS:
        text = pattern.sub(written, text)
    return text


def clauses(text: str, most: int = CLAUSE) -> list[str]:
    """Return a text in pieces of at most `most` characters, cut where one breathes as far as that is possible."""
    pieces: list[str] = []
    for sentence in _SENTENCE.split(text):
        line = ""
        for part in [sentence] if len(sentence) <= most else _PAUSE.split(sentence):
            for begun in range(0, len(part), most):
                piece = part[begun : begun + most]
                space = " " if line and line[-1].isascii() and piece[:1].isascii() else ""
                if len(line) + len(space) + len(piece) > most:
                    pieces.append(line)
                    line = space = ""
                line += space + piece
        pieces.append(line)
    return [piece.strip() for piece in pieces if any(sign.isalnum() for sign in piece)]


def _is_said(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "CZ" and unicodedata.category(sign) not in ("So", "Sk")


def _one_by_one(found: re.Match[str]) -> str:
    return "".join(sign.translate(_DIGITS) for sign in found[0] if sign.isdigit())


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    return f"{hour}点整" if not minute else f"{hour}点{'零' if minute < 10 else ''}{minute}分"


def _date(found: re.Match[str]) -> str:
    return f"{found[1]}年{int(found[2])}月{int(found[3])}日"


_READINGS: Final = (
    (re.compile(r"(?<=\d)[,，](?=\d{3}(?!\d))"), ""),  # 1,234.56
    (re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)"), _date),
    (re.compile(r"(?<![\d:：])(\d{1,2})[:：]([0-5]\d)(?![\d:：])"), _time),
    (re.compile(r"(?<![\d.])(?:\d{3,4}-)?\d{7,}(?!\s*[\d.元万度吨])"), _one_by_one),  # a telephone number
    (
        re.compile(r"(?<![\d.])(?:1\d{4}|[49]\d{4}|1[12]\d|0\d+)(?=(?:热线|电话|$|[，。；、\s）)]))"),
        _one_by_one,
    ),  # 96000, 120
    (re.compile(r"(?<![\d.])\d{3,4}(?=\s*(?:室|号房|房))"), _one_by_one),
    (re.compile(r"(?<!\d)[-−](?=\d+(?:\.\d+)?\s*(?:℃|°|度))"), "零下"),
    (re.compile(r"(?<=[\d点整分日月年号栋层楼室])\s*[-–—~～]+\s*(?=\d)"), "至"),
    (re.compile(r"(?<=\d)\s*[㎡]"), "平方米"),
)
