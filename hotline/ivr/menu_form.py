"""Read the text of a menu file into a MenuPlan, or into what is wrong with it, line by line. Pure.

The form is checked by pydantic (names, kinds of values), the meaning by menu_rules, and every complaint is given the
line it stands in. docs/menus.md describes the format.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hotline.dutylog.entry import Kind
from hotline.hours import DAYS, Spans, WeeklyHours, parse_spans
from hotline.ivr.menu import Choice, Language, Menu, MenuPlan, Target, To
from hotline.ivr.menu_rules import Known, Place, wrongs
from hotline.toml_lines import line_at, lines_of

AS_WEEKDAY: Final = "open"
_TOML_LINE: Final = re.compile(r" ?\(at line (\d+), column \d+\)| ?\(at end of document\)")
_IN_CLEAR_WORDS: Final = {
    "missing": "is missing",
    "dict_type": "must be a table of names",
    "model_type": "must be a table of names",
    "tuple_type": "must be a list in brackets",
    "frozen_set_type": "must be a list in brackets",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}
_NAME: Final = r"^[a-z][a-z0-9-]{1,29}$"
_PROMPT: Final = r"^([a-z]+/)?[a-z0-9][a-z0-9-]*$"  # as in voice/prompts.py
_CODE: Final = r"^[a-z]{2}$"
_KEY: Final = r"^[0-9*]$"
_IS_NO: Final = {
    _NAME: "cannot be a name: write small letters, digits and hyphens, a letter first",
    _PROMPT: "cannot be the id of a prompt: write small letters, digits and hyphens",
    _CODE: "is no language: write two small letters, zh or en",
    _KEY: "is no key for a choice: write 0 to 9 or *; # refuses the recording, in every menu",
}

Name = Annotated[str, Field(pattern=_NAME)]
PromptId = Annotated[str, Field(pattern=_PROMPT)]
Code = Annotated[str, Field(pattern=_CODE)]
Key = Annotated[str, Field(pattern=_KEY)]
Label = Annotated[str, Field(min_length=1, max_length=16)]
Text = Annotated[str, Field(strict=True)]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in one place of a file."""

    line: int
    place: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.place}: {self.reason}" if self.place else f"line {self.line}: {self.reason}"


def _spans(value: Any) -> Spans:
    if not isinstance(value, str):
        raise ValueError('must be text in quotes: "09:00-18:00" or "closed"')  # noqa: TRY004 -- as pydantic wants it
    return parse_spans(value)


def _target(value: Any) -> Target:
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")  # noqa: TRY004 -- as pydantic wants it
    return Target.parse(value)


def _day(value: Any) -> date:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != value:  # one way of writing a day: none can stand twice
        raise ValueError(f"'{value}' is no day: write 2027-02-16")
    return day


def _holidays(value: Any) -> Spans | None:
    return None if value == AS_WEEKDAY else _spans(value)


DayText = Annotated[Spans, BeforeValidator(_spans)]
Holidays = Annotated[Spans | None, BeforeValidator(_holidays)]
TargetText = Annotated[Target, BeforeValidator(_target)]
Day = Annotated[date, BeforeValidator(_day)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Hours(_Form):
    every_day: DayText | None = None
    mon: DayText | None = None
    tue: DayText | None = None
    wed: DayText | None = None
    thu: DayText | None = None
    fri: DayText | None = None
    sat: DayText | None = None
    sun: DayText | None = None
    holidays: Holidays = None
    exceptions: dict[Day, DayText] = Field(default_factory=dict)


class _Entrance(_Form):
    open: Name
    closed: Name


class _Language(_Form):
    label: Label
    queue: Name = ""
    leaves_out: frozenset[PromptId] = frozenset()


class _Choice(_Form):
    label: Label
    to: TargetText | None = None
    prompt: PromptId = ""
    request: Literal["repair", "complaint", "enquiry", "paid-service", "general-help", "special-help"] | None = None
    priority: Annotated[int, Field(ge=0, le=9, strict=True)] = 0
    language: Code = ""
    then: Name = ""


class _Menu(_Form):
    label: Label
    prompts: Annotated[tuple[PromptId, ...], Field(min_length=1, max_length=9)]
    choices: dict[Key, _Choice]
    when_silent: _Choice
    invalid: PromptId = "invalid-choice"
    waits: Annotated[float, Field(ge=1, le=30, strict=True)] = 4.0
    asks: Annotated[int, Field(ge=1, le=5, strict=True)] = 2


class _File(_Form):
    version: Annotated[Text, Field(min_length=1, max_length=40)]
    hours: _Hours
    entrance: _Entrance
    languages: Annotated[dict[Code, _Language], Field(min_length=1)]
    menus: Annotated[dict[Name, _Menu], Field(min_length=1)]


def read_plan(text: str, known: Known) -> MenuPlan | tuple[Problem, ...]:
    """Return the plan, or everything that is wrong with its text, in the order of its lines. Never raises."""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:  # also for a number or a nesting that Python will not read
        return (_not_toml(text, str(wrong)),)
    lines = lines_of(text)
    try:
        form = _File.model_validate(values)
    except ValidationError as wrong:
        problems = [_formal(lines, dict(error)) for error in wrong.errors()]
        return tuple(sorted({problem.place: problem for problem in reversed(problems)}.values()))
    found = [*_unfinished(form)]
    try:
        hours = _hours(form.hours)
    except ValueError as wrong:
        found.append((("hours",), str(wrong)))
    if not found:
        plan = _plan(form, hours)
        found = [(wrong.place, wrong.reason) for wrong in wrongs(plan, known)]
        if not found:
            return plan
    return tuple(sorted({Problem(line_at(lines, place), ".".join(place), reason) for place, reason in found}))


def _unfinished(form: _File) -> list[tuple[Place, str]]:
    """Return the choices that lead nowhere; only one that changes the language may leave that to us."""
    found: list[tuple[Place, str]] = [
        (("menus", name, "choices", key), "'to' is missing: where does this key lead?")
        for name, menu in form.menus.items()
        for key, choice in menu.choices.items()
        if choice.to is None and not choice.language
    ]
    found += [
        (("menus", name, "when_silent"), "'to' is missing: where is a silent caller led?")
        for name, menu in form.menus.items()
        if menu.when_silent.to is None
    ]
    week = form.hours
    if week.every_day is None and (missing := [day for day in DAYS if getattr(week, day) is None]):
        found.append((("hours",), f"{', '.join(missing)} missing: name each day's hours, or every_day"))
    return found


def _plan(form: _File, hours: WeeklyHours) -> MenuPlan:
    return MenuPlan(
        version=form.version,
        hours=hours,
        open_menu=form.entrance.open,
        closed_menu=form.entrance.closed,
        languages=MappingProxyType(
            {
                code: Language(label=language.label, queue=language.queue, leaves_out=language.leaves_out)
                for code, language in form.languages.items()
            }
        ),
        menus=MappingProxyType({name: _menu(name, menu) for name, menu in form.menus.items()}),
    )


def _menu(name: str, menu: _Menu) -> Menu:
    return Menu(
        name=name,
        label=menu.label,
        prompts=menu.prompts,
        choices=MappingProxyType({key: _choice(name, choice) for key, choice in menu.choices.items()}),
        when_silent=_choice(name, menu.when_silent),
        invalid=menu.invalid,
        waits=timedelta(seconds=menu.waits),
        asks=menu.asks,
    )


def _choice(menu: str, choice: _Choice) -> Choice:
    return Choice(
        label=choice.label,
        to=choice.to or Target(To.MENU, menu),  # a choice of language: the same menu again
        prompt=choice.prompt,
        request=Kind(choice.request) if choice.request else None,
        priority=choice.priority,
        language=choice.language,
        then=choice.then,
    )


def read_hours(values: Mapping[str, Any]) -> WeeklyHours:
    """Return the hours of a [hours] table by itself. Raises ValueError."""
    return _hours(_Hours.model_validate(values))


def _hours(form: _Hours) -> WeeklyHours:
    named = [getattr(form, day) for day in DAYS]
    week = tuple((form.every_day or ()) if spans is None else spans for spans in named)
    return WeeklyHours(week=week, holidays=form.holidays, exceptions=MappingProxyType(dict(form.exceptions)))


def _formal(lines: Mapping[Place, int], error: Mapping[str, Any]) -> Problem:
    place = tuple(str(part) for part in error["loc"] if part != "[key]")
    reason = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    if error["type"] == "extra_forbidden":
        reason = f"this name is unknown here; known are {', '.join(_names_beside(place))}"
    elif error["type"] == "string_pattern_mismatch":
        reason = f"'{error['input']}' {_IS_NO[error['ctx']['pattern']]}"
    reason = _IN_CLEAR_WORDS.get(error["type"], reason)
    place = _in_text(lines, place)
    return Problem(line_at(lines, place), ".".join(place), reason)


def _in_text(lines: Mapping[Place, int], place: Place) -> Place:
    """Leave out a list's numbers: the list is what stands in the text."""
    return place[:-1] if place[-1].isdigit() and place not in lines else place


def _names_beside(place: Place) -> list[str]:
    """Return the names that the table around a place may have."""
    kind: Any = _File
    for part in place[:-1]:
        kind = get_args(kind)[1] if get_args(kind) else kind.model_fields[part].annotation
    return list(kind.model_fields)


def _not_toml(text: str, message: str) -> Problem:
    found = _TOML_LINE.search(message)
    rows = text.splitlines() or [""]
    line = int(found[1]) if found and found[1] else len(rows)
    reason = _TOML_LINE.sub("", message)
    table = next((row.strip().strip("[]") for row in reversed(rows[: line - 1]) if row.startswith("[")), "")
    if reason.startswith(("Cannot overwrite", "Duplicate inline")):
        quoted = re.search(r"key '(.+)'", reason)
        name = quoted[1] if quoted else rows[line - 1].partition("=")[0].strip()
        return Problem(line, table, f"'{name}' stands twice")
    if reason.startswith("Cannot declare"):
        return Problem(line, rows[line - 1].strip().strip("[]"), "this table stands twice")
    return Problem(line, "", f"is no TOML: {reason}")
