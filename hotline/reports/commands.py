"""`python -m hotline reports …`: make the sums of reports anew."""

import asyncio
from zoneinfo import ZoneInfo

import typer

from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

reports = typer.Typer(no_args_is_help=True, help="The sums from which reports are read.")


@reports.callback()
def _several() -> None:
    """Keep the group a group, though it has one command."""


@reports.command("rebuild")
def rebuild_sums() -> None:
    """Make every sum of the reports anew from the calls; the desk may go on meanwhile."""
    from hotline.clock import SystemClock  # noqa: PLC0415 -- each command loads only what it needs
    from hotline.reports.keeping import ReportKeeping  # noqa: PLC0415

    async def run(settings: Settings) -> int:
        async with opened_database(settings) as database:
            keeping = ReportKeeping(
                database=database,
                clock=SystemClock(),
                zone=ZoneInfo(settings.centre.time_zone),
                area_code=settings.centre.area_code,
            )
            return await keeping.rebuild()

    typer.echo(f"the sums of {asyncio.run(run(read_settings()))} calls are made")
