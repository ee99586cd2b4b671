"""`python -m hotline centre …`: whose rows this database holds, and the two ways in which that may change."""

import asyncio
from typing import Annotated, Any

import typer

from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

centre = typer.Typer(no_args_is_help=True, help="Whose rows this database holds.")
Said = Annotated[str, typer.Argument(help="the code this database is stamped with now")]


@centre.command("show")
def show() -> None:
    """Say with which centre this database is stamped."""
    from hotline.centre.service import stamp_of  # noqa: PLC0415

    async def read(settings: Settings) -> Any:
        async with opened_database(settings, is_checked=False) as database:
            return await stamp_of(database)

    stamp = asyncio.run(read(read_settings()))
    typer.echo(told(stamp) if stamp else "no stamp yet: the first migrate or start makes it")


@centre.command("rename")
def rename(stamped_as: Said) -> None:
    """Give this centre the code that now stands in [centre]; it stays the same centre. Stop the service first."""
    from hotline.centre.service import rename as change  # noqa: PLC0415

    _change(change, stamped_as)


@centre.command("adopt")
def adopt(stamped_as: Said) -> None:
    """Make a copy of another centre's database a centre of its own, as [centre] says. Stop the service first."""
    from hotline.centre.service import adopt as change  # noqa: PLC0415

    _change(change, stamped_as)


def _change(change: Any, stamped_as: str) -> None:
    from hotline.clock import SystemClock  # noqa: PLC0415

    async def run(settings: Settings) -> Any:
        async with opened_database(settings, is_checked=False) as database:
            return await change(database, settings.centre, SystemClock(), said=stamped_as)

    typer.echo(told(asyncio.run(run(read_settings()))))


def told(stamp: Any) -> str:
    """Return a stamp in a line."""
    return f"centre {stamp.code}, {stamp.name}: id {stamp.id}, stamped {stamp.at:%Y-%m-%d %H:%M} UTC"
