"""Every example of docs/api.md is run, and the check of a signature in docs/integrations.md, as they stand there."""

import re
import shlex
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from hotline.accounts.account import Role
from hotline.imports.service import ImportJobs
from hotline.outbox.signing import signature
from hotline.settings import CentreSettings, ImportsSettings, ReceiverSettings, WebhooksSettings
from hotline.web.rooms import CHINA
from hotline.web.webhook import ReceiverWay
from hotline.webhooks.service import Webhooks
from tests.fakes.web_desk import PASSWORD, WebDesk, web_desk

DOCS = Path(__file__).parents[3] / "docs"
RESIDENTS = "房号,姓名\n3-2-501,张伟\n"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def examples() -> list[str]:
    return [line for block in blocks("api.md", "sh") for line in block.splitlines() if line.startswith("curl ")]


def with_all_rooms(room: WebDesk, home: Path) -> None:
    receiver = ReceiverSettings(url="http://127.0.0.1:1/", secret=SecretStr(PASSWORD), events=("call.ended",))
    webhooks = Webhooks(
        settings=WebhooksSettings(receivers={"crm": receiver}), centre=CentreSettings(), zone=CHINA,
        database=room.database, clock=room.clock, way_to=lambda one: ReceiverWay(one, room.clock),
    )  # fmt: skip
    imports = ImportJobs(
        directory=home / "imports", database=room.database, clock=room.clock, settings=ImportsSettings()
    )
    object.__setattr__(room.rooms, "webhooks", webhooks)
    object.__setattr__(room.rooms, "imports", imports)


async def test_every_example_of_the_api_works_as_it_stands(tmp_path: Path) -> None:
    said = examples()
    assert len(said) >= 14
    async with web_desk(tmp_path) as room:
        with_all_rooms(room, tmp_path)
        await room.finished_call("c-1")
        machine = await room.machine(Role.SUPERVISOR)
        token = machine.headers["Authorization"].removeprefix("Bearer ")
        client = room.client()
        for line in said:
            words = shlex.split(line.replace("$HOTLINE", room.origin).replace("$TOKEN", token))
            request = asked(words)
            answer = await client.request(**request)
            text = await answer.text()
            assert answer.status < 300, f"{line}: {answer.status} {text}"
            if answer.content_type == "application/json":
                assert isinstance(await answer.json(), dict), line


def asked(words: list[str]) -> dict[str, Any]:
    """Return what this curl asks for."""
    headers: dict[str, str] = {}
    data: bytes | None = None
    url, place = "", 1
    while place < len(words):
        match words[place]:
            case "-s":
                place += 1
            case "-H":
                name, _, value = words[place + 1].partition(": ")
                headers[name] = value
                place += 2
            case "-d":
                data, place = words[place + 1].encode(), place + 2
            case "--data-binary":
                assert words[place + 1] == "@residents.csv"
                data, place = RESIDENTS.encode(), place + 2
            case word:
                assert word.startswith("http"), f"an option that this test does not know: {word}"
                url, place = word, place + 1
    from yarl import URL  # as curl sends it, not encoded anew

    return {"method": "POST" if data else "GET", "url": URL(url, encoded=True), "headers": headers, "data": data}


def test_a_receiver_that_checks_as_the_page_says_believes_us_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC).timestamp()
    monkeypatch.setattr(time, "time", lambda: now)
    (check,) = blocks("integrations.md", "python")
    told: dict[str, Any] = {}
    exec(check, told)  # our own page
    is_ours, body = told["is_ours"], b'{"id": "call.ended-1"}'
    header = signature(body, PASSWORD, int(now))

    assert is_ours(body, header, PASSWORD)
    assert not is_ours(body + b" ", header, PASSWORD)
    assert not is_ours(body, header, PASSWORD + "x")
    assert not is_ours(body, signature(body, PASSWORD, int(now) - 600), PASSWORD)
