"""Files to take away: the duty log of a stretch of days as CSV or XLSX, and the hand-over sheet of a shift as PDF.

Who takes the log away says why, and that is kept. The files are written page by page: two years are no more memory.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Final, Literal, Self

from aiohttp import web
from pydantic import Field, StringConstraints, model_validator

from hotline.dutylog.reading_store import in_full, pages_of
from hotline.dutylog.store import entries_between
from hotline.sheets.log_files import Workbook, csv_lines
from hotline.sheets.log_rows import row_of
from hotline.sheets.row_files import XLSX
from hotline.sheets.shift_sheet import shift_sheet
from hotline.shifts.store import shift_by_id
from hotline.web.errors import SheetNotThere
from hotline.web.identity import HEADS, STAFF
from hotline.web.inlets import number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.rooms import WebRooms
from hotline.web.routes import Route
from hotline.web.shapes import Day, Inlet, Line
from hotline.web.store import Access, account_names, log_access

PAGE: Final = 500
PIECE: Final = 256 * 1024  # bytes
LONGEST: Final = timedelta(days=1100)  # three years: the log is kept for two


class ExportQuery(Inlet):
    """Which days, in which form, and why."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")
    form: Literal["csv", "xlsx"] = Field(default="xlsx", alias="format")
    reason: Annotated[str, Line, StringConstraints(min_length=2, max_length=200)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta(0) <= self.last - self.first <= LONGEST:
            raise ValueError("the last day must follow the first, within three years")
        return self


async def export_log(request: web.Request) -> web.StreamResponse:
    """Give the confirmed entries of these days as a file; who took it and why is kept."""
    rooms, wanted = request.app[ROOMS], query_of(request, ExportQuery)
    async with rooms.database.begin() as session:
        days = f"{wanted.first}..{wanted.last}"
        await log_access(
            session,
            who=request[IDENTITY].name,
            what=Access.EXPORT,
            call_id="",
            at=rooms.clock.now(),
            side=days,
            reason=wanted.reason,
        )
    response = web.StreamResponse()
    response.content_type = "text/csv" if wanted.form == "csv" else XLSX
    name = f"duty-log-{wanted.first:%Y%m%d}-{wanted.last:%Y%m%d}.{wanted.form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    await (_send_csv if wanted.form == "csv" else _send_workbook)(request, response, _pages(rooms, wanted))
    return response


async def give_shift_sheet(request: web.Request) -> web.StreamResponse:
    """Give the hand-over sheet of a shift. Raises SheetNotThere before the outgoing person has signed."""
    rooms, number = request.app[ROOMS], number_of_path(request, "number")
    async with rooms.database.read() as session:
        shift = await shift_by_id(session, number) if number else None
        names = await account_names(session)
    if shift is None or shift.sheet is None:
        raise SheetNotThere("there is no such shift, or its hand-over is not signed yet")
    made = await asyncio.to_thread(shift_sheet, shift, shift.sheet, centre=rooms.centre, names=names, zone=rooms.zone)
    headers = {"Content-Disposition": f'attachment; filename="shift-{shift.id}.pdf"'}
    return web.Response(body=made, content_type="application/pdf", headers=headers)


async def _pages(rooms: WebRooms, wanted: ExportQuery) -> AsyncIterator[list[tuple[str, ...]]]:
    since = datetime.combine(wanted.first, time(), rooms.zone)
    until = datetime.combine(wanted.last + timedelta(days=1), time(), rooms.zone)
    after = 0
    while True:
        async with rooms.database.read() as session:
            found = await entries_between(session, since, until, after=after, limit=PAGE)
            whole = await in_full(session, found)
            pages = await pages_of(session, (entry.corrects for entry in found if entry.corrects))
        if not found:
            return
        yield [
            row_of(
                one.entry, rooms.zone, one.happened_at, matter=one.matter, corrects=pages.get(one.entry.corrects, "")
            )
            for one in whole
        ]
        after = found[-1].chain_position or 0


async def _send_csv(
    request: web.Request, response: web.StreamResponse, pages: AsyncIterator[list[tuple[str, ...]]]
) -> None:
    await response.prepare(request)
    await response.write(csv_lines((), is_first=True))
    async for page in pages:
        await response.write(csv_lines(page))
    await response.write_eof()


async def _send_workbook(
    request: web.Request, response: web.StreamResponse, pages: AsyncIterator[list[tuple[str, ...]]]
) -> None:
    with TemporaryDirectory(prefix="hotline-export-") as directory:
        path = Path(directory) / "log.xlsx"
        book = await asyncio.to_thread(Workbook, path)
        try:
            async for page in pages:
                await asyncio.to_thread(book.add, page)
        finally:
            await asyncio.to_thread(book.close)
        await response.prepare(request)
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE):
                await response.write(piece)
        await response.write_eof()


SHEET_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/duty-log/export",
        act=export_log,
        roles=HEADS,
        summary="The confirmed entries of some days as CSV or XLSX; says why it is taken",
        query=ExportQuery,
        media=XLSX,
    ),
    Route(
        method="GET",
        path="/api/v1/shifts/{number}/sheet.pdf",
        act=give_shift_sheet,
        roles=STAFF,
        summary="The hand-over sheet of a shift",
        media="application/pdf",
    ),
)
