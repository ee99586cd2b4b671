"""Which reports were posted: one row a week, month or quarter, so that each goes out once, whatever is started again.

An outbox like that of alerts (hotline/outbox): written first, then sent, tried again with pauses, for a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, insert_into
from hotline.outbox.pauses import Delivered

REASON_TEXT = 80


class ReportLetterTable(Base):
    """The letter of one month ("2026-10"), week ("2026-W46") or quarter ("2026-Q3")."""

    __tablename__ = "report_letter"

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(10), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    written_at: Mapped[datetime]
    due: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(REASON_TEXT), default="")  # of the last failure: a kind, never a text


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLetter:
    """A letter that is to be sent, or was."""

    id: int
    period: str
    state: Delivered
    tries: int
    written_at: datetime


async def write_letter(session: AsyncSession, period: str, now: datetime) -> bool:
    """Write that a period's report is to be posted; False where that was written before."""
    adding = insert_into(session, ReportLetterTable).values(
        period=period, state=Delivered.WAITING.value, written_at=now, due=now, tries=0, reason=""
    )
    found = await session.execute(adding.on_conflict_do_nothing().returning(ReportLetterTable.id))
    return found.scalar_one_or_none() is not None


async def report_letters(session: AsyncSession) -> list[ReportLetter]:
    """Return every letter, oldest first."""
    return [_letter(row) for row in await session.scalars(select(ReportLetterTable).order_by(ReportLetterTable.id))]


class ReportOutbox:
    """What is still to be posted; there is one way."""

    async def due(self, session: AsyncSession, _way: str, now: datetime, limit: int) -> Sequence[ReportLetter]:
        """Return what is to be sent now, oldest first."""
        rows = await session.scalars(
            select(ReportLetterTable)
            .where(ReportLetterTable.state == Delivered.WAITING.value, ReportLetterTable.due <= now)
            .order_by(ReportLetterTable.id)
            .limit(limit)
        )
        return [_letter(row) for row in rows]

    async def note(
        self, session: AsyncSession, message_id: int, state: Delivered, *, tries: int, due: datetime, reason: str
    ) -> None:
        """Write what came of a try."""
        await session.execute(
            update(ReportLetterTable)
            .where(ReportLetterTable.id == message_id)
            .values(state=state.value, tries=tries, due=due, reason=reason[:REASON_TEXT])
        )


def _letter(row: ReportLetterTable) -> ReportLetter:
    return ReportLetter(
        id=row.id, period=row.period, state=Delivered(row.state), tries=row.tries, written_at=row.written_at
    )
