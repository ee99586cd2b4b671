"""Tables of live help: who was at whose side in which call, and each thing done there; one living at a telephone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Index, String, UniqueConstraint, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base
from hotline.livehelp.help import Help, HelpLiving, HelpState, Mode, help_channel

_LIVES: Final = text("ended_at IS NULL")


class LiveHelpTable(Base):
    """One supervisor at one agent's side. `channel` is the id under which the switch makes the supervisor's channel."""

    __tablename__ = "live_help"
    __table_args__ = (
        UniqueConstraint("by", "key"),
        Index("uq_live_help_living", "extension", unique=True, sqlite_where=_LIVES, postgresql_where=_LIVES),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str | None] = mapped_column(String(INDEX_TEXT), unique=True)
    key: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    extension: Mapped[str] = mapped_column(String(6))
    agent: Mapped[str] = mapped_column(String(6))
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    mode: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    began: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LiveHelpStepTable(Base):
    """What became of it, and when: a state, as the switch showed it; or `moved`, of a caller who waited."""

    __tablename__ = "live_help_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    help: Mapped[int | None] = mapped_column(index=True)  # null: no one was at anybody's side
    call_id: Mapped[str] = mapped_column(String(INDEX_TEXT), index=True)
    by: Mapped[str] = mapped_column(String(INDEX_TEXT))
    agent: Mapped[str] = mapped_column(String(6), default="")
    what: Mapped[str] = mapped_column(String(20))
    to: Mapped[str] = mapped_column(String(20), default="")  # where a caller was moved to
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpStep:
    """One thing done in a call: by whom (an account), at which agent's side, what, and where to."""

    by: str
    agent: str
    what: str
    to: str
    at: datetime


async def help_of_key(session: AsyncSession, by: str, key: str) -> Help | None:
    """Return the help that this person asked for with this key before."""
    row = await session.scalar(select(LiveHelpTable).filter_by(by=by[:INDEX_TEXT], key=key))
    return None if row is None else _help(row)


async def claim_help(
    session: AsyncSession, *, key: str, by: str, extension: str, agent: str, call_id: str, mode: Mode, at: datetime
) -> tuple[Help, bool]:
    """Write it down before anybody is rung; return it, and whether it is new. Raises HelpLiving."""
    row = LiveHelpTable(
        key=key, by=by[:INDEX_TEXT], extension=extension, agent=agent, call_id=call_id[:INDEX_TEXT], mode=mode.value,
        state=HelpState.ASKED.value, began=at,
    )  # fmt: skip
    try:
        async with session.begin_nested():
            session.add(row)
            await session.flush()
    except IntegrityError:
        if (same := await help_of_key(session, by, key)) is not None:  # the other half of a double click
            return same, False
        raise HelpLiving("your telephone is at an agent's side already") from None
    row.channel = help_channel(at, row.id)
    await session.flush()
    return _help(row), True


async def keep_state(session: AsyncSession, help_id: int, state: HelpState, mode: Mode | None, at: datetime) -> bool:
    """Keep where it stands, and that it became so; False where it is over, or stands there, already."""
    is_over = state in {HelpState.OVER, HelpState.FAILED}
    values = {"state": state.value} | ({"mode": mode.value} if mode else {}) | ({"ended_at": at} if is_over else {})
    turned = await session.scalar(
        update(LiveHelpTable)
        .where(LiveHelpTable.id == help_id, LiveHelpTable.ended_at.is_(None), LiveHelpTable.state != state.value)
        .values(**values)
        .returning(LiveHelpTable.id)
    )
    if turned is None:
        return False
    row = await session.get_one(LiveHelpTable, help_id, populate_existing=True)
    session.add(
        LiveHelpStepTable(help=row.id, call_id=row.call_id, by=row.by, agent=row.agent, what=state.value, to="", at=at)
    )
    await session.flush()
    return True


async def keep_move(session: AsyncSession, *, call_id: str, by: str, to: str, at: datetime) -> None:
    """Keep that a caller who waited was moved."""
    session.add(
        LiveHelpStepTable(
            help=None, call_id=call_id[:INDEX_TEXT], by=by[:INDEX_TEXT], agent="", what="moved", to=to, at=at
        )
    )
    await session.flush()


async def living_helps(session: AsyncSession) -> tuple[Help, ...]:
    """Return all that go on, oldest first."""
    rows = await session.scalars(
        select(LiveHelpTable).where(LiveHelpTable.ended_at.is_(None)).order_by(LiveHelpTable.id)
    )
    return tuple(_help(row) for row in rows)


async def help_by_id(session: AsyncSession, help_id: int) -> Help | None:
    """Return one, over or not."""
    row = await session.get(LiveHelpTable, help_id, populate_existing=True)
    return None if row is None else _help(row)


async def help_steps(session: AsyncSession, call_ids: Iterable[str]) -> tuple[HelpStep, ...]:
    """Return what supervisors did in a call, in order; `call_ids` are all ids it ever had."""
    rows = await session.scalars(
        select(LiveHelpStepTable)
        .where(LiveHelpStepTable.call_id.in_(sorted(call_ids)))
        .order_by(LiveHelpStepTable.at, LiveHelpStepTable.id)
    )
    return tuple(HelpStep(by=row.by, agent=row.agent, what=row.what, to=row.to, at=row.at) for row in rows)


async def absorb_help(session: AsyncSession, young: str, old: str) -> None:
    """Let what was done in a call that turned out to be part of `old` name that one. May run again."""
    for table in (LiveHelpTable, LiveHelpStepTable):
        await session.execute(update(table).where(table.call_id == young).values(call_id=old))


def _help(row: LiveHelpTable) -> Help:
    return Help(
        id=row.id,
        channel=row.channel or "",
        key=row.key,
        by=row.by,
        extension=row.extension,
        agent=row.agent,
        call_id=row.call_id,
        mode=Mode(row.mode),
        state=HelpState(row.state),
        began=row.began,
        ended=row.ended_at,
    )
