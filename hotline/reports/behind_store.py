"""One door to every list behind a figure that counts something else than calls."""

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.reports.behind import Behind, Item
from hotline.reports.homes_store import fees_behind, targets_behind
from hotline.reports.owed_store import answers_behind, debts_behind, draws_behind, matters_behind
from hotline.reports.paging_store import Page, Stretch
from hotline.reports.stretches_store import rings_behind, stretches_behind
from hotline.reports.written_store import drafts_behind, entries_behind


async def items_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return a page of what stands behind a figure."""
    match wanted.sort:
        case "matters":
            return await matters_behind(session, wanted, asked, page)
        case "debts":
            return await debts_behind(session, wanted, asked, page)
        case "draws":
            return await draws_behind(session, wanted, asked, page)
        case "answers":
            return await answers_behind(session, wanted, asked, page)
        case "entries":
            return await entries_behind(session, wanted, asked, page)
        case "drafts":
            return await drafts_behind(session, wanted, asked, page)
        case "stretches":
            return await stretches_behind(session, wanted, asked, page)
        case "rings":
            return await rings_behind(session, wanted, asked, page)
        case "targets":
            return await targets_behind(session, wanted, page)
        case _:
            return await fees_behind(session, wanted, asked, page)
