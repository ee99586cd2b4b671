"""A word of danger is written before anybody is told, once a call and word, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from hotline.bus import Change, Subject
from hotline.database import Database
from hotline.live import alarms as alarms_file
from hotline.live.alarms import Alarms
from hotline.live.store import AlertWord, alert_words_of, keep_alert_word
from hotline.transcribe.transcript import Side

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
FIRE = AlertWord(call_id="c-1", word="着火", side=Side.CALLER, at=AT)


async def raised(database: Database, *words: AlertWord, tell: Callable[[Change], Awaitable[None]]) -> None:
    alarms = Alarms(database, tell)
    for word in words:
        alarms.raise_for(word)
    running = asyncio.create_task(alarms.run())
    async with asyncio.timeout(10):
        while alarms._waiting.qsize() or not running.done():
            await asyncio.sleep(0.02)
            if not alarms._waiting.qsize():
                break
    await asyncio.sleep(0.2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_word_is_written_when_it_is_told_and_told_once(database: Database) -> None:
    told: list[tuple[Change, int]] = []

    async def tell(change: Change) -> None:
        async with database.read() as session:
            told.append((change, len((await alert_words_of(session, ["c-1"]))["c-1"])))

    again = AlertWord(call_id="c-1", word="着火", side=Side.AGENT, at=AT + timedelta(seconds=5))
    await raised(database, FIRE, again, tell=tell)

    assert told == [(Change(Subject.ALERT_WORD, "c-1"), 1)]
    async with database.read() as session:
        assert await alert_words_of(session, ["c-1", "c-2"]) == {"c-1": (FIRE,)}


async def test_each_call_and_each_word_has_its_own_alarm(database: Database) -> None:
    faint = AlertWord(call_id="c-1", word="晕倒", side=Side.CALLER, at=AT + timedelta(seconds=1))
    other = AlertWord(call_id="c-2", word="着火", side=Side.CALLER, at=AT)
    async with database.begin() as session:
        kept = [await keep_alert_word(session, word) for word in (faint, FIRE, other, FIRE)]

    assert kept == [True, True, True, False]
    async with database.read() as session:
        assert await alert_words_of(session, ["c-1", "c-2"]) == {"c-1": (FIRE, faint), "c-2": (other,)}


async def test_database_that_is_away_is_tried_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms_file, "TRY_AGAIN", 0.01)
    tries: list[int] = []
    told: list[Change] = []

    async def keep(*given: Any) -> bool:
        tries.append(1)
        if len(tries) < 3:
            raise OperationalError("INSERT", {}, Exception("locked"))
        return await keep_alert_word(*given)

    async def tell(change: Change) -> None:
        told.append(change)

    monkeypatch.setattr(alarms_file, "keep_alert_word", keep)
    await raised(database, FIRE, tell=tell)

    assert (len(tries), len(told)) == (3, 1)
