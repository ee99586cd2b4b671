"""The fixed sounds: which there are, how long each is, and whether each is whole.

Asked once at start, by the service and by the doctor. A sound file that is missing makes Asterisk's Playback and Read
go on as if the caller had hung up, so a broken set of prompts must stop the start, not a call. The files and their
manifest are made by scripts/render-prompts; see docs/prompts.md.
"""

import hashlib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.errors import HotlineError
from hotline.voice.pieces import FOLDER, LANGUAGES, Language, vocabulary

# Played by the switch's own files (deploy/asterisk/*.j2), whatever the menu is; a test compares.
DIALPLAN_PROMPTS: Final = frozenset(
    {
        *("greeting", "recording-notice", "recording-refused", "sorry-hold-on", "still-waiting", "goodbye", "beep"),
        *("emergency", "emergency-still", "closed", "waiting-keys", "leave-message", "message-kept"),
        *("call-back-kept", "call-back-no-number", "call-back-nobody", "returning-call", "returned-greeting"),
        *("full-house", "full-house-no-number"),
        *("duty-desk", "duty-mobile", "duty-manager", "duty-nobody", "duty-accept"),
        *("satisfaction", "satisfaction-thanks"),
        *("out-wrong-person", "out-no-key", "out-machine"),
        *("out-fee-keys", "out-heard", "out-paid", "out-disputed", "out-disputed-thanks", "out-no-clerk"),
        *("out-later", "out-later-kept", "out-no-more", "out-notice", "out-notice-keys", "chosen-people"),
        *("out-survey", "out-survey-sorry", "out-survey-speak", "out-survey-thanks"),
        *(f"out-survey-{question}" for question in ("attitude", "quality", "charges", "satisfied", "wish")),
    }
)
_REMEDY: Final = "restore deploy/asterisk/sounds from the repository, or run scripts/render-prompts"
_NAME: Final = r"^([a-z]+/)?[a-z0-9][a-z0-9-]*$"  # one folder at most: digits/7, pieces/3-yuan


class PromptError(HotlineError):
    """The menu cannot be spoken."""

    error_id = "prompt-error"


class PromptsUnreadable(PromptError):
    """The manifest or the texts of the prompts are missing or not what they should be."""

    error_id = "prompts-unreadable"

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}; {_REMEDY}")
        self.file = file


class PromptBroken(PromptError):
    """One prompt has no sound, another sound than the manifest says, or a sound of another text."""

    error_id = "prompt-broken"

    def __init__(self, prompt: str, reason: str) -> None:
        super().__init__(f"prompt {prompt}: {reason}; {_REMEDY}")
        self.prompt = prompt


class Prompt(BaseModel):
    """One prompt: its id is also the sound's name as Asterisk plays it (in the channel's language, without suffix)."""

    model_config = ConfigDict(frozen=True)

    id: Annotated[str, Field(pattern=_NAME)]
    text: Annotated[str, Field(min_length=1)]
    text_sha256: str
    file: Annotated[str, Field(pattern=r"^([a-z]+/)?[a-z0-9][a-z0-9-]*\.wav$")]  # within the sounds' folder
    seconds: Annotated[float, Field(gt=0, le=60)]
    sha256: str


class _Manifest(BaseModel):
    notice_version: str
    prompts: tuple[Prompt, ...]


class _Words(BaseModel):
    notice_version: str
    prompts: dict[str, str]


def prompt_ids(directory: Path) -> tuple[str, ...]:
    """Return the ids that may be recorded by telephone, in the order of prompts.toml: the place is the number dialled.

    Raises PromptsUnreadable.
    """
    return tuple(name for name in _read_words(directory / "prompts.toml").prompts if "/" not in name)


def prompt_texts(directory: Path) -> dict[str, str]:
    """Return the texts of a language's folder by id, in the order of prompts.toml. Raises PromptsUnreadable."""
    return _read_words(directory / "prompts.toml").prompts


def read_all_prompts(sounds_directory: Path) -> dict[Language, tuple[Prompt, ...]]:
    """Return the prompts of every language, having checked them and every language's pieces, as a start does.

    `sounds_directory` is the Mandarin folder (`Settings.sounds_directory`); the others lie beside it. Blocks for some
    tens of milliseconds. Raises PromptsUnreadable, or PromptBroken naming the first prompt or piece that is not whole.
    """
    found: dict[Language, tuple[Prompt, ...]] = {}
    for language in LANGUAGES:
        folder = sounds_directory.parent / language
        found[language] = read_prompts(folder)
        read_pieces(folder, language)
    return found


def read_prompts(directory: Path, wanted: Iterable[str] = ()) -> tuple[Prompt, ...]:
    """Return the prompts of a folder in their order, each one's sound and text checked against the manifest.

    `wanted` are the ids a menu may play; the dialplan's own are always wanted.

    Raises PromptsUnreadable, or PromptBroken naming the first prompt that is not whole.
    """
    words, manifest = _read_words(directory / "prompts.toml"), _read_manifest(directory / "manifest.json")
    if words.notice_version != manifest.notice_version:
        raise PromptBroken("recording-notice", "its version is not the one the sounds were made for")
    known = {prompt.id for prompt in manifest.prompts}
    for missing in sorted({*words.prompts, *wanted, *DIALPLAN_PROMPTS} - known):
        raise PromptBroken(missing, "there is no sound of it")
    for prompt in manifest.prompts:
        _check(prompt, directory, words.prompts.get(prompt.id))
    return manifest.prompts


def read_pieces(directory: Path, language: Language) -> tuple[Prompt, ...]:
    """Return the pieces of a language's folder, with the ids they are played by, checked as prompts are.

    Raises PromptsUnreadable, or PromptBroken naming the first piece that is not whole.
    """
    folder, texts = directory / FOLDER, vocabulary(language)
    manifest = _read_manifest(folder / "manifest.json")
    found = {f"{FOLDER}/{piece.id}": piece for piece in manifest.prompts}
    for missing in sorted(texts.keys() - found.keys()):
        raise PromptBroken(missing, "there is no sound of it")
    for name, piece in found.items():
        _check(piece, folder, texts.get(name))
    return tuple(piece.model_copy(update={"id": name, "file": f"{name}.wav"}) for name, piece in found.items())


def _check(prompt: Prompt, directory: Path, text: str | None) -> None:
    if text != prompt.text or hashlib.sha256(prompt.text.encode()).hexdigest() != prompt.text_sha256:
        raise PromptBroken(prompt.id, "its text was changed after its sound was made")
    file = directory / prompt.file
    try:
        sound = file.read_bytes()
    except OSError as wrong:
        raise PromptBroken(prompt.id, f"{file} cannot be read ({wrong.strerror})") from wrong
    if hashlib.sha256(sound).hexdigest() != prompt.sha256:
        raise PromptBroken(prompt.id, f"{file} is not the sound that was made for it")


def _read_manifest(file: Path) -> _Manifest:
    try:
        return _Manifest.model_validate_json(_text(file))
    except ValidationError as wrong:
        raise PromptsUnreadable(file, _first(wrong)) from wrong


def _read_words(file: Path) -> _Words:
    try:
        return _Words.model_validate(tomllib.loads(_text(file)))
    except tomllib.TOMLDecodeError as wrong:
        raise PromptsUnreadable(file, str(wrong)) from wrong
    except ValidationError as wrong:
        raise PromptsUnreadable(file, _first(wrong)) from wrong


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as wrong:
        raise PromptsUnreadable(file, f"cannot be read ({wrong.strerror})") from wrong
    except UnicodeDecodeError as wrong:
        raise PromptsUnreadable(file, "is not UTF-8") from wrong


def _first(wrong: ValidationError) -> str:
    error = wrong.errors()[0]
    return f"{'.'.join(str(part) for part in error['loc']) or 'the whole'}: {error['msg']}"
