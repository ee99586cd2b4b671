"""Change what callers hear from a page: texts, uploaded recordings, spoken texts, the way back. Each is audited.

The sounds are files and the audit is SQL: the file is made ready first, then the change is written down, and the file
takes its place as the last step before the commit. If the commit fails, the file goes back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database
from hotline.prompts.prompt import Fit, PromptTextChanged, SiteText, fit, sha_of
from hotline.prompts.store import put_text, site_text, site_texts
from hotline.settings import Settings
from hotline.voice.errors import SoundUnknown
from hotline.voice.intake import read_recording
from hotline.voice.own import Kept, OwnRecordings, Way
from hotline.voice.phoned import IncomingRecordings, PhonedIn, PhoneState
from hotline.voice.prompts import prompt_ids, prompt_texts
from hotline.voice.shelf import SITE_OWN, Shelf
from hotline.voice.sound import Language, Samples, Sound
from hotline.voice.spoken_text import clean

log = structlog.get_logger()

ROOM: Final = "prompts"
DIALLED: Final[dict[Language, int]] = {"zh": 77, "en": 78}  # as in deploy/asterisk: *77001 records the first prompt
ACTS: Final[dict[Way, str]] = {"file": "uploaded", "spoken": "spoken", "telephone": "recorded"}
SpeakText = Callable[[str, Language], Awaitable[Sound]]  # voice's FreeTexts.sound_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSeen:
    """One prompt as the page shows it."""

    id: str
    text: str
    shipped: str
    edition: int
    fit: Fit
    is_own: bool
    seconds: float | None
    kept: Kept | None
    former: tuple[Kept | None, ...]
    number: str
    phone: PhoneState


class PromptDesk:
    """The prompts of one centre, and what supervisors do with them. `sounds` is the Mandarin folder we come with."""

    def __init__(
        self,
        *,
        shelf: Shelf,
        home: Path,
        sounds: Path,
        speak_text: SpeakText,
        database: Database,
        clock: Clock,
    ) -> None:
        self._shelf, self._sounds, self._speak_text = shelf, sounds, speak_text
        self._own = OwnRecordings(shelf, clock)
        self._database, self._clock = database, clock
        self.uploads = home / "voice-uploads"
        self._tried = home / "voice-cache"
        self.phoned = IncomingRecordings(home, self._own, when_taken=self._phoned_in)

    async def all(self, language: Language) -> list[PromptSeen]:
        """Return every prompt of a language in the order of its texts, the site's own ones last."""
        async with self._database.read() as session:
            texts = await site_texts(session, language)
        return await asyncio.to_thread(self._all, language, texts)

    async def set_text(self, language: Language, prompt_id: str, text: str, *, edition: int, by: str) -> None:
        """Let the prompt have this text; its sound is old until somebody speaks it. `edition` is what was seen.

        Raises PromptTextChanged, SoundUnknown, TextRefused.
        """
        self._known(prompt_id)
        clean(text)
        async with self._database.begin() as session:
            before, after = await self._write_text(session, language, prompt_id, text=text, edition=edition, by=by)
            if after != before:
                await record(session, self._change(by, "text-changed", language, prompt_id, before=before, after=after))

    async def try_out(self, language: Language, text: str) -> Sound:
        """Speak a text to hear it; nothing is changed. Raises TextRefused, NoVoice, VoiceFailed, VoiceTooSlow."""
        return await self._speak_text(text, language)

    async def speak(self, language: Language, prompt_id: str, text: str, *, edition: int, by: str) -> None:
        """Let the prompt have this text, and callers hear it spoken. Raises as `set_text` and `try_out`."""
        self._known(prompt_id)
        sound = await self._speak_text(text, language)
        samples = await asyncio.to_thread(read_recording, Path(f"{sound.name}.wav"))
        await self._put(language, prompt_id, samples, way="spoken", by=by, text=text, edition=edition)

    async def upload(self, language: Language, prompt_id: str, file: Path, *, by: str) -> None:
        """Let callers hear a file that somebody sent. Raises SoundUnknown, OwnRecordingRefused with the fault."""
        self._known(prompt_id)
        samples = await asyncio.to_thread(read_recording, file)
        await self._put(language, prompt_id, samples, way="file", by=by)

    async def back(self, language: Language, prompt_id: str, *, to_rendered: bool, by: str) -> None:
        """Go back to the recording before, or to the sound we come with. Raises OwnRecordingRefused without one."""
        act = self._own.remove if to_rendered else self._own.undo
        before = await asyncio.to_thread(self._told, language, prompt_id)
        is_placed = False
        try:
            async with self._database.begin() as session:
                await asyncio.to_thread(act, prompt_id, language)
                is_placed = True
                after = await asyncio.to_thread(self._told, language, prompt_id)
                name = "back-to-rendered" if to_rendered else "back-to-former"
                await record(session, self._change(by, name, language, prompt_id, before=before, after=after))
        except BaseException:
            if is_placed:  # said twice, it is as before
                await asyncio.to_thread(self._own.undo, prompt_id, language)
            raise

    async def file_of(self, language: Language, prompt_id: str, former: int = 0) -> Path:
        """Return the file that is played, or a former one (1 is the latest). Raises SoundUnknown."""
        if former:
            files = await asyncio.to_thread(self._own.former, prompt_id, language)
            if former > len(files):
                raise SoundUnknown(prompt_id)
            return files[former - 1][0]
        return await asyncio.to_thread(self._shelf.file_of, prompt_id, language)

    async def tried(self, name: str) -> Path:
        """Return the file of a text that was tried out. Raises SoundUnknown when it is not kept any more."""
        file = self._tried / f"{name}.wav"
        if not await asyncio.to_thread(file.is_file):
            raise SoundUnknown("that was tried out")
        return file

    async def _put(
        self,
        language: Language,
        prompt_id: str,
        samples: Samples,
        *,
        way: Way,
        by: str,
        text: str | None = None,
        edition: int = 0,
    ) -> None:
        """Write down what changes, put the sound in its place, commit; if the commit fails, put the old one back."""
        before = await asyncio.to_thread(self._told, language, prompt_id)
        act, put_back = ACTS[way], self._own.undo if before["is_own"] else self._own.remove
        is_placed = False
        try:
            async with self._database.begin() as session:
                if text is not None:
                    await self._write_text(session, language, prompt_id, text=text, edition=edition, by=by)
                said = await self._said(session, language, prompt_id)
                await asyncio.to_thread(
                    self._own.put_samples, prompt_id, samples, by=by, language=language, way=way, of_text=sha_of(said)
                )
                is_placed = True
                after = await asyncio.to_thread(self._told, language, prompt_id)
                await record(
                    session, self._change(by, act, language, prompt_id, before=before, after=after | {"text": said})
                )
        except BaseException:
            if is_placed:
                await asyncio.to_thread(put_back, prompt_id, language)
            raise
        log.info("prompt changed", prompt=prompt_id, language=language, way=way)

    async def _write_text(
        self, session: AsyncSession, language: Language, prompt_id: str, *, text: str, edition: int, by: str
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        present = await site_text(session, language, prompt_id)
        was = await self._said(session, language, prompt_id)
        seen = present.edition if present else 0
        told = {"text": was, "edition": seen}
        if text == was and seen == edition:
            return told, told
        fresh = SiteText(
            language=language, prompt_id=prompt_id, text=text, by=by, at=self._clock.now(), edition=edition + 1
        )
        if seen != edition or not await put_text(session, fresh):
            raise PromptTextChanged(await site_text(session, language, prompt_id))
        return told, {"text": text, "edition": fresh.edition}

    async def _phoned_in(self, phoned: PhonedIn) -> None:
        """Write down what came in by telephone; the recording is taken in by itself, whoever hears of it."""
        if phoned.refused:
            return
        language, prompt_id = phoned.language, phoned.prompt_id
        try:
            async with self._database.begin() as session:
                said = await self._said(session, language, prompt_id)
                await asyncio.to_thread(self._own.note_text, prompt_id, language, sha_of(said))
                after = await asyncio.to_thread(self._told, language, prompt_id)
                await record(
                    session, self._change(phoned.by, "recorded", language, prompt_id, before=None, after=after)
                )
        except (SQLAlchemyError, OSError) as wrong:
            log.warning("a phoned-in prompt is taken in and not audited", prompt=prompt_id, reason=type(wrong).__name__)

    def _all(self, language: Language, texts: dict[str, SiteText]) -> list[PromptSeen]:
        shipped = self._shipped(language)
        numbers = {name: f"*{DIALLED[language]}{at:03}" for at, name in enumerate(prompt_ids(self._sounds), 1)}
        names = dict.fromkeys([*shipped, *sorted(texts), *self._shelf.ids(language)])
        return [
            self._seen(language, name, shipped.get(name, ""), texts.get(name), numbers.get(name, ""))
            for name in names
            if name in shipped or name.startswith(SITE_OWN) or name in texts
        ]

    def _seen(self, language: Language, name: str, shipped: str, text: SiteText | None, number: str) -> PromptSeen:
        has_sound = self._shelf.has_own_language(name, language)
        is_own = has_sound and self._shelf.is_own(name, language)
        kept = self._own.kept(name, language) if is_own else None
        former = tuple(one for _, one in self._own.former(name, language)) if self._shelf.may_record(name) else ()
        return PromptSeen(
            id=name,
            text=text.text if text else shipped,
            shipped=shipped,
            edition=text.edition if text else 0,
            fit=fit(
                text,
                shipped,
                has_sound=has_sound,
                is_own=is_own,
                of_text=kept.of_text if kept else "",
                made=kept.at if kept else None,
            ),
            is_own=is_own,
            seconds=self._shelf.sound(name, language).seconds if has_sound else None,
            kept=kept,
            former=former,
            number=number,
            phone=self.phoned.state(name, language),
        )

    async def _said(self, session: AsyncSession, language: Language, prompt_id: str) -> str:
        """Return the text that a prompt has: the site's own, else the one we come with."""
        own = await site_text(session, language, prompt_id)
        return own.text if own else (await asyncio.to_thread(self._shipped, language)).get(prompt_id, "")

    def _known(self, prompt_id: str) -> None:
        if not self._shelf.may_record(prompt_id):
            raise SoundUnknown(prompt_id)

    def _shipped(self, language: Language) -> dict[str, str]:
        return prompt_texts(self._sounds.parent / language)

    def _told(self, language: Language, prompt_id: str) -> dict[str, Any]:
        """Return what is played, for the audit."""
        if not self._shelf.has_own_language(prompt_id, language):
            return {"is_own": False, "seconds": None}
        is_own, kept = self._shelf.is_own(prompt_id, language), self._own.kept(prompt_id, language)
        seconds = round(self._shelf.sound(prompt_id, language).seconds, 1)
        made = {"way": kept.way, "by": kept.by, "at": kept.at.isoformat()} if is_own and kept else {}
        return {"is_own": is_own, "seconds": seconds, **made}

    def _change(
        self,
        by: str,
        act: str,
        language: Language,
        prompt_id: str,
        *,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> Change:
        return Change(
            by=by,
            room=ROOM,
            act=act,
            subject=f"{language}/{prompt_id}",
            at=self._clock.now(),
            before=before,
            after=after,
        )


def open_prompts(
    settings: Settings, shelf: Shelf, speak_text: SpeakText, database: Database, clock: Clock
) -> PromptDesk:
    """Return the desk at which the prompts of an installation are changed."""
    return PromptDesk(
        shelf=shelf,
        home=settings.home,
        sounds=settings.sounds_directory,
        speak_text=speak_text,
        database=database,
        clock=clock,
    )
