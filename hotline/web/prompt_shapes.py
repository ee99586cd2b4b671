"""What goes in and out of the page of prompts."""

from datetime import datetime, tzinfo
from typing import Annotated, Literal

from pydantic import Field

from hotline.prompts.service import PromptSeen
from hotline.voice.own import Kept
from hotline.web.shapes import LARGEST_NUMBER, Inlet, Lines, Shape

Spoken = Literal["zh", "en"]
PromptId = Annotated[str, Field(pattern=r"^([a-z]+/)?[a-z0-9][a-z0-9-]*$", max_length=80)]
PromptText = Annotated[str, Lines, Field(min_length=1, max_length=500)]
Edition = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]


class KeptOut(Shape):
    """Who made a recording, when, and how: by file, telephone or the voice."""

    by: str
    at: datetime
    way: Literal["file", "telephone", "spoken"]
    seconds: float


class PromptOut(Shape):
    """One prompt. `fit`: whether what is played says what the text says; `number`: what a supervisor's phone dials."""

    id: str
    text: str
    shipped: str
    edition: int
    fit: Literal["fits", "old", "missing"]
    is_own: bool
    seconds: float | None
    kept: KeptOut | None
    former: tuple[KeptOut | None, ...]
    number: str
    is_recording: bool
    refused: str  # why the last try by telephone was not taken; empty: it was


class PromptsOut(Shape):
    """The prompts of a language."""

    language: Spoken
    prompts: tuple[PromptOut, ...]


class PromptsQuery(Inlet):
    """Which language."""

    language: Spoken = "zh"


class PromptSoundQuery(Inlet):
    """Which sound: what is played now, or a former recording (1 is the latest)."""

    language: Spoken = "zh"
    id: PromptId
    former: Annotated[int, Field(ge=0, le=5)] = 0


class UploadQuery(Inlet):
    """For which prompt a file is sent."""

    language: Spoken = "zh"
    id: PromptId


class TriedQuery(Inlet):
    """Which of the texts that were tried out."""

    name: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class TriedOut(Shape):
    """A text as it is said: the name to listen to it by, and its length."""

    name: str
    seconds: float


class TryIn(Inlet):
    """A text to hear."""

    language: Spoken
    text: PromptText


class PromptTextIn(Inlet):
    """A prompt's text, and the edition that was seen before it was written."""

    language: Spoken
    id: PromptId
    text: PromptText
    edition: Edition


class PromptBackIn(Inlet):
    """Back to what: the recording before, or the sound we come with."""

    language: Spoken
    id: PromptId
    to: Literal["former", "rendered"]


def prompt_out(seen: PromptSeen, zone: tzinfo) -> PromptOut:
    """Return a prompt as the page shows it."""
    return PromptOut(
        id=seen.id,
        text=seen.text,
        shipped=seen.shipped,
        edition=seen.edition,
        fit=seen.fit.value,
        is_own=seen.is_own,
        seconds=seen.seconds,
        kept=_kept(seen.kept, zone),
        former=tuple(_kept(one, zone) for one in seen.former),
        number=seen.number,
        is_recording=seen.phone.is_recording,
        refused=seen.phone.refused,
    )


def _kept(kept: Kept | None, zone: tzinfo) -> KeptOut | None:
    return KeptOut(by=kept.by, at=kept.at.astimezone(zone), way=kept.way, seconds=kept.seconds) if kept else None
