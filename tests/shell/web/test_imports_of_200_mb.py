"""A file of 200 MB at the door of imports: refused while it arrives, in words, and nothing of it is kept or held."""

import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from hotline.imports.service import ImportJobs
from hotline.settings import ImportsSettings
from tests.fakes.web_desk import WebDesk, web_desk

pytestmark = pytest.mark.timeout(120)
MB = 1_000_000
WHOLE = 200
LARGEST_MB = ImportsSettings().largest_mb
ROW = "3-2-501,张伟,13800138501\n".encode()
PIECE = (ROW * (MB // len(ROW) + 1))[:MB]
HELD_AT_MOST = 16 * MB  # of this process, with both ends of the line in it


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[WebDesk]:
    """A desk that takes files as large as it is shipped to."""
    async with web_desk(tmp_path) as desk:
        imports = ImportJobs(
            directory=tmp_path / "imports", database=desk.database, clock=desk.clock, settings=ImportsSettings()
        )
        object.__setattr__(desk.rooms, "imports", imports)
        yield desk


@pytest.fixture
async def boss(desk: WebDesk) -> ClientSession:
    return await desk.signed_in("boss")


async def pieces(sent: list[int]) -> AsyncIterator[bytes]:
    """Yield the file, made as it goes, and count what of it left."""
    yield "房号,姓名,电话\n".encode()
    for _ in range(WHOLE):
        sent.append(MB)
        yield PIECE


async def nothing_is_left_and_the_next_is_taken(desk: WebDesk, boss: ClientSession) -> None:
    assert not list((desk.home / "imports").glob("*"))
    answer = await boss.get("/api/v1/imports")
    assert (await answer.json())["imports"] == []
    small = await boss.post(
        "/api/v1/imports", params={"kind": "residents", "name": "x.csv"}, data="房号,姓名\n3-2-501,张伟\n".encode()
    )
    assert small.status == 202, "one that was refused keeps nobody's place"


async def test_file_that_says_its_200_mb_is_refused_in_words_before_it_has_arrived(
    desk: WebDesk, boss: ClientSession
) -> None:
    sent: list[int] = []

    answer = await boss.post(
        "/api/v1/imports",
        params={"kind": "residents", "name": "x.csv"},
        data=pieces(sent),
        headers={"Content-Length": str(WHOLE * MB)},
    )

    assert answer.status == 413
    told = (await answer.json())["error"]
    assert (told["id"], told["message"]) == ("body-too-large", f"the file is larger than {LARGEST_MB} MB: split it")
    assert sum(sent) < LARGEST_MB * MB, "what the line held on its way, and no more"
    await nothing_is_left_and_the_next_is_taken(desk, boss)


async def test_file_that_hides_its_200_mb_is_cut_off_at_the_limit_and_never_held_in_memory(
    desk: WebDesk, boss: ClientSession
) -> None:
    sent: list[int] = []

    tracemalloc.start()
    try:
        answer = await boss.post(
            "/api/v1/imports", params={"kind": "residents", "name": "x.csv"}, data=pieces(sent), chunked=True
        )
        told = answer.status
    except ClientConnectionError:  # the door was shut while it still was sending
        told = 413
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert told == 413
    assert LARGEST_MB * MB <= sum(sent) < WHOLE * MB // 2
    assert most < HELD_AT_MOST
    await nothing_is_left_and_the_next_is_taken(desk, boss)
