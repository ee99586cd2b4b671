"""The share that the head sets holds from the next draw on, and is written down with what stood before."""

import asyncio
from datetime import timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.aftercare.rules import After
from hotline.aftercare.service import prove
from hotline.aftercare.share import HeadsShare, ShareChanged, ShareRefused
from hotline.audit.store import Wanted, changes
from hotline.database import Database
from hotline.dutylog.entry import Kind
from hotline.reports.service_sums_store import called_back
from tests.shell.aftercare.test_aftercare import START, Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def share(desk: Desk) -> HeadsShare:
    return HeadsShare(database=desk.database, clock=desk.clock, in_file=10)


async def test_the_share_of_the_page_holds_from_the_next_draw_on_without_a_restart(desk: Desk) -> None:
    await desk.handled(Kind.ENQUIRY, 10)
    await desk.aftercare.draw_handled()
    assert await prove(desk.database, After.ENQUIRY) == (10, 1, [])

    await share(desk).change(50, version=0, by="boss", reason="多听意见")
    await desk.handled(Kind.ENQUIRY, 10)
    await desk.aftercare.draw_handled()

    assert await prove(desk.database, After.ENQUIRY) == (20, 6, [])


async def test_a_past_range_tells_the_share_that_was_in_force_at_its_draws(desk: Desk) -> None:
    await desk.handled(Kind.ENQUIRY, 10)
    await desk.aftercare.draw_handled()
    await share(desk).change(50, version=0, by="boss", reason="多听意见")

    async with desk.database.read() as session:
        [before] = await called_back(session, START, START + timedelta(days=1))
    await desk.handled(Kind.ENQUIRY, 30)
    await desk.aftercare.draw_handled()
    async with desk.database.read() as session:
        [both] = await called_back(session, START, START + timedelta(days=1))

    assert (before.wanted, before.handled, before.drawn) == (10, 10, 1)
    assert (both.wanted, both.handled) == (40, 40)


async def test_back_to_the_file_and_the_audit_has_before_and_after(desk: Desk) -> None:
    await share(desk).change(0, version=0, by="boss", reason="人手不够")
    back = await share(desk).change(None, version=1, by="root", reason="恢复")

    assert (back.percent, back.is_from_page) == (10, False)
    async with desk.database.read() as session:
        found = [one.change for one in await changes(session, Wanted(room="aftercare"), limit=9)]
    assert [(one.by, one.act, one.before, one.after) for one in found] == [
        (
            "root", "back-to-file", {"percent": 0, "source": "page"},
            {"percent": 10, "source": "file", "reason": "恢复"},
        ),
        ("boss", "set-share", {"percent": 10, "source": "file"},
         {"percent": 0, "source": "page", "reason": "人手不够"}),
    ]  # fmt: skip


async def test_of_two_who_change_it_at_once_one_is_told(desk: Desk) -> None:
    told = await asyncio.gather(
        share(desk).change(20, version=0, by="boss", reason="甲"),
        share(desk).change(30, version=0, by="root", reason="乙"),
        return_exceptions=True,
    )

    [refused] = [one for one in told if isinstance(one, ShareChanged)]
    assert refused.details["version"] == 1
    assert (await share(desk).now()).percent == refused.details["percent"]


@pytest.mark.parametrize("percent", [-1, 101])
async def test_a_share_that_is_none_is_refused(desk: Desk, percent: int) -> None:
    with pytest.raises(ShareRefused):
        await share(desk).change(percent, version=0, by="boss", reason="x")
    assert (await share(desk).now()).version == 0
