"""Marks of numbers, listed, put and lifted by people: do not call, wrong number. Each act has its line in the audit.

Marks of one household and its numbers: hotline/campaigns/household_marks.py.
"""

import re
from datetime import datetime
from typing import Final

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.campaigns.campaign import CampaignError
from hotline.campaigns.household_marks_store import numbers_at
from hotline.clock import Clock
from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import NumberMarkTable, listed_marks, mark_number, newest_mark
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home

BY_PEOPLE: Final = frozenset({NumberMark.DO_NOT_CALL, NumberMark.WRONG_NUMBER})
ROOM: Final = "do-not-call"  # of the audit
LAST_DIGITS: Final = re.compile(r"[0-9]{4,8}", re.ASCII)


class NumberMarkRefused(CampaignError):
    """It is no telephone number, or the mark is none that people put."""

    error_id = "number-mark-refused"


class NumberMarkUnknown(CampaignError):
    """No mark of this number stands, or something else was said of it meanwhile."""

    error_id = "number-mark-unknown"


class NumberMarks:
    """What people do with marks of numbers."""

    def __init__(self, *, database: Database, clock: Clock, area_code: str = "") -> None:
        self._database, self._clock, self._area_code = database, clock, area_code

    async def page(
        self, *, word: str = "", with_lifted: bool = False, before: int | None = None, limit: int = 50
    ) -> list[NumberMarkTable]:
        """Return the newest word on each mark, the newest first; `word`: a number, its last digits, or a home."""
        word = word.strip()
        home = Home.parse(word) if word else None
        number = PhoneNumber.parse(word, area_code=self._area_code) if word and home is None else None
        is_end = number is None or number.is_internal
        if word and home is None and is_end and not LAST_DIGITS.fullmatch(word):
            return []
        async with self._database.read() as session:
            numbers: list[PhoneNumber] | None = [number] if number is not None and not is_end else None
            if home is not None:
                numbers = await numbers_at(session, home)
            return await listed_marks(
                session,
                numbers=numbers,
                ends=word if word and home is None and is_end else "",
                with_lifted=with_lifted,
                before=before,
                limit=limit,
            )

    async def put(self, written: str, mark: NumberMark, *, by: str, why: str) -> None:
        """Mark a number; one that is marked stays as it is. Raises NumberMarkRefused."""
        number = PhoneNumber.parse(written, area_code=self._area_code)
        if number is None or number.is_internal:
            raise NumberMarkRefused("a telephone number of the outside, with its area code")
        if mark not in BY_PEOPLE:
            raise NumberMarkRefused(f"one of {', '.join(sorted(BY_PEOPLE))}")
        await self._say(number, mark, holds=True, by=by, why=why)

    async def lift(self, mark_id: int, *, by: str, why: str) -> None:
        """Let a mark hold no longer; who lifted it and why is kept. Raises NumberMarkUnknown."""
        async with self._database.read() as session:
            said = await newest_mark(session, mark_id)
        if said is None or not said.holds:
            raise NumberMarkUnknown("no such mark stands")
        if not await self._say(PhoneNumber(said.e164), NumberMark(said.mark), holds=False, by=by, why=why):
            raise NumberMarkUnknown("no such mark stands")

    async def _say(self, number: PhoneNumber, mark: NumberMark, *, holds: bool, by: str, why: str) -> bool:
        now = self._clock.now()
        async with self._database.begin() as session:
            if not await mark_number(session, number, mark, holds=holds, by=by, at=now, reason=why):
                return False
            await record(session, told(number, mark, holds=holds, by=by, why=why, at=now))
            return True


def told(number: PhoneNumber, mark: NumberMark, *, holds: bool, by: str, why: str, at: datetime) -> Change:
    """Return a mark of a number, put or lifted, as the audit has it: the number masked."""
    said = {"mark": mark.value, "reason": why}
    return Change(
        by=by,
        room=ROOM,
        act="marked" if holds else "lifted",
        subject=number.masked,
        before=None if holds else {"mark": mark.value},
        after=said if holds else {"reason": why},
        at=at,
    )
