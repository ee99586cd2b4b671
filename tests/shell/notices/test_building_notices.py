"""Building notices: heard from their time until their end, ended early, and made up for after an outage."""

from datetime import datetime, timedelta

import pytest

from hotline.audit.store import Wanted, changes
from hotline.bus import Bus
from hotline.database import Database
from hotline.incidents.incident import BuildingUnknown
from hotline.incidents.service import Incidents
from hotline.notices.notice import BuildingNotice, BuildingNoticeRefused, BuildingNoticeUnknown, NoticeState
from hotline.notices.service import BuildingNotices
from hotline.residents.resident import Home
from hotline.residents.store import add_home
from hotline.settings import IncidentSettings
from tests.fakes.clock_by_hand import ClockByHand

HOUR = timedelta(hours=1)
WATER = "明天上午停水。"


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
async def incidents(database: Database, clock: ClockByHand) -> Incidents:
    async with database.begin() as session:
        for building in (3, 5):
            await add_home(session, Home(building, 1, 101))
    return Incidents(settings=IncidentSettings(), database=database, bus=Bus(), clock=clock)


@pytest.fixture
def notices(database: Database, clock: ClockByHand, incidents: Incidents) -> BuildingNotices:
    return BuildingNotices(incidents=incidents, database=database, clock=clock)


async def posted(notices: BuildingNotices, begins: datetime, *buildings: int, hours: int = 1) -> BuildingNotice:
    return await notices.post(
        text=WATER, buildings=buildings or (3, 5), begins=begins, ends=begins + hours * HOUR, by="boss"
    )


async def heard(incidents: Incidents, building: int) -> str | None:
    present = await incidents.present(building)
    return present.notice.text if present else None


async def test_a_notice_is_heard_in_each_building_from_its_time_until_its_end(
    notices: BuildingNotices, incidents: Incidents, clock: ClockByHand, database: Database
) -> None:
    notice = await posted(notices, clock.now() + HOUR)
    await notices.look()
    assert (notice.state(clock.now()), await heard(incidents, 3)) == (NoticeState.PLANNED, None)

    clock.turn(3600)
    await notices.look()
    await notices.look()
    assert [await heard(incidents, building) for building in (3, 5)] == [WATER, WATER]

    clock.turn(3600)
    await notices.look()
    assert [await heard(incidents, building) for building in (3, 5)] == [None, None]
    over = await notices.notice(notice.id)
    assert (over.state(clock.now()), over.ended_by) == (NoticeState.OVER, "time")
    async with database.read() as session:
        found = await changes(session, Wanted(room="notices"), limit=9)
    assert [(kept.change.by, kept.change.act) for kept in reversed(found)] == [("boss", "posted"), ("time", "ended")]


async def test_a_notice_is_ended_early_once(notices: BuildingNotices, incidents: Incidents, clock: ClockByHand) -> None:
    notice = await posted(notices, clock.now())
    await notices.look()

    ended = await notices.end(notice.id, by="root")

    assert (await heard(incidents, 3), ended.ended_by) == (None, "root")
    with pytest.raises(BuildingNoticeRefused):
        await notices.end(notice.id, by="root")
    with pytest.raises(BuildingNoticeUnknown):
        await notices.end(99, by="root")
    await notices.look()
    assert await heard(incidents, 3) is None


async def test_a_building_with_an_incident_keeps_it_and_hears_the_notice_after_it(
    notices: BuildingNotices, incidents: Incidents, clock: ClockByHand
) -> None:
    burst = await incidents.raise_by_hand(3, who="boss", text="水管爆裂。")
    notice = await posted(notices, clock.now())
    await notices.look()
    assert [await heard(incidents, building) for building in (3, 5)] == ["水管爆裂。", WATER]
    assert (await notices.notice(notice.id)).incidents[3] is None

    await incidents.end(burst.id, who="boss", what_was_done="修好了")
    clock.turn(1)
    await notices.look()
    assert await heard(incidents, 3) == WATER


async def test_what_a_service_began_before_it_died_is_known_again_and_ended(
    notices: BuildingNotices, incidents: Incidents, clock: ClockByHand
) -> None:
    notice = await posted(notices, clock.now(), 3)
    raised = await incidents.raise_by_hand(3, who="boss", text=WATER)  # and died before it was noted

    await notices.look()
    assert (await notices.notice(notice.id)).incidents == {3: raised.id}

    clock.turn(7200)
    await notices.look()
    assert await heard(incidents, 3) is None


async def test_an_incident_ended_on_the_desk_is_not_raised_again(
    notices: BuildingNotices, incidents: Incidents, clock: ClockByHand
) -> None:
    notice = await posted(notices, clock.now(), 3)
    await notices.look()
    number = (await notices.notice(notice.id)).incidents[3]
    assert number is not None
    await incidents.end(number, who="boss", what_was_done="水来了")

    await notices.look()
    assert await heard(incidents, 3) is None
    assert (await notices.end(notice.id, by="boss")).ended_by == "boss"


async def test_times_and_buildings_that_make_no_notice_are_refused(
    notices: BuildingNotices, clock: ClockByHand
) -> None:
    now = clock.now()
    for begins, hours in ((now, 0), (now - 3 * HOUR, 1), (now, 24 * 91)):
        with pytest.raises(BuildingNoticeRefused):
            await posted(notices, begins, hours=hours)
    with pytest.raises(BuildingUnknown):
        await posted(notices, now, 77)
    assert await notices.newest(9) == []
