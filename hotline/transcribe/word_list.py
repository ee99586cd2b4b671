"""A site's word list: words of the trade, its homes, its residents' surnames, the caller's own home and name. Pure.

Comes before `mending`, which looks up by sound what a recogniser wrote, and beside `word_list_store`, which reads what
is the site's own.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from hotline.residents.resident import Home, surname_of
from hotline.transcribe.sounds import distance, folded, syllables

_TABLE: Final = tomllib.loads(Path(__file__).with_name("trade_words.toml").read_text(encoding="utf-8"))
DANGER_WORDS: Final[tuple[str, ...]] = tuple(_TABLE["danger"])
TRADE_WORDS: Final[tuple[str, ...]] = tuple(_TABLE["trade"])
ORDINARY: Final[frozenset[str]] = frozenset(_TABLE["ordinary"])
SHORTEST: Final = 2  # a single character has too many of its sound


@dataclass(frozen=True, slots=True)
class ListedWord:
    """A word to be found again by its sound. `is_danger`: it may mean danger to life, property or order."""

    text: str
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A listed word that sounds like what was heard, and how many parts of syllables lie between (0: the same)."""

    word: ListedWord
    distance: int


class SoundIndex:
    """Listed words by their sound. Build it once for a list: it asks for the sound of every word."""

    def __init__(self, words: Iterable[ListedWord]) -> None:
        self.words: Mapping[str, ListedWord] = {word.text: word for word in words if len(word.text) >= SHORTEST}
        self.longest = max(map(len, self.words), default=0)
        self._by_sound: dict[tuple[str, ...], list[tuple[ListedWord, tuple[str, ...]]]] = defaultdict(list)
        for word in self.words.values():
            spoken = syllables(word.text)
            self._by_sound[tuple(map(folded, spoken))].append((word, spoken))

    def like(self, spoken: Sequence[str]) -> list[Found]:
        """Return the words that these syllables may be, the nearest first."""
        found = []
        for word, own in self._by_sound.get(tuple(map(folded, spoken)), ()):
            steps = distance(own, spoken)
            if steps is not None:
                found.append(Found(word, steps))
        return sorted(found, key=lambda one: one.distance)


@dataclass(frozen=True)
class WordList:
    """What a site's calls are mended by. Empty `homes` or `surnames`: not known, so nothing is told by them.

    `caller_names` and `caller_homes` are those of whoever the caller's number belongs to: they come first.
    """

    own_words: tuple[str, ...] = ()
    homes: frozenset[Home] = frozenset()
    surnames: frozenset[str] = field(default=frozenset(), repr=False)
    caller_names: tuple[str, ...] = field(default=(), repr=False)
    caller_homes: frozenset[Home] = field(default=frozenset(), repr=False)

    @cached_property
    def index(self) -> SoundIndex:
        """Trade words and the site's own, by sound."""
        return _index(self.own_words)

    @cached_property
    def buildings(self) -> frozenset[int]:
        return frozenset(home.building for home in self.homes)

    @cached_property
    def units(self) -> frozenset[tuple[int, int]]:
        """Every building with each of its units."""
        return frozenset((home.building, home.unit) for home in self.homes)

    @cached_property
    def caller_surnames(self) -> frozenset[str]:
        return frozenset(surname_of(name) for name in self.caller_names)


NOTHING_OF_THE_SITE: Final = WordList()


@lru_cache(maxsize=8)
def _index(own_words: tuple[str, ...]) -> SoundIndex:
    return SoundIndex(
        [
            *(ListedWord(text) for text in (*TRADE_WORDS, *own_words)),
            *(ListedWord(text, is_danger=True) for text in DANGER_WORDS),
        ]
    )
