"""`python -m hotline phrases …`: the set phrases of the agent's page."""

from pathlib import Path
from typing import Annotated

import typer

from hotline.settings import SHIPPED_PHRASES, read_settings

phrases = typer.Typer(no_args_is_help=True, help="The set phrases of the agent's page.")


@phrases.callback()
def _group() -> None:
    """Keep `check` a command of its own name, although it is the only one."""


@phrases.command("check")
def check(file: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Check a file of set phrases, else the one in use; every fault with its line."""
    from hotline.desk.phrase_file import OWN, read_phrase_file  # noqa: PLC0415

    own = read_settings().home / OWN
    chosen = file or (own if own.exists() else SHIPPED_PHRASES)
    found = read_phrase_file(chosen).phrases
    sentences = sum(len(one.phrases) for one in found.sets.values())
    typer.echo(f"{chosen}: good: {len(found.sets)} sets, {sentences} phrases, {len(found.checks)} checks")
