"""`python -m hotline duty-log …`: prove that nothing in the log was changed, removed or moved; how good drafts are."""

import asyncio
from typing import Annotated, Any

import typer

from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

duty_log = typer.Typer(
    no_args_is_help=True, help="The chain over the duty log's confirmed entries, and how good its drafts are."
)


@duty_log.command("head")
def head() -> None:
    """Print the end of the chain: how many entries it has, and the hash of the last."""
    from hotline.dutylog.chain_store import head_of_chain  # noqa: PLC0415

    async def read(settings: Settings) -> Any:
        async with opened_database(settings) as database, database.read() as session:
            return await head_of_chain(session)

    end = asyncio.run(read(read_settings()))
    typer.echo(f"{end.position} {end.hash}")


@duty_log.command("verify")
def verify(
    printed: Annotated[str, typer.Option(help="The hash of a head on paper: the chain must have passed it.")] = "",
) -> None:
    """Walk along the whole chain; name the first entry that is altered, missing or out of order (exit code 1)."""
    from hotline.dutylog.chain import Finding  # noqa: PLC0415
    from hotline.dutylog.chain_store import verify_chain  # noqa: PLC0415

    async def walk(settings: Settings) -> Any:
        async with opened_database(settings) as database:
            return await verify_chain(database, printed=printed.strip().lower())

    found = asyncio.run(walk(read_settings()))
    if isinstance(found, Finding):
        typer.echo(told(found))
        raise typer.Exit(1)
    typer.echo(f"{found.position} entries, none altered, missing or out of order; head {found.hash}")


@duty_log.command("drafts")
def drafts() -> None:
    """Print which share of each drafted field was kept by the people who confirmed the entries."""
    from hotline.dutylog.draft_store import draft_shares  # noqa: PLC0415
    from hotline.dutylog.draft_verdicts import as_table  # noqa: PLC0415

    async def read(settings: Settings) -> str:
        async with opened_database(settings) as database, database.read() as session:
            return as_table(await draft_shares(session))

    typer.echo(asyncio.run(read(read_settings())))


def told(found: Any) -> str:
    """Return a finding in a sentence."""
    entry = f"entry {found.page or found.number}" if found.number is not None else "an entry"
    return {
        "altered": f"position {found.position}: {entry} is altered, or what stood before it is gone",
        "missing": f"position {found.position}: {entry} is missing",
        "out-of-order": f"position {found.position}: {entry} is intact but out of order",
        "outside": f"{entry} says it is confirmed and is not in the chain",
        "rewritten": "the chain holds, but it is not the one whose head is kept or printed",
    }[found.fault.value]
