from tests.fakes.databases import database, database_server

__all__ = ["database", "database_server"]
