"""How Mandarin text sounds: a syllable a character, tones left out, and how far two syllables lie apart. Pure.

Most errors of a recogniser are homophones, and the telephone's 3.4 kHz take away what tells zh from z, n from l, in
from ing. Whatever is looked up in a list of words is therefore looked up by these sounds.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from pypinyin import lazy_pinyin

_LETTERS: Final[Any] = list  # what is not Chinese, letter by letter
_INITIALS: Final = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s", "y", "w"
)  # fmt: skip
# What the telephone confuses: each of a group is heard as each other.
_ALIKE_INITIALS: Final = ({"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}, {"r", "l"}, {"f", "h"})
_ALIKE_FINALS: Final = (
    {"in", "ing"}, {"en", "eng"}, {"an", "ang"}, {"ian", "iang"}, {"uan", "uang"}, {"ou", "u"},
)  # fmt: skip
# f and h are confused before u: fang and huang, fei and hui, fu and hu.
_F_AS_H: Final = {
    "fu": "hu", "fo": "huo", "fa": "hua", "fei": "hui", "fen": "hun", "fan": "huan", "fang": "huang", "feng": "hong",
}  # fmt: skip
_FOLDED_INITIAL: Final = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l"}
_FOLDED_FINAL: Final = {"ing": "in", "eng": "en", "ang": "an", "iang": "ian", "uang": "uan", "ou": "u"}


def syllables(text: str) -> tuple[str, ...]:
    """Return the sound of each character, in its context; what is not Chinese stands for itself."""
    spoken = lazy_pinyin(text, errors=_LETTERS)
    if len(spoken) != len(text):  # a character that a library reads as two: each for itself
        spoken = [lazy_pinyin(letter, errors=_LETTERS)[0] for letter in text]
    return tuple(spoken)


@lru_cache(maxsize=4096)
def apart(one: str, other: str) -> int | None:
    """Return how far two syllables lie apart: 0 the same, 1 or 2 confused by the telephone, None: two sounds."""
    if one == other:
        return 0
    if _F_AS_H.get(one, one) == _F_AS_H.get(other, other):
        return 1
    (initial, final), (initial2, final2) = _split(one), _split(other)
    steps = 0
    for part, part2, alike in ((initial, initial2, _ALIKE_INITIALS), (final, final2, _ALIKE_FINALS)):
        if part != part2:
            if not any(part in group and part2 in group for group in alike):
                return None
            steps += 1
    # f is heard as h only where an u follows, which the table above knows.
    return None if {initial, initial2} == {"f", "h"} else steps


def distance(one: Sequence[str], other: Sequence[str]) -> int | None:
    """Return how far two words of one length lie apart, all syllables together; None where any is another sound."""
    steps = [apart(syllable, syllable2) for syllable, syllable2 in zip(one, other, strict=True)]
    return None if None in steps else sum(step for step in steps if step)


@lru_cache(maxsize=4096)
def folded(syllable: str) -> str:
    """Return a syllable with everything the telephone confuses made one: words of one folded sound may be one word."""
    initial, final = _split(_F_AS_H.get(syllable, syllable))
    return _FOLDED_INITIAL.get(initial, initial) + _FOLDED_FINAL.get(final, final)


def _split(syllable: str) -> tuple[str, str]:
    for initial in _INITIALS:
        if syllable.startswith(initial):
            return initial, syllable[len(initial) :]
    return "", syllable
