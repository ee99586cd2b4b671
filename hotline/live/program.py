"""`python -m hotline live`: loads the recogniser, takes the switch's streams, passes on what it hears.

A process of its own, because a recogniser holds hundreds of megabytes and the service may not stop: killed or stuck,
it takes nothing along but the live words of the talks it heard.
"""

import asyncio
import json
import os
import wave
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from hotline.centre.service import Stamped
from hotline.clock import Clock, SystemClock
from hotline.database import Database
from hotline.jobs import Jobs
from hotline.live.alarms import Alarms
from hotline.live.danger import DangerTable
from hotline.live.danger_file import DangerFileRefused, read_danger_file
from hotline.live.frames import BYTES_PER_SECOND, RATE
from hotline.live.hearing import BITE, Hearing
from hotline.live.legs import LiveLeg, Presence
from hotline.live.line import ORDERS, WORDS, LiveLine
from hotline.live.server import LegServer
from hotline.live.store import AlertWord
from hotline.live.talk import LiveTurn, Talks
from hotline.settings import SHIPPED_DANGER, LiveSettings, Settings
from hotline.transcribe.engines import Engine, choose_engine
from hotline.transcribe.errors import NoModel
from hotline.transcribe.recogniser import LiveRecogniser

log = structlog.get_logger()

LOOK_FOR_A_MODEL_EVERY: Final = 60.0
SIGN_OF_LIFE_EVERY: Final = 1.0
MEGABYTE: Final = 1_000_000
LEGS_OF_A_TALK: Final = 2
WARMED_BY: Final = 12 * BYTES_PER_SECOND


async def run(settings: Settings, clock: Clock | None = None) -> None:
    """Hear until cancelled, or until the process is worn and nobody is heard: supervisord starts it anew.

    Raises CentreDiffers: what is heard is written into no other centre's database.
    """
    clock = clock or SystemClock()
    database, jobs, line = Database(settings.database_url), Jobs(settings.redis_url), LiveLine(settings.redis_url)
    try:
        stamped = Stamped(database, settings.centre, clock)
        await stamped.ask()
        engine = await _engine(settings)
        danger = await asyncio.to_thread(_danger, settings, engine.language)
        recogniser = await asyncio.to_thread(_load, engine.directory, settings.sounds_directory)
        log.info("live words: ready", model=engine.model, legs=settings.live.legs, danger_words=len(danger.words))
        with ThreadPoolExecutor(settings.live.threads, thread_name_prefix="ears") as threads:
            alarms = Alarms(database, jobs.tell)
            await Listener(settings, clock, alarms, line, threads, stamped=stamped).run(recogniser, danger)
    finally:
        await line.close()
        await jobs.close()
        await database.close()


class Listener:
    """The parts of the running program, wired."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        alarms: Alarms,
        line: LiveLine,
        threads: ThreadPoolExecutor,
        *,
        stamped: Stamped,
    ) -> None:
        self._settings, self._clock, self._line, self._threads = settings.live, clock, line, threads
        self._sip = settings.sip
        self._alarms, self._stamped = alarms, stamped
        self._talks = Talks()  # to be said once more to a service that comes later
        self._wishes = asyncio.Event()

    async def run(self, recogniser: LiveRecogniser, danger: DangerTable) -> None:
        """Hear until cancelled or worn. Raises LivePortTaken, and in a group CentreDiffers."""

        def begin(leg: LiveLeg) -> Hearing:
            return Hearing(
                leg,
                clock=self._clock,
                recogniser=recogniser,
                threads=self._threads,
                danger=danger,
                tell=self._tell,
                alarm=lambda leg, word, at: self._alarms.raise_for(
                    AlertWord(call_id=leg.call_id, word=word, side=leg.side, at=at)
                ),
            )

        host, port = str(self._sip.host), self._sip.audiosocket_port
        server = LegServer(host, port, most=self._settings.legs, admit=self._line.admit, begin=begin)
        with suppress(_Worn):
            await self._work(server)

    async def _work(self, server: LegServer) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(server.run(), name="live-server")
                tasks.create_task(self._raise_alarms(), name="alarms")
                tasks.create_task(self._line.hear(ORDERS, lambda data: self._obey(server, data), begun=_nothing))
                tasks.create_task(self._repeat(), name="repeat")
                tasks.create_task(self._say_presence(server), name="presence")
        except* _Worn:
            log.info("live words: the process has grown, and starts anew", limit_mb=self._settings.memory_mb)

    async def _raise_alarms(self) -> None:
        """Write what is alarming, once it is known whose database it is. Raises CentreDiffers."""
        await self._stamped.run()
        await self._alarms.run()

    async def _tell(self, turn: LiveTurn) -> None:
        self._talks.take(turn)
        await self._line.say(WORDS, json.dumps(turn.to_json()))

    def _obey(self, server: LegServer, data: bytes) -> None:
        with suppress(ValueError, AttributeError):
            order = json.loads(data)
            if call_id := order.get("stop"):
                server.stop(str(call_id))
                self._talks.shut(str(call_id)) if order.get("refused") else None
            if order.get("again"):
                self._wishes.set()

    async def _repeat(self) -> None:
        while True:
            await self._wishes.wait()
            self._wishes.clear()
            for call_id in self._talks.calls:
                for turn in self._talks.said(call_id):
                    await self._line.say(WORDS, json.dumps(turn.to_json()))

    async def _say_presence(self, server: LegServer) -> None:
        await server.listening.wait()
        while True:
            legs = server.legs
            await self._line.say(WORDS, Presence(server.free, frozenset(leg.channel for leg in legs)).to_json())
            heard = {leg.call_id for leg in legs}
            for call_id in self._talks.calls:
                if call_id not in heard:
                    self._talks.forget(call_id)
            if not legs and _memory_mb() > self._settings.memory_mb:
                raise _Worn
            await asyncio.sleep(SIGN_OF_LIFE_EVERY)


class _Worn(Exception):
    """The process has grown past its limit, and nobody is heard."""


async def _engine(settings: Settings) -> Engine:
    """Return the Vosk model that is set; without one say so once and wait for it: calls do not need us."""
    is_told = False
    while True:
        try:
            return live_engine(settings.live, settings.parts.models)
        except NoModel as missing:
            if not is_told:
                log.error("no live words: no Vosk model is at hand", what_to_do=str(missing))
            is_told = True
        await asyncio.sleep(LOOK_FOR_A_MODEL_EVERY)


def live_engine(settings: LiveSettings, models: Path) -> Engine:
    """Return the Vosk model for live words: the one that is set, else the first for calls. Raises NoModel."""
    from hotline.settings import TranscribeSettings  # noqa: PLC0415

    return choose_engine(TranscribeSettings(engine="vosk", model=settings.model, threads=settings.threads), models)


def _danger(settings: Settings, language: str) -> DangerTable:
    file = settings.danger_file
    try:
        table = read_danger_file(file, language)
    except DangerFileRefused as wrong:
        if file == SHIPPED_DANGER:
            raise
        log.error("the words of danger are refused: the shipped ones are listened for", reason=str(wrong))
        table = read_danger_file(SHIPPED_DANGER, language)
    if not table.words:
        log.error("no words of danger for this language: talks raise no alarm", language=language, file=str(file))
    return table


def _load(directory: Path, prompts: Path) -> LiveRecogniser:
    from hotline.transcribe.vosk_engine import VoskLive  # noqa: PLC0415 - 0.5 s and 100 MB: not while we only wait

    recogniser = VoskLive(directory, RATE)
    _warm(recogniser, prompts)
    return recogniser


def _warm(recogniser: LiveRecogniser, prompts: Path) -> None:
    """Let the ears of the first talk hear our own prompts: cold ones need a second and more for the first words."""
    sounds: list[bytes] = []
    for file in sorted(prompts.glob("*.wav")):
        with wave.open(str(file)) as prompt:
            if prompt.getframerate() == RATE and sum(map(len, sounds)) < WARMED_BY:
                sounds.append(prompt.readframes(prompt.getnframes()))
    whole = b"".join(sounds)
    resting = [recogniser.ears() for _ in range(LEGS_OF_A_TALK)]
    for ears in resting:
        for place in range(0, len(whole), BITE):
            ears.hear(whole[place : place + BITE])
        ears.finish()
        recogniser.give_back(ears)


def _memory_mb() -> float:
    """Return what this process holds in memory now."""
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def _nothing() -> None:
    pass
