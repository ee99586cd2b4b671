from tests.fakes.databases import database, database_server, database_url
from tests.fakes.redis_server import redis_server

__all__ = ["database", "database_server", "database_url", "redis_server"]
