"""Have a synthesiser speak one text in a process of its own.

The engines are C++ that may abort, grow or hang; here that costs one text and never the service. Each text gets a new
process: free texts are few and cached, and an engine that nobody needs holds no memory.
"""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Final

from hotline.settings import REPOSITORY
from hotline.voice.child import SOUND, Order
from hotline.voice.engines import Engine
from hotline.voice.errors import NoVoice, VoiceFailed, VoiceTooSlow
from hotline.voice.sound import Language

COMMAND: Final = (sys.executable, "-m", "hotline.voice.child")
WITHIN: Final = timedelta(minutes=6)  # two minutes of speech on a busy machine of two cores
MOST_WAITING: Final = 30


class Studio:
    """Speaks texts one at a time; more wait their turn, up to a bound."""

    def __init__(self, command: Sequence[str] = COMMAND, *, within: timedelta = WITHIN) -> None:
        self._command = command
        self._within = within
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def speak(self, engine: Engine, text: str, language: Language) -> bytes:
        """Return a cleaned text as a WAV file for the telephone.

        Raises NoVoice; VoiceFailed when the engine died, gave up or too many texts wait; VoiceTooSlow.
        """
        if self._waiting >= MOST_WAITING:
            raise VoiceFailed(f"{MOST_WAITING} texts wait to be spoken already: try again later")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._speak(Order(engine=engine.name, place=engine.place, text=text, language=language))
        finally:
            self._waiting -= 1

    async def _speak(self, order: Order) -> bytes:
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            *self._command, stdin=pipe, stdout=pipe, stderr=nothing, cwd=REPOSITORY, start_new_session=True
        )
        assert process.stdin is not None  # noqa: S101 - asked for above
        assert process.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(self._within.total_seconds()):
                with suppress(ConnectionError):  # it died at once: its end is told below
                    process.stdin.write(order.model_dump_json().encode() + b"\n")
                    await process.stdin.drain()
                answer = await process.stdout.read()
                await process.wait()
        except TimeoutError:
            raise VoiceTooSlow(f"the engine did not speak the text within {self._within}") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()  # it holds nothing that anybody needs
            process.stdin.close()
            await asyncio.shield(process.wait())
        return _sound(answer, process.returncode)


def _sound(answer: bytes, ended: int | None) -> bytes:
    head, _, body = answer.partition(b"\n")
    if ended == 0 and head == SOUND.encode():
        return body
    if ended == 0 and head == NoVoice.error_id.encode():
        raise NoVoice(body.decode("utf-8", "replace"))
    if ended == 0:
        raise VoiceFailed(body.decode("utf-8", "replace") or "the engine said nothing")
    raise VoiceFailed(f"the engine's process ended by itself ({ended}): look for 'out of memory' in the machine's log")
