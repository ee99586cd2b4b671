"""Lists as long as a town keep nobody waiting: neither the database nor whoever is on the line."""

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hotline.bus import Bus
from hotline.campaigns import preview, service
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.preview import Previews
from hotline.campaigns.service import Campaigns
from hotline.database import Database
from tests.fakes.dial_floor import ZONE, DialFloor
from tests.fakes.redis_server import RedisServer

LIST = "房号,姓名,电话,月份,金额\n3-2-501,张伟,13800138501,2026-09,5\n".encode()


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


def campaigns(floor: DialFloor) -> Campaigns:
    return Campaigns(database=floor.database, bus=Bus(), clock=floor.clock, settings=floor.settings)


async def test_long_list_is_judged_beside_the_loop(floor: DialFloor, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await floor.campaign(await floor.owes(501, "13800138501"))
    judged_in: list[threading.Thread] = []

    def judge(*given: Any) -> Any:
        judged_in.append(threading.current_thread())
        return may_call(*given)

    may_call = preview.may_call
    monkeypatch.setattr(preview, "may_call", judge)

    seen = await Previews(
        database=floor.database, clock=floor.clock, settings=floor.settings, zone=ZONE, prompts={}
    ).of(made.id)  # fmt: skip

    assert (seen.judged, len(judged_in)) == (1, 1)
    assert threading.main_thread() not in judged_in


@pytest.mark.parametrize("from_file", [True, False])
async def test_people_behind_a_list_are_looked_for_while_others_may_write(
    floor: DialFloor, monkeypatch: pytest.MonkeyPatch, from_file: bool
) -> None:
    await floor.owes(501, "13800138501")
    acts = campaigns(floor)
    made = await acts.make(CampaignKind.FEE_REMINDER, "催缴", by="wang")
    begun: list[bool] = []  # write transactions, and whether they are still open
    open_while_resolving: list[bool] = []
    begin, resolve = Database.begin, service.resolve

    @asynccontextmanager
    async def watched(database: Database) -> AsyncIterator[Any]:
        begun.append(True)
        async with begin(database) as session:
            yield session
        begun[-1] = False

    async def watching(*given: Any) -> Any:
        open_while_resolving.append(any(begun))
        return await resolve(*given)

    monkeypatch.setattr(Database, "begin", watched)
    monkeypatch.setattr(service, "resolve", watching)

    async def take(*, is_dry_run: bool) -> int:
        if from_file:
            return (await acts.take_in(made.id, LIST, by="wang", is_dry_run=is_dry_run)).added
        return (await acts.take_from_records(made.id, by="wang", is_dry_run=is_dry_run)).added

    assert await take(is_dry_run=True) == 1
    assert begun == []
    assert await floor.targets() == []
    assert await take(is_dry_run=False) == 1
    assert len(begun) == 1
    assert open_while_resolving == [False, False]
