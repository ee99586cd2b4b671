"""The tables of the menus: every version callers were led by, and every draft that was saved. Rows are added only.

Compare and set is the key of the row: who saves names the number they saw, and the next one can be added once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import String, Text, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, insert_into
from hotline.menus.version import MenuDraft, MenuVersion, Origin

DRAFTS_KEPT: Final = 200  # editions; a text has some kilobytes


class MenuVersionTable(Base):
    """One version: what callers were led by from `at` on. Its text is never changed."""

    __tablename__ = "menu_version"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    done_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(200), default="")
    origin: Mapped[str] = mapped_column(String(10))
    made_of: Mapped[int | None]
    edition: Mapped[int] = mapped_column(default=0)
    replaces: Mapped[str] = mapped_column(String(64), default="")
    is_written: Mapped[bool] = mapped_column(default=False)


class MenuDraftTable(Base):
    """One saved draft."""

    __tablename__ = "menu_draft"

    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    base: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    done_by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


async def newest_version(session: AsyncSession) -> MenuVersion | None:
    """Return the version with the highest number, which is the one in force."""
    row = await session.scalar(select(MenuVersionTable).order_by(MenuVersionTable.number.desc()).limit(1))
    return _version(row) if row else None


async def version_of(session: AsyncSession, number: int) -> MenuVersion | None:
    """Return the version of this number."""
    row = await session.get(MenuVersionTable, number)
    return _version(row) if row else None


async def versions_before(session: AsyncSession, before: int | None, limit: int) -> Sequence[MenuVersion]:
    """Return versions, newest first; `before` is the number of the last one seen."""
    wanted = select(MenuVersionTable).order_by(MenuVersionTable.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(MenuVersionTable.number < before)
    return [_version(row) for row in await session.scalars(wanted)]


async def add_version(session: AsyncSession, version: MenuVersion) -> bool:
    """Add a version; return False where its number is taken: somebody else was first."""
    if ((await session.scalar(select(func.max(MenuVersionTable.number)))) or 0) != version.number - 1:
        return False
    added = await session.execute(
        insert_into(session, MenuVersionTable)
        .values(
            number=version.number,
            label=version.label,
            text=version.text,
            done_by=version.by,
            at=version.at,
            note=version.note,
            origin=version.origin.value,
            made_of=version.of,
            edition=version.edition,
            replaces=version.replaces,
            is_written=version.is_written,
        )
        .on_conflict_do_nothing()
        .returning(MenuVersionTable.number)
    )
    return added.first() is not None


async def mark_written(session: AsyncSession, number: int) -> None:
    """Note that the file holds this version."""
    await session.execute(update(MenuVersionTable).where(MenuVersionTable.number == number).values(is_written=True))


async def newest_draft(session: AsyncSession) -> MenuDraft | None:
    """Return the draft that was saved last, whether it was activated or not."""
    row = await session.scalar(select(MenuDraftTable).order_by(MenuDraftTable.edition.desc()).limit(1))
    return _draft(row) if row else None


async def drafts_saved(session: AsyncSession, limit: int) -> Sequence[MenuDraft]:
    """Return the drafts that were saved, newest first."""
    rows = await session.scalars(select(MenuDraftTable).order_by(MenuDraftTable.edition.desc()).limit(limit))
    return [_draft(row) for row in rows]


async def last_activated_edition(session: AsyncSession) -> int:
    """Return the newest edition of the draft that was activated; 0 for none."""
    return (await session.scalar(select(func.max(MenuVersionTable.edition)))) or 0


async def add_draft(session: AsyncSession, draft: MenuDraft) -> bool:
    """Add an edition of the draft; return False where its number is taken: somebody else was first."""
    if ((await session.scalar(select(func.max(MenuDraftTable.edition)))) or 0) != draft.edition - 1:
        return False
    added = await session.execute(
        insert_into(session, MenuDraftTable)
        .values(edition=draft.edition, base=draft.base, text=draft.text, done_by=draft.by, at=draft.at)
        .on_conflict_do_nothing()
        .returning(MenuDraftTable.edition)
    )
    await session.execute(delete(MenuDraftTable).where(MenuDraftTable.edition <= draft.edition - DRAFTS_KEPT))
    return added.first() is not None


def _version(row: MenuVersionTable) -> MenuVersion:
    return MenuVersion(
        number=row.number,
        label=row.label,
        text=row.text,
        by=row.done_by,
        at=row.at,
        note=row.note,
        origin=Origin(row.origin),
        of=row.made_of,
        edition=row.edition,
        replaces=row.replaces,
        is_written=row.is_written,
    )


def _draft(row: MenuDraftTable) -> MenuDraft:
    return MenuDraft(edition=row.edition, base=row.base, text=row.text, by=row.done_by, at=row.at)
