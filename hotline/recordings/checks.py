"""Hold the recordings directory against the ledger: what is there and unknown, known and not there, left over, changed.

Two walks, each in steps so that neither holds anybody up: by the ledger's rows (are the files there, and with `deep`
are they what they were), then by the directories (does a row know each file). Nothing is changed here but what is
certainly ours and unfinished, and only where that is asked for.
"""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from hotline.clock import Clock
from hotline.database import Database
from hotline.recordings.files import HEARD_PREFIX, PART, SEALED, SIDES, files_of, side_file
from hotline.recordings.legs import fingerprint_of
from hotline.recordings.recording import IS_WHOLE, Form, Recording, RecordingState
from hotline.recordings.store import found_again, recordings_after, recordings_named

AT_ONCE: Final = 200  # rows or files of one step
IS_OURS_FOR: Final = timedelta(hours=1)  # a younger file may belong to a call that the ledger has not read yet
SUFFIXES: Final = (
    *(f".{side}.wav" for side in SIDES),
    *(f".{form.value}{sealed}" for form in Form if form.is_packed for sealed in ("", SEALED)),
)


class Fault(StrEnum):
    """What is wrong with a recording's files."""

    ORPHAN = "orphan"  # a file that no row knows
    MISSING = "missing"  # a row whose file is not there
    LEFTOVER = "leftover"  # unfinished work, or what should have been removed
    CHANGED = "changed"  # a file that is not what it was


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing found, by the file's path below the recordings directory, and what to do about it."""

    fault: Fault
    file: str
    what_to_do: str


WHAT_TO_DO: Final = {
    Fault.ORPHAN: "listen to it; move it away, or restore the database that knows it",
    Fault.MISSING: "take it from a backup; the call stays without sound",
    Fault.LEFTOVER: "nothing: the service removes it within a day",
    Fault.CHANGED: "take it from a backup; do not trust this file",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a whole check came to: how many rows and files were looked at, and what was found."""

    rows: int
    files: int
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[Fault, int]:
        """How many of each fault."""
        counted = Counter(finding.fault for finding in self.findings)
        return {fault: counted[fault] for fault in Fault}


class RecordingCheck:
    """Looks at all recordings. `rest` is slept between two steps, so that a service may do it beside its work."""

    def __init__(self, *, directory: Path, database: Database, clock: Clock, rest: float = 0.0) -> None:
        self._directory = directory
        self._database = database
        self._clock = clock
        self._rest = rest

    async def run(self, *, deep: bool = False, mends: bool = False) -> Checked:
        """Return what is found. `deep` reads every file; `mends` sees to what can be seen to.

        That is: unfinished files older than a day are removed, and a missing recording whose file came back is settled.
        """
        findings: list[Finding] = []
        rows = files = 0
        after = ""
        while True:
            async with self._database.read() as session:
                step = await recordings_after(session, after, self._directory, limit=AT_ONCE)
            if not step:
                break
            after, rows = step[-1].name, rows + len(step)
            findings += await asyncio.to_thread(self._look_at_rows, step, deep)
            await asyncio.sleep(self._rest)
        old, ancient = (self._clock.now() - age for age in (IS_OURS_FOR, timedelta(days=1)))
        walk = _steps(self._directory)
        while found := await asyncio.to_thread(next, walk, None):
            files += len(found)
            findings += await self._look_at_files(found, old, mends=mends)
            if mends:
                await asyncio.to_thread(self._remove_unfinished, found, ancient)
            await asyncio.sleep(self._rest)
        return Checked(rows, files, tuple(findings))

    def _look_at_rows(self, recordings: list[Recording], deep: bool) -> list[Finding]:
        findings = []
        for recording in recordings:
            if recording.state not in IS_WHOLE:
                continue
            paths = files_of(self._directory, recording.name, recording.form, is_encrypted=recording.is_encrypted)
            missing = [path for path in paths if not path.is_file()]
            if len(missing) == len(paths):
                findings += [self._finding(Fault.MISSING, path) for path in missing]
            elif recording.sha256 and (missing or (deep and fingerprint_of(paths) != recording.sha256)):
                # One side alone may be all there ever was: the fingerprint knows.
                if not missing:
                    findings += [self._finding(Fault.CHANGED, paths[0])]
                elif fingerprint_of(paths) != recording.sha256:
                    findings += [self._finding(Fault.MISSING, path) for path in missing]
        return findings

    async def _look_at_files(self, files: list[Path], old: datetime, *, mends: bool) -> list[Finding]:
        names = {path: _name_of(path, self._directory) for path in files}
        async with self._database.read() as session:
            known = await recordings_named(session, list({name for name in names.values() if name}), self._directory)
        findings = []
        for path, name in names.items():
            if not _is_older(path, old):
                continue
            recording = known.get(name)
            if path.name.endswith(PART) or path.parent.name.startswith(HEARD_PREFIX):
                findings.append(self._finding(Fault.LEFTOVER, path))
            elif recording is None:
                findings.append(self._finding(Fault.ORPHAN, path))
            elif self._belongs(recording, path):
                if mends and recording.state is RecordingState.MISSING:
                    async with self._database.begin() as session:
                        await found_again(session, name)
            else:
                findings.append(self._finding(Fault.LEFTOVER, path))
        return findings

    def _belongs(self, recording: Recording, path: Path) -> bool:
        if recording.state in {RecordingState.REMOVED, RecordingState.EXPIRED}:
            return False
        if not recording.form.is_packed:  # a packed file beside them is being put there
            return path in [side_file(self._directory, recording.name, side) for side in SIDES]
        return path in files_of(self._directory, recording.name, recording.form, is_encrypted=recording.is_encrypted)

    def _remove_unfinished(self, files: list[Path], ancient: datetime) -> None:
        for path in files:
            if not _is_older(path, ancient):
                continue
            if path.name.endswith(PART):
                path.unlink(missing_ok=True)
            elif path.parent.name.startswith(HEARD_PREFIX):
                shutil.rmtree(path.parent, ignore_errors=True)

    def _finding(self, fault: Fault, path: Path) -> Finding:
        return Finding(fault=fault, file=str(path.relative_to(self._directory)), what_to_do=WHAT_TO_DO[fault])


def _steps(directory: Path) -> Iterator[list[Path]]:
    """Give every file below the directory but our lock, some at a time."""
    step: list[Path] = []
    for place, _, files in os.walk(directory):
        for file in files:
            if file == ".lock":
                continue
            step.append(Path(place) / file)
            if len(step) >= AT_ONCE:
                yield step
                step = []
    if step:
        yield step


def _name_of(path: Path, directory: Path) -> str:
    """Return the name of the recording that a file belongs to, "" where it is no file of ours."""
    text = str(path.relative_to(directory)).removesuffix(PART)
    return next((text.removesuffix(suffix) for suffix in SUFFIXES if text.endswith(suffix)), "")


def _is_older(path: Path, than: datetime) -> bool:
    try:
        return path.stat().st_mtime < than.timestamp()
    except OSError:
        return False  # it went while we looked
