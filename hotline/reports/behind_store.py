"""One door to every list behind a figure that counts something else than calls."""

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.reports.behind import Behind, Item, Listing
from hotline.reports.homes_store import fees_behind, targets_behind
from hotline.reports.owed_store import answers_behind, debts_behind, draws_behind, matters_behind
from hotline.reports.paging_store import Page, Stretch
from hotline.reports.stretches_store import rings_behind, stretches_behind
from hotline.reports.written_store import drafts_behind, entries_behind


async def items_behind(session: AsyncSession, wanted: Behind, asked: Stretch, page: Page) -> list[Item]:
    """Return a page of what stands behind a figure."""
    match wanted.sort:
        case Listing.MATTERS:
            return await matters_behind(session, wanted, asked, page)
        case Listing.DEBTS:
            return await debts_behind(session, wanted, asked, page)
        case Listing.DRAWS:
            return await draws_behind(session, wanted, asked, page)
        case Listing.ANSWERS:
            return await answers_behind(session, wanted, asked, page)
        case Listing.ENTRIES:
            return await entries_behind(session, wanted, asked, page)
        case Listing.DRAFTS:
            return await drafts_behind(session, wanted, asked, page)
        case Listing.STRETCHES:
            return await stretches_behind(session, wanted, asked, page)
        case Listing.RINGS:
            return await rings_behind(session, wanted, asked, page)
        case Listing.TARGETS:
            return await targets_behind(session, wanted, page)
        case Listing.FEES:
            return await fees_behind(session, wanted, asked, page)
