"""The service's half: who is heard when, what ends it, and what of it is left in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

import hotline.recordings.store
import hotline.transcribe.store  # noqa: F401  # its tables
from hotline.ami.errors import AmiDown
from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.live.legs import LiveLeg, Presence
from hotline.live.line import ORDERS, WORDS, LiveLine
from hotline.live.listening import Listening
from hotline.live.talk import LiveTurn
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import expect_recording, settle_recording
from hotline.transcribe.store import begin_transcript, keep_transcript
from hotline.transcribe.transcript import Side, Transcript
from tests.fakes.redis_server import RedisServer

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
CALLER, AGENT = LiveLeg("c-1", Side.CALLER, "c-1"), LiveLeg("c-1", Side.AGENT, "a-1")
TALKING = CallRecord(
    id="c-1", state=CallState.TALKING, ring_start=AT, agent="8001", human_answer=AT,
    rings=(Ring(agent="8001", leg="a-1", began=AT, ended=AT, was_answered=True),),
)  # fmt: skip
TURN = LiveTurn(call_id="c-1", leg="c-1", side=Side.CALLER, number=0, at=AT, text="漏水", is_final=True)


@dataclass
class FakeSpies:
    """A switch that notes what it is asked."""

    streamed: dict[UUID, str] = field(default_factory=dict)
    ended: list[UUID] = field(default_factory=list)
    is_down: bool = False

    async def stream(self, channel: str, name: UUID) -> None:
        if self.is_down:
            raise AmiDown
        self.streamed[name] = channel

    async def end_stream(self, name: UUID) -> None:
        self.ended.append(name)


@dataclass
class Desk:
    """The service's half, running, and a hand at the other end of the line."""

    listening: Listening
    spies: FakeSpies
    database: Database
    bus: Bus
    redis: Redis
    line: LiveLine
    orders: list[dict[str, Any]] = field(default_factory=list)

    async def says(self, message: str) -> None:
        await self.redis.publish(WORDS, message)

    async def is_there(self, free: int = 4, *heard: str) -> None:
        await self.says(Presence(free, frozenset(heard)).to_json())
        await until(lambda: self.listening.is_heard and self.listening._presence.free == free)

    async def goes_on(self, **changes: Any) -> CallRecord:
        call = replace(TALKING, **changes)
        async with self.database.begin() as session:
            await save_call(session, call)
        self.bus.publish(Change(Subject.CALL, call.id))
        return call


async def until(holds: Callable[[], object], limit: float = 6) -> None:
    async with asyncio.timeout(limit):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.fixture
async def desk(database: Database, redis_server: RedisServer) -> AsyncIterator[Desk]:
    line, bus, spies = LiveLine(redis_server.url), Bus(), FakeSpies()
    listening = Listening(line=line, spies=spies, database=database, bus=bus, clock=SystemClock())
    redis = Redis.from_url(redis_server.url)
    desk = Desk(listening, spies, database, bus, redis, line)
    begun = asyncio.Event()
    tasks = [
        asyncio.create_task(line.hear(ORDERS, lambda data: desk.orders.append(json.loads(data)), begun=begun.set)),
        asyncio.create_task(listening.run()),
    ]
    async with asyncio.timeout(5):
        await begun.wait()
        while await redis.pubsub_numsub(WORDS) != [(WORDS.encode(), 1)]:
            await asyncio.sleep(0.01)
    try:
        yield desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await line.close()
        await redis.aclose()


async def test_both_sides_are_announced_and_streamed_once_people_talk(desk: Desk) -> None:
    await desk.is_there()
    await desk.goes_on(human_answer=None)
    await desk.goes_on()
    await until(lambda: len(desk.spies.streamed) == 2)

    tickets = {channel: await desk.line.admit(name) for name, channel in desk.spies.streamed.items()}
    assert tickets == {"c-1": CALLER, "a-1": AGENT}
    assert [await desk.line.admit(name) for name in desk.spies.streamed] == [None, None], "a ticket holds once"
    await desk.goes_on(satisfaction=5)
    await asyncio.sleep(0.2)
    assert len(desk.spies.streamed) == 2


async def test_nobody_is_heard_while_the_program_is_not_there(desk: Desk) -> None:
    await desk.goes_on()
    await asyncio.sleep(0.2)

    assert desk.spies.streamed == {}


async def test_talks_that_go_on_are_taken_up_when_the_program_comes(desk: Desk) -> None:
    await desk.goes_on()
    await asyncio.sleep(0.1)

    await desk.is_there()

    await until(lambda: len(desk.spies.streamed) == 2)


async def test_what_is_heard_already_is_not_asked_for_again_after_a_restart_of_the_service(desk: Desk) -> None:
    await desk.is_there(2, "c-1")

    await desk.goes_on()

    await until(lambda: desk.spies.streamed)
    await asyncio.sleep(0.1)
    assert list(desk.spies.streamed.values()) == ["a-1"]


@pytest.mark.parametrize(("free", "streams"), [(0, []), (1, ["c-1"])])
async def test_no_more_is_asked_for_than_can_be_heard_and_the_caller_comes_first(
    desk: Desk, free: int, streams: list[str]
) -> None:
    await desk.is_there(free)
    await desk.goes_on()
    await asyncio.sleep(0.3)

    assert list(desk.spies.streamed.values()) == streams


async def test_refusal_ends_both_streams_and_what_was_shown_goes_and_stays_gone(desk: Desk) -> None:
    await desk.is_there()
    await desk.goes_on()
    await until(lambda: len(desk.spies.streamed) == 2)
    await desk.says(json.dumps(TURN.to_json()))
    await until(lambda: "c-1" in desk.listening.talks)

    await desk.goes_on(recording_refused=True)

    await until(lambda: len(desk.spies.ended) == 2)
    assert set(desk.spies.ended) == set(desk.spies.streamed)
    await until(lambda: {"stop": "c-1", "refused": True} in desk.orders)
    assert "c-1" not in desk.listening.talks
    await desk.says(json.dumps(replace(TURN, number=1).to_json()))
    await asyncio.sleep(0.1)
    assert "c-1" not in desk.listening.talks
    assert len(desk.spies.streamed) == 2


async def test_a_recording_that_stops_ends_the_streams_at_once_without_waiting_for_the_ledger(desk: Desk) -> None:
    await desk.is_there()
    await desk.goes_on()
    await until(lambda: len(desk.spies.streamed) == 2)

    desk.listening.recording_stopped("c-1")
    desk.listening.recording_stopped("unknown")

    await until(lambda: len(desk.spies.ended) == 2, limit=1)
    for _ in range(3):  # a sign of life a second, as ever
        await desk.is_there()
        await asyncio.sleep(1)
    await until(lambda: len(desk.spies.streamed) == 4)  # nobody had refused: heard again


async def test_live_words_go_when_the_final_ones_are_there(desk: Desk) -> None:
    await desk.says(json.dumps(TURN.to_json()))
    await until(lambda: "c-1" in desk.listening.talks)
    over = await desk.goes_on(ended_at=datetime.now(UTC), recording="r-1", recording_start=AT)
    await asyncio.sleep(0.1)
    assert "c-1" in desk.listening.talks, "nothing else is there yet"

    async with desk.database.begin() as session:
        await expect_recording(session, name="r-1", call_id="c-1", began=AT)
        await settle_recording(session, "r-1", RecordingState.FINISHED, 3.0)
        await begin_transcript(session, recording="r-1", call_id="c-1", engine="vosk", model="m", at=AT)
        await keep_transcript(session, "r-1", Transcript(turns=(), engine="vosk", model="m", version="1"), AT)
    with desk.bus.listening() as box:
        desk.bus.publish(Change(Subject.CALL, over.id))
        await until(lambda: "c-1" not in desk.listening.talks)
        assert Change(Subject.WORDS, "c-1") in [box.get_nowait() for _ in range(box.qsize())]


async def test_live_words_that_nobody_writes_down_are_kept_for_half_an_hour(desk: Desk) -> None:
    await desk.says(json.dumps(TURN.to_json()))
    await until(lambda: "c-1" in desk.listening.talks)

    await desk.goes_on(ended_at=datetime.now(UTC) - timedelta(minutes=31))

    await until(lambda: "c-1" not in desk.listening.talks)


async def test_a_service_that_comes_later_asks_for_what_was_said(desk: Desk) -> None:
    await until(lambda: {"again": True} in desk.orders or desk.listening.is_heard is False)
    desk.listening._begun()

    await until(lambda: {"again": True} in desk.orders)


@pytest.mark.parametrize("rubbish", [b"", b"[]", b"{", b'{"heard": 3}', b'{"call": "c-1"}', b"\xff"])
async def test_rubbish_on_the_line_changes_nothing(desk: Desk, rubbish: bytes) -> None:
    await desk.redis.publish(WORDS, rubbish)
    await desk.says(json.dumps(TURN.to_json()))

    await until(lambda: "c-1" in desk.listening.talks)


async def test_a_switch_that_cannot_be_asked_costs_the_words_only(desk: Desk) -> None:
    desk.spies.is_down = True
    await desk.is_there()
    await desk.goes_on()
    await asyncio.sleep(0.2)

    await desk.says(json.dumps(TURN.to_json()))
    await until(lambda: "c-1" in desk.listening.talks)


async def test_redis_that_is_away_costs_the_words_only(redis_server: RedisServer) -> None:
    line = LiveLine(redis_server.url)
    redis_server.stop()
    try:
        answers: list[Awaitable[object]] = [
            line.expect(UUID(int=1), CALLER), line.admit(UUID(int=1)), line.say(WORDS, "{}"),
        ]  # fmt: skip
        assert [await answer for answer in answers] == [False, None, False]
    finally:
        await line.close()
        redis_server.start()
