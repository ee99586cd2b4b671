"""The table of calls to duty telephones about alerts: claimed before the switch is asked, each turn once for ever."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.alerts.alert import Alert, AlertState
from hotline.alerts.duty_chain import Ring
from hotline.alerts.store import AlertTable, alert_by_id
from hotline.database import Base, insert_into

CHANNEL_TEXT = 80


class AlertRingTable(Base):
    """One call about an alert. `place` is the number's in the setting, which itself is not kept."""

    __tablename__ = "alert_ring"
    __table_args__ = (UniqueConstraint("alert_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    turn: Mapped[int]
    place: Mapped[int]
    channel: Mapped[str] = mapped_column(String(CHANNEL_TEXT), unique=True)
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    took_note: Mapped[bool] = mapped_column(default=False)


async def alerts_to_ring(session: AsyncSession, rules: Sequence[str], since: datetime) -> list[Alert]:
    """Return the alerts of these rules that stand unacknowledged and were raised since then, the oldest first."""
    found = await session.scalars(
        select(AlertTable.id)
        .where(AlertTable.standing.is_not(None), AlertTable.state == AlertState.RAISED.value)
        .where(AlertTable.rule.in_(rules), AlertTable.raised_at >= since)
        .order_by(AlertTable.id)
    )
    return [await alert_by_id(session, one) for one in found]


async def rings_of(session: AsyncSession, alert: int) -> list[Ring]:
    """Return the calls about an alert, the oldest first."""
    found = await session.scalars(
        select(AlertRingTable).where(AlertRingTable.alert_id == alert).order_by(AlertRingTable.turn)
    )
    return [_ring(row) for row in found]


async def living_rings(session: AsyncSession) -> list[Ring]:
    """Return the calls that may live still: one at most."""
    found = await session.scalars(
        select(AlertRingTable).where(AlertRingTable.ended_at.is_(None)).order_by(AlertRingTable.id)
    )
    return [_ring(row) for row in found]


async def claim_ring(
    session: AsyncSession, alert: int, *, turn: int, place: int, channel: str, at: datetime
) -> Alert | None:
    """Claim a turn, once for ever, of an alert that still stands unacknowledged; return that alert, or None."""
    row = await session.get(AlertTable, alert, with_for_update=True, populate_existing=True)
    if row is None or row.state != AlertState.RAISED:
        return None
    done = await session.execute(
        insert_into(session, AlertRingTable)
        .values(alert_id=alert, turn=turn, place=place, channel=channel, at=at, took_note=False)
        .on_conflict_do_nothing()
    )
    return await alert_by_id(session, alert) if done.rowcount else None  # type: ignore[attr-defined]


async def end_ring(session: AsyncSession, channel: str, *, at: datetime) -> None:
    """Write that a call is over."""
    await session.execute(
        update(AlertRingTable)
        .where(AlertRingTable.channel == channel, AlertRingTable.ended_at.is_(None))
        .values(ended_at=at)
    )


async def ring_of_channel(session: AsyncSession, channel: str) -> AlertRingTable | None:
    """Return the call of this channel."""
    found: AlertRingTable | None = await session.scalar(
        select(AlertRingTable).where(AlertRingTable.channel == channel).execution_options(populate_existing=True)
    )
    return found


def _ring(row: AlertRingTable) -> Ring:
    return Ring(alert=row.alert_id, turn=row.turn, channel=row.channel, at=row.at, ended_at=row.ended_at)
