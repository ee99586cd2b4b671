"""The tables of pauses of dialling, and of the answers that are in doubt; what is asked of them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ForeignKey, Index, String, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.campaigns.attempt import AttemptId, Outcome
from hotline.campaigns.attempts_store import AttemptTable
from hotline.campaigns.line_doubt import Answer, HowEnded
from hotline.database import Base, insert_into
from hotline.followups.follow_up import FollowUp
from hotline.followups.store import FollowUpCallTable, FollowUpTable, follow_up_of

ALL: Final = "all"
OUTAGES: Final = ("outage", "not-dialled", "never-dialled")  # why one failed that says nothing of a number or a line
EACH_NUMBER: Final = 3  # rows read for each answer wanted: a number may have been tried again


class DialPauseTable(Base):
    """Dialling pauses by itself: of one campaign, or (`campaign_id` null) of all. `standing` is null once it is over.

    `probe` is the attempt that may be dialled all the same, the newest, and `probe_due` when the next one may.
    """

    __tablename__ = "dial_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    standing: Mapped[str | None] = mapped_column(String(20), unique=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"), index=True)
    at: Mapped[datetime]
    mostly: Mapped[str] = mapped_column(String(20))
    bad: Mapped[int]
    of: Mapped[int]
    probe: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    probe_due: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[str] = mapped_column(String(INDEX_TEXT), default="")
    how: Mapped[str] = mapped_column(String(20), default="")


class DoubtfulAnswerTable(Base):
    """An attempt whose answer is, or was, in doubt; `how` its pause ended, "" while it stands."""

    __tablename__ = "doubtful_answer"
    __table_args__ = (Index("ix_doubtful_answer_pause_id_target_id", "pause_id", "target_id"),)

    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"), primary_key=True)
    pause_id: Mapped[int] = mapped_column(ForeignKey("dial_pause.id"))
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), index=True)
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(20), default="")


async def last_answers(
    session: AsyncSession, *, since: datetime, count: int, campaign: int | None = None
) -> list[Answer]:
    """Return how the last attempts came back that were claimed since then, the newest first: of one campaign, or all.

    A walk along one index. An outage of ours is no answer.
    """
    wanted = select(
        AttemptTable.id, AttemptTable.campaign_id, AttemptTable.e164, AttemptTable.outcome, AttemptTable.claimed_at
    ).where(AttemptTable.ended_at >= since, AttemptTable.outcome != "", AttemptTable.why.not_in(OUTAGES))
    if campaign is not None:
        wanted = wanted.where(AttemptTable.campaign_id == campaign)
    found = await session.execute(
        wanted.order_by(AttemptTable.ended_at.desc(), AttemptTable.id.desc()).limit(EACH_NUMBER * count)
    )
    return [
        Answer(attempt=attempt, campaign=of, number=e164, outcome=Outcome(outcome))
        for attempt, of, e164, outcome, claimed_at in found.tuples()
        if claimed_at is not None and claimed_at >= since
    ]


async def standing_pauses(session: AsyncSession) -> Sequence[DialPauseTable]:
    """Return the pauses that stand, the oldest first: a handful at most."""
    found = await session.scalars(
        select(DialPauseTable)
        .where(DialPauseTable.standing.is_not(None))
        .order_by(DialPauseTable.id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def pauses_for(session: AsyncSession, campaign: int) -> Sequence[DialPauseTable]:
    """Return the pauses that stand for a campaign, that of all first."""
    found = await session.scalars(
        select(DialPauseTable)
        .where(DialPauseTable.standing.in_((ALL, _scope(campaign))))
        .order_by(DialPauseTable.campaign_id.is_not(None), DialPauseTable.id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def pause_by_id(session: AsyncSession, pause: int) -> DialPauseTable | None:
    """Return one pause as it is now, locked."""
    return await session.get(DialPauseTable, pause, with_for_update=True, populate_existing=True)


async def ended_last(session: AsyncSession, campaign: int | None) -> datetime | None:
    """Return when dialling went on again for the last time: of all, or of this campaign by either pause."""
    wanted = select(func.max(DialPauseTable.ended_at))
    of_all = DialPauseTable.campaign_id.is_(None)
    scope = of_all if campaign is None else or_(of_all, DialPauseTable.campaign_id == campaign)
    return await session.scalar(wanted.where(scope))


async def was_claimed_in_a_pause(session: AsyncSession, row: AttemptTable) -> DialPauseTable | None:
    """Return the last pause that was over only after this attempt was claimed, if a person did not confirm it."""
    if row.claimed_at is None:
        return None
    found: DialPauseTable | None = await session.scalar(
        select(DialPauseTable)
        .where(
            or_(DialPauseTable.campaign_id.is_(None), DialPauseTable.campaign_id == row.campaign_id),
            DialPauseTable.ended_at > row.claimed_at,
            DialPauseTable.how.not_in((HowEnded.NUMBERS_DEAD.value, HowEnded.WIDENED.value)),
        )
        .order_by(DialPauseTable.ended_at.desc())
        .limit(1)
    )
    return found


async def begin_pause(
    session: AsyncSession,
    *,
    campaign: int | None,
    at: datetime,
    mostly: Outcome,
    bad: int,
    of: int,
    probe_due: datetime,
) -> DialPauseTable | None:
    """Let dialling pause; None where it does already."""
    values = {
        "standing": _scope(campaign), "campaign_id": campaign, "at": at, "mostly": mostly.value, "bad": bad, "of": of,
        "probe": "", "probe_due": probe_due, "ended_by": "", "how": "",
    }  # fmt: skip
    new = insert_into(session, DialPauseTable).values(values).on_conflict_do_nothing(index_elements=["standing"])
    found = (await session.execute(new.returning(DialPauseTable.id))).scalar()
    return None if found is None else await pause_by_id(session, found)


async def claim_probe(
    session: AsyncSession, pause: DialPauseTable, attempt: AttemptId, *, at: datetime, following: datetime
) -> bool:
    """Let one attempt be dialled in spite of a pause, if it is time for one; return whether it may."""
    done = await session.execute(
        update(DialPauseTable)
        .where(DialPauseTable.id == pause.id, DialPauseTable.standing.is_not(None), DialPauseTable.probe_due <= at)
        .values(probe=attempt, probe_due=following),
        execution_options={"synchronize_session": False},
    )
    return bool(done.rowcount)  # type: ignore[attr-defined]


async def keep_doubtful(session: AsyncSession, pause: int, attempt: AttemptId, target: int, *, at: datetime) -> None:
    """Write that an attempt's answer is in doubt."""
    await session.execute(
        insert_into(session, DoubtfulAnswerTable)
        .values(attempt_id=attempt, pause_id=pause, target_id=target, at=at, how="")
        .on_conflict_do_nothing()
    )


async def doubtful_of(session: AsyncSession, pause: int, *, limit: int | None = None) -> Sequence[AttemptTable]:
    """Return the attempts whose answers are in doubt by this pause, in the order in which they came."""
    found = await session.scalars(
        select(AttemptTable)
        .join(DoubtfulAnswerTable, DoubtfulAnswerTable.attempt_id == AttemptTable.id)
        .where(DoubtfulAnswerTable.pause_id == pause)
        .order_by(AttemptTable.planned_at, AttemptTable.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def count_doubtful(session: AsyncSession, pause: int) -> int:
    """Return how many they are."""
    wanted = select(func.count()).select_from(DoubtfulAnswerTable).where(DoubtfulAnswerTable.pause_id == pause)
    return await session.scalar(wanted) or 0


async def attempts_by_id(session: AsyncSession, attempts: Collection[AttemptId]) -> Sequence[AttemptTable]:
    """Return these attempts."""
    found = await session.scalars(
        select(AttemptTable)
        .where(AttemptTable.id.in_(sorted(attempts)))
        .order_by(AttemptTable.planned_at, AttemptTable.id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def settle_pause(session: AsyncSession, pause: DialPauseTable, how: HowEnded, *, by: str, at: datetime) -> bool:
    """End a pause, once; return whether it stood."""
    done = await session.execute(
        update(DialPauseTable)
        .where(DialPauseTable.id == pause.id, DialPauseTable.standing.is_not(None))
        .values(standing=None, ended_at=at, ended_by=by[:INDEX_TEXT], how=how.value),
        execution_options={"synchronize_session": False},
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        return False
    await session.execute(
        update(DoubtfulAnswerTable).where(DoubtfulAnswerTable.pause_id == pause.id).values(how=how.value)
    )
    return True


async def hand_doubts_on(session: AsyncSession, old: DialPauseTable, new: DialPauseTable) -> None:
    """Let the doubtful answers of a pause belong to the wider one that takes its place."""
    await session.execute(
        update(DoubtfulAnswerTable).where(DoubtfulAnswerTable.pause_id == old.id).values(pause_id=new.id, how="")
    )


async def debts_of_text(session: AsyncSession, call_id: str, text: str) -> list[FollowUp]:
    """Return what the desk owes, or owed, because of this call in these very words."""
    found = await session.scalars(
        select(FollowUpTable)
        .join(FollowUpCallTable, FollowUpCallTable.follow_up_id == FollowUpTable.id)
        .where(FollowUpCallTable.call_id == call_id, FollowUpTable.text == text)
    )
    return [follow_up_of(row) for row in found]


async def not_believed(session: AsyncSession, target: int) -> set[AttemptId]:
    """Return a target's attempts that say nothing of their numbers: the line was at fault, or may have been."""
    found = await session.scalars(
        select(DoubtfulAnswerTable.attempt_id).where(
            DoubtfulAnswerTable.target_id == target, DoubtfulAnswerTable.how != HowEnded.NUMBERS_DEAD.value
        )
    )
    return set(found)


def _scope(campaign: int | None) -> str:
    return ALL if campaign is None else f"campaign-{campaign}"
