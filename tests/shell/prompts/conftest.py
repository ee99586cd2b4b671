"""Every test of this room's tables runs on SQLite and on PostgreSQL."""

from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]
