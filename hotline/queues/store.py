"""Table and queries of which agent serves which queue. An agent without a row serves every queue."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.queues.membership import EVERYBODY, Skill


class QueueMembershipRow(Base):
    """An agent's extension serves a queue."""

    __tablename__ = "queue_membership"
    __table_args__ = (CheckConstraint("penalty BETWEEN 0 AND 9", name="penalty_small"),)

    extension: Mapped[str] = mapped_column(String(6), primary_key=True)
    queue: Mapped[str] = mapped_column(String(20), primary_key=True)
    penalty: Mapped[int] = mapped_column(default=0)
    set_by: Mapped[str] = mapped_column(String(32))
    set_at: Mapped[datetime]


async def memberships(session: AsyncSession) -> dict[str, tuple[Skill, ...]]:
    """Return what is said of each agent of whom anything is said, by extension, queues in order."""
    found: defaultdict[str, list[Skill]] = defaultdict(list)
    ordered = select(QueueMembershipRow).order_by(QueueMembershipRow.extension, QueueMembershipRow.queue)
    for row in await session.scalars(ordered):
        found[row.extension].append(Skill(row.queue, row.penalty))
    return {extension: tuple(own) for extension, own in found.items()}


async def set_skills(
    session: AsyncSession, extension: str, skills: Iterable[Skill] | None, *, by: str, at: datetime
) -> None:
    """Let an agent serve these queues, and `service` always; None: forget what was said, so every queue."""
    await session.execute(delete(QueueMembershipRow).where(QueueMembershipRow.extension == extension))
    if skills is None:
        return
    places = {EVERYBODY: 0} | {skill.queue: skill.penalty for skill in skills}
    session.add_all(
        QueueMembershipRow(extension=extension, queue=queue, penalty=penalty, set_by=by[:32], set_at=at)
        for queue, penalty in places.items()
    )
    await session.flush()
