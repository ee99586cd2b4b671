"""Tables and queries of alerts by rule, and of what is still to be sent out about them.

One alert stands for a rule and its subject, held by a unique key that is given back at its end. Retention removes what
is over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.alerts.alert import Alert, AlertState, AlertStep, AlertUnknown, Delivery, Rule, after
from hotline.database import Base, insert_into
from hotline.outbox.pauses import Delivered

NAME_TEXT = 80
WAY_TEXT = 20


class AlertTable(Base):
    """One alert. `standing` is its rule and subject while it stands, else null."""

    __tablename__ = "alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(NAME_TEXT))
    standing: Mapped[str | None] = mapped_column(String(2 * NAME_TEXT), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    value: Mapped[float]
    raised_at: Mapped[datetime]
    acknowledged_by: Mapped[str] = mapped_column(String(NAME_TEXT), default="")
    acknowledged_name: Mapped[str] = mapped_column(String(NAME_TEXT), default="")
    acknowledged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)


class AlertDeliveryTable(Base):
    """One message about an alert (`what`: raised, ended) on one way out."""

    __tablename__ = "alert_delivery"
    __table_args__ = (Index("ix_alert_delivery_state_due", "state", "due"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alert.id"))
    what: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(WAY_TEXT))
    state: Mapped[str] = mapped_column(String(20), default=Delivered.WAITING.value)
    written_at: Mapped[datetime]
    due: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(NAME_TEXT), default="")  # of the last failure: a kind, never a text


async def raise_alert(session: AsyncSession, rule: Rule, subject: str, value: float, at: datetime) -> Alert | None:
    """Write an alert; None where one stands already for this rule and subject."""
    values = {
        "rule": rule.value,
        "subject": subject,
        "standing": f"{rule}:{subject}",
        "state": AlertState.RAISED.value,
        "value": value,
        "raised_at": at,
        "acknowledged_by": "",
        "acknowledged_name": "",
    }
    new = insert_into(session, AlertTable).values(values).on_conflict_do_nothing(index_elements=["standing"])
    found = (await session.execute(new.returning(AlertTable.id))).scalar()
    return None if found is None else await alert_by_id(session, found)


async def end_alert(session: AsyncSession, rule: Rule, subject: str, at: datetime) -> Alert | None:
    """End the alert that stands for this rule and subject; None where none does."""
    row = await session.scalar(select(AlertTable).where(AlertTable.standing == f"{rule}:{subject}").with_for_update())
    if row is None:
        return None
    row.state, row.ended_at, row.standing = after(AlertState(row.state), AlertStep.END).value, at, None
    await session.flush()
    return _alert(row)


async def acknowledge_alert(session: AsyncSession, alert_id: int, *, by: str, name: str, at: datetime) -> Alert:
    """Keep who took note. Raises AlertUnknown, AlertStepRefused: whoever came first stays."""
    row = await session.get(AlertTable, alert_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise AlertUnknown(f"there is no alert {alert_id}")
    row.state = after(AlertState(row.state), AlertStep.ACKNOWLEDGE).value
    row.acknowledged_by, row.acknowledged_name, row.acknowledged_at = by[:NAME_TEXT], name[:NAME_TEXT], at
    await session.flush()
    return _alert(row)


async def alert_by_id(session: AsyncSession, alert_id: int) -> Alert:
    """Return one alert. Raises AlertUnknown."""
    row = await session.get(AlertTable, alert_id, populate_existing=True)
    if row is None:
        raise AlertUnknown(f"there is no alert {alert_id}")
    return _alert(row)


async def standing_alerts(session: AsyncSession) -> list[Alert]:
    """Return the alerts that are not over, oldest first."""
    rows = await session.scalars(select(AlertTable).where(AlertTable.standing.is_not(None)).order_by(AlertTable.id))
    return [_alert(row) for row in rows]


async def ended_alerts(session: AsyncSession, limit: int = 50) -> list[Alert]:
    """Return the alerts that ended last, the newest first."""
    rows = await session.scalars(
        select(AlertTable)
        .where(AlertTable.ended_at.is_not(None))
        .order_by(AlertTable.ended_at.desc(), AlertTable.id.desc())
        .limit(limit)
    )
    return [_alert(row) for row in rows]


async def write_deliveries(session: AsyncSession, alert: Alert, what: str, ways: Sequence[str], at: datetime) -> None:
    """Write down, in the transaction of the alert itself, what is to be sent on each way."""
    for way in ways:
        session.add(AlertDeliveryTable(alert_id=alert.id, what=what, way=way, written_at=at, due=at))
    await session.flush()


async def due_deliveries(session: AsyncSession, way: str, now: datetime, limit: int = 20) -> list[Delivery]:
    """Return what is to be sent on this way now, oldest first: of one alert only the first that is not sent yet."""
    waits = AlertDeliveryTable.state == Delivered.WAITING.value
    first = (
        select(func.min(AlertDeliveryTable.id))
        .where(AlertDeliveryTable.way == way, waits)
        .group_by(AlertDeliveryTable.alert_id)
    )
    rows = await session.execute(
        select(AlertDeliveryTable, AlertTable)
        .join(AlertTable, AlertTable.id == AlertDeliveryTable.alert_id)
        .where(AlertDeliveryTable.id.in_(first), AlertDeliveryTable.due <= now)
        .order_by(AlertDeliveryTable.id)
        .limit(limit)
    )
    return [
        Delivery(id=row.id, alert=_alert(alert), what=row.what, way=row.way, tries=row.tries, written_at=row.written_at)
        for row, alert in rows.tuples()
    ]


async def waiting_by_way(session: AsyncSession) -> dict[str, int]:
    """Return how many messages about alerts wait on each way out."""
    found = await session.execute(
        select(AlertDeliveryTable.way, func.count())
        .where(AlertDeliveryTable.state == Delivered.WAITING.value)
        .group_by(AlertDeliveryTable.way)
    )
    return dict(found.tuples().all())


async def note_delivery(
    session: AsyncSession, delivery_id: int, state: Delivered, *, tries: int, due: datetime, reason: str = ""
) -> None:
    """Write what came of a try."""
    await session.execute(
        update(AlertDeliveryTable)
        .where(AlertDeliveryTable.id == delivery_id)
        .values(state=state.value, tries=tries, due=due, reason=reason[:NAME_TEXT])
    )


async def deliveries_of(session: AsyncSession, alert_id: int) -> list[tuple[str, str, Delivered, int]]:
    """Return what was sent or is to be sent about an alert: what, on which way, how it stands, after how many tries."""
    rows = await session.scalars(
        select(AlertDeliveryTable).where(AlertDeliveryTable.alert_id == alert_id).order_by(AlertDeliveryTable.id)
    )
    return [(row.what, row.way, Delivered(row.state), row.tries) for row in rows]


def _alert(row: AlertTable) -> Alert:
    return Alert(
        id=row.id,
        rule=Rule(row.rule),
        subject=row.subject,
        state=AlertState(row.state),
        value=row.value,
        raised_at=row.raised_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_name=row.acknowledged_name,
        acknowledged_at=row.acknowledged_at,
        ended_at=row.ended_at,
    )
