"""What one errand plays, made before anything is dialled: names of sounds, as the dialplan is given them.

Pieces are joined in milliseconds and need no synthesiser. A notice's own words are a recording of the site (`site/…`),
or a text that is spoken once, when it is written (`speak`), and kept. What cannot be said is not dialled.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from hotline.campaigns.attempt import Errand, NotPlaced
from hotline.campaigns.campaign import CampaignKind
from hotline.residents.resident import Home, Title
from hotline.voice import pieces
from hotline.voice.errors import VoiceError
from hotline.voice.joining import JoinedSounds
from hotline.voice.shelf import SITE_OWN, Shelf
from hotline.voice.sound import Language, Sound, telephone_seconds

MOST_KEPT: Final = 1000  # joined sentences: two for each call under way, and as many again for those that come next
TALKS: Final = {
    CampaignKind.FEE_REMINDER: "fee",
    CampaignKind.SURVEY: "survey",
    CampaignKind.NOTICE: "notice",
    CampaignKind.MISSED_RETURN: "missed",
    CampaignKind.CALL_BACK: "wish",
}
_ASKS: Final = {CampaignKind.MISSED_RETURN: "out-missed", CampaignKind.CALL_BACK: "returned-greeting"}
_PLAYABLE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What the dialplan is given: which talk, in which language, who is asked for, and what is told then.

    `ask` and `body` are names of sounds, several with `&` between them; "" is nothing.
    """

    kind: str
    language: Language
    ask: str = ""
    body: str = ""

    @property
    def sounds(self) -> tuple[str, ...]:
        """Every sound of it, in order."""
        return tuple(sound for said in (self.ask, self.body) for sound in said.split("&") if sound)


class CampaignSounds:
    """Makes the sounds of errands; `speak_text` is `FreeTexts.sound_of`."""

    def __init__(self, shelf: Shelf, directory: Path, speak_text: Callable[[str, Language], Awaitable[Sound]]) -> None:
        self._shelf, self._speak_text = shelf, speak_text
        self._joined = JoinedSounds(directory, most=MOST_KEPT)

    async def speak(self, words: str, language: Language = "zh") -> Sound:
        """Return the sound of a notice's words: a recording of the site's own by its id, else the text, spoken.

        Seconds to minutes for a text that was never spoken, nothing afterwards: asked for when a campaign is approved.
        Raises VoiceError.
        """
        if words.startswith(SITE_OWN):
            return await asyncio.to_thread(self._shelf.sound, words, language)
        return await self._speak_text(words, language)

    async def make(self, errand: Errand) -> Talk:
        """Return what this errand plays, every sound of which is there now.

        Raises NotPlaced where it cannot be said: no home and no name to ask for, an amount beyond the pieces, a sound
        that is missing, words without a voice.
        """
        language: Language = "en" if errand.language == "en" else "zh"
        words = ""
        if errand.kind is CampaignKind.NOTICE:
            try:
                words = (await self.speak(errand.words, language)).name
            except VoiceError as wrong:
                raise NotPlaced(f"the notice cannot be said: {wrong.error_id}") from wrong
        return await asyncio.to_thread(self._talk, errand, language, words)

    async def sample(self, errand: Errand) -> Path:
        """Return one file of what this errand says up to its keys, for listening before a campaign begins.

        Raises NotPlaced, VoiceError.
        """
        talk = await self.make(errand)

        def join() -> Path:
            files = [
                Path(f"{sound}.wav") if sound.startswith("/") else self._shelf.file_of(sound, talk.language)
                for sound in talk.sounds
            ]
            if not files:
                raise NotPlaced("this campaign says nothing that is made beforehand")
            return self._joined.file(files)

        return await asyncio.to_thread(join)

    def _talk(self, errand: Errand, language: Language, words: str) -> Talk:
        try:
            talk = Talk(
                kind=TALKS[errand.kind],
                language=language,
                ask=self._ask(errand, language),
                body=words or self._body(errand, language),
            )
            for sound in talk.sounds:
                self._prove(sound, language)
        except (VoiceError, ValueError, OSError) as wrong:
            # The words of an error may quote what is private: its kind is enough.
            why = getattr(wrong, "error_id", type(wrong).__name__)
            raise NotPlaced(f"what is to be said cannot be: {why}") from wrong
        return talk

    def _ask(self, errand: Errand, language: Language) -> str:
        if errand.kind is CampaignKind.NOTICE:
            return ""
        if errand.kind in _ASKS:
            return _ASKS[errand.kind]
        return self._sentence(("out-ask", *whom(errand, language), "out-ask-keys"), language)

    def _body(self, errand: Errand, language: Language) -> str:
        if errand.kind is not CampaignKind.FEE_REMINDER:
            return ""
        if errand.fen <= 0:
            raise NotPlaced("nothing is owed: there is nothing to remind of")
        owed = pieces.arrears(errand.months, Decimal(errand.fen) / 100, language)
        return f"{self._sentence(owed, language)}&arrears-how"

    def _sentence(self, parts: tuple[str, ...], language: Language) -> str:
        file = self._joined.file([self._shelf.file_of(part, language) for part in parts])
        return str(file.with_suffix(""))

    def _prove(self, sound: str, language: Language) -> None:
        """Raise where Asterisk could not play it: on a missing sound it goes on as if the other side had hung up."""
        if not set(sound) <= _PLAYABLE:
            raise NotPlaced("the name of a sound holds a sign that the switch reads as something else")
        if not sound.startswith("/"):
            self._shelf.sound(sound, language)
        elif telephone_seconds(Path(f"{sound}.wav")) is None:
            raise NotPlaced("a sound that is to be played is no sound for the telephone")


def whom(errand: Errand, language: Language) -> tuple[str, ...]:
    """Return the pieces that say who is asked for: 三栋二单元五零一室 的 张先生, or 的业主 without a name.

    Raises NotPlaced where neither home nor name can be said: then nobody can tell whether it is the right door.
    """
    home = Home.parse(errand.home)
    place = () if home is None else pieces.room(home.building, home.unit, home.room, language)
    title = next((one for one in Title if one and errand.salutation.endswith(one)), Title.UNKNOWN)
    name = pieces.addressed(errand.salutation.removesuffix(title), title, language) if title else ()
    if not place and not name:
        raise NotPlaced("neither the home nor the name can be said: nobody could be asked for")
    if language == "en":
        return place
    if not name:
        return (*place, "out-owner")
    return (*place, f"{pieces.FOLDER}/of", *name) if place else name
