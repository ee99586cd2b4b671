"""Write rows as Asterisk would, into an event log of the very shape set-up makes."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from hotline.calls.cel import COLUMNS, CelRow
from hotline.install.pbx import make_cel_store


class CelFile:
    """An event log on disk; `write` appends rows the way cel_sqlite3_custom does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        make_cel_store(path)
        with closing(sqlite3.connect(path)) as log:
            log.execute(f"CREATE TABLE IF NOT EXISTS cel (AcctId INTEGER PRIMARY KEY, {','.join(COLUMNS)})")

    def write(self, rows: Iterable[CelRow]) -> None:
        with closing(sqlite3.connect(self.path)) as log:
            for row in rows:
                values = {
                    "eventtype": row.type,
                    "eventtime": f"{int(row.at.timestamp())}.{row.at.microsecond:06}",
                    "cidname": row.caller_name,
                    "cidnum": row.caller_number,
                    "exten": row.extension,
                    "context": row.context,
                    "channame": row.channel,
                    "appname": row.application,
                    "appdata": row.data,
                    "uniqueid": row.uniqueid,
                    "linkedid": row.linkedid,
                    "peer": row.peer,
                    "eventextra": row.extra,
                }
                marks = ",".join("?" * len(COLUMNS))
                log.execute(
                    f"INSERT INTO cel ({','.join(COLUMNS)}) VALUES ({marks})",
                    [values.get(name, "") for name in COLUMNS],
                )
            log.commit()
