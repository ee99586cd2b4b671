"""What the index keeps of one thing that can be found, and the words it is found under. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.search.words import homes_in, split

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
# Facts are words, too, so that one look into one index answers everything. No word of a text has a colon.
FACT_KIND: Final = "k:"
FACT_REQUEST: Final = "r:"
FACT_HOME: Final = "h:"
FACT_NUMBER: Final = "n:"
FACT_NAME: Final = "p:"


class Found(StrEnum):
    """What kind of thing was found."""

    CALL = "call"
    TRANSCRIPT = "transcript"
    ENTRY = "entry"
    FOLLOW_UP = "follow-up"
    RESIDENT = "resident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that can be found. `item` is its key in its own room; `home` and `who` are shown, `text` is quoted."""

    kind: Found
    item: str
    at: datetime
    call_id: str | None = None
    request: str = ""  # the kind of request (dutylog.entry.Kind), where there is one
    number: str = field(default="", repr=False)  # E.164 where it can be read, else as it came
    home: str = ""
    homes: tuple[str, ...] = ()  # all that it may be found under; a number may belong to several
    who: str = field(default="", repr=False)  # 张先生
    names: str = field(default="", repr=False)  # whole names, for finding only
    text: str = field(default="", repr=False)

    @property
    def place(self) -> int:
        """The moment in microseconds since 1970, by which the index is ordered."""
        return place_of(self.at)

    @property
    def words(self) -> list[str]:
        """Every word that this row is found under."""
        return list(dict.fromkeys(self._words()))

    def _words(self) -> Iterator[str]:
        yield f"{FACT_KIND}{self.kind}"
        if self.request:
            yield f"{FACT_REQUEST}{self.request}"
        if self.number:
            yield number_word(self.number)
        shown = Home.parse(self.home)
        for home in {*self.homes, *([shown.label] if shown else []), *(home.label for home in homes_in(self.text))}:
            yield f"{FACT_HOME}{home}"
        for word in split(f"{self.who} {self.names}"):
            yield f"{FACT_NAME}{word}"
            yield word
        if shown is None:
            yield from split(self.home)  # 中心花园, 大堂: a place that is no home
        yield from split(self.text)


def place_of(at: datetime) -> int:
    """Return a moment in microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def moment_of(place: int) -> datetime:
    """Return the moment of a place in the index."""
    return EPOCH + place * MICROSECOND


def number_word(number: str) -> str:
    """Return the word for a telephone number: one word, whatever signs it was written with."""
    return FACT_NUMBER + "".join(sign for sign in number if sign.isalnum() or sign == "+")[:40]


def number_kept(number: str, *, area_code: str) -> str:
    """Return the form in which a number is kept: E.164 where it can be read, else as it came."""
    read = PhoneNumber.parse(number, area_code=area_code)
    return read.e164 if read else number
