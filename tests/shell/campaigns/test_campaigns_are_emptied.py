"""Two years behind its end a campaign names nobody any more, and still says how many were reached."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hotline.bus import Change, Subject
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import CampaignKind, CampaignState, CampaignStep
from hotline.campaigns.retention import CampaignRetention
from hotline.campaigns.store import add_campaign, campaign_by_id, history_of, take_campaign_step
from hotline.campaigns.target import TargetState
from hotline.campaigns.targets_store import target_counts
from hotline.database import Database
from hotline.desk.old_calls_store import remove_outside_calls_before
from hotline.desk.outside_store import OutsideCallTable
from hotline.recordings.removal import first_break
from hotline.recordings.removal_store import removals_after
from hotline.residents.choice_store import PopChoiceTable, remove_choices_before
from hotline.residents.resident import Home
from hotline.residents.store import add_home
from hotline.settings import RetentionSettings
from tests.fakes.dial_floor import DialFloor
from tests.fakes.redis_server import RedisServer


@pytest.fixture
async def floor(database: Database, redis_server: RedisServer) -> AsyncIterator[DialFloor]:
    floor = DialFloor(database, redis_server.url)
    yield floor
    await floor.close()


async def ended_campaign(floor: DialFloor) -> int:
    """Ring two homes of a list of three, reach one, and stop."""
    owing = [await floor.owes(501 + count, f"1380013850{count}") for count in range(3)]
    made = await floor.campaign(*owing)
    first, second, third = await floor.rings()
    await floor.ended(first, floor.heard(first, "CONFIRMED", "KEY 4"))
    await floor.ended(second)
    await floor.ended(third)
    async with floor.database.begin() as session:
        await take_campaign_step(
            session, made.id, CampaignStep.STOPPED, who="wang", at=floor.clock.now(), needs_approval=False
        )
    return made.id


def retention(floor: DialFloor, directory: Path, told: list[Change]) -> CampaignRetention:
    async def tell(change: Change) -> None:
        told.append(change)

    return CampaignRetention(
        directory=directory, database=floor.database, clock=floor.clock, settings=RetentionSettings(), tell=tell
    )  # fmt: skip


async def test_campaign_names_nobody_after_its_time_and_its_counts_stay(floor: DialFloor, tmp_path: Path) -> None:
    campaign, told = await ended_campaign(floor), list[Change]()
    rounds = retention(floor, tmp_path, told)
    async with floor.database.read() as session:
        counts = await target_counts(session, campaign)
    floor.clock.turn(timedelta(days=729).total_seconds())
    assert await rounds.round() == 0
    assert [target.salutation for target in await floor.targets()] == ["张先生"] * 3
    floor.clock.turn(timedelta(days=2).total_seconds())

    assert await rounds.round(limit=1, at_once=2) == 0  # some at a time
    assert await rounds.round(at_once=2) == 1
    assert await rounds.round() == 0

    for target in await floor.targets():
        assert (target.household, target.e164, target.home_id) == (f"#{target.id}", f"#{target.id}", None)
        assert (target.salutation, target.months, target.fen, target.said) == ("", [], 0, [])
    for tried in await floor.attempts():
        assert (tried.household, tried.e164) == (f"#{tried.target_id}", f"#{tried.target_id}")
        assert (tried.said, tried.answers) == ([], {})
    async with floor.database.read() as session:
        assert await target_counts(session, campaign) == counts
        proofs = await removals_after(session, 0)
    assert [(proof.removed.klass, proof.removed.rule) for proof in proofs] == [
        ("campaigns", "retention.campaigns = 730 days")
    ] * 2
    assert first_break(proofs) is None
    assert told == [Change(Subject.CAMPAIGN, str(campaign))]
    assert TargetState.DONE in {state for state, _ in counts}


async def test_campaign_with_an_attempt_of_unknown_fate_is_left_until_a_person_decides(
    floor: DialFloor, tmp_path: Path
) -> None:
    await ended_campaign(floor)
    async with floor.database.begin() as session:
        attempt = await session.scalar(select(AttemptTable).limit(1))
        assert attempt is not None
        attempt.state = "unknown"
    floor.clock.turn(timedelta(days=731).total_seconds())

    assert await retention(floor, tmp_path, []).round() == 0

    assert not [target for target in await floor.targets() if target.e164.startswith("#")]


async def test_calls_to_the_outside_and_choices_of_a_home_go_when_their_time_is_over(floor: DialFloor) -> None:
    now = floor.clock.now()
    old, young = now - timedelta(days=731), now - timedelta(days=729)
    async with floor.database.begin() as session:
        home = (await add_home(session, Home(building=3, unit=2, room=501))).id
        assert home is not None
        for count, (at, state) in enumerate(((old, "ended"), (young, "ended"), (old, "claimed"))):
            session.add(PopChoiceTable(call_id=f"c-{count}", home_id=home, by="wang", at=at))
            session.add(
                OutsideCallTable(
                    key=str(count), by="wang", extension="8001", e164="+8613800138501", returns="", state=state, at=at
                )
            )
    before = now - timedelta(days=730)
    async with floor.database.begin() as session:
        assert await remove_choices_before(session, before) == 2
        assert await remove_outside_calls_before(session, before) == 1
    async with floor.database.read() as session:
        assert sorted(await session.scalars(select(OutsideCallTable.key))) == ["1", "2"]
        assert list(await session.scalars(select(PopChoiceTable.call_id))) == ["c-1"]


@pytest.mark.parametrize("step", [None, CampaignStep.PAUSED])
async def test_campaign_that_rests_and_nobody_touches_ends_by_itself_with_a_word_in_its_history(
    floor: DialFloor, tmp_path: Path, step: CampaignStep | None
) -> None:
    told: list[Change] = []
    now = floor.clock.now()
    async with floor.database.begin() as session:
        made = await add_campaign(session, kind=CampaignKind.NOTICE, name="停水", words="周四停水", by="wang", at=now)
        for one in (CampaignStep.STARTED, step) if step else ():
            await take_campaign_step(session, made.id, one, who="wang", at=now, needs_approval=False)
    running = await floor.campaign(await floor.owes(501, "13800138501"))
    floor.clock.turn(60 * 86_400)
    await retention(floor, tmp_path, told).round()
    assert told == []

    floor.clock.turn(60)
    await retention(floor, tmp_path, told).round()

    async with floor.database.read() as session:
        ended = await campaign_by_id(session, made.id)
        last = (await history_of(session, made.id))[-1]
        assert (await campaign_by_id(session, running.id)).state is CampaignState.RUNNING
    assert (ended.state, ended.ended_at) == (CampaignState.STOPPED, floor.clock.now())
    assert (last.who, last.what, last.text) == ("hotline", CampaignStep.STOPPED, "idle 60")
    assert told == [Change(Subject.CAMPAIGN, str(made.id))]
