"""SQLite, one turn between the loop and a connection's thread for each statement.

SQLAlchemy's own driver takes three or four (cursor, execute, fetch, close). Each costs some 0.2 ms, and a call that
ends makes some eighty statements: that was most of what the ledger did. Everything else is SQLAlchemy's.
"""

import sqlite3
from collections import deque
from typing import Any

import aiosqlite
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)

DRIVER = "oneturn"


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    __slots__ = ()

    def execute(self, operation: Any, parameters: Any = None) -> None:
        self._in_one_turn(lambda cursor: cursor.execute(operation, () if parameters is None else parameters))

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        self._in_one_turn(lambda cursor: cursor.executemany(operation, seq_of_parameters))

    def _in_one_turn(self, act: Any) -> None:
        def on_its_thread() -> tuple[Any, list[Any], int | None, int]:
            cursor = self._connection._conn.cursor()  # noqa: SLF001  # as SQLAlchemy's own driver does
            try:
                act(cursor)
                rows = cursor.fetchall() if cursor.description else []
                return cursor.description, rows, cursor.lastrowid, cursor.rowcount
            finally:
                cursor.close()

        try:
            self.description, rows, lastrowid, rowcount = self.await_(self._connection._execute(on_its_thread))  # noqa: SLF001
        except Exception as wrong:  # noqa: BLE001  # the driver says which error it is
            self._adapt_connection._handle_exception(wrong)  # noqa: SLF001
        self._rows = deque(rows)
        self.lastrowid, self.rowcount = (-1, -1) if self.description else (lastrowid, rowcount)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:
        return super().cursor(server_side) if server_side else _Cursor(self)


class _Library(AsyncAdapt_aiosqlite_dbapi):
    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        return _Connection(self, super().connect(*arg, **kw)._connection)  # noqa: SLF001


class Dialect(SQLiteDialect_aiosqlite):
    """SQLAlchemy's dialect for `sqlite+aiosqlite`, with our cursor."""

    driver = DRIVER
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> AsyncAdapt_aiosqlite_dbapi:
        """Return the library."""
        return _Library(aiosqlite, sqlite3)


registry.register(f"sqlite.{DRIVER}", __name__, "Dialect")
