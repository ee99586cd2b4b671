"""Set phrases for each kind of request, and what must be asked in it: read, checked line by line, written. Pure.

An agent's page shows them beside the talk. A check names the field of the draft that may know it already
(dutylog.draft_fields); the page then ticks it by itself. docs/desk.md describes the file.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.dutylog.entry import Kind
from hotline.toml_lines import line_at, lines_of

PLACEHOLDERS: Final = frozenset({"salutation", "centre", "home"})
KINDS: Final = tuple(kind.value for kind in Kind if kind is not Kind.UNKNOWN)
REQUIRED: Final = ("greeting", *KINDS, "closing")
_NAME: Final = r"^[a-z][a-z0-9-]{1,29}$"
_LINE: Final = r"^[^\x00-\x1f\x7f]*$"
_TOML_LINE: Final = re.compile(r" ?\(at line (\d+), column \d+\)| ?\(at end of document\)")
_GAP: Final = re.compile(r"\{([^{}]*)\}|[{}]")
_IN_CLEAR_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "model_type": "must be a table of names",
    "dict_type": "must be a table of names",
    "tuple_type": "must be a list in brackets",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}

Name = Annotated[str, Field(pattern=_NAME)]
Label = Annotated[str, Field(min_length=1, max_length=16, pattern=_LINE)]
Sentence = Annotated[str, Field(min_length=1, max_length=160, pattern=_LINE)]
Field_ = Literal["", "home", "symptom", "kind", "emergency", "promised", "due", "who"]


class Form(BaseModel):
    """A part of the file; an unknown name is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(Form):
    """Something that must be asked. `drafted`: the field of the draft which may know it already; "" for none."""

    label: Label
    asks: Annotated[str, Field(max_length=160, pattern=_LINE)] = ""
    drafted: Field_ = ""


class PhraseSet(Form):
    """The phrases of one kind of request or one situation, and what must be asked in it, in order."""

    label: Label
    checks: Annotated[tuple[Name, ...], Field(max_length=10)] = ()
    phrases: Annotated[tuple[Sentence, ...], Field(min_length=1, max_length=30)]


class Phrases(Form):
    """All of them. Sets are in the order of the file."""

    checks: Annotated[dict[Name, Check], Field(max_length=40)]
    sets: Annotated[dict[Name, PhraseSet], Field(max_length=40)]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in one place of the file; line 0 where no file stands behind it."""

    line: int
    place: str
    reason: str

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        return f"{', '.join([*where, *([self.place] if self.place else [])])}: {self.reason}"


def read_phrases(text: str) -> Phrases | tuple[Fault, ...]:
    """Return the phrases of a file's text, or everything that is wrong with it, by line."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        at = _TOML_LINE.search(str(wrong))
        line = int(at[1]) if at and at[1] else text.count("\n") + 1
        return (Fault(line, "", f"is no TOML: {_TOML_LINE.sub('', str(wrong))}"),)
    lines = lines_of(text)
    found = check_phrases(values)
    if isinstance(found, Phrases):
        return found
    return tuple(sorted(Fault(line_at(lines, place), _said(place, index), why) for place, index, why in found))


def faults_of(values: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Return what is wrong with phrases that come from no file; nothing where they are good."""
    found = check_phrases(values)
    return () if isinstance(found, Phrases) else tuple(Fault(0, _said(place, nth), why) for place, nth, why in found)


def check_phrases(values: Mapping[str, Any]) -> Phrases | list[tuple[tuple[str, ...], int, str]]:
    """Return checked phrases, or each fault's place, which one of a list it is (0: the whole) and the reason."""
    try:
        phrases = Phrases.model_validate(values)
    except ValidationError as wrong:
        return [_fault(error) for error in wrong.errors(include_url=False, include_input=False)]
    return [*_meaning(phrases)] or phrases


def as_toml(phrases: Phrases, heading: str) -> str:
    """Return the text of a file that reads as these phrases; the heading becomes its first comment."""
    lines = [f"# {heading}", "", "[checks]"]
    for name, check in phrases.checks.items():
        more = "".join(
            f", {key} = {_text(value)}" for key, value in (("asks", check.asks), ("drafted", check.drafted)) if value
        )
        lines.append(f"{name} = {{label = {_text(check.label)}{more}}}")
    for name, one in phrases.sets.items():
        lines += ["", f"[sets.{name}]", f"label = {_text(one.label)}"]
        if one.checks:
            lines.append(f"checks = [{', '.join(_text(check) for check in one.checks)}]")
        lines += ["phrases = [", *(f"  {_text(phrase)}," for phrase in one.phrases), "]"]
    return "\n".join(lines) + "\n"


def differences(before: Phrases, after: Phrases) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the checks and sets that are not the same, by place (sets.repair), as they were and as they are.

    What was added has no value before, what was removed none after; an order that alone changed is under "order".
    """
    was, now = _by_place(before), _by_place(after)
    places = [place for place in {**was, **now} if was.get(place) != now.get(place)]
    return (
        {place: was[place] for place in places if place in was},
        {place: now[place] for place in places if place in now},
    )


def _by_place(phrases: Phrases) -> dict[str, Any]:
    found: dict[str, Any] = {"order": list(phrases.sets)}
    found |= {f"checks.{name}": one.model_dump(mode="json") for name, one in phrases.checks.items()}
    return found | {f"sets.{name}": one.model_dump(mode="json") for name, one in phrases.sets.items()}


def _meaning(phrases: Phrases) -> list[tuple[tuple[str, ...], int, str]]:
    found: list[tuple[tuple[str, ...], int, str]] = [
        (("sets",), 0, f"[sets.{name}] is missing: every call begins, ends, and is of a kind")
        for name in REQUIRED
        if name not in phrases.sets
    ]
    for name, one in phrases.sets.items():
        if name in KINDS and not one.checks:
            found.append((("sets", name), 0, "checks are missing: in every kind of request something must be asked"))
        found += [
            (("sets", name, "checks"), 0, f"'{check}' does not stand under [checks]")
            for check in one.checks
            if check not in phrases.checks
        ]
        if len(set(one.checks)) < len(one.checks):
            found.append((("sets", name, "checks"), 0, "a check stands twice"))
        for number, phrase in enumerate(one.phrases, start=1):
            for gap in _GAP.finditer(phrase):
                if gap[1] not in PLACEHOLDERS:
                    known = " ".join(f"{{{each}}}" for each in sorted(PLACEHOLDERS))
                    found.append((("sets", name, "phrases"), number, f"'{gap[0]}' is no gap: there are {known}"))
    return found


def _fault(error: Any) -> tuple[tuple[str, ...], int, str]:
    location = [part for part in error["loc"] if part != "[key]"]
    nth = next((part + 1 for part in location if isinstance(part, int)), 0)
    place = tuple(part for part in location if isinstance(part, str))
    if error["type"] == "string_pattern_mismatch":
        is_name = error.get("ctx", {}).get("pattern") == _NAME
        why = "cannot be a name: write small letters, digits and hyphens" if is_name else "must be one line of text"
        return place, nth, why
    if error["type"] == "literal_error":
        return place, nth, f"must be one of {error['ctx']['expected']}"
    return place, nth, _IN_CLEAR_WORDS.get(error["type"], error["msg"][:1].lower() + error["msg"][1:])


def _said(place: tuple[str, ...], nth: int) -> str:
    return ".".join(place) + (f" no. {nth}" if nth else "")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a basic string of TOML is written as JSON writes one
