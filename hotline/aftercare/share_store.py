"""The table of the head's share: one row, once it was set on the page; the audit has what stood before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint, String, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_into

REASON_TEXT: Final = 200
_ONE: Final = 1


class AftercareShareTable(Base):
    """How many percent of what the trade's table does not name are called; empty: as the settings file says."""

    __tablename__ = "aftercare_share"
    __table_args__ = (CheckConstraint("place = 1", name="one_row"),)

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    percent: Mapped[int | None]
    done_by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(REASON_TEXT))
    version: Mapped[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetShare:
    """What was said last on the page; `percent` None: back to the file. `version` counts how often."""

    percent: int | None
    by: str
    at: datetime
    reason: str
    version: int


async def share_said(session: AsyncSession) -> SetShare | None:
    """Return what was said last on the page, if anything was."""
    row = await session.get(AftercareShareTable, _ONE, populate_existing=True)
    if row is None:
        return None
    return SetShare(percent=row.percent, by=row.done_by, at=row.at, reason=row.reason, version=row.version)


async def share_in_force(session: AsyncSession, in_file: int) -> int:
    """Return the share that holds now, in percent; `in_file` is that of the settings file."""
    said = await share_said(session)
    return in_file if said is None or said.percent is None else said.percent


async def say_share(session: AsyncSession, said: SetShare) -> bool:
    """Keep what is said; False where somebody else said something since version `said.version - 1`."""
    values = {
        "percent": said.percent, "done_by": said.by[:INDEX_TEXT], "at": said.at, "reason": said.reason[:REASON_TEXT],
        "version": said.version,
    }  # fmt: skip
    if said.version == 1:
        adding = insert_into(session, AftercareShareTable).values(place=_ONE, **values).on_conflict_do_nothing()
        done = await session.execute(adding.returning(AftercareShareTable.place))
    else:
        done = await session.execute(
            update(AftercareShareTable)
            .where(AftercareShareTable.place == _ONE, AftercareShareTable.version == said.version - 1)
            .values(**values)
            .returning(AftercareShareTable.place)
        )
    return done.first() is not None
