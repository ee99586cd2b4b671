"""`python -m hotline calls …`: is the ledger what the switch's log tells?"""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.command_line import opened_database
from hotline.settings import read_settings

if TYPE_CHECKING:
    from hotline.calls.checking import Progress

calls = typer.Typer(no_args_is_help=True, help="The call ledger.")


@calls.command("check")
def check(
    *,
    log: Annotated[
        bool, typer.Option("--log", help="Also compare the stored rows with the switch's own file.")
    ] = False,
    most: Annotated[int, typer.Option(help="How many differences are written out.")] = 100,
) -> None:
    """Derive every call again from the stored log and say where the ledger differs; it ends with 1 if it does."""
    from hotline.calls.checking import Progress, check_calls, check_log  # noqa: PLC0415

    settings = read_settings()
    short_abandon = timedelta(seconds=settings.answering.short_abandon_below)
    progress, found = Progress(), 0

    async def look() -> None:
        nonlocal found
        async with opened_database(settings) as database:
            sources = [check_calls(database, progress, short_abandon=short_abandon)]
            if log:
                sources.append(check_log(database, settings.cel_store, progress))
            for source in sources:
                async for difference in source:
                    found += 1
                    if found <= most:
                        typer.echo(str(difference))

    asyncio.run(look())
    typer.echo(_said(progress, f"{found} difference{'' if found == 1 else 's'}"))
    raise typer.Exit(1 if found else 0)


@calls.command("rebuild")
def rebuild() -> None:
    """Write every call as the stored log tells it; the running service then brings what hangs on it level."""
    from hotline.calls.checking import Progress, rebuild_calls  # noqa: PLC0415

    settings = read_settings()
    short_abandon = timedelta(seconds=settings.answering.short_abandon_below)
    progress = Progress()

    async def write() -> int:
        async with opened_database(settings) as database:
            return await rebuild_calls(database, progress, short_abandon=short_abandon)

    changed = asyncio.run(write())
    typer.echo(_said(progress, f"{changed} written anew"))


def _said(progress: "Progress", result: str) -> str:
    return f"{progress.calls} calls, {progress.rows} rows: {result}"
