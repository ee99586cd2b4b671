"""What residents answered to a survey by key, written where a clerk would write it: into the call that was owed.

Who is not satisfied has the matter opened again and the manager told (hotline/aftercare). A sweep, so that no answer is
lost with whoever heard it: a call that is done already is left alone.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.aftercare.rules import Answers, NoAftercare
from hotline.aftercare.service import Aftercare
from hotline.campaigns.answers_store import Pressed, unwritten_answers
from hotline.database import Database
from hotline.followups.follow_up import FollowUpError

log = structlog.get_logger()

LOOK_EVERY: Final = 5.0
BY_KEY: Final = "key"
MIDDLE: Final = 3  # of 1 to 5, for a question that was not answered
NEEDED: Final = "satisfied"  # without it the survey was broken off, and the call is still owed


def answers_of(pressed: Mapping[str, str]) -> Answers | None:
    """Return what these keys say; None where the question that matters was not answered. Pure."""
    if pressed.get(NEEDED) not in {"1", "2"}:
        return None
    return Answers(
        is_satisfied=pressed[NEEDED] == "1",
        attitude=_mark(pressed.get("attitude", "")),
        quality=_mark(pressed.get("quality", "")),
        was_charged_wrongly=pressed.get("charges") == "2",
        suggestions="有留言，见录音" if pressed.get("wish") == "2" else "",
    )


def _mark(key: str) -> int:
    return int(key) if key in {"1", "2", "3", "4", "5"} else MIDDLE


class Surveys:
    """Writes answers down."""

    def __init__(self, *, database: Database, aftercare: Aftercare) -> None:
        self._database, self._aftercare = database, aftercare

    async def run(self) -> None:
        """Write until cancelled; a database that is away is waited for, aloud."""
        while True:
            try:
                await self.once()
            except (SQLAlchemyError, OSError) as wrong:
                log.error("answers of surveys are not written yet", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def once(self) -> int:
        """Write what was answered and stands nowhere yet; return how many."""
        written, last = 0, None
        while True:
            async with self._database.read() as session:
                waiting = await unwritten_answers(session, last)
            if not waiting:
                return written
            last = waiting[-1]
            for one in waiting:
                written += await self._write(one)

    async def _write(self, pressed: Pressed) -> bool:
        answers = answers_of(pressed.answers)
        if answers is None:
            return False
        try:
            await self._aftercare.answer(pressed.follow_up, answers, who=BY_KEY)
        except (NoAftercare, FollowUpError) as wrong:
            log.info("an answer found its call done already", follow_up=pressed.follow_up, reason=wrong.error_id)
            return False
        return True
