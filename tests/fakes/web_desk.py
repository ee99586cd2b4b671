"""A web room on a real SQLite database, with calls that go on as a test says. Every store is the real one."""

import asyncio
import base64
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, web
from aiohttp.test_utils import BaseTestServer, TestServer
from argon2 import PasswordHasher
from pydantic import SecretStr

import hotline.web.store  # noqa: F401  # its table
from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import Accounts, add_user, create_token
from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import save_call
from hotline.campaigns.calling_out import CallingOut
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.desk.phrase_file import PhraseBook
from hotline.dutylog.draft import Draft, draft_entry
from hotline.dutylog.store import keep_draft
from hotline.hours import WeeklyHours, parse_spans
from hotline.incidents.service import Incidents
from hotline.phone import PhoneNumber
from hotline.queues.board import AgentState, QueueBoard
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import expect_recording, settle_recording
from hotline.reports.follow_store import follow_facts
from hotline.residents.resident import Home, Title
from hotline.residents.store import add_home, add_resident, known_caller
from hotline.search.follow_store import follow_writes
from hotline.settings import SHIPPED_PHRASES, IncidentSettings, WebSettings, read_settings
from hotline.transcribe.store import begin_transcript, keep_transcript
from hotline.transcribe.transcript import Side, Transcript, Turn
from hotline.web.hub import Hub
from hotline.web.keys import HUB
from hotline.web.rooms import CHINA, Dependency, WebRooms
from hotline.web.server import make_app
from hotline.web.staff_room import StaffRoom
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.databases import write_tables

MORNING: Final = datetime(2026, 11, 21, 1, 40, 12, tzinfo=UTC)  # 09:40 at the centre
PASSWORD: Final = "three rings and no more"
HOURS: Final = WeeklyHours(week=(parse_spans("09:00-18:00"),) * 7)
CALLER: Final = "13800138501"
SESSION_KEY: Final = base64.urlsafe_b64encode(b"k" * 32).decode()
CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STAFF: Final = {
    "xiaowang": (Role.AGENT, "8001", "王敏"),
    "boss": (Role.SUPERVISOR, "8901", "陈主管"),
    "root": (Role.ADMIN, None, ""),
}


class MorningClock:
    """A clock that runs as the machine's does, but began at 09:40 at the centre: for a browser, and for pictures."""

    def __init__(self) -> None:
        self._began = SystemClock().monotonic()

    def now(self) -> datetime:
        return MORNING + timedelta(seconds=self.monotonic() - self._began)

    def monotonic(self) -> float:
        return SystemClock().monotonic()


@dataclass
class WebDesk:
    """A running web room and the hands that make calls happen in it."""

    rooms: WebRooms
    bus: Bus
    clock: Any
    home: Path
    board: QueueBoard = field(default_factory=QueueBoard)
    dependencies: list[Dependency] = field(default_factory=list)
    app: web.Application = field(init=False)
    server: BaseTestServer = field(init=False)
    clients: list[ClientSession] = field(default_factory=list)
    calls: dict[str, CallRecord] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.rooms.database

    @property
    def hub(self) -> Hub:
        return self.app[HUB]

    @property
    def origin(self) -> str:
        return str(self.server.make_url("/").origin())

    def client(self, **headers: str) -> ClientSession:
        """Return a browser that is not signed in; a token may be given as a header."""
        self.clients.append(ClientSession(self.origin, headers=headers, cookie_jar=CookieJar(unsafe=True)))
        return self.clients[-1]

    async def signed_in(self, name: str = "xiaowang") -> ClientSession:
        """Return a browser in which this account is signed in; it says where its requests come from."""
        client = self.client(Origin=self.origin)
        answer = await client.post("/sign-in", data={"name": name, "password": PASSWORD}, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        return client

    async def machine(self, role: Role) -> ClientSession:
        """Return a program with a token of this role."""
        token = await create_token(self.database, role, f"test {role}", clock=self.clock)
        return self.client(Authorization=f"Bearer {token}")

    async def goes_on(self, call_id: str = "c-1", **changes: Any) -> CallRecord:
        """Change a call in the ledger, or begin it, and say so on the bus."""
        known = self.calls.get(call_id)
        if known is None:
            known = CallRecord(
                id=call_id, state=CallState.RINGING, caller_number=CALLER, dialled="96000", ring_start=self.clock.now()
            )
        self.calls[call_id] = call = replace(known, **changes)
        async with self.database.begin() as session:
            await save_call(session, call)
        self.bus.publish(Change(Subject.CALL, call_id))
        return call

    async def finished_call(self, call_id: str = "c-1", *, start: datetime | None = None, **changes: Any) -> CallRecord:
        """Put a call into the ledger that was answered, talked and ended."""
        start = start or self.clock.now() - timedelta(minutes=3)
        at = [start + timedelta(seconds=seconds) for seconds in (1, 9, 21, 33, 95)]
        values: dict[str, Any] = {
            "state": CallState.ENDED,
            "ring_start": start,
            "switch_answer": at[0],
            "recording": f"2026/11/21/{call_id}",
            "recording_start": at[1],
            "menu_entered_at": at[1],
            "menu_path": ("1",),
            "request": "repair",
            "queue": "service",
            "queued_at": at[2],
            "rings": (Ring(agent="8001", leg="x", began=at[2], ended=at[3], was_answered=True),),
            "agent": "8001",
            "human_answer": at[3],
            "ended_at": at[4],
            "ended_by_caller": True,
            "hangup_cause": 16,
            "outcome": Outcome.ANSWERED,
            "notice_version": "1",
        }
        return await self.goes_on(call_id, **(values | changes))

    async def recorded(self, call_id: str = "c-1", state: RecordingState = RecordingState.FINISHED) -> None:
        """Leave the call's two files and settle its recording."""
        call = self.calls[call_id]
        for side in ("caller", "agent"):
            path = self.rooms.recordings_directory / f"{call.recording}.{side}.wav"
            await asyncio.to_thread(_write_silence, path)
        async with self.database.begin() as session:
            await expect_recording(
                session, name=call.recording, call_id=call_id, began=call.recording_start or self.clock.now()
            )
        if state is not RecordingState.PENDING:
            async with self.database.begin() as session:
                await settle_recording(session, call.recording, state, 86.0)
        self.bus.publish(Change(Subject.CALL, call_id))

    async def transcribing(self, call_id: str = "c-1") -> None:
        """Let a worker take the recording."""
        async with self.database.begin() as session:
            await begin_transcript(
                session,
                recording=self.calls[call_id].recording,
                call_id=call_id,
                engine="vosk",
                model="small-cn",
                at=self.clock.now(),
            )
        self.bus.publish(Change(Subject.CALL, call_id))

    async def transcribed(self, call_id: str = "c-1", *said: tuple[Side, float, str, float]) -> None:
        """Store the conversation (side, second it begins, words, confidence) and draw the draft from it."""
        turns = tuple(
            Turn(
                side=side,
                start=timedelta(seconds=start),
                end=timedelta(seconds=start + 0.22 * len(text)),
                text=text,
                confidence=confidence,
                words=(),
            )
            for side, start, text, confidence in said
        )
        call = self.calls[call_id]
        async with self.database.begin() as session:
            transcript = Transcript(turns=turns, engine="vosk", model="small-cn", version="0.3.45")
            assert await keep_transcript(session, call.recording, transcript, self.clock.now())
            known = await known_caller(session, PhoneNumber.parse(call.caller_number))
            number = await keep_draft(session, call_id, draft_entry(call, known, turns), self.clock.now())
        self.bus.publish(Change(Subject.CALL, call_id))
        self.bus.publish(Change(Subject.DUTY_LOG, str(number)))

    async def draft(
        self, call_id: str = "c-1", *, at: datetime | None = None, is_told: bool = True, **values: Any
    ) -> int:
        """Draw the call's draft entry and return its number."""
        wanted: dict[str, Any] = {
            "kind": "repair", "is_urgent": False, "who": "张先生", "home": "3-2-501",
            "matter": "厨房漏水", "promised": "两小时内上门", "agent": "8001",
        } | values  # fmt: skip
        async with self.database.begin() as session:
            number = await keep_draft(session, call_id, Draft(**wanted), at or self.clock.now())
        assert number is not None
        if is_told:
            self.bus.publish(Change(Subject.DUTY_LOG, str(number)))
        return number

    def agents(self, **states: AgentState) -> None:
        """Let the switch say how the agents are: agents(a8001=AgentState.READY)."""
        agents = {name[1:]: state for name, state in states.items()}
        self.board = replace(self.board, is_current=True, agents=agents)
        self.bus.publish(Change(Subject.QUEUE, "service"))


@asynccontextmanager
async def web_desk(home: Path, *, clock: Any = None, **changes: Any) -> AsyncIterator[WebDesk]:
    """Give a web room that is open, with three accounts and one household, and close it at the end."""
    await write_tables(home / "test.db")
    database, bus, clock = Database(f"sqlite+aiosqlite:///{home / 'test.db'}"), Bus(), clock or ClockByHand(MORNING)
    follow_writes(database, area_code="")
    follow_facts(database, area_code="", zone=CHINA)
    passwords = Passwords(CHEAP)
    for name, (role, extension, shown) in STAFF.items():
        await add_user(database, name, role, extension, PASSWORD, display_name=shown, passwords=passwords)
    async with database.begin() as session:
        stored = await add_home(session, Home(3, 2, 501))
        number = PhoneNumber.parse(CALLER)
        assert number is not None
        await add_resident(session, stored, "张伟", title=Title.MR, numbers=[number])

    async def readiness() -> list[Dependency]:
        return desk.dependencies

    settings = read_settings({"HOTLINE_HOME": str(home)})
    rooms = WebRooms(
        settings=WebSettings(session_key=SecretStr(SESSION_KEY)),
        centre="锦绣花园物业服务中心",
        database=database,
        bus=bus,
        clock=clock,
        accounts=Accounts(database, clock, passwords=passwords),
        board=lambda: desk.board,
        readiness=readiness,
        recordings_directory=home / "recordings",
        incidents=Incidents(settings=IncidentSettings(), database=database, bus=bus, clock=clock),
        phrases=PhraseBook(home, SHIPPED_PHRASES, clock),
        calling_out=CallingOut.of(settings, database, bus, clock),
        libraries=settings.page_libraries,  # those of the suite, where npm could be reached
        staff=StaffRoom.of(settings, database, bus, clock, hours=lambda: HOURS, passwords=passwords),
    )
    desk = WebDesk(rooms=replace(rooms, **changes), bus=bus, clock=clock, home=home)
    desk.app = make_app(desk.rooms)
    failure: BaseException | None = None
    async with TestServer(desk.app) as desk.server, asyncio.TaskGroup() as group:
        hub = group.create_task(desk.hub.run(), name="hub")
        try:
            yield desk
        except BaseException as raised:  # noqa: BLE001  # raised below as it is, not inside a group of exceptions
            failure = raised
        hub.cancel()
        for client in desk.clients:
            await client.close()
    await database.close()
    if failure is not None:
        raise failure


async def told(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """Return the next message of this kind; others are passed over. Raises TimeoutError after five seconds."""
    async with asyncio.timeout(5):
        while True:
            message: dict[str, Any] = await socket.receive_json()
            if message["type"] == kind:
                return message


def _write_silence(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000)
