"""`python -m hotline user …` and `… token …`: who may sign in, and what a machine may do."""

import asyncio
import sys
from typing import Annotated, Any

import typer

from hotline.accounts.account import Role
from hotline.command_line import opened_database
from hotline.settings import Settings, read_settings

STANDARD_INPUT = "-"
user = typer.Typer(no_args_is_help=True, help="Who may sign in.")
token = typer.Typer(no_args_is_help=True, help="What a machine may do.")


@user.command("add")
def user_add(
    name: str, role: Annotated[Role, typer.Option()], extension: Annotated[str, typer.Option()] = "",
    display_name: Annotated[str, typer.Option()] = "",
    password: Annotated[str, typer.Option(help='one that stays; "-" reads it from the standard input')] = "",
) -> None:  # fmt: skip
    """Let a person sign in; prints the password, once. One that was made up has to be changed at the first sign-in."""
    from hotline.accounts.service import add_user  # noqa: PLC0415

    given = sys.stdin.readline().rstrip("\n") if password == STANDARD_INPUT else password
    settings = read_settings()
    if extension and extension not in settings.sip.phones:
        typer.echo(f"warning: no phone {extension} is set up (sip.agents, sip.supervisors): nothing rings it", err=True)

    async def add() -> str:
        async with opened_database(settings) as database:
            return await add_user(
                database, name, role, extension or None, given or None, display_name=display_name or name
            )

    made = asyncio.run(add())
    typer.echo("the account is made" if given else made)


@user.command("reset-password")
def user_reset_password(name: str) -> None:
    """Make up another password for a person, who has to change it at the next sign-in; prints it, once."""
    from hotline.accounts.service import reset_password  # noqa: PLC0415

    async def reset(settings: Settings) -> str:
        async with opened_database(settings) as database:
            return await reset_password(database, name)

    typer.echo(asyncio.run(reset(read_settings())))


@token.command("create")
def token_create(role: Annotated[Role, typer.Option()], label: Annotated[str, typer.Option()] = "") -> None:
    """Give a machine a token; it is shown once."""
    from hotline.accounts.service import create_token  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415

    async def create(settings: Settings) -> str:
        async with opened_database(settings) as database:
            return await create_token(database, role, label, clock=SystemClock())

    typer.echo(asyncio.run(create(read_settings())))


@token.command("list")
def token_list() -> None:
    """Say which tokens there are, and since when each is revoked."""
    from hotline.accounts.store import tokens  # noqa: PLC0415

    async def find(settings: Settings) -> Any:
        async with opened_database(settings) as database, database.read() as session:
            return await tokens(session)

    for known in asyncio.run(find(read_settings())):
        state = f"revoked {known.revoked:%Y-%m-%d}" if known.revoked else "valid"
        typer.echo(f"{known.id:>4}  {known.role.value:<10}  {state:<18}  {known.label}")


@token.command("revoke")
def token_revoke(number: int) -> None:
    """Take a token back, by its number in `token list`."""
    from hotline.accounts.store import revoke_token  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415

    async def revoke(settings: Settings) -> None:
        async with opened_database(settings) as database, database.begin() as session:
            await revoke_token(session, number, SystemClock().now())

    asyncio.run(revoke(read_settings()))
    typer.echo(f"token {number} opens nothing from now on")
