"""Repeats are counted from what each entry is about, and are those that the log itself has, whatever is written."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from sqlalchemy import delete, select

from hotline.database import Database
from hotline.dutylog.chain_store import remove_oldest
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry, correct_entry, keep_draft
from hotline.reports.follow_store import follow_facts
from hotline.reports.keeping import ReportKeeping
from hotline.reports.matter_store import ReportMatterTable
from hotline.reports.matters import subject_of
from hotline.reports.rebuilding_store import build_matters_page
from hotline.reports.service_store import repeated
from hotline.web.rooms import CHINA
from tests.fakes.clock_by_hand import ClockByHand

FIRST = datetime(2026, 10, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = ("厨房水管漏水", "水管又漏了", "楼上装修太吵", "还在装修", "门禁打不开", "想问一下", "")
HOMES = ("3-2-501", "3-2-502", "")
KINDS = (Kind.REPAIR, Kind.REPAIR, Kind.COMPLAINT, Kind.ENQUIRY)
TIMES = {"complaint": 2, "repair": 3}


async def write_at_random(database: Database, dice: Random, times: int) -> dict[int, tuple[str, str, str, datetime]]:
    """Write entries, drafts and corrections; return what stands in the log at the end, by number."""
    stands: dict[int, tuple[str, str, str, datetime]] = {}
    for place in range(times):
        kind, home, matter = dice.choice(KINDS), dice.choice(HOMES), dice.choice(WORDS)
        draft = Draft(kind=kind, is_urgent=False, who="", home=home, matter=matter, promised="", agent="8001")
        at = FIRST + DAY * (place / times * 30)
        async with database.begin() as session:
            if dice.random() < 0.1:
                await keep_draft(session, f"c-{place}", draft, at)  # nobody confirmed it: it counts for nothing
                continue
            if stands and dice.random() < 0.3:
                old = dice.choice(list(stands))
                entry = await correct_entry(session, old, draft=draft, written_by="wang", at=at)
                del stands[old]
            else:
                entry = await add_entry(session, call_id=None, draft=draft, written_by="wang", at=at)
        stands[entry.number] = (kind.value, home, matter, at)
    return stands


def naive(stands: dict[int, tuple[str, str, str, datetime]], since: datetime, until: datetime) -> Counter[object]:
    """Count with nothing of the code that is tested but what a text is about."""
    counted = Counter(
        (kind, home, subject_of(matter))
        for kind, home, matter, at in stands.values()
        if kind in TIMES and home and subject_of(matter) and since <= at < until
    )
    return Counter({key: n for key, n in counted.items() if n >= TIMES[key[0]]})


async def read(database: Database, since: datetime, until: datetime) -> Counter[object]:
    async with database.read() as session:
        found = await repeated(session, since, until)
    assert [-len(one.entries) for one in found] == sorted(-len(one.entries) for one in found)
    return Counter({(one.kind.value, one.home, one.subject): len(one.entries) for one in found})


async def test_repeats_are_those_of_the_log_also_of_entries_from_before(database: Database) -> None:
    follow_facts(database, area_code="", zone=CHINA)
    stands = await write_at_random(database, Random(3), 150)
    stretches = [(FIRST, FIRST + 40 * DAY), (FIRST + 5 * DAY, FIRST + 17 * DAY)]
    wanted = [naive(stands, *stretch) for stretch in stretches]
    assert all(wanted)

    assert [await read(database, *stretch) for stretch in stretches] == wanted

    async with database.begin() as session:  # as it is after an upgrade
        await session.execute(delete(ReportMatterTable))
    assert await read(database, *stretches[0]) == Counter()
    await ReportKeeping(database=database, clock=ClockByHand(), zone=CHINA, area_code="").rebuild()
    assert [await read(database, *stretch) for stretch in stretches] == wanted


async def test_an_entry_corrected_while_old_entries_are_built_is_no_repeat_of_itself(database: Database) -> None:
    draft = Draft(
        kind=Kind.COMPLAINT, is_urgent=False, who="", home="3-2-501", matter=WORDS[2], promised="", agent="8001"
    )
    async with database.begin() as session:  # from before an upgrade
        old = await add_entry(session, call_id=None, draft=draft, written_by="wang", at=FIRST)
    follow_facts(database, area_code="", zone=CHINA)

    async def correct() -> int:
        async with database.begin() as session:
            entry = await correct_entry(session, old.number, draft=draft, written_by="wang", at=FIRST + DAY)
        return entry.number

    async with database.begin() as session:
        await build_matters_page(session)
        correcting = asyncio.create_task(correct())
        await asyncio.wait({correcting}, timeout=1)  # it may be through by now, or wait for what is built
    newest = await correcting

    async with database.read() as session:
        assert list(await session.scalars(select(ReportMatterTable.number))) == [newest]


async def test_what_is_removed_from_the_log_is_counted_no_more(database: Database) -> None:
    follow_facts(database, area_code="", zone=CHINA)
    await write_at_random(database, Random(4), 60)

    async with database.begin() as session:
        gone = await remove_oldest(session, FIRST + 15 * DAY)

    assert gone
    async with database.read() as session:
        left = list(await session.scalars(select(ReportMatterTable.number)))
    assert left
    assert not set(left) & {entry.number for entry in gone}
