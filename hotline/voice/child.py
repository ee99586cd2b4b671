"""What runs in the synthesiser's process: load an engine, speak one text, end.

Started by the studio, once for each text that is not in the cache: what the engine holds, leaks or breaks ends with it.
The order comes as one line of JSON; what comes back begins with a line "sound" or an error's id. The process is niced
(calls come first), may hold so much memory and no more, and ends when its parent closes the pipe, however that came.
"""

import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from hotline.voice.engines import Engine
from hotline.voice.errors import NoVoice, VoiceError, VoiceFailed
from hotline.voice.sound import Language
from hotline.voice.synthesiser import Synthesiser, speak

NICENESS: Final = 10
MOST_MEMORY: Final = 3 * 2**30  # bytes of data; Kokoro is seen to need under one
SOUND: Final = "sound"


class Order(BaseModel):
    """What to say with what."""

    engine: str
    place: Path
    text: str
    language: Language


def run(load: Callable[[Order], Synthesiser]) -> None:
    """Do what the order on standard input says; answer on standard output."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries print
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    order = Order.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_die_with_parent, name="die-with-parent", daemon=True).start()
    head, body = _answered(load, order)
    answer.write(f"{head}\n".encode() + body)
    answer.close()
    os._exit(0)  # the thread that waits for the parent holds standard input


def _answered(load: Callable[[Order], Synthesiser], order: Order) -> tuple[str, bytes]:
    try:
        return SOUND, speak(load(order), order.text, order.language)
    except VoiceError as wrong:
        return wrong.error_id, str(wrong).encode()
    except MemoryError:
        return VoiceFailed.error_id, b"the engine wanted more memory than it may have"
    except Exception as wrong:  # noqa: BLE001 - the edge of the process; the words of the text stay inside
        return VoiceFailed.error_id, f"the engine broke off ({type(wrong).__name__})".encode()


def _die_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _load(order: Order) -> Synthesiser:
    if order.engine not in ("kokoro", "piper"):
        raise NoVoice(f"there is no engine {order.engine}")
    return Engine(name=order.engine, place=order.place, identity="").load()


if __name__ == "__main__":
    run(_load)
