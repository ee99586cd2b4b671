"""From a file's lines and what is known to what would happen, line by line. Pure; large files take a second."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hotline.imports.job import Counts
from hotline.residents.files import (
    AnyLine,
    ArrearsLine,
    HomeLine,
    NumbersLine,
    Problem,
    Put,
    Reading,
    ResidentLine,
)
from hotline.residents.resident import Home

SHOWN: Final = 200  # lines, and problems, that the page shows; the file of bad rows has all
NOBODY: Final = ("name", "该房号下没有此人", "nobody of this name in this home")


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What is known of a person, as a file says it."""

    title: str
    relation: str
    is_elderly_alone: bool
    language: str
    numbers: frozenset[str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The whole directory as plain values. `homes` says of each whether it is greeted by name."""

    homes: Mapping[Home, bool]
    people: Mapping[tuple[Home, str], KnownPerson] = field(repr=False)
    arrears: Mapping[Home, tuple[tuple[str, ...], int]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fate:
    """What a line would do, and to which of its values."""

    line: int
    put: Put
    said: AnyLine
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a file would do. `removed` are homes whose debt is on the list no longer."""

    fates: tuple[Fate, ...]
    problems: tuple[Problem, ...]
    removed: tuple[Home, ...] = ()

    @property
    def bad_lines(self) -> frozenset[int]:
        """The lines with something wrong."""
        return frozenset(problem.line for problem in self.problems)

    @property
    def counts(self) -> Counts:
        """How many lines of each fate."""
        counted = Counter(fate.put for fate in self.fates)
        bad = len(self.bad_lines)
        return Counts(
            lines=len(self.fates) + bad,
            added=counted[Put.ADDED],
            changed=counted[Put.CHANGED],
            unchanged=counted[Put.UNCHANGED],
            removed=len(self.removed),
            left_out=bad,
        )

    @property
    def to_do(self) -> tuple[Fate, ...]:
        """The lines that change something."""
        return tuple(fate for fate in self.fates if fate.put is not Put.UNCHANGED)


def plan(reading: Reading[Any], known: Known, *, is_whole_list: bool) -> Plan:
    """Return what these lines would do to what is known. A bad line does nothing."""
    problems = list(reading.problems)
    bad = {problem.line for problem in problems}
    fates: list[Fate] = []
    for number, line in reading.lines:
        if number in bad:
            continue
        if isinstance(line, ArrearsLine | NumbersLine) and (line.home, line.name) not in known.people:
            problems.append(Problem(number, *NOBODY))
        else:
            fates.append(_fate(number, line, known))
    removed: tuple[Home, ...] = ()
    if is_whole_list:
        listed = {line.home for _, line in reading.lines}
        removed = tuple(sorted(home for home in known.arrears if home not in listed))
    return Plan(fates=tuple(fates), problems=tuple(sorted(problems, key=lambda problem: problem.line)), removed=removed)


def told_of(made: Plan) -> dict[str, Any]:
    """Return what the page shows of a plan: the first problems, the first lines that change something."""
    return {
        "problems": [
            {"line": one.line, "column": one.column, "chinese": one.chinese, "english": one.english}
            for one in made.problems[:SHOWN]
        ],
        "problem_count": len(made.problems),
        "lines": [
            {
                "line": fate.line,
                "what": fate.put.value,
                "home": fate.said.home.label,
                "name": getattr(fate.said, "name", ""),
                "changes": list(fate.changes),
            }
            for fate in made.to_do[:SHOWN]
        ],
        "removed": [home.label for home in made.removed[:SHOWN]],
    }


def _fate(number: int, line: AnyLine, known: Known) -> Fate:
    match line:
        case ResidentLine():
            changes = _of_resident(line, known)
            is_new = (line.home, line.name) not in known.people
        case HomeLine():
            is_new = line.home not in known.homes
            is_chosen = line.greets_by_name is not None and known.homes.get(line.home) != line.greets_by_name
            changes = ("greets_by_name",) if is_chosen else ()
        case NumbersLine():
            is_new = False
            numbers = frozenset(one.e164 for one in line.numbers)
            changes = ("numbers",) if known.people[line.home, line.name].numbers != numbers else ()
        case ArrearsLine():
            owed = known.arrears.get(line.home)
            is_new = owed is None
            changes = _different(("months", "amount"), owed or ((), 0), (line.months, line.fen))
    if is_new:
        return Fate(number, Put.ADDED, line)
    return Fate(number, Put.CHANGED if changes else Put.UNCHANGED, line, changes)


def _of_resident(line: ResidentLine, known: Known) -> tuple[str, ...]:
    person = known.people.get((line.home, line.name))
    if person is None:
        return ()
    names = ("title", "relation", "elderly_alone", "language", "numbers")
    was = (person.title, person.relation, person.is_elderly_alone, person.language, person.numbers)
    says = (
        line.title.value,
        line.relation.value,
        line.is_elderly_alone,
        line.language,
        frozenset(one.e164 for one in line.numbers),
    )
    greets = line.greets_by_name is not None and known.homes.get(line.home) != line.greets_by_name
    return (*_different(names, was, says), *(("greets_by_name",) if greets else ()))


def _different(names: tuple[str, ...], was: tuple[Any, ...], says: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(name for name, old, new in zip(names, was, says, strict=True) if old != new)
