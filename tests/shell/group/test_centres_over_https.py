"""The line to a centre over https: a certificate of its own is trusted if it is named, another's never."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from hotline.clock import SystemClock
from hotline.errors import SettingsRefused
from hotline.group.centre import CentreNotHeard, Why
from hotline.group.service import Group
from hotline.reports.ranges import Days
from hotline.settings import GroupSettings
from hotline.settings.group_section import CentreOfGroup
from hotline.web.centre_line import HttpCentreLine, open_group
from tests.fakes.own_certificate import OwnCertificate, make_certificate

DAYS = Days.of_month("2026-11")
SUMS = {
    "first": "2026-11-01", "last": "2026-11-30", "running": 0, "is_whole": True,
    "counts": {"offered": 3}, "lift": {}, "human": {},
}  # fmt: skip


async def give_sums(_request: web.Request) -> web.StreamResponse:
    return web.Response(text=json.dumps(SUMS), headers={"X-Hotline-Centre": "01"})


@asynccontextmanager
async def centre_behind(certificate: OwnCertificate) -> AsyncIterator[str]:
    """Give the address of a centre that has this certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.certificate_file, certificate.key_file)
    app = web.Application()
    app.router.add_get("/api/v1/reports/sums", give_sums)
    server = TestServer(app, scheme="https", host="127.0.0.1")
    await server.start_server(ssl=context)
    try:
        yield f"https://127.0.0.1:{server.port}"
    finally:
        await server.close()


def group_of(url: str, ca_file: Path | None = None, **limits: float) -> Group:
    one = CentreOfGroup(name="东苑", url=url, token=SecretStr("a-token-of-the-centre"), ca_file=ca_file)
    group = open_group(GroupSettings(centres={"01": one}, **{"connect_within": 10.0, **limits}), SystemClock())
    assert group is not None
    return group


async def reason(group: Group) -> Why | None:
    (found,) = await group.compare({"01"}, DAYS)
    return found.why


async def wall_reason(group: Group) -> Why:
    line: Any = group._line
    assert isinstance(line, HttpCentreLine)
    with pytest.raises(CentreNotHeard) as refused:
        async with asyncio.timeout(30), aclosing(line.walls("01")) as walls:
            async for _ in walls:
                pass
    return refused.value.why


async def test_centre_with_a_certificate_of_its_own_is_heard_where_that_is_named(tmp_path: Path) -> None:
    own = make_certificate(tmp_path / "own")
    async with centre_behind(own) as url:
        (found,) = await group_of(url, own.certificate_file).compare({"01"}, DAYS)

    assert found.why is None
    assert found.times is not None
    assert found.times.offered == 3


async def test_certificate_that_is_not_the_one_named_is_refused_and_says_so(tmp_path: Path) -> None:
    own, other = make_certificate(tmp_path / "own"), make_certificate(tmp_path / "other")
    elsewhere = make_certificate(tmp_path / "elsewhere", names=("east.example",))
    async with centre_behind(own) as url:
        unnamed = await reason(group_of(url)), await wall_reason(group_of(url))
        wrong = (
            await reason(group_of(url, other.certificate_file)),
            await wall_reason(group_of(url, other.certificate_file)),
        )
    async with centre_behind(elsewhere) as url:
        other_name = await reason(group_of(url, elsewhere.certificate_file))

    assert {*unnamed, *wrong, other_name} == {Why.UNTRUSTED}


async def test_centre_that_speaks_no_https_where_https_is_asked_is_not_trusted() -> None:
    app = web.Application()
    app.router.add_get("/api/v1/reports/sums", give_sums)
    async with TestServer(app) as server:
        why = await reason(group_of(f"https://127.0.0.1:{server.port}"))

    assert why is Why.UNTRUSTED


def test_certificate_file_that_is_none_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("no certificate", encoding="ascii")

    with pytest.raises(SettingsRefused, match="ca_file"):
        group_of("https://127.0.0.1:1", tmp_path / "none.pem")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_centre_that_takes_the_line_and_says_nothing_is_given_up(scheme: str) -> None:
    lines: list[asyncio.StreamWriter] = []

    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        group = group_of(url, connect_within=0.5, answer_within=0.5, silent_after=0.5)
        found = await reason(group), await wall_reason(group)
        for line in lines:
            line.close()
        await asyncio.gather(*(line.wait_closed() for line in lines), return_exceptions=True)

    assert set(found) <= {Why.SILENT, Why.AWAY}


async def test_centre_of_an_older_version_without_a_wall_says_that_it_is_one() -> None:
    app = web.Application()
    async with TestServer(app) as server:
        why = await wall_reason(group_of(f"http://127.0.0.1:{server.port}"))

    assert why is Why.UNREADABLE
