"""From a row to a target: whose home it is, whom to ask for, which number to ring. Never at the wrong door.

A number that a list names must be registered with that home, and a name must be somebody's who lives there; where the
list names none, the records do: the owner first, a mobile before a landline.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.list_files import MOST_HOMES, ListRow
from hotline.campaigns.records_store import Person, homes_by_label, people_of
from hotline.campaigns.targets_store import NewTarget
from hotline.residents.files import Problem


@dataclass(frozen=True, slots=True)
class Listed:
    """What of a list can be rung, and why the rest cannot."""

    targets: tuple[NewTarget, ...]
    problems: tuple[Problem, ...]


class _NotListed(Exception):
    def __init__(self, column: str, chinese: str, english: str) -> None:
        super().__init__(column)
        self.column, self.chinese, self.english = column, chinese, english


async def resolve(session: AsyncSession, rows: Sequence[ListRow]) -> Listed:
    """Find the people behind these rows."""
    homes = await homes_by_label(session, {row.home for row in rows})
    people = await people_of(session, [home.id for home in homes.values() if home.id is not None])
    targets: list[NewTarget] = []
    problems: list[Problem] = []
    for row in rows:
        home = homes.get(row.home)
        try:
            if home is None or home.id is None:
                raise _NotListed("home", "档案中没有此房号", "the records have no such home")
            person, e164 = _whom(row, people[home.id])
        except _NotListed as wrong:
            problems.append(Problem(row.line, wrong.column, wrong.chinese, wrong.english))
            continue
        targets.append(
            NewTarget(
                household=home.label,
                home_id=home.id,
                e164=e164,
                salutation=person.salutation,
                language=person.language,
                months=row.months,
                fen=row.fen,
                line=row.line,
            )
        )
    good, crowded = _of_few_homes(targets)
    return Listed(good, tuple(sorted([*problems, *crowded], key=lambda problem: problem.line)))


def _whom(row: ListRow, people: list[Person]) -> tuple[Person, str]:
    named = [person for person in people if person.name == row.name] if row.name else people
    if not named:
        raise _NotListed("name", "该房号下没有此人", "nobody of this name in this home")
    if row.number is not None:
        of_number = [person for person in named if row.number.e164 in person.numbers] or [
            person for person in people if row.number.e164 in person.numbers
        ]
        if not of_number:
            raise _NotListed("numbers", "号码不在该户名下", "the number is not registered with this home")
        return of_number[0], row.number.e164
    reachable = sorted((person for person in named if person.numbers), key=lambda one: one.numbers[0] in one.marked)
    if not reachable:
        raise _NotListed("numbers", "没有可拨打的号码", "no number that can be rung is known")
    return reachable[0], reachable[0].numbers[0]


def _of_few_homes(targets: Iterable[NewTarget]) -> tuple[tuple[NewTarget, ...], list[Problem]]:
    """Leave out whoever has more homes than a machine rings one person for."""
    every = tuple(targets)
    homes = Counter(one.e164 for one in every)
    problems = [
        Problem(
            one.line,
            "numbers",
            f"同一号码对应{homes[one.e164]}套房,请由专人联系",
            f"one number for {homes[one.e164]} homes: a person calls",
        )
        for one in every
        if homes[one.e164] > MOST_HOMES
    ]
    return tuple(one for one in every if homes[one.e164] <= MOST_HOMES), problems
