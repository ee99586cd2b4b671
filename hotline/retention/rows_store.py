"""Remove rows of a table whose time is over, and those that hang on them. Which ones: hotline/old_rows.py."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from hotline.database import Base


@dataclass(frozen=True, slots=True, kw_only=True)
class OldRows:
    """Rows of one table that end: their key, when their time begins, what else must hold, and what hangs on them."""

    table: type[Base]
    key: InstrumentedAttribute[int]
    at: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    only: tuple[ColumnElement[bool], ...] = ()
    parts: tuple[InstrumentedAttribute[int], ...] = ()

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self.table.__tablename__)


@dataclass(frozen=True, slots=True)
class RowsGone:
    """Rows that were removed: how many, from which to which, and the hash of their keys and times."""

    count: int
    first: int
    last: int
    sha256: str


async def remove_rows(session: AsyncSession, rows: OldRows, before: datetime, *, limit: int) -> RowsGone | None:
    """Remove the first rows from before this moment, which are the oldest; None where there are none."""
    found = (await session.execute(_old(rows, before).order_by(rows.key).limit(limit))).all()
    if not found:
        return None
    keys = [key for key, _ in found]
    for part in rows.parts:
        await session.execute(delete(part.class_).where(part.in_(keys)).execution_options(synchronize_session=False))
    await session.execute(delete(rows.table).where(rows.key.in_(keys)).execution_options(synchronize_session=False))
    said = json.dumps([[key, at.isoformat()] for key, at in found])
    return RowsGone(len(keys), min(keys), max(keys), sha256(said.encode()).hexdigest())


async def count_rows(session: AsyncSession, rows: OldRows, before: datetime) -> tuple[int, Sequence[datetime]]:
    """Return how many rows are from before this moment, and when the first five of them were."""
    old = _old(rows, before)
    count = await session.scalar(select(func.count()).select_from(old.subquery()))
    first = await session.execute(old.order_by(rows.key).limit(5))
    return count or 0, [at for _, at in first]


def _old(rows: OldRows, before: datetime) -> Any:
    return select(rows.key, rows.at).where(rows.at < before, *rows.only)
