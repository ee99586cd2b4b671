"""The API of files that are brought in: send one, look at what it would do, confirm, fetch its bad rows."""

import asyncio
import hashlib
from pathlib import Path
from typing import Final

from aiohttp import web

from hotline.imports.job import ImportUnknown
from hotline.imports.samples import SAMPLES
from hotline.imports.service import ImportJobs
from hotline.sheets.row_files import XLSX, as_workbook
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown, BadRequest, BodyTooLarge
from hotline.web.identity import HEADS
from hotline.web.import_shapes import (
    ConfirmIn,
    ImportOut,
    ImportQuery,
    ImportsOut,
    ImportWholeOut,
    import_out,
    import_whole_out,
)
from hotline.web.inlets import body_of, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.render import page
from hotline.web.routes import Route

A_PIECE: Final = 256 * 1024


async def show_imports(request: web.Request) -> web.StreamResponse:
    """Give the page; it fills itself from the API."""
    return page(request, "imports.html", largest=_imports(request).largest_bytes)


async def list_imports(request: web.Request) -> web.StreamResponse:
    """Answer with the files, newest first."""
    imports, zone = _imports(request), request.app[ROOMS].zone
    jobs = await imports.jobs()
    return as_json(
        ImportsOut(imports=tuple(import_out(job, zone) for job in jobs), largest_bytes=imports.largest_bytes)
    )


async def send_import(request: web.Request) -> web.StreamResponse:
    """Take a file, piece by piece to the disk, and look at it next. Raises BodyTooLarge, TooManyImports."""
    imports, query = _imports(request), query_of(request, ImportQuery)
    if (request.content_length or 0) > imports.largest_bytes:
        raise BodyTooLarge(f"the file is larger than {imports.largest_bytes // 1024 // 1024} MB: split it")
    async with imports.arriving:
        import_id, path = await imports.place()
        try:
            size, sha256 = await _receive(request, path, imports.largest_bytes)
            if not size:
                raise BadRequest("the file is empty")
            job = await imports.arrived(
                import_id, kind=query.kind, file_name=query.name, size=size, sha256=sha256, by=request[IDENTITY].name
            )
        except BaseException:
            # Whatever happened, also a browser that went away: nothing is left here.
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
    return as_json(import_out(job, request.app[ROOMS].zone), status=202)


async def show_import(request: web.Request) -> web.StreamResponse:
    """Answer with one file and its dry run. Raises ImportUnknown."""
    return as_json(import_whole_out(await _imports(request).job(_id(request)), request.app[ROOMS].zone))


async def confirm_import(request: web.Request) -> web.StreamResponse:
    """Take in what was looked at. Raises ImportUnknown, ImportStepRefused, ImportChanged, ImportHasBadRows."""
    said = await body_of(request, ConfirmIn)
    job = await _imports(request).confirm(
        _id(request), sha256=said.sha256, leaves_out=said.leave_out, by=request[IDENTITY].name
    )
    return as_json(import_out(job, request.app[ROOMS].zone))


async def drop_import(request: web.Request) -> web.StreamResponse:
    """Forget a file that is not taken in. Raises ImportUnknown, ImportStepRefused."""
    job = await _imports(request).drop(_id(request), by=request[IDENTITY].name)
    return as_json(import_out(job, request.app[ROOMS].zone))


async def give_bad_rows(request: web.Request) -> web.StreamResponse:
    """Give the bad rows as CSV, each with what is wrong; a spreadsheet runs nothing of it. Raises ImportUnknown."""
    path = await _imports(request).bad_rows(_id(request))
    if path is None:
        raise ImportUnknown("this file has no bad rows")
    headers = {
        "Content-Disposition": f'attachment; filename="bad-rows-{_id(request)}.csv"',
        "Content-Type": "text/csv; charset=utf-8",
    }
    return web.FileResponse(path, headers=headers)


async def give_sample(request: web.Request) -> web.StreamResponse:
    """Give a small workbook of a kind, to be filled in; its cells are text, so that numbers keep their zeros."""
    kind = request.match_info["kind"]
    if kind not in SAMPLES:
        raise ImportUnknown("there is no such kind of file")
    headings, *lines = SAMPLES[kind]
    book = await asyncio.to_thread(as_workbook, (kind, headings, lines))
    return web.Response(
        body=book,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{kind}-sample.xlsx"'},
    )


async def _receive(request: web.Request, path: Path, largest: int) -> tuple[int, str]:
    """Write the body to this file; return its size and hash. Raises BodyTooLarge."""
    size, digest = 0, hashlib.sha256()
    with await asyncio.to_thread(path.open, "wb") as file:
        async for piece in request.content.iter_chunked(A_PIECE):
            size += len(piece)
            if size > largest:
                raise BodyTooLarge(f"the file is larger than {largest // 1024 // 1024} MB: split it")
            digest.update(piece)
            await asyncio.to_thread(file.write, piece)
    return size, digest.hexdigest()


def _id(request: web.Request) -> str:
    written = request.match_info["id"]
    if len(written) > 32 or not written.isalnum() or not written.isascii():
        raise ImportUnknown("there is no such file (any more)")
    return written


def _imports(request: web.Request) -> ImportJobs:
    imports = request.app[ROOMS].imports
    if imports is None:
        raise AddressUnknown("files are brought in by commands here")
    return imports


IMPORT_ROUTES: Final = (
    Route(method="GET", path="/imports", act=show_imports, roles=HEADS, summary="Bring in files", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/imports",
        act=list_imports,
        roles=HEADS,
        summary="Files that were sent, newest first",
        answer=ImportsOut,
    ),
    Route(
        method="POST",
        path="/api/v1/imports",
        act=send_import,
        roles=HEADS,
        summary="Send a file (CSV or XLSX as the body): it is looked at, nothing is taken in yet",
        query=ImportQuery,
        file="application/octet-stream",
        answer=ImportOut,
        status=202,
    ),
    Route(
        method="GET",
        path="/api/v1/imports/samples/{kind}.xlsx",
        act=give_sample,
        roles=HEADS,
        summary="A small file of this kind, to be filled in",
        media=XLSX,
    ),
    Route(
        method="GET",
        path="/api/v1/imports/{id}",
        act=show_import,
        roles=HEADS,
        summary="One file with its dry run",
        answer=ImportWholeOut,
    ),
    Route(
        method="GET",
        path="/api/v1/imports/{id}/bad-rows.csv",
        act=give_bad_rows,
        roles=HEADS,
        summary="Every bad row with what is wrong",
        media="text/csv",
    ),
    Route(
        method="POST",
        path="/api/v1/imports/{id}/confirm",
        act=confirm_import,
        roles=HEADS,
        summary="Take in what was looked at; audited",
        body=ConfirmIn,
        answer=ImportOut,
    ),
    Route(
        method="POST",
        path="/api/v1/imports/{id}/drop",
        act=drop_import,
        roles=HEADS,
        summary="Forget a file that is not taken in; audited",
        answer=ImportOut,
    ),
)
