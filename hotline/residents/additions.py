"""The one door for a resident whom an agent writes down: what is typed becomes a checked value, or is refused.

Pure. Each refusal names the field; what was typed is never repeated, because an answer may be logged.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hotline.errors import HotlineError
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Relation, Title

LONGEST_NAME: Final = 40
MOST_NUMBERS: Final = 5
# What a spreadsheet would run, once the list is taken out of the desk.
FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


class ResidentRefused(HotlineError):
    """What was written down of a resident cannot be kept; the details name the field."""

    error_id = "resident-refused"

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(message)
        self.details: dict[str, Any] = {"fields": {field_name: message}}


class ResidentDoubled(HotlineError):
    """Somebody of this name is written down in this home already: add the number to that person."""

    error_id = "resident-doubled"

    def __init__(self, resident_id: int) -> None:
        super().__init__("somebody of this name lives in this home already: add the number to them")
        self.details = {"resident_id": resident_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResident:
    """A resident to be kept, checked."""

    home: Home
    name: str = field(repr=False)
    title: Title = Title.UNKNOWN
    relation: Relation = Relation.OWNER
    language: str = "zh"
    is_elderly_alone: bool = False
    numbers: tuple[PhoneNumber, ...] = ()


def read_resident(
    *,
    home: str,
    name: str,
    title: Title,
    relation: Relation,
    numbers: Sequence[str],
    language: str = "zh",
    is_elderly_alone: bool = False,
    area_code: str = "",
) -> NewResident:
    """Return what was typed as a checked value. Raises ResidentRefused."""
    place = Home.parse(home)
    if place is None:
        raise ResidentRefused("home", "a home is written 3-2-501 or 3栋2单元501室")
    return NewResident(
        home=place,
        name=read_name(name),
        title=title,
        relation=relation,
        language=language,
        is_elderly_alone=is_elderly_alone,
        numbers=tuple(dict.fromkeys(read_number(number, area_code=area_code) for number in numbers)),
    )


def read_name(text: str) -> str:
    """Return a name as it is kept. Raises ResidentRefused."""
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name or len(name) > LONGEST_NAME:
        raise ResidentRefused("name", f"a name has 1 to {LONGEST_NAME} letters")
    if name.startswith(FORMULA) or not name.isprintable() or not any(letter.isalpha() for letter in name):
        raise ResidentRefused("name", "this is no name")
    return name


def read_number(text: str, *, area_code: str = "") -> PhoneNumber:
    """Return a number on which a resident can be reached. Raises ResidentRefused: no number, or one of the house."""
    number = PhoneNumber.parse(text, area_code=area_code)
    if number is None or number.is_internal:
        raise ResidentRefused("numbers", "this is no telephone number of a resident")
    return number
