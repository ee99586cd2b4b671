"""Write a message in the transaction that it tells of: a call that starts, is answered, ends; an entry of the log.

The rooms below know nothing of receivers: like the search, `tell_receivers` listens to one database's writing
sessions. A call whose rows are read again writes nothing twice: the table has one row for each event and receiver.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from hotline.calls.ledger import CallRecord
from hotline.calls.store import CallTable, record_of_row
from hotline.clock import Clock
from hotline.database import Database
from hotline.dutylog.entry import EntryState
from hotline.dutylog.tables_store import DutyEntryTable, entry_of_row
from hotline.followups.follow_up import FollowUpState
from hotline.followups.store import FollowUpTable, follow_up_of
from hotline.webhooks.event import NEWS_FOR, EventKind, Receiver
from hotline.webhooks.payload import Teller
from hotline.webhooks.store import News, withdraw_or_end, write_news

TOLD: Final = "what receivers are to be told of"  # the key of what a session keeps until its transaction ends
OUTSIDE: Final = frozenset({"inbound", "outbound"})  # calls inside the house are nobody's news
MOMENTS: Final = {
    EventKind.CALL_STARTED: "ring_start",
    EventKind.CALL_ANSWERED: "human_answer",
    EventKind.CALL_ENDED: "ended_at",
}
Happened = tuple[EventKind, Any]


def tell_receivers(
    database: Database, receivers: Sequence[Receiver], teller: Teller, clock: Clock, ring: Callable[[], None]
) -> None:
    """Write messages for these receivers of whatever is written through this database from now on.

    `ring` is called after a transaction that wrote some.
    """
    wanted = frozenset(kind for receiver in receivers for kind in receiver.events)
    if not wanted:
        return

    @event.listens_for(database.writing, "after_flush")
    def _written(session: Session, _context: Any) -> None:
        happened = [one for row in (*session.new, *session.dirty) for one in _happened(row) if one[0] in wanted]
        if happened:
            session.info.setdefault(TOLD, {}).update(dict.fromkeys(happened))
            session.info["rings"] = True

    @event.listens_for(database.writing, "after_commit")
    def _kept(session: Session) -> None:
        if not session.in_nested_transaction() and session.info.pop("rings", False):
            ring()

    def write(connection: Connection, happened: Collection[Happened]) -> None:
        write_news(connection, _news(connection, happened, receivers, teller), clock.now())

    database.before_end(TOLD, write)


class JoinedCalls:
    """The ledger's absorber: what is told of a call that turned out to be part of an older one."""

    def __init__(self, receivers: Sequence[Receiver], teller: Teller, clock: Clock) -> None:
        self._receivers, self._teller, self._clock = receivers, teller, clock

    async def absorb(self, session: AsyncSession, young: str, old: str) -> None:
        """Withdraw what nobody heard yet; end it for who did."""
        if not self._receivers:
            return
        now = self._clock.now()
        body = self._teller.body(EventKind.CALL_ENDED, young, now, self._teller.of_joined(young, old))
        told = [
            News(receiver=one.name, event=EventKind.CALL_ENDED, subject=young, body=body, happened_at=now)
            for one in self._receivers
            if EventKind.CALL_ENDED in one.events
        ]
        await withdraw_or_end(session, young, told, now)


async def news_of_due(
    session: AsyncSession, receivers: Sequence[Receiver], teller: Teller, *, since: datetime, now: datetime
) -> list[News]:
    """Return what is to be told of the follow-ups whose deadline came since then and that are not done."""
    receivers = [one for one in receivers if EventKind.FOLLOW_UP_DUE in one.events]
    table = FollowUpTable
    due = await session.scalars(
        select(table)
        .where(table.state == FollowUpState.OPEN.value, table.due > max(since, now - NEWS_FOR), table.due <= now)
        .order_by(table.due)
    )
    news = []
    for owed in map(follow_up_of, due):
        at = owed.due or now
        subject = f"{owed.id}@{at.astimezone(teller.zone):%Y%m%dT%H%M%S}"  # one that was moved comes again
        for one in receivers:
            body = teller.body(EventKind.FOLLOW_UP_DUE, subject, at, teller.of_follow_up(owed, one))
            news.append(
                News(receiver=one.name, event=EventKind.FOLLOW_UP_DUE, subject=subject, body=body, happened_at=at)
            )
    return news


def _happened(row: object) -> Iterable[Happened]:
    if isinstance(row, CallTable):
        if row.direction in OUTSIDE:
            attributes = inspect(row).attrs
            for kind, name in MOMENTS.items():
                if getattr(row, name) is not None and attributes[name].history.added:
                    yield kind, row.id
    elif (
        isinstance(row, DutyEntryTable) and row.state == EntryState.CONFIRMED and inspect(row).attrs.state.history.added
    ):
        yield EventKind.ENTRY_WRITTEN if row.corrects is None else EventKind.ENTRY_CORRECTED, row.number


def _news(
    connection: Connection, happened: Collection[Happened], receivers: Sequence[Receiver], teller: Teller
) -> list[News]:
    calls = _calls(connection, {key for kind, key in happened if kind in MOMENTS})
    entries = {key for kind, key in happened if kind not in MOMENTS}
    rows = connection.execute(select(DutyEntryTable.__table__).where(DutyEntryTable.number.in_(entries)))
    written: dict[int, Any] = {row.number: row for row in rows}
    news = []
    for kind, key in happened:
        for one in receivers:
            if kind not in one.events:
                continue
            if kind in MOMENTS and key in calls:
                at, said = getattr(calls[key], MOMENTS[kind]), teller.of_call(kind, calls[key], one)
            elif kind not in MOMENTS and key in written:
                entry = entry_of_row(written[key])
                at, said = entry.written_at, teller.of_entry(entry, one)
            else:
                continue
            body = teller.body(kind, str(key), at, said)
            news.append(News(receiver=one.name, event=kind, subject=str(key), body=body, happened_at=at))
    return news


def _calls(connection: Connection, ids: Collection[str]) -> dict[str, CallRecord]:
    if not ids:
        return {}
    rows = connection.execute(select(CallTable.__table__).where(CallTable.id.in_(sorted(ids))))
    return {row.id: record_of_row(row) for row in rows}
