"""`python -m hotline campaign …`: everything a supervisor does about campaigns, without a browser."""

import asyncio
import csv
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hotline.command_line import opened_database
from hotline.residents.files import FileRefused
from hotline.settings import Settings, read_settings

if TYPE_CHECKING:
    from hotline.campaigns.calling_out import CallingOut
    from hotline.database import Database

campaign = typer.Typer(no_args_is_help=True, help="Calling out: campaigns, their lists and what came of them.")
Number = Annotated[int, typer.Argument(help="The campaign's number.")]
CONSOLE: Final = "console"  # whoever sits at the machine and gives no name
By = Annotated[str, typer.Option("--by", help="Who does it: the account of a supervisor or administrator.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen, with every bad row.")]


def _run(act: "Callable[[CallingOut, Database, Settings], Awaitable[Any]]", *, by: str = CONSOLE) -> Any:
    """Do something with the campaigns of this installation, and tell a running service of what changed.

    Refuses a name that is no supervisor's and no administrator's account.
    """
    from hotline.bus import RESYNC, Bus  # noqa: PLC0415
    from hotline.campaigns.calling_out import CallingOut  # noqa: PLC0415
    from hotline.campaigns.sounds import CampaignSounds  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415
    from hotline.jobs import Jobs  # noqa: PLC0415
    from hotline.voice.free_texts import FreeTexts  # noqa: PLC0415
    from hotline.voice.shelf import Shelf  # noqa: PLC0415

    async def run() -> Any:
        settings, clock, bus = read_settings(), SystemClock(), Bus()
        texts = FreeTexts(settings.voice, settings.home, clock)
        sounds = CampaignSounds(Shelf.of(settings), settings.home / "voice-campaigns", texts.sound_of)
        jobs = Jobs(settings.redis_url)
        try:
            async with opened_database(settings) as database:
                await _refuse_a_stranger(database, by)
                with bus.listening() as changes:
                    done = await act(
                        CallingOut.of(settings, database, bus, clock, speak=sounds.speak), database, settings
                    )
                    while not changes.empty():
                        change = changes.get_nowait()
                        if change != RESYNC:
                            await jobs.tell(change)
                    return done
        finally:
            await jobs.close()

    return asyncio.run(run())


async def _refuse_a_stranger(database: "Database", by: str) -> None:
    """Let only those act under a name who may do so on the page; the name is written as it is stored."""
    from hotline.accounts.account import Role  # noqa: PLC0415
    from hotline.accounts.store import accounts  # noqa: PLC0415

    if by == CONSOLE:
        return
    async with database.read() as session:
        heads = [one.name for one in await accounts(session) if one.role in {Role.SUPERVISOR, Role.ADMIN}]
    if by not in heads:
        some = f"; there are {', '.join(heads)}" if heads else ": make one with `user add`"
        raise typer.BadParameter(f"no supervisor or administrator has the account {by}{some}", param_hint="--by")


@campaign.command("new")
def new(
    kind: Annotated[str, typer.Argument(help="fee-reminder, survey, notice, missed-return or call-back.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
    *,
    words: Annotated[str, typer.Option(help="What a notice says.")] = "",
    lines: Annotated[int, typer.Option(help="At most so many lines; 0: all that campaigns may have.")] = 0,
    owing_from: Annotated[float, typer.Option(help="Put on it who owes at least so many yuan by the records.")] = 0.0,
    building: Annotated[list[int] | None, typer.Option(help="Only homes of this building; may be repeated.")] = None,
    by_agent: Annotated[bool, typer.Option("--by-agent", help="Agents look at each home and dial it.")] = False,
    from_records: Annotated[bool, typer.Option("--from-records", help="Put on it whom we owe such a call.")] = False,
    by: By = CONSOLE,
) -> None:
    """Draft a campaign, and fill it from the records where that is asked for."""
    from hotline.campaigns.campaign import CampaignKind  # noqa: PLC0415

    try:
        wanted = CampaignKind(kind)
    except ValueError:
        raise typer.BadParameter(f"one of {', '.join(CampaignKind)}") from None

    async def act(calling_out: "CallingOut", _database: "Database", _settings: Settings) -> Any:
        made = await calling_out.campaigns.make(wanted, name, by=by, words=words, lines=lines, by_agent=by_agent)
        taken = None
        if owing_from or building or from_records:
            taken = await calling_out.campaigns.take_from_records(
                made.id, by=by, from_fen=max(1, round(owing_from * 100)), buildings=building or []
            )
        return made, taken

    made, taken = _run(act, by=by)
    typer.echo(f"campaign {made.id} is drafted")
    if taken is not None:
        _say_taken(taken, is_dry_run=False)


@campaign.command("import")
def import_list(number: Number, file: Path, *, dry_run: DryRun = False, by: By = CONSOLE) -> None:
    """Put the rows of a list on a campaign, CSV or XLSX; every row that cannot be rung is said, with its reason."""
    try:
        content = file.read_bytes()
    except OSError as wrong:
        raise FileRefused(f"{file} cannot be read: {wrong.strerror}") from None
    taken = _run(
        lambda calling_out, _database, _settings: calling_out.campaigns.take_in(
            number, content, by=by, file=file.name, is_dry_run=dry_run
        ),
        by=by,
    )
    _say_taken(taken, is_dry_run=dry_run)
    if taken.problems:
        raise typer.Exit(1)


def _say_taken(taken: Any, *, is_dry_run: bool) -> None:
    for problem in taken.problems:
        typer.echo(f"line {problem.line}, {problem.column}: {problem.chinese} / {problem.english}")
    counts = f"{taken.added} homes put on the list, {taken.known} stood on it, {len(taken.problems)} cannot be rung"
    typer.echo(f"dry run, nothing was written: {counts}" if is_dry_run else counts)


@campaign.command("preview")
def preview(number: Number) -> None:
    """Say who would be called and when, who not and why, and what exactly is said."""
    seen = _run(lambda calling_out, _database, _settings: calling_out.previews.of(number))
    typer.echo(f"{seen.targets} wait: {seen.may_now} may be called now, {seen.suppressed} may not be called at all")
    for day, count in seen.on_days.items():
        typer.echo(f"  from {day}: {count}")
    for title, reasons in (("never", seen.never), ("not now", seen.not_now)):
        for reason, count in sorted(reasons.items()):
            typer.echo(f"  {title}: {reason} {count}")
    for judged in seen.shown[:10]:
        verdict = judged.verdict
        said = "now" if verdict.allowed else ", ".join(verdict.reasons)
        typer.echo(f"  {judged.target.household:<12} {said}")
    if seen.sample:
        typer.echo(f"asks:  {seen.sample.ask}\ntells: {seen.sample.told}")
    if seen.cannot_be_said:
        typer.echo(f"what is to be said cannot be said: {seen.cannot_be_said}")


def _step(name: str, number: int, by: str) -> None:
    done = _run(lambda calling_out, _database, _settings: getattr(calling_out.campaigns, name)(number, by=by), by=by)
    typer.echo(f"campaign {done.id} is {done.state}")


@campaign.command("approve")
def approve(number: Number, by: By) -> None:
    """Approve what is said and who is rung; where it is set so, not whoever made it. It needs a name."""
    if by == CONSOLE:
        raise typer.BadParameter("somebody approves by name", param_hint="--by")
    _step("approve", number, by)


@campaign.command("start")
def start(number: Number, by: By = CONSOLE) -> None:
    """Let it begin."""
    _step("start", number, by)


@campaign.command("pause")
def pause(number: Number, by: By = CONSOLE) -> None:
    """Begin no further call until it is resumed."""
    _step("pause", number, by)


@campaign.command("resume")
def resume(number: Number, by: By = CONSOLE) -> None:
    """Go on after a pause."""
    _step("resume", number, by)


@campaign.command("stop")
def stop(number: Number, by: By = CONSOLE) -> None:
    """End it at once, for good; nobody who is being spoken with is cut off."""
    _step("stop", number, by)


@campaign.command("show")
def show(number: Annotated[int, typer.Argument(help="The campaign's number; 0: all.")] = 0) -> None:
    """Say how far campaigns are: targets by state and outcome, and attempts that a person must decide."""
    from hotline.campaigns.attempt import AttemptState  # noqa: PLC0415
    from hotline.campaigns.attempts_store import attempts_page  # noqa: PLC0415
    from hotline.campaigns.store import campaign_by_id, campaigns_page  # noqa: PLC0415
    from hotline.campaigns.targets_store import target_counts  # noqa: PLC0415

    async def act(_calling_out: "CallingOut", database: "Database", _settings: Settings) -> Any:
        async with database.read() as session:
            found = [await campaign_by_id(session, number)] if number else await campaigns_page(session)
            return [
                (
                    one,
                    await target_counts(session, one.id),
                    await attempts_page(session, one.id, states=[AttemptState.UNKNOWN]),
                )
                for one in found
            ]

    for one, counts, unknown in _run(act):
        typer.echo(f"{one.id:>5}  {one.kind:<14} {one.state:<9} {one.name}")
        for (state, outcome), count in sorted(counts.items()):
            typer.echo(f"         {state:<11} {outcome:<13} {count}")
        for attempt in unknown:
            typer.echo(f"         unknown: {attempt.id}: campaign decide {attempt.id} rang|never")


@campaign.command("export")
def export(
    number: Number,
    file: Path,
    *,
    codes: Annotated[bool, typer.Option("--codes", help="For a machine: codes instead of Chinese words.")] = False,
) -> None:
    """Write a campaign's results as CSV, as the page does, without telephone numbers."""
    from hotline.campaigns.results import CODE_HEADINGS, HEADINGS, result_cells  # noqa: PLC0415
    from hotline.campaigns.results_store import result_of_target  # noqa: PLC0415
    from hotline.campaigns.store import campaign_by_id  # noqa: PLC0415
    from hotline.campaigns.targets_store import targets_page  # noqa: PLC0415

    async def act(_calling_out: "CallingOut", database: "Database", _settings: Settings) -> int:
        after = count = 0
        async with database.read() as session:
            await campaign_by_id(session, number)
        with file.open("w", encoding="utf-8-sig", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(CODE_HEADINGS if codes else HEADINGS)
            while True:
                async with database.read() as session:
                    rows = await targets_page(session, number, after_id=after, limit=500)
                if not rows:
                    return count
                after, count = rows[-1].id, count + len(rows)
                lines.writerows(result_cells(result_of_target(row), in_codes=codes) for row in rows)

    typer.echo(f"{_run(act)} targets written to {file}")


@campaign.command("decide")
def decide(
    attempt: Annotated[str, typer.Argument(help="The attempt's id.")],
    fate: Annotated[str, typer.Argument(help="rang or never.")],
    by: By = CONSOLE,
) -> None:
    """Say what became of an attempt that nobody else can tell of."""
    if fate not in {"rang", "never"}:
        raise typer.BadParameter("rang or never")
    _run(lambda calling_out, _database, _settings: calling_out.decide(attempt, rang=fate == "rang", by=by), by=by)
    typer.echo("written down")


@campaign.command("double-rings")
def double_rings_command(
    days: Annotated[int, typer.Option(help="How many days back.", min=1, max=400)] = 1,
) -> None:
    """Count possible double rings from the switch's event log alone; the aim is 0 (exit code 1 where it is missed)."""
    from hotline.campaigns.double_rings import double_rings  # noqa: PLC0415
    from hotline.campaigns.log_store import rows_of_attempts  # noqa: PLC0415
    from hotline.clock import SystemClock  # noqa: PLC0415

    async def act(_calling_out: "CallingOut", database: "Database", settings: Settings) -> Any:
        now = SystemClock().now()
        async with database.read() as session:
            rows = await rows_of_attempts(session, now - timedelta(days=days), now)
        rung = len({row.uniqueid for row in rows if row.type == "CHAN_START"})
        return rung, double_rings(rows, timedelta(minutes=settings.outbound.gap))

    rung, found = _run(act)
    for double in found:
        typer.echo(f"  {double.first} and {double.second}: {double.apart.total_seconds():.0f} s apart")
    typer.echo(f"possible double rings: {len(found)} of {rung} calls")
    if found:
        raise typer.Exit(1)


Why = Annotated[str, typer.Option(help="Why: it is kept.")]


@campaign.command("mark")
def mark(
    home: Annotated[str, typer.Argument(help="3-2-501, or a number where no home is known.")],
    what: Annotated[str, typer.Argument(help="hardship, disputed or opted-out.")],
    note: Why = "",
    by: By = CONSOLE,
) -> None:
    """Mark a household: it gets no fee reminders (hardship, disputed), or no calls of campaigns (opted-out)."""
    from hotline.campaigns.household_marks import BY_PEOPLE  # noqa: PLC0415
    from hotline.campaigns.may_call import Mark  # noqa: PLC0415

    if what not in BY_PEOPLE:
        raise typer.BadParameter("hardship, disputed or opted-out")
    put = _run(
        lambda calling_out, _database, _settings: calling_out.marks.put(home, Mark(what), by=by, why=note), by=by
    )
    typer.echo(f"mark {put} written down")


@campaign.command("unmark")
def unmark(
    number: Annotated[int, typer.Argument(help="The mark's number: campaign marks tells it.")],
    note: Why = "",
    by: By = CONSOLE,
) -> None:
    """Lift a mark of a household; who lifted it and why stays to be read."""
    _run(lambda calling_out, _database, _settings: calling_out.marks.lift(number, by=by, why=note), by=by)
    typer.echo("lifted")


@campaign.command("marks")
def marks(
    home: Annotated[str, typer.Argument(help="3-2-501, or a number; without it all.")] = "",
    *,
    lifted: Annotated[bool, typer.Option("--lifted", help="Those that were lifted, too.")] = False,
) -> None:
    """Show marks of households, the newest first."""
    for one in _run(
        lambda calling_out, _database, _settings: calling_out.marks.page(place=home, with_lifted=lifted, limit=500)
    ):
        gone = f"  lifted by {one.lifted_by}: {one.lifted_why}" if one.lifted_at else ""
        typer.echo(f"{one.id:>5}  {one.household:<14} {one.mark:<10} {one.by}: {one.note}{gone}")
