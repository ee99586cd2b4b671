"""Keep the index level with what other rooms write: in their transaction, at its end.

The rooms below know nothing of searching. `follow_writes` listens to one database's writing sessions: whatever was
added or changed through them is read again and indexed before the transaction ends. Rows that are removed, or moved
to another call, are followed by triggers (`index_store`). Rows written past the session need `search rebuild`.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, event, func, inspect, select
from sqlalchemy.orm import Session

from hotline.calls.store import CallTable
from hotline.database import Database
from hotline.dutylog.entry import EntryState
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber
from hotline.residents.resident import Relation, Resident, Title
from hotline.residents.store import CANDIDATES, HomeRow, ResidentNumberRow, ResidentRow, home_of
from hotline.search.index_store import own_index, share_index
from hotline.search.row import EPOCH, MICROSECOND, Found, Row, number_kept
from hotline.search.store import add_rows, already_there, are_close, clear, forget, put, put_close
from hotline.transcribe.store import TranscriptState, TranscriptTable, TurnTable

HOLDS_A_NUMBER: Final = re.compile(r"(?:\d\D?){5}")  # networks often send the number once more as the name
VOID: Final = "void"  # a draft that turned out to belong to another call's entry
WRITTEN: Final = "things to be indexed"  # the key of what a session keeps until its transaction ends
PAGE: Final = 200  # things indexed in one transaction of a rebuild; the desk may have to wait for one
Known = dict[str, dict[str, Any]]  # what is known of a number already looked up in this transaction


def follow_writes(database: Database, *, area_code: str) -> None:
    """Index everything that is written through this database from now on, in the transaction that writes it."""

    @event.listens_for(database.writing, "after_flush")
    def _written(session: Session, _context: Any) -> None:
        session.info.setdefault(WRITTEN, {}).update(
            (thing, None)
            for row in (*session.new, *session.dirty)
            if session.is_modified(row) and (thing := _thing_of(row))
        )

    def index_all(connection: Connection, things: Collection[tuple[Found, Any]]) -> None:
        share_index(connection)
        known: Known = {}
        for kind in dict.fromkeys(kind for kind, _ in things):
            keys = [key for one, key in things if one is kind]
            for first in range(0, len(keys), PAGE):  # a whole file of residents may be one transaction
                index(connection, kind, keys[first : first + PAGE], area_code=area_code, known=known)

    database.before_end(WRITTEN, index_all)


def index(connection: Connection, kind: Found, keys: Sequence[Any], *, area_code: str, known: Known) -> None:
    """Bring these things' rows up to date; one that is not to be found (any more) is taken out."""
    source = SOURCES[kind]
    found = {row["key"]: row for row in connection.execute(source.rows.where(source.key.in_(keys))).mappings()}
    rows: list[Row] = []
    for key in keys:
        row = source.read(connection, found[key], area_code, known) if key in found else None
        if row is None:
            forget(connection, kind, str(key))
        else:
            rows.append(row)
    if are_close(rows):
        put_close(connection, kind, rows)
    else:
        for row in rows:
            put(connection, row)


def empty_page(session: Session, after: int | None) -> int | None:
    """Take the next rows out of the index before it is built again: those above `after` (None: from the first).

    Returns the last one taken, None at the end. A row that is written meanwhile may stay: it is new.
    """
    own_index(session.connection(), may_wait=True)
    return clear(session.connection(), -1 if after is None else after, PAGE)


def may_rebuild(session: Session, *, may_wait: bool) -> bool:
    """Whether this transaction may now write a page: nobody else writes to the index until it ends."""
    return own_index(session.connection(), may_wait=may_wait)


def rebuild_page(session: Session, kind: Found, after: Any, *, area_code: str) -> tuple[Any, int]:
    """Index the next things of a kind whose key is above `after` (None: from the first).

    Returns the last key seen, None at the end, and how many were indexed. What was written meanwhile is left as it is.
    """
    connection, source, known = session.connection(), SOURCES[kind], {}  # type: tuple[Connection, Source, Known]
    own_index(connection, may_wait=True)
    query = source.rows if after is None else source.rows.where(source.key > after)
    found = connection.execute(query.order_by(source.key).limit(PAGE)).mappings().all()
    rows = [row for one in found if (row := source.read(connection, one, area_code, known)) is not None]
    if rows:
        there = already_there(connection, kind, [row.item for row in rows])
        add_rows(connection, [row for row in rows if row.item not in there])
    return (found[-1]["key"] if len(found) == PAGE else None), len(rows)


def _thing_of(row: object) -> tuple[Found, Any] | None:
    if isinstance(row, CallTable):
        # Each of a call's events writes its row; it is found here once it is over, and on the desk before.
        return (Found.CALL, row.id) if row.ended_at is not None else None
    if isinstance(row, TranscriptTable):
        is_over = row.state in {TranscriptState.DONE, TranscriptState.REMOVED}
        return (Found.TRANSCRIPT, row.id) if is_over else None
    if isinstance(row, DutyEntryTable):
        # The draft of a call that has just been answered says nothing yet.
        is_blank = row.state == EntryState.DRAFT and not (row.matter or row.promised) and inspect(row).pending
        return None if is_blank else (Found.ENTRY, row.number)
    if isinstance(row, FollowUpTable):
        return Found.FOLLOW_UP, row.id
    if isinstance(row, ResidentRow):
        return Found.RESIDENT, row.id
    if isinstance(row, ResidentNumberRow):
        return Found.RESIDENT, row.resident_id
    return None


def _call(connection: Connection, row: RowMapping, area_code: str, known: Known) -> Row | None:
    at = row["ring_start"] or row["ended_at"]
    if at is None or row["ended_at"] is None:
        return None
    name = row["caller_name"]
    return Row(
        kind=Found.CALL,
        item=row["key"],
        call_id=row["key"],
        at=at,
        request=row["request"],
        text="" if HOLDS_A_NUMBER.search(name) else name,
        **_people(connection, row["caller_number"], area_code, known),
    )


def _transcript(connection: Connection, row: RowMapping, area_code: str, known: Known) -> Row | None:
    # A call written down twice is found once, by its newest words.
    newer = select(TranscriptTable.id).where(
        TranscriptTable.call_id == row["call_id"],
        TranscriptTable.state == TranscriptState.DONE,
        (TranscriptTable.began > row["began"])
        | ((TranscriptTable.began == row["began"]) & (TranscriptTable.id > row["key"])),
    )
    if row["state"] != TranscriptState.DONE or connection.scalar(newer.limit(1)) is not None:
        return None
    for other in connection.scalars(
        select(TranscriptTable.id).where(TranscriptTable.call_id == row["call_id"], TranscriptTable.id != row["key"])
    ):
        forget(connection, Found.TRANSCRIPT, str(other))
    said = connection.scalars(
        select(TurnTable.text).where(TurnTable.transcript_id == row["key"]).order_by(TurnTable.place)
    )
    text = "\n".join(said)
    if not text:
        return None
    call = _about(connection, row["call_id"], area_code, known)
    at = call.pop("at") or row["began"]
    return Row(kind=Found.TRANSCRIPT, item=str(row["key"]), call_id=row["call_id"], at=at, text=text, **call)


def _entry(connection: Connection, row: RowMapping, area_code: str, known: Known) -> Row | None:
    if row["state"] == VOID:
        return None
    about = _about(connection, row["call_id"], area_code, known)
    page = f"{row['day']:%Y%m%d}-{row['day_number']:03}" if row["day"] and row["day_number"] else ""
    return Row(
        kind=Found.ENTRY,
        item=str(row["key"]),
        call_id=row["call_id"],
        at=row["written_at"],
        request=row["kind"],
        number=about["number"],
        names=about["names"],
        home=row["home"] or about["home"],
        who=row["who"] or about["who"],
        text="\n".join(text for text in (page, row["matter"], row["promised"], row["result"]) if text),
    )


def _follow_up(connection: Connection, row: RowMapping, area_code: str, known: Known) -> Row | None:
    people = _people(connection, row["e164"] or row["number"], area_code, known)
    return Row(
        kind=Found.FOLLOW_UP,
        item=str(row["key"]),
        call_id=row["call_id"],
        at=row["since"],
        request=row["request"],
        number=people["number"],
        names=people["names"],
        home=row["home"] or people["home"],
        who=row["who"] or people["who"],
        text="\n".join(text for text in (row["text"], row["result"]) if text),
    )


def _resident(_connection: Connection, row: RowMapping, _area_code: str, _known: Known) -> Row | None:
    person = _person(row)
    return Row(
        kind=Found.RESIDENT,
        item=str(row["key"]),
        at=EPOCH + row["key"] * MICROSECOND,
        number=row["first_number"] or "",
        home=person.home.label,
        homes=(person.home.label,),
        who=person.salutation,
        names=person.name,
    )


def _about(connection: Connection, call_id: str | None, area_code: str, known: Known) -> dict[str, Any]:
    """Return what is known of a call by its number, with when it rang and its request."""
    found = connection.execute(
        select(CallTable.caller_number, CallTable.ring_start, CallTable.request).where(CallTable.id == call_id)
    ).one_or_none()
    number, at, request = found or ("", None, "")
    return {**_people(connection, number, area_code, known), "at": at, "request": request}


def _people(connection: Connection, number: str, area_code: str, known: Known) -> dict[str, Any]:
    """Return who uses a number: shown only where it is one person and one home, found by all of them."""
    if number not in known:
        read = PhoneNumber.parse(number, area_code=area_code)
        people = [] if read is None or read.is_internal else _residents(connection, read.e164)
        homes = sorted({person.home for person in people})
        known[number] = {
            "number": number_kept(number, area_code=area_code),
            "home": homes[0].label if len(homes) == 1 else "",
            "homes": tuple(home.label for home in homes),
            "who": people[0].salutation if len(people) == 1 else "",
            "names": " ".join(person.name for person in people),
        }
    return dict(known[number])


def _residents(connection: Connection, e164: str) -> list[Resident]:
    found = connection.execute(
        _RESIDENTS.join(ResidentNumberRow, ResidentNumberRow.resident_id == ResidentRow.id)
        .where(ResidentNumberRow.e164 == e164)
        .order_by(ResidentRow.id)
        .limit(CANDIDATES)
    )
    return [_person(row) for row in found.mappings()]


def _person(row: RowMapping) -> Resident:
    home = home_of(HomeRow(id=row["home_id"], building=row["building"], unit=row["unit"], room=row["room"]))
    return Resident(
        id=row["key"], home=home, name=row["name"], title=Title(row["title"]), relation=Relation(row["relation"])
    )


class Source:
    """Where things of one kind are read: the query, its key, and how a row of it becomes a row of the index."""

    def __init__(
        self,
        rows: Select[Any],
        key: Any,
        read: Callable[[Connection, RowMapping, str, Known], Row | None],
    ) -> None:
        self.rows, self.key, self.read = rows, key, read


_RESIDENTS: Final = select(
    ResidentRow.id.label("key"), ResidentRow.name, ResidentRow.title, ResidentRow.relation,
    HomeRow.id.label("home_id"), HomeRow.building, HomeRow.unit, HomeRow.room,
).join(HomeRow, HomeRow.id == ResidentRow.home_id)  # fmt: skip
_FIRST_NUMBER: Final = (
    select(func.min(ResidentNumberRow.e164))
    .where(ResidentNumberRow.resident_id == ResidentRow.id)
    .scalar_subquery()
    .label("first_number")
)
SOURCES: Final = {
    Found.RESIDENT: Source(_RESIDENTS.add_columns(_FIRST_NUMBER), ResidentRow.id, _resident),
    Found.CALL: Source(
        select(CallTable.id.label("key"), CallTable.ring_start, CallTable.ended_at, CallTable.request,
               CallTable.caller_number, CallTable.caller_name),
        CallTable.id, _call,
    ),
    Found.TRANSCRIPT: Source(
        select(TranscriptTable.id.label("key"), TranscriptTable.call_id, TranscriptTable.state, TranscriptTable.began),
        TranscriptTable.id, _transcript,
    ),
    Found.ENTRY: Source(
        select(DutyEntryTable.number.label("key"), DutyEntryTable.call_id, DutyEntryTable.state, DutyEntryTable.kind,
               DutyEntryTable.who, DutyEntryTable.home, DutyEntryTable.matter, DutyEntryTable.promised,
               DutyEntryTable.result,
               DutyEntryTable.day, DutyEntryTable.day_number,
               DutyEntryTable.written_at),
        DutyEntryTable.number, _entry,
    ),
    Found.FOLLOW_UP: Source(
        select(FollowUpTable.id.label("key"), FollowUpTable.call_id, FollowUpTable.e164, FollowUpTable.number,
               FollowUpTable.home, FollowUpTable.who, FollowUpTable.text, FollowUpTable.result, FollowUpTable.request,
               FollowUpTable.since),
        FollowUpTable.id, _follow_up,
    ),
}  # fmt: skip


def every_kind() -> Iterator[Found]:
    """Yield the kinds of things, in the order in which they are indexed anew."""
    yield from SOURCES
