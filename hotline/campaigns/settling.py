"""Settle attempts by what the ledger knows of their calls: inside the ledger's transaction, as often as it is shown.

The same call always comes to the same rows. From an outcome follows what becomes of the target; from the keys follow
marks of the household and the number, and what the desk owes.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome as CallOutcome
from hotline.campaigns.attempt import AttemptState, Outcome, Result, Said, Step
from hotline.campaigns.attempts_store import (
    AttemptTable,
    attempts_of_call,
    note_on_attempt,
    step_attempt,
)
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.dialling import put_back
from hotline.campaigns.doubting import HELD_FOR, is_doubtful
from hotline.campaigns.household_marks_store import put_mark
from hotline.campaigns.may_call import Mark, Reason
from hotline.campaigns.outcome import result_of, result_of_agents_call
from hotline.campaigns.owing import INVALID_TEXT, owe
from hotline.campaigns.records_store import further_number
from hotline.campaigns.store import campaign_by_id
from hotline.campaigns.target import UNDISTURBED, TargetState, TargetStep, plan_after
from hotline.campaigns.targets_store import TargetTable, step_target, target_by_id
from hotline.clock import Clock
from hotline.desk.outside import OutsideCall
from hotline.followups.follow_up import FollowUpState, FollowUpStepRefused
from hotline.followups.follow_up import Step as FollowUpStep
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.store import is_tried, take_step
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number
from hotline.residents.noted import NumberMark
from hotline.settings import OutboundSettings

log = structlog.get_logger()

BY_KEY: Final = "key"  # who put a mark: the resident, by a key
BY_NETWORK: Final = "network"
MACHINE_TEXT: Final = "坐席听到的是答录机"
SAYS_PAID_FOR: Final = timedelta(days=7)  # finance looks meanwhile; the next list tells


class Settling:
    """The ledger's follower for calls of campaigns."""

    def __init__(self, *, clock: Clock, settings: OutboundSettings, zone: ZoneInfo) -> None:
        self._clock, self._settings, self._zone = clock, settings, zone

    async def follow(self, session: AsyncSession, call: CallRecord) -> None:
        """Write what came of the attempt that this call is, if it is one.

        A resident's own call can but have taken one in, which its end tells.
        """
        if call.direction == "inbound" and call.ended_at is None:
            return
        for row in await attempts_of_call(session, call.id, is_locked=True):
            if not row.dialled_by:
                await self.settle(session, row, result_of(call, self._zone), call.id)
            elif call.outcome is CallOutcome.NOT_DIALLED:
                await self._put_back(session, row)
            elif (result := result_of_agents_call(call, heard_machine=row.heard_machine)).rang_at or result.outcome:
                await self.settle(session, row, result, call.id)

    async def never_made(self, session: AsyncSession, call: OutsideCall) -> None:
        """Free the home of an attempt whose agent's call was surely never made."""
        for row in await attempts_of_call(session, call.channel, is_locked=True):
            await self._put_back(session, row)

    async def _put_back(self, session: AsyncSession, row: AttemptTable) -> None:
        at = self._clock.now()
        await put_back(session, row, why="not-dialled", at=at, settings=self._settings, counts=False)

    async def absorb(self, session: AsyncSession, young: str, old: str) -> None:
        """Let an attempt whose call became part of another be told by that one. May run again."""
        for row in await attempts_of_call(session, young, is_locked=True):
            await note_on_attempt(session, row.id, {"call_id": old})

    async def settle(self, session: AsyncSession, row: AttemptTable, result: Result, call_id: str) -> None:
        """Write what is known of an attempt now; once it is over, what becomes of its target and what is owed."""
        values = _known(result, call_id)
        if result.outcome is None:
            step = Step.LIFTED if result.answered_at else Step.RANG
            values.pop("said")  # written at the end, with what follows from it: what stands in the row was kept
            if not await step_attempt(session, row.id, AttemptState(row.state), step, values):
                await note_on_attempt(session, row.id, values)
            return
        is_undisturbed = result.outcome in UNDISTURBED and result.answered_at is None
        values |= {
            "outcome": result.outcome.value,
            "disturbed_at": None if is_undisturbed else row.disturbed_at or result.rang_at or row.planned_at,
        }
        if await step_attempt(session, row.id, AttemptState(row.state), Step.ENDED, values):
            await self._go_on(session, row, result, call_id)
        else:
            if row.state == AttemptState.WITHDRAWN:  # taken for never dialled, and it was: it counts, aloud
                log.error("an attempt rang after all", attempt=row.id)
                values["why"] = "rang-after-all"
            await note_on_attempt(session, row.id, values)
        await self._keys(session, row, result, call_id)

    async def _go_on(self, session: AsyncSession, row: AttemptTable, result: Result, call_id: str) -> None:
        """Let the target go on from an attempt that is over."""
        target, now = await target_by_id(session, row.target_id), self._clock.now()
        if target is None or result.outcome is None:
            return
        if await is_doubtful(session, row, result.outcome, at=now, settings=self._settings):
            values: dict[str, Any] = {
                "not_before": now + HELD_FOR,
                "reasons": [Reason.LINE_DOUBTED.value],
                "outcome": result.outcome.value,
            }
            await step_target(session, target.id, TargetState.IN_HAND, TargetStep.RETURNED, at=now, values=values)
            return
        campaign = await campaign_by_id(session, row.campaign_id)
        further = None
        if result.outcome is Outcome.INVALID:
            number = PhoneNumber(row.e164)
            by, at = BY_NETWORK, now
            await mark_number(session, number, NumberMark.INVALID, holds=True, by=by, at=at, call_id=row.id)
            await owe(session, row, call_id, INVALID_TEXT, at=now)
            further = await further_number(session, target)
        plan = plan_after(
            campaign.kind,
            result,
            target.tries,
            now,
            most_rung=self._settings.tries,
            has_further_number=further is not None,
        )
        values = {
            "rung": plan.tries.rung,
            "busy": plan.tries.busy,
            "ours": plan.tries.ours,
            "outcome": result.outcome.value,
            "said": result.keys,
            "is_wish": plan.is_wish,
        }
        values |= {"not_before": plan.again_at} if plan.again_at else {}
        if further is not None:
            person, e164 = further
            values |= {"e164": e164, "salutation": person.salutation, "language": person.language}
        await step_target(session, target.id, TargetState.IN_HAND, plan.step, at=now, values=values)
        if target.follow_up_id is not None and (
            row.heard_machine or not row.dialled_by
        ):  # else the desk itself tells it
            await self._follow_up_of(session, target, row, result, campaign.kind)

    async def _follow_up_of(
        self, session: AsyncSession, target: TargetTable, row: AttemptTable, result: Result, kind: CampaignKind
    ) -> None:
        """Tell the follow-up that this call was for what came of it; a survey's is closed with its answers."""
        one = await follow_up_by_id(session, target.follow_up_id or 0)
        now = self._clock.now()
        if row.heard_machine and one.state is FollowUpState.DONE:  # the line was lifted, and nobody was spoken with
            one = await take_step(session, one.id, FollowUpStep.REOPENED, at=now, text=MACHINE_TEXT, call_id=row.id)
        if one.state is not FollowUpState.OPEN or kind is CampaignKind.SURVEY:
            return
        try:
            if result.reached_agent:
                if not one.is_kept_open:
                    await take_step(session, one.id, FollowUpStep.RETURNED, at=now, call_id=row.id)
            elif not await is_tried(session, one.id, row.id):
                await take_step(session, one.id, FollowUpStep.TRIED, at=now, call_id=row.id)
        except FollowUpStepRefused:
            pass  # somebody settled it in the same moment

    async def _keys(self, session: AsyncSession, row: AttemptTable, result: Result, call_id: str) -> None:
        """Keep what the person said by key: once, so that a mark which a person lifted since is not put again."""
        now, said = self._clock.now(), result.said - {Said(key) for key in row.said}
        marks: list[tuple[Mark, datetime | None]] = []
        if Said.PAID in said:
            marks.append((Mark.SAYS_PAID, now + SAYS_PAID_FOR))
        if Said.DISPUTED in said:
            marks.append((Mark.DISPUTED, None))
        if Said.NO_MORE in said:
            marks.append((Mark.OPTED_OUT, None))
        for mark, until in marks:
            await put_mark(session, mark, household=row.household, at=now, by=BY_KEY, until=until, attempt_id=row.id)
        number = PhoneNumber(row.e164)
        for key, number_mark in ((Said.WRONG_PERSON, NumberMark.WRONG_NUMBER), (Said.NO_MORE, NumberMark.DO_NOT_CALL)):
            if key in said:
                await mark_number(session, number, number_mark, holds=True, by=BY_KEY, at=now, call_id=row.id)
        text = _OWED.get(next((key for key in _OWED if key in said), Said.HEARD), "")
        if text and result.outcome is not None:
            await owe(session, row, call_id, text, at=now)


# What the desk owes after a key; the first that was pressed. A dispute is drafted as a complaint by the duty log, too.
_OWED: Final = {
    Said.DISPUTED: "业主对欠费有异议，请核对账单后回复",
    Said.PAID: "业主称已缴费，请财务核对",
    Said.WRONG_PERSON: "接听者称号码不属于该户，请核实联系电话",
}


def _known(result: Result, call_id: str) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "rang_at": result.rang_at,
        "answered_at": result.answered_at,
        "ended_at": result.ended_at,
        "cause": result.cause,
        "said": result.keys,
        "answers": dict(result.answers),
        "gave_up_waiting": result.gave_up_waiting,
        "reached_agent": result.reached_agent,
    }
