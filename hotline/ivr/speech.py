"""From sayings to sounds: a prompt's id, or a value that is put together from pieces.

Blocking where a sentence is joined for the first time (milliseconds): called from a thread.
"""

from dataclasses import dataclass, field
from pathlib import Path

from hotline.ivr.enquiry import SayArrears, Saying, SayMatter, SayPromise
from hotline.residents.resident import Title
from hotline.voice import pieces
from hotline.voice.errors import SoundUnknown
from hotline.voice.joining import JoinedSounds
from hotline.voice.shelf import Shelf
from hotline.voice.sound import Language, Sound, telephone_seconds


@dataclass(frozen=True, slots=True)
class SayName:
    """Whom the desk speaks to: 张先生."""

    surname: str = field(repr=False)
    title: Title


Spoken = Saying | SayName


class Speech:
    """What a caller of a language hears for a saying. One object serves all callers."""

    def __init__(self, shelf: Shelf, joined: JoinedSounds) -> None:
        self._shelf, self._joined = shelf, joined

    def sound(self, saying: Spoken, language: Language) -> Sound | None:
        """Return what is played for a saying; None for a value that has no words (a rare surname).

        An absolute path is a sound made elsewhere (a notice). Raises SoundUnknown for a prompt that is not there,
        SoundNotJoined, OSError where a sentence cannot be kept, ValueError for a value beyond all pieces.
        """
        if isinstance(saying, str):
            return _made_elsewhere(Path(saying)) if saying.startswith("/") else self._shelf.sound(saying, language)
        parts = _pieces(saying, language)
        if not parts:
            return None
        file = self._joined.file([self._shelf.file_of(part, language) for part in parts])
        return _made_elsewhere(file.with_suffix(""))


def _made_elsewhere(name: Path) -> Sound:
    seconds = telephone_seconds(name.with_name(f"{name.name}.wav"))
    if seconds is None:
        raise SoundUnknown(name.name)
    return Sound(str(name), seconds)


def _pieces(saying: SayName | SayMatter | SayPromise | SayArrears, language: Language) -> tuple[str, ...]:
    match saying:
        case SayName(surname, title):
            return pieces.addressed(surname, title, language)
        case SayMatter(kind, opened, today):
            return pieces.open_matter(kind, opened, today, language)
        case SayPromise(by, today):
            return pieces.expected(by, today, language)
        case SayArrears(months, yuan):
            return pieces.arrears(months, yuan, language)
