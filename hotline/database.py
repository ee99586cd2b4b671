"""The one door to SQL: engine, sessions, the base of every table, and times that are always aware.

SQLite (a file, write-ahead log) and PostgreSQL are both served; tables and migrations are the same for both.
Rooms keep their tables and queries in their own `store.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar

import structlog
from sqlalchemy import JSON, Connection, DateTime, Dialect, MetaData, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as TurnTooLate
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from hotline import sqlite_driver

log = structlog.get_logger()

BUSY_TIMEOUT_MS = 5_000
TURN_WITHIN = 30.0  # seconds a writer waits behind the other writers of this process
REFUSALS = frozenset({"22", "23"})  # classes of SQLSTATE: a value that cannot be, a rule of the tables that is broken


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database, whichever database that is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware time in UTC (SQLite forgets the offset)."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table, with constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}


class Database:
    """An open database. `begin()` is a unit of work, committed at its end or rolled back; `read()` only looks."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        # A class of its own, so that a room may listen to what is written here and nowhere else.
        self.writing: type[Session] = type("WritingSession", (Session,), {})
        self._writers = async_sessionmaker(self.engine, expire_on_commit=False, sync_session_class=self.writing)
        one_moment = {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        readers = self.engine.execution_options(read_only=True, **one_moment)
        self._readers = async_sessionmaker(readers, expire_on_commit=False)
        self._turn = asyncio.Lock() if self.engine.dialect.name == "sqlite" else None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """Open a session in one transaction. Nothing remote is awaited inside it."""
        if self._turn is None:
            async with self._writers.begin() as session:
                yield session
            return
        # SQLite has one writer at a time and lets chance choose the next; under load somebody's five seconds always
        # ended first. Here it goes by turn; only other processes are left to chance.
        try:
            async with asyncio.timeout(TURN_WITHIN):
                await self._turn.acquire()
        except TimeoutError as late:
            raise TurnTooLate(f"no turn to write within {TURN_WITHIN:.0f} s") from late
        try:
            async with self._writers.begin() as session:
                yield session
        finally:
            self._turn.release()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session that sees one moment and holds no writer up."""
        async with self._readers() as session:
            yield session

    def before_end(self, name: str, act: Callable[[Connection, Collection[Any]], object]) -> None:
        """Have this done once at the end of every writing transaction, with what `session.info[name]` gathered in it.

        For what follows from rows of other rooms and can be built anew from them: of a row that is written four times
        it is done once. A thing for which it fails is left out, aloud, and holds no other up; a database that fails
        takes the transaction with it.
        """

        @event.listens_for(self.writing, "before_commit")
        def _ends(session: Session) -> None:
            if session.in_nested_transaction():
                return
            session.flush()
            things = session.info.pop(name, None)
            if things and _failure(session.connection(), act, things):
                for thing in things:
                    if reason := _failure(session.connection(), act, [thing]):
                        log.error("what follows from a row was left out: build it anew", of=name, reason=reason)

    async def close(self) -> None:
        """Give back every connection."""
        await self.engine.dispose()


def _failure(connection: Connection, act: Callable[[Connection, Collection[Any]], object], things: Any) -> str:
    """Do it, or nothing of it; return "" or what kind of error it was."""
    try:
        with connection.begin_nested():
            act(connection, things)
    except (OperationalError, InterfaceError):
        raise  # the database itself
    except Exception as wrong:  # noqa: BLE001  # an edge: what one row says is no reason to lose the others
        return type(wrong).__name__
    return ""


def is_refusal(wrong: BaseException) -> bool:
    """Tell whether the database refused what it was to write, and would again; not where it is away, or was busy.

    With asyncpg only broken rules come as SQLAlchemy's own classes, a value that cannot be as a plain DBAPIError.
    """
    if isinstance(wrong, DataError | IntegrityError):
        return True
    state = getattr(wrong.orig, "sqlstate", None) if isinstance(wrong, DBAPIError) else None
    return str(state or "")[:2] in REFUSALS


def insert_into(session: AsyncSession, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT that can say what happens to a row which is there already (`on_conflict_…`)."""
    return _insert(session.get_bind().dialect, table)


def insert_on(connection: Connection, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Return the same for a connection, where what is written follows what a session writes."""
    return _insert(connection.dialect, table)


def _insert(dialect: Dialect, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(
            url, hide_parameters=True, pool_size=5, max_overflow=5, pool_timeout=10, pool_pre_ping=True
        )
    one_turn = make_url(url).set(drivername=f"sqlite+{sqlite_driver.DRIVER}")
    engine = create_async_engine(one_turn, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, see below
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # IMMEDIATE: a reader that turns writer in mid-transaction would fail at once instead of waiting its turn.
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
