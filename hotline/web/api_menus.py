"""The menus over HTTP: supervisors write a draft, check it, let callers be led by it, and go back to an older one."""

from datetime import tzinfo
from typing import Final

from aiohttp import web

from hotline.ivr.menu import MenuPlan
from hotline.ivr.menu_picture import as_svg
from hotline.menus.service import MenuDesk
from hotline.web.answers import as_json
from hotline.web.errors import AddressUnknown
from hotline.web.identity import HEADS
from hotline.web.inlets import body_of, number_of_path, query_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.menu_shapes import (
    MenuActivateIn,
    MenuBackIn,
    MenuCheckOut,
    MenuDraftIn,
    MenuDraftOut,
    MenuDraftsOut,
    MenusOut,
    MenuTextIn,
    MenuVersionOut,
    MenuVersionsOut,
    MenuVersionsQuery,
    WholeMenuVersion,
    check_out,
    draft_out,
    version_out,
)
from hotline.web.render import page
from hotline.web.routes import Route

PAGE_OF: Final = 20
DRAFTS_SHOWN: Final = 20


async def show_menus_page(request: web.Request) -> web.StreamResponse:
    """Give the page of menus; it fills itself from the API."""
    return page(request, "menus.html")


async def show_menus(request: web.Request) -> web.StreamResponse:
    """Answer with the menus that lead the next caller, and what is being written."""
    desk = _desk(request)
    in_force, draft, known = await desk.in_force(), await desk.draft(), await desk.known()
    plan = await desk.check(in_force.text)
    return as_json(
        MenusOut(
            in_force=version_out(in_force, _zone(request)),
            text=in_force.text,
            svg=as_svg(plan) if isinstance(plan, MenuPlan) else "",
            draft=draft_out(draft, _zone(request)),
            trouble=desk.trouble,
            queues=tuple(sorted(known.queues)),
            prompts=tuple(sorted(name for name in (known.prompts or {}).get("zh", ()) if "/" not in name)),
        )
    )


async def save_draft(request: web.Request) -> web.StreamResponse:
    """Keep a draft. Raises MenusChanged, with the text of who was first."""
    said = await body_of(request, MenuDraftIn)
    saved = await _desk(request).save(said.text, edition=said.edition, base=said.base, by=request[IDENTITY].name)
    return as_json(draft_out(saved, _zone(request)))


async def check_menus(request: web.Request) -> web.StreamResponse:
    """Answer with everything that is wrong with a text, or its picture, and what differs from what is in force."""
    desk, said = _desk(request), await body_of(request, MenuTextIn)
    against = (await desk.in_force()).text if said.against is None else said.against
    return as_json(check_out(await desk.check(said.text), said.text, against))


async def activate_menus(request: web.Request) -> web.StreamResponse:
    """Let the next caller be led by the draft. Raises MenusChanged, MenuRefused, MenuNotWritten."""
    said = await body_of(request, MenuActivateIn)
    made = await _desk(request).activate(
        edition=said.edition, in_force=said.in_force, by=request[IDENTITY].name, note=said.note
    )
    return as_json(version_out(made, _zone(request)))


async def list_versions(request: web.Request) -> web.StreamResponse:
    """Answer with a page of all versions, newest first."""
    asked = query_of(request, MenuVersionsQuery)
    found = await _desk(request).versions(asked.before, PAGE_OF)
    before = found[-1].number if len(found) == PAGE_OF and found[-1].number > 1 else None
    return as_json(MenuVersionsOut(versions=tuple(version_out(one, _zone(request)) for one in found), before=before))


async def list_drafts(request: web.Request) -> web.StreamResponse:
    """Answer with the drafts that were saved last: whoever saved over one finds it here."""
    found = await _desk(request).drafts(DRAFTS_SHOWN)
    return as_json(MenuDraftsOut(drafts=tuple(draft_out(one, _zone(request)) for one in found)))


async def show_version(request: web.Request) -> web.StreamResponse:
    """Answer with a version, beside the one in force. Raises MenuVersionUnknown."""
    desk = _desk(request)
    version, in_force = await desk.version(number_of_path(request, "number")), await desk.in_force()
    looked = check_out(await desk.check(version.text), version.text, in_force.text)
    return as_json(WholeMenuVersion(**dict(looked) | dict(version_out(version, _zone(request))), text=version.text))


async def go_back(request: web.Request) -> web.StreamResponse:
    """Let callers be led by an older version again. Raises as `activate_menus`, and MenuVersionUnknown."""
    said = await body_of(request, MenuBackIn)
    made = await _desk(request).go_back(
        number_of_path(request, "number"), in_force=said.in_force, by=request[IDENTITY].name, note=said.note
    )
    return as_json(version_out(made, _zone(request)))


def _zone(request: web.Request) -> tzinfo:
    return request.app[ROOMS].zone


def _desk(request: web.Request) -> MenuDesk:
    desk = request.app[ROOMS].menus
    if desk is None:
        raise AddressUnknown("menus are not kept here")
    return desk


MENU_ROUTES: Final = (
    Route(method="GET", path="/menus", act=show_menus_page, roles=HEADS, summary="The menus", media="text/html"),
    Route(
        method="GET",
        path="/api/v1/menus",
        act=show_menus,
        roles=HEADS,
        summary="The menus in force with their picture, and the draft",
        answer=MenusOut,
    ),
    Route(
        method="PUT",
        path="/api/v1/menus/draft",
        act=save_draft,
        roles=HEADS,
        summary="Save the draft; 409 with both texts when somebody else did meanwhile",
        body=MenuDraftIn,
        answer=MenuDraftOut,
    ),
    Route(
        method="POST",
        path="/api/v1/menus/check",
        act=check_menus,
        roles=HEADS,
        summary="Everything wrong with a text, or its picture; what differs from what is in force",
        body=MenuTextIn,
        answer=MenuCheckOut,
    ),
    Route(
        method="POST",
        path="/api/v1/menus/activate",
        act=activate_menus,
        roles=HEADS,
        summary="Let the next caller be led by the draft; 409 when draft or menus changed meanwhile",
        body=MenuActivateIn,
        answer=MenuVersionOut,
    ),
    Route(
        method="GET",
        path="/api/v1/menus/versions",
        act=list_versions,
        roles=HEADS,
        summary="Every version callers were led by, newest first: who, when, why",
        query=MenuVersionsQuery,
        answer=MenuVersionsOut,
    ),
    Route(
        method="GET",
        path="/api/v1/menus/drafts",
        act=list_drafts,
        roles=HEADS,
        summary="The drafts that were saved last",
        answer=MenuDraftsOut,
    ),
    Route(
        method="GET",
        path="/api/v1/menus/versions/{number}",
        act=show_version,
        roles=HEADS,
        summary="One version with its text and picture, and what differs from the one in force",
        answer=WholeMenuVersion,
    ),
    Route(
        method="POST",
        path="/api/v1/menus/versions/{number}/activate",
        act=go_back,
        roles=HEADS,
        summary="Go back: an older version's text becomes a new version",
        body=MenuBackIn,
        answer=MenuVersionOut,
    ),
)
