"""Bring files of residents, homes, numbers and unpaid fees in: the whole file, or, if anything is wrong, nothing.

A file of residents adds and corrects the people that it names and leaves all others alone; a person's numbers become
those of the file. A list of unpaid fees is the whole list: a home that is no longer on it owes nothing. The same file
twice changes nothing the second time.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from hotline.database import Database
from hotline.residents.directory_store import Directory
from hotline.residents.files import (
    ArrearsLine,
    NumbersLine,
    Problem,
    Put,
    read_arrears,
    read_homes,
    read_numbers,
    read_residents,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or with `dry_run` would do; with problems, nothing was done."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    problems: tuple[Problem, ...] = ()


async def import_residents(
    database: Database, content: bytes, *, area_code: str = "", dry_run: bool = False
) -> ImportReport:
    """Add and correct residents from a CSV file (columns: see `files`). Raises FileRefused."""
    reading = read_residents(content, area_code=area_code)
    if reading.problems:
        return ImportReport(problems=reading.problems)
    async with (database.read if dry_run else database.begin)() as session:  # read: never committed
        directory = await Directory.load(session)
        return _report(directory.put_resident(line) for _, line in reading.lines)


async def import_homes(database: Database, content: bytes, *, dry_run: bool = False) -> ImportReport:
    """Add homes, and keep what the file says of greeting by name. Raises FileRefused."""
    reading = read_homes(content)
    if reading.problems:
        return ImportReport(problems=reading.problems)
    async with (database.read if dry_run else database.begin)() as session:  # read: never committed
        directory = await Directory.load(session)
        return _report(directory.put_home(line) for _, line in reading.lines)


async def import_numbers(
    database: Database, content: bytes, *, area_code: str = "", dry_run: bool = False
) -> ImportReport:
    """Let known people's numbers be those of the file. Raises FileRefused."""
    reading = read_numbers(content, area_code=area_code)
    async with (database.read if dry_run else database.begin)() as session:  # read: never committed
        directory = await Directory.load(session)
        if problems := (*reading.problems, *_strangers(directory, reading.lines)):
            return ImportReport(problems=tuple(sorted(problems, key=lambda wrong: wrong.line)))
        return _report(directory.put_numbers(line) for _, line in reading.lines)


async def import_arrears(database: Database, content: bytes, *, dry_run: bool = False) -> ImportReport:
    """Take over a list of unpaid fees from a CSV file (columns: see `files`). Raises FileRefused."""
    reading = read_arrears(content)
    async with (database.read if dry_run else database.begin)() as session:  # read: never committed
        directory = await Directory.load(session)
        if problems := (*reading.problems, *_strangers(directory, reading.lines)):
            return ImportReport(problems=tuple(sorted(problems, key=lambda wrong: wrong.line)))
        removed = await directory.remove_arrears_except({line.home for _, line in reading.lines})
        return _report((directory.put_arrears(line) for _, line in reading.lines), removed)


def _strangers(directory: Directory, lines: Iterable[tuple[int, ArrearsLine | NumbersLine]]) -> tuple[Problem, ...]:
    return tuple(
        Problem(number, "name", "该房号下没有此人", "nobody of this name in this home")
        for number, line in lines
        if not directory.has(line.home, line.name)
    )


def _report(done: Iterable[Put], removed: int = 0) -> ImportReport:
    counted = Counter(done)
    return ImportReport(
        added=counted[Put.ADDED], changed=counted[Put.CHANGED], unchanged=counted[Put.UNCHANGED], removed=removed
    )
