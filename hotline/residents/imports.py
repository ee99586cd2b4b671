"""Bring files of residents, homes, numbers and unpaid fees in: the whole file, or, if a line is bad, nothing.

Some lines at a time, and others may write between: a service that answers calls may run on the same database. Ended in
the middle, the same file once more brings in the rest.

A file of residents adds and corrects the people that it names and leaves all others alone; a person's numbers become
those of the file. A list of unpaid fees is the whole list: a home that is no longer on it owes nothing. The same file
twice changes nothing the second time.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hotline.database import Database
from hotline.residents.directory_store import Directory
from hotline.residents.files import (
    AnyLine,
    ArrearsLine,
    NumbersLine,
    Problem,
    Put,
    read_arrears,
    read_homes,
    read_numbers,
    read_residents,
)
from hotline.residents.resident import Home

A_BATCH: Final = 100  # lines of one transaction
A_BREATH: Final = 0.05  # seconds: SQLite gives another process its turn only when nobody holds it


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
    return _report(await _put(database, reading.lines, dry_run=dry_run))


async def import_homes(database: Database, content: bytes, *, dry_run: bool = False) -> ImportReport:
    """Add homes, and keep what the file says of greeting by name. Raises FileRefused."""
    reading = read_homes(content)
    if reading.problems:
        return ImportReport(problems=reading.problems)
    return _report(await _put(database, reading.lines, dry_run=dry_run))


async def import_numbers(
    database: Database, content: bytes, *, area_code: str = "", dry_run: bool = False
) -> ImportReport:
    """Let known people's numbers be those of the file. Raises FileRefused."""
    reading = read_numbers(content, area_code=area_code)
    async with database.read() as session:
        directory = await Directory.load(session)
        if problems := (*reading.problems, *_strangers(directory, reading.lines)):
            return ImportReport(problems=tuple(sorted(problems, key=lambda wrong: wrong.line)))
    return _report(await _put(database, reading.lines, dry_run=dry_run))


async def import_arrears(database: Database, content: bytes, *, dry_run: bool = False) -> ImportReport:
    """Take over a list of unpaid fees from a CSV file (columns: see `files`). Raises FileRefused."""
    reading = read_arrears(content)
    async with database.read() as session:
        directory = await Directory.load(session)
        if problems := (*reading.problems, *_strangers(directory, reading.lines)):
            return ImportReport(problems=tuple(sorted(problems, key=lambda wrong: wrong.line)))
        gone = directory.arrears_except({line.home for _, line in reading.lines})
    done = await _put(database, reading.lines, dry_run=dry_run)
    if not dry_run:
        await _forget(database, gone)
    return _report(done, len(gone))


async def _put(database: Database, lines: Sequence[tuple[int, AnyLine]], *, dry_run: bool) -> list[Put]:
    if dry_run:
        async with database.read() as session:  # never committed
            directory = await Directory.load(session)
            return [directory.put(line) for _, line in lines]
    done: list[Put] = []
    for first in range(0, len(lines), A_BATCH):
        batch = [line for _, line in lines[first : first + A_BATCH]]
        async with database.begin() as session:
            directory = await Directory.load(session, {line.home for line in batch})
            done += [directory.put(line) for line in batch]
            await directory.number_new()
        await asyncio.sleep(A_BREATH)
    return done


async def _forget(database: Database, homes: Sequence[Home]) -> None:
    for first in range(0, len(homes), A_BATCH):
        async with database.begin() as session:
            await (await Directory.load(session, homes[first : first + A_BATCH])).remove_arrears_except(())
        await asyncio.sleep(A_BREATH)


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
