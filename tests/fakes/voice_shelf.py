"""A shelf with a few rendered prompts, and recordings as people bring them."""

from pathlib import Path

import numpy as np

from hotline.voice.shelf import Shelf
from hotline.voice.sound import RATE, Samples, as_wav


def hum(seconds: float, level: float = 0.1) -> Samples:
    """Return a tone that passes for speech."""
    return (level * np.sin(2 * np.pi * 300 * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def write_sound(file: Path, seconds: float, level: float = 0.1) -> Path:
    """Write a telephone WAV file, and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(as_wav(hum(seconds, level)))
    return file


def shelf_in(place: Path, **rendered: tuple[str, ...]) -> Shelf:
    """Return a shelf whose rendered prompts (a second each) are these ids by language."""
    for language, ids in rendered.items():
        for prompt_id in ids:
            write_sound(place / "rendered" / language / f"{prompt_id}.wav", 1)
    return Shelf(rendered=place / "rendered", own=place / "prompts", laid=place / "laid")
