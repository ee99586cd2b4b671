"""Piper with the site's own voice; the only file that imports it. Wants the extra `piper`; see docs/voice.md.

A voice is a file .onnx with its .onnx.json beside it, and speaks the one language it was made for.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np
from piper import PiperVoice, SynthesisConfig

from hotline.voice.errors import NoVoice, VoiceFailed
from hotline.voice.sound import Language, Samples
from hotline.voice.spoken_text import as_read

SLOWNESS: Final = 1.15  # for an old person; Piper stretches the sounds themselves
_FAMILIES: Final[dict[str, Language]] = {"zh": "zh", "cmn": "zh", "yue": "zh", "en": "en"}


class PiperSynthesiser:
    """A loaded Piper voice."""

    def __init__(self, model: Path) -> None:
        try:
            self._voice = PiperVoice.load(model)
        except (OSError, ValueError, KeyError) as wrong:
            raise NoVoice(f"{model} or the .json beside it is no Piper voice ({type(wrong).__name__})") from wrong
        self._language = _FAMILIES.get(_family(model))
        self._config = SynthesisConfig(length_scale=self._voice.config.length_scale * SLOWNESS)
        self.rate = int(self._voice.config.sample_rate)

    def say(self, clause: str, language: Language) -> Samples:
        """Return the sound of a clause; see Synthesiser."""
        if language != self._language:
            raise NoVoice(f"the Piper voice of this site does not speak {language}")
        try:
            chunks = list(self._voice.synthesize(as_read(clause) if language == "zh" else clause, self._config))
        except ImportError as wrong:
            raise NoVoice(f"this Piper voice wants a library that is not here ({wrong.name}): see its page") from wrong
        except (ValueError, RuntimeError) as wrong:
            raise VoiceFailed(f"Piper cannot say a clause of this text ({type(wrong).__name__})") from wrong
        return np.concatenate([np.zeros(0, np.float32), *(chunk.audio_float_array for chunk in chunks)])


def _family(model: Path) -> str:
    told = json.loads(Path(f"{model}.json").read_text("utf-8"))
    language = told.get("language") or {}
    return str(language.get("family") or told.get("espeak", {}).get("voice", "")).split("-")[0].lower()
