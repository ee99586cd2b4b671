"""The table of calls to the outside: claimed by one row, of which an agent has one living and a number has one."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, literal_column, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.ours import AGENT_FIRST, outside_channel
from hotline.calls.store import INDEX_TEXT, CallTable
from hotline.database import Base
from hotline.desk.outside import LIVING, OutsideCall, OutsideCallLiving, OutsideState
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.store import FollowUpTable
from hotline.phone import PhoneNumber

LIVES = sorted(state.value for state in LIVING)


class OutsideCallTable(Base):
    """One call to the outside. `channel` is the id under which the switch makes its first channel."""

    __tablename__ = "outside_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str | None] = mapped_column(String(INDEX_TEXT), unique=True)
    key: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    extension: Mapped[str] = mapped_column(String(20))
    e164: Mapped[str] = mapped_column(String(16))
    follow_up: Mapped[int | None] = mapped_column(index=True)
    returns: Mapped[str] = mapped_column(String(INDEX_TEXT))
    state: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(index=True)
    asked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), default="", index=True)
    outcome: Mapped[str] = mapped_column(String(40), default="")

    __table_args__ = (UniqueConstraint("by", "key"),)


# Written out in the statement: SQLite uses no partial index for a condition whose values are bound.
_IS_LIVING = OutsideCallTable.state.in_([literal_column(f"'{state}'") for state in LIVES])
Index(
    "uq_outside_call_living_extension", OutsideCallTable.extension, unique=True,
    sqlite_where=_IS_LIVING, postgresql_where=_IS_LIVING,
)  # fmt: skip
Index(
    "uq_outside_call_living_e164", OutsideCallTable.e164, unique=True,
    sqlite_where=_IS_LIVING, postgresql_where=_IS_LIVING,
)  # fmt: skip


async def call_of_key(session: AsyncSession, by: str, key: str) -> OutsideCall | None:
    """Return the call that this person asked for with this key before."""
    row = await session.scalar(select(OutsideCallTable).filter_by(by=by[:INDEX_TEXT], key=key))
    return None if row is None else _call(row)


async def claim(
    session: AsyncSession,
    *,
    key: str,
    by: str,
    extension: str,
    number: PhoneNumber,
    follow_up: int | None,
    returns: str,
    at: datetime,
) -> tuple[OutsideCall, bool]:
    """Write the call down before anybody is rung; return it, and whether it is new. Raises OutsideCallLiving."""
    row = OutsideCallTable(
        key=key, by=by[:INDEX_TEXT], extension=extension, e164=number.e164, follow_up=follow_up,
        returns=returns[:INDEX_TEXT], state=OutsideState.CLAIMED.value, at=at,
    )  # fmt: skip
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        if (same := await call_of_key(session, by, key)) is not None:  # the other half of a double click
            return same, False
        raise OutsideCallLiving("you, or somebody to this number, are calling at this moment") from None
    row.channel = outside_channel(at, row.id)
    await session.flush()
    return _call(row), True


async def turn(session: AsyncSession, call_id: int, state: OutsideState, *, at: datetime) -> bool:
    """Let a claimed call be asked for, or a living one never have been; return whether it was so."""
    before = [OutsideState.CLAIMED.value] if state is OutsideState.ASKED else LIVES
    moment = {"asked_at": at} if state is OutsideState.ASKED else {"ended_at": at}
    turned = await session.execute(
        update(OutsideCallTable)
        .where(OutsideCallTable.id == call_id, OutsideCallTable.state.in_(before))
        .values(state=state.value, **moment)
        .returning(OutsideCallTable.id)
    )
    return turned.scalar_one_or_none() is not None


async def call_told(session: AsyncSession, call_id: str) -> OutsideCall | None:
    """Return the call that the ledger has under this id; its row is locked."""
    row = await session.scalar(
        select(OutsideCallTable)
        .where(or_(OutsideCallTable.channel == call_id, OutsideCallTable.call_id == call_id))
        .order_by(OutsideCallTable.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else _call(row)


async def whom_we_call(session: AsyncSession, call_id: str) -> OutsideCall | None:
    """Return the row behind a call of an agent's, also before the ledger has the call; None of any other call."""
    if not call_id.startswith(AGENT_FIRST):
        return None
    row = await session.scalar(
        select(OutsideCallTable)
        .where(or_(OutsideCallTable.channel == call_id, OutsideCallTable.call_id == call_id))
        .order_by(OutsideCallTable.id)
        .limit(1)
    )
    return None if row is None else _call(row)


async def made_for(session: AsyncSession, call_id: str) -> int | None:
    """Return the follow-up for which an agent made this call: that of the click, else what the call it returns owes."""
    if (ours := await whom_we_call(session, call_id)) is None:
        return None
    if ours.follow_up is not None or not ours.returns:
        return ours.follow_up
    found: int | None = await session.scalar(
        select(FollowUpTable.id)
        .where(FollowUpTable.call_id == ours.returns)
        .order_by(FollowUpTable.kind != FollowUpKind.MATTER.value, FollowUpTable.id)
        .limit(1)
    )
    return found


async def keep_told(session: AsyncSession, one: int, *, call_id: str, ended_at: datetime | None, outcome: str) -> None:
    """Write down what the ledger tells of a call."""
    row = await session.get_one(OutsideCallTable, one)
    row.call_id = call_id[:INDEX_TEXT]
    if ended_at is not None:  # also of one that was taken for never dialled: the switch's word counts
        row.state, row.ended_at, row.outcome = OutsideState.ENDED.value, ended_at, outcome[:40]
    await session.flush()


async def absorb_outside_calls(session: AsyncSession, young: str, old: str) -> None:
    """Let a call that turned out to be part of `old` be found under that one. May run again."""
    await session.execute(
        update(OutsideCallTable)
        .where(or_(OutsideCallTable.channel == young, OutsideCallTable.call_id == young))
        .values(call_id=old)
    )


async def living_calls(session: AsyncSession) -> list[tuple[OutsideCall, bool]]:
    """Return the calls that are not known to be over, each with whether the ledger has it."""
    found = await session.execute(
        select(OutsideCallTable, CallTable.id)
        .outerjoin(CallTable, CallTable.id.in_([OutsideCallTable.channel, OutsideCallTable.call_id]))
        .where(_IS_LIVING)
        .order_by(OutsideCallTable.id)
        .limit(200)
    )
    return [(_call(row), call_id is not None) for row, call_id in found.tuples()]


async def outside_call_by_id(session: AsyncSession, one: int) -> OutsideCall | None:
    """Return one call to the outside, or None."""
    row = await session.get(OutsideCallTable, one)
    return None if row is None else _call(row)


def _call(row: OutsideCallTable) -> OutsideCall:
    return OutsideCall(
        id=row.id,
        channel=row.channel or "",
        key=row.key,
        by=row.by,
        extension=row.extension,
        number=PhoneNumber(row.e164),
        follow_up=row.follow_up,
        returns=row.returns,
        state=OutsideState(row.state),
        at=row.at,
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        call_id=row.call_id,
        outcome=row.outcome,
    )
