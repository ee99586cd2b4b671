"""Files are brought in on a page: sent, looked at line by line, confirmed as seen, taken in while the desk works on."""

import csv
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from aiohttp import ClientSession
from sqlalchemy.exc import IntegrityError

from hotline.accounts.account import Role
from hotline.audit.store import Wanted, changes
from hotline.database import Database
from hotline.imports import pace, service
from hotline.imports.directory_store import put_lines
from hotline.imports.service import ImportJobs
from hotline.phone import PhoneNumber
from hotline.residents.files import FileKind
from hotline.residents.store import counts, known_caller
from hotline.settings import ImportsSettings
from tests.fakes.web_desk import WebDesk, web_desk

HEADER = "房号,姓名,电话\n"
GOOD = HEADER + "3-2-501,张伟,13800138501\n3-2-502,李明,13800138502\n3-2-503,王芳,13800138503;13900139503\n"


@asynccontextmanager
async def open_desk(tmp_path: Path) -> AsyncIterator[tuple[WebDesk, ImportJobs, ClientSession]]:
    """Give a desk with its import room; `work` is called by the test, as the service's task would."""
    async with web_desk(tmp_path) as first:
        database, clock = first.database, first.clock
        imports = ImportJobs(
            directory=tmp_path / "imports", database=database, clock=clock, settings=ImportsSettings(largest_mb=1)
        )
        object.__setattr__(first.rooms, "imports", imports)
        yield first, imports, await first.signed_in("boss")


async def sent(client: ClientSession, content: bytes, kind: str = "residents", name: str = "x.csv") -> dict[str, Any]:
    answer = await client.post("/api/v1/imports", params={"kind": kind, "name": name}, data=content)
    assert answer.status == 202, await answer.text()
    return dict(await answer.json())


async def looked_at(client: ClientSession, imports: ImportJobs, content: bytes, kind: str = "residents") -> Any:
    job = await sent(client, content, kind)
    await imports.work()
    answer = await client.get(f"/api/v1/imports/{job['id']}")
    return await answer.json()


async def confirmed(client: ClientSession, job: Any, **changes: Any) -> tuple[int, Any]:
    said = {"sha256": job["sha256"]} | changes
    answer = await client.post(f"/api/v1/imports/{job['id']}/confirm", json=said)
    return answer.status, await answer.json()


async def people(database: Database) -> int:
    async with database.read() as session:
        return (await counts(session)).residents


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
async def test_a_file_is_looked_at_first_and_taken_in_when_a_person_says_so(tmp_path: Path, encoding: str) -> None:
    async with open_desk(tmp_path) as (desk, imports, boss):
        job = await looked_at(boss, imports, GOOD.encode(encoding))
        assert job["state"] == "ready"
        assert job["counts"] == {
            "lines": 3,
            "added": 2,
            "changed": 0,
            "unchanged": 0,
            "removed": 0,
            "left_out": 0,
        } | {"changed": 1}  # 张伟 is known, as 先生: the file does not say so
        assert [line["changes"] for line in job["planned"] if line["what"] == "changed"] == [["title"]]
        assert await people(desk.database) == 1

        status, _ = await confirmed(boss, job)
        assert status == 200
        await imports.work()

        done = await (await boss.get(f"/api/v1/imports/{job['id']}")).json()
        assert (done["state"], done["done"], await people(desk.database)) == ("done", 3, 3)
        assert not list((tmp_path / "imports").glob("*.file"))
        async with desk.database.read() as session:
            acts = [kept.change.act for kept in await changes(session, Wanted(room="imports"), limit=9)]
            assert acts == ["taken-in", "confirmed"]
            assert "张伟" not in str(await changes(session, Wanted(room="imports"), limit=9))


async def test_the_same_file_twice_changes_nothing_and_says_so(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (_, imports, boss):
        await confirmed(boss, await looked_at(boss, imports, GOOD.encode()))
        await imports.work()

        again = await looked_at(boss, imports, GOOD.encode())

        assert again["same_as"] is not None
        assert (again["to_do"], again["counts"]["unchanged"]) == (0, 3)


async def test_every_bad_row_is_listed_with_every_wrong_cell_and_comes_back_as_a_file_that_runs_nothing(
    tmp_path: Path,
) -> None:
    bad = HEADER + '3-2-501,张伟,13800138501\nx,"=HYPERLINK(""http://a"",""b"")",12\n3-2-9,@SUM(A1),\n'
    async with open_desk(tmp_path) as (desk, imports, boss):
        job = await looked_at(boss, imports, bad.encode())
        assert [(one["line"], one["column"]) for one in job["problems"]] == [
            (3, "home"), (3, "name"), (3, "numbers"), (4, "name"),
        ]  # fmt: skip
        assert job["counts"]["left_out"] == 2

        answer = await boss.get(f"/api/v1/imports/{job['id']}/bad-rows.csv")
        rows = list(csv.reader(io.StringIO((await answer.read()).decode("utf-8-sig"))))
        assert rows[0] == ["行号", "问题", "房号", "姓名", "电话"]
        assert [row[0] for row in rows[1:]] == ["3", "4"]
        assert rows[1][3] == "'" + '=HYPERLINK("http://a","b")'
        assert not [cell for row in rows[1:] for cell in row if cell.startswith(("=", "+", "-", "@"))]

        status, told = await confirmed(boss, job)
        assert (status, told["error"]["id"]) == (409, "import-has-bad-rows")
        status, _ = await confirmed(boss, job, leave_out=True)
        await imports.work()
        assert (status, await people(desk.database)) == (200, 1)

        corrected = "行号,问题,房号,姓名,电话\n3,home: 房号,3-2-502,李明,'+8613800138502\n"
        mended = await looked_at(boss, imports, corrected.encode())
        assert (mended["counts"]["added"], mended["problems"]) == (1, [])


async def test_homes_numbers_and_unpaid_fees_come_in_the_same_way_and_from_workbooks_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["房号", "姓名", "月份", "金额"])
    book.active.append(["3-2-501", "张伟", "2026-01至2026-03", 812.5])
    book.active.append(["9-9-999", "无名", "2026-01", 1])
    kept = io.BytesIO()
    book.save(kept)
    async with open_desk(tmp_path) as (desk, imports, boss):
        homes = await looked_at(boss, imports, "房号,称姓问候\n3-2-501,是\n3-2-777,\n".encode(), "homes")
        assert (homes["counts"]["added"], homes["counts"]["changed"]) == (1, 1)
        numbers = await looked_at(boss, imports, "房号,姓名,电话\n3-2-501,张伟,13900139501\n".encode(), "numbers")
        await confirmed(boss, homes)
        await confirmed(boss, numbers)
        await imports.work()
        async with desk.database.read() as session:
            known = await known_caller(session, PhoneNumber.parse("13900139501"))
            assert known is not None
            assert known.households[0].greets_by_name
            assert await known_caller(session, PhoneNumber.parse("13800138501")) is None

        debts = await looked_at(boss, imports, kept.getvalue(), "arrears")
        assert [(one["line"], one["english"]) for one in debts["problems"]] == [(3, "nobody of this name in this home")]
        status, told = await confirmed(boss, debts, leave_out=True)  # who is not on the list would owe nothing
        assert (status, told["error"]["id"]) == (409, "import-has-bad-rows")


async def test_who_paid_is_no_longer_on_the_list_and_that_is_said_before(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (desk, imports, boss):
        for content in ("房号,姓名,月份,金额\n3-2-501,张伟,2026-01,10\n", "房号,姓名,月份,金额\n"):
            job = await looked_at(boss, imports, content.encode(), "arrears")
            await confirmed(boss, job)
            await imports.work()

        assert (job["counts"]["removed"], job["removed_homes"]) == (1, ["3-2-501"])
        async with desk.database.read() as session:
            assert (await counts(session)).arrears == 0


async def test_what_lies_there_at_confirming_is_what_was_looked_at_or_nothing_is_taken_in(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (desk, imports, boss):
        job = await looked_at(boss, imports, GOOD.encode())
        status, told = await confirmed(boss, job, sha256="0" * 64)
        assert (status, told["error"]["id"]) == (409, "import-changed")
        (path,) = (tmp_path / "imports").glob("*.file")
        path.write_bytes(GOOD.replace("李明", "李鬼").encode())

        await confirmed(boss, job)
        await imports.work()

        assert (await imports.job(job["id"])).state == "failed"
        assert await people(desk.database) == 1


async def test_a_directory_that_changed_since_is_looked_at_again_before_anything_is_taken_in(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (desk, imports, boss):
        first = await looked_at(boss, imports, GOOD.encode())
        other = await looked_at(boss, imports, (HEADER + "3-2-502,李明,13800138502\n").encode())
        await confirmed(boss, other)
        await imports.work()

        await confirmed(boss, first)
        await imports.work()

        again = await imports.job(first["id"])
        assert (again.state, again.reason, again.counts.unchanged) == ("ready", "directory-changed", 1)
        assert await people(desk.database) == 2


async def test_a_service_that_was_killed_in_the_middle_goes_on_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bound in ("FIRST", "FEWEST", "MOST"):
        monkeypatch.setattr(pace, bound, 1)
    real, batches = put_lines, list[int]()

    async def dies(session: Any, fates: Any) -> None:
        batches.append(fates[0].line)
        if len(batches) == 2:
            raise OSError("killed")
        await real(session, fates)

    monkeypatch.setattr(service, "put_lines", dies)
    async with open_desk(tmp_path) as (desk, imports, boss):
        await confirmed(boss, await looked_at(boss, imports, GOOD.encode()))
        with pytest.raises(OSError, match="killed"):
            await imports.work()
        await imports.work()

        (job,) = await imports.jobs()
        assert (job.state, job.done, await people(desk.database)) == ("done", 3, 3)
        assert batches == [2, 3, 3, 4]


async def test_a_file_whose_rows_the_database_refuses_ends_and_the_next_is_taken_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(session: Any, fates: Any) -> None:
        raise IntegrityError("INSERT", None, ValueError("refused"))

    async with open_desk(tmp_path) as (desk, imports, boss):
        first = await looked_at(boss, imports, GOOD.encode())
        await confirmed(boss, first)
        with monkeypatch.context() as broken:
            broken.setattr(service, "put_lines", refuses)
            for _ in range(service.TRIES - 1):
                with pytest.raises(IntegrityError):
                    await imports.work()
            await imports.work()
        second = await looked_at(boss, imports, GOOD.encode())
        await confirmed(boss, second)
        await imports.work()

        states = {job.id: (job.state.value, job.reason) for job in await imports.jobs()}
        assert states == {first["id"]: ("failed", "IntegrityError"), second["id"]: ("done", "")}
        assert await people(desk.database) == 3


async def test_a_file_that_is_too_large_is_refused_before_it_is_here_and_leaves_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (_, imports, boss):
        large = b"x" * (imports.largest_bytes + 1)
        told = await boss.post("/api/v1/imports", params={"kind": "residents"}, data=io.BytesIO(large))
        assert (told.status, (await told.json())["error"]["id"]) == (413, "body-too-large")

        async def unsaid() -> AsyncIterator[bytes]:
            for _ in range(20):
                yield b"x" * 100_000

        told = await boss.post("/api/v1/imports", params={"kind": "residents"}, data=unsaid())
        assert told.status == 413
        assert list((tmp_path / "imports").glob("*")) == []


async def test_garbage_is_refused_in_words_and_a_dropped_file_is_gone(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (_, imports, boss):
        refused = await looked_at(boss, imports, b"\xff\xfe\xff")
        assert (refused["state"], "UTF-8" in refused["reason"]) == ("refused", True)
        job = await looked_at(boss, imports, GOOD.encode())
        assert (await boss.post(f"/api/v1/imports/{job['id']}/drop", json={})).status == 200
        status, told = await confirmed(boss, job)
        assert (status, told["error"]["id"]) == (409, "import-step-refused")
        assert not list((tmp_path / "imports").glob("*.file"))


async def test_a_file_that_is_dropped_while_it_is_read_is_gone_and_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_desk(tmp_path) as (_, imports, boss):
        dropped, next_one = await sent(boss, GOOD.encode()), await sent(boss, GOOD.encode(), name="y.csv")
        planned = ImportJobs._plan

        async def drops_first(jobs: ImportJobs, job: Any) -> Any:
            if job.id == dropped["id"]:
                assert (await boss.post(f"/api/v1/imports/{job.id}/drop")).status == 200
            return await planned(jobs, job)

        monkeypatch.setattr(ImportJobs, "_plan", drops_first)
        await imports.work()

        states = [
            (await (await boss.get(f"/api/v1/imports/{one['id']}")).json())["state"] for one in (dropped, next_one)
        ]
    assert states == ["dropped", "ready"]


async def test_only_so_many_files_wait_and_an_agent_brings_in_none(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (desk, _, boss):
        for _ in range(service.MOST_OPEN):
            await sent(boss, GOOD.encode())
        told = await boss.post("/api/v1/imports", params={"kind": "residents"}, data=b"x")
        assert (told.status, (await told.json())["error"]["id"]) == (429, "too-many-imports")

        agent = await desk.machine(Role.AGENT)
        assert (await agent.get("/api/v1/imports")).status == 403
        assert (await agent.post("/api/v1/imports", params={"kind": "homes"}, data=b"x")).status == 403


def test_the_kinds_are_those_of_the_commands() -> None:
    assert json.dumps(list(FileKind)) == '["residents", "homes", "numbers", "arrears"]'


@pytest.mark.parametrize("kind", list(FileKind))
async def test_a_sample_is_fetched_for_each_kind_and_is_taken_in_as_it_stands(kind: FileKind, tmp_path: Path) -> None:
    async with open_desk(tmp_path) as (_, imports, boss):
        if kind in {FileKind.NUMBERS, FileKind.ARREARS}:  # these are about people who are known
            await confirmed(boss, await looked_at(boss, imports, (HEADER + "3-2-501,张建国,\n").encode()))
            await imports.work()
        answer = await boss.get(f"/api/v1/imports/samples/{kind}.xlsx")
        assert answer.status == 200

        job = await looked_at(boss, imports, await answer.read(), kind)

        assert (job["problems"], job["to_do"] > 0) == ([], True)
        assert (await boss.get("/api/v1/imports/samples/other.xlsx")).status == 404
