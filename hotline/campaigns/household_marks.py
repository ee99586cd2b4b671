"""Marks of households, put and lifted by people: hardship, a disputed bill, no more calls. Nothing of it is deleted."""

from typing import Final

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.campaigns.campaign import CampaignError
from hotline.campaigns.household_marks_store import (
    HouseholdMarkTable,
    lift_mark,
    mark_of_id,
    marks_page,
    number_marks_at,
    numbers_at,
    put_mark,
    standing_marks,
)
from hotline.campaigns.may_call import Mark
from hotline.campaigns.number_marks import ROOM, told
from hotline.clock import Clock
from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import NumberMarkTable, mark_number
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home

BY_PEOPLE: Final = frozenset({Mark.HARDSHIP, Mark.DISPUTED, Mark.OPTED_OUT})


class HouseholdMarkRefused(CampaignError):
    """No home or number is named, or the mark is none that people put."""

    error_id = "household-mark-refused"


class HouseholdMarkUnknown(CampaignError):
    """No mark of this number stands."""

    error_id = "household-mark-unknown"


class HouseholdMarks:
    """What people do with marks."""

    def __init__(self, *, database: Database, clock: Clock, area_code: str = "") -> None:
        self._database, self._clock, self._area_code = database, clock, area_code

    async def put(self, place: str, mark: Mark, *, by: str, why: str) -> int:
        """Mark a household, by its home or its number; return the mark's id. Raises HouseholdMarkRefused.

        A mark that stands for good already is left as it is, and its id returned.
        """
        household, now = self.household(place), self._clock.now()
        if mark not in BY_PEOPLE:
            raise HouseholdMarkRefused(f"one of {', '.join(sorted(BY_PEOPLE))}")
        async with self._database.begin() as session:
            for there in await standing_marks(session, [household], now):
                if there.mark == mark and there.until is None:
                    return there.id
            await put_mark(session, mark, household=household, at=now, by=by, note=why)
            (put,) = await marks_page(session, household=household, limit=1)
            said = {"mark": mark.value, "reason": why}
            await record(
                session, Change(by=by, room=ROOM, act="marked", subject=_subject(household), after=said, at=now)
            )
            return put.id

    async def lift(self, mark_id: int, *, by: str, why: str) -> None:
        """Let a mark stand no longer; who lifted it and why is kept. Raises HouseholdMarkUnknown."""
        async with self._database.begin() as session:
            now, stood = self._clock.now(), await mark_of_id(session, mark_id)
            if stood is None or not await lift_mark(session, mark_id, by=by, at=now, why=why):
                raise HouseholdMarkUnknown("no such mark stands")
            await record(
                session,
                Change(
                    by=by,
                    room=ROOM,
                    act="lifted",
                    subject=_subject(stood.household),
                    before={"mark": stood.mark, "reason": stood.note},
                    after={"reason": why},
                    at=now,
                ),
            )

    async def page(
        self, *, place: str = "", with_lifted: bool = False, before: int | None = None, limit: int = 50
    ) -> list[HouseholdMarkTable]:
        """Return marks, the newest first, of one household or of all. Raises HouseholdMarkRefused."""
        household = self.household(place) if place else ""
        async with self._database.read() as session:
            return await marks_page(session, household=household, with_lifted=with_lifted, before=before, limit=limit)

    async def numbers(self, place: str) -> tuple[list[PhoneNumber], list[NumberMarkTable]]:
        """Return the numbers of a home, or the one that is named, and their marks. Raises HouseholdMarkRefused."""
        home, number = Home.parse(place), self.household(place)
        async with self._database.read() as session:
            numbers = await numbers_at(session, home) if home else [PhoneNumber(number)]
            return numbers, await number_marks_at(session, numbers)

    async def mark_number(self, place: str, shown: str, mark: NumberMark, *, holds: bool, by: str, why: str) -> None:
        """Let a number of this household be marked, or no longer; `shown` is the number, masked or whole.

        Two numbers that look alike are both marked: rather one call too few. Raises HouseholdMarkRefused.
        """
        numbers, _ = await self.numbers(place)
        meant = [one for one in numbers if shown in {one.masked, one.national, one.e164}]
        if not meant:
            raise HouseholdMarkRefused("this household has no such number")
        async with self._database.begin() as session:
            now = self._clock.now()
            for one in meant:
                if await mark_number(session, one, mark, holds=holds, by=by, at=now, reason=why):
                    await record(session, told(one, mark, holds=holds, by=by, why=why, at=now))

    def household(self, place: str) -> str:
        """Return under what marks are kept: the home's label, or the number. Raises HouseholdMarkRefused."""
        home = Home.parse(place)
        number = None if home else PhoneNumber.parse(place, area_code=self._area_code)
        if home is None and (number is None or number.is_internal):
            raise HouseholdMarkRefused("a home like 3-2-501, or a telephone number")
        return home.label if home else number.e164 if number else ""


def _subject(household: str) -> str:
    """Return a household as the audit names it: its home, or its number, masked."""
    return PhoneNumber(household).masked if household.startswith("+") else household
