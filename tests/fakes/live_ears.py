"""A LiveRecogniser that needs no model: each bite of sound brings the next of the scripted things to be heard."""

import threading
from collections.abc import Iterable

from hotline.transcribe.recogniser import Ears, Heard


class ScriptedEars:
    def __init__(self, script: Iterable[Heard | None], may_hear: threading.Event) -> None:
        self._script = iter(script)
        self._may_hear = may_hear
        self.heard = b""
        self.is_finished = False

    def hear(self, sound: bytes) -> Heard | None:
        assert self._may_hear.wait(10), "the test never let the ears hear"
        self.heard += sound
        return next(self._script, None)

    def finish(self) -> Heard | None:
        self.is_finished = True
        return None


class ScriptedRecogniser:
    """Gives every leg the same script. `may_hear` cleared: the machine is too busy to hear."""

    def __init__(self, *script: Heard | None) -> None:
        self._script = script
        self.may_hear = threading.Event()
        self.may_hear.set()
        self.made: list[ScriptedEars] = []
        self.given_back: list[Ears] = []

    def ears(self) -> Ears:
        self.made.append(ScriptedEars(self._script, self.may_hear))
        return self.made[-1]

    def give_back(self, ears: Ears) -> None:
        self.given_back.append(ears)
