"""The table of the passwords that pages were given: one row an extension, no password in it."""

from datetime import datetime

from sqlalchemy import String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.desk.page_phone import PageKey


class PageKeyTable(Base):
    """Whom the page's phone of one extension belongs to now."""

    __tablename__ = "page_key"

    extension: Mapped[str] = mapped_column(String(6), primary_key=True)
    account: Mapped[str] = mapped_column(String(32))
    session_number: Mapped[int]
    salt: Mapped[str] = mapped_column(String(32))
    ends: Mapped[datetime]


async def page_keys(session: AsyncSession) -> tuple[PageKey, ...]:
    """Return every one, by extension."""
    rows = await session.scalars(select(PageKeyTable).order_by(PageKeyTable.extension))
    return tuple(_key(row) for row in rows)


async def page_key_of(session: AsyncSession, extension: str) -> PageKey | None:
    """Return this extension's, or None."""
    row = await session.get(PageKeyTable, extension, populate_existing=True)
    return None if row is None else _key(row)


async def keep_page_key(session: AsyncSession, key: PageKey) -> None:
    """Keep it in place of whatever this extension had."""
    await session.merge(
        PageKeyTable(
            extension=key.extension,
            account=key.account,
            session_number=key.session_number,
            salt=key.salt,
            ends=key.ends,
        )
    )


async def drop_page_key(session: AsyncSession, key: PageKey) -> None:
    """Forget it, unless another stands there by now."""
    await session.execute(
        delete(PageKeyTable).where(PageKeyTable.extension == key.extension, PageKeyTable.salt == key.salt)
    )


def _key(row: PageKeyTable) -> PageKey:
    return PageKey(
        extension=row.extension,
        account=row.account,
        session_number=row.session_number,
        salt=row.salt,
        ends=row.ends,
    )
