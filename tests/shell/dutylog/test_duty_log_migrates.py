"""A log from before the chain is chained by the migration's command, and the database then guards it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hotline.database import Database
from hotline.dutylog.acts import chain_old_entries
from hotline.dutylog.chain import Head
from hotline.dutylog.chain_store import verify_chain
from hotline.dutylog.entry import LogBook
from hotline.migrations import migrate

OLD_ENTRY: Final = (
    "INSERT INTO duty_entry (number, state, kind, is_urgent, who, home, matter, promised, agent, written_at,"
    " written_by) VALUES (1, 'confirmed', 'repair', false, '𠮷田', '3-2-501', '漏水', '', '8001',"
    " '2026-11-20 09:00:00.000000', 'a')"
)
REPOSITORY: Final = Path(__file__).parents[3]


async def test_a_log_from_before_the_chain_is_chained_and_guarded_after_migration(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url, "2026_11_22_second")
    database = Database(database_url)
    try:
        async with database.begin() as session:
            await session.execute(text(OLD_ENTRY))
        await asyncio.to_thread(migrate, database_url)
        await chain_old_entries(database, LogBook())

        end = await verify_chain(database)
        assert isinstance(end, Head)
        assert end.position == 1
        with pytest.raises(DBAPIError, match="is not changed"):
            async with database.begin() as session:
                await session.execute(text("UPDATE duty_entry SET matter = 'x'"))
    finally:
        await database.close()


@pytest.mark.timeout(120)
def test_the_commands_say_whether_the_log_is_whole(tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        environment = {name: text for name, text in os.environ.items() if not name.startswith("HOTLINE_")}
        done = subprocess.run(
            [sys.executable, "-m", "hotline", *words],
            capture_output=True, text=True, cwd=REPOSITORY, check=False, timeout=60,
            env=environment | {"HOTLINE_HOME": str(tmp_path)},
        )  # fmt: skip
        return done.returncode, done.stdout.strip() or done.stderr

    async def act(*statements: str) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}")
        async with database.begin() as session:
            for statement in statements:
                await session.execute(text(statement))
        await database.close()

    assert run("migrate")[0] == 0
    assert run("duty-log", "verify") == (
        0, f"0 entries, none altered, missing or out of order; head {'0' * 64}",
    )  # fmt: skip
    asyncio.run(act(OLD_ENTRY))
    assert run("duty-log", "verify") == (1, "entry 1 says it is confirmed and is not in the chain")
    assert run("migrate")[0] == 0
    position, head = run("duty-log", "head")[1].split()
    assert position == "1"
    assert run("duty-log", "verify", "--printed", head)[0] == 0
    asyncio.run(act("DROP TRIGGER duty_entry_is_not_changed", "UPDATE duty_entry SET matter = 'x'"))
    assert run("duty-log", "verify") == (
        1, "position 1: entry 20261120-001 is altered, or what stood before it is gone",
    )  # fmt: skip
