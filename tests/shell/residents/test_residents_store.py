"""Who is known for a number, and what importing a file changes, on both databases."""

from datetime import UTC, datetime, timedelta

from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.residents.imports import ImportReport, import_arrears, import_residents
from hotline.residents.resident import Home, MatterKind, MatterState, Title
from hotline.residents.store import (
    add_home,
    add_matter,
    add_resident,
    counts,
    find_home,
    known_caller,
    matters_of,
    set_arrears,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NUMBER = PhoneNumber("+8613800138501")
RESIDENTS = """home,name,title,numbers
3-2-501,张建华,先生,13800138501;13800138502
3-2-501,刘芳,女士,13800138501
1-1-301,李建国,先生,13800138503
""".encode()
ARREARS = "home,name,months,amount\n1-1-301,李建国,2026-01至2026-06,1234.56\n3-2-501,刘芳,2026-05,100\n".encode()


async def test_known_caller_comes_with_household_open_matters_and_arrears(database: Database) -> None:
    async with database.begin() as session:
        home = await add_home(session, Home(3, 2, 501))
        zhang = await add_resident(session, home, "张建华", title=Title.MR, numbers=[NUMBER])
        wife = await add_resident(session, home, "刘芳", title=Title.MS)
        later = await add_matter(session, home, MatterKind.REPAIR, "b", opened=NOW, promised=NOW + timedelta(hours=2))
        sooner = await add_matter(session, home, MatterKind.REPAIR, "a", opened=NOW, promised=NOW + timedelta(hours=1))
        await add_matter(session, home, MatterKind.REPAIR, "c", opened=NOW, finished=NOW)
        await set_arrears(session, home, ["2026-02", "2026-01"], 5000)

    async with database.read() as session:
        caller = await known_caller(session, NUMBER)

    assert caller is not None
    assert caller.resident == zhang
    assert caller.household is not None
    assert caller.household.residents == (zhang, wife)
    assert caller.household.open_matters == (sooner, later)
    assert caller.household.arrears is not None
    assert (caller.household.arrears.months, caller.household.arrears.fen) == (("2026-01", "2026-02"), 5000)


async def test_number_of_several_homes_gives_every_candidate(database: Database) -> None:
    async with database.begin() as session:
        for home in (Home(3, 2, 501), Home(1, 1, 301)):
            await add_resident(session, await add_home(session, home), "张建华", numbers=[NUMBER])

    async with database.read() as session:
        caller = await known_caller(session, NUMBER)

    assert caller is not None
    assert caller.resident is None
    assert [household.home for household in caller.households] == [Home(1, 1, 301), Home(3, 2, 501)]


async def test_stranger_withheld_number_and_extension_are_not_known(database: Database) -> None:
    async with database.read() as session:
        assert await known_caller(session, NUMBER) is None
        assert await known_caller(session, None) is None
        assert await known_caller(session, PhoneNumber("8001")) is None


async def test_finished_matters_stay_with_the_home(database: Database) -> None:
    async with database.begin() as session:
        home = await add_home(session, Home(3, 2, 501))
        await add_matter(session, home, MatterKind.REPAIR, "a", opened=NOW - timedelta(days=2), finished=NOW)

    async with database.read() as session:
        found = await find_home(session, Home(3, 2, 501))
        assert found is not None
        (matter,) = await matters_of(session, found)

    assert (matter.state, matter.finished) == (MatterState.FINISHED, NOW)


async def test_paid_debt_leaves_no_row(database: Database) -> None:
    async with database.begin() as session:
        home = await add_home(session, Home(3, 2, 501))
        await set_arrears(session, home, ["2026-01"], 100)
        await set_arrears(session, home, [], 0)

        assert (await counts(session)).arrears == 0


async def test_importing_the_same_file_twice_changes_nothing(database: Database) -> None:
    first = await import_residents(database, RESIDENTS)
    debts = await import_arrears(database, ARREARS)
    async with database.read() as session:
        before = await counts(session)

    again = await import_residents(database, RESIDENTS)
    debts_again = await import_arrears(database, ARREARS)

    async with database.read() as session:
        assert await counts(session) == before
    assert (first, debts) == (ImportReport(added=3), ImportReport(added=2))
    assert (again, debts_again) == (ImportReport(unchanged=3), ImportReport(unchanged=2))
    assert (before.homes, before.residents, before.numbers, before.arrears) == (2, 3, 4, 2)


async def test_new_file_corrects_the_people_it_names_and_leaves_the_others(database: Database) -> None:
    await import_residents(database, RESIDENTS)

    report = await import_residents(
        database, "home,name,title,numbers\n3-2-501,张建华,先生,13800138502;13800138509\n".encode()
    )

    assert report == ImportReport(changed=1)
    async with database.read() as session:
        assert (await counts(session)).residents == 3
        moved = await known_caller(session, NUMBER)
        assert moved is not None
        assert [resident.name for resident in moved.residents] == ["刘芳"]
        assert await known_caller(session, PhoneNumber("+8613800138509")) is not None


async def test_home_no_longer_on_the_list_of_unpaid_fees_owes_nothing(database: Database) -> None:
    await import_residents(database, RESIDENTS)
    await import_arrears(database, ARREARS)

    report = await import_arrears(database, "home,name,months,amount\n3-2-501,刘芳,2026-05,99\n".encode())

    assert report == ImportReport(changed=1, removed=1)
    async with database.read() as session:
        assert (await counts(session)).arrears == 1


async def is_greeted(database: Database) -> bool:
    async with database.read() as session:
        caller = await known_caller(session, PhoneNumber("+8613800138502"))
    assert caller is not None
    assert caller.household is not None
    return caller.household.greets_by_name


async def test_home_is_greeted_by_name_only_when_the_file_says_so_and_keeps_that(database: Database) -> None:
    await import_residents(database, RESIDENTS)
    assert not await is_greeted(database)

    chosen = await import_residents(
        database, "房号,姓名,称呼,电话,称姓问候\n3-2-501,张建华,先生,13800138501;13800138502,是\n".encode()
    )
    assert (chosen, await is_greeted(database)) == (ImportReport(changed=1), True)

    silent = await import_residents(database, RESIDENTS)
    assert (silent, await is_greeted(database)) == (ImportReport(unchanged=3), True)

    taken_back = await import_residents(
        database, "home,name,title,numbers,greets_by_name\n3-2-501,刘芳,女士,13800138501,no\n".encode()
    )
    assert (taken_back, await is_greeted(database)) == (ImportReport(changed=1), False)


async def test_new_home_may_be_greeted_by_name_at_once(database: Database) -> None:
    report = await import_residents(database, "home,name,numbers,greets_by_name\n9-1-101,陈静,13800138502,1\n".encode())

    assert (report, await is_greeted(database)) == (ImportReport(added=1), True)


async def test_file_with_one_wrong_line_changes_nothing(database: Database) -> None:
    report = await import_residents(database, RESIDENTS + b"x,y,,\n")

    assert [problem.line for problem in report.problems] == [5]
    async with database.read() as session:
        assert (await counts(session)).residents == 0


async def test_debt_of_somebody_who_does_not_live_there_is_refused(database: Database) -> None:
    await import_residents(database, RESIDENTS)

    report = await import_arrears(database, ARREARS + "9-9-901,陈静,2026-01,5\n1-1-301,刘芳,x,5\n".encode())

    assert [(problem.line, problem.column) for problem in report.problems] == [(4, "name"), (5, "months")]
    async with database.read() as session:
        assert (await counts(session)).arrears == 0


async def test_dry_run_tells_what_would_happen_and_changes_nothing(database: Database) -> None:
    report = await import_residents(database, RESIDENTS, dry_run=True)
    await import_residents(database, RESIDENTS)
    debts = await import_arrears(database, ARREARS, dry_run=True)

    assert (report, debts) == (ImportReport(added=3), ImportReport(added=2))
    async with database.read() as session:
        seen = await counts(session)
    assert (seen.residents, seen.arrears) == (3, 0)
