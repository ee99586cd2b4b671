"""The prompts over HTTP: supervisors read and write texts, listen, have them spoken, send files, and go back."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from hotline.prompts.service import PromptDesk
from hotline.recordings.sounds import FileSound
from hotline.voice.errors import VoiceTooSlow
from hotline.voice.intake import LARGEST
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown, BodyTooLarge
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.playing import send_sound
from hotline.web.prompt_shapes import (
    PromptBackIn,
    PromptSoundQuery,
    PromptsOut,
    PromptsQuery,
    PromptTextIn,
    Spoken,
    TriedOut,
    TriedQuery,
    TryIn,
    UploadQuery,
    prompt_out,
)
from hotline.web.render import page
from hotline.web.routes import Route

PIECE: Final = 64 * 1024
SPEAK_WITHIN: Final = 25.0  # seconds; the request ends at thirty, and what was spoken by then is kept for the next try


async def show_prompts_page(request: web.Request) -> web.StreamResponse:
    """Give the page of prompts; it fills itself from the API."""
    return page(request, "prompts.html")


async def list_prompts(request: web.Request) -> web.StreamResponse:
    """Answer with every prompt of a language, and whether what is played says what its text says."""
    return await _listed(request, query_of(request, PromptsQuery).language)


async def play_prompt(request: web.Request) -> web.StreamResponse:
    """Give the sound of a prompt as callers hear it, or a former recording. Raises SoundUnknown."""
    asked = query_of(request, PromptSoundQuery)
    file = await _desk(request).file_of(asked.language, asked.id, asked.former)
    return await _sent(request, file)


async def play_tried(request: web.Request) -> web.StreamResponse:
    """Give the sound of a text that was tried out. Raises SoundUnknown."""
    return await _sent(request, await _desk(request).tried(query_of(request, TriedQuery).name))


async def try_text(request: web.Request) -> web.StreamResponse:
    """Speak a text to hear it. Raises TextRefused, NoVoice, VoiceFailed, VoiceTooSlow."""
    said = await body_of(request, TryIn)
    async with _in_time():
        sound = await _desk(request).try_out(said.language, said.text)
    return as_json(TriedOut(name=Path(sound.name).name, seconds=sound.seconds))


async def write_text(request: web.Request) -> web.StreamResponse:
    """Change a prompt's text; its sound is old from then on. Raises PromptTextChanged."""
    said = await body_of(request, PromptTextIn)
    await _desk(request).set_text(said.language, said.id, said.text, edition=said.edition, by=request[IDENTITY].name)
    return await _listed(request, said.language)


async def speak_text(request: web.Request) -> web.StreamResponse:
    """Let callers hear a text spoken. Raises as `write_text` and `try_text`."""
    said = await body_of(request, PromptTextIn)
    async with _in_time():
        await _desk(request).speak(said.language, said.id, said.text, edition=said.edition, by=request[IDENTITY].name)
    return await _listed(request, said.language)


async def upload_sound(request: web.Request) -> web.StreamResponse:
    """Let callers hear a file: the body is the sound itself. Raises BodyTooLarge, OwnRecordingRefused, SoundUnknown."""
    asked, desk = query_of(request, UploadQuery), _desk(request)
    async with _received(request, desk.uploads) as file:
        await desk.upload(asked.language, asked.id, file, by=request[IDENTITY].name)
    return await _listed(request, asked.language)


async def go_back(request: web.Request) -> web.StreamResponse:
    """Go back to the recording before, or to the sound we come with. Raises OwnRecordingRefused without one."""
    said = await body_of(request, PromptBackIn)
    await _desk(request).back(said.language, said.id, to_rendered=said.to == "rendered", by=request[IDENTITY].name)
    return await _listed(request, said.language)


async def _listed(request: web.Request, language: Spoken) -> web.StreamResponse:
    found, zone = await _desk(request).all(language), request.app[ROOMS].zone
    return as_json(PromptsOut(language=language, prompts=tuple(prompt_out(one, zone) for one in found)))


async def _sent(request: web.Request, file: Path) -> web.StreamResponse:
    size = (await asyncio.to_thread(file.stat)).st_size
    return await send_sound(request, FileSound(path=file, size=size, media="audio/wav"))


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(SPEAK_WITHIN):
            yield
    except TimeoutError:
        raise VoiceTooSlow(
            f"the text was not spoken within {SPEAK_WITHIN:.0f} s: a shorter one, or try again"
        ) from None


@asynccontextmanager
async def _received(request: web.Request, folder: Path) -> AsyncIterator[Path]:
    """Write a body to a file of its own, piece by piece, and remove it at the end. Raises BodyTooLarge."""
    if (request.content_length or 0) > LARGEST:
        raise BodyTooLarge("the file is larger than a minute of sound can be")
    file = await asyncio.to_thread(_fresh_file, folder)
    try:
        size = 0
        with file.open("wb") as opened:
            async for piece in request.content.iter_chunked(PIECE):
                size += len(piece)
                if size > LARGEST:
                    raise BodyTooLarge("the file is larger than a minute of sound can be")
                await asyncio.to_thread(opened.write, piece)
        yield file
    finally:
        await asyncio.to_thread(file.unlink, missing_ok=True)


def _fresh_file(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="sent-", delete=False) as made:
        return Path(made.name)


def _desk(request: web.Request) -> PromptDesk:
    desk = request.app[ROOMS].prompts
    if desk is None:
        raise AddressUnknown("prompts are not kept here")
    return desk


PROMPT_ROUTES: Final = (
    Route(method="GET", path="/prompts", act=show_prompts_page, roles=HEADS, summary="The prompts", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/prompts",
        act=list_prompts,
        roles=HEADS,
        summary="Every prompt of a language: text, sound, whether they fit, how to record it by telephone",
        query=PromptsQuery,
        answer=PromptsOut,
    ),
    Route(
        method="GET",
        path="/api/v1/prompts/sound",
        act=play_prompt,
        roles=HEADS,
        summary="What callers hear, or a former recording",
        query=PromptSoundQuery,
        media="audio/wav",
    ),
    Route(
        method="PUT",
        path="/api/v1/prompts/sound",
        act=upload_sound,
        roles=HEADS,
        summary="Let callers hear a sound file: checked, levelled, made fit for the telephone",
        query=UploadQuery,
        answer=PromptsOut,
    ),
    Route(
        method="GET",
        path="/api/v1/prompts/tried",
        act=play_tried,
        roles=HEADS,
        summary="A text that was tried out, as it is said",
        query=TriedQuery,
        media="audio/wav",
    ),
    Route(
        method="POST",
        path="/api/v1/prompts/try",
        act=try_text,
        roles=HEADS,
        summary="Speak a text to hear it; nothing is changed",
        body=TryIn,
        answer=TriedOut,
    ),
    Route(
        method="PUT",
        path="/api/v1/prompts/text",
        act=write_text,
        roles=HEADS,
        summary="Change a prompt's text; 409 when somebody else did meanwhile",
        body=PromptTextIn,
        answer=PromptsOut,
    ),
    Route(
        method="POST",
        path="/api/v1/prompts/speak",
        act=speak_text,
        roles=HEADS,
        summary="Let callers hear a text spoken",
        body=PromptTextIn,
        answer=PromptsOut,
    ),
    Route(
        method="POST",
        path="/api/v1/prompts/back",
        act=go_back,
        roles=HEADS,
        summary="Back to the recording before, or to the sound we come with",
        body=PromptBackIn,
        answer=PromptsOut,
    ),
)
