"""The table of which account sees which centre of a group."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.store import AccountRow
from hotline.database import Base, insert_into


class CentreGrantTable(Base):
    """An account sees a centre. `centre` is that centre's code; who granted it last stands in the audit as well."""

    __tablename__ = "centre_grant"

    account: Mapped[str] = mapped_column(String(32), ForeignKey("account.name"), primary_key=True)
    centre: Mapped[str] = mapped_column(String(8), primary_key=True)
    granted_by: Mapped[str] = mapped_column(String(64))
    granted_at: Mapped[datetime]


async def granted(session: AsyncSession, account: str) -> frozenset[str]:
    """Return the centres that this account sees; none for an unknown one."""
    return frozenset(
        await session.scalars(select(CentreGrantTable.centre).where(CentreGrantTable.account == account))
    )  # fmt: skip


async def all_granted(session: AsyncSession) -> dict[str, frozenset[str]]:
    """Return the centres of every account that sees any."""
    rows = await session.execute(select(CentreGrantTable.account, CentreGrantTable.centre))
    found: dict[str, set[str]] = {}
    for account, centre in rows.tuples():
        found.setdefault(account, set()).add(centre)
    return {account: frozenset(centres) for account, centres in found.items()}


async def lock_account(session: AsyncSession, account: str) -> bool:
    """Let nobody else change this account until the transaction ends; False where there is none."""
    found = await session.scalar(select(AccountRow.name).where(AccountRow.name == account).with_for_update())
    return found is not None


async def add_grants(session: AsyncSession, account: str, centres: Collection[str], *, by: str, at: datetime) -> None:
    """Let an account see these centres; those that it sees stay as they are."""
    for centre in sorted(centres):
        fresh = {"account": account, "centre": centre, "granted_by": by[:64], "granted_at": at}
        await session.execute(insert_into(session, CentreGrantTable).values(fresh).on_conflict_do_nothing())


async def remove_grants(session: AsyncSession, account: str, centres: Collection[str]) -> None:
    """Let an account no longer see these centres."""
    await session.execute(
        delete(CentreGrantTable).where(
            CentreGrantTable.account == account, CentreGrantTable.centre.in_(sorted(centres))
        )
    )
