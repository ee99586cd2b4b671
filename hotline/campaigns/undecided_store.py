"""Attempts of which nobody can tell whether they rang, with what is known, for the person who decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import CallTable
from hotline.campaigns.attempt import AttemptState
from hotline.campaigns.attempts_store import AttemptTable, living_attempts
from hotline.campaigns.store import CampaignTable
from hotline.phone import PhoneNumber

MOST_SHOWN: Final = 100
MOST_CALLS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSince:
    """A call with the number since the attempt was claimed."""

    id: str
    at: datetime | None
    direction: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """One attempt that a person decides, and what speaks for either."""

    attempt: AttemptTable
    campaign: str
    calls: tuple[CallSince, ...]


async def undecided_attempts(session: AsyncSession) -> tuple[Sequence[Undecided], int]:
    """Return the attempts that wait for a person, the oldest first, and how many there are in all."""
    waiting = [row for row in await living_attempts(session) if row.state == AttemptState.UNKNOWN]
    shown = waiting[:MOST_SHOWN]
    named = await session.execute(
        select(CampaignTable.id, CampaignTable.name).where(CampaignTable.id.in_({row.campaign_id for row in shown}))
    )
    names = dict(named.tuples().all())
    return [
        Undecided(attempt=row, campaign=names[row.campaign_id], calls=await _calls_since(session, row)) for row in shown
    ], len(waiting)


async def _calls_since(session: AsyncSession, row: AttemptTable) -> tuple[CallSince, ...]:
    rows = await session.execute(
        select(CallTable.id, CallTable.ring_start, CallTable.direction, CallTable.outcome)
        .where(
            CallTable.caller_number.in_(sorted(PhoneNumber(row.e164).written_forms)),
            CallTable.ring_start >= (row.claimed_at or row.planned_at),
        )
        .order_by(CallTable.ring_start)
        .limit(MOST_CALLS)
    )
    return tuple(
        CallSince(id=call_id, at=at, direction=direction, outcome=outcome or "")
        for call_id, at, direction, outcome in rows.tuples()
    )
