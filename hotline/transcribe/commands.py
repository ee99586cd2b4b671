"""`python -m hotline transcripts …`: how far the writing down is, and asking for it again."""

import asyncio
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from hotline.command_line import opened_database
from hotline.settings import read_settings

transcripts = typer.Typer(no_args_is_help=True, help="Which recordings are written down, wait or failed.")


class Shown(StrEnum):
    """Which recordings are listed."""

    ALL = "all"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@transcripts.command("list")
def list_transcripts(
    state: Annotated[Shown, typer.Option(help="Only those of this state.")] = Shown.ALL,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest first.")] = 50,
) -> None:
    """List recordings with how far each is: call, state, tries, engine, and why it failed."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.transcribe.backlog_store import Asked, Backlog, asked_for, backlog  # noqa: PLC0415
    from hotline.transcribe.service import longest_job  # noqa: PLC0415

    settings = read_settings()
    now = SystemClock().now()

    async def read() -> tuple[list[Asked], Backlog]:
        async with opened_database(settings) as database, database.read() as session:
            return (
                await asked_for(session, state=None if state is Shown.ALL else state.value, limit=limit),
                await backlog(
                    session,
                    stale_before=now - longest_job(settings.transcribe),
                    since=now - timedelta(days=1),
                ),
            )

    found, standing = asyncio.run(read())
    for one in found:
        why = f"  {one.reason}" if one.reason else ""
        tries = f"{one.attempts} {'try' if one.attempts == 1 else 'tries'}"
        typer.echo(f"{one.call_id}  {one.state:<8} {tries}  {one.engine or '-'}{why}")
    typer.echo(
        f"waiting {standing.waiting} (emergencies {standing.emergencies}), running {standing.running};"
        f" in the last 24 h done {standing.done}, failed {standing.failed}"
    )


@transcripts.command("again")
def again(
    calls: Annotated[list[str] | None, typer.Argument(help="Ids of calls; without any, all that failed.")] = None,
) -> None:
    """Have calls written down again; a running service asks for them within seconds. Words there stay until then."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.transcribe.backlog_store import ask_again  # noqa: PLC0415

    settings = read_settings()

    async def ask() -> int:
        async with opened_database(settings) as database, database.begin() as session:
            return await ask_again(session, calls or (), SystemClock().now())

    count = asyncio.run(ask())
    typer.echo(f"{count} {'is' if count == 1 else 'are'} asked for again")
    if calls and not count:
        raise typer.Exit(1)
