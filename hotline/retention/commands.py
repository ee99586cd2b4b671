"""`python -m hotline recordings …`: hold the files against the ledger, see what was removed, keep what is disputed."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from hotline.command_line import opened_database
from hotline.settings import read_settings

if TYPE_CHECKING:
    from hotline.recordings.removal import Link

recordings = typer.Typer(no_args_is_help=True, help="The sound of calls: check it, keep it, see what was removed.")

Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever asks later.")]


@recordings.command("check")
def check_recordings(
    *, deep: Annotated[bool, typer.Option("--deep", help="Read every file and compare its fingerprint.")] = False
) -> None:
    """Find files that no call knows, calls whose files are gone, leftovers, and with --deep changed files."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.recordings.checks import Checked, RecordingCheck  # noqa: PLC0415
    from hotline.recordings.recording import RecordingState  # noqa: PLC0415
    from hotline.recordings.store import count_by_state  # noqa: PLC0415

    settings = read_settings()

    async def look() -> tuple[Checked, dict[RecordingState, int]]:
        async with opened_database(settings) as database:
            check = RecordingCheck(directory=settings.recordings_directory, database=database, clock=SystemClock())
            checked = await check.run(deep=deep)
            async with database.read() as session:
                return checked, await count_by_state(session)

    checked, states = asyncio.run(look())
    for finding in sorted(checked.findings, key=lambda one: (one.fault, one.file)):
        typer.echo(f"{finding.fault.value:<9} {finding.file}\n          {finding.what_to_do}")
    said = ", ".join(f"{count} {state.value}" for state, count in sorted(states.items()))
    typer.echo(f"{checked.rows} recordings ({said or 'none'}), {checked.files} files, {len(checked.findings)} findings")
    raise typer.Exit(1 if checked.findings else 0)


@recordings.command("removals")
def list_removals(
    *, last: Annotated[int, typer.Option("--last", min=0, help="So many of the newest; 0: all.")] = 50
) -> None:
    """List what was removed, by which rule, and verify that no proof was changed."""
    from hotline.recordings.errors import RemovalsBroken  # noqa: PLC0415

    links, broken = asyncio.run(_read_removals())
    for link in links[-last:] if last else links:
        removed = link.removed
        typer.echo(
            f"{link.position:>6}  {removed.at:%Y-%m-%d %H:%M}Z  {removed.kind} {removed.what}  "
            f"{removed.klass} ({removed.rule})  sha256 {removed.sha256[:16] or 'nothing was there'}"
        )
    if broken is not None:
        raise RemovalsBroken(f"the chain does not hold at removal {broken}: that row or the one before it was changed")
    head = links[-1].hash if links else "none"
    typer.echo(f"{len(links)} removals, the chain holds; its head is {head}")


@recordings.command("days")
def tell_days() -> None:
    """Say for how many days each thing is kept now, and whether the settings file or the page says so."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.retention.days import RetentionDays  # noqa: PLC0415
    from hotline.retention.in_force import InForce  # noqa: PLC0415

    settings = read_settings()
    zone = ZoneInfo(settings.centre.time_zone)

    async def read() -> tuple[InForce, ...]:
        async with opened_database(settings) as database:
            return await RetentionDays(
                database=database, clock=SystemClock(), settings=settings.retention, zone=zone
            ).all()

    for one in asyncio.run(read()):
        whence = "settings file"
        if one.said is not None and one.is_from_page:
            whence = (
                f"page, by {one.said.by} {one.said.at.astimezone(zone):%Y-%m-%d %H:%M} (settings file: {one.in_file})"
            )
        next_ = f"; {one.next_days} days from {one.next_at.astimezone(zone):%Y-%m-%d %H:%M} on" if one.next_at else ""
        typer.echo(f"{one.what:<15}{one.days:>6} days  {whence}{next_}")


@recordings.command("hold")
def hold(call: str, *, reason: Reason) -> None:
    """Keep a call's recordings whatever their age."""
    _hold(call, reason, is_held=True)


@recordings.command("release")
def release(call: str, *, reason: Reason) -> None:
    """Let the time of a call's recordings run again."""
    _hold(call, reason, is_held=False)


def _hold(call: str, reason: str, *, is_held: bool) -> None:
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.recordings.removal_store import hold_recordings  # noqa: PLC0415

    settings = read_settings()

    async def say() -> list[str]:
        async with opened_database(settings) as database, database.begin() as session:
            return await hold_recordings(
                session, call, is_held=is_held, who="command line", reason=reason, at=SystemClock().now()
            )

    for name in asyncio.run(say()):
        typer.echo(f"{name}: {'held' if is_held else 'released'}")


async def _read_removals() -> "tuple[list[Link], int | None]":
    from hotline.recordings.removal import first_break  # noqa: PLC0415
    from hotline.recordings.removal_store import removals_after  # noqa: PLC0415

    links: list[Link] = []
    async with opened_database(read_settings()) as database:
        while True:
            async with database.read() as session:
                step = await removals_after(session, links[-1].position if links else 0)
            if not step:
                return links, first_break(links)
            links += step
