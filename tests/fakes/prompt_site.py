"""A shelf with texts beside its sounds, a voice that hums, and the desk at which prompts are changed."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from hotline.clock import Clock
from hotline.database import Database
from hotline.prompts.service import PromptDesk
from hotline.voice.shelf import Shelf
from hotline.voice.sound import Language, Sound
from tests.fakes.voice_shelf import shelf_in, write_sound

GREETING = "您好，这里是物业服务中心。"


@dataclass
class Humming:
    """A voice that hums; what it was to say is kept."""

    home: Path
    said: list[str] = field(default_factory=list)

    async def sound_of(self, text: str, _language: Language) -> Sound:
        self.said.append(text)
        name = hashlib.sha256(text.encode()).hexdigest()
        file = write_sound(self.home / "voice-cache" / f"{name}.wav", 2)
        return Sound(str(file.with_suffix("")), 2.0)


@dataclass(frozen=True)
class PromptSite:
    """The site's sounds, and who changes them."""

    home: Path
    shelf: Shelf
    voice: Humming
    desk: PromptDesk


def prompt_site(home: Path, database: Database, clock: Clock) -> PromptSite:
    """Open the prompts of a home: two in Mandarin, of which English has one."""
    shelf, voice = shelf_in(home, zh=("greeting", "goodbye"), en=("greeting",)), Humming(home)
    texts = {
        "zh": f'greeting = "{GREETING}"\ngoodbye = "再见。"',
        "en": 'greeting = "Hello."\ngoodbye = "Goodbye."',
    }
    for language, prompts in texts.items():
        words = home / "rendered" / language / "prompts.toml"
        words.write_text(f'notice_version = "1"\n[prompts]\n{prompts}\n', encoding="utf-8")
    desk = PromptDesk(
        shelf=shelf,
        home=home,
        sounds=home / "rendered" / "zh",
        speak_text=voice.sound_of,
        database=database,
        clock=clock,
    )
    return PromptSite(home, shelf, voice, desk)
