"""A home, the people in it, what is open and what is owed: what an agent wants to know when a number rings.

Pure values. Names, words and numbers are left out of every `repr`, so that none enters a log by accident.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Self

from hotline.phone import PhoneNumber

WRITTEN_HOME: Final = re.compile(
    r"(?P<building>[0-9]{1,3})(?:-|栋|幢|座|号楼)(?P<unit>[0-9]{1,2})(?:-|单元)(?P<room>[0-9]{1,5})(?:室|号|房)?"
)
# The compound surnames still met; the first character alone would address these people wrongly.
COMPOUND_SURNAMES: Final = (
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙", "司徒",
    "夏侯", "端木", "轩辕", "南宫", "独孤", "西门", "百里", "东郭", "呼延", "闻人", "澹台", "申屠", "万俟",
)  # fmt: skip
LATIN: Final = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True, order=True)
class Home:
    """A home 房号: building, unit, room. `id` is the database's, None before it is stored, and no part of equality."""

    building: int
    unit: int
    room: int
    id: int | None = field(default=None, compare=False)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the home that "3-2-501" or "3栋2单元501室" names, or None. Numbers in words are not read here."""
        if len(text) > 40:
            return None
        written = WRITTEN_HOME.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
        if written is None:
            return None
        home = cls(building=int(written["building"]), unit=int(written["unit"]), room=int(written["room"]))
        return home if home.building and home.unit and home.room else None

    @property
    def label(self) -> str:
        """The short form, for screens and files: 3-2-501."""
        return f"{self.building}-{self.unit}-{self.room}"

    @property
    def spoken(self) -> str:
        """The form in sentences: 3栋2单元501室."""
        return f"{self.building}栋{self.unit}单元{self.room}室"

    def __str__(self) -> str:
        return self.label


class Title(StrEnum):
    """How a resident is addressed after the surname."""

    MR = "先生"
    MS = "女士"
    UNKNOWN = ""


class Relation(StrEnum):
    """What a resident is to the home."""

    OWNER = "owner"
    TENANT = "tenant"
    FAMILY = "family"


RELATION_WORDS: Final = {Relation.OWNER: "业主", Relation.TENANT: "租户", Relation.FAMILY: "家属"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Somebody who lives in a home or owns it 业主/住户."""

    id: int
    home: Home
    name: str = field(repr=False)
    title: Title = Title.UNKNOWN
    relation: Relation = Relation.OWNER
    is_elderly_alone: bool = (
        False  # an old person living alone 独居老人: more patience, and a visit rather than a letter
    )
    language: str = "zh"  # what the resident speaks, ISO 639: zh, yue, en …

    @property
    def surname(self) -> str:
        return surname_of(self.name)

    @property
    def salutation(self) -> str:
        """Surname and title, never the first name: 张先生; where the title is not known, 张业主."""
        return self.surname + (self.title or RELATION_WORDS[self.relation])


class MatterKind(StrEnum):
    """What an open matter is about."""

    REPAIR = "repair"
    COMPLAINT = "complaint"
    PAID_SERVICE = "paid-service"
    ENQUIRY = "enquiry"


class MatterState(StrEnum):
    """Whether a matter still waits for us."""

    OPEN = "open"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A repair, complaint or order of a home, with what was promised for when."""

    id: int
    home: Home
    kind: MatterKind
    text: str = field(repr=False)
    opened: datetime
    promised: datetime | None = None
    state: MatterState = MatterState.OPEN
    finished: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Return whether the promised time has passed and the matter is still open."""
        return self.state is MatterState.OPEN and self.promised is not None and self.promised < now


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrears:
    """What a home has not paid: the months, as "2026-01", and the sum of them in fen (a hundredth of a yuan)."""

    home: Home
    months: tuple[str, ...]
    fen: int = field(repr=False)

    @property
    def yuan(self) -> Decimal:
        return Decimal(self.fen) / 100

    @property
    def amount(self) -> str:
        """The sum for screens: 1234.56."""
        return f"{self.fen // 100}.{self.fen % 100:02}"

    @property
    def period(self) -> str:
        """The months for sentences: 2026年1月至6月; 2025年12月至2026年2月; 2026年1月、3月."""
        return period_in_words(self.months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A home with all its people, what is open, oldest promise first, and what it owes."""

    home: Home
    residents: tuple[Resident, ...] = ()
    open_matters: tuple[Matter, ...] = ()
    arrears: Arrears | None = None
    greets_by_name: bool = False  # whether the menu may say a resident's name, and what is open, to who calls
    has_pin: bool = False  # whether a PIN alone opens it; else the last four digits of a registered number


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCaller:
    """Everything a screen or a draft needs about a number: the people who use it and their households.

    One number may belong to several people and homes; then nobody is taken for certain.
    """

    number: PhoneNumber | None  # None: withheld, and an agent said whose home it is
    residents: tuple[Resident, ...]
    households: tuple[Household, ...]
    is_chosen: bool = False  # an agent said for this call that it is this home, whatever the number says

    @property
    def resident(self) -> Resident | None:
        """The caller, if this number belongs to one person only."""
        return self.residents[0] if len(self.residents) == 1 else None

    @property
    def household(self) -> Household | None:
        """The home called from, if this number belongs to one home only."""
        return self.households[0] if len(self.households) == 1 else None


def surname_of(name: str) -> str:
    """Return the surname: the first character, a compound surname's two, or a Latin name's last word."""
    name = name.strip()
    if LATIN.search(name):
        return name.split()[-1]
    return name[:2] if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else name[:1]


def month_after(month: str) -> str:
    """Return the month after "2026-12", "2027-01"."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"


def stretches_of(months: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return months with neighbours drawn together, each stretch as its first and last month."""
    runs: list[tuple[str, str]] = []
    for month in sorted(set(months)):
        if runs and month_after(runs[-1][1]) == month:
            runs[-1] = (runs[-1][0], month)
        else:
            runs.append((month, month))
    return tuple(runs)


def period_in_words(months: tuple[str, ...]) -> str:
    """Return months as people say them; neighbouring months are drawn together, a year is said once."""
    said, words = "", []
    for first, last in stretches_of(months):
        part = _month_in_words(first, said)
        if last != first:
            part += "至" + _month_in_words(last, first[:4])
        words.append(part)
        said = last[:4]
    return "、".join(words)


def _month_in_words(month: str, said: str) -> str:
    year, number = month[:4], int(month[5:])
    return f"{number}月" if year == said else f"{year}年{number}月"
