"""`python -m hotline aftercare proof`: draw the whole sample again and show its shares."""

import asyncio
from typing import Any

import typer

from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

aftercare = typer.Typer(no_args_is_help=True, help="Calls after handled matters.")


@aftercare.callback()
def _group() -> None:
    """Keep `proof` a command of its own, also while it is the only one."""


@aftercare.command("proof")
def proof() -> None:
    """Draw every place of every kind again; say the shares, and which draws do not agree (exit code 1)."""
    from hotline.aftercare.service import prove  # noqa: PLC0415
    from hotline.dutylog.entry import KIND_IN_CHINESE, Kind  # noqa: PLC0415

    async def look(settings: Settings) -> list[tuple[Kind, Any]]:
        async with opened_database(settings) as database:
            return [(kind, await prove(database, kind)) for kind in Kind]

    is_wrong = False
    for kind, (places, called, wrong) in asyncio.run(look(read_settings())):
        if places:
            typer.echo(f"{KIND_IN_CHINESE[kind]}: {called} of {places} called, {100 * called / places:.1f} %")
        for one in wrong:
            is_wrong = True
            typer.echo(f"  place {one.place} (entry {one.entry}) is not what the seed draws")
    if is_wrong:
        raise typer.Exit(1)
    typer.echo("every draw is what its seed draws")
