"""`python -m hotline roster …`: who is on duty now, and who comes next."""

import asyncio
from zoneinfo import ZoneInfo

import typer

from hotline.command_line import opened_database
from hotline.settings import read_settings

roster = typer.Typer(no_args_is_help=True, help="Who is on duty, outside the hours and in danger.")


@roster.command("show")
def roster_show() -> None:
    """Say who is on duty now, in the order in which they are rung, and who comes next."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.roster.duty import DutyTurn, chain_at  # noqa: PLC0415
    from hotline.roster.store import turns_after, turns_at  # noqa: PLC0415

    settings, now = read_settings(), SystemClock().now()
    zone = ZoneInfo(settings.centre.time_zone)

    async def find() -> tuple[tuple[DutyTurn, ...], tuple[DutyTurn, ...]]:
        async with opened_database(settings) as database, database.read() as session:
            return await turns_at(session, now), await turns_after(session, now)

    present, coming = asyncio.run(find())
    chain = chain_at(present, now)
    if not chain:
        typer.echo("nobody is on the roster now: the desk's phones are rung, then the message box")
    for title, turns in (("now", [turn for turn in present if turn.contact in chain]), ("next", coming)):
        for turn in turns:
            contact = turn.contact
            when = f"{turn.starts.astimezone(zone):%Y-%m-%d %H:%M} – {turn.ends.astimezone(zone):%Y-%m-%d %H:%M}"
            typer.echo(
                f"{title:<4}  {contact.place}  {contact.duty:<8}  {contact.rings_for:>3} s  {when}  "
                f"{contact.number.masked:<14}  {contact.name}"
            )
    if not settings.sip.trunk and any(not turn.contact.number.is_internal for turn in (*present, *coming)):
        typer.echo("outside numbers cannot be rung: sip.trunk is not set")
