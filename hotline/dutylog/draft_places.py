"""Which home a call is about: what was said, beside the resident's record. Pure.

What was said and the record agree, or one stands alone, or they contradict each other: then both are offered and none
is chosen. A home of somebody else (楼上九零二) is not the caller's.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hotline.dutylog.draft_fields import Certainty, Drafted, DraftField, Origin, second_of
from hotline.residents.resident import Home, KnownCaller
from hotline.transcribe.figures import RUN, number_of
from hotline.transcribe.spoken_numbers import number_writing
from hotline.transcribe.transcript import Side, Turn
from hotline.transcribe.word_list import NOTHING_OF_THE_SITE

_PLACE: Final = re.compile(
    r"(?<![0-9-])(?P<building>[0-9]{1,3})(?:(?:栋|幢|座|号楼|-)的?(?P<unit>[0-9]{1,2})(?:单元|-)|(?:栋|幢|座|号楼))"
    r"(?:(?P<room>[0-9]{3,5})(?![0-9]))?(?:室|号|房)?"
    r"|(?<![0-9])(?P<unit_alone>[0-9]{1,2})单元(?:(?P<room_beside>[0-9]{3,5})(?![0-9]))?"
)
_DASHED: Final = re.compile(rf"({RUN}{{1,3}})[杠-]({RUN}{{1,2}})[杠-]({RUN}{{3,7}})")
_ROOM_ALONE: Final = re.compile(r"(?<![0-9点元.])(?P<room>[0-9]{3,5})(?:室|房)")
_OWN: Final = re.compile(r"(?:住在?|我家是?|我们家是?|我是|这里是|房号是?)[^，。！？0-9]{0,4}$")
_OTHERS: Final = re.compile(r"(?:楼上|楼下|隔壁|对面|邻居|人家)[^，。！？0-9]{0,4}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A home as far as it was said; None is what was not said."""

    building: int | None
    unit: int | None
    room: int | None

    @property
    def label(self) -> str:
        """The short form, 3-2-501 or 7-1; what lacks a part in its middle as a person would write it: 3栋501室."""
        if self.building is not None and self.unit is not None:
            return "-".join(str(part) for part in (self.building, self.unit, self.room) if part is not None)
        written = ((self.building, "栋"), (self.unit, "单元"), (self.room, "室"))
        return "".join(f"{part}{name}" for part, name in written if part is not None)

    @property
    def is_whole(self) -> bool:
        return None not in (self.building, self.unit, self.room)

    def fits(self, home: Home) -> bool:
        """Whether nothing that was said contradicts this home."""
        said = ((self.building, home.building), (self.unit, home.unit), (self.room, home.room))
        return all(part is None or part == there for part, there in said)

    def with_rest_of(self, other: "Place") -> "Place":
        """Return this place with what it lacks taken from what was said before it."""
        return Place(
            building=other.building if self.building is None else self.building,
            unit=other.unit if self.unit is None else self.unit,
            room=other.room if self.room is None else self.room,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    place: Place
    turn: Turn
    phrase: str
    is_own: bool
    is_doubted: bool


def draft_home(known: KnownCaller | None, turns: Sequence[Turn]) -> Drafted:
    """Return the home of the call with its source; `known` is whose number it is, or whom an agent chose."""
    if known is not None and known.is_chosen and known.household is not None:
        return Drafted(
            field=DraftField.HOME,
            value=known.household.home.label,
            origin=Origin.AGENT,
            certainty=Certainty.SURE,
        )
    on_record = [household.home for household in known.households] if known else []
    said = _by_caller(turns)
    if not said:
        said = list(_all_said(turns, Side.AGENT))[:1]  # the caller was not understood by us, but by the agent
    if not said:
        return _of_record(on_record)
    first = said[0]
    told = list(dict.fromkeys(one.place.label for one in said))
    fitting = [home for home in on_record if any(one.place.fits(home) for one in said)]
    read_back = [one.place for one in _all_said(turns, Side.AGENT) if one.place.is_whole]
    if len(fitting) == 1:
        agreeing = next(one for one in said if one.place.fits(fitting[0]))
        # A building alone fits many a record: it says little.
        is_sure = agreeing.place.room is not None or len(on_record) == 1
        return _spoken(agreeing, fitting[0].label, Certainty.SURE if is_sure else Certainty.LIKELY)
    others = [home.label for home in (fitting or on_record)]
    if others and first.place.label not in others:
        return _spoken(first, "", Certainty.UNSURE, offered=tuple(dict.fromkeys([*told, *others])))
    if len(told) > 1:
        agreed = [one for one in said if one.place in read_back]
        if len({one.place for one in agreed}) != 1:
            return _spoken(first, "", Certainty.UNSURE, offered=tuple(told))
        return _spoken(agreed[0], agreed[0].place.label, Certainty.LIKELY, offered=tuple(told))
    if read_back and first.place.is_whole and first.place not in read_back:
        both = (first.place.label, *(place.label for place in read_back))
        return _spoken(first, "", Certainty.UNSURE, offered=tuple(dict.fromkeys(both)))
    is_repeated = first.turn.side is Side.CALLER and first.place in read_back
    likely = Certainty.UNSURE if first.is_doubted or first.place.building is None else Certainty.LIKELY
    return _spoken(first, first.place.label, Certainty.SURE if is_repeated else likely)


def in_digits(text: str) -> str:
    """Return a turn with its numbers in digits, also where the transcript has them in characters; 三杠二 is 3-2."""
    text = _DASHED.sub(_with_dashes, text)
    for edit in reversed(number_writing(text, NOTHING_OF_THE_SITE)):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _with_dashes(found: re.Match[str]) -> str:
    numbers = [number_of(part) for part in found.groups()]
    return found[0] if None in numbers else "-".join(map(str, numbers))


def _by_caller(turns: Iterable[Turn]) -> list[_Said]:
    """Return the homes that the caller gave as their own; where none is whole, what pieces make together."""
    said = list(_all_said(turns, Side.CALLER))
    whole = [one for one in said if one.place.is_whole]
    if whole:
        own = [one for one in whole if one.is_own]
        return own or whole
    if len(said) < 2:
        return said
    together, doubted = said[0].place, any(one.is_doubted for one in said)
    for one in said[1:]:
        together = one.place.with_rest_of(together)
    first = said[0]
    return [_Said(place=together, turn=first.turn, phrase=first.phrase, is_own=first.is_own, is_doubted=doubted)]


def _all_said(turns: Iterable[Turn], side: Side) -> Iterator[_Said]:
    for turn in turns:
        if turn.side is not side:
            continue
        text = in_digits(turn.text)
        places = list(_PLACE.finditer(text))
        for found in places or _ROOM_ALONE.finditer(text):
            before = text[: found.start()]
            if _OTHERS.search(before):
                continue
            parts = {name: int(part) for name, part in found.groupdict().items() if part}
            if 0 in parts.values():
                continue
            place = Place(
                building=parts.get("building"),
                unit=parts.get("unit", parts.get("unit_alone")),
                room=parts.get("room", parts.get("room_beside")),
            )
            yield _Said(
                place=place,
                turn=turn,
                phrase=found[0],
                is_own=bool(_OWN.search(before)),
                is_doubted=any(
                    word.text.strip("，。！？ ") in found[0] or found[0] in word.text for word in turn.unsure
                ),
            )


def _of_record(homes: Sequence[Home]) -> Drafted:
    if len(homes) == 1:
        return Drafted(field=DraftField.HOME, value=homes[0].label, origin=Origin.RESIDENT, certainty=Certainty.LIKELY)
    origin = Origin.RESIDENT if homes else Origin.NOTHING
    return Drafted(field=DraftField.HOME, origin=origin, offered=tuple(home.label for home in homes))


def _spoken(said: _Said, value: str, certainty: Certainty, *, offered: tuple[str, ...] = ()) -> Drafted:
    return Drafted(
        field=DraftField.HOME,
        value=value,
        origin=Origin.RECORDING,
        certainty=certainty,
        side=said.turn.side,
        second=second_of(said.turn, said.phrase),
        phrase=said.phrase,
        offered=tuple(label for label in offered if label != value),
    )
