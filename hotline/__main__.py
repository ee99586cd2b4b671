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

from hotline.accounts.commands import token, user
from hotline.aftercare.commands import aftercare
from hotline.agents.commands import agent
from hotline.audit.commands import audit
from hotline.calls.commands import calls
from hotline.campaigns.commands import campaign
from hotline.centre.commands import centre
from hotline.command_line import opened_database, settle_memory, tell_staffing
from hotline.desk.phrase_commands import phrases
from hotline.dutylog.commands import duty_log
from hotline.errors import HotlineError
from hotline.ivr.commands import ivr, resident
from hotline.logs import set_up_logs
from hotline.quality.commands import quality
from hotline.reports.commands import reports
from hotline.residents.files import FileRefused
from hotline.retention.commands import recordings
from hotline.roster.commands import roster
from hotline.search.commands import search
from hotline.settings import Settings, read_settings
from hotline.transcribe.commands import transcripts
from hotline.voice.commands import prompt
from hotline.webhooks.commands import webhooks

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
imports = typer.Typer(no_args_is_help=True, help="Take in residents, homes, numbers, arrears: CSV or XLSX.")
simulate = typer.Typer(no_args_is_help=True, help="Simulated telephones: real SIP, real sound.")
for name, group in (
    ("user", user), ("token", token), ("import", imports), ("resident", resident), ("simulate", simulate),
    ("agent", agent), ("roster", roster), ("ivr", ivr), ("prompt", prompt), ("calls", calls),
    ("search", search), ("audit", audit), ("transcripts", transcripts),
    ("duty-log", duty_log), ("aftercare", aftercare), ("campaign", campaign),
    ("recordings", recordings), ("phrases", phrases), ("reports", reports), ("webhooks", webhooks),
    ("quality", quality), ("centre", centre),
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
    """Run one worker for the job queue; where there is a trunk, it dials for campaigns, too."""
    from worker.settings import run_worker  # noqa: PLC0415

    set_up_logs()
    _run_until_stopped(run_worker(read_settings()))


@app.command()
def live() -> None:
    """Hear talks while they are held: words on the screens, alarms at words of danger."""
    from hotline.live.program import run  # noqa: PLC0415

    set_up_logs()
    _run_until_stopped(run(read_settings()))


@app.command()
def migrate() -> None:
    """Bring the database to this version's shape."""
    from hotline.migrations import migrate as bring_up  # noqa: PLC0415

    settings = read_settings()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    asyncio.run(_look_whose(settings))
    bring_up(settings.database_url)
    asyncio.run(_stamp(settings))
    asyncio.run(_chain(settings))
    asyncio.run(_index(settings))
    typer.echo("the database is up to date")


async def _look_whose(settings: Settings) -> None:
    """Change nothing in another centre's database. Raises CentreDiffers."""
    async with opened_database(settings):
        pass


async def _stamp(settings: Settings) -> None:
    """Stamp the database with its centre; once. Raises CentreDiffers."""
    from hotline.centre.service import keep_stamp  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415

    async with opened_database(settings) as database:
        await keep_stamp(database, settings.centre, SystemClock())


async def _chain(settings: Settings) -> None:
    """Chain the duty log's entries from before it had a chain; once."""
    from hotline.dutylog.acts import chain_old_entries  # noqa: PLC0415
    from hotline.dutylog.entry import LogBook  # noqa: PLC0415

    book = LogBook(centre=settings.centre.code, zone=ZoneInfo(settings.centre.time_zone))
    async with opened_database(settings) as database:
        await chain_old_entries(database, book)


async def _index(settings: Settings) -> None:
    """Index what is from before the search; once."""
    from hotline.search.service import index_old  # noqa: PLC0415

    async with opened_database(settings) as database:
        await index_old(database, area_code=settings.centre.area_code)


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
        async with opened_database(settings) as database:
            return (await load_demo(database, settings, SystemClock())).is_new

    is_new = asyncio.run(load(read_settings()))
    typer.echo("the demo data are loaded" if is_new else "this database is in use: nothing was loaded")


@simulate.command("demo-call")
def simulate_demo_call() -> None:
    """Place one call by a recorded resident on the running desk, and show its way to the duty log."""
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.install.parts import Parts  # noqa: PLC0415
    from hotline.simulate.demo import DemoCall  # noqa: PLC0415

    async def place(settings: Settings) -> None:
        async with opened_database(settings) as database:
            await DemoCall(settings, Parts(settings.parts.directory), database, SystemClock(), typer.echo).run()

    asyncio.run(place(read_settings()))


@imports.command("residents")
def import_residents_file(file: Path, *, dry_run: DryRun = False) -> None:
    """Take in residents with their homes and numbers."""
    from hotline.residents.imports import import_residents  # noqa: PLC0415

    area_code = read_settings().centre.area_code
    _import(partial(import_residents, area_code=area_code), file, dry_run=dry_run)


@imports.command("homes")
def import_homes_file(file: Path, *, dry_run: DryRun = False) -> None:
    """Take in a list of homes."""
    from hotline.residents.imports import import_homes  # noqa: PLC0415

    _import(import_homes, file, dry_run=dry_run)


@imports.command("numbers")
def import_numbers_file(file: Path, *, dry_run: DryRun = False) -> None:
    """Take in the numbers of known people, in place of those known before."""
    from hotline.residents.imports import import_numbers  # noqa: PLC0415

    area_code = read_settings().centre.area_code
    _import(partial(import_numbers, area_code=area_code), file, dry_run=dry_run)


@imports.command("arrears")
def import_arrears_file(file: Path, *, dry_run: DryRun = False) -> None:
    """Take in the unpaid list from finance; a home that is no longer on it owes nothing."""
    from hotline.residents.imports import import_arrears  # noqa: PLC0415

    _import(import_arrears, file, dry_run=dry_run)


def _import(take_in: Any, file: Path, *, dry_run: bool) -> None:
    async def run(settings: Settings, content: bytes) -> Any:
        async with opened_database(settings) as database:
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
        asyncio.run(tell_staffing(settings))


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


def _run_until_stopped(work: Any) -> None:
    async def until_stopped() -> None:
        task = asyncio.current_task()
        if task is not None:  # supervisord stops us by SIGTERM: close in order, as for Ctrl-C
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await work

    settle_memory()
    with suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(until_stopped())


if __name__ == "__main__":
    main()
