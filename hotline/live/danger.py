"""Words of danger: which of them a text holds, and when to believe it. Pure.

A word is found in the text as it is written and, in Chinese, by its sound without tones: most errors of a recogniser
are homophones (着火 -> 找火). Spaces say nothing: recognisers set them as they like.
"""

from dataclasses import dataclass, field
from typing import Final

from hotline.transcribe.sounds import distance, syllables

LEAST_SIGNS: Final = 2  # one syllable is in every sentence
CHINESE: Final = "zh"
LONG_WORD: Final = 3  # syllables
ALIKE_AT_MOST: Final = 1
EXACT: Final = "="  # before a word that is found by its writing alone: 打人 sounds like 大人


@dataclass(frozen=True, slots=True)
class DangerWord:
    """One word of the table: what is shown, and whether its sound alone tells."""

    text: str
    by_sound: bool = True

    @classmethod
    def parse(cls, text: str) -> "DangerWord":
        """Read a word as the table has it. Raises ValueError with what is wrong."""
        word = cls(" ".join(text.removeprefix(EXACT).split()), by_sound=not text.startswith(EXACT))
        if len(bare(word.text)) < LEAST_SIGNS:
            raise ValueError(f"'{word.text}' is too short: it would be heard in every talk")
        return word


@dataclass(frozen=True, slots=True)
class DangerTable:
    """The words of one language."""

    words: tuple[DangerWord, ...] = ()
    language: str = CHINESE
    _sounds: dict[DangerWord, tuple[str, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        heard = [word for word in self.words if word.by_sound and self.language == CHINESE]
        object.__setattr__(self, "_sounds", {word: syllables(bare(word.text)) for word in heard})

    def found_in(self, text: str) -> frozenset[str]:
        """Return the words of the table that this text holds."""
        written = bare(text)
        if not written:
            return frozenset()
        heard = syllables(written) if self._sounds else ()
        return frozenset(
            word.text
            for word in self.words
            if bare(word.text) in written or (word in self._sounds and _sounds_within(self._sounds[word], heard))
        )


class DangerWatch:
    """Listens to one leg, and tells each word once.

    A word is believed when it is final, or stands in two looks at an unfinished turn running: what the recogniser takes
    back at once alarms nobody.
    """

    def __init__(self, table: DangerTable) -> None:
        self._table = table
        self._seen: frozenset[str] = frozenset()
        self._told: set[str] = set()

    def hear(self, text: str, *, is_final: bool) -> tuple[str, ...]:
        """Return the words to raise the alarm for, in the order of the table."""
        found = self._table.found_in(text)
        believed = found if is_final else found & self._seen
        self._seen = frozenset() if is_final else found
        fresh = believed - self._told
        self._told |= fresh
        return tuple(word.text for word in self._table.words if word.text in fresh)


def bare(text: str) -> str:
    """Return the text without spaces, in small letters."""
    return "".join(text.split()).casefold()


def _sounds_within(wanted: tuple[str, ...], heard: tuple[str, ...]) -> bool:
    """Tell whether a word was heard; in a long one the telephone may have confused one syllable's half."""
    allowed = ALIKE_AT_MOST if len(wanted) >= LONG_WORD else 0
    for place in range(len(heard) - len(wanted) + 1):
        apart = distance(wanted, heard[place : place + len(wanted)])
        if apart is not None and apart <= allowed:
            return True
    return False
