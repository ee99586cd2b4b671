from tests.fakes.databases import database, database_server
from tests.fakes.redis_server import redis_server

__all__ = ["database", "database_server", "redis_server"]
