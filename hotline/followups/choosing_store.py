"""When a person says whose home a call is about: what the call made us owe is owed to that home from then on.

What an entry of the duty log makes us owe says what its entry says, and is corrected with it.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.store import INDEX_TEXT
from hotline.followups.follow_up import FollowUpKind, Step
from hotline.followups.store import FollowUpCallTable, FollowUpTable, take_step
from hotline.residents.resident import KnownCaller

OF_CALLS: Final = frozenset(
    {
        FollowUpKind.CALL_BACK,
        FollowUpKind.MISSED,
        FollowUpKind.MESSAGE,
        FollowUpKind.EMERGENCY,
        FollowUpKind.UNSATISFIED,
        FollowUpKind.INCIDENT,
    }
)
"""What the ledger writes down by itself, with the home that the number told of."""


async def follow_choice(
    session: AsyncSession, call_id: str, chosen: KnownCaller | None, *, by: str, at: datetime
) -> list[int]:
    """Let what this call makes us owe be owed to the chosen home; return which said another one. May run again.

    The history keeps who chose it, and the choices themselves stay (`residents.choice_store`).
    """
    if chosen is None or chosen.household is None:
        return []
    home = chosen.household.home.label[:INDEX_TEXT]
    who = (chosen.resident.salutation if chosen.resident else "")[:INDEX_TEXT]
    found = await session.scalars(
        select(FollowUpTable)
        .where(
            FollowUpTable.id.in_(select(FollowUpCallTable.follow_up_id).where(FollowUpCallTable.call_id == call_id)),
            FollowUpTable.kind.in_([kind.value for kind in OF_CALLS]),
        )
        .order_by(FollowUpTable.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    changed = [row for row in found if (row.home, row.who) != (home, who)]
    for row in changed:
        row.home, row.who = home, who
        await session.flush()
        await take_step(session, row.id, Step.HOME_CHOSEN, who=by, at=at, text=home, call_id=call_id)
    return [row.id for row in changed]
