"""Every test of this room's tables runs on SQLite and on PostgreSQL."""

import pytest

from hotline.database import Database
from tests.fakes.databases import database, database_server
from tests.fakes.kept_agents import Desk

__all__ = ["database", "database_server", "desk"]


@pytest.fixture
def desk(database: Database) -> Desk:
    """Return a desk whose agents' states are kept."""
    return Desk(database)
