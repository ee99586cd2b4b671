"""`python -m hotline audit …`: prove that nothing in the audit was changed, removed or moved."""

import asyncio
from typing import Annotated, Any

import typer

from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

audit = typer.Typer(no_args_is_help=True, help="Who changed what on the pages of staff and settings.")


@audit.command("head")
def head() -> None:
    """Print the end of the chain: how many changes it has, and the hash of the last."""
    from hotline.audit.store import head_of_audit  # noqa: PLC0415

    async def read(settings: Settings) -> Any:
        async with opened_database(settings) as database, database.read() as session:
            return await head_of_audit(session)

    end = asyncio.run(read(read_settings()))
    typer.echo(f"{end.position} {end.hash}")


@audit.command("verify")
def verify(
    printed: Annotated[str, typer.Option(help="The hash of a head on paper: the chain must have passed it.")] = "",
) -> None:
    """Walk along the whole chain; name the first change that is altered or missing (exit code 1)."""
    from hotline.audit.change import Finding  # noqa: PLC0415
    from hotline.audit.store import verify_audit  # noqa: PLC0415

    async def walk(settings: Settings) -> Any:
        async with opened_database(settings) as database:
            return await verify_audit(database, printed=printed.strip().lower())

    found = asyncio.run(walk(read_settings()))
    if isinstance(found, Finding):
        typer.echo(told(found))
        raise typer.Exit(1)
    typer.echo(f"{found.position} changes, none altered or missing; head {found.hash}")


def told(found: Any) -> str:
    """Return a finding in a sentence."""
    return {
        "altered": f"position {found.position}: the change is altered, or what stood before it is gone",
        "missing": f"position {found.position}: the change is missing",
        "rewritten": "the chain holds, but it is not the one whose head is kept or printed",
    }[found.fault.value]
