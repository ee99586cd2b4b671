"""Rows of other tables end by their setting, each step with its proof; what goes on, or waits for an answer, stays."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

import hotline.tables  # noqa: F401 -- every table is there
from hotline.agents.store import HelpWishTable
from hotline.database import Base, Database
from hotline.livehelp.store import LiveHelpTable
from hotline.old_rows import OLD_ROWS
from hotline.quality.store import QualityCommentTable, QualityReviewTable
from hotline.recordings.removal import first_break
from hotline.recordings.removal_store import removals_after
from hotline.retention.days import KEPT
from hotline.retention.rows import RowRetention
from hotline.settings import RetentionSettings
from hotline.web.store import AccessLogTable
from tests.fakes.clock_by_hand import ClockByHand

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=1200)


def sweep(place: Path, database: Database, **days: int) -> RowRetention:
    place.mkdir(exist_ok=True)
    return RowRetention(
        directory=place, database=database, clock=ClockByHand(NOW), settings=RetentionSettings(**days), ends=OLD_ROWS
    )


def helped(n: int, *, began: datetime, ended: datetime | None) -> LiveHelpTable:
    return LiveHelpTable(
        channel=f"help-{n}", key=f"k{n}", by="boss", extension=f"890{n}", agent="8001", call_id="c", mode="listen",
        state="over", began=began, ended_at=ended,
    )  # fmt: skip


def reviewed(n: int, state: str) -> QualityReviewTable:
    values: dict[str, Any] = {
        "claim": f"c{n}", "call_id": f"c{n}", "called_at": LONG_AGO, "agent": "8001", "account": "xiaowang",
        "reviewer": "boss", "sheet": 0, "calibration": 0, "state": state, "points": {}, "score_tenths": 900,
        "remark": "", "revision": 1, "began_at": LONG_AGO, "objection": "", "answer": "", "answered_by": "",
    }  # fmt: skip
    return QualityReviewTable(**values)


async def left(database: Database, table: type[Base]) -> int:
    async with database.read() as session:
        return len((await session.scalars(select(table))).all())


async def test_rows_whose_time_is_over_go_with_a_proof_and_what_goes_on_stays(
    tmp_path: Path, database: Database
) -> None:
    async with database.begin() as session:
        session.add_all(
            [
                helped(1, began=LONG_AGO, ended=LONG_AGO),
                helped(2, began=LONG_AGO, ended=None),
                helped(3, began=NOW, ended=NOW),
                HelpWishTable(
                    extension="8001", call_id="c", by="xiaowang", at=LONG_AGO, taken_by="", taken_name="",
                    taken_at=None, ended_at=LONG_AGO,
                ),
                AccessLogTable(at=LONG_AGO, who="boss", what="number", call_id="c"),
                AccessLogTable(at=NOW, who="boss", what="number", call_id="c"),
            ]
        )  # fmt: skip

    assert await sweep(tmp_path / "r", database).round() == 3

    assert [await left(database, table) for table in (LiveHelpTable, HelpWishTable, AccessLogTable)] == [2, 0, 1]
    async with database.read() as session:
        links = await removals_after(session, 0)
    assert {(link.removed.kind, link.removed.klass) for link in links} == {
        ("rows", "live_help"),
        ("rows", "access_log"),
    }
    assert links[0].removed.rule == "retention.live_help = 730 days"
    assert first_break(links) is None
    assert await sweep(tmp_path / "r", database).round() == 0


async def test_a_review_goes_with_its_comments_but_not_while_an_objection_waits(
    tmp_path: Path, database: Database
) -> None:
    async with database.begin() as session:
        session.add_all([reviewed(1, "answered"), reviewed(2, "objected")])
    async with database.begin() as session:
        for number in await session.scalars(select(QualityReviewTable.id)):
            session.add(QualityCommentTable(review=number, at_ms=1, text="语速太快"))

    assert await sweep(tmp_path / "r", database).round() == 1

    assert [await left(database, table) for table in (QualityReviewTable, QualityCommentTable)] == [1, 1]


async def test_a_round_is_bounded_and_the_next_one_goes_on(tmp_path: Path, database: Database) -> None:
    async with database.begin() as session:
        session.add_all(AccessLogTable(at=LONG_AGO, who="boss", what="number", call_id=str(n)) for n in range(5))

    retention = sweep(tmp_path / "r", database)

    assert await retention.round(limit=2, at_once=2) == 4
    assert await retention.round(limit=2, at_once=2) == 1


def test_every_kind_of_rows_has_its_setting() -> None:
    assert set(OLD_ROWS) <= set(KEPT)
