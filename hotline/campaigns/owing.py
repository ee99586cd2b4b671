"""What the desk owes after a call of ours: written down once for a call, with whom it is about."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.targets_store import target_by_id
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up, raised_kinds
from hotline.phone import PhoneNumber

OWED_WITHIN: Final = timedelta(days=1)
INVALID_TEXT: Final = "外呼时网络提示空号，请核实并更正联系电话"


async def owe(session: AsyncSession, row: AttemptTable, call_id: str, text: str, *, at: datetime) -> None:
    """Let the desk owe this because of an attempt; what it owes for the call already stays as it is."""
    if FollowUpKind.OTHER in await raised_kinds(session, call_id):
        return
    target = await target_by_id(session, row.target_id)
    await add_follow_up(
        session,
        debt=Debt(kind=FollowUpKind.OTHER, at=at, due=at + OWED_WITHIN),
        owed_by=Role.AGENT,
        call_id=call_id,
        number=PhoneNumber(row.e164).national,
        e164=row.e164,
        home="" if row.household == row.e164 else row.household,
        who=target.salutation if target else "",
        at=at,
        text=text,
    )
