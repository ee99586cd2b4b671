"""How quickly reports are read with five million calls, against fifty thousand.

    nice .venv/bin/python bench/reports.py --calls 50000 --calls 5000000 --directory DIR

Loads the facts of calls over two years from a fixed seed, and what stands beside them (bench/estate.py: entries,
matters, draws, answers, desk time, campaigns; of the calls themselves today's), sums every day, week and month by the
service's own code, then asks what the pages ask, each question in a connection of its own, and prints the table.
Today's calls are not summed: they are read from their facts, as always. `--database` sqlite or postgresql. SQLite's
files stay in DIR and are asked again without being made again; `--cold` drops them from the system's cache before
each question; `--only WORDS` asks what has these words in its name.
"""

import argparse
import asyncio
import json
import os
import random
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.estate import estate
from hotline.calls.today import Today
from hotline.clock import SystemClock
from hotline.command_line import settle_memory
from hotline.database import Base, Database
from hotline.reports.behind import Behind
from hotline.reports.keeping import ReportKeeping
from hotline.reports.ranges import Days
from hotline.reports.store import ReportFactTable
from hotline.tables import ALL_TABLES
from hotline.web import reading as desk_reading
from hotline.web import report_reading as reading
from hotline.web import wall_reading
from hotline.web.figures import figures
from hotline.web.report_behind import read_behind
from hotline.web.report_paper import read_paper
from hotline.web.rooms import WebRooms
from hotline.web.shapes import EntriesQuery
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import PostgreSQLServer
from tests.fakes.web_desk import web_desk

assert ALL_TABLES
ZONE: Final = ZoneInfo("Asia/Shanghai")
LAST: Final = datetime(2026, 11, 21, 18, tzinfo=ZONE)
SPAN: Final = timedelta(days=730)
BATCH: Final = 50_000
BUILDINGS: Final = 200
COLUMNS: Final = tuple(ReportFactTable.__table__.columns)


def facts(calls: int) -> Iterator[list[tuple[Any, ...]]]:
    """Yield facts in batches, oldest first, as rows of the table."""
    dice, first = random.Random(6), LAST - SPAN
    rows: list[tuple[Any, ...]] = []
    buildings = [str(number) for number in range(1, BUILDINGS + 1)]  # the same estate, few or many calls
    agents = agents_of(calls)
    for number in range(calls):
        at = first + SPAN * (number / calls)
        lift = int(dice.expovariate(1 / 3000))
        is_answered = dice.random() < 0.92
        human = lift + 4000 + int(dice.expovariate(1 / 8000)) if is_answered else None
        agent = dice.choice(agents)
        is_short = not is_answered and dice.random() < 0.2
        is_late = not is_answered or (human or 0) > 20_000 or lift > 11_000
        values: dict[str, Any] = {
            "call_id": f"hotline-{number:08}", "rang_at": at, "day": at.date(), "hour": at.hour,
            "weekday": at.isoweekday(), "direction": "inbound",
            "outcome": "answered" if is_answered else "abandoned-queue", "is_offered": True,
            "is_answered": is_answered, "is_abandoned": not is_answered and not is_short, "is_short": is_short,
            "is_unreached": not is_answered and not is_short, "is_within_three_rings": lift <= 11_000,
            "is_within_limit": human is not None and human <= 15_000, "is_emergency": False, "lift_ms": lift,
            "human_ms": human, "late": ("human" if is_answered else "nobody") if is_late else "",
            "cause": dice.choice(("queue", "missed", "announcement")) if is_late else "",
            "queue": dice.choice(("service", "service", "repair", "english")), "menu": dice.choice("1234"),
            "agent": agent if is_answered else "", "building": dice.choice(buildings),
            "kind": dice.choice(("repair", "repair", "enquiry", "complaint", "general-help")),
            "satisfaction": dice.choice((None, None, None, 5, 4)),
            "marked": "",
            "talks": [[agent, dice.randrange(20_000, 400_000), 0]] if is_answered else [],
            "missed": [dice.choice(agents)] if dice.random() < 0.05 else [],
        }  # fmt: skip
        rows.append(tuple(values[column.name] for column in COLUMNS))
        if len(rows) == BATCH:
            yield rows
            rows = []
    yield rows


def agents_of(calls: int) -> list[str]:
    """Return who takes so many calls of two years: as many people as it needs, at least six."""
    return [str(8001 + number) for number in range(max(6, min(60, calls // 50_000)))]


def load_sqlite(path: Path, calls: int) -> None:
    """Write the facts into an SQLite file that has its tables, every day marked."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    adding = f"INSERT INTO report_fact VALUES ({', '.join('?' * len(COLUMNS))})"
    days: set[date] = set()
    for rows in facts(calls):
        connection.execute("BEGIN")
        connection.executemany(adding, [tuple(_plain(cell) for cell in row) for row in rows])
        connection.execute("COMMIT")
        days |= {row[2] for row in rows}
    connection.executemany("INSERT INTO report_behind VALUES (?)", [(day.isoformat(),) for day in sorted(days)])
    for table, beside in estate(calls, agents_of(calls), LAST - SPAN, LAST):
        cells = ([_plain(cell) for cell in row] for row in beside)
        connection.execute("BEGIN")
        connection.executemany(f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})", cells)
        connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(cell, date):
        return cell.isoformat()
    return json.dumps(cell) if isinstance(cell, list) else cell


async def load_postgresql(server: PostgreSQLServer, name: str, calls: int) -> None:
    """The same for PostgreSQL."""
    connection = await asyncpg.connect(host=str(server.directory / "data"), user="postgres", database=name)
    days: set[date] = set()
    for rows in facts(calls):
        cells = [tuple(json.dumps(cell) if isinstance(cell, list) else cell for cell in row) for row in rows]
        await connection.copy_records_to_table("report_fact", records=cells, columns=[one.name for one in COLUMNS])
        days |= {row[2] for row in rows}
    await connection.copy_records_to_table("report_behind", records=[(day.isoformat(),) for day in sorted(days)])
    await connection.execute("SET session_replication_role = replica")  # rows are yielded in batches, not in order
    for table, beside in estate(calls, agents_of(calls), LAST - SPAN, LAST):
        cells = [tuple(json.dumps(cell) if isinstance(cell, list) else cell for cell in row) for row in beside]
        await connection.copy_records_to_table(
            table.name, records=cells, columns=[column.name for column in table.columns]
        )
    await connection.execute("ANALYZE")
    await connection.close()


Ask = Callable[[WebRooms], Awaitable[Any]]


async def _by(days: Days, by: Any, rooms: WebRooms) -> None:
    await reading.read_calls_report(rooms, days, by)


async def _behind(figure: str, value: str, rooms: WebRooms) -> None:
    found, _ = await read_behind(rooms, Behind(days=MONTH, figure=figure, value=value))
    assert found, figure


async def _paper(rooms: WebRooms) -> None:
    await (await read_paper(rooms, MONTH)).as_pdf()


KEPT: Final[dict[str, Today]] = {}


async def _today(rooms: WebRooms) -> Today:
    """Today's calls, which the service keeps in memory: read once for each database, in the round that is not timed."""
    name = str(rooms.database.engine.url)
    if name not in KEPT:
        KEPT[name] = Today(tuple(await desk_reading.read_records(rooms, rooms.midnight(), LAST)), rooms.midnight())
    return KEPT[name]


async def _wall(rooms: WebRooms) -> None:
    await wall_reading.read_debts(rooms)
    await wall_reading.read_campaigns(rooms)
    await wall_reading.read_agents(rooms)
    await wall_reading.read_link(rooms)
    await wall_reading.read_rule_alerts(rooms)
    wall_reading.today_out(await _today(rooms), rooms)


async def _desk(rooms: WebRooms) -> None:
    await desk_reading.read_open_calls(rooms)
    figures((await _today(rooms)).begun, LAST)
    await desk_reading.read_owed(rooms)
    await desk_reading.read_entries(rooms, EntriesQuery())


MONTH, YEAR = Days(date(2026, 10, 1), date(2026, 10, 31)), Days(date(2025, 11, 22), date(2026, 11, 21))
TODAY, THIS = Days(LAST.date(), LAST.date()), Days(date(2026, 11, 1), LAST.date())
QUESTIONS: Final[dict[str, Ask]] = {
    "today, by hour": lambda rooms: reading.read_calls_report(rooms, TODAY, "hour"),
    "this month up to now, by hour": lambda rooms: reading.read_calls_report(rooms, THIS, "hour"),
    "last month, by hour": lambda rooms: reading.read_calls_report(rooms, MONTH, "hour"),
    "last month, by building": lambda rooms: reading.read_calls_report(rooms, MONTH, "building"),
    "a year up to now, by day": lambda rooms: reading.read_calls_report(rooms, YEAR, "day"),
    "a year up to now, by building": lambda rooms: reading.read_calls_report(rooms, YEAR, "building"),
    "this month, agents": lambda rooms: reading.read_agents_report(rooms, THIS),
    "last month, agents": lambda rooms: reading.read_agents_report(rooms, MONTH),
    "last month, service": lambda rooms: reading.read_service_report(rooms, MONTH),
    "a year up to now, service": lambda rooms: reading.read_service_report(rooms, YEAR),
    **{f"last month, by {by}": partial(_by, MONTH, by) for by in ("queue", "menu", "agent", "kind", "weekday", "day")},
    **{f"a year up to now, by {by}": partial(_by, YEAR, by) for by in ("queue", "agent", "kind", "weekday")},
    **{
        f"list of last month: {figure}": partial(_behind, figure, value)
        for figure, value in (
            ("raised", "repair"), ("fallen-due", "missed"), ("drawn", "repair"), ("not-called-back", "repair"),
            ("asked", ""), ("satisfied", ""), ("drafts", "8001"), ("at-desk", "8001"), ("missed", "8001"),
            ("targets", "20"), ("reminded", ""),
        )
    },
    "paper of last month": _paper,
    "wall": _wall,
    "desk": _desk,
}  # fmt: skip


async def measure(
    urls: dict[int, str], times: int, cold: dict[int, Path], asked: dict[str, Ask]
) -> dict[int, dict[str, list[tuple[float, float]]]]:
    """Return how long each question took on each database, and our own processor time, in ms.

    Each is asked on connections of its own, of all sizes in turns: what else the machine does falls on all alike.
    """
    clock = SystemClock()
    found: dict[int, dict[str, list[tuple[float, float]]]] = {calls: {} for calls in urls}
    settle_memory()  # as the service does
    with TemporaryDirectory() as home:
        async with web_desk(Path(home), clock=ClockByHand(LAST)) as desk:
            for name, ask in asked.items():
                for turn in range(times + 1):
                    for calls, url in urls.items():
                        if calls in cold:
                            forget(cold[calls])
                        database = Database(url)
                        began, busy = clock.monotonic(), sum(os.times()[:2])
                        await ask(replace(desk.rooms, zone=ZONE, database=database))
                        took = (clock.monotonic() - began) * 1000, (sum(os.times()[:2]) - busy) * 1000
                        await database.close()
                        if turn:  # the first warms the code, not the data
                            found[calls].setdefault(name, []).append(took)
    return found


def forget(path: Path) -> None:
    """Drop a file from the system's cache."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def told(times: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Return p50 and p95 of the waits, and the mean of the processor time."""
    waits = sorted(wait for wait, _ in times)
    return (
        waits[len(waits) // 2],
        waits[min(len(waits) - 1, int(len(waits) * 0.95))],
        sum(c for _, c in times) / len(times),
    )


async def sum_up(url: str, calls: int) -> None:
    """Make every sum, by the service's own code."""
    database, clock = Database(url), SystemClock()
    began = clock.monotonic()
    keeping = ReportKeeping(database=database, clock=ClockByHand(LAST), zone=ZONE, area_code="")
    await keeping.build()
    sums = await keeping.bring_up()
    await database.close()
    print(f"{calls} calls: sums of {sums} days, weeks and months in {clock.monotonic() - began:.0f} s", flush=True)


async def make_tables(url: str) -> None:
    """Make every table."""
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await database.close()


async def main() -> None:
    """Load, sum, ask, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, action="append", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--only", default="")
    wanted = parser.parse_args()
    urls: dict[int, str] = {}
    paths: dict[int, Path] = {}
    server = PostgreSQLServer() if wanted.database == "postgresql" else None
    try:
        for calls in wanted.calls:
            if server is None:
                paths[calls] = path = Path(wanted.directory) / f"reports-{calls}.db"
                urls[calls] = f"sqlite+aiosqlite:///{path}"
                if not path.exists():
                    half = path.with_suffix(".half")
                    half.unlink(missing_ok=True)
                    await make_tables(f"sqlite+aiosqlite:///{half}")
                    load_sqlite(half, calls)
                    await sum_up(f"sqlite+aiosqlite:///{half}", calls)
                    half.rename(path)
            else:
                name = await server.create()
                urls[calls] = server.url(name)
                await make_tables(urls[calls])
                await load_postgresql(server, name, calls)
                await sum_up(urls[calls], calls)
        asked = {name: ask for name, ask in QUESTIONS.items() if wanted.only in name}
        found = await measure(urls, wanted.times, paths if wanted.cold else {}, asked)
    finally:
        if server is not None:
            server.stop()
    heads = " | ".join(f"{calls:,}: p50 / p95 ms (CPU)" for calls in wanted.calls)
    print(f"\n| {wanted.database} | {heads} | p95, last ÷ first | CPU, last ÷ first |")
    print("|" + "---|" * (len(wanted.calls) + 3))
    for name in asked:
        cells = [told(found[calls][name]) for calls in wanted.calls]
        shown = " | ".join(f"{p50:.1f} / {p95:.1f} ({cpu:.1f})" for p50, p95, cpu in cells)
        print(f"| {name} | {shown} | {cells[-1][1] / cells[0][1]:.2f} | {cells[-1][2] / cells[0][2]:.2f} |")


if __name__ == "__main__":
    asyncio.run(main())
