"""Bring a roster into the database: the whole file, or, if anything is wrong, nothing.

A file is the roster for the time that it covers, from its first start to its last end: turns that begin in that time
and are not in the file are removed, all others stay. The same file twice changes nothing the second time.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hotline.audit.change import COMMAND_LINE, Change
from hotline.audit.store import record
from hotline.clock import Clock, SystemClock
from hotline.database import Database
from hotline.roster.duty import DutyTurn, overlapping
from hotline.roster.files import Problem, Telephony, overlap, read_roster
from hotline.roster.store import replace_turns, turns_within

ROOM: Final = "roster"  # of the audit
Turns = dict[tuple[datetime, int], DutyTurn]  # by start and place


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterReport:
    """What an import did, or with `dry_run` would do; with problems, nothing was done."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    problems: tuple[Problem, ...] = ()


async def import_roster(
    database: Database,
    content: bytes,
    *,
    zone: ZoneInfo,
    telephony: Telephony,
    dry_run: bool = False,
    by: str = COMMAND_LINE,
    clock: Clock | None = None,
) -> RosterReport:
    """Take in a roster from a CSV file (columns: docs/roster.md), with its line in the audit. Raises RosterRefused."""
    reading = read_roster(content, zone=zone, telephony=telephony)
    if reading.problems or not reading.turns:
        return RosterReport(problems=reading.problems)
    lines = {_key(turn): line for line, turn in reading.turns}
    turns = tuple(_in_utc(turn) for _, turn in reading.turns)
    since, until = min(turn.starts for turn in turns), max(turn.ends for turn in turns)
    async with (database.read if dry_run else database.begin)() as session:  # read: never committed
        stored = await turns_within(session, since, until)
        stays = tuple(turn for turn in stored if turn.starts < since)
        problems = tuple(
            overlap(lines[_key(turn)], "已有班次", "a turn that is on the roster")
            for _, turn in overlapping((*stays, *turns))
            if _key(turn) in lines
        )
        if problems:
            return RosterReport(problems=tuple(sorted(problems, key=lambda problem: problem.line)))
        if not dry_run:
            await replace_turns(session, since, until, turns)
        before = {_key(turn): turn for turn in stored if turn.starts >= since}
        report = _report(before, {_key(turn): turn for turn in turns})
        if not dry_run and (report.added or report.changed or report.removed):
            counts = {"added": report.added, "changed": report.changed, "removed": report.removed}
            subject = f"{since.astimezone(zone):%Y-%m-%d %H:%M} – {until.astimezone(zone):%Y-%m-%d %H:%M}"
            at = (clock or SystemClock()).now()
            await record(session, Change(by=by, room=ROOM, act="imported", subject=subject, after=counts, at=at))
    return report


def _report(before: Turns, after: Turns) -> RosterReport:
    kept = before.keys() & after.keys()
    unchanged = sum(before[key] == after[key] for key in kept)
    return RosterReport(
        added=len(after.keys() - kept),
        changed=len(kept) - unchanged,
        unchanged=unchanged,
        removed=len(before.keys() - kept),
    )


def _key(turn: DutyTurn) -> tuple[datetime, int]:
    return turn.starts.astimezone(UTC), turn.place


def _in_utc(turn: DutyTurn) -> DutyTurn:
    return DutyTurn(starts=turn.starts.astimezone(UTC), ends=turn.ends.astimezone(UTC), contact=turn.contact)
