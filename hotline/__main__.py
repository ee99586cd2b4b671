"""The command line: `python -m hotline …`. Reads the settings, sets up the log, runs one thing, says how it ended."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from sqlalchemy.exc import OperationalError

from hotline.accounts.account import Role
from hotline.errors import HotlineError
from hotline.ivr.commands import ivr
from hotline.logs import set_up_logs
from hotline.residents.files import FileRefused
from hotline.settings import Settings, read_settings
from hotline.voice.commands import prompt

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
user = typer.Typer(no_args_is_help=True, help="Who may sign in.")
token = typer.Typer(no_args_is_help=True, help="What a machine may do.")
imports = typer.Typer(no_args_is_help=True, help="Take in residents and arrears from CSV files.")
simulate = typer.Typer(no_args_is_help=True, help="Simulated telephones: real SIP, real sound.")
residents = typer.Typer(no_args_is_help=True, help="What a home has chosen.")
agent = typer.Typer(no_args_is_help=True, help="Who serves which queue.")
roster = typer.Typer(no_args_is_help=True, help="Who is on duty, outside the hours and in danger.")
for name, group in (
    ("user", user), ("token", token), ("import", imports), ("resident", residents), ("simulate", simulate),
    ("agent", agent), ("roster", roster), ("ivr", ivr), ("prompt", prompt),
):  # fmt: skip
    app.add_typer(group, name=name)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen, with every bad row.")]


@app.command()
def serve() -> None:
    """Run the service: web, menu, link to the switch, ledger."""
    from hotline.app import run  # noqa: PLC0415 -- each command loads only what it needs

    set_up_logs()
    _run_until_stopped(run(read_settings()))


@app.command()
def worker() -> None:
    """Run one worker for the job queue."""
    from worker.settings import make_worker  # noqa: PLC0415

    set_up_logs()
    asyncio.set_event_loop(asyncio.new_event_loop())  # arq asks for the thread's loop
    make_worker(read_settings()).run()


@app.command()
def migrate() -> None:
    """Bring the database to this version's shape."""
    from hotline.migrations import migrate as bring_up  # noqa: PLC0415

    settings = read_settings()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    bring_up(settings.database_url)
    typer.echo("the database is up to date")


@app.command("settings")
def tell_settings() -> None:
    """Say every setting with its variable, default and meaning."""
    from hotline.settings import as_markdown  # noqa: PLC0415

    typer.echo(as_markdown())


@app.command()
def doctor() -> None:
    """Look at every part and say what is wrong and what to do."""
    from hotline.install.doctor import examine  # noqa: PLC0415

    findings = examine(read_settings())
    for finding in findings:
        line = f"{finding.verdict:<4}  {finding.name}: {finding.what}"
        typer.echo(f"{line}\n      {finding.to_do}" if finding.to_do else line)
    raise typer.Exit(1 if any(finding.verdict == "fail" for finding in findings) else 0)


@app.command()
def demo() -> None:
    """Load the demo centre into an empty database."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.demo import load_demo  # noqa: PLC0415

    async def load(settings: Settings) -> bool:
        async with _database(settings) as database:
            return (await load_demo(database, settings, SystemClock())).is_new

    is_new = asyncio.run(load(read_settings()))
    typer.echo("the demo data are loaded" if is_new else "this database is in use: nothing was loaded")


@user.command("add")
def user_add(
    name: str, role: Annotated[Role, typer.Option()], extension: Annotated[str, typer.Option()] = "",
    display_name: Annotated[str, typer.Option()] = "",
) -> None:  # fmt: skip
    """Let a person sign in; prints the password, once."""
    from hotline.accounts.service import add_user  # noqa: PLC0415

    async def add(settings: Settings) -> str:
        async with _database(settings) as database:
            return await add_user(database, name, role, extension or None, display_name=display_name or name)

    typer.echo(asyncio.run(add(read_settings())))


@token.command("create")
def token_create(role: Annotated[Role, typer.Option()], label: Annotated[str, typer.Option()] = "") -> None:
    """Give a machine a token; it is shown once."""
    from hotline.accounts.service import create_token  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415

    async def create(settings: Settings) -> str:
        async with _database(settings) as database:
            return await create_token(database, role, label, clock=SystemClock())

    typer.echo(asyncio.run(create(read_settings())))


@simulate.command("demo-call")
def simulate_demo_call() -> None:
    """Place one call by a recorded resident on the running desk, and show its way to the duty log."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.install.parts import Parts  # noqa: PLC0415
    from hotline.simulate.demo import DemoCall  # noqa: PLC0415

    async def place(settings: Settings) -> None:
        async with _database(settings) as database:
            await DemoCall(settings, Parts(settings.parts.directory), database, SystemClock(), typer.echo).run()

    asyncio.run(place(read_settings()))


@imports.command("residents")
def import_residents_file(file: Path, *, dry_run: DryRun = False) -> None:
    """Take in residents with their homes and numbers."""
    from hotline.residents.imports import import_residents  # noqa: PLC0415

    area_code = read_settings().centre.area_code
    _import(partial(import_residents, area_code=area_code), file, dry_run=dry_run)


@imports.command("arrears")
def import_arrears_file(file: Path, *, dry_run: DryRun = False) -> None:
    """Take in the unpaid list from finance; a home that is no longer on it owes nothing."""
    from hotline.residents.imports import import_arrears  # noqa: PLC0415

    _import(import_arrears, file, dry_run=dry_run)


def _import(take_in: Any, file: Path, *, dry_run: bool) -> None:
    async def run(settings: Settings, content: bytes) -> Any:
        async with _database(settings) as database:
            return await take_in(database, content, dry_run=dry_run)

    try:
        content = file.read_bytes()
    except OSError as wrong:
        raise FileRefused(f"{file} cannot be read: {wrong.strerror}") from None
    report = asyncio.run(run(read_settings(), content))
    for problem in report.problems:
        typer.echo(f"line {problem.line}, {problem.column}: {problem.chinese} / {problem.english}")
    if report.problems:
        typer.echo(f"{len(report.problems)} bad lines: nothing was taken in")
        raise typer.Exit(1)
    counts = f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged, {report.removed} removed"
    typer.echo(f"dry run, nothing was written: {counts}" if dry_run else counts)


@token.command("list")
def token_list() -> None:
    """Say which tokens there are, and since when each is revoked."""
    from hotline.accounts.store import tokens  # noqa: PLC0415

    async def find(settings: Settings) -> Any:
        async with _database(settings) as database, database.read() as session:
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
        async with _database(settings) as database, database.begin() as session:
            await revoke_token(session, number, SystemClock().now())

    asyncio.run(revoke(read_settings()))
    typer.echo(f"token {number} opens nothing from now on")


@residents.command("pin")
def resident_pin(home: str, *, clear: Annotated[bool, typer.Option("--clear", help="Take it away.")] = False) -> None:
    """Set the number by which a home (3-2-501) proves itself on the telephone; asks for it twice, unseen."""
    from hotline.accounts.passwords import Passwords  # noqa: PLC0415
    from hotline.ivr.proof import clear_pin, set_pin  # noqa: PLC0415
    from hotline.residents.pin import HomeUnknown  # noqa: PLC0415
    from hotline.residents.resident import Home  # noqa: PLC0415

    known = Home.parse(home)
    if known is None:
        raise HomeUnknown("a home is written 3-2-501 or 3栋2单元501室")
    pin = "" if clear else typer.prompt("PIN", hide_input=True, confirmation_prompt=True)

    async def keep(settings: Settings) -> None:
        async with _database(settings) as database:
            await (clear_pin(database, known) if clear else set_pin(database, Passwords(), known, pin))

    asyncio.run(keep(read_settings()))
    typer.echo(f"{known} is opened by {'the last four digits of a registered number' if clear else 'its PIN alone'}")


@agent.command("skills")
def agent_skills(
    extension: str,
    skills: Annotated[list[str] | None, typer.Argument(help="repair, or repair:2 for a second choice")] = None,
    *,
    none: Annotated[bool, typer.Option("--none", help="Only everybody's queue.")] = False,
    every: Annotated[bool, typer.Option("--every", help="Every skill, also those to come.")] = False,
) -> None:
    """Say which skills an agent has, or with nothing more than the extension, tell them."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.queues.membership import EVERYBODY, Skill, SkillsRefused, wanted  # noqa: PLC0415
    from hotline.queues.service import read_skills  # noqa: PLC0415
    from hotline.queues.store import memberships, set_skills  # noqa: PLC0415

    if bool(skills) + none + every > 1:
        raise SkillsRefused("say skills, or --none, or --every")
    settings = read_settings()
    known = settings.queues.skills
    chosen = read_skills(extension, None if every else skills or (), agents=settings.sip.agents, known=known)

    async def say() -> dict[str, tuple[Skill, ...]]:
        async with _database(settings) as database:
            if skills or none or every:
                async with database.begin() as session:
                    await set_skills(session, extension, chosen, by="command line", at=SystemClock().now())
                await _tell_staffing(settings)
            async with database.read() as session:
                said: dict[str, tuple[Skill, ...]] = await memberships(session)
                return said

    places = wanted([extension], known, asyncio.run(say()))
    told = [f"{queue}:{penalty}" if penalty else queue for (_, queue), penalty in places.items() if queue != EVERYBODY]
    typer.echo(f"{extension}: {' '.join(told)}" if told else f"{extension}: no skill, only the queue of everybody")


@imports.command("roster")
def import_roster_file(file: Path, *, dry_run: DryRun = False) -> None:
    """Take in the duty roster for the time that the file covers."""
    from hotline.roster.files import Telephony  # noqa: PLC0415
    from hotline.roster.imports import import_roster  # noqa: PLC0415

    settings = read_settings()
    telephony = Telephony(
        area_code=settings.centre.area_code,
        phones=settings.sip.phones,
        own_numbers=(settings.sip.hotline_number, settings.sip.outbound_number),
    )
    zone = ZoneInfo(settings.centre.time_zone)
    _import(partial(import_roster, zone=zone, telephony=telephony), file, dry_run=dry_run)
    if not dry_run:
        asyncio.run(_tell_staffing(settings))


@roster.command("show")
def roster_show() -> None:
    """Say who is on duty now, in the order in which they are rung, and who comes next."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.roster.duty import DutyTurn, chain_at  # noqa: PLC0415
    from hotline.roster.store import turns_after, turns_at  # noqa: PLC0415

    settings, now = read_settings(), SystemClock().now()
    zone = ZoneInfo(settings.centre.time_zone)

    async def find() -> tuple[tuple[DutyTurn, ...], tuple[DutyTurn, ...]]:
        async with _database(settings) as database, database.read() as session:
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


async def _tell_staffing(settings: Settings) -> None:
    """Tell a running service at once; without Redis it looks by itself within a minute."""
    from hotline.bus import Change, Subject  # noqa: PLC0415
    from hotline.jobs import Jobs  # noqa: PLC0415

    jobs = Jobs(settings.redis_url)
    try:
        if await jobs.is_reachable():
            await jobs.tell(Change(Subject.STAFFING))
    finally:
        await jobs.close()


def main() -> None:
    """Run the command; a foreseen error is one clear message, never a stack trace."""
    os.umask(0o077)  # what we write is the owner's alone, however we were started
    try:
        app()
    except* OperationalError:
        typer.echo(
            "database-not-there: the database cannot be opened or has no tables: run scripts/up, or migrate", err=True
        )
        sys.exit(1)
    except* HotlineError as several:  # a task group wraps what its tasks raise
        for wrong in _each(several):
            typer.echo(f"{wrong.error_id}: {wrong}", err=True)
        sys.exit(1)


def _each(several: BaseExceptionGroup[HotlineError]) -> list[HotlineError]:
    """Return the errors of a group, however deep."""
    return [
        wrong
        for inner in several.exceptions
        for wrong in (_each(inner) if isinstance(inner, BaseExceptionGroup) else [inner])
    ]


def _database(settings: Settings) -> Any:
    from contextlib import asynccontextmanager  # noqa: PLC0415

    from hotline.database import Database  # noqa: PLC0415

    @asynccontextmanager
    async def opened() -> Any:
        database = Database(settings.database_url)
        try:
            yield database
        finally:
            await database.close()

    return opened()


def _run_until_stopped(work: Any) -> None:
    async def until_stopped() -> None:
        task = asyncio.current_task()
        if task is not None:  # supervisord stops us by SIGTERM: close in order, as for Ctrl-C
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await work

    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(until_stopped())


if __name__ == "__main__":
    main()
