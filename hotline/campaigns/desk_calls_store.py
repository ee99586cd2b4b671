"""Who is rung by both, the desk and a campaign: each asks here for what the other has under way."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.state import Outcome
from hotline.campaigns.attempt import ALIVE, AttemptState
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.may_call import Rung
from hotline.desk.outside import HomeBeingRung, HomeUndecided, OutsideState
from hotline.desk.outside_store import LIVES, OutsideCallTable
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home
from hotline.residents.store import HomeRow, ResidentNumberRow, ResidentRow

DISTURBED_NOBODY: Final = tuple(
    one.value
    for one in (
        Outcome.NOT_DIALLED, Outcome.BUSY, Outcome.INVALID_NUMBER, Outcome.SWITCHED_OFF, Outcome.CONGESTION,
        Outcome.FAILED,
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeskCalls:
    """Calls of agents, by number and by household: whom they ring now, and whom they rang."""

    in_hand: frozenset[str]
    rung: Mapping[str, frozenset[Rung]]


async def calls_of_desk(
    session: AsyncSession, numbers: Collection[str], households: Collection[str], since: datetime, *, but: str = ""
) -> DeskCalls:
    """Return what agents have under way at these numbers and homes, and whom they rang since then. One statement.

    `but` is the channel of the call that asks for itself.
    """
    found = await session.execute(
        select(OutsideCallTable.e164, FollowUpTable.home, OutsideCallTable.at, OutsideCallTable.state)
        .outerjoin(FollowUpTable, FollowUpTable.id == OutsideCallTable.follow_up)
        .where(
            or_(OutsideCallTable.e164.in_(sorted(numbers)), FollowUpTable.home.in_(sorted(households))),
            OutsideCallTable.channel != but,
            or_(
                OutsideCallTable.state.in_(LIVES),
                and_(
                    OutsideCallTable.at >= since,
                    OutsideCallTable.state == OutsideState.ENDED.value,
                    OutsideCallTable.outcome.not_in(DISTURBED_NOBODY),
                ),
            ),
        )
    )
    in_hand: set[str] = set()
    rung: dict[str, set[Rung]] = defaultdict(set)
    for e164, home, at, state in found.tuples():
        for one in filter(None, (e164, home)):
            if state == OutsideState.ENDED.value:
                rung[one].add(Rung(at, e164))
            else:
                in_hand.add(one)
    return DeskCalls(frozenset(in_hand), {one: frozenset(rungs) for one, rungs in rung.items()})


async def refuse_rung_by_campaign(
    session: AsyncSession, number: PhoneNumber, follow_up: int | None, but: str = ""
) -> None:
    """Raise where an attempt lives at this number, or at a home: the number's by the records, or the follow-up's.

    `but` is the channel of the agent's own call for a campaign. Raises HomeBeingRung, HomeUndecided.
    """
    of_number = select(ResidentRow.home_id).join(ResidentNumberRow).where(ResidentNumberRow.e164 == number.e164)
    homes = await session.execute(
        select(HomeRow.building, HomeRow.unit, HomeRow.room).where(HomeRow.id.in_(of_number)).limit(50)
    )
    households = {Home(*place).label for place in homes.tuples()}
    if follow_up is not None:
        households |= set(await session.scalars(select(FollowUpTable.home).where(FollowUpTable.id == follow_up)))
    sisters = select(ResidentNumberRow.e164).join(ResidentRow).where(ResidentRow.home_id.in_(of_number))
    living = select(AttemptTable.state, AttemptTable.campaign_id).where(
        AttemptTable.state.in_([state.value for state in ALIVE]),
        or_(AttemptTable.call_id != but, AttemptTable.call_id == ""),
        or_(
            AttemptTable.e164 == number.e164,
            AttemptTable.e164.in_(sisters),
            AttemptTable.household.in_(sorted(households - {""})),
        ),
    )
    found = (await session.execute(living)).tuples().all()
    for state, campaign in found:
        if state == AttemptState.UNKNOWN:
            raise HomeUndecided(campaign)
    if found:
        raise HomeBeingRung("a campaign is ringing this home at this moment")
