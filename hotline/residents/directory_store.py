"""The whole directory at once, for taking over a file of residents or of unpaid fees."""

from collections.abc import Collection, Iterable
from typing import Self

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from hotline.residents.files import AnyLine, ArrearsLine, HomeLine, NumbersLine, Put, ResidentLine
from hotline.residents.resident import Home
from hotline.residents.store import ArrearsRow, HomeRow, ResidentNumberRow, ResidentRow, home_of


def is_one_of(homes: Iterable[Home]) -> ColumnElement[bool]:
    """Say that a row of homes is one of these; SQLite would walk through all rows for a list of pairs and triples."""
    rooms: dict[tuple[int, int], list[int]] = {}
    for home in homes:
        rooms.setdefault((home.building, home.unit), []).append(home.room)
    return or_(
        false(),
        *(
            and_(HomeRow.building == building, HomeRow.unit == unit, HomeRow.room.in_(those))
            for (building, unit), those in rooms.items()
        ),
    )


class Directory:
    """Every home, person and debt at once. Nothing is sent before the session is committed."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._homes: dict[Home, HomeRow] = {}
        self._people: dict[tuple[Home, str], ResidentRow] = {}
        self._arrears: dict[Home, ArrearsRow] = {}

    @classmethod
    async def load(cls, session: AsyncSession, homes: Collection[Home] | None = None) -> Self:
        """Read the whole directory, or what it has of these homes."""
        directory = cls(session)
        rows, people, debts = select(HomeRow), select(ResidentRow), select(ArrearsRow)
        if homes is not None:
            rows = rows.where(is_one_of(homes))
        by_id = {row.id: row for row in await session.scalars(rows)}
        if homes is not None:
            people, debts = people.where(ResidentRow.home_id.in_(by_id)), debts.where(ArrearsRow.home_id.in_(by_id))
        directory._homes = {home_of(row): row for row in by_id.values()}
        for person in await session.scalars(people.options(selectinload(ResidentRow.numbers))):
            directory._people[home_of(by_id[person.home_id]), person.name] = person
        for debt in await session.scalars(debts):
            directory._arrears[home_of(by_id[debt.home_id])] = debt
        return directory

    def put(self, line: AnyLine) -> Put:
        """Put a line of whatever kind of file."""
        match line:
            case ResidentLine():
                return self.put_resident(line)
            case HomeLine():
                return self.put_home(line)
            case NumbersLine():
                return self.put_numbers(line)
            case ArrearsLine():
                return self.put_arrears(line)

    def put_home(self, line: HomeLine) -> Put:
        """Add a home, or keep what it chose."""
        if line.home not in self._homes:
            row = self._home_row(line.home)
            row.greets_by_name = bool(line.greets_by_name)
            self._session.add(row)
            return Put.ADDED
        return Put.CHANGED if self._let_home_choose(line) else Put.UNCHANGED

    def put_numbers(self, line: NumbersLine) -> Put:
        """Let the numbers of one known person be those of the line."""
        row, wanted = self._people[line.home, line.name], {number.e164 for number in line.numbers}
        kept = [number for number in row.numbers if number.e164 in wanted]
        new = sorted(wanted - {number.e164 for number in kept})
        if len(kept) == len(row.numbers) and not new:
            return Put.UNCHANGED
        row.numbers = kept + [ResidentNumberRow(e164=e164) for e164 in new]
        return Put.CHANGED

    async def number_new(self) -> None:
        """Give what was added its ids, where SQLite would be asked for each in a statement of its own.

        It hands out the one after the highest, and nobody else writes until this transaction ends.
        """
        if self._session.get_bind().dialect.name != "sqlite":
            return
        with self._session.no_autoflush:
            for table in (HomeRow, ResidentRow):
                new = [row for row in self._session.new if isinstance(row, table)]
                highest = await self._session.scalar(select(func.max(table.id))) if new else 0
                for number, row in enumerate(new, start=(highest or 0) + 1):
                    row.id = number

    def has(self, home: Home, name: str) -> bool:
        """Return whether somebody of this name is known in this home."""
        return (home, name) in self._people

    def put_resident(self, line: ResidentLine) -> Put:
        """Add or correct one person, and the home if it is new; the person's numbers become those of the line.

        A line that says nothing of greeting by name leaves what the home has chosen.
        """
        chose = self._let_home_choose(line)
        wanted = {number.e164 for number in line.numbers}
        said = {
            "title": line.title.value,
            "relation": line.relation.value,
            "is_elderly_alone": line.is_elderly_alone,
            "language": line.language,
        }
        row = self._people.get((line.home, line.name))
        if row is None:
            numbers = [ResidentNumberRow(e164=e164) for e164 in sorted(wanted)]
            row = ResidentRow(home=self._home_row(line.home), name=line.name, numbers=numbers, **said)
            self._people[line.home, line.name] = row
            self._session.add(row)
            return Put.ADDED
        kept = [number for number in row.numbers if number.e164 in wanted]
        new = sorted(wanted - {number.e164 for number in kept})
        if (
            all(getattr(row, name) == value for name, value in said.items())
            and len(kept) == len(row.numbers)
            and not new
        ):
            return Put.CHANGED if chose else Put.UNCHANGED
        for name, value in said.items():
            setattr(row, name, value)
        row.numbers = kept + [ResidentNumberRow(e164=e164) for e164 in new]
        return Put.CHANGED

    def put_arrears(self, line: ArrearsLine) -> Put:
        """Set what one known home owes."""
        row = self._arrears.get(line.home)
        if row is None:
            row = ArrearsRow(home_id=self._homes[line.home].id, months=list(line.months), fen=line.fen)
            self._arrears[line.home] = row
            self._session.add(row)
            return Put.ADDED
        if (tuple(row.months), row.fen) == (line.months, line.fen):
            return Put.UNCHANGED
        row.months, row.fen = list(line.months), line.fen
        return Put.CHANGED

    def arrears_except(self, homes: Collection[Home]) -> list[Home]:
        """Return the other homes of which a debt is known."""
        return sorted(home for home in self._arrears if home not in homes)

    async def remove_arrears_except(self, homes: Collection[Home]) -> int:
        """Forget what all other homes owe; return how many did."""
        gone = self.arrears_except(homes)
        for home in gone:
            await self._session.delete(self._arrears.pop(home))
        return len(gone)

    def _let_home_choose(self, line: ResidentLine | HomeLine) -> bool:
        """Keep whether the home is greeted by name; return whether that is news."""
        row = self._home_row(line.home)
        if line.greets_by_name is None or line.greets_by_name == row.greets_by_name:
            return False
        row.greets_by_name = line.greets_by_name
        return True

    def _home_row(self, home: Home) -> HomeRow:
        if home not in self._homes:
            self._homes[home] = HomeRow(building=home.building, unit=home.unit, room=home.room, greets_by_name=False)
        return self._homes[home]
