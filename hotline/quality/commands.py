"""`python -m hotline quality proof`: draw the samples of reviewed calls again and show their shares."""

import asyncio
from typing import Any

import typer

from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

quality = typer.Typer(no_args_is_help=True, help="Which calls are listened to.")


@quality.callback()
def _group() -> None:
    """Keep `proof` a command of its own, also while it is the only one."""


@quality.command("proof")
def proof() -> None:
    """Draw every place of every week again; say how many were drawn, and which do not agree (exit code 1)."""
    from hotline.quality.service import prove  # noqa: PLC0415

    async def look(settings: Settings) -> Any:
        async with opened_database(settings) as database:
            return await prove(database)

    is_wrong = False
    for week, places, drawn, wrong in asyncio.run(look(read_settings())):
        typer.echo(f"week of {week}: {drawn} of {places} places drawn")
        for one in wrong:
            is_wrong = True
            typer.echo(f"  {one.stratum}, place {one.place} (call {one.call_id}) is not what the seed draws")
    if is_wrong:
        raise typer.Exit(1)
    typer.echo("every draw is what its seed draws")
