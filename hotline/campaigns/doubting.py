"""Doubt the line before the numbers: judged in the transaction that settles an attempt, by those before it.

What begins a pause takes back what was written of the numbers in that run: marks, debts, homes given up. What comes in
while it stands is held. A later dial that goes through ends the pause by itself, and the homes are called again; a
person ends it either way (`pauses.py`).
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.campaigns.attempt import AttemptId, Outcome
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import CampaignState, CampaignStep
from hotline.campaigns.household_marks_store import number_marks_at
from hotline.campaigns.line_doubt import LOOK_BACK, UNREACHED, Doubt, HowEnded, LineDoubted, doubt_of, is_doubted
from hotline.campaigns.line_doubt_store import (
    DialPauseTable,
    attempts_by_id,
    begin_pause,
    claim_probe,
    debts_of_text,
    doubtful_of,
    ended_last,
    hand_doubts_on,
    keep_doubtful,
    last_answers,
    pauses_for,
    settle_pause,
    standing_pauses,
    was_claimed_in_a_pause,
)
from hotline.campaigns.may_call import Reason
from hotline.campaigns.owing import INVALID_TEXT, owe
from hotline.campaigns.records_store import further_number, person_of_number
from hotline.campaigns.store import campaign_by_id, take_campaign_step
from hotline.campaigns.target import TargetState, TargetStep
from hotline.campaigns.targets_store import step_target, target_by_id
from hotline.followups.follow_up import FollowUpState
from hotline.followups.follow_up import Step as FollowUpStep
from hotline.followups.store import take_step
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number
from hotline.residents.noted import NumberMark
from hotline.settings import OutboundSettings

log = structlog.get_logger()

BY_ITSELF: Final = "hotline"
PROVES_LINE: Final = frozenset({Outcome.HUMAN, Outcome.MACHINE, Outcome.FAX, Outcome.BUSY})
"""A silent line rings in vain, too."""
HELD_FOR: Final = timedelta(minutes=5)  # then a home may be the one by which the line is tried
TAKEN_BACK: Final = "线路存疑，待核实"  # why a mark or a debt of the run does not hold


async def is_doubtful(
    session: AsyncSession, row: AttemptTable, outcome: Outcome, *, at: datetime, settings: OutboundSettings
) -> bool:
    """Judge the line by an attempt that has just come back so; return whether its answer is not to be believed.

    Called once for an attempt, after its end was written, in the same transaction.
    """
    if not settings.doubt_dials:
        return False
    pauses = await pauses_for(session, row.campaign_id)
    if pauses:
        held = next((one for one in pauses if is_doubted(outcome, Outcome(one.mostly))), None)
        if held is not None:
            await keep_doubtful(session, held.id, row.id, row.target_id, at=at)
            if held.campaign_id is not None:
                await _widen(session, row, at=at, settings=settings)
            return True
        for pause in pauses:
            if row.claimed_at is not None and row.claimed_at > pause.at and outcome in PROVES_LINE:
                await end_pause(session, pause, HowEnded.LINE_GOOD, by=BY_ITSELF, at=at)
        return False
    if outcome not in UNREACHED:
        return False
    if (before := await was_claimed_in_a_pause(session, row)) and is_doubted(outcome, Outcome(before.mostly)):
        await keep_doubtful(session, before.id, row.id, row.target_id, at=at)
        return True
    began = await _widen(session, row, at=at, settings=settings)
    began = began or await _begin(session, row, row.campaign_id, at=at, settings=settings)
    return began is not None and is_doubted(outcome, Outcome(began.mostly))


async def end_pause(session: AsyncSession, pause: DialPauseTable, how: HowEnded, *, by: str, at: datetime) -> bool:
    """Let dialling go on, once; what was in doubt is believed now, or the homes are called again."""
    doubted = await doubtful_of(session, pause.id)
    if not await settle_pause(session, pause, how, by=by, at=at):
        return False
    log.warning("dialling goes on", pause=pause.id, campaign=pause.campaign_id, how=how.value, doubtful=len(doubted))
    restored: set[int] = set()
    for row in doubted:
        if how is HowEnded.NUMBERS_DEAD:
            if row.outcome == Outcome.INVALID:
                await _believe(session, row, by=by, at=at)
        elif row.target_id not in restored:
            restored.add(row.target_id)
            await _call_again(session, row, at=at)
    return True


async def check_line(
    session: AsyncSession, campaign: int, attempt: AttemptId, *, at: datetime, settings: OutboundSettings
) -> None:
    """Let an attempt be dialled while dialling pauses only where it is time to try the line. Raises LineDoubted."""
    for pause in await pauses_for(session, campaign):
        following = at + timedelta(minutes=settings.doubt_probe)
        if pause.probe != attempt and not (
            settings.doubt_probe and await claim_probe(session, pause, attempt, at=at, following=following)
        ):
            raise LineDoubted(pause.id)


async def _widen(
    session: AsyncSession, row: AttemptTable, *, at: datetime, settings: OutboundSettings
) -> DialPauseTable | None:
    """Let all dialling pause where it is not one campaign's list that came back so; None where it is not so."""
    pause = await _begin(session, row, None, at=at, settings=settings)
    if pause is not None:
        for narrower in await standing_pauses(session):
            if narrower.campaign_id is not None:
                await settle_pause(session, narrower, HowEnded.WIDENED, by=BY_ITSELF, at=at)
                await hand_doubts_on(session, narrower, pause)
    return pause


async def _begin(
    session: AsyncSession, row: AttemptTable, campaign: int | None, *, at: datetime, settings: OutboundSettings
) -> DialPauseTable | None:
    last = await ended_last(session, campaign)
    since = max(at - LOOK_BACK, last) if last else at - LOOK_BACK
    answers = await last_answers(session, since=since, count=settings.doubt_dials, campaign=campaign)
    doubt = doubt_of(answers, dials=settings.doubt_dials, share=settings.doubt_share)
    if doubt is None or (campaign is None and len(doubt.campaigns) < 2):
        return None
    pause = await begin_pause(
        session,
        campaign=campaign,
        at=at,
        mostly=doubt.mostly,
        bad=len(doubt.run),
        of=doubt.of,
        probe_due=at + timedelta(minutes=settings.doubt_probe),
    )
    if pause is not None:
        log.error(
            "dialling pauses: the line is in doubt",
            campaign=campaign,
            mostly=doubt.mostly.value,
            bad=len(doubt.run),
            of=doubt.of,
            what_to_do="look at the trunk and its account, then decide on the page of campaigns",
        )
        await _take_back(session, doubt, pause, but=row, at=at)
    return pause


async def _take_back(
    session: AsyncSession, doubt: Doubt, pause: DialPauseTable, *, but: AttemptTable, at: datetime
) -> None:
    """Take back what was written because of the answers of the run; `but` is being settled at this moment."""
    for row in await attempts_by_id(session, {answer.attempt for answer in doubt.run} | {but.id}):
        await keep_doubtful(session, pause.id, row.id, row.target_id, at=at)
        if row.id == but.id:
            continue
        if row.outcome == Outcome.INVALID:
            await _unmark(session, row, at=at)
        values = {"not_before": at + HELD_FOR, "reasons": [Reason.LINE_DOUBTED.value], "ours": 0, "busy": 0}
        if not await step_target(
            session, row.target_id, TargetState.GIVEN_UP, TargetStep.DOUBTED, at=at, values=values
        ):
            continue
        campaign = await campaign_by_id(session, row.campaign_id)
        if campaign.state is CampaignState.FINISHED:  # its list was over, and is not: somebody is to be called again
            await take_campaign_step(
                session, campaign.id, CampaignStep.REOPENED, who=BY_ITSELF, at=at, needs_approval=False
            )


async def _unmark(session: AsyncSession, row: AttemptTable, *, at: datetime) -> None:
    number = PhoneNumber(row.e164)
    for mark in await number_marks_at(session, [number]):
        if mark.mark == NumberMark.INVALID and mark.holds and mark.call_id == row.id:
            await mark_number(session, number, NumberMark.INVALID, holds=False, by=BY_ITSELF, at=at, reason=TAKEN_BACK)
    for debt in await debts_of_text(session, row.call_id or row.id, INVALID_TEXT):
        if debt.state is FollowUpState.OPEN:
            await take_step(session, debt.id, FollowUpStep.CANCELLED, at=at, text=TAKEN_BACK)


async def _believe(session: AsyncSession, row: AttemptTable, *, by: str, at: datetime) -> None:
    """Write what a person confirmed: there is no such number. The home's next one is rung, if it has one."""
    call_id = row.call_id or row.id
    await mark_number(session, PhoneNumber(row.e164), NumberMark.INVALID, holds=True, by=by, at=at, call_id=row.id)
    taken_back = await debts_of_text(session, call_id, INVALID_TEXT)
    for debt in taken_back:
        if debt.state is FollowUpState.CANCELLED:
            await take_step(session, debt.id, FollowUpStep.REOPENED, who=by, at=at)
    if not taken_back:
        await owe(session, row, call_id, INVALID_TEXT, at=at)
    target = await target_by_id(session, row.target_id)
    if target is None or target.e164 != row.e164 or target.state != TargetState.WAITING:
        return
    if (further := await further_number(session, target)) is None:
        await step_target(session, target.id, TargetState.WAITING, TargetStep.ABANDONED, at=at, values={"reasons": []})
        return
    person, e164 = further
    values = {
        "e164": e164, "salutation": person.salutation, "language": person.language, "not_before": at, "reasons": [],
    }  # fmt: skip
    await step_target(session, target.id, TargetState.WAITING, TargetStep.RETURNED, at=at, values=values)


async def _call_again(session: AsyncSession, row: AttemptTable, *, at: datetime) -> None:
    """Let a home wait for its call as before the run, by the number that came first in it."""
    target = await target_by_id(session, row.target_id)
    if target is None or target.state != TargetState.WAITING:
        return
    values: dict[str, object] = {"not_before": at, "reasons": []}
    if target.e164 != row.e164 and target.home_id is not None:
        person = await person_of_number(session, target.home_id, row.e164)
        if person is not None:
            values |= {"e164": row.e164, "salutation": person.salutation, "language": person.language}
    await step_target(session, target.id, TargetState.WAITING, TargetStep.RETURNED, at=at, values=values)
