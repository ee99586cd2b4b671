"""From an AMI event to the pop painted: 50 agents signed in, 10 calls a second, a browser that does not read.

    nice .venv/bin/python bench/pop.py [--agents 50] [--pages 4] [--rate 10] [--seconds 60] [--history 50000]

A scripted switch says over AMI that a resident calls and that an agent's phone rings (Newchannel, Newstate, Hangup as
Asterisk 22 does). The desk's own code hears it in a process of its own: AMI link, listener, offers, hub, web service,
SQLite; the calls are written and told of as the ledger does. A few agents are Chromium with the agent's page, the rest
sockets. Moments are this machine's clock: from the listener having read the event to the message in a socket, and to
the frame after the one in which the page wrote the caller's home. The same socket's message of the call itself, which
is told at the hub's pace, is the baseline. In the second half one more browser stops reading.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path(__file__).parents[1]))

import structlog
from aiohttp import ClientSession, CookieJar, WSMsgType
from argon2 import PasswordHasher
from playwright.async_api import async_playwright
from pydantic import SecretStr
from sqlalchemy import insert

from hotline.accounts.account import Role
from hotline.accounts.passwords import Passwords
from hotline.accounts.service import Accounts, add_user
from hotline.agents.offers import Offers
from hotline.ami.client import AmiClient
from hotline.ami.events import AmiEvent, Hangup, Newchannel
from hotline.ami.listener import Listener
from hotline.app import THREADS_TURN_S
from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import CallTable, save_call
from hotline.clock import SystemClock
from hotline.database import Base, Database
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, MatterKind, Title
from hotline.residents.store import add_home, add_matter, add_resident
from hotline.settings import AmiSettings, WebSettings
from hotline.tables import ROOMS as ALL_ROOMS
from hotline.web.rooms import WebRooms
from hotline.web.server import serve
from tests.fakes.ami_peer import AmiPeer, an_ami_peer, event, says

PASSWORD = "three rings and no more"
KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
RINGS_FOR_S = 3.0
NOW = SystemClock().now
HOMES = 600
WATCH = """
globalThis.painted = [];
let shown = "";
new MutationObserver(() => {
  const home = document.querySelector("#pop:not([hidden]) .pop-home")?.textContent ?? "";
  if (home === shown) return;
  shown = home;
  if (!home) return;
  requestAnimationFrame(() => {
    const after = new MessageChannel();
    after.port1.onmessage = () => painted.push([home, performance.timeOrigin + performance.now()]);
    after.port2.postMessage(0);
  });
}).observe(document, {childList: true, subtree: true, characterData: true, attributes: true});
"""


def home_of(place: int) -> Home:
    """Return the home from which the call of this place comes."""
    return Home(1 + place % HOMES // 60, 1 + place % 60 // 30, 101 + place % 30)


def number_of(place: int) -> str:
    return f"1380013{place % HOMES:04}"


def memory_kb(pid: int) -> int:
    """Return what this process holds in memory that no other shares (proportional set size)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def cpu_s(pid: int) -> float:
    """Return the seconds of a processor that this process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def fill(url: str, agents: int, history: int) -> None:
    """Write down accounts, homes with a matter each, and a past."""
    assert ALL_ROOMS
    database, clock = Database(url), SystemClock()
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    for place in range(agents):
        await add_user(database, f"agent{place}", Role.AGENT, str(8001 + place), PASSWORD, passwords=CHEAP)
    async with database.begin() as session:
        for place in range(HOMES):
            home = await add_home(session, home_of(place))
            number = PhoneNumber.parse(number_of(place))
            assert number is not None
            await add_resident(session, home, f"张{place}", title=Title.MR, numbers=[number])
            await add_matter(session, home, MatterKind.REPAIR, "厨房水管漏水", opened=clock.now())
    blank = {
        "state": "ended", "direction": "inbound", "caller_name": "", "dialled": "96000", "notice_version": "",
        "recording": "", "menu_path": [], "without_service": "", "queue": "", "rings": [], "agent": "8001",
        "hangup_cause": 16, "outcome": "answered", "oddities": [], "look_up": "",
    }  # fmt: skip
    for first in range(0, history, 5_000):
        async with database.begin() as session:
            rows = [
                blank
                | {
                    "id": f"1{first + place:09}.1",
                    "caller_number": number_of(first + place),
                    "ring_start": clock.now() - timedelta(minutes=20 * (first + place)),
                }
                for place in range(min(5_000, history - first))
            ]
            await session.execute(insert(CallTable), rows)
    await database.close()


class NoRecordings:
    """Nothing is recorded here."""

    def ring(self) -> None: ...


class BenchLedger:
    """Writes calls as the ledger does, in one transaction each, and says so on the bus."""

    def __init__(self, database: Database, bus: Bus, clock: SystemClock) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._heard: asyncio.Queue[CallRecord] = asyncio.Queue(10_000)
        self._calls: dict[str, CallRecord] = {}

    def take(self, happened: AmiEvent) -> None:
        if isinstance(happened, Newchannel) and happened.uniqueid == happened.linkedid:
            self._calls[happened.linkedid] = CallRecord(
                id=happened.linkedid, state=CallState.WAITING, caller_number=happened.caller_number, dialled="96000",
                ring_start=self._clock.now(), queued_at=self._clock.now(), queue="repair", request="repair",
                menu_path=("1",),
            )  # fmt: skip
            self._heard.put_nowait(self._calls[happened.linkedid])
        elif isinstance(happened, Hangup) and happened.uniqueid in self._calls:
            call = self._calls.pop(happened.uniqueid)
            ended = {"state": CallState.ENDED, "ended_at": self._clock.now(), "outcome": Outcome.ABANDONED_QUEUE}
            self._heard.put_nowait(CallRecord(**{name: getattr(call, name) for name in call.__slots__} | ended))

    async def run(self) -> None:
        while True:
            call = await self._heard.get()
            async with self._database.begin() as session:
                await save_call(session, call)
            self._bus.publish(Change(Subject.CALL, call.id))

    def ring(self) -> None: ...

    def lost(self, *_: object) -> None: ...

    def held(self, **_: object) -> None: ...


class StampedListener(Listener):
    """The listener, which also writes down when it had read that an agent's phone is rung."""

    stamps: "dict[str, float]"
    bench: BenchLedger

    def _hear(self, event: AmiEvent) -> None:
        if isinstance(event, Newchannel) and event.uniqueid != event.linkedid:
            self.stamps[event.linkedid] = NOW().timestamp() * 1000
        self.bench.take(event)
        super()._hear(event)


async def desk(url: str, web_port: int, ami_port: int, stamps: Path) -> None:
    """Run the desk until it is ended; then leave the moments behind."""
    sys.setswitchinterval(THREADS_TURN_S)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    database, bus, clock = Database(url), Bus(), SystemClock()
    ledger = BenchLedger(database, bus, clock)
    client = AmiClient(AmiSettings(port=ami_port, secret=SecretStr("x")), clock)
    listener = StampedListener(
        client=client, ledger=ledger, recordings=NoRecordings(), bus=bus, clock=clock, lease=4,  # type: ignore[arg-type]
        offers=Offers(lambda extension: bus.publish(Change(Subject.OFFER, extension))),
    )  # fmt: skip
    listener.stamps, listener.bench = {}, ledger

    async def readiness() -> list[object]:
        return []

    settings = WebSettings(port=web_port, session_key=SecretStr(KEY))
    rooms = WebRooms(
        settings=settings, centre="锦绣花园物业服务中心", database=database, bus=bus, clock=clock,
        accounts=Accounts(database, clock, passwords=CHEAP), board=lambda: listener.board, readiness=readiness,  # type: ignore[arg-type]
        recordings_directory=stamps.parent, offers=listener.offers,
    )  # fmt: skip
    try:
        async with asyncio.TaskGroup() as group:
            for name, work in (("ami", client.run()), ("listener", listener.run()), ("ledger", ledger.run())):
                group.create_task(work, name=name)
            group.create_task(serve(rooms, settings), name="web")
            group.create_task(_note(listener, stamps), name="stamps")
    finally:
        await database.close()


async def _note(listener: StampedListener, stamps: Path) -> None:
    while True:
        await asyncio.sleep(0.5)
        part = stamps.with_suffix(".part")
        part.write_text(json.dumps(listener.stamps))
        part.replace(stamps)


class Seats:
    """Everybody who is signed in, and when each was told of a call."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.offered: dict[str, float] = {}
        self.paced: dict[str, float] = {}
        self.shown_out = 0
        self.sessions: list[ClientSession] = []

    async def sign_in(self, place: int) -> ClientSession:
        session = ClientSession(self.origin, headers={"Origin": self.origin}, cookie_jar=CookieJar(unsafe=True))
        self.sessions.append(session)
        answer = await session.post(
            "/sign-in", data={"name": f"agent{place}", "password": PASSWORD}, allow_redirects=False
        )
        assert answer.status == 303, await answer.text()
        return session

    async def sit(self, session: ClientSession, ready: asyncio.Event) -> None:
        """Hold the socket and note what comes."""
        async with session.ws_connect("/api/v1/live", max_msg_size=0) as seat:
            async for message in seat:
                now = NOW().timestamp() * 1000
                if message.type is not WSMsgType.TEXT:
                    break
                told = message.data
                if told.startswith('{"type":"snapshot"'):
                    ready.set()
                elif told.startswith('{"type":"offer"'):
                    offer = json.loads(told)
                    if offer["offer"]["state"] == "ringing" and offer["pop"] and offer["pop"]["home"]:
                        self.offered.setdefault(offer["offer"]["call_id"], now)
                elif told.startswith('{"type":"call"'):
                    self.paced.setdefault(json.loads(told)["call"]["id"], now)
        self.shown_out += 1

    async def sleep_in(self, session: ClientSession) -> None:
        """Hold a socket and read nothing of it."""
        seat = await session.ws_connect("/api/v1/live")
        await seat.receive()
        connection = seat._response.connection  # noqa: SLF001
        assert connection is not None
        assert connection.transport is not None
        connection.transport.pause_reading()  # type: ignore[attr-defined]


async def call(peer: AmiPeer, place: int, began: int, extension: int) -> str:
    """Let one resident call and one phone ring for a while; return the call's id."""
    linkedid, leg = f"{began}.{place * 2}", f"{began}.{place * 2 + 1}"
    resident = {"Channel": f"PJSIP/carrier-{place:08x}", "Uniqueid": linkedid, "Linkedid": linkedid}
    phone = {"Channel": f"PJSIP/{extension}-{place:08x}", "Uniqueid": leg, "Linkedid": linkedid}
    at = {"Context": "waiting-room", "Exten": "s", "CallerIDName": "<unknown>", "Priority": 1}
    await peer.send(
        event("Newchannel", **resident, ChannelState=4, CallerIDNum=number_of(place), **at)
        + event(
            "Newstate", **resident, ChannelState=6, CallerIDNum=number_of(place), ConnectedLineNum="<unknown>", **at
        )
    )
    await asyncio.sleep(0.2)  # what the ledger has read of it is in SQL by then
    await peer.send(
        event("Newchannel", **phone, ChannelState=0, CallerIDNum=extension, **at)
        + event("Newstate", **phone, ChannelState=5, CallerIDNum=extension, ConnectedLineNum=number_of(place), **at)
    )
    await asyncio.sleep(RINGS_FOR_S)
    await peer.send(event("Hangup", **phone, Cause=0) + event("Hangup", **resident, Cause=16))
    return linkedid


def told(name: str, delays: list[float]) -> str:
    """Return p50, p99 and the worst of delays in milliseconds."""
    if len(delays) < 2:
        return f"{name}: {len(delays)} measured"
    cuts = quantiles(delays, n=100)
    return f"{name}: p50 {median(delays):.0f} ms, p99 {cuts[98]:.0f} ms, most {max(delays):.0f} ms ({len(delays)})"


async def run(arguments: argparse.Namespace) -> None:
    """Fill, open, call, measure."""
    directory = Path(tempfile.mkdtemp(prefix="hotline-bench-pop-"))
    url, stamps = f"sqlite+aiosqlite:///{directory / 'desk.db'}", directory / "stamps.json"
    child: asyncio.subprocess.Process | None = None
    seats: Seats | None = None
    try:
        await fill(url, arguments.agents, arguments.history)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            web_port = probe.getsockname()[1]
        async with an_ami_peer() as peer, async_playwright() as playwright:
            done = says("Response: Success", "Message: done")
            for action in ("Setvar", "QueueStatus", "CoreShowChannels", "Filter", "Events"):
                peer.answers[action] = done
            for action, last in (
                ("QueueStatus", "QueueStatusComplete"),
                ("CoreShowChannels", "CoreShowChannelsComplete"),
            ):
                peer.answers[action] = says(
                    "Response: Success", "EventList: start", "", f"Event: {last}", "EventList: Complete", "ListItems: 0"
                )
            child = await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--desk", url, str(web_port), str(peer.port), str(stamps)
            )
            seats = Seats(f"http://127.0.0.1:{web_port}")
            await _until_open(web_port)
            await measure(arguments, peer, seats, child.pid, stamps, playwright)
    finally:
        if child is not None and child.returncode is None:
            child.terminate()
            await child.wait()
        for session in seats.sessions if seats else []:
            await session.close()
        shutil.rmtree(directory, ignore_errors=True)


async def measure(arguments, peer, seats, pid, stamps, playwright) -> None:  # type: ignore[no-untyped-def]
    """Sign everybody in, let calls come, and print what was seen."""
    sockets = arguments.agents - arguments.pages
    sessions = [await seats.sign_in(place) for place in range(sockets)]
    await asyncio.sleep(2)
    before = memory_kb(pid)
    async with asyncio.TaskGroup() as group:
        ready = [asyncio.Event() for _ in sessions]
        sitting = [group.create_task(seats.sit(*both)) for both in zip(sessions, ready, strict=True)]
        for each in ready:
            await each.wait()
        await asyncio.sleep(1)
        each = (memory_kb(pid) - before) / sockets
        print(f"memory: {each:.0f} kB a signed-in agent, {before / 1024:.0f} MB without any")
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"]
        )
        pages = []
        for place in range(sockets, arguments.agents):
            page = await (await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")).new_page()
            await page.add_init_script(WATCH)
            await page.goto(f"{seats.origin}/agent")
            await page.get_by_label("用户名").fill(f"agent{place}")
            await page.get_by_label("密码").fill(PASSWORD)
            await page.get_by_role("button", name="登录").click()
            await page.wait_for_selector('#freshness[data-is="live"]')
            pages.append(page)
        began, places = int(NOW().timestamp()), iter(range(10**9))
        parts, busy = {}, {}
        for name in ("all browsers read", "one browser does not read"):
            if name.startswith("one"):
                await seats.sleep_in(await seats.sign_in(0))
            used, at = cpu_s(pid), asyncio.get_running_loop().time()
            parts[name] = await calls(arguments, peer, began, places)
            busy[name] = (cpu_s(pid) - used) / (asyncio.get_running_loop().time() - at)
        await asyncio.sleep(2)
        stamped = json.loads(stamps.read_text())
        painted = [one for page in pages for one in await page.evaluate("painted")]
        await browser.close()
        for task in sitting:
            task.cancel()
    for name, made in parts.items():
        print(f"{name}, {arguments.agents} agents, {arguments.rate} calls a second, {len(made)} calls")
        print(f"  the desk's process used {busy[name]:.0%} of a core")
        offered = [seats.offered[one] - stamped[one] for one in made if one in seats.offered]
        paced = [seats.paced[one] - stamped[one] for one in made if one in seats.paced and one in stamped]
        print("  " + told("AMI event -> pop in a socket", offered))
        print("  " + told("AMI event -> pop painted in Chromium", on_screen(made, stamped, painted)))
        print(
            "  "
            + told(
                "the resident's call on the desk, at the hub's pace (from 0.2 s before)", [one + 200 for one in paced]
            )
        )
        missing = sum(1 for one, extension in made.items() if extension - 8001 < sockets and one not in seats.offered)
        print(f"  never told: {missing}; sockets shown out: {seats.shown_out}; load {os.getloadavg()[0]:.1f}")


def on_screen(made: dict[str, int], stamped: dict[str, float], painted: list[tuple[str, float]]) -> list[float]:
    """Return for each call that a page showed how long that took: the first painting of its home after the event."""
    delays = []
    for one in made:
        home, at = home_of(int(one.split(".")[1]) // 2).label, stamped.get(one)
        if at is None:
            continue
        after = [moment - at for label, moment in painted if label == home and 0 <= moment - at < RINGS_FOR_S * 1000]
        delays += after[:1]
    return delays


async def calls(arguments: argparse.Namespace, peer: AmiPeer, began: int, places: "object") -> dict[str, int]:
    """Let calls come at the rate for half of the time; return which rang where."""
    made: dict[str, int] = {}
    loop, count = asyncio.get_running_loop(), arguments.rate * arguments.seconds // 2
    async with asyncio.TaskGroup() as group:
        start = loop.time()
        for number in range(count):
            await asyncio.sleep(max(0.0, start + number / arguments.rate - loop.time()))
            place = next(places)  # type: ignore[call-overload]
            extension = 8001 + place % arguments.agents
            made[f"{began}.{place * 2}"] = extension
            group.create_task(call(peer, place, began, extension))
    return made


async def _until_open(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--desk"]:
        asyncio.run(desk(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), Path(sys.argv[5])))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        for name, value in (("agents", 50), ("pages", 4), ("rate", 10), ("seconds", 60), ("history", 50_000)):
            parser.add_argument(f"--{name}", type=int, default=value)
        asyncio.run(run(parser.parse_args()))
