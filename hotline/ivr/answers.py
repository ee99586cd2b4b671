"""Ask the database while a caller waits, and wait no longer than said.

A cancelled query is not over at once: SQLite's thread sleeps on a lock for seconds, a lost PostgreSQL is spoken to
until it is given up. That must not be the caller's wait. So each question is a task of its own, owned here; who asked
goes on when the time is up, and the question is cancelled and cleaned up behind their back, its connection given back
or thrown away.
"""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Final, Self, TypeVar

MOST: Final = 200  # questions under way, the late ones that are not yet cleaned up among them

T = TypeVar("T")


class Answers:
    """Owns the questions; open it (`async with`) for as long as callers are served. Leaving it waits for the late."""

    def __init__(self, *, most: int = MOST) -> None:
        self._most = most
        self._tasks = asyncio.TaskGroup()
        self._under_way = 0

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._tasks.__aexit__(kind, wrong, where)

    @property
    def under_way(self) -> int:
        """Questions that have not been answered or cleaned up."""
        return self._under_way

    async def wait_for(self, question: Coroutine[Any, Any, T], *, within: float, name: str) -> T:
        """Return the answer, or raise what the question raised; TimeoutError after `within` seconds.

        TimeoutError comes at once when so many questions are late already that none more is put.
        """
        if self._under_way >= self._most:
            question.close()
            raise TimeoutError
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        task = self._tasks.create_task(self._ask(question, answer), name=name)
        self._under_way += 1
        task.add_done_callback(self._is_over)
        try:
            async with asyncio.timeout(within):
                return await answer
        finally:
            task.cancel()

    async def _ask(self, question: Coroutine[Any, Any, T], answer: "asyncio.Future[T]") -> None:
        """Put the question; what it raises is the asker's, not this group's."""
        try:
            result = await question
        except Exception as wrong:  # noqa: BLE001 -- handed on, not kept: the asker decides
            if not answer.done():
                answer.set_exception(wrong)
        else:
            if not answer.done():
                answer.set_result(result)

    def _is_over(self, _task: "asyncio.Task[None]") -> None:
        self._under_way -= 1
