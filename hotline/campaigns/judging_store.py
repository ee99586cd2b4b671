"""Write down what a verdict means for a target: it waits until a better moment, or is suppressed, with the reasons."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.may_call import Verdict
from hotline.campaigns.target import TargetState, TargetStep
from hotline.campaigns.targets_store import TargetTable, step_target


async def put_off(session: AsyncSession, target: TargetTable, verdict: Verdict, *, at: datetime) -> None:
    """Let a target that may not be called now wait for the earliest moment; where there is none, for good."""
    reasons = [reason.value for reason in verdict.reasons]
    step = TargetStep.FORBIDDEN if verdict.is_for_good else TargetStep.RETURNED
    values = {"reasons": reasons} | ({} if verdict.earliest is None else {"not_before": verdict.earliest})
    await step_target(session, target.id, TargetState(target.state), step, at=at, values=values)
