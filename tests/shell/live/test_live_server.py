"""The AudioSocket port: who is let in, what is heard, and that nothing there can hold anybody up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from hotline.clock import SystemClock
from hotline.live import server as server_file
from hotline.live.danger import DangerTable, DangerWord
from hotline.live.frames import BYTES_PER_SECOND
from hotline.live.hearing import MOST_BEHIND, Hearing, SoundBox
from hotline.live.legs import LiveLeg
from hotline.live.server import LegServer, LivePortTaken
from hotline.live.talk import LiveTurn
from hotline.transcribe.recogniser import Heard
from hotline.transcribe.transcript import Side
from tests.fakes.live_ears import ScriptedEars, ScriptedRecogniser

CALLER = LiveLeg("c-1", Side.CALLER, "c-1")
FRAME = b"\x10" + (320).to_bytes(2, "big") + b"\x01\x02" * 160
BITE = FRAME * 5
HANGUP = b"\x00\x00\x00"


def named(name: UUID) -> bytes:
    return b"\x01\x00\x10" + name.bytes


@dataclass
class LivePort:
    """A running server with scripted ears."""

    recogniser: ScriptedRecogniser = field(
        default_factory=lambda: ScriptedRecogniser(Heard("着火", False), Heard("着火了", False), Heard("着火了", True))
    )
    tickets: dict[UUID, LiveLeg] = field(default_factory=dict)
    told: list[LiveTurn] = field(default_factory=list)
    alarms: list[tuple[LiveLeg, str, datetime]] = field(default_factory=list)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    server: LegServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = LegServer("127.0.0.1", 0, most=2, admit=self._admit, begin=self._begin)

    async def _admit(self, name: UUID) -> LiveLeg | None:
        return self.tickets.pop(name, None)

    async def _tell(self, turn: LiveTurn) -> None:
        self.told.append(turn)

    def _begin(self, leg: LiveLeg) -> Hearing:
        return Hearing(
            leg, clock=SystemClock(), recogniser=self.recogniser, threads=self.threads,
            danger=DangerTable((DangerWord("着火"),)), tell=self._tell,
            alarm=lambda *alarm: self.alarms.append(alarm),
        )  # fmt: skip

    async def connect(self, *sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        self.writers.append(writer)
        writer.writelines(sent)
        return reader, writer

    async def stream(self, leg: LiveLeg, *sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        name = uuid4()
        self.tickets[name] = leg
        return await self.connect(named(name), *sent)


@pytest.fixture
async def port() -> AsyncIterator[LivePort]:
    port = LivePort()
    running = asyncio.create_task(port.server.run())
    await port.server.listening.wait()
    try:
        yield port
    finally:
        port.recogniser.may_hear.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for writer in port.writers:
            writer.transport.abort()
        await asyncio.sleep(0)
        port.threads.shutdown()


async def until(holds: Callable[[], object], limit: float = 5) -> None:
    async with asyncio.timeout(limit):
        while not holds():
            await asyncio.sleep(0.01)


async def closed(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(5):
        with suppress(ConnectionResetError):
            assert await reader.read() == b""


async def test_a_leg_is_heard_its_words_are_passed_on_and_the_alarm_is_raised_while_it_speaks(port: LivePort) -> None:
    _, writer = await port.stream(CALLER, BITE)
    await until(lambda: len(port.told) == 1)
    writer.write(BITE)
    await until(lambda: port.alarms)

    assert [turn.text for turn in port.told[:2]] == ["着火", "着火了"]
    assert [(leg, word) for leg, word, _ in port.alarms] == [(CALLER, "着火")]
    assert port.server.legs == {CALLER}
    writer.write(BITE + HANGUP)
    await until(lambda: port.recogniser.given_back)
    assert [turn.is_final for turn in port.told] == [False, False, True]
    assert {turn.number for turn in port.told} == {0}
    assert port.recogniser.made[0].heard.startswith(b"\x01\x02" * 160)
    await until(lambda: not port.server.legs)
    assert port.server.free == 2


async def test_a_name_nobody_announced_is_refused(port: LivePort) -> None:
    with capture_logs() as logs:
        reader, _ = await port.connect(named(uuid4()), BITE)
        await closed(reader)

    assert port.recogniser.made == []
    assert any("refused" in line["event"] for line in logs)


async def test_a_ticket_is_used_up_by_its_first_use(port: LivePort) -> None:
    name = uuid4()
    port.tickets[name] = CALLER
    await port.connect(named(name), BITE)
    await until(lambda: port.server.legs)

    reader, _ = await port.connect(named(name), BITE)

    await closed(reader)
    assert port.server.legs == {CALLER}


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\n\r\n", FRAME, HANGUP, b"\x01\x00\x04abcd", b"\x03\x00\x01#"],
    ids=["a browser", "sound first", "hang-up first", "short name", "a key"],
)
async def test_whoever_does_not_begin_with_a_name_is_shown_out(port: LivePort, sent: bytes) -> None:
    reader, _ = await port.connect(sent)

    await closed(reader)
    assert port.recogniser.made == []


async def test_whoever_says_nothing_is_shown_out(port: LivePort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_file, "NAME_WITHIN", 0.1)
    reader, _ = await port.connect()

    await closed(reader)


async def test_a_port_scan_harms_nobody(port: LivePort) -> None:
    for _ in range(30):
        _, writer = await port.connect()
        writer.close()
    await port.stream(CALLER, BITE)

    await until(lambda: port.told)


async def test_no_more_connections_are_held_than_legs_and_a_few(port: LivePort) -> None:
    silent = [await port.connect() for _ in range(30)]
    ends = [asyncio.create_task(closed(reader)) for reader, _ in silent]

    await until(lambda: sum(end.done() for end in ends) >= 30 - 2 - server_file.DOORSTEP)
    for end in ends:
        end.cancel()


async def test_no_more_legs_are_heard_than_allowed(port: LivePort) -> None:
    for number in (1, 2):
        await port.stream(LiveLeg("c-1", Side.AGENT, f"a-{number}"), BITE)
    await until(lambda: port.server.free == 0)

    with capture_logs() as logs:
        reader, _ = await port.stream(CALLER, BITE)
        await closed(reader)

    assert CALLER not in port.server.legs
    assert any("live.legs" in line["event"] for line in logs)


async def test_a_frame_that_is_none_ends_its_own_leg_only(port: LivePort) -> None:
    other = LiveLeg("c-2", Side.CALLER, "c-2")
    await port.stream(other, BITE)
    reader, _ = await port.stream(CALLER, BITE, b"\x77\x00\x00")

    await closed(reader)
    await until(lambda: port.server.legs == {other})


@pytest.mark.parametrize("broken", ["ears", "hear", "begin", "tell", "admit"])
async def test_an_error_in_one_leg_costs_that_leg_only_and_is_said_without_its_words(
    port: LivePort, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("着火了")

    async def fails_later(*_: object) -> None:
        fails()

    with capture_logs() as logs, monkeypatch.context() as patched:
        match broken:
            case "ears":
                patched.setattr(port.recogniser, "ears", fails)
            case "hear":
                patched.setattr(ScriptedEars, "hear", fails)
            case "begin":
                patched.setattr(port.server, "_begin", fails)
            case "tell":
                patched.setattr(port, "_tell", fails_later)
            case "admit":
                patched.setattr(port.server, "_admit", fails_later)
        reader, _ = await port.stream(CALLER, BITE, BITE, BITE)
        await closed(reader)

    (said,) = [line for line in logs if line["log_level"] == "error"]
    assert said["kind"] == "RuntimeError"
    assert "着火" not in str(logs)
    await until(lambda: port.server.free == 2)
    await port.stream(LiveLeg("c-2", Side.CALLER, "c-2"), BITE)
    await until(lambda: port.told)


async def test_silent_connections_keep_no_leg_out(port: LivePort) -> None:
    for _ in range(3 * server_file.DOORSTEP):
        await port.connect()

    await port.stream(CALLER, BITE)

    await until(lambda: port.server.legs == {CALLER}, limit=0.8)


async def test_whoever_says_nothing_is_shown_out_after_a_second(port: LivePort) -> None:
    reader, _ = await port.connect()

    async with asyncio.timeout(2):
        await closed(reader)


async def test_a_stream_without_frames_is_closed(port: LivePort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_file, "SILENT_AT_MOST", 0.1)
    reader, _ = await port.stream(CALLER)

    await closed(reader)


async def test_a_refused_call_is_heard_no_longer_and_nothing_of_it_is_passed_on(port: LivePort) -> None:
    port.recogniser.may_hear.clear()
    reader, writer = await port.stream(CALLER, BITE)
    await until(lambda: port.recogniser.made)

    port.server.stop("c-1")

    await closed(reader)
    port.recogniser.may_hear.set()
    await until(lambda: not port.server.legs)
    assert (port.told, port.alarms) == ([], [])
    writer.close()


async def test_a_leg_that_is_not_heard_in_time_loses_its_oldest_sound_and_says_so(port: LivePort) -> None:
    port.recogniser.may_hear.clear()
    _, writer = await port.stream(CALLER, BITE)
    await until(lambda: port.recogniser.made)

    with capture_logs() as logs:
        writer.write(FRAME * (50 * 15))  # a quarter of a minute
        async with asyncio.timeout(5):
            await writer.drain()  # the switch is never held up
        await asyncio.sleep(0.1)
        port.recogniser.may_hear.set()
        writer.write(HANGUP)
        await until(lambda: port.recogniser.given_back)

    assert sum("too slowly" in line["event"] for line in logs) == 1
    assert len(port.recogniser.made[0].heard) <= MOST_BEHIND + 2 * BYTES_PER_SECOND


async def test_a_telephone_that_sends_nothing_while_silent_is_heard_as_silent(port: LivePort) -> None:
    await port.stream(CALLER, BITE)

    await until(lambda: len(port.recogniser.made) and len(port.recogniser.made[0].heard) > BYTES_PER_SECOND // 2)
    assert set(port.recogniser.made[0].heard[3200:]) == {0}


async def test_a_port_that_is_taken_is_said_with_its_setting(port: LivePort) -> None:
    second = LegServer("127.0.0.1", port.server.port, most=1, admit=port.server._admit, begin=port.server._begin)

    with pytest.raises(LivePortTaken, match=r"sip\.audiosocket_port"):
        await second.run()


async def test_box_keeps_the_newest_sound() -> None:
    box = SoundBox(most=640)
    for number in range(4):
        box.put(bytes([number]) * 320)
    box.end()

    assert await box.take() == b"\x02" * 320 + b"\x03" * 320
    assert box.dropped == 640
    assert await box.take() == b""
