"""Bring files in: look at each as soon as it is here, take it in when a person has confirmed what they saw.

One at a time, in batches of their own transactions, so long that nobody waits (`pace`): the ledger and the pages go on
between two. Killed anywhere, it goes on where it stood; the same file twice changes nothing.
"""

import asyncio
import hashlib
import secrets
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database, is_refusal
from hotline.imports import pace
from hotline.imports.bad_rows import bad_rows_csv
from hotline.imports.directory_store import forget_arrears, put_lines, read_known
from hotline.imports.job import (
    OPEN,
    ImportChanged,
    ImportHasBadRows,
    ImportJob,
    ImportState,
    ImportStep,
    ImportTrouble,
    ImportUnknown,
    TooManyImports,
    may_leave_out,
)
from hotline.imports.plan import Plan, plan, told_of
from hotline.imports.store import (
    add_import,
    count_open,
    counts_values,
    forget_old,
    import_by_id,
    imports_to_do,
    last_imports,
    note_done,
    step_import,
)
from hotline.residents.files import FileKind, read_file
from hotline.residents.table_file import FileRefused
from hotline.settings import ImportsSettings

log = structlog.get_logger()
LOOK_EVERY: Final = 60.0
TRIES: Final = 3  # of a file whose rows the database refuses: somebody else's writing may have been in the way
DEBTS_AT_ONCE: Final = 100
MOST_OPEN: Final = 10
ARRIVING: Final = 2
ROOM: Final = "imports"


class ImportJobs:
    """The files. `run` works until cancelled; a file arrives through `place` and `arrived`."""

    def __init__(
        self, *, directory: Path, database: Database, clock: Clock, settings: ImportsSettings, area_code: str = ""
    ) -> None:
        self._directory, self._database, self._clock = directory, database, clock
        self._kept, self._area_code = timedelta(days=settings.kept_days), area_code
        self.largest_bytes = settings.largest_mb * 1024 * 1024
        self.arriving = asyncio.Semaphore(ARRIVING)  # held while a file comes in
        self._bell = asyncio.Event()
        self._refused = Counter[str]()  # how often the database refused a file's rows, in this life

    async def run(self) -> None:
        """Work until cancelled."""
        await self._tidy()
        while True:
            self._bell.clear()
            try:
                await self.work()
            except (SQLAlchemyError, OSError) as wrong:
                log.warning("a file could not be worked on: tried again", reason=type(wrong).__name__)
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await self._bell.wait()
            except TimeoutError:
                pass

    async def place(self) -> tuple[str, Path]:
        """Return an id and where its file is to be written. Raises TooManyImports."""
        async with self._database.read() as session:
            if await count_open(session) >= MOST_OPEN:
                raise TooManyImports("too many files wait to be confirmed: finish or drop one first")
        import_id = secrets.token_hex(8)
        await asyncio.to_thread(self._directory.mkdir, mode=0o700, parents=True, exist_ok=True)
        return import_id, self._file(import_id)

    async def arrived(
        self, import_id: str, *, kind: FileKind, file_name: str, size: int, sha256: str, by: str
    ) -> ImportJob:
        """Write down that a file is here; it is looked at next."""
        job = ImportJob(
            id=import_id, kind=kind, file_name=file_name, bytes=size, sha256=sha256, by=by,
            at=self._clock.now(), state=ImportState.READING,
        )  # fmt: skip
        async with self._database.begin() as session:
            job = await add_import(session, job)
        self._bell.set()
        return job

    async def confirm(self, import_id: str, *, sha256: str, leaves_out: bool, by: str) -> ImportJob:
        """Take in what was looked at; `sha256` says what that was, `leaves_out` that bad rows may stay outside.

        Raises ImportUnknown, ImportStepRefused, ImportChanged, ImportHasBadRows.
        """
        now = self._clock.now()
        async with self._database.begin() as session:
            job = await step_import(
                session, import_id, ImportStep.CONFIRM, at=now, leaves_out=leaves_out, done=0, reason=""
            )
            if job.sha256 != sha256:
                raise ImportChanged("this is not the file that was looked at: look at it again")
            if job.counts.left_out and not (leaves_out and may_leave_out(job.kind)):
                raise ImportHasBadRows("the file has bad rows: correct them first")
            await record(
                session,
                Change(by=by, room=ROOM, act="confirmed", subject=_named(job), at=now, after=_audited(job)),
            )
        self._bell.set()
        return job

    async def drop(self, import_id: str, *, by: str) -> ImportJob:
        """Forget a file that is not taken in. Raises ImportUnknown, ImportStepRefused."""
        now = self._clock.now()
        async with self._database.begin() as session:
            job = await step_import(session, import_id, ImportStep.DROP, at=now)
            await record(session, Change(by=by, room=ROOM, act="dropped", subject=_named(job), at=now))
        await asyncio.to_thread(self._remove, import_id)
        return job

    async def jobs(self) -> list[ImportJob]:
        """Return the files, newest first."""
        async with self._database.read() as session:
            return await last_imports(session)

    async def job(self, import_id: str) -> ImportJob:
        """Return one file. Raises ImportUnknown."""
        async with self._database.read() as session:
            return await import_by_id(session, import_id)

    async def bad_rows(self, import_id: str) -> Path | None:
        """Return where the file of bad rows lies; None where there are none. Raises ImportUnknown."""
        await self.job(import_id)
        path = self._bad_rows(import_id)
        return path if await asyncio.to_thread(path.is_file) else None

    async def work(self) -> int:
        """Look at and take in whatever waits; return how many files that were."""
        async with self._database.begin() as session:
            forgotten = await forget_old(session, self._clock.now(), self._kept)
        for import_id in forgotten:
            await asyncio.to_thread(self._remove, import_id, and_bad_rows=True)
        worked = 0
        while True:
            async with self._database.read() as session:
                waiting = await imports_to_do(session)
            if not waiting:
                return worked
            job = waiting[0]
            try:
                await (self._look(job) if job.state is ImportState.READING else self._take_in(job))
            except (SQLAlchemyError, OSError) as wrong:
                self._refused[job.id] += is_refusal(wrong)
                if self._refused[job.id] < TRIES:
                    raise  # the database or the disk: tried again
                await self._give_up(job, wrong)
            except Exception as wrong:  # noqa: BLE001  # an edge: what one file says ends no other, and no call
                await self._give_up(job, wrong)
            self._refused.pop(job.id, None)
            worked += 1

    async def _give_up(self, job: ImportJob, wrong: Exception) -> None:
        log.error("a file could not be worked on", kind=job.kind.value, reason=type(wrong).__name__)
        with suppress(ImportTrouble):  # somebody dropped it meanwhile
            await self._end(job, ImportStep.FAIL, _reason(wrong))

    async def _tidy(self) -> None:
        """Remove files of uploads that were cut off by our own end."""
        try:
            left = await asyncio.to_thread(lambda: list(self._directory.glob("*.file")))
            for path in left:
                try:
                    is_wanted = (await self.job(path.stem)).state in OPEN
                except ImportUnknown:
                    is_wanted = False
                if not is_wanted:
                    await asyncio.to_thread(path.unlink, missing_ok=True)
        except (SQLAlchemyError, OSError) as wrong:
            log.warning("left-over files could not be removed", reason=type(wrong).__name__)

    async def _look(self, job: ImportJob) -> None:
        try:
            made, content = await self._plan(job)
            await asyncio.to_thread(self._write_bad_rows, job.id, content, made)
        except (FileRefused, ImportChanged, OSError) as wrong:
            step = ImportStep.REFUSE if isinstance(wrong, FileRefused) else ImportStep.FAIL
            await self._end(job, step, _reason(wrong))
            return
        await self._step(job, ImportStep.READ, **await asyncio.to_thread(_shown, made))

    async def _take_in(self, job: ImportJob) -> None:
        try:
            made, content = await self._plan(job)
        except (FileRefused, ImportChanged, OSError) as wrong:
            await self._end(job, ImportStep.FAIL, _reason(wrong))
            return
        shown = await asyncio.to_thread(_shown, made)
        if not job.done and counts_values(shown["counts"]) != counts_values(job.counts):
            # Somebody else changed the directory meanwhile: what was confirmed is not what would happen.
            await asyncio.to_thread(self._write_bad_rows, job.id, content, made)
            await self._step(job, ImportStep.LOOK_AGAIN, **shown, reason="directory-changed")
            return
        done = job.done  # what an earlier life took in is not in the plan any more
        to_do, first, lines = made.to_do, 0, pace.FIRST
        while batch := to_do[first : first + lines]:
            async with self._database.begin() as session:
                began = self._clock.monotonic()
                await put_lines(session, batch)
                await note_done(session, job.id, done + len(batch))
            first, done = first + len(batch), done + len(batch)
            lines = pace.next_batch(lines, self._clock.monotonic() - began)
        await self._forget_debts(made)
        now = self._clock.now()
        async with self._database.begin() as session:
            await step_import(session, job.id, ImportStep.FINISH, at=now, done=done)
            await record(
                session,
                Change(by=job.by, room=ROOM, act="taken-in", subject=_named(job), at=now, after=_audited(job)),
            )
        await asyncio.to_thread(self._remove, job.id)
        log.info("a file was taken in", kind=job.kind.value, lines=done)

    async def _forget_debts(self, made: Plan) -> None:
        for first in range(0, len(made.removed), DEBTS_AT_ONCE):
            async with self._database.begin() as session:
                await forget_arrears(session, made.removed[first : first + DEBTS_AT_ONCE])

    async def _plan(self, job: ImportJob) -> tuple[Plan, bytes]:
        content = await asyncio.to_thread(self._file(job.id).read_bytes)
        if (await asyncio.to_thread(hashlib.sha256, content)).hexdigest() != job.sha256:
            raise ImportChanged("the file that lies here is not the one that was sent")
        reading = await asyncio.to_thread(read_file, content, job.kind, area_code=self._area_code)
        async with self._database.read() as session:
            known = await read_known(session)
        is_whole_list = job.kind is FileKind.ARREARS
        return await asyncio.to_thread(plan, reading, known, is_whole_list=is_whole_list), content

    async def _step(self, job: ImportJob, step: ImportStep, **values: Any) -> None:
        async with self._database.begin() as session:
            await step_import(session, job.id, step, at=self._clock.now(), **values)

    async def _end(self, job: ImportJob, step: ImportStep, reason: str) -> None:
        await self._step(job, step, reason=reason)
        await asyncio.to_thread(self._remove, job.id)

    def _write_bad_rows(self, import_id: str, content: bytes, made: Plan) -> None:
        path = self._bad_rows(import_id)
        path.unlink(missing_ok=True)
        if made.problems:
            with path.open("wb") as file:
                file.writelines(bad_rows_csv(content, made.problems))

    def _remove(self, import_id: str, *, and_bad_rows: bool = False) -> None:
        self._file(import_id).unlink(missing_ok=True)
        if and_bad_rows:
            self._bad_rows(import_id).unlink(missing_ok=True)

    def _file(self, import_id: str) -> Path:
        return self._directory / f"{import_id}.file"

    def _bad_rows(self, import_id: str) -> Path:
        return self._directory / f"{import_id}.bad-rows.csv"


def _shown(made: Plan) -> dict[str, Any]:
    to_do: Sequence[Any] = made.to_do
    return {"counts": made.counts, "told": told_of(made), "to_do": len(to_do)}


def _named(job: ImportJob) -> str:
    return f"{job.kind.value} {job.id}"


def _audited(job: ImportJob) -> dict[str, Any]:
    return {"sha256": job.sha256, "leaves_out": job.leaves_out, **counts_values(job.counts)}


def _reason(wrong: Exception) -> str:
    """Return why, in words that hold nothing of the file."""
    return str(wrong) if isinstance(wrong, FileRefused | ImportChanged) else type(wrong).__name__
