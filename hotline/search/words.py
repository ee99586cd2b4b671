"""Split text into the words of the index: Chinese into single characters and overlapping pairs, the rest as written.

Pure. 漏水 has two characters, too few for the trigrams that databases offer; and the same words serve both databases.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from hotline.residents.resident import WRITTEN_HOME, Home

LONGEST_TEXT: Final = 100_000  # characters of one thing that are found again: a talk of several hours
LONGEST_WORD: Final = 64  # of Latin letters or digits; PostgreSQL refuses a word of 2 KiB
# A run of Latin letters and digits is one word. Everything else that is a letter is written without gaps between words.
RUN: Final = re.compile(r"[0-9a-z]+|[^\W_\x00-\x7f]+")
DIGITS: Final = dict(zip("〇零一二两三四五六七八九幺", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 1), strict=True))
STEPS: Final = {"十": 10, "百": 100, "千": 1000}
NUMERAL: Final = re.compile("[〇零一二两三四五六七八九幺十百千]{1,9}")


def folded(text: str) -> tuple[str, list[int]]:
    """Return text in the one form that is compared, and of each of its characters the place in `text`.

    Full-width forms become narrow and capitals small, a character at a time, so that a hit can be marked where it is.
    """
    characters, places = [], []
    for place, character in enumerate(text):
        for one in unicodedata.normalize("NFKC", character).casefold():
            characters.append(one)
            places.append(place)
    return "".join(characters), places


def runs_of(text: str) -> list[str]:
    """Return the stretches of letters and digits in text, folded."""
    return RUN.findall(folded(text)[0])


def split(text: str) -> list[str]:
    """Return the words under which this text is found, each once, in order."""
    return list(dict.fromkeys(word for run in runs_of(text[:LONGEST_TEXT]) for word in _words_of(run)))


def asked_for(run: str) -> list[str]:
    """Return the words that every text holding this run has: its pairs, or the one character."""
    if run.isascii():
        return [run[:LONGEST_WORD]]
    return list(dict.fromkeys(_pairs(run))) or [run]


def homes_in(text: str) -> list[Home]:
    """Return the homes that a text names, written (3-2-501, 3栋2单元501) or as spoken (三栋二单元五零一), each once."""
    written = in_digits(re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:LONGEST_TEXT])))
    homes = (Home.parse(found[0]) for found in WRITTEN_HOME.finditer(written))
    return list(dict.fromkeys(home for home in homes if home is not None))


def home_named(text: str) -> Home | None:
    """Return the home that this text is, in any of the forms people write and say, or None."""
    return Home.parse(in_digits(unicodedata.normalize("NFKC", text)).strip()) if len(text) <= 40 else None


def in_digits(text: str) -> str:
    """Return text with its Chinese numerals in digits: 五零一 and 五百零一 are 501, 十二 is 12."""
    return NUMERAL.sub(lambda found: _digits(found[0]), text)


def _digits(numeral: str) -> str:
    if not set(numeral) & set(STEPS):
        return "".join(str(DIGITS[character]) for character in numeral)
    total, digit = 0, 0
    for character in numeral:
        if character in STEPS:
            total += (digit or (not total)) * STEPS[character]
            digit = 0
        else:
            digit = DIGITS[character]
    return str(total + digit)


def _words_of(run: str) -> Iterable[str]:
    return [run[:LONGEST_WORD]] if run.isascii() else [*run, *_pairs(run)]


def _pairs(run: str) -> Iterator[str]:
    return (run[place : place + 2] for place in range(len(run) - 1))
