"""`python -m hotline webhooks …`: how the sending to other programs stands, and sending again."""

import asyncio
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from hotline.audit.change import COMMAND_LINE
from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

webhooks = typer.Typer(no_args_is_help=True, help="Messages to other programs.")


@webhooks.command("show")
def show() -> None:
    """Say of each receiver what waits, what was sent in seven days, what was given up, and why."""

    async def read(settings: Settings) -> Any:
        async with opened_database(settings) as database:
            return await _webhooks(settings, database).states()

    for one in asyncio.run(read(read_settings())):
        why = f", last failure: {one.last_reason}" if one.last_reason else ""
        typer.echo(f"{one.receiver.name}: {one.waiting} waiting, {one.sent} sent, {one.given_up} given up{why}")


@webhooks.command("again")
def again(
    receiver: Annotated[str, typer.Argument(help="The receiver's name.")],
    message: Annotated[int, typer.Option(help="One message by its number, also one that was sent.")] = 0,
) -> None:
    """Send once more what was given up for a receiver, or one message; a running service does it within seconds."""

    async def write(settings: Settings) -> int:
        async with opened_database(settings) as database:
            known = _webhooks(settings, database)
            if message:
                await known.again(message, by=COMMAND_LINE)
                return 1
            return int(await known.all_again(receiver, by=COMMAND_LINE))

    typer.echo(f"{asyncio.run(write(read_settings()))} will be sent again")


def _webhooks(settings: Settings, database: Any) -> Any:
    from hotline.clock import SystemClock  # noqa: PLC0415 -- each command loads only what it needs
    from hotline.webhooks.service import Webhooks  # noqa: PLC0415

    return Webhooks(
        settings=settings.webhooks,
        centre=settings.centre,
        zone=ZoneInfo(settings.centre.time_zone),
        database=database,
        clock=SystemClock(),
        way_to=_no_way,
    )


def _no_way(_receiver: Any) -> Any:
    """Stand where a way would be: a command sends nothing itself."""
    return None
