"""Send what is to be said of alerts: each way by itself, in the order of one alert, with growing pauses.

What is to be sent stands in SQL since the alert's own transaction: a restart loses none, a receiver may get one twice.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.alerts.alert import Delivery
from hotline.alerts.store import due_deliveries, note_delivery
from hotline.clock import Clock
from hotline.database import Database
from hotline.outbox.pauses import Delivered
from hotline.outbox.sending import Sending, Way


class AlertOutbox:
    """What is still to be said of alerts."""

    async def due(self, session: AsyncSession, way: str, now: datetime, limit: int) -> Sequence[Delivery]:
        """Return what is to be sent on this way now: of one alert only the first that is not sent yet."""
        return await due_deliveries(session, way, now, limit)

    async def note(
        self, session: AsyncSession, message_id: int, state: Delivered, *, tries: int, due: datetime, reason: str
    ) -> None:
        """Write what came of a try."""
        await note_delivery(session, message_id, state, tries=tries, due=due, reason=reason)


class Deliveries(Sending[Delivery]):
    """`run` sends until cancelled; `ring` says that something new was written."""

    def __init__(self, *, database: Database, clock: Clock, ways: Mapping[str, Way[Delivery]]) -> None:
        super().__init__("alerts", AlertOutbox(), database=database, clock=clock, ways=ways)
