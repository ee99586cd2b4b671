"""What a file does to the roster, on both databases: the whole file or nothing, for the time that it covers."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from hotline.database import Database
from hotline.roster.duty import chain_at
from hotline.roster.files import Telephony
from hotline.roster.imports import RosterReport, import_roster
from hotline.roster.store import turns_after, turns_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 23:00 at the centre
ROSTER = """开始,结束,顺序,岗位,姓名,电话,振铃秒数
2026-11-22 18:00,2026-11-23 09:00,1,值班台,王强,8001,15
2026-11-22 18:00,2026-11-23 09:00,2,值班手机,李娜,13800138501,25
2026-11-22 18:00,2026-11-24 09:00,3,经理,张伟,13900139501,30
"""


async def taken_in(database: Database, roster: str, **more: Any) -> RosterReport:
    telephony = Telephony(phones=("8001",), own_numbers=("96000",))
    return await import_roster(database, roster.encode(), zone=SHANGHAI, telephony=telephony, **more)


async def duties(database: Database, now: datetime = NIGHT) -> list[str]:
    async with database.read() as session:
        return [contact.duty for contact in chain_at(await turns_at(session, now), now)]


async def test_roster_that_was_taken_in_gives_the_chain_of_the_night(database: Database) -> None:
    assert await taken_in(database, ROSTER) == RosterReport(added=3)

    assert await duties(database) == ["desk", "mobile", "manager"]
    assert await duties(database, datetime(2026, 11, 23, 1, 0, tzinfo=UTC)) == ["manager"]
    async with database.read() as session:
        assert len(await turns_after(session, NIGHT.replace(hour=1))) == 3


async def test_same_roster_twice_changes_nothing(database: Database) -> None:
    await taken_in(database, ROSTER)

    assert await taken_in(database, ROSTER) == RosterReport(unchanged=3)


async def test_corrected_roster_replaces_the_one_for_its_time(database: Database) -> None:
    await taken_in(database, ROSTER)
    corrected = "".join(ROSTER.replace("13800138501", "13800138502").splitlines(keepends=True)[:3])

    assert await taken_in(database, corrected) == RosterReport(changed=1, unchanged=1, removed=1)

    assert await duties(database) == ["desk", "mobile"]


async def test_roster_of_the_next_days_leaves_the_present_turns_alone(database: Database) -> None:
    await taken_in(database, ROSTER)
    header, _, night, _ = ROSTER.splitlines()

    report = await taken_in(database, f"{header}\n{night.replace('11-23', '11-24').replace('11-22', '11-23')}\n")

    assert report == RosterReport(added=1)
    assert await duties(database) == ["desk", "mobile", "manager"]


async def test_turn_that_overlaps_with_one_on_the_roster_is_refused_and_nothing_is_taken_in(database: Database) -> None:
    await taken_in(database, ROSTER)
    header = ROSTER.splitlines()[0]
    later = f"{header}\n2026-11-23 18:00,2026-11-24 09:00,3,经理,张伟,13900139501,30\n"

    report = await taken_in(database, later)

    assert [(each.line, each.column) for each in report.problems] == [(2, "from")]
    assert await duties(database, datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) == ["manager"]


async def test_one_bad_line_keeps_the_whole_file_out(database: Database) -> None:
    report = await taken_in(database, ROSTER.replace("13900139501", "1390"))

    assert [(each.line, each.column) for each in report.problems] == [(4, "number")]
    assert await duties(database) == []


async def test_dry_run_says_what_would_happen_and_does_nothing(database: Database) -> None:
    assert await taken_in(database, ROSTER, dry_run=True) == RosterReport(added=3)

    assert await duties(database) == []


async def test_row_without_a_telephone_number_does_not_cost_the_others(database: Database) -> None:
    await taken_in(database, ROSTER)
    async with database.begin() as session:
        await session.execute(text("UPDATE duty_turn SET number = '138;rm' WHERE place = 2"))

    assert await duties(database) == ["desk", "manager"]
