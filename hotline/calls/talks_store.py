"""Who last talked with a number: so that a caller who comes back reaches the agent who had the case."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import CallTable


@dataclass(frozen=True, slots=True)
class LastTalk:
    """Who last talked with a number, and when that call began."""

    agent: str  # an extension
    at: datetime


async def last_talk_with(session: AsyncSession, forms: Collection[str], since: datetime) -> LastTalk | None:
    """Return the newest call from a number that an agent answered, begun at or after `since`.

    `forms` are the forms in which a carrier may have sent it: the ledger keeps what came.
    """
    found = await session.execute(
        select(CallTable.agent, CallTable.ring_start)
        .where(
            CallTable.caller_number.in_(sorted(forms)),
            CallTable.ring_start >= since,
            CallTable.human_answer.is_not(None),
            CallTable.agent != "",
            CallTable.direction == "inbound",
        )
        .order_by(CallTable.ring_start.desc(), CallTable.id.desc())
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None or row.ring_start is None else LastTalk(row.agent, row.ring_start)
