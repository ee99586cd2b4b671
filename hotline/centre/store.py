"""The table of the stamp: one row, written once."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Connection, String, Text, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.centre.stamp import Stamp
from hotline.database import Base, insert_into

THE_ROW = 1


class CentreTable(Base):
    """The centre to which every row of this database belongs. There is one row; `place` is always 1."""

    __tablename__ = "centre"
    __table_args__ = (CheckConstraint("place = 1", name="one_row"),)

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(8))
    id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(Text)
    stamped_at: Mapped[datetime]


async def has_table(session: AsyncSession) -> bool:
    """Tell whether this database knows stamps at all: one that was not migrated yet does not."""

    def look(connection: Connection) -> bool:
        return inspect(connection).has_table(CentreTable.__tablename__)

    return await (await session.connection()).run_sync(look)


async def read_stamp(session: AsyncSession, *, is_locked: bool = False) -> Stamp | None:
    """Return the stamp; None before the first. `is_locked`: nobody else changes it until the transaction ends."""
    query = select(CentreTable).where(CentreTable.place == THE_ROW)
    row = await session.scalar(query.with_for_update() if is_locked else query)
    return None if row is None else Stamp(code=row.code, id=row.id, name=row.name, at=row.stamped_at)


async def write_first(session: AsyncSession, stamp: Stamp) -> None:
    """Stamp a database that has none; one that has keeps its own."""
    await session.execute(insert_into(session, CentreTable).values(_values(stamp)).on_conflict_do_nothing())


async def write(session: AsyncSession, stamp: Stamp) -> None:
    """Stamp the database anew."""
    fresh = insert_into(session, CentreTable).values(_values(stamp))
    await session.execute(fresh.on_conflict_do_update(index_elements=[CentreTable.place], set_=_values(stamp)))


def _values(stamp: Stamp) -> dict[str, object]:
    return {"place": THE_ROW, "code": stamp.code, "id": stamp.id, "name": stamp.name, "stamped_at": stamp.at}
