"""One leg: its sound waits in a bounded box, a thread hears it, what is said is passed on at once.

Sound that cannot be heard in time is dropped, the oldest first, and that is said once: the caller's call never waits
for us. Times are those of the sound, not of its hearing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

import structlog

from hotline.clock import Clock
from hotline.live.danger import DangerTable, DangerWatch
from hotline.live.frames import BYTES_PER_SECOND, RATE, SAMPLE_BYTES
from hotline.live.legs import LiveLeg
from hotline.live.talk import LiveTurn, placed
from hotline.transcribe.recogniser import Ears, Heard, LiveRecogniser

log = structlog.get_logger()

MOST_BEHIND: Final = 10 * BYTES_PER_SECOND  # sound that waits to be heard
BITE: Final = BYTES_PER_SECOND // 10  # heard at one time, at least: each look at what is said costs
LARGEST_BITE: Final = BYTES_PER_SECOND
GAP: Final = 0.3  # seconds without sound

Tell = Callable[[LiveTurn], Awaitable[None]]
Alarm = Callable[[LiveLeg, str, datetime], None]


class SoundBox:
    """The sound of one leg that is still to be heard; `put` never waits."""

    def __init__(self, most: int = MOST_BEHIND) -> None:
        self._most = most
        self._frames: deque[bytes] = deque()
        self._held = 0
        self._came = asyncio.Event()
        self._is_over = False
        self.dropped = 0  # bytes, so far

    def put(self, frame: bytes) -> None:
        """Take a frame; the oldest ones make room for it."""
        self._frames.append(frame)
        self._held += len(frame)
        while self._held > self._most:
            oldest = self._frames.popleft()
            self._held -= len(oldest)
            self.dropped += len(oldest)
        if self._held >= BITE:
            self._came.set()

    def drop(self) -> None:
        """Forget what is still to be heard, and say that nothing more comes."""
        self._frames.clear()
        self._held = 0
        self.end()

    def end(self) -> None:
        """Say that nothing more comes."""
        self._is_over = True
        self._came.set()

    async def take(self) -> bytes:
        """Return what is there, a bite at least; b"" once nothing more comes."""
        if not self._is_over:
            await self._came.wait()
        bite: list[bytes] = []
        size = 0
        while self._frames and size < LARGEST_BITE:
            bite.append(self._frames.popleft())
            size += len(bite[-1])
        self._held -= size
        if self._held < BITE and not self._is_over:
            self._came.clear()
        return b"".join(bite)


class Hearing:
    """Hears one leg from now to its last frame."""

    def __init__(
        self,
        leg: LiveLeg,
        *,
        clock: Clock,
        recogniser: LiveRecogniser,
        threads: ThreadPoolExecutor,
        danger: DangerTable,
        tell: Tell,
        alarm: Alarm,
    ) -> None:
        self.leg = leg
        self.sound = SoundBox()
        self._clock, self._began = clock, clock.now()
        self._recogniser, self._threads = recogniser, threads
        self._watch = DangerWatch(danger)
        self._tell, self._alarm = tell, alarm
        self._number = 0
        self._turn_began: datetime | None = None
        self._heard = 0  # bytes
        self._is_stopped = self._is_late_told = False

    def stop(self) -> None:
        """Hear no more and pass nothing on any more: the caller does not want it."""
        self._is_stopped = True
        self.sound.drop()

    async def run(self) -> None:
        """Hear until the sound ends, and pass on what is left. Ears that were interrupted are not used again."""
        loop = asyncio.get_running_loop()
        ears: Ears = await loop.run_in_executor(self._threads, self._recogniser.ears)
        while sound := await self._next():
            if self.sound.dropped and not self._is_late_told:
                self._is_late_told = True
                log.warning("a live leg is heard too slowly: sound is dropped", linkedid=self.leg.call_id)
            heard = await loop.run_in_executor(self._threads, ears.hear, sound)
            self._heard += len(sound)
            if heard is not None:
                await self._pass_on(heard)
        if (last := await loop.run_in_executor(self._threads, ears.finish)) is not None:
            await self._pass_on(last)
        self._recogniser.give_back(ears)
        log.info(
            "live leg over", linkedid=self.leg.call_id, side=self.leg.side.value,
            heard_s=round(self._heard / BYTES_PER_SECOND), dropped_s=round(self.sound.dropped / BYTES_PER_SECOND),
        )  # fmt: skip

    async def _next(self) -> bytes:
        """Return the next sound; b"" at the end.

        A telephone that sends none while nobody speaks is heard as silent: a turn ends, and the next word is said when
        it was said.
        """
        while True:
            try:
                async with asyncio.timeout(GAP):
                    return await self.sound.take()
            except TimeoutError:
                heard = (self._heard + self.sound.dropped) / BYTES_PER_SECOND
                missing = (self._clock.now() - self._began).total_seconds() - heard
                if missing >= GAP:
                    samples = int(min(missing, 1.0) * RATE)
                    return bytes(samples * SAMPLE_BYTES)

    async def _pass_on(self, heard: Heard) -> None:
        if self._is_stopped:
            return
        began = self._began + timedelta(seconds=self.sound.dropped / BYTES_PER_SECOND)
        now = began + timedelta(seconds=self._heard / BYTES_PER_SECOND)
        for word in self._watch.hear(heard.text, is_final=heard.is_final):
            self._alarm(self.leg, word, now)
        if self._turn_began is None:
            self._turn_began = now
        at = began + heard.words[0].start if heard.words else self._turn_began
        words = placed(((word.text, word.end, word.confidence) for word in heard.words), began)
        await self._tell(
            LiveTurn(
                call_id=self.leg.call_id,
                leg=self.leg.channel,
                side=self.leg.side,
                number=self._number,
                at=at,
                text=heard.text,
                is_final=heard.is_final,
                words=words,
            )
        )
        if heard.is_final:
            self._number += 1
            self._turn_began = None
