"""What every synthesiser is to us: it says one clause. Everything else is the same for all of them.

Kokoro and Piper stand behind this; another one (a paid service, a newer model) is one more file.
"""

from typing import Final, Protocol

import numpy as np

from hotline.voice.errors import VoiceFailed
from hotline.voice.sound import RATE, Language, Samples, as_wav, for_telephone
from hotline.voice.spoken_text import clauses

BREATH_SECONDS: Final = 0.1  # between clauses, beside the silence at their edges


class Synthesiser(Protocol):
    """Says clauses, one at a time. Made and used in the synthesiser's process; it blocks."""

    @property
    def rate(self) -> int:
        """Samples in a second, in Hz."""
        ...

    def say(self, clause: str, language: Language) -> Samples:
        """Return the sound of at most some eighty characters, at its own loudness.

        Raises NoVoice when it does not speak the language, VoiceFailed when it cannot say these words.
        """
        ...


def speak(synthesiser: Synthesiser, text: str, language: Language) -> bytes:
    """Return a cleaned text as a WAV file for the telephone: 8 kHz, 16 bits, one channel, at the prompts' level.

    Raises NoVoice, VoiceFailed.
    """
    breath = np.zeros(int(BREATH_SECONDS * RATE), np.float32)
    sounds: list[Samples] = []
    for clause in clauses(text):
        sounds += [for_telephone(synthesiser.say(clause, language), synthesiser.rate), breath]
    spoken = np.concatenate(sounds[:-1]) if sounds else np.zeros(0, np.float32)
    if not spoken.any():
        raise VoiceFailed("the engine made no sound of this text")
    return as_wav(spoken)
