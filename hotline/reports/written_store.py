"""What is behind the figures of what was written: entries about the same thing, drafted fields; page by page."""

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.dutylog.draft_store import DraftFieldTable as Field
from hotline.dutylog.entry import Kind
from hotline.dutylog.tables_store import DutyEntryTable as Entry
from hotline.reports.behind import Behind, Item
from hotline.reports.matters import TIMES, subject_of
from hotline.reports.paging_store import Page, Stretch, number_of, older
from hotline.reports.service_store import in_force
from hotline.reports.work_store import VERDICTS

MOST: Final = 1000  # entries of one home and kind in one stretch


async def entries_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return the entries about the same thing of the same home as the one that is named (`wanted.value`)."""
    named = await session.get(Entry, number_of(wanted.value) or 0)
    if named is None or named.kind not in {kind.value for kind in TIMES} or not named.home:
        return []
    entries = in_force(asked.since, asked.until, Entry.kind == named.kind, Entry.home == named.home).subquery()
    behind = () if page.before is None else (entries.c.number < (number_of(page.before) or 0),)
    rows = await session.execute(
        select(entries.c.number, entries.c.kind, entries.c.home, entries.c.matter, entries.c.written_at,
               entries.c.call_id)
        .where(*behind)
        .order_by(entries.c.number.desc())
        .limit(MOST)
    )  # fmt: skip
    subject = subject_of(named.matter)
    found = [
        Item(
            id=str(row.number),
            at=row.written_at,
            call_id=row.call_id or "",
            entry=row.number,
            kind=Kind(row.kind).value,
            home=row.home,
            matter=row.matter,
        )
        for row in rows
        if subject and subject_of(row.matter) == subject
    ]
    return found[: page.limit]


async def drafts_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return the entries of an agent in which drafted fields were kept or changed; an item counts for its fields."""
    verdicts = [verdict for verdict, name in VERDICTS.items() if wanted.figure in {"drafts", name}]
    conditions: list[Any] = [
        Field.judged_at >= asked.since,
        Field.judged_at < asked.until,
        Field.verdict.in_(verdicts),
    ]
    before = None if page.before is None else number_of(page.before) or 0
    rows = (
        await session.execute(
            select(Field.number, Field.judged_at, Entry.call_id, func.count().label("n"))
            .join(Entry, Entry.number == Field.number)
            .where(
                *conditions, Entry.agent == wanted.value, *await older(session, Field.judged_at, Field.number, before)
            )
            .group_by(Field.number, Field.judged_at, Entry.call_id)
            .order_by(Field.judged_at.desc(), Field.number.desc())
            .limit(page.limit)
        )
    ).all()
    names: dict[int, list[str]] = {}
    fields = select(Field.number, Field.field).where(*conditions, Field.number.in_([row.number for row in rows]))
    for number, name in (await session.execute(fields.order_by(Field.number, Field.field))).tuples():
        names.setdefault(number, []).append(name)
    return [
        Item(
            id=str(row.number),
            at=row.judged_at,
            call_id=row.call_id or "",
            entry=row.number,
            parts=tuple(names.get(row.number, ())),
            n=row.n,
        )
        for row in rows
    ]
