"""How quickly lists and the search answer with five million calls, against fifty thousand, on both databases.

    nice .venv/bin/python bench/many_calls.py --calls 50000 --calls 5000000 --directory DIR

Loads calls over two years, an entry of the duty log for three in ten and a short transcript for one in ten, all from a
fixed seed, in bulk (about 35 GB for a while); then asks what the desk asks, through the code that the desk uses,
and prints the table.
"""

import argparse
import asyncio
import random
import shutil
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Boolean, Float, Integer, Table, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateIndex, DropIndex

sys.path.insert(0, str(Path(__file__).parents[1]))

from hotline.calls.store import CallTable, calls_page
from hotline.clock import SystemClock
from hotline.database import Base, Database
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.phone import PhoneNumber
from hotline.search.index_store import INDEX, MAKE_INDEX
from hotline.search.query import Query, read_query
from hotline.search.row import Found, Row, number_word
from hotline.search.service import find
from hotline.search.store import SearchRowTable, values_of
from hotline.search.words import split
from hotline.tables import ALL_TABLES
from hotline.transcribe.store import TranscriptTable, TurnTable
from tests.fakes.databases import PostgreSQLServer

SEED: Final = 4
FIRST: Final = datetime(2024, 11, 22, tzinfo=UTC)
SPAN: Final = timedelta(days=730)
BATCH: Final = 20_000
ASKED: Final = 200  # questions of each sort …
WARM_UP: Final = 10  # … and so many before them that are not counted
PLACES: Final = (
    "厨房",
    "卫生间",
    "客厅",
    "阳台",
    "主卧",
    "楼道",
    "地下车库",
    "单元门口",
    "大堂",
    "电梯厅",
    "天台",
    "小区花园",
)
# What is wrong, what kind of request that is, and how often of ten thousand.
MATTERS: Final = (
    ("水管漏水，地上都是水", "repair", 700), ("天花板渗水，楼上在漏水", "repair", 350), ("灯不亮了", "repair", 1500),
    ("马桶堵了，水下不去", "repair", 800), ("门禁刷不开", "repair", 600), ("空调外机太吵", "complaint", 400),
    ("有人半夜装修扰民", "complaint", 500), ("垃圾没人清理", "complaint", 700), ("车位被别人占了", "complaint", 600),
    ("物业费怎么交", "enquiry", 1800), ("装修手续怎么办理", "enquiry", 600), ("快递柜打不开", "general-help", 500),
    ("想预约地毯清洗", "paid-service", 400), ("跳闸了，家里没电", "repair", 380), ("有人电梯困人", "special-help", 90),
    ("闻到煤气味道", "special-help", 50), ("老人晕倒了", "special-help", 20), ("水表读数不对", "enquiry", 10),
)  # fmt: skip
TALK: Final = (
    "您好，客服中心，请问有什么可以帮您", "我家这边有点问题", "麻烦您说一下房号", "师傅什么时候能到", "已经好几天了",
    "我们马上安排工程部师傅上门", "大概两个小时之内到", "好的，谢谢", "不客气，请您先挂机", "请问怎么称呼您",
    "昨天也打过电话，没有人来", "麻烦尽快处理一下", "请您保持电话畅通",
)  # fmt: skip
SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
GIVEN: Final = "伟芳娜敏静强磊军洋勇艳杰娟涛明超秀霞平刚桂兰志宏建国玉梅"
WORDS_2: Final = ("漏水", "电梯", "煤气", "晕倒", "装修", "物业", "水表", "门禁")
WORDS_4: Final = ("水管漏水", "电梯困人", "煤气味道", "装修手续", "地毯清洗", "水表读数", "半夜装修", "垃圾没人")

Rows = dict[str, list[tuple[Any, ...]]]
Ask = Callable[[AsyncSession], Awaitable[Any]]


class Centre:
    """A made-up centre: who lives there, and one call after another, the same for the same seed."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self._dice = random.Random(SEED)
        homes = max(500, min(200_000, calls // 20))
        self.people = [self._person(number) for number in range(homes)]
        self._matters = [f"{place}{what}" for place in PLACES for what, _, _ in MATTERS]
        self._kinds = [kind for _ in PLACES for _, kind, _ in MATTERS]
        self._often = [often for _ in PLACES for _, _, often in MATTERS]
        self._words = {said: split(said) for said in (*self._matters, *TALK)}

    def _person(self, number: int) -> tuple[str, str, str, str, list[str]]:
        name = self._dice.choice(SURNAMES) + "".join(self._dice.choices(GIVEN, k=2))
        who = name[0] + self._dice.choice(("先生", "女士"))
        home = f"{number % 200 + 1}-{number // 200 % 5 + 1}-{number // 1000 % 40 + 1:d}{number // 40_000 + 1:02d}"
        named = split(f"{who} {name}")
        return home, who, name, f"+86138{number:08d}", [f"h:{home}", *(f"p:{word}" for word in named), *named]

    def batches(self) -> Iterator[Rows]:
        """Yield the rows of some calls at a time, by table; of `search_word` its id and words."""
        step = SPAN / self.calls
        for first in range(0, self.calls, BATCH):
            rows: Rows = {name: [] for name in ("call", "duty_entry", "transcript", "turn", "search")}
            for number in range(first, min(first + BATCH, self.calls)):
                self._call(number, FIRST + step * number, rows)
            rows["search"].sort(key=lambda row: row[0])  # FTS5 takes rising ids many at once
            yield rows

    def _call(self, number: int, at: datetime, rows: Rows) -> None:
        dice = self._dice
        call_id, person = f"hotline-{number}", dice.choice(self.people)
        home, who, name, e164, named = person
        chosen = dice.choices(range(len(self._matters)), self._often)[0]
        matter, kind, ended = (
            self._matters[chosen],
            self._kinds[chosen],
            at + timedelta(seconds=dice.randrange(20, 400)),
        )
        values = {
            "id": call_id, "state": "ended", "direction": "inbound", "caller_number": "0" + e164[3:],
            "dialled": "96000",
            "ring_start": at, "switch_answer": at, "human_answer": at + timedelta(seconds=9), "talk_ended": ended,
            "ended_at": ended, "hangup_cause": 16, "outcome": "answered", "agent": "8001", "queue": "service",
            "request": kind, "menu_path": '["1"]',
        }  # fmt: skip
        rows["call"].append(row_of(CallTable.__table__, values))
        about: dict[str, Any] = {
            "call_id": call_id,
            "number": e164,
            "home": home,
            "homes": (home,),
            "who": who,
            "names": name,
        }
        facts = [number_word(e164), f"r:{kind}", *named]
        self._found(rows, Row(kind=Found.CALL, item=call_id, at=at, request=kind, **about), facts, ())
        share = dice.random()
        if share < 0.3:
            entry = number + 1
            values = {"number": entry, "state": "confirmed", "call_id": call_id, "kind": kind, "who": who, "home": home,
                      "matter": matter, "promised": TALK[6], "agent": "8001", "written_at": ended,
                      "written_by": "wang"}  # fmt: skip
            rows["duty_entry"].append(row_of(DutyEntryTable.__table__, values))
            written = Row(
                kind=Found.ENTRY, item=str(entry), at=ended, request=kind, text=f"{matter}\n{TALK[6]}", **about
            )
            self._found(rows, written, facts, (matter, TALK[6]))
        if share < 0.1:
            said = [*dice.choices(TALK, k=3), matter, *dice.choices(TALK, k=4)]
            values = {"id": number + 1, "recording": call_id, "call_id": call_id, "engine": "vosk", "model": "cn",
                      "state": "done", "began": ended, "ended": ended}  # fmt: skip
            rows["transcript"].append(row_of(TranscriptTable.__table__, values))
            rows["turn"] += [
                row_of(TurnTable.__table__, {"transcript_id": number + 1, "place": place, "side": "caller",
                                             "start_ms": place * 4000, "end_ms": place * 4000 + 3000, "text": words})
                for place, words in enumerate(said)
            ]  # fmt: skip
            spoken = Row(
                kind=Found.TRANSCRIPT, item=str(number + 1), at=at, request=kind, text="\n".join(said), **about
            )
            self._found(rows, spoken, facts, said)

    def _found(self, rows: Rows, row: Row, facts: list[str], said: Any) -> None:
        """Add a row of the index; its words are put together from sentences split once. The first are compared."""
        place = row.place + (row.kind is Found.TRANSCRIPT)  # at its call's moment: the next free place
        words = dict.fromkeys([f"k:{row.kind}", *facts, *(word for one in said for word in self._words[one])])
        if len(rows["search"]) < 20 and set(words) != set(row.words):
            raise SystemExit("the generator's words are not the index's")
        values = {"id": place, **values_of(row)}
        rows["search"].append((place, tuple(values[column] for column in SEARCH_COLUMNS), " ".join(words)))


SEARCH_COLUMNS: Final = tuple(column.name for column in SearchRowTable.__table__.columns)


def row_of(table: Any, values: dict[str, Any]) -> tuple[Any, ...]:
    """Return a table's row; what is not said is empty."""
    if table.name not in _EMPTY:
        columns = [column.name for column in table.columns]
        _EMPTY[table.name] = [_empty(column) for column in table.columns], {name: n for n, name in enumerate(columns)}
    empty, places = _EMPTY[table.name]
    row = empty.copy()
    for name, value in values.items():
        row[places[name]] = value
    return tuple(row)


_EMPTY: dict[str, tuple[list[Any], dict[str, int]]] = {}


def _empty(column: Any) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer | Float):
        return 0
    return "[]" if column.type.__class__.__name__ == "JSON" else ""


def _secondary(table: Table) -> list[Any]:
    return sorted(table.indexes, key=lambda index: str(index.name))


LOADED: Final = ("call", "duty_entry", "transcript", "turn", "search_row")


async def _indexes(database: Database, what: Any) -> None:
    async with database.engine.begin() as connection:
        for name in LOADED:
            for index in _secondary(Base.metadata.tables[name]):
                await connection.execute(what(index))


def load_sqlite(path: Path, centre: Centre) -> None:
    """Write a centre's calls into an SQLite file that has its tables."""
    sqlite3.register_adapter(datetime, lambda at: at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"))
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("INSERT INTO search_word (search_word, rank) VALUES ('hashsize', 67108864)")
    add = {
        name: f"INSERT INTO {name} VALUES ({', '.join('?' * len(Base.metadata.tables[name].columns))})"
        for name in LOADED
    }
    for number, rows in enumerate(centre.batches(), 1):
        connection.execute("BEGIN")
        for name in LOADED[:-1]:
            connection.executemany(add[name], rows[name])
        connection.executemany(add["search_row"], [row for _, row, _ in rows["search"]])
        connection.executemany(
            "INSERT INTO search_word (rowid, words) VALUES (?, ?)",
            [(place, words) for place, _, words in rows["search"]],
        )
        connection.execute("COMMIT")
        _say(number, centre)
    connection.execute("INSERT INTO search_word (search_word, rank) VALUES ('hashsize', 1048576)")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()


async def load_postgresql(server: PostgreSQLServer, name: str, centre: Centre) -> None:
    """Write a centre's calls into a PostgreSQL database that has its tables."""
    connection = await asyncpg.connect(host=str(server.directory / "data"), user="postgres", database=name)
    await connection.execute("SET session_replication_role = replica")  # no foreign keys while loading
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '1GB'")
    for table in (*LOADED, "search_word"):  # it would stand in the way of the indexes
        await connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    await connection.execute(f"DROP INDEX {INDEX}")
    await connection.execute("CREATE UNLOGGED TABLE staged (id bigint, words text)")
    for number, rows in enumerate(centre.batches(), 1):
        async with connection.transaction():
            for table in LOADED[:-1]:
                await connection.copy_records_to_table(table, records=rows[table])
            await connection.copy_records_to_table("search_row", records=[row for _, row, _ in rows["search"]])
            await connection.copy_records_to_table("staged", records=[(at, words) for at, _, words in rows["search"]])
            await connection.execute(
                "INSERT INTO search_word SELECT id, array_to_tsvector(string_to_array(words, ' ')) FROM staged"
            )
            await connection.execute("TRUNCATE staged")
        _say(number, centre)
    await connection.execute("DROP TABLE staged")
    await connection.execute(MAKE_INDEX, timeout=3600)
    await connection.close()


def _say(batch: int, centre: Centre) -> None:
    done = min(batch * BATCH, centre.calls)
    if done % 200_000 == 0 or done == centre.calls:
        print(f"  {done:>9,} calls", flush=True)


def questions(centre: Centre) -> dict[str, list[Ask]]:
    """Return what is timed: each sort of question with the seeded ones of its kind."""
    dice = random.Random(SEED + 1)
    people = [dice.choice(centre.people) for _ in range(ASKED)]
    days = [FIRST + timedelta(days=dice.randrange(730)) for _ in range(ASKED)]

    def listed(**wanted: Any) -> Ask:
        return lambda session: calls_page(session, limit=51, **wanted)

    def sought(query: Query, **how: Any) -> Ask:
        return lambda session: find(session, query, limit=30, **how)

    def forms(number: str) -> frozenset[str]:
        read = PhoneNumber.parse(number)
        return read.written_forms if read else frozenset()

    return {
        "list: newest page": [listed() for _ in range(ASKED)],
        "list: by number": [listed(number=forms(person[3])) for person in people],
        "list: by day": [listed(since=day, until=day + timedelta(days=1)) for day in days],
        "search: word of 2": [sought(read_query(WORDS_2[n % len(WORDS_2)])) for n in range(ASKED)],
        "search: word of 4": [sought(read_query(WORDS_4[n % len(WORDS_4)])) for n in range(ASKED)],
        "search: word of 2, entries of 1 month": [
            sought(read_query(WORDS_2[n % 8], kind=Found.ENTRY, since=day, until=day + timedelta(days=30)))
            for n, day in enumerate(days)
        ],
        "search: word of 4, best first": [sought(read_query(WORDS_4[n % 8]), order="best") for n in range(ASKED)],
        "search: by home": [sought(read_query(person[0])) for person in people],
        "search: by number": [sought(read_query(person[3])) for person in people],
        "search: by home and word": [sought(read_query(f"{person[0]} 漏水")) for person in people],
        "search: one character": [sought(read_query(one)) for one in ("水的梯晕") * (ASKED // 4)],
    }


async def timed(databases: list[Database], centres: list[Centre]) -> dict[str, list[tuple[float, float]]]:
    """Return of each sort of question the median and the 95th percentile on each database, in milliseconds.

    Each question is put to one after the other: what else the machine does meanwhile falls on all of them.
    """
    clock, times = SystemClock(), {}
    asked = [questions(centre) for centre in centres]
    for name in asked[0]:
        took: list[list[float]] = [[] for _ in databases]
        for number in range(-WARM_UP, ASKED):
            for at, database in enumerate(databases):
                began = clock.monotonic()
                async with database.read() as session:
                    await asked[at][name][number](session)
                if number >= 0:
                    took[at].append((clock.monotonic() - began) * 1000)
        times[name] = [(sorted(each)[len(each) // 2], sorted(each)[int(len(each) * 0.95)]) for each in took]
        print(f"  {name}: {times[name][-1][0]:.1f} / {times[name][-1][1]:.1f} ms", flush=True)
    return times


async def fill(database: Database, load: Callable[[], Awaitable[None]]) -> None:
    """Make the tables, load, and bring the statistics up to date."""
    clock = SystemClock()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await _indexes(database, DropIndex)
    await database.engine.dispose()  # loading wants the file for itself
    began = clock.monotonic()
    await load()
    await _indexes(database, CreateIndex)
    async with database.engine.connect() as connection:
        own = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await own.execute(text("ANALYZE"))
    print(f"  loaded in {clock.monotonic() - began:.0f} s", flush=True)


async def run(kind: str, sizes: list[int], directory: Path) -> None:
    """Load every size on one kind of database, time them in turns, and print the table."""
    centres, databases = [Centre(size) for size in sizes], []
    paths = [directory / f"many-{size}.db" for size in sizes]
    server = PostgreSQLServer() if kind == "postgresql" else None
    try:
        for centre, path in zip(centres, paths, strict=True):
            print(f"{kind}, {centre.calls:,} calls", flush=True)
            if server is None:
                databases.append(Database(f"sqlite+aiosqlite:///{path}"))
                await fill(databases[-1], partial(asyncio.to_thread, load_sqlite, path, centre))
                print(f"  {path.stat().st_size / 1e9:.1f} GB", flush=True)
            else:
                name = await server.create()
                databases.append(Database(server.url(name)))
                await fill(databases[-1], partial(load_postgresql, server, name, centre))
        times = await timed(databases, centres)
    finally:
        for database in databases:
            await database.close()
        if server is not None:
            server.stop()
        for path in paths:
            await asyncio.to_thread(remove, path)
    heads = " | ".join(f"{size:,}: p50 / p95 ms" for size in sizes)
    print(f"\n| {kind} | {heads} | p95, last ÷ first |\n|---|{'---|' * (len(sizes) + 1)}")
    for name, each in times.items():
        cells = " | ".join(f"{half:.1f} / {most:.1f}" for half, most in each)
        print(f"| {name} | {cells} | {each[-1][1] / each[0][1]:.2f} |")
    print(flush=True)


def remove(path: Path) -> None:
    """Take away an SQLite file and what stands beside it."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, action="append", help="how many; may be said several times")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--directory", type=Path, required=True, help="where the SQLite files lie meanwhile")
    given = parser.parse_args()
    given.directory.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(given.directory).free < 4_500 * max(given.calls or [5_000_000]):
        raise SystemExit("too little free space there")
    assert ALL_TABLES
    for kind in given.database or ("sqlite", "postgresql"):
        asyncio.run(run(kind, given.calls or [50_000, 5_000_000], given.directory))


if __name__ == "__main__":
    main()
