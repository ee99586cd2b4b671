"""The duty roster as people change it on its page: turns added, changed, taken out; each with its line in the audit.

What was is not rewritten: a turn that is over stays as it stood. Numbers stand masked in the audit.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hotline.audit.change import Change, Kept
from hotline.audit.store import Wanted, changes, record
from hotline.bus import Bus, Subject
from hotline.bus import Change as News
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.roster.duty import DutyTurn, overlapping
from hotline.roster.files import Problem, Telephony, read_turn
from hotline.roster.imports import ROOM, RosterReport, import_roster
from hotline.roster.store import KeptTurn, Session, add_turn, kept_turn, kept_turns, put_turn, remove_turn

MOST_DAYS: Final = 31


class TurnRefused(HotlineError):
    """A turn of duty cannot stand as written; `details` name the field and why, in both languages."""

    error_id = "turn-refused"

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.column}: {problem.english}")
        self.details = {"field": problem.column, "chinese": problem.chinese, "english": problem.english}


class TurnUnknown(HotlineError):
    """There is no turn of duty of this number, or it is over and stays as it stood."""

    error_id = "turn-unknown"


class RosterActs:
    """What people do with the roster. A turn is written as in a file (docs/roster.md): text by column."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, zone: ZoneInfo, telephony: Telephony) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._zone, self._telephony = zone, telephony

    async def turns(self, since: datetime, until: datetime) -> tuple[KeptTurn, ...]:
        """Return every turn of which some part lies in this span, the earliest first."""
        async with self._database.read() as session:
            return await kept_turns(session, since, until)

    async def history(self, *, before: int | None = None, limit: int = 30) -> tuple[Kept, ...]:
        """Return what was changed, newest first, from before this place of the audit."""
        async with self._database.read() as session:
            return await changes(session, Wanted(room=ROOM, before=before), limit=limit)

    async def add(self, written: Mapping[str, str], *, days: int, by: str) -> tuple[int, ...]:
        """Add a turn, on so many days in a row at the same hours; return their numbers. Raises TurnRefused."""
        first = self._read(written)
        turns = [_moved(first, days_on, self._zone) for days_on in range(min(max(days, 1), MOST_DAYS))]
        async with self._database.begin() as session:
            numbers = [await add_turn(session, turn) for turn in turns]
            await record(
                session,
                Change(
                    by=by,
                    room=ROOM,
                    act="added",
                    subject=self._subject(first),
                    after=told(first, self._zone) | {"days": len(turns)},
                    at=self._clock.now(),
                ),
            )
            await self._check(session, turns)
        self._bus.publish(News(Subject.STAFFING))
        return tuple(numbers)

    async def change(self, number: int, written: Mapping[str, str], *, by: str) -> None:
        """Let a turn stand otherwise; an empty telephone number leaves it. Raises TurnUnknown, TurnRefused."""
        async with self._database.begin() as session:
            old = self._open(await kept_turn(session, number))
            kept_number = {"number": old.turn.contact.number.national} if not written.get("number") else {}
            new = self._read({**written, **kept_number})
            if told(old.turn, self._zone) == told(new, self._zone) and old.turn.contact == new.contact:
                return
            await put_turn(session, number, new)
            await record(
                session,
                Change(
                    by=by,
                    room=ROOM,
                    act="changed",
                    subject=self._subject(old.turn),
                    before=told(old.turn, self._zone),
                    after=told(new, self._zone),
                    at=self._clock.now(),
                ),
            )
            await self._check(session, [new])
        self._bus.publish(News(Subject.STAFFING))

    async def remove(self, number: int, *, by: str) -> None:
        """Take a turn out; one that has begun ends now instead: who was on duty till then stays. Raises TurnUnknown."""
        now = self._clock.now()
        async with self._database.begin() as session:
            old = self._open(await kept_turn(session, number))
            ended = replace(old.turn, ends=now) if old.turn.starts < now else None
            if ended is None:
                await remove_turn(session, number)
            else:
                await put_turn(session, number, ended)
            await record(
                session,
                Change(
                    by=by,
                    room=ROOM,
                    act="removed" if ended is None else "ended",
                    subject=self._subject(old.turn),
                    before=told(old.turn, self._zone),
                    after=None if ended is None else told(ended, self._zone),
                    at=now,
                ),
            )
        self._bus.publish(News(Subject.STAFFING))

    async def take_in(self, content: bytes, *, by: str, dry_run: bool) -> RosterReport:
        """Take in a file, or say what it would do. Raises RosterRefused."""
        report = await import_roster(
            self._database,
            content,
            zone=self._zone,
            telephony=self._telephony,
            dry_run=dry_run,
            by=by,
            clock=self._clock,
        )
        if not dry_run and not report.problems:
            self._bus.publish(News(Subject.STAFFING))
        return report

    def _read(self, written: Mapping[str, str]) -> DutyTurn:
        read = read_turn(written, zone=self._zone, telephony=self._telephony)
        if isinstance(read, Problem):
            raise TurnRefused(read)
        turn = DutyTurn(starts=read.starts.astimezone(UTC), ends=read.ends.astimezone(UTC), contact=read.contact)
        if turn.ends <= self._clock.now():
            raise TurnRefused(Problem(0, "until", "这一班已经过去", "this turn is over already"))
        return turn

    def _open(self, kept: KeptTurn | None) -> KeptTurn:
        if kept is None or kept.turn.ends <= self._clock.now():
            raise TurnUnknown("there is no such turn of duty, or it is over")
        return kept

    async def _check(self, session: Session, turns: list[DutyTurn]) -> None:
        """Refuse turns that overlap with others of their place.

        After the change was recorded: from there on no other change of the roster can be on its way.
        """
        for turn in turns:
            there = await kept_turns(session, turn.starts, turn.ends)
            if overlapping(kept.turn for kept in there if kept.turn.place == turn.place):
                raise TurnRefused(
                    Problem(0, "from", "与同一顺序的另一班时间重叠", "overlaps with another turn of the same place")
                )

    def _subject(self, turn: DutyTurn) -> str:
        return f"{turn.starts.astimezone(self._zone):%Y-%m-%d %H:%M} #{turn.place}"


def told(turn: DutyTurn, zone: ZoneInfo) -> dict[str, object]:
    """Return a turn as the audit has it, its number masked."""
    return {
        "from": f"{turn.starts.astimezone(zone):%Y-%m-%d %H:%M}",
        "until": f"{turn.ends.astimezone(zone):%Y-%m-%d %H:%M}",
        "place": turn.place,
        "duty": turn.contact.duty,
        "name": turn.contact.name,
        "number": turn.contact.number.masked,
        "rings_for": turn.contact.rings_for,
    }


def _moved(turn: DutyTurn, days: int, zone: ZoneInfo) -> DutyTurn:
    """Return the turn so many days later, at the same hours of the wall clock."""
    later = timedelta(days=days)
    starts, ends = (
        (moment.astimezone(zone).replace(tzinfo=None) + later).replace(tzinfo=zone).astimezone(UTC)
        for moment in (turn.starts, turn.ends)
    )
    return DutyTurn(starts=starts, ends=ends, contact=turn.contact)
