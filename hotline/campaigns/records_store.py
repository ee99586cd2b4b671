"""Whom the records say to ring: homes that owe, homes of buildings, what the desk owes; and who lives behind a row.

A number that is marked (wrong, invalid, do-not-call) comes last of its person's: it is rung by no campaign.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from hotline.aftercare.rules import After
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.line_doubt_store import not_believed
from hotline.campaigns.targets_store import TargetTable
from hotline.followups.follow_up import FollowUp, FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable, follow_up_of
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import marks_of
from hotline.residents.resident import Home, Relation, Title, surname_of
from hotline.residents.store import ArrearsRow, HomeRow, ResidentRow, home_of

AT_ONCE: Final = 500  # ids in one statement
_NEAREST: Final = {Relation.OWNER.value: 0, Relation.FAMILY.value: 1, Relation.TENANT.value: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of a home, with the numbers a machine may ring: mobiles first, marked ones last."""

    name: str
    salutation: str
    language: str
    numbers: tuple[str, ...]
    marked: frozenset[str] = frozenset()  # of the numbers


async def homes_by_label(session: AsyncSession, homes: Collection[Home]) -> dict[Home, Home]:
    """Return those of these homes that the records know, with their ids."""
    buildings = sorted({home.building for home in homes})
    found: dict[Home, Home] = {}
    for start in range(0, len(buildings), AT_ONCE):
        rows = await session.scalars(select(HomeRow).where(HomeRow.building.in_(buildings[start : start + AT_ONCE])))
        found.update((home, home) for home in map(home_of, rows) if home in homes)
    return found


async def homes_of_buildings(session: AsyncSession, buildings: Collection[int]) -> list[Home]:
    """Return every home of these buildings, in order."""
    rows = await session.scalars(
        select(HomeRow)
        .where(HomeRow.building.in_(sorted(buildings)))
        .order_by(HomeRow.building, HomeRow.unit, HomeRow.room)
    )
    return [home_of(row) for row in rows]


async def homes_that_owe(
    session: AsyncSession, from_fen: int, buildings: Collection[int] = ()
) -> list[tuple[Home, tuple[str, ...], int]]:
    """Return the homes that owe at least so much, with months and fen, in order."""
    wanted = select(HomeRow, ArrearsRow).join(ArrearsRow, ArrearsRow.home_id == HomeRow.id)
    wanted = wanted.where(ArrearsRow.fen >= from_fen)
    if buildings:
        wanted = wanted.where(HomeRow.building.in_(sorted(buildings)))
    rows = await session.execute(wanted.order_by(HomeRow.building, HomeRow.unit, HomeRow.room))
    return [(home_of(home), tuple(owed.months), owed.fen) for home, owed in rows.tuples()]


async def people_of(session: AsyncSession, home_ids: Collection[int]) -> Mapping[int, list[Person]]:
    """Return the people of these homes, owners first."""
    people: dict[int, list[Person]] = defaultdict(list)
    wanted = sorted(home_ids)
    for start in range(0, len(wanted), AT_ONCE):
        found = await session.scalars(
            select(ResidentRow)
            .where(ResidentRow.home_id.in_(wanted[start : start + AT_ONCE]))
            .options(selectinload(ResidentRow.numbers))
            .order_by(ResidentRow.id)
        )
        rows = found.all()
        marked = {
            one.e164 for one in await marks_of(session, [PhoneNumber(n.e164) for row in rows for n in row.numbers])
        }
        for row in sorted(rows, key=lambda one: _NEAREST.get(one.relation, 9)):
            numbers = sorted(
                (one.e164 for one in row.numbers if PhoneNumber(one.e164).is_private_line),
                key=lambda e164: (e164 in marked, *_landlines_last(e164)),
            )
            people[row.home_id].append(
                Person(
                    name=row.name,
                    salutation=_salutation(row),
                    language=row.language,
                    numbers=tuple(numbers),
                    marked=frozenset(marked.intersection(numbers)),
                )
            )
    return people


async def further_number(session: AsyncSession, target: TargetTable) -> tuple[Person, str] | None:
    """Return the next number of a target's home, in the order of the records; None where there is none.

    One without a mark, not on this campaign's list already, and never rung for this target, but where the line was at
    fault.
    """
    if target.home_id is None:
        return None
    listed = await session.scalars(
        select(TargetTable.e164).where(
            TargetTable.campaign_id == target.campaign_id, TargetTable.household == target.household
        )
    )
    rung = await session.execute(select(AttemptTable.id, AttemptTable.e164).where(AttemptTable.target_id == target.id))
    but = await not_believed(session, target.id)
    used = {*listed, *(e164 for attempt, e164 in rung.tuples() if attempt not in but)}
    for person in (await people_of(session, [target.home_id])).get(target.home_id, []):
        for e164 in person.numbers:
            if e164 not in used and e164 not in person.marked:
                return person, e164
    return None


async def person_of_number(session: AsyncSession, home_id: int, e164: str) -> Person | None:
    """Return who of a home has this number."""
    people = (await people_of(session, [home_id])).get(home_id, [])
    return next((person for person in people if e164 in person.numbers), None)


async def owed_calls(session: AsyncSession, kind: FollowUpKind, now: datetime, limit: int = 5000) -> list[FollowUp]:
    """Return open follow-ups of a kind whose time has come, that stand on no campaign's list, the first due first.

    Not those after a newsletter or event: the survey asks how a matter was handled, so a person makes them.
    """
    rows = await session.scalars(
        select(FollowUpTable)
        .outerjoin(TargetTable, TargetTable.follow_up_id == FollowUpTable.id)
        .where(
            FollowUpTable.state == FollowUpState.OPEN.value,
            FollowUpTable.kind == kind.value,
            FollowUpTable.since <= now,
            FollowUpTable.e164 != "",
            FollowUpTable.request != After.OUTREACH.value,
            TargetTable.id.is_(None),
        )
        .order_by(FollowUpTable.due, FollowUpTable.id)
        .limit(limit)
    )
    return [follow_up_of(row) for row in rows]


async def put_arrears(session: AsyncSession, owed: Iterable[tuple[int, Sequence[str], int]]) -> None:
    """Take over what finance's list says these homes owe; other homes stay as they are."""
    values: list[dict[str, Any]] = [
        {"home_id": home_id, "months": list(months), "fen": fen} for home_id, months, fen in owed
    ]
    for start in range(0, len(values), AT_ONCE):
        some = values[start : start + AT_ONCE]
        await session.execute(delete(ArrearsRow).where(ArrearsRow.home_id.in_([one["home_id"] for one in some])))
        await session.execute(insert(ArrearsRow), some)


def _salutation(row: ResidentRow) -> str:
    """Surname and title; the home's 业主 where no title is known: said as such by the talk."""
    return surname_of(row.name) + Title(row.title).value if row.title else ""


def _landlines_last(e164: str) -> tuple[bool, str]:
    return not PhoneNumber(e164).national.startswith("1"), e164
