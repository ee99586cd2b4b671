"""A web room on its own database for each test. One database is enough there: the
stores are tested on both (`database`).

The room is opened inside the test's own task (`async with desk() as room`), because its hub is a task of a group.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.databases import database, database_server
from tests.fakes.web_desk import WebDesk, web_desk

__all__ = ["database", "database_server", "desk"]


@pytest.fixture
def desk(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[WebDesk]]:
    """Open a web room: `async with desk() as room`."""

    def open_desk(**changes: Any) -> AbstractAsyncContextManager[WebDesk]:
        return web_desk(tmp_path, **changes)

    return open_desk
