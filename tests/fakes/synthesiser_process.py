"""A true fake of a synthesiser, in its own process as the real ones: hums a tenth of a second for each character.

Some words make it misbehave the way real engines do.
"""

import ctypes
import os
import sys
import time
from pathlib import Path

from hotline.settings import VoiceSettings
from hotline.voice.child import Order, run
from hotline.voice.engines import Engine
from hotline.voice.errors import NoVoice
from hotline.voice.sound import Language, Samples
from hotline.voice.synthesiser import Synthesiser
from tests.fakes.voice_shelf import hum

COMMAND = (sys.executable, "-m", "tests.fakes.synthesiser_process")


class HummingSynthesiser:
    """Hums."""

    rate = 8000

    def __init__(self, place: Path) -> None:
        self._place = place

    def say(self, clause: str, language: Language) -> Samples:
        """Return a hum, unless the words say otherwise."""
        if language == "en":
            raise NoVoice("it hums in Mandarin only")
        with (self._place / "said").open("a") as said:
            said.write(f"{os.getpid()} {len(clause)}\n")
        if "卡住" in clause:
            time.sleep(600)
        if "崩溃" in clause:
            ctypes.string_at(0)
        if "吃光" in clause:
            bytearray(64 * 2**30)
        if "出错" in clause:
            raise RuntimeError(clause)
        if "打印" in clause:
            print("a library says something")
        return hum(0.1 * len(clause), 0 if "无声" in clause else 0.2)


def humming(settings: VoiceSettings, home: Path) -> Engine:
    """Choose this engine."""
    return Engine(name="humming", place=home, identity=f"humming {settings.piper_model}")


def _load(order: Order) -> Synthesiser:
    return HummingSynthesiser(order.place)


if __name__ == "__main__":
    run(_load)
