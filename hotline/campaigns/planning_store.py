"""Write planned attempts for many targets at once: so many statements, however many targets there are.

Comes after the tick has judged them, in the transaction in which the campaign's row is locked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptId, AttemptState, attempt_id
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.target import TargetState, TargetStep, after
from hotline.campaigns.targets_store import TargetTable
from hotline.database import insert_into

NUMBERS_A_TARGET: Final = 1000  # attempts of one target, at most: their ids stay apart


async def plan_targets(session: AsyncSession, targets: Sequence[TargetTable], *, at: datetime) -> list[AttemptId]:
    """Plan an attempt at each target that waits as it did when it was read, and whose home and number have none.

    Returns the attempts that are there now, in the targets' order.
    """
    waits, in_hand = TargetState.WAITING, after(TargetState.WAITING, TargetStep.PLANNED)
    found = await session.execute(
        select(TargetTable.id, TargetTable.attempts).where(
            TargetTable.id.in_([one.id for one in targets]), TargetTable.state == waits.value
        )
    )
    as_read = dict(found.tuples().all())
    ids = {
        attempt_id(at, one.id * NUMBERS_A_TARGET + one.attempts): one
        for one in targets
        if as_read.get(one.id) == one.attempts
    }
    if not ids or in_hand is None:
        return []
    values: list[dict[str, Any]] = [
        {
            "id": attempt, "campaign_id": one.campaign_id, "target_id": one.id, "household": one.household,
            "e164": one.e164, "state": AttemptState.PLANNED.value, "planned_at": at, "worker": "", "outcome": "",
            "cause": 0, "said": [], "answers": {}, "gave_up_waiting": False, "heard_machine": False,
            "reached_agent": False, "call_id": "", "why": "", "decided_by": "", "dialled_by": "",
        }
        for attempt, one in ids.items()
    ]  # fmt: skip
    written = set(
        await session.scalars(
            insert_into(session, AttemptTable).values(values).on_conflict_do_nothing().returning(AttemptTable.id)
        )
    )
    planned = [attempt for attempt in ids if attempt in written]
    await session.execute(
        update(TargetTable)
        .where(TargetTable.id.in_([ids[attempt].id for attempt in planned]), TargetTable.state == waits.value)
        .values(state=in_hand.value, changed_at=at, attempts=TargetTable.attempts + 1, reasons=[]),
        execution_options={"synchronize_session": False},
    )
    return planned
