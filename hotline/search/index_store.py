"""The part of the index that SQLAlchemy cannot describe: the words, and what forgets them when a thing is removed.

SQLite keeps words in a table of FTS5, PostgreSQL in a `tsvector` with a GIN index; both are named `search_word` and
have the row's id. Triggers carry removal over, whoever removes a thing and however: what retention has taken away is
not found again. `keep_index` is called when tables are made, and after every migration.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, MetaData, event, inspect, text

from hotline.database import Base
from hotline.search.spans import SIZES, STEP

WORDS_TABLE: Final = "search_word"
# Of which table a removed row takes which thing out of the index: the kind, and the column that is the thing's key.
REMOVALS: Final = (
    ("call", "call", "id"),
    ("transcript", "transcript", "id"),
    ("turn", "transcript", "transcript_id"),
    ("duty_entry", "entry", "number"),
    ("follow_up", "follow-up", "id"),
    ("resident", "resident", "id"),
)
# PostgreSQL: who writes to the index shares this lock until the transaction ends; a page of a rebuild has it alone.
# So a rebuild reads nothing that is about to change, nobody meets a row that may yet be taken back, and as a rebuild
# only queues for the lock with nothing in its hands, neither it nor the desk can lock the other out for good.
INDEX_LOCK: Final = 0x686F746C696E65
# What hangs on a call may move to another: calls that turn out to be one.
MOVES: Final = (("transcript", "transcript", "id"), ("duty_entry", "entry", "number"), ("follow_up", "follow-up", "id"))
# PostgreSQL's: the words with the spans of time beside them, so that the words of a while are found by one look.
# fastupdate off: a list of words still to be sorted in would be read whole by every search.
INDEX: Final = "ix_search_word_words_in_time"
MAKE_INDEX: Final = (
    f"CREATE INDEX IF NOT EXISTS {INDEX} ON {WORDS_TABLE} USING gin (words, search_spans(id)) WITH (fastupdate = off)"
)


def keep_index(connection: Connection) -> None:
    """Make the words' table and the triggers where they are not there; take them away where the index itself is gone.

    May run again at any time, after any migration.
    """
    if not inspect(connection).has_table("search_row"):
        drop_index(connection)
        return
    for statement in _postgresql() if connection.dialect.name == "postgresql" else _sqlite():
        connection.exec_driver_sql(statement)


def share_index(connection: Connection) -> None:
    """Wait until no page of a rebuild is being written, and let none begin before this transaction has ended."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:lock)"), {"lock": INDEX_LOCK})


def own_index(connection: Connection, *, may_wait: bool) -> bool:
    """Take the index for this transaction alone; False: somebody writes to it, and we do not wait for them."""
    if connection.dialect.name != "postgresql":
        return True
    if may_wait:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": INDEX_LOCK})
        return True
    return bool(connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": INDEX_LOCK}))


def drop_index(connection: Connection) -> None:
    """Take away the words and everything that follows removals."""
    drop_triggers(connection)
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {WORDS_TABLE}")
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS search_spans(bigint)")


def drop_triggers(connection: Connection) -> None:
    """Let nothing be followed for a while: a migration may take away and make anew what the triggers speak of."""
    if connection.dialect.name == "postgresql":
        for function in ("search_forget", "search_move", "search_drop_words"):
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
        return
    names = [f"search_{table}_gone" for table, _, _ in REMOVALS] + [f"search_{table}_moved" for table, _, _ in MOVES]
    for name in (*names, "search_row_gone"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")


def is_of_the_index(table: str | None) -> bool:
    """Return whether this is a table that only this file knows (FTS5 makes several), for whoever compares tables."""
    return table is not None and table.startswith(WORDS_TABLE)


def _sqlite() -> Iterator[str]:
    # The words are split by us: the tokenizer only has to leave them whole. Where in a text they stand does not matter.
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {WORDS_TABLE} USING fts5"
        "(words, detail=none, columnsize=0, tokenize=\"ascii tokenchars ':+-'\")"
    )
    yield _on_sqlite("search_row_gone", "DELETE ON search_row", "DELETE FROM search_word WHERE rowid = old.id")
    for table, kind, key in REMOVALS:
        act = f"DELETE FROM search_row WHERE kind = '{kind}' AND item = CAST(old.{key} AS TEXT)"  # noqa: S608 -- our own names
        yield _on_sqlite(f"search_{table}_gone", f"DELETE ON {table}", act)
    for table, kind, key in MOVES:
        thing = f"kind = '{kind}' AND item = CAST(old.{key} AS TEXT)"
        act = f"UPDATE search_row SET call_id = new.call_id WHERE {thing}"  # noqa: S608 -- our own names
        yield _on_sqlite(f"search_{table}_moved", f"UPDATE OF call_id ON {table}", act)


def _on_sqlite(name: str, when: str, act: str) -> str:
    return f"CREATE TRIGGER IF NOT EXISTS {name} AFTER {when} BEGIN {act}; END"


def _postgresql() -> Iterator[str]:
    yield (f"CREATE TABLE IF NOT EXISTS {WORDS_TABLE} (id bigint PRIMARY KEY, words tsvector NOT NULL)")
    yield (
        "CREATE OR REPLACE FUNCTION search_spans(id bigint) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE"
        f" AS $$ SELECT ARRAY[{', '.join(f'(id >> {size}) * {STEP} + {kind}' for kind, size in enumerate(SIZES))}] $$"
    )
    yield MAKE_INDEX
    yield "DROP INDEX IF EXISTS ix_search_word_words"  # as it was without the spans
    shared = f"PERFORM pg_advisory_xact_lock_shared({INDEX_LOCK})"
    thing = "kind = TG_ARGV[0] AND item = to_jsonb(OLD) ->> TG_ARGV[1]"
    yield _function("search_forget", f"{shared}; DELETE FROM search_row WHERE {thing}")  # noqa: S608 -- our own names
    yield _function("search_move", f"{shared}; UPDATE search_row SET call_id = NEW.call_id WHERE {thing}")  # noqa: S608
    yield _function("search_drop_words", "DELETE FROM search_word WHERE id = OLD.id")
    yield (
        "CREATE OR REPLACE TRIGGER search_row_gone AFTER DELETE ON search_row"
        " FOR EACH ROW EXECUTE FUNCTION search_drop_words()"
    )
    for table, kind, key in REMOVALS:
        yield (
            f"CREATE OR REPLACE TRIGGER search_{table}_gone AFTER DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION search_forget('{kind}', '{key}')"
        )
    for table, kind, key in MOVES:
        yield (
            f"CREATE OR REPLACE TRIGGER search_{table}_moved AFTER UPDATE OF call_id ON {table} FOR EACH ROW"
            f" WHEN (OLD.call_id IS DISTINCT FROM NEW.call_id) EXECUTE FUNCTION search_move('{kind}', '{key}')"
        )


def _function(name: str, act: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act}; RETURN NULL; END $$"
    )


@event.listens_for(Base.metadata, "after_create")
def _created(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    keep_index(connection)


@event.listens_for(Base.metadata, "before_drop")
def _dropped(_metadata: MetaData, connection: Connection, **_: Any) -> None:
    drop_index(connection)
