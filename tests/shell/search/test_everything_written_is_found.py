"""The index is level with whatever is written, in the same transaction, and forgets what is removed."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import CallTable, save_call
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry, keep_draft
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.phone import PhoneNumber
from hotline.recordings.store import expect_recording
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident
from hotline.search import reading_store
from hotline.search.follow_store import follow_writes
from hotline.search.query import read_query
from hotline.search.reading_store import FIRST_MOMENT, LAST, newest
from hotline.search.row import Found, Row, moment_of
from hotline.search.service import find, index_old, rebuild
from hotline.search.store import SearchRowTable, add_rows
from hotline.tables import ALL_TABLES
from hotline.transcribe.store import TurnTable, begin_transcript, keep_transcript
from hotline.transcribe.transcript import Side, Transcript, Turn
from tests.fakes.call_story import START

CALLER = "13800138501"
assert ALL_TABLES


@pytest.fixture
async def house(database: Database) -> Database:
    """Give a database whose writes are followed, with one household in it."""
    follow_writes(database, area_code="0755")
    number = PhoneNumber.parse(CALLER)
    assert number is not None
    async with database.begin() as session:
        home = await add_home(session, Home(3, 2, 501))
        await add_resident(session, home, "张伟", title=Title.MR, numbers=[number])
    return database


async def found(database: Database, words: str = "", *, limit: int = 50, **how: Any) -> list[Row]:
    async with database.read() as session:
        order = how.pop("order", "newest")
        page = await find(session, read_query(words, area_code="0755", **how), order=order, limit=limit)
    return [hit.row for hit in page.hits]


async def kinds(database: Database, words: str = "", **how: Any) -> list[Found]:
    return [row.kind for row in await found(database, words, **how)]


async def call(database: Database, call_id: str = "c-1", *, minutes: int = 0, **values: Any) -> None:
    at = START + timedelta(minutes=minutes)
    known: dict[str, Any] = {
        "state": CallState.ENDED, "caller_number": CALLER, "ring_start": at, "ended_at": at + timedelta(minutes=1),
        "outcome": Outcome.ANSWERED, "request": "repair",
    } | values  # fmt: skip
    async with database.begin() as session:
        await save_call(session, CallRecord(id=call_id, **known))


async def entry(database: Database, matter: str, *, call_id: str | None = None, minutes: int = 0, **values: Any) -> int:
    draft: dict[str, Any] = {
        "kind": Kind.REPAIR, "is_urgent": False, "who": "", "home": "", "matter": matter, "promised": "",
        "agent": "8001",
    } | values  # fmt: skip
    async with database.begin() as session:
        at = START + timedelta(minutes=minutes)
        written = await add_entry(session, call_id=call_id, draft=Draft(**draft), written_by="linjing", at=at)
    return written.number


async def spoken(database: Database, *said: str, call_id: str = "c-1", model: str = "cn", minutes: int = 0) -> None:
    turns = tuple(
        Turn(side=Side.CALLER, start=timedelta(seconds=place), end=timedelta(seconds=place + 1), text=words,
             confidence=0.9, words=())
        for place, words in enumerate(said)
    )  # fmt: skip
    at = START + timedelta(minutes=minutes)
    async with database.begin() as session:
        await expect_recording(session, name=f"r/{call_id}", call_id=call_id, began=START)
    async with database.begin() as session:
        await begin_transcript(session, recording=f"r/{call_id}", call_id=call_id, engine="vosk", model=model, at=at)
    async with database.begin() as session:
        kept = Transcript(turns=turns, engine="vosk", model=model, version="1")
        assert await keep_transcript(session, f"r/{call_id}", kept, at)


async def test_call_is_found_once_it_has_ended_by_home_name_and_number(house: Database) -> None:
    await call(house, state=CallState.TALKING, ended_at=None, outcome=None)
    assert Found.CALL not in await kinds(house, CALLER)

    await call(house)

    for words in ("3-2-501", "三栋二单元五零一", "张伟", "张先生", CALLER, "+86 13800138501".replace(" ", "")):
        assert await kinds(house, words) == [Found.RESIDENT, Found.CALL], words
    assert (await found(house, CALLER))[-1].who == "张先生"


async def test_word_of_two_characters_is_found_in_what_was_said(house: Database) -> None:
    await call(house)
    await spoken(house, "您好", "厨房漏水了", "马上来")

    [row] = await found(house, "漏水")

    assert (row.kind, row.call_id, row.home) == (Found.TRANSCRIPT, "c-1", "3-2-501")


async def test_call_written_down_twice_is_found_once_by_its_newest_words(house: Database) -> None:
    await call(house)
    await spoken(house, "厨房露水", model="small")

    await spoken(house, "厨房漏水", model="large", minutes=5)

    assert await kinds(house, "厨房") == [Found.TRANSCRIPT]
    assert await kinds(house, "露水") == []


async def test_entry_is_found_by_its_words_and_its_number_of_the_day(house: Database) -> None:
    await entry(house, "大堂灯不亮", home="大堂", who="李女士")

    for words in ("大堂", "不亮", "李女士", "亮"):
        assert await kinds(house, words) == [Found.ENTRY], words


async def test_draft_that_is_redrawn_is_found_by_its_new_words_alone(house: Database) -> None:
    draft = Draft(kind=Kind.REPAIR, is_urgent=False, who="", home="", matter="灯不亮", promised="", agent="8001")
    await call(house)
    async with house.begin() as session:
        await keep_draft(session, "c-1", draft, START)
    async with house.begin() as session:
        await keep_draft(session, "c-1", replace(draft, matter="门打不开"), START)

    assert await kinds(house, "不亮") == []
    assert await kinds(house, "打不开") == [Found.ENTRY]


async def test_follow_up_is_found_by_its_text(house: Database) -> None:
    async with house.begin() as session:
        await add_follow_up(
            session, debt=Debt(kind=FollowUpKind.OTHER, at=START, due=START), owed_by=Role.AGENT, call_id=None,
            number=CALLER, e164=f"+86{CALLER}", home="3-2-501", who="张先生", at=START, text="送感应卡",
        )  # fmt: skip

    assert await kinds(house, "感应卡") == [Found.FOLLOW_UP]


async def test_what_is_rolled_back_is_not_found(house: Database) -> None:
    with pytest.raises(RuntimeError):
        async with house.begin() as session:
            await save_call(
                session,
                CallRecord(id="c-1", state=CallState.ENDED, caller_number=CALLER, ring_start=START, ended_at=START),
            )
            raise RuntimeError

    assert await kinds(house, CALLER) == [Found.RESIDENT]


@pytest.mark.parametrize("table", [CallTable, TurnTable])
async def test_what_is_removed_past_the_session_is_not_found_again(house: Database, table: Any) -> None:
    await call(house)
    if table is TurnTable:
        await spoken(house, "厨房漏水")
    kind = Found.CALL if table is CallTable else Found.TRANSCRIPT
    assert kind in await kinds(house, "3-2-501")

    async with house.begin() as session:
        await session.execute(delete(table))

    assert kind not in await kinds(house, "3-2-501")
    assert await words_kept(house) == await rows_kept(house)


async def test_draft_that_moves_to_another_call_leads_there(house: Database) -> None:
    draft = Draft(kind=Kind.REPAIR, is_urgent=False, who="", home="", matter="灯不亮", promised="", agent="8001")
    async with house.begin() as session:
        await keep_draft(session, "c-2", draft, START)

    async with house.begin() as session:
        await session.execute(update(DutyEntryTable).values(call_id="c-1"))

    assert [row.call_id for row in await found(house, "不亮")] == ["c-1"]


async def test_pages_follow_each_other_without_gap_or_repetition(house: Database) -> None:
    for number in range(7):
        await entry(house, f"漏水第{number}次", minutes=number // 2)  # some share their moment

    for order in ("newest", "best"):
        seen: list[str] = []
        cursor = 0
        async with house.read() as session:
            while True:
                page = await find(session, read_query("漏水"), order=order, cursor=cursor, limit=3)
                seen += [hit.row.item for hit in page.hits]
                if not (cursor := page.next_cursor):
                    break
        assert sorted(seen) == [str(number) for number in range(1, 8)], order
        if order == "newest":
            assert seen[:1] in (["7"], ["8"])


async def test_time_kind_and_request_narrow_what_is_found(house: Database) -> None:
    await call(house)
    await entry(house, "漏水", minutes=0)
    await entry(house, "漏水扰民", minutes=60, kind=Kind.COMPLAINT)

    assert [row.request for row in await found(house, "漏水", request="complaint")] == ["complaint"]
    assert [row.item for row in await found(house, "漏水", until=START + timedelta(minutes=30))] == ["1"]
    assert [row.item for row in await found(house, "漏水", since=START + timedelta(minutes=30))] == ["2"]
    assert await kinds(house, kind=Found.ENTRY) == [Found.ENTRY, Found.ENTRY]
    assert await kinds(house, since=START + timedelta(minutes=30)) == [Found.ENTRY]


@pytest.mark.parametrize(
    "words",
    [
        "水", "漏水" * 100, '"', '"漏水"', "漏水 OR 电梯", "漏* NEAR(水)", "text:漏水", "-漏水", "(漏水", "漏水 AND",
        "^漏",
        "'; DROP TABLE search_row; --", "漏水 & !电梯 | a:*", "\\", "%_%", "k:entry", "𠮷😀", "a" * 200,
    ],
)  # fmt: skip
async def test_any_question_is_safe(house: Database, words: str) -> None:
    await entry(house, "漏水")

    await found(house, words)
    await found(house, words, order="best")

    assert await kinds(house, "漏水") == [Found.ENTRY]


async def test_operators_are_words_like_any_other(house: Database) -> None:
    await entry(house, "漏水")
    await entry(house, "电梯 OR 漏水")

    assert [row.item for row in await found(house, "漏水 OR 电梯")] == ["2"]


async def test_rebuilt_index_is_the_same(house: Database) -> None:
    await call(house)
    await call(house, "c-2", minutes=3, caller_number="88880000")
    await spoken(house, "厨房漏水")
    await entry(house, "漏水", call_id="c-1")
    async with house.read() as session:
        before = await everything(session)

    async with house.begin() as session:
        await session.execute(delete(SearchRowTable))
    assert await kinds(house, "漏水") == []
    total = await rebuild(house, area_code="0755", tell=lambda _kind, _count: None)

    async with house.read() as session:
        assert await everything(session) == before
    assert total == len(before) == 5
    assert await words_kept(house) == await rows_kept(house) == 5


async def test_what_is_from_before_the_search_is_indexed_once(database: Database) -> None:
    await call(database)
    await entry(database, "漏水", call_id="c-1")
    assert await kinds(database, "漏水") == []

    assert await index_old(database, area_code="0755") == 2
    assert await index_old(database, area_code="0755") == 0

    assert await kinds(database, "漏水") == [Found.ENTRY]


async def test_index_whose_making_was_interrupted_is_made_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await call(database)
    await entry(database, "漏水", call_id="c-1")

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("hotline.search.follow_store.rebuild_page", dies)
        await index_old(database, area_code="0755")

    assert await index_old(database, area_code="0755") == 2
    assert await index_old(database, area_code="0755") == 0


async def test_draft_that_says_nothing_yet_is_found_once_it_does(house: Database) -> None:
    blank = Draft(kind=Kind.REPAIR, is_urgent=False, who="", home="", matter="", promised="", agent="8001")
    async with house.begin() as session:
        await keep_draft(session, "c-1", blank, START)
    assert await kinds(house, kind=Found.ENTRY) == []

    async with house.begin() as session:
        await keep_draft(session, "c-1", replace(blank, matter="门打不开"), START)

    assert await kinds(house, "打不开") == [Found.ENTRY]


async def test_rows_of_one_moment_are_all_kept(house: Database) -> None:
    rows = [Row(kind=Found.ENTRY, item=str(number), at=START, text="漏水") for number in range(1000, 1020)]

    async with house.begin() as session:
        await session.run_sync(lambda sync: add_rows(sync.connection(), rows))

    assert len(await found(house, "漏水")) == 20


async def everything(session: AsyncSession) -> list[Any]:
    rows = await session.execute(
        select(*(column for column in SearchRowTable.__table__.columns if column.name != "id")).order_by("kind", "item")
    )
    return [tuple(row) for row in rows]


async def rows_kept(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(select(func.count()).select_from(SearchRowTable)) or 0


async def words_kept(database: Database) -> int:
    async with database.read() as session:
        return await session.scalar(text("SELECT count(*) FROM search_word")) or 0


@pytest.mark.parametrize("seed", range(4))
async def test_pages_are_the_same_however_rare_a_word_and_however_far_apart_its_rows(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(reading_store, "WALKED", 12)
    monkeypatch.setattr(reading_store, "WALKED_FOR_ONE", 1)
    dice = Random(seed)
    at, rows = datetime(2026, 11, 22, tzinfo=UTC), []
    for number in range(400):
        at -= timedelta(seconds=dice.choice((0.000001, 1, 60, 3600, 86_400, 40 * 86_400)))
        words = " ".join(
            word for word, often in (("电梯", 0.5), ("漏水", 0.05), ("煤气", 0.01)) if dice.random() < often
        )
        rows.append(Row(kind=Found.CALL, item=f"c{number}", at=at, text=words))
    residents = [
        Row(kind=Found.RESIDENT, item=f"{number}", at=moment_of(number), names="漏水" * (number % 9 == 0))
        for number in range(100)
    ]
    async with database.begin() as session:
        await session.run_sync(lambda within: add_rows(within.connection(), [*rows, *residents]))
    asked = (["电梯"], ["漏水"], ["煤气"], ["漏水", "电梯"], ["煤气", "漏水"], ["没有"])
    async with database.read() as session:
        for words, (first, before) in itertools.product(asked, ((0, LAST), (FIRST_MOMENT, LAST), (0, FIRST_MOMENT))):
            truth = [row for row in (*rows, *reversed(residents)) if set(words) <= set(row.words)]
            wanted = [row.item for row in truth if first <= row.place < before]
            pages, cursor = list[str](), before
            while page := await newest(session, words, before=cursor, first=first, limit=7):
                pages += [row.item for _, row in page]
                cursor = page[-1][0]
            assert pages == wanted, words
        middle = rows[200].place
        found = [row.item for _, row in await newest(session, ["漏水"], before=middle, first=rows[300].place, limit=50)]
        assert found == [row.item for row in rows[201:301] if "漏水" in row.words]
