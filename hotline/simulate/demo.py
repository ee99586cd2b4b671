"""The demo call: a recorded resident rings the running desk, a scripted agent answers, every step is told.

Nothing is acted for the telling: the call is real SIP and real sound, and each line is read from the database.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hotline.calls.cadence import is_within_three_rings
from hotline.calls.ledger import CallRecord
from hotline.calls.store import calls_page
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.page_phone_store import page_key_of
from hotline.dutylog.entry import KIND_IN_CHINESE, DutyEntry
from hotline.dutylog.store import entries_of
from hotline.errors import HotlineError
from hotline.install.health import page_address
from hotline.install.parts import Parts
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.settings import Settings
from hotline.simulate.scenario import Press, Say, Wait, agent, caller, registration
from hotline.simulate.sipp import Telephone, TelephoneFailed
from hotline.transcribe.store import StoredTranscript, TranscriptState, transcript_of
from hotline.transcribe.transcript import Side
from hotline.voice.prompts import read_prompts

SPEECH: Final = Path(__file__).parent / "speech"
DIALOGUE: Final = "repair-leak"
CALLER: Final = "13800138501"  # 张先生 of 3-2-501 in the demo data
NOT_ABOUT_THAT: Final = "2"  # the desk knows of yesterday's repair and offers its progress: this call is about another
KEY: Final = "1"  # repair
LED_ON: Final = "chosen-repair"
LISTENS: Final = 2.5  # seconds in which the caller is greeted by name and hears the offer begin
BETWEEN_KEYS: Final = 1.5
AGENT_RINGS: Final = 2.0
ALAW_SILENCE: Final = b"\xd5"
ALAW_RATE: Final = 8000
TRANSCRIPT_WITHIN: Final = timedelta(minutes=5)
LOOK_EVERY: Final = 0.2


class DemoFailed(HotlineError):
    """The demo call did not go the whole way; says which step is missing and where to look."""

    error_id = "demo-failed"


@dataclass(frozen=True, slots=True)
class Script:
    """What both sides do. Their speech starts together: the recorded dialogue was cut that way."""

    caller: list[Wait | Press | Say]
    agent: list[Wait | Press | Say]
    seconds: float


def script(prompts: dict[str, float], silence: Path) -> Script:
    """Return what caller and agent do; `prompts` are the prompts' lengths in seconds."""
    talk = _alaw_seconds(SPEECH / f"{DIALOGUE}.caller.al")
    before_key = prompts["greeting"] + prompts["recording-notice"] + LISTENS
    silence.write_bytes(ALAW_SILENCE * int(before_key * ALAW_RATE))
    led_on = prompts[LED_ON]
    return Script(
        caller=[
            Say(silence, before_key),  # the switch listens to keys once it has heard sound
            Press(NOT_ABOUT_THAT),
            Say(silence, BETWEEN_KEYS),
            Press(KEY),
            Wait(led_on + AGENT_RINGS),
            Say(SPEECH / f"{DIALOGUE}.caller.al", talk),
            Wait(2.0),
        ],
        agent=[Say(SPEECH / f"{DIALOGUE}.agent.al", talk)],
        seconds=before_key + BETWEEN_KEYS + led_on + AGENT_RINGS + talk,
    )


class DemoCall:
    """One demo call on a running system."""

    def __init__(
        self, settings: Settings, parts: Parts, database: Database, clock: Clock, say: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._sipp = parts.command("sipp")
        self._database = database
        self._clock = clock
        self._say = say
        self._directory = Path()

    async def run(self) -> None:
        """Place the call and tell its way to the duty log. Raises DemoFailed or TelephoneFailed."""
        with TemporaryDirectory(prefix="hl-demo-") as place:  # a scenario holds a password: it does not stay
            self._directory = Path(place)
            await self._place()

    async def _place(self) -> None:
        extension = self._settings.sip.agents[0]
        password = await self._password(extension)
        agent_phone, caller_phone = self._telephone("agent"), self._telephone("caller")
        lengths = {prompt.id: prompt.seconds for prompt in read_prompts(self._settings.sounds_directory)}
        plan = script(lengths, self._directory / "silence.al")
        sign_in = registration(extension=extension, contact_port=agent_phone.port, password=password)
        await agent_phone.call(sign_in, limit=10)
        self._say(f"agent {extension} signed in; a resident's telephone dials {self._settings.sip.hotline_number}")
        began = self._clock.now()
        limit = plan.seconds + 60
        agent_side = agent(plan.agent, rings_for=AGENT_RINGS, hangs_up=False)
        caller_side = caller(plan.caller, number=CALLER, dialled=self._settings.sip.hotline_number, hangs_up=True)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(agent_phone.call(agent_side, limit=limit), name="agent")
                tasks.create_task(caller_phone.call(caller_side, limit=limit), name="caller")
                watching = tasks.create_task(self._watch(began, timedelta(seconds=limit)), name="watch")
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
        finally:
            sign_out = registration(extension=extension, contact_port=agent_phone.port, password=password, lasts=0)
            with suppress(TelephoneFailed):  # what went wrong before is what is told
                await agent_phone.call(sign_out, limit=10)
        await self._tell_end(watching.result())

    async def _password(self, extension: str) -> str:
        own = self._settings.sip.passwords[extension].get_secret_value()
        async with self._database.read() as session:
            page = await page_key_of(session, extension)
        return own if page is None else page.password(own)  # somebody is at a page with it: the phone is taken over

    def _telephone(self, name: str) -> Telephone:
        return Telephone(self._sipp, switch_port=self._settings.sip.port, directory=self._directory, name=name)

    async def _watch(self, began: datetime, limit: timedelta) -> CallRecord:
        """Tell each change of the call until it ends."""
        told: set[str] = set()
        while self._clock.now() < began + limit:
            async with self._database.read() as session:
                found = await calls_page(session, since=began - timedelta(seconds=1), number=CALLER, limit=1)
            for call in found:
                for line, at in _steps(call):
                    if line not in told:
                        told.add(line)
                        self._say(f"{_offset(call, at)}  {line}")
                if call.ended_at is not None:
                    return call
            await asyncio.sleep(LOOK_EVERY)
        raise DemoFailed(f"the call did not reach the ledger: see {self._settings.home / 'logs' / 'serve.log'}")

    async def _tell_end(self, call: CallRecord) -> None:
        if call.outcome != "answered" or call.answer_wait is None or not is_within_three_rings(call.answer_wait):
            raise DemoFailed(f"the call ended as {call.outcome}, not answered by a human within the promise")
        transcript = await self._transcript(call)
        async with self._database.read() as session:
            recording = await recording_of(session, call.id, self._settings.recordings_directory)
            entries = await entries_of(session, call.id)
        if recording is None or recording.state is not RecordingState.FINISHED:
            raise DemoFailed("both sides should be recorded and are not")
        self._say(f"recorded: both sides, {recording.seconds:.1f} s each, below {self._settings.recordings_directory}")
        self._say(f"written down by {transcript.engine} ({transcript.model}), {len(transcript.turns)} turns:")
        for turn in transcript.turns:
            who = "住户" if turn.side is Side.CALLER else "坐席"
            self._say(f"    {_minutes(turn.start)} {who}: {turn.text}")
        if not entries or not {turn.side for turn in transcript.turns} == set(Side):
            raise DemoFailed("the duty log should have an entry with both sides' words and has not")
        self._say("the duty log has it as:")
        for line in _entry_lines(entries[0]):
            self._say(f"    {line}")
        self._say(f"page: {page_address(self._settings)}/calls/{call.id}")

    async def _transcript(self, call: CallRecord) -> StoredTranscript:
        until = self._clock.now() + TRANSCRIPT_WITHIN
        asked = self._clock.monotonic()
        while self._clock.now() < until:
            async with self._database.read() as session:
                found = await transcript_of(session, call.id)
            if found is not None and found.state is TranscriptState.DONE:
                self._say(f"transcript there {self._clock.monotonic() - asked:.1f} s after the hang-up")
                return found
            if found is not None and found.state is TranscriptState.FAILED:
                raise DemoFailed(f"the recording could not be written down: {found.reason}")
            await asyncio.sleep(LOOK_EVERY)
        raise DemoFailed(
            f"no transcript within {TRANSCRIPT_WITHIN}: is a speech model there? run: python -m hotline doctor;"
            f" see {self._settings.home / 'logs' / 'worker.log'}"
        )


def _steps(call: CallRecord) -> list[tuple[str, datetime]]:
    """Return what has happened, each with its moment."""
    steps = [
        ("ringing at the switch", call.ring_start),
        (f"lifted by the switch, after {call.rings_heard} ring(s)", call.switch_answer),
        (f"the menu has the number as {call.look_up}", call.menu_entered_at if call.look_up else None),
        (f"both sides are being recorded (notice {call.notice_version})", call.recording_start),
        (f"menu: key {' '.join(call.menu_path) or '-'}; waiting in queue {call.queue}", call.queued_at),
        *((f"agent {ring.agent}'s phone rings", ring.began) for ring in call.rings),
        (f"agent {call.agent} lifts: a human voice {_seconds(call.human_wait)} after ring start", call.human_answer),
        (f"ended: {call.outcome}, talked {_seconds(call.talk_time)}", call.ended_at),
    ]
    return [(line, at) for line, at in steps if at is not None]


def _entry_lines(entry: DutyEntry) -> list[str]:
    rows: list[tuple[str, Any]] = [
        ("编号", f"{entry.number} ({'草稿' if entry.state == 'draft' else '已确认'})"),
        ("类别", KIND_IN_CHINESE[entry.kind] + ("  紧急" if entry.is_urgent else "")),
        ("住户", f"{entry.who or '未知'}  {entry.home}"),
        ("事由", entry.matter.replace("\n", " / ")),
        ("承诺", entry.promised.replace("\n", " / ")),
        ("坐席", entry.agent),
    ]
    return [f"{name}: {value}" for name, value in rows]


def _offset(call: CallRecord, at: datetime) -> str:
    return f"{(at - (call.ring_start or at)).total_seconds():6.2f} s"


def _minutes(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 60:02}:{seconds % 60:02}"


def _seconds(span: timedelta | None) -> str:
    return "-" if span is None else f"{span.total_seconds():.1f} s"


def _alaw_seconds(path: Path) -> float:
    return path.stat().st_size / ALAW_RATE
