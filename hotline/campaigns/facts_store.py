"""Read what `may_call` must know, for many targets at once: so many statements, however many targets there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.state import LIVING, CallState
from hotline.calls.store import CallTable
from hotline.campaigns.attempt import ALIVE, AttemptId
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.desk_calls_store import calls_of_desk
from hotline.campaigns.household_marks_store import standing_marks
from hotline.campaigns.may_call import MONTH, Facts, Mark, Rung
from hotline.campaigns.targets_store import TargetTable
from hotline.dutylog.entry import Kind
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import marks_of
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home, MatterKind, MatterState
from hotline.residents.store import ArrearsRow, MatterRow, ResidentNumberRow, ResidentRow

LOOK_BACK: Final = timedelta(days=MONTH + 2)
REACHES_NOBODY: Final = frozenset({NumberMark.WRONG_NUMBER, NumberMark.INVALID})  # nobody of that home, at least


async def facts_of(
    session: AsyncSession,
    kind: CampaignKind,
    targets: Sequence[TargetTable],
    now: datetime,
    *,
    but: AttemptId = "",
    but_call: str = "",
    area_code: str = "",
) -> dict[int, Facts]:
    """Return the facts of these targets of one campaign, by target id.

    `but` is the attempt that asks for itself, `but_call` the channel of the agent's call that does.
    """
    households, numbers = {one.household for one in targets}, {one.e164 for one in targets}
    home_ids = {one.home_id for one in targets if one.home_id is not None}
    rung, in_hand = await _attempts(session, households, numbers, now, but)
    marks = await standing_marks(session, households, now)
    of_numbers = {
        number.e164: marks for number, marks in (await marks_of(session, [PhoneNumber(one) for one in numbers])).items()
    }
    owed = await _owed(session, home_ids) if kind is CampaignKind.FEE_REMINDER else {}
    complaining = await _complaining(session, home_ids, households, numbers)
    own_numbers = await _numbers_of_homes(session, home_ids)
    every_number = {*numbers, *(e164 for some in own_numbers.values() for e164 in some)}
    talking = await _talking(session, every_number, area_code)
    desk = await calls_of_desk(session, every_number, households, now - LOOK_BACK, but=but_call)
    found: dict[int, Facts] = {}
    for one in targets:
        mine = {one.e164, *own_numbers.get(one.home_id or 0, ())}
        places = {one.household, *mine}
        found[one.id] = Facts(
            kind=kind,
            number=one.e164,
            rung=tuple((rung[one.household] | rung[one.e164]).union(*(desk.rung.get(at, ()) for at in places))),
            marks=frozenset(Mark(mark.mark) for mark in marks if mark.household == one.household)
            | ({Mark.WRONG_NUMBER} if REACHES_NOBODY & of_numbers.get(one.e164, frozenset()) else frozenset()),
            is_do_not_call=NumberMark.DO_NOT_CALL in of_numbers.get(one.e164, ()),
            owes_fen=owed.get(one.home_id, 0) if one.home_id is not None else None,
            has_open_complaint=bool(complaining & {one.household, one.e164}) or one.home_id in complaining,
            is_in_call=bool(talking & mine),
            is_in_hand=bool(in_hand & {one.household, one.e164} or desk.in_hand & places),
            is_of_home=one.home_id is None or one.e164 in own_numbers.get(one.home_id, ()),
            not_before=one.not_before,
            is_wish=one.is_wish,
        )
    return found


async def _attempts(
    session: AsyncSession, households: set[str], numbers: set[str], now: datetime, but: AttemptId
) -> tuple[Mapping[str, set[Rung]], set[str]]:
    """Return who was rung in the last month, by home and by number, and who is being rung."""
    of_these = or_(AttemptTable.household.in_(sorted(households)), AttemptTable.e164.in_(sorted(numbers)))
    before = await session.execute(
        select(AttemptTable.household, AttemptTable.e164, AttemptTable.disturbed_at).where(
            of_these, AttemptTable.disturbed_at >= now - LOOK_BACK, AttemptTable.id != but
        )
    )
    rung: dict[str, set[Rung]] = defaultdict(set)
    for household, e164, at in before.tuples():
        if at is not None:
            rung[household].add(Rung(at, e164))
            rung[e164].add(Rung(at, e164))
    living = await session.execute(
        select(AttemptTable.household, AttemptTable.e164).where(
            of_these, AttemptTable.state.in_([state.value for state in ALIVE]), AttemptTable.id != but
        )
    )
    return rung, {one for pair in living.tuples() for one in pair}


async def _owed(session: AsyncSession, home_ids: set[int]) -> dict[int, int]:
    found = await session.execute(
        select(ArrearsRow.home_id, ArrearsRow.fen).where(ArrearsRow.home_id.in_(sorted(home_ids)))
    )
    return dict(found.tuples().all())


async def _complaining(
    session: AsyncSession, home_ids: set[int], households: set[str], numbers: set[str]
) -> set[str | int | None]:
    """Return the homes and numbers with a complaint that is not handled: in the records or in the duty log."""
    matters = await session.scalars(
        select(MatterRow.home_id).where(
            MatterRow.home_id.in_(sorted(home_ids)),
            MatterRow.state == MatterState.OPEN.value,
            MatterRow.kind == MatterKind.COMPLAINT.value,
        )
    )
    owed = await session.execute(
        select(FollowUpTable.home, FollowUpTable.e164).where(
            or_(FollowUpTable.home.in_(sorted(households)), FollowUpTable.e164.in_(sorted(numbers))),
            FollowUpTable.state == FollowUpState.OPEN.value,
            or_(FollowUpTable.request == Kind.COMPLAINT.value, FollowUpTable.kind == FollowUpKind.UNSATISFIED.value),
            FollowUpTable.kind != FollowUpKind.AFTERCARE.value,  # a handled complaint that is to be called back
        )
    )
    return {*matters, *(one for pair in owed.tuples() for one in pair if one)}


async def _numbers_of_homes(session: AsyncSession, home_ids: set[int]) -> dict[int, set[str]]:
    found = await session.execute(
        select(ResidentRow.home_id, ResidentNumberRow.e164)
        .join(ResidentNumberRow, ResidentNumberRow.resident_id == ResidentRow.id)
        .where(ResidentRow.home_id.in_(sorted(home_ids)))
    )
    numbers: dict[int, set[str]] = defaultdict(set)
    for home_id, e164 in found.tuples():
        numbers[home_id].add(e164)
    return numbers


async def _talking(session: AsyncSession, numbers: set[str], area_code: str) -> set[str]:
    """Return those of these numbers that a call of the ledger has not ended with; those calls are few."""
    living = [state.value for state in LIVING]
    open_calls = await session.scalars(select(CallTable.caller_number).where(CallTable.state.in_(living)))
    read = (PhoneNumber.parse(written, area_code=area_code) for written in open_calls)
    return numbers & {number.e164 for number in read if number is not None}


async def arrears_of(session: AsyncSession, home_id: int | None) -> tuple[tuple[str, ...], int]:
    """Return what a home owes by the records of this moment: months and fen."""
    row = None if home_id is None else await session.get(ArrearsRow, home_id, populate_existing=True)
    return ((), 0) if row is None else (tuple(row.months), row.fen)


async def calls_of_residents(session: AsyncSession) -> int:
    """Return how many calls of residents have not ended: they and those to come have the lines first."""
    living = select(func.count()).select_from(CallTable)
    found = living.where(CallTable.state.in_([state.value for state in LIVING]), CallTable.direction == "inbound")
    return await session.scalar(found) or 0


async def callers_waiting(session: AsyncSession) -> int:
    """Return how many residents who rang us wait for a clerk, in whichever queue: clerks serve several."""
    waiting = select(func.count()).select_from(CallTable)
    return (
        await session.scalar(
            waiting.where(CallTable.state == CallState.WAITING.value, CallTable.direction == "inbound")
        )
        or 0
    )


def household_of(home: Home | None, e164: str) -> str:
    """Return what stands for the household: its home, or the number where no home is known."""
    return home.label if home is not None else e164
