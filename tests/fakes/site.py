"""A whole installation of its own for the Asterisk ring: free ports, own home, real programs, all stopped afterwards.

Not a fake: it runs what `scripts/up` runs (without supervisord, so that a test may kill or stop one program at will).
"""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from hotline.bus import Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import calls_page
from hotline.clock import SystemClock
from hotline.database import Database
from hotline.followups.follow_up import FollowUp
from hotline.followups.reading_store import follow_ups_page
from hotline.install.parts import Parts
from hotline.install.pbx import write_configuration
from hotline.install.processes import programs
from hotline.install.secrets import write_secrets
from hotline.jobs import Jobs
from hotline.migrations import migrate
from hotline.phone import PhoneNumber
from hotline.queues.membership import Skill
from hotline.queues.store import set_skills
from hotline.roster.duty import DutyContact, DutyTurn
from hotline.roster.store import replace_turns
from hotline.settings import SHIPPED_MENUS, Settings, read_settings
from hotline.settings.whole import PORTS_A_CALL
from hotline.simulate.scenario import Step, agent, agent_who_does_not_answer, caller, registration
from hotline.simulate.sipp import Heard, Telephone

T = TypeVar("T")
RTP_PORTS = 200


def free_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_udp_range(count: int) -> int:
    """Return the first of `count` UDP ports, the two ends of which are free."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as low,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as up,
        ):
            low.bind(("127.0.0.1", 0))
            first = low.getsockname()[1]
            if first + count > 65_000 or first % 2:  # Asterisk wants an even one to begin with
                continue
            try:
                up.bind(("127.0.0.1", first + count))
            except OSError:
                continue
            return first


def lifted_after(heard: list[Heard]) -> float:
    """Return the seconds from the INVITE to the switch's 200 OK, by the caller's own clock."""
    answer = next(message.at for message in heard if message.line.startswith("SIP/2.0 200"))
    return (answer - heard[0].at).total_seconds()


def _number(text: str) -> PhoneNumber:
    number = PhoneNumber.parse(text)
    assert number is not None
    return number


def ended(call: CallRecord) -> bool:
    return call.state is CallState.ENDED


def wire_seconds(heard: list[Heard], line: str) -> float:
    """Return when a message beginning so was first seen, in seconds after the telephone's first message."""
    return (next(message.at for message in heard if message.line.startswith(line)) - heard[0].at).total_seconds()


class Site:
    """One running installation."""

    def __init__(self, **settings: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="hl-"))  # short: a socket's path may have 107 bytes
        first = free_udp_range(RTP_PORTS)
        # Plain telephones, unless a test is about the page's: the switch has no WebRTC to offer them.
        desk = f"{settings.get('HOTLINE_SIP_AGENTS', '8001,8002')},{settings.get('HOTLINE_SIP_SUPERVISORS', '8901')}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")},
            "HOTLINE_HOME": str(self.home),
            "HOTLINE_WEB_PORT": str(free_tcp_port()),
            "HOTLINE_AMI_PORT": str(free_tcp_port()),
            "HOTLINE_AGI_PORT": str(free_tcp_port()),
            "HOTLINE_SIP_PORT": str(free_tcp_port()),
            "HOTLINE_SIP_SIGNALLING_PORT": str(free_tcp_port()),
            "HOTLINE_SIP_AUDIOSOCKET_PORT": str(free_tcp_port()),
            "HOTLINE_SIP_RTP_FROM": str(first),
            "HOTLINE_SIP_RTP_TO": str(first + RTP_PORTS),
            "HOTLINE_ANSWERING_MOST_CALLS": str(RTP_PORTS // PORTS_A_CALL),
            "HOTLINE_SIP_TRUNK": f"127.0.0.1:{free_tcp_port()}",
            "HOTLINE_RECORDING_MIN_FREE_MB": "0",
            "HOTLINE_SIP_DESK_PHONES": desk,
            **settings,
        }
        self.settings = self._read()
        self.parts = Parts(self.settings.parts.directory)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.database = Database(self.settings.database_url)
        self.clock = SystemClock()

    def _read(self) -> Settings:
        return read_settings({name: value for name, value in self.environment.items() if name.startswith("HOTLINE_")})

    async def set_up(self) -> None:
        """Write what scripts/up writes, and migrate; start nothing."""
        write_secrets(self.settings)
        self.settings = self._read()
        for name in ("run", "logs", "redis"):
            (self.home / name).mkdir(mode=0o700, exist_ok=True)
        write_configuration(self.settings, self.parts)
        self.keep_hours("00:00-24:00")  # whatever the time of day a test runs at
        await asyncio.to_thread(migrate, self.settings.database_url)

    def keep_hours(self, hours: str) -> None:
        """Write the shipped menus with other hours; "closed" is open for one minute only, twelve hours away."""
        if hours == "closed":
            far = self.clock.now().astimezone(ZoneInfo(self.settings.centre.time_zone)) + timedelta(hours=12)
            hours = f"{far:%H:%M}-{far + timedelta(minutes=1):%H:%M}"
        shipped = SHIPPED_MENUS.read_text()
        assert 'every_day = "09:00-18:00"' in shipped
        (self.home / "menus.toml").write_text(shipped.replace('every_day = "09:00-18:00"', f'every_day = "{hours}"'))

    def start(self, *names: str) -> None:
        """Start programs by the names supervisord has for them; all, when none is named."""
        for program in programs(self.settings, self.parts):
            if names and program.name not in names:
                continue
            with (self.home / "logs" / f"{program.name}.log").open("ab") as log:
                self.processes[program.name] = subprocess.Popen(
                    program.command, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                    start_new_session=True, umask=0o077,
                )  # fmt: skip

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send one of our programs a signal; after SIGKILL it is also reaped."""
        process = self.processes[name]
        process.send_signal(number)
        if number is signal.SIGKILL:
            process.wait(10)

    async def ready(self, *, limit: float = 60) -> None:
        """Wait until the switch hears the service and the service is ready."""
        import aiohttp

        async def is_ready() -> bool:
            try:
                async with aiohttp.ClientSession() as http, http.get(self.url("/readyz")) as answer:
                    return answer.status == 200
            except aiohttp.ClientError:
                return False

        await self.eventually(is_ready, limit=limit, what="the service is ready")

    async def switch_ready(self, *, limit: float = 60) -> None:
        """Wait until the switch has booted; the service need not be there."""

        async def is_booted() -> bool:
            return "fully booted" in await asyncio.to_thread(self.console, "core waitfullybooted")

        await self.eventually(is_booted, limit=limit, what="the switch has booted")

    def console(self, command: str) -> str:
        """Say one command on the switch's own console."""
        configuration = self.home / "asterisk" / "etc" / "asterisk.conf"
        said = subprocess.run(
            [*self.parts.command("asterisk"), "-C", str(configuration), "-rx", command],
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip
        return said.stdout + said.stderr

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.settings.web.port}{path}"

    def telephone(self, name: str) -> Telephone:
        return Telephone(
            self.parts.command("sipp"), switch_port=self.settings.sip.port, directory=self.home / "phones", name=name
        )

    def outside(self) -> Telephone:
        """Return the telephone at the other end of the trunk: a duty mobile, a resident who is called back."""
        phone = self.telephone("outside")
        phone.port = int(self.settings.sip.trunk.rpartition(":")[2])
        return phone

    def keep_with_switch(self, key: str, value: str) -> None:
        """Write one value into the switch's own database, as the service does over AMI."""
        family, _, name = key.rpartition("/")
        assert "successfully" in self.console(f"database put {family} {name} {value}")

    async def on_duty(self, *chain: tuple[str, str, int]) -> None:
        """Put a chain (duty, number, seconds) on the roster for today, and wait until the switch holds it."""
        now = self.clock.now()
        day = (now - timedelta(hours=12), now + timedelta(hours=12))
        turns = [
            DutyTurn(
                starts=day[0], ends=day[1],
                contact=DutyContact(place=place, duty=duty, name="值班", number=_number(number), rings_for=rings_for),
            )
            for place, (duty, number, rings_for) in enumerate(chain, start=1)
        ]  # fmt: skip
        async with self.database.begin() as session:
            await replace_turns(session, now - timedelta(days=2), now + timedelta(days=2), turns)
        jobs = Jobs(self.settings.redis_url)
        await jobs.tell(Change(Subject.STAFFING))
        await jobs.close()

        async def holds_it() -> bool:
            held = await asyncio.to_thread(self.console, "database show duty")
            count = re.search(r"/duty/count\s*: (\d+)", held)
            return count is not None and int(count[1]) == len(chain) and all(one[1] in held for one in chain)

        await self.eventually(holds_it, limit=70, what="the switch holds the duty chain")

    async def has_skills(self, extension: str, *skills: str) -> None:
        """Say which skills an agent has, and wait until the switch's queues are so."""
        async with self.database.begin() as session:
            await set_skills(
                session, extension, [Skill(queue=skill) for skill in skills], by="test", at=self.clock.now()
            )
        jobs = Jobs(self.settings.redis_url)
        await jobs.tell(Change(Subject.STAFFING))
        await jobs.close()

        async def is_so() -> bool:
            shown = {
                skill: await asyncio.to_thread(self.console, f"queue show {skill}")
                for skill in self.settings.queues.skills
            }
            return all((f"PJSIP/{extension}" in text) == (skill in skills) for skill, text in shown.items())

        await self.eventually(is_so, limit=40, what="the switch's queues have the agents of the table")

    async def owed(self, call_id: str) -> list[FollowUp]:
        """Return what is owed for a call, once the ledger has written it."""
        async with self.database.read() as session:
            return [one for one in await follow_ups_page(session, limit=100) if one.call_id == call_id]

    async def sign_in_phone(self, extension: str, *, lasts: int = 600) -> Telephone:
        """Register an agent's phone; returns it ready to be called."""
        phone = self.telephone(f"agent-{extension}")
        await self.sign_phone(phone, extension, lasts=lasts)
        return phone

    async def sign_phone(self, phone: Telephone, extension: str, *, lasts: int) -> None:
        password = self.settings.sip.passwords[extension].get_secret_value()
        await phone.call(
            registration(extension=extension, contact_port=phone.port, password=password, lasts=lasts), limit=15
        )
        wanted = "Not in use" if lasts else "Unavailable"

        async def is_so() -> bool:
            return wanted in await asyncio.to_thread(self.console, f"pjsip show endpoint {extension}")

        await self.eventually(is_so, limit=10, what=f"the switch has the telephone as {wanted}")

    async def agent_answers(
        self, phone: Telephone, *steps: Step, rings_for: float = 1.0, hangs_up: bool = False, limit: float = 90
    ) -> list[Heard]:
        scenario = agent(steps, rings_for=rings_for, hangs_up=hangs_up, patience=limit)
        return await phone.call(scenario, limit=limit)

    async def agent_does_not_answer(self, phone: Telephone, *, limit: float = 90) -> list[Heard]:
        return await phone.call(agent_who_does_not_answer(patience=limit), limit=limit)

    async def calls_in(
        self,
        *steps: Step,
        number: str = "13800138501",
        hangs_up: bool = True,
        limit: float = 90,
        name: str = "",
        dialled: str = "",
        rfc4733: Path | None = None,
    ) -> list[Heard]:
        """Have a resident dial the hotline and do the steps once lifted."""
        scenario = caller(
            steps, number=number, name=name, dialled=dialled or self.settings.sip.hotline_number, hangs_up=hangs_up,
            rfc4733=rfc4733, patience=limit,
        )  # fmt: skip
        return await self.telephone("caller").call(scenario, limit=limit)

    def silence(self, seconds: float) -> Path:
        """Return a file of A-law silence so long."""
        path = self.home / f"silence-{seconds:g}.al"
        if not path.exists():  # another telephone may be reading it
            path.write_bytes(b"\xd5" * int(seconds * 8000))
        return path

    async def call_of(self, number: str, *, where: Callable[[CallRecord], bool], limit: float = 60) -> CallRecord:
        """Wait for the newest call that came from this number to be so."""

        async def found() -> CallRecord | None:
            newest = [call for call in await self.calls_from(number) if call.direction == "inbound"][:1]
            return next((call for call in newest if where(call)), None)

        try:
            return await self.eventually(found, limit=limit, what="the call is in the ledger as the test wants it")
        except AssertionError as wrong:
            raise AssertionError(f"{wrong}\n--- ledger\n{(await self.calls_from(number))[:1]}") from None

    async def calls_from(self, number: str) -> list[CallRecord]:
        async with self.database.read() as session:
            return await calls_page(session, number=number)

    async def eventually(self, look: Callable[[], Awaitable[T]], *, limit: float, what: str) -> T:
        """Look again and again until what is seen is true; fail with the programs' last words after `limit` seconds."""
        until = self.clock.monotonic() + limit
        while not (seen := await look()):
            if self.clock.monotonic() > until:
                raise AssertionError(f"not within {limit:g} s: {what}\n{self.last_words()}")
            await asyncio.sleep(0.1)
        return seen

    def last_words(self, names: Iterable[str] = ("serve", "worker", "asterisk")) -> str:
        texts = []
        for name in names:
            log = self.home / "logs" / f"{name}.log"
            if log.exists():
                texts.append(f"--- {name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]))
        switch = self.home / "asterisk" / "log" / "messages"
        if switch.exists():
            texts.append("--- switch\n" + "\n".join(switch.read_text(errors="replace").splitlines()[-15:]))
        return "\n".join(texts)

    def stands(self) -> str:
        """Say what is on the switch now and what the programs said last, for whoever reads of a failed test."""
        looks = ("core show channels concise", "queue show", "pjsip show contacts")
        try:
            return "\n".join([*(f"--- {one}\n{self.console(one)}" for one in looks), self.last_words()])
        except (OSError, subprocess.TimeoutExpired) as wrong:
            return f"{wrong!r}\n{self.last_words()}"

    async def clear_line(self) -> None:
        """Hang up whatever a test left on the switch: its resident would ring at the next one's phones."""

        async def is_clear() -> bool:
            await asyncio.to_thread(self.console, "channel request hangup all")
            return not await asyncio.to_thread(self.console, "core show channels concise")

        await self.eventually(is_clear, limit=20, what="nothing is on the switch")

    async def stop(self) -> None:
        """Stop every program we started, by its id, and remove the home."""
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self.processes.values():
            try:
                await asyncio.to_thread(process.wait, 10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        await self.database.close()
        if not os.environ.get("KEEP_SITES"):
            shutil.rmtree(self.home, ignore_errors=True)
