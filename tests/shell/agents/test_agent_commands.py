"""`agent states`, as somebody at the command line has it."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.__main__ import app
from hotline.agents.agent import Decided, Stand
from hotline.agents.store import keep_decided
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.migrations import migrate


def test_what_every_agent_decided_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path))
    url = f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"
    migrate(url)

    async def pause() -> None:
        database, now = Database(url), SystemClock().now()
        async with database.begin() as session:
            await keep_decided(session, "8002", Decided(stand=Stand.PAUSED, reason="用餐", since=now), now)
        await database.close()

    asyncio.run(pause())
    said = CliRunner().invoke(app, ["agent", "states"])

    assert said.exit_code == 0, said.output
    first, second = said.output.splitlines()
    assert first == "8001: phone-only"
    assert second.startswith("8002: paused 用餐 since ")
