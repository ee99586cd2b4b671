"""Asterisk's channel event log on disk: read by cursor, checked at this door.

Asterisk writes the file (`cel_sqlite3_custom`); we only read. It is in WAL mode, so neither side waits for the other.
Each file carries an id of its own (table `source`), so that a cursor is never used on another file.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from hotline.errors import HotlineError

LONGEST_VALUE: Final = 2048
# Rows; a page is one transaction: 1000 held other writers up for seconds, 100 folded the same calls again and again.
PAGE: Final = 300
# What deploy/asterisk/cel_sqlite3_custom.conf.j2 tells Asterisk to write, in this order.
COLUMNS: Final = (
    "eventtype", "eventtime", "userdeftype", "cidname", "cidnum", "ciddnid", "exten", "context",
    "channame", "appname", "appdata", "uniqueid", "linkedid", "peer", "eventextra",
)  # fmt: skip
# A voice on its way to the program that hears live words (hotline/live) is a channel of the switch, and no call.
STREAM: Final = "AudioSocket/"
HELP: Final = "help-"  # how the ids of supervisors' channels begin that are at an agent's side (hotline/livehelp)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIME: Final = re.compile(r"(\d{1,12})\.(\d{6})")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]+")
_READ: Final = f"SELECT AcctId, {', '.join(COLUMNS)} FROM cel WHERE AcctId > ? ORDER BY AcctId LIMIT ?"  # noqa: S608


class CelUnreadable(HotlineError):
    """Asterisk's event log cannot be read; calls are still taken and written, the ledger catches up once it can."""

    error_id = "cel-unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CelRow:
    """One row of Asterisk's event log. `position` grows by at least one for each row of one source."""

    position: int
    type: str
    at: datetime
    linkedid: str
    uniqueid: str
    channel: str
    caller_number: str = ""
    caller_name: str = ""
    extension: str = ""
    context: str = ""
    application: str = ""
    data: str = ""
    peer: str = ""
    extra: str = ""


@dataclass(frozen=True, slots=True)
class CelPage:
    """Some rows after a cursor, and where to go on; `unreadable` counts rows that made no sense: passed over."""

    source: str
    rows: tuple[CelRow, ...]
    position: int
    unreadable: int = 0


def read_source(path: Path) -> str:
    """Return the id of this event log. Blocking. Raises CelUnreadable."""
    with _opened(path) as log:
        return _source(log, path)


def read_page(path: Path, after: int, *, limit: int = PAGE) -> CelPage:
    """Return up to `limit` rows that follow position `after`. Blocking; call it off the loop.

    Raises CelUnreadable where the file is missing, locked for long, or not ours.
    """
    with _opened(path) as log:
        source = _source(log, path)
        if not log.execute("SELECT 1 FROM sqlite_master WHERE name = 'cel'").fetchone():
            return CelPage(source, (), after)  # Asterisk has not started yet
        found = log.execute(_READ, (after, limit)).fetchall()
    parsed = [parse_row(int(position), dict(zip(COLUMNS, values, strict=True))) for position, *values in found]
    rows = tuple(row for row in parsed if row is not None and not _is_no_call(row))
    last = int(found[-1][0]) if found else after
    return CelPage(source, rows, last, unreadable=parsed.count(None))


def _is_no_call(row: CelRow) -> bool:
    """A voice that is heard live, or a supervisor who only listens: part of a call from a taking over on."""
    return row.channel.startswith(STREAM) or row.linkedid.startswith(HELP)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=2)) as log:
            log.text_factory = _decoded
            yield log
    except sqlite3.Error as wrong:
        # The library's own words may quote a row, that is, a caller: only the kind of trouble is said.
        kind = type(wrong).__name__
        raise CelUnreadable(f"{path} cannot be read ({kind}): run: python -m hotline doctor") from wrong


def _decoded(value: bytes) -> str:
    """Asterisk writes down what came by SIP, whatever its bytes; one odd caller must not end the reading."""
    return value.decode("utf-8", "replace")


def _source(log: sqlite3.Connection, path: Path) -> str:
    found = log.execute("SELECT id FROM source").fetchone()
    if found is None:
        raise CelUnreadable(f"{path} has no source id: run scripts/up, it makes the file")
    return str(found[0])


def parse_row(position: int, values: Mapping[str, object]) -> CelRow | None:
    """Return the row with every value checked, or None where it has no type, no time or no ids."""

    def text(name: str) -> str:
        value = values.get(name)
        return _CONTROL.sub(" ", str(value)[:LONGEST_VALUE]).strip() if value is not None else ""

    when = _TIME.fullmatch(text("eventtime"))
    if not (when and text("eventtype") and text("uniqueid") and text("linkedid")):
        return None
    try:
        at = _EPOCH + timedelta(seconds=int(when[1]), microseconds=int(when[2]))
    except OverflowError:
        return None
    return CelRow(
        position=position,
        type=text("eventtype"),
        at=at,
        linkedid=text("linkedid"),
        uniqueid=text("uniqueid"),
        channel=text("channame"),
        caller_number=text("cidnum"),
        caller_name=text("cidname"),
        extension=text("exten"),
        context=text("context"),
        application=text("appname"),
        data=text("appdata"),
        peer=text("peer"),
        extra=text("eventextra"),
    )
