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


@user.command("grant")
def user_grant(name: str, centres: Annotated[list[str], typer.Argument(help="01 02 …, of [group]")]) -> None:
    """Let a person see these centres of the group, too."""
    _change_grants(name, centres, is_given=True)


@user.command("revoke")
def user_revoke(name: str, centres: Annotated[list[str], typer.Argument(help="01 02 …")]) -> None:
    """Let a person no longer see these centres of the group."""
    _change_grants(name, centres, is_given=False)


def _change_grants(name: str, centres: list[str], *, is_given: bool) -> None:
    from hotline.accounts.grants import Grants  # noqa: PLC0415
    from hotline.bus import Change, Subject  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.command_line import tell_service  # noqa: PLC0415

    async def change(settings: Settings) -> frozenset[str]:
        async with opened_database(settings) as database:
            grants = Grants(database=database, clock=SystemClock())
            left = await (grants.give if is_given else grants.take)(name, centres)
        await tell_service(settings, Change(Subject.ACCOUNT, name.strip().lower()))
        return left

    settings = read_settings()
    if is_given and (strange := sorted(set(centres) - set(settings.group.centres))):
        typer.echo(f"the group has no centre {', '.join(strange)}: see [group] in the settings", err=True)
        raise typer.Exit(1)
    seen = asyncio.run(change(settings))
    typer.echo(f"{name} sees {', '.join(sorted(seen)) or 'no centre'}")


@token.command("create")
def token_create(
    role: Annotated[Role, typer.Option()], label: Annotated[str, typer.Option()] = "",
    scope: Annotated[list[str] | None, typer.Option(help="calls:read, duty-log:write …; several times")] = None,
    days: Annotated[int, typer.Option(min=0, max=36_500, help="for how long; 0: for good")] = 0,
) -> None:  # fmt: skip
    """Give a machine a token; it is shown once. Without scopes it has its role's rights."""
    from datetime import timedelta  # noqa: PLC0415

    from hotline.accounts.service import create_token  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415

    async def create(settings: Settings) -> str:
        async with opened_database(settings) as database:
            clock = SystemClock()
            expires = clock.now() + timedelta(days=days) if days else None
            return await create_token(database, role, label, clock=clock, scopes=scope or (), expires=expires)

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
        ends = f"until {known.expires:%Y-%m-%d}" if known.expires else ""
        told = "  ".join(part for part in (known.label, ends, " ".join(sorted(known.scopes))) if part)
        typer.echo(f"{known.id:>4}  {known.role.value:<10}  {state:<18}  {told}")


@token.command("revoke")
def token_revoke(number: int) -> None:
    """Take a token back, by its number in `token list`."""
    from hotline.accounts.service import revoke_token  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415

    async def revoke(settings: Settings) -> None:
        async with opened_database(settings) as database:
            await revoke_token(database, number, clock=SystemClock())

    asyncio.run(revoke(read_settings()))
    typer.echo(f"token {number} opens nothing from now on")
