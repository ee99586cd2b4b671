"""Which sound wins, and where Asterisk finds it.

Three places hold sounds: the site's own recordings (HOME/prompts/LANGUAGE), which always win; the rendered ones
(deploy/asterisk/sounds/LANGUAGE); and, for what Asterisk may ask by itself in English, its own. `lay_out` gathers them
as links in HOME/asterisk/data/sounds/LANGUAGE, so that the dialplan, the queues and the menu all play the winner by its
plain id. What English lacks is said in Mandarin rather than not at all. Blocking, in the microseconds; `lay_out` in
the tens of milliseconds.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self, get_args

import structlog

from hotline.settings import Settings
from hotline.voice.errors import SoundUnknown
from hotline.voice.sound import Language, Sound, telephone_seconds

LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
SITE_OWN: Final = "site/"  # ids that only the site's own recordings have
_ID: Final = re.compile(r"([a-z]+/)?[a-z0-9][a-z0-9-]*")
log = structlog.get_logger()


class Shelf:
    """All sounds of one home. `rendered` and `own` hold one folder a language; `laid` is what Asterisk looks into."""

    def __init__(self, *, rendered: Path, own: Path, laid: Path) -> None:
        self.own = own
        self._rendered = rendered
        self._laid = laid
        self._lengths: dict[Path, tuple[int, float | None]] = {}

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the shelf of an installation."""
        return cls(
            rendered=settings.sounds_directory.parent,
            own=settings.home / "prompts",
            laid=settings.home / "asterisk" / "data" / "sounds",
        )

    def sound(self, prompt_id: str, language: Language = "zh") -> Sound:
        """Return the sound that a caller of this language hears for an id; raises SoundUnknown."""
        return Sound(prompt_id, self._winner(prompt_id, language)[1])

    def file_of(self, prompt_id: str, language: Language = "zh") -> Path:
        """Return the file that wins; raises SoundUnknown."""
        return self._winner(prompt_id, language)[0]

    def is_own(self, prompt_id: str, language: Language = "zh") -> bool:
        """Tell whether the site's own recording is what wins."""
        return self.file_of(prompt_id, language).is_relative_to(self.own)

    def has_own_language(self, prompt_id: str, language: Language = "zh") -> bool:
        """Tell whether an id has a sound in this very language, not only in Mandarin for want of it."""
        if not _ID.fullmatch(prompt_id):
            return False
        places = (self.own / language, self._rendered / language)
        return any(self._seconds(place / f"{prompt_id}.wav") is not None for place in places)

    def ids(self, language: Language = "zh") -> list[str]:
        """Return every id that can be played in a language, in order."""
        return sorted({found for place in self._places(language) for found in _ids(place)})

    def may_record(self, prompt_id: str) -> bool:
        """Tell whether a recording of this id would ever be played: a rendered prompt's, or one that begins site/."""
        if not _ID.fullmatch(prompt_id):
            return False
        rendered = (self._rendered / language / f"{prompt_id}.wav" for language in LANGUAGES)
        return prompt_id.startswith(SITE_OWN) or any(file.is_file() for file in rendered)

    def lay_out(self, asterisks_own: Path | None = None) -> None:
        """Bring the folders Asterisk looks into up to date: a link each, changed one by one while calls go on.

        `asterisks_own` are its English sounds, linked where we have none; without it those linked before stay.
        """
        with alone(self._laid):
            self._lay_all(asterisks_own)

    def _lay_all(self, asterisks_own: Path | None) -> None:
        for language in LANGUAGES:
            found = {each: self._found(each, language) for each in self.ids(language)}
            wanted = {f"{each}.wav": winner[0] for each, winner in found.items() if winner}
            others = asterisks_own if language == "en" else None
            for file in others.rglob("*.*") if others else ():
                name = file.relative_to(others or file)
                if file.is_file() and str(name.with_suffix(".wav")) not in wanted:
                    wanted[str(name)] = file
            kept = language == "en" and asterisks_own is None
            self._lay_language(self._laid / language, wanted, keep_foreign=kept)

    def _lay_language(self, folder: Path, wanted: dict[str, Path], *, keep_foreign: bool) -> None:
        if folder.is_symlink():  # as it was before recordings could win: the whole folder one link
            fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
            _lay(fresh, wanted)
            folder.unlink()
            fresh.rename(folder)
            return
        _lay(folder, wanted)
        for link in (path for path in folder.rglob("*") if path.is_symlink()):
            if str(link.relative_to(folder)) not in wanted and not (keep_foreign and self._is_foreign(link.readlink())):
                link.unlink(missing_ok=True)

    def _is_foreign(self, file: Path) -> bool:
        return not file.is_relative_to(self.own) and not file.is_relative_to(self._rendered)

    def _winner(self, prompt_id: str, language: Language) -> tuple[Path, float]:
        found = self._found(prompt_id, language)
        if found is None:
            raise SoundUnknown(prompt_id)
        return found

    def _found(self, prompt_id: str, language: Language) -> tuple[Path, float] | None:
        for place in self._places(language) if _ID.fullmatch(prompt_id) else ():
            file = place / f"{prompt_id}.wav"
            seconds = self._seconds(file)
            if seconds is not None:
                return file, seconds
        return None

    def _places(self, language: Language) -> Iterator[Path]:
        for each in dict.fromkeys((language, "zh")):
            yield self.own / each
            yield self._rendered / each

    def _seconds(self, file: Path) -> float | None:
        """Return a file's length, read again when the file changed; None when it is not there or cannot be played."""
        try:
            changed = file.stat().st_mtime_ns
            known = self._lengths.get(file)
            if known is None or known[0] != changed:
                known = self._lengths[file] = (changed, telephone_seconds(file))
                if known[1] is None:
                    log.warning("sound passed over: Asterisk could not play it", file=str(file))
        except OSError:
            return None
        return known[1]


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only one who changes a folder; the service and a command may want to at once. Held for milliseconds."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ids(folder: Path) -> Iterator[str]:
    for file in folder.rglob("*.wav"):
        name = str(file.relative_to(folder).with_suffix(""))
        if _ID.fullmatch(name):
            yield name


def _lay(folder: Path, wanted: dict[str, Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in wanted.items():
        link = folder / name
        if link.is_symlink() and link.readlink() == target:
            continue
        if link.exists() and not link.is_symlink():
            log.warning("a file stands where a link to a sound should: it was left alone", file=str(link))
            continue
        link.parent.mkdir(exist_ok=True)
        fresh = link.with_name(f".{link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(link)
