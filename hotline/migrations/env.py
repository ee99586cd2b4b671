"""Alembic's way in: run the migrations on our engine, for SQLite and PostgreSQL alike."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from hotline.audit.store import guard_audit
from hotline.database import Base, Database
from hotline.dutylog.tables_store import guard_chain
from hotline.search.index_store import drop_triggers, is_of_the_index, keep_index
from hotline.tables import ALL_TABLES


def run(connection: Connection) -> None:
    """Migrate over this connection, in one transaction."""
    if not ALL_TABLES:
        raise RuntimeError("no table is known: nothing can be compared")
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True,
        user_module_prefix="hotline.database.",
        include_name=lambda name, kind, _: kind != "table" or not is_of_the_index(name),
    )  # fmt: skip
    with context.begin_transaction():
        drop_triggers(connection)
        context.run_migrations()
        keep_index(connection)  # words and triggers of the search: autogenerate knows neither
        guard_chain(connection)  # what autogenerate cannot see: the database itself refuses changes of the duty log
        guard_audit(connection)  # likewise, of what was audited


async def run_on_engine() -> None:
    """Migrate the database whose address we were given."""
    database = Database(context.config.attributes["url"])
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(run)
    finally:
        await database.close()


asyncio.run(run_on_engine())
