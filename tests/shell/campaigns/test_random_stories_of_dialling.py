"""Whatever happens, in whatever order: no forbidden call, nobody rung twice for one reason, nobody lost."""

from pathlib import Path

import pytest

from hotline.campaigns.target import TargetState
from hotline.database import Database
from tests.fakes.dial_floor import DialFloor
from tests.fakes.dial_story import LINES, DialStory
from tests.fakes.redis_server import RedisServer


@pytest.mark.parametrize("seed", range(5))
async def test_random_story_rings_nobody_who_must_not_be_rung_and_loses_nobody(
    database: Database, redis_server: RedisServer, tmp_path: Path, seed: int
) -> None:
    floor = DialFloor(database, redis_server.url, lines=LINES)
    story = DialStory(floor, redis_server, seed, tmp_path / "master.db")
    await story.begins()
    await story.goes_on(60)
    targets = await story.comes_to_its_end()
    await floor.close()

    assert story.second.faults == [], story.told
    left = [(one.household, one.state, one.reasons) for one in targets]
    over = {TargetState.DONE, TargetState.GIVEN_UP, TargetState.SUPPRESSED}
    assert [one for one in left if one[1] not in over] == [], story.told
    unspoken = [one for one in left if one[1] == TargetState.SUPPRESSED]
    assert {home for home, _, _ in unspoken} <= story.protected(), unspoken
    assert story.second.rung, "somebody was rung at all"
