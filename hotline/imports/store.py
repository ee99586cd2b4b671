"""The table of files that are brought in, and its queries. The file itself lies beside, until it is taken in."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Index, String, Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base
from hotline.imports.job import OPEN, Counts, ImportJob, ImportState, ImportStep, ImportUnknown, after
from hotline.residents.files import FileKind

NAME_TEXT = 120
REASON_TEXT = 300


class ImportTable(Base):
    """One file. `counts` and `told` are JSON."""

    __tablename__ = "import_file"
    __table_args__ = (Index("ix_import_file_sha256", "sha256", "kind"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(NAME_TEXT))
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    counts: Mapped[dict[str, Any]]
    leaves_out: Mapped[bool] = mapped_column(default=False)
    to_do: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(REASON_TEXT), default="")
    same_as: Mapped[str] = mapped_column(String(40), default="")
    told: Mapped[str] = mapped_column(Text, default="{}")
    finished_at: Mapped[datetime | None]


async def add_import(session: AsyncSession, job: ImportJob) -> ImportJob:
    """Write down a file that has arrived; whether the very same was taken in before is written beside it."""
    earlier = await session.scalar(
        select(func.max(ImportTable.finished_at)).where(
            ImportTable.sha256 == job.sha256,
            ImportTable.kind == job.kind.value,
            ImportTable.state == ImportState.DONE.value,
        )
    )
    row = ImportTable(
        id=job.id,
        kind=job.kind.value,
        file_name=job.file_name[:NAME_TEXT],
        bytes=job.bytes,
        sha256=job.sha256,
        by=job.by,
        at=job.at,
        state=job.state.value,
        counts={},
        leaves_out=False,
        to_do=0,
        done=0,
        reason="",
        same_as=earlier.isoformat() if earlier else "",
        told="{}",
    )
    session.add(row)
    await session.flush()
    return _job(row)


async def step_import(
    session: AsyncSession, import_id: str, step: ImportStep, *, at: datetime, **values: Any
) -> ImportJob:
    """Take a file one step further and keep what is known of it then. Raises ImportUnknown, ImportStepRefused."""
    row = await _locked(session, import_id)
    row.state = after(ImportState(row.state), step).value
    if ImportState(row.state) not in OPEN:
        row.finished_at = at
    _keep(row, values)
    await session.flush()
    return _job(row)


async def note_done(session: AsyncSession, import_id: str, done: int) -> None:
    """Write down how many lines are taken in, in the transaction that takes them in."""
    (await _locked(session, import_id)).done = done
    await session.flush()


async def import_by_id(session: AsyncSession, import_id: str) -> ImportJob:
    """Return one file. Raises ImportUnknown."""
    row = await session.get(ImportTable, import_id, populate_existing=True)
    if row is None:
        raise ImportUnknown("there is no such file (any more)")
    return _job(row)


async def last_imports(session: AsyncSession, limit: int = 50) -> list[ImportJob]:
    """Return the files, newest first."""
    rows = await session.scalars(select(ImportTable).order_by(ImportTable.at.desc(), ImportTable.id).limit(limit))
    return [_job(row) for row in rows]


async def imports_to_do(session: AsyncSession) -> list[ImportJob]:
    """Return the files that wait for us, oldest first."""
    waits = (ImportState.READING.value, ImportState.TAKING_IN.value)
    rows = await session.scalars(select(ImportTable).where(ImportTable.state.in_(waits)).order_by(ImportTable.at))
    return [_job(row) for row in rows]


async def count_open(session: AsyncSession) -> int:
    """Return how many files are neither taken in nor dropped."""
    states = [state.value for state in OPEN]
    return await session.scalar(select(func.count()).where(ImportTable.state.in_(states))) or 0


async def imports_by_state(session: AsyncSession) -> dict[ImportState, int]:
    """Return how many files are in each state."""
    found = await session.execute(select(ImportTable.state, func.count()).group_by(ImportTable.state))
    return {ImportState(state): count for state, count in found.tuples()}


async def forget_old(session: AsyncSession, now: datetime, kept: timedelta) -> list[str]:
    """Remove files from the list whose time is up; those that wait for a person too. Return their ids."""
    old = (await session.scalars(select(ImportTable.id).where(ImportTable.at < now - kept).limit(500))).all()
    if old:
        await session.execute(delete(ImportTable).where(ImportTable.id.in_(old)))
    return list(old)


def counts_values(counts: Counts) -> dict[str, int]:
    """Return counts as the table keeps them."""
    return {name: getattr(counts, name) for name in Counts.__dataclass_fields__}


async def _locked(session: AsyncSession, import_id: str) -> ImportTable:
    row = await session.get(ImportTable, import_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise ImportUnknown("there is no such file (any more)")
    return row


def _keep(row: ImportTable, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name == "told":
            row.told = json.dumps(value, ensure_ascii=False)
        elif name == "counts":
            row.counts = counts_values(value)
        elif name == "reason":
            row.reason = str(value)[:REASON_TEXT]
        else:
            setattr(row, name, value)


def _job(row: ImportTable) -> ImportJob:
    return ImportJob(
        id=row.id,
        kind=FileKind(row.kind),
        file_name=row.file_name,
        bytes=row.bytes,
        sha256=row.sha256,
        by=row.by,
        at=row.at,
        state=ImportState(row.state),
        counts=Counts(**row.counts),
        leaves_out=row.leaves_out,
        to_do=row.to_do,
        done=row.done,
        reason=row.reason,
        same_as=row.same_as,
        told=json.loads(row.told),
        finished_at=row.finished_at,
    )
