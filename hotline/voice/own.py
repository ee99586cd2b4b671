"""The site's own recordings of prompts: taken in by file or by telephone, kept with who and when, undone.

Beside HOME/prompts/LANGUAGE/ID.wav lies ID.json; the former ones are ID.1.wav (the latest) to ID.5.wav, each with its
own. Every step leaves a whole file under the playing name. Blocking.
"""

import json
import os
from pathlib import Path
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from hotline.clock import Clock
from hotline.voice.errors import OwnRecordingRefused, SoundUnknown
from hotline.voice.intake import read_recording
from hotline.voice.shelf import Shelf, alone
from hotline.voice.sound import RATE, Language, Samples, Sound, as_wav

Way = Literal["file", "telephone", "spoken"]
FORMER: Final = 5  # recordings kept to go back to


class Kept(BaseModel):
    """Where a recording came from."""

    model_config = ConfigDict(frozen=True)

    by: str
    """An account's name, or the extension of the telephone."""
    at: AwareDatetime
    way: Way
    seconds: float
    of_text: str = ""
    """SHA-256 of the text that the prompt had when this was taken in; "" where nobody said."""


class OwnRecordings:
    """Puts recordings on the shelf and takes them off again."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock

    def put(
        self,
        prompt_id: str,
        file: Path,
        *,
        by: str,
        language: Language = "zh",
        way: Way = "file",
        of_text: str = "",
    ) -> Sound:
        """Take a recording in; from now on it is what callers hear. The file itself is left where it is.

        Raises SoundUnknown, or OwnRecordingRefused with the reason; then nothing has changed.
        """
        if not self._shelf.may_record(prompt_id):
            raise SoundUnknown(prompt_id)
        return self.put_samples(prompt_id, read_recording(file), by=by, language=language, way=way, of_text=of_text)

    def put_samples(
        self, prompt_id: str, samples: Samples, *, by: str, language: Language, way: Way, of_text: str = ""
    ) -> Sound:
        """Take in what has passed the door (`intake.read_recording`) already: milliseconds. Raises SoundUnknown."""
        seconds = len(samples) / RATE
        place = self._place(prompt_id, language)
        kept = Kept(by=by, at=self._clock.now(), way=way, seconds=seconds, of_text=of_text)
        with alone(self._shelf.own):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if place.exists():
                _step_back(place)
            _write(place.with_suffix(".json"), kept.model_dump_json(indent=1).encode())
            _write(place, as_wav(samples))
            self._shelf.lay_out()
        return Sound(prompt_id, seconds)

    def remove(self, prompt_id: str, language: Language = "zh") -> None:
        """Go back to the rendered prompt; the recording is kept as the latest former one.

        Raises OwnRecordingRefused when there is none.
        """
        place = self._place(prompt_id, language)
        with alone(self._shelf.own):
            if not place.exists():
                raise OwnRecordingRefused(place, "is not there: the rendered prompt is what callers hear", "absent")
            _step_back(place)
            place.unlink()
            place.with_suffix(".json").unlink(missing_ok=True)
            self._shelf.lay_out()

    def undo(self, prompt_id: str, language: Language = "zh") -> None:
        """Let the latest former recording win again; the present one takes its place, so undone twice is as before.

        Raises OwnRecordingRefused when there is no former one.
        """
        place = self._place(prompt_id, language)
        with alone(self._shelf.own):
            if not _former(place, 1).exists():
                raise OwnRecordingRefused(place, "has no former recording", "absent")
            _change_places(place)
            self._shelf.lay_out()

    def kept(self, prompt_id: str, language: Language = "zh") -> Kept | None:
        """Return who recorded what wins now, and when; None for a rendered prompt or a file put there by hand."""
        return _kept(self._place(prompt_id, language))

    def note_text(self, prompt_id: str, language: Language, of_text: str) -> None:
        """Note which text the prompt had when what wins now was taken in. Nothing for a file put there by hand."""
        place = self._place(prompt_id, language)
        with alone(self._shelf.own):
            if (kept := _kept(place)) is not None:
                noted = kept.model_copy(update={"of_text": of_text})
                _write(place.with_suffix(".json"), noted.model_dump_json(indent=1).encode())

    def former(self, prompt_id: str, language: Language = "zh") -> tuple[tuple[Path, Kept | None], ...]:
        """Return the former recordings, the latest first, each with who made it where that is known."""
        place = self._place(prompt_id, language)
        files = (_former(place, number) for number in range(1, FORMER + 1))
        return tuple((file, _kept(file)) for file in files if file.is_file())

    def _place(self, prompt_id: str, language: Language) -> Path:
        if not self._shelf.may_record(prompt_id):
            raise SoundUnknown(prompt_id)
        return self._shelf.own / language / f"{prompt_id}.wav"


def _kept(place: Path) -> Kept | None:
    try:
        return Kept.model_validate_json(place.with_suffix(".json").read_bytes())
    except (OSError, ValidationError, json.JSONDecodeError):
        return None


def _step_back(place: Path) -> None:
    """Keep what plays now as the latest former recording; it goes on playing meanwhile."""
    for number in range(FORMER - 1, 0, -1):
        _move(_former(place, number), _former(place, number + 1))
    for present, former in _pairs(place, _former(place, 1)):
        former.unlink(missing_ok=True)
        if present.exists():
            former.hardlink_to(present)


def _change_places(place: Path) -> None:
    """Let what plays now and the latest former recording change places; without one now, the others move up."""
    had_one = place.exists()
    for present, former in _pairs(place, _former(place, 1)):
        aside = present.with_name(f".{present.name}.{os.getpid()}")
        aside.unlink(missing_ok=True)
        if had_one and present.exists():
            aside.hardlink_to(present)  # so that something plays at every moment
        if former.exists():
            former.replace(present)
        if aside.exists():
            aside.replace(former)
    for number in range(1, FORMER) if not had_one else ():
        _move(_former(place, number + 1), _former(place, number))


def _former(place: Path, number: int) -> Path:
    return place.with_name(f"{place.stem}.{number}.wav")


def _move(one: Path, to: Path) -> None:
    for each, target in _pairs(one, to):
        target.unlink(missing_ok=True)
        if each.exists():
            each.rename(target)


def _pairs(one: Path, other: Path) -> tuple[tuple[Path, Path], ...]:
    return (one, other), (one.with_suffix(".json"), other.with_suffix(".json"))


def _write(file: Path, content: bytes) -> None:
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_bytes(content)
    fresh.replace(file)
