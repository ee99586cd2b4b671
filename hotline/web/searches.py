"""Looking for a number: written down and limited for people, who else could find out a masked number by asking."""

from typing import Final

from aiohttp import web

from hotline.accounts.tries import Tries
from hotline.search.query import without_numbers
from hotline.web.errors import TooManySearches
from hotline.web.keys import IDENTITY, ROOMS, SEARCHES
from hotline.web.store import Access, log_access
from hotline.web.telling import masked

# Four digits are masked: at ten a minute, trying them all takes most of a day and leaves ten thousand rows.
SEARCHES_A_MINUTE: Final = 10
MINUTE_S: Final = 60.0


def counted_searches() -> Tries:
    """Return the searches of the last minute, by account; nobody's yet."""
    return Tries(limit=SEARCHES_A_MINUTE, window=MINUTE_S)


async def note_search(request: web.Request, number: str | None) -> None:
    """Write down that a person looks for this number, masked. Raises TooManySearches. A machine is not asked."""
    identity, rooms, searches = request[IDENTITY], request.app[ROOMS], request.app[SEARCHES]
    if number is None or identity.is_machine:
        return
    now = rooms.clock.monotonic()
    if wait := searches.wait([identity.name], now):
        raise TooManySearches(f"too many numbers were looked for: try again in {wait} seconds", wait_seconds=wait)
    searches.count([identity.name], now)
    async with rooms.database.begin() as session:
        await log_access(
            session, who=identity.name, what=Access.SEARCH, call_id="", at=rooms.clock.now(), reason=_shown(number)
        )


def _shown(number: str) -> str:
    """Mask a number; of something longer that holds one, the number."""
    hidden = without_numbers(number, masked)
    return masked(number) if hidden == number else hidden
