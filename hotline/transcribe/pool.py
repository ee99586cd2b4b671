"""Run the recogniser in a process of its own, one leg at a time.

A recogniser is C++ that may abort, grow or hang; here that costs one leg and never the worker. The process is started
by the first leg, renewed after so many legs, and ended when it dies, is too slow, or its work is cancelled.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import suppress
from datetime import timedelta
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import structlog

from hotline.settings import TranscribeSettings
from hotline.transcribe import child
from hotline.transcribe.audio import LegFile
from hotline.transcribe.child import Loaded
from hotline.transcribe.engines import choose_engine
from hotline.transcribe.errors import (
    NotLoaded,
    RecogniserDied,
    RecogniserFailed,
    RecogniserTooSlow,
    RecordingUnreadable,
)
from hotline.transcribe.recogniser import Recogniser
from hotline.transcribe.transcript import Side, Transcript, Unheard, Word, conversation

LOAD_WITHIN: Final = timedelta(minutes=3)  # a model of 300 MB from a slow disk on a busy machine
END_WITHIN: Final = timedelta(seconds=10)
A = TypeVar("A")
T = TypeVar("T")
log = structlog.get_logger()


class Pool:
    """Writes recordings down. One lives in the worker; use it as `async with`, or call `close`.

    `make` builds the recogniser in its process and is pickled on its way there: an `engines.Engine`, or a function of a
    module. `timeout` is for one leg.
    """

    def __init__(self, make: Callable[[], Recogniser], *, files_per_process: int, timeout: timedelta) -> None:
        self._make = make
        self._files_per_process = files_per_process
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._executor: ProcessPoolExecutor | None = None
        self._process: BaseProcess | None = None
        self._loaded: Loaded | None = None
        self._heard = 0

    async def transcribe(self, caller: LegFile, agent: LegFile | None) -> Transcript:
        """Return the conversation of one recording; waits its turn behind earlier ones.

        A leg that cannot be read is named in `unheard` while the other one is written down. Raises
        RecordingUnreadable when no leg can be read, RecogniserDied, RecogniserTooSlow or RecogniserFailed (NotLoaded
        when no leg was to blame); the next call gets a new process.
        """
        files = {Side.CALLER: caller} | ({Side.AGENT: agent} if agent else {})
        heard: dict[Side, list[Word]] = {}
        faults: dict[Side, RecordingUnreadable] = {}
        by = Loaded(engine="", model="", version="")
        for side, file in files.items():
            try:
                by, heard[side] = await self._hear(file)
            except RecordingUnreadable as fault:
                faults[side] = fault
        if not heard:
            raise next(iter(faults.values()))
        return Transcript(
            turns=conversation(heard.get(Side.CALLER, ()), heard.get(Side.AGENT, ())),
            engine=by.engine,
            model=by.model,
            version=by.version,
            unheard=tuple(Unheard(side=side, error_id=fault.error_id, why=fault.why) for side, fault in faults.items()),
        )

    async def close(self) -> None:
        """End the process; a leg being heard is given up."""
        await self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _hear(self, file: LegFile) -> tuple[Loaded, list[Word]]:
        async with self._turn:
            if self._process is not None and connection.wait([self._process.sentinel], timeout=0):
                await self._end()  # it died while idle, which costs no leg
            loaded = self._loaded or await self._start()
            heard = await self._ask(child.hear, file, within=self._timeout)
            log.info(
                "leg heard",
                engine=loaded.engine,
                model=loaded.model,
                audio_s=round(heard.audio_seconds, 1),
                cpu_s=round(heard.cpu_seconds, 2),
                words=len(heard.words),
            )
            self._heard += 1
            if self._heard >= self._files_per_process:
                log.info("recogniser renewed", after_legs=self._heard)
                await self._end()
            return loaded, heard.words

    async def _start(self) -> Loaded:
        others = set(multiprocessing.active_children())
        spawn = multiprocessing.get_context("spawn")  # a fork would copy the worker's loop, sockets and locks
        self._executor = ProcessPoolExecutor(1, mp_context=spawn, initializer=child.settle_in)
        self._heard = 0
        try:
            self._loaded = await self._ask(child.load, self._make, within=LOAD_WITHIN, others=others)
        except (RecogniserDied, RecogniserFailed, RecogniserTooSlow) as wrong:
            raise NotLoaded(str(wrong)) from None
        return self._loaded

    async def _ask(
        self, task: Callable[[A], T], argument: A, *, within: timedelta, others: set[BaseProcess] | None = None
    ) -> T:
        """Have the process do one thing; unless it did it, or refused with an error of ours, the process is ended."""
        assert self._executor is not None  # noqa: S101 - _start made it
        answered = False
        try:
            async with asyncio.timeout(within.total_seconds()):
                work = self._executor.submit(task, argument)
                if others is not None:  # the first task is what starts the process
                    self._process = next(iter(set(multiprocessing.active_children()) - others), None)
                result = await asyncio.wrap_future(work)
            answered = True
        except TimeoutError:
            what = "loading the model" if task is child.load else "a leg"
            raise RecogniserTooSlow(
                f"{what} took longer than {within}: give it transcribe.threads, or raise transcribe.timeout"
            ) from None
        except BrokenExecutor:
            raise RecogniserDied(
                "the recogniser's process ended by itself: look for 'out of memory' in the machine's log;"
                " the next leg gets a new process"
            ) from None
        except RecordingUnreadable:
            answered = True
            raise
        finally:
            if not answered:
                await self._end()
        return result

    async def _end(self) -> None:
        executor, process = self._executor, self._process
        self._executor = self._process = self._loaded = None
        if process is not None:
            process.kill()  # it holds nothing that anybody needs
        if executor is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(END_WITHIN.total_seconds()):
                    await asyncio.shield(asyncio.to_thread(executor.shutdown, cancel_futures=True))


def open_pool(settings: TranscribeSettings, models: Path) -> Pool:
    """Return a pool for the engine that is set. Raises NoModel."""
    return Pool(
        choose_engine(settings, models),
        files_per_process=settings.files_per_process,
        timeout=timedelta(seconds=settings.timeout),
    )
