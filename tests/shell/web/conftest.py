"""A web room on its own database for each test. One database is enough: the stores are tested on both by their rooms.

The room is opened inside the test's own task (`async with desk() as room`), because its hub is a task of a group.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.web_desk import WebDesk, web_desk


@pytest.fixture
def desk(tmp_path: Path) -> Callable[..., AbstractAsyncContextManager[WebDesk]]:
    """Open a web room: `async with desk() as room`."""

    def open_desk(**changes: Any) -> AbstractAsyncContextManager[WebDesk]:
        return web_desk(tmp_path, **changes)

    return open_desk
