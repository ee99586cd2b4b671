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
    """Draw every place of every row of the table again; say the shares, and which draws do not agree (exit code 1)."""
    from hotline.aftercare.rules import IN_CHINESE, After  # noqa: PLC0415
    from hotline.aftercare.service import prove  # noqa: PLC0415

    async def look(settings: Settings) -> list[tuple[Any, Any]]:
        async with opened_database(settings) as database:
            return [(after, await prove(database, after)) for after in After]

    is_wrong = False
    for after, (places, called, wrong) in asyncio.run(look(read_settings())):
        if places:
            typer.echo(f"{IN_CHINESE[after]}: {called} of {places} called, {100 * called / places:.1f} %")
        for one in wrong:
            is_wrong = True
            what = f"entry {one.entry}" if one.entry else f"home {one.home}"
            typer.echo(f"  place {one.place} ({what}) is not what the seed draws")
    if is_wrong:
        raise typer.Exit(1)
    typer.echo("every draw is what its seed draws")
