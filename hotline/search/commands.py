"""`python -m hotline search …`: make the index anew."""

import asyncio

import typer

from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

search = typer.Typer(no_args_is_help=True, help="The index over calls, words, the duty log and what is owed.")


@search.callback()
def _several() -> None:
    """Keep the group a group, though it has one command."""


@search.command("rebuild")
def rebuild_index() -> None:
    """Make the search index anew from the tables it is about; the desk may go on meanwhile."""
    from hotline.search.row import Found  # noqa: PLC0415 -- each command loads only what it needs
    from hotline.search.service import rebuild  # noqa: PLC0415

    def tell(kind: Found, count: int) -> None:
        if count and count % 50_000 == 0:
            typer.echo(f"{kind}: {count}")

    async def run(settings: Settings) -> int:
        async with opened_database(settings) as database:
            return await rebuild(database, area_code=settings.centre.area_code, tell=tell)

    typer.echo(f"{asyncio.run(run(read_settings()))} things can be found")
