"""A whole estate comes in, on both databases: few statements, each line once, found by search, on after a crash."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select, text

from hotline.database import Database
from hotline.imports import service
from hotline.imports.directory_store import put_lines
from hotline.imports.job import ImportJob, ImportState
from hotline.imports.service import ImportJobs
from hotline.residents.files import FileKind, read_file
from hotline.residents.imports import import_residents
from hotline.residents.store import counts
from hotline.search.follow_store import follow_writes
from hotline.search.store import SearchRowTable
from hotline.settings import ImportsSettings
from tests.fakes.clock_by_hand import ClockByHand

LINES = 450


def a_list(lines: int = LINES, title: str = "先生") -> bytes:
    """Return three people to a home, a number each."""
    rows = ["房号,姓名,称呼,电话"]
    rows += [f"{n // 150 + 1}-1-{n // 3 % 50 + 101},住户{n},{title},{13800000000 + n}" for n in range(lines)]
    return "\n".join(rows).encode()


class Counted:
    """How many statements were sent to a database; many rows in one count as one."""

    def __init__(self, database: Database) -> None:
        self.statements = 0
        event.listen(database.engine.sync_engine, "before_cursor_execute", self._count)

    def _count(self, *_: Any) -> None:
        self.statements += 1


class Desk:
    """The import room of a house whose writings are found by search."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database = database
        follow_writes(database, area_code="")
        self.imports = ImportJobs(
            directory=directory, database=database, clock=ClockByHand(), settings=ImportsSettings()
        )

    async def confirmed(self, content: bytes, kind: FileKind = FileKind.RESIDENTS) -> ImportJob:
        """Send a file, look at it, confirm what was seen."""
        import_id, path = await self.imports.place()
        path.write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        await self.imports.arrived(import_id, kind=kind, file_name="x.csv", size=len(content), sha256=sha256, by="boss")
        await self.imports.work()
        return await self.imports.confirm(import_id, sha256=sha256, leaves_out=False, by="boss")

    async def taken_in(self, content: bytes, kind: FileKind = FileKind.RESIDENTS) -> ImportJob:
        job = await self.confirmed(content, kind)
        await self.imports.work()
        return await self.imports.job(job.id)

    async def kept(self) -> tuple[int, int, int, int]:
        """Return how many people, numbers, rows of the index and their words there are."""
        async with self.database.read() as session:
            of_house = await counts(session)
            rows = await session.scalar(select(func.count()).select_from(SearchRowTable)) or 0
            words = await session.scalar(text("SELECT count(*) FROM search_word")) or 0
            return of_house.residents, of_house.numbers, rows, words

    async def called_ms(self) -> int:
        async with self.database.read() as session:
            wanted = SearchRowTable.who.like("%女士")
            return await session.scalar(select(func.count()).select_from(SearchRowTable).where(wanted)) or 0


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    """Give an empty house."""
    return Desk(database, tmp_path / "imports")


async def test_a_large_list_takes_less_than_a_statement_a_line_also_where_everything_changes(desk: Desk) -> None:
    counted = Counted(desk.database)

    for title in ("先生", "女士"):
        job = await desk.confirmed(a_list(title=title))
        counted.statements = 0
        await desk.imports.work()

        assert (await desk.imports.job(job.id)).done == LINES
        assert await desk.kept() == (LINES, LINES, LINES, LINES)
        assert counted.statements < LINES * 0.6, title
    assert await desk.called_ms() == LINES


async def test_the_same_large_list_again_writes_nothing(desk: Desk) -> None:
    await desk.taken_in(a_list())
    before = await desk.kept()

    again = await desk.taken_in(a_list())

    assert (again.state, again.to_do, again.counts.unchanged) == (ImportState.DONE, 0, LINES)
    assert await desk.kept() == before


async def test_a_crash_in_the_middle_keeps_whole_batches_and_the_rest_comes_in_after_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = list[int]()

    async def dies(session: Any, fates: Any) -> None:
        await put_lines(session, fates)
        batches.append(len(fates))
        if len(batches) == 3:
            raise OSError("killed")

    monkeypatch.setattr(service, "put_lines", dies)
    job = await desk.confirmed(a_list())
    with pytest.raises(OSError, match="killed"):
        await desk.imports.work()
    half = await desk.imports.job(job.id)
    assert (half.state, half.done) == (ImportState.TAKING_IN, sum(batches[:2]))
    assert await desk.kept() == (half.done,) * 4

    await desk.imports.work()

    whole = await desk.imports.job(job.id)
    assert (whole.state, whole.done) == (ImportState.DONE, LINES)
    assert await desk.kept() == (LINES,) * 4


async def test_a_file_that_nothing_of_ours_expected_fails_alone_and_the_next_is_taken_in(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trips(content: bytes, kind: FileKind, **said: Any) -> Any:
        if kind is FileKind.HOMES:
            raise RecursionError("a part within a part within a part")
        return read_file(content, kind, **said)

    monkeypatch.setattr(service, "read_file", trips)
    import_id, path = await desk.imports.place()
    path.write_bytes(b"x")
    await desk.imports.arrived(
        import_id, kind=FileKind.HOMES, file_name="x", size=1, sha256=hashlib.sha256(b"x").hexdigest(), by="boss"
    )

    assert (await desk.taken_in(a_list(30))).state is ImportState.DONE

    failed = await desk.imports.job(import_id)
    assert (failed.state, failed.reason) == (ImportState.FAILED, "RecursionError")


async def test_the_command_brings_a_list_in_with_its_places_in_the_search(desk: Desk) -> None:
    report = await import_residents(desk.database, a_list(LINES))

    assert report.added == LINES
    assert await desk.kept() == (LINES,) * 4
