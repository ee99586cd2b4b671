"""The API of what an agent writes: notes in a call, the wrap-up after it, and the list of what they owe."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.desk.notes import Notes
from hotline.desk.notes_store import keep_notes, notes_on
from hotline.desk.outside_store import made_for
from hotline.desk.pop import first_words
from hotline.desk.wrap_up import NEEDS, REQUIRED, CallNotYours, Promise, WrapUp, may_write
from hotline.desk.wrap_up_store import Waiting, waiting_wrap_ups
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.matters_store import entry_of_matter
from hotline.dutylog.store import newest_version
from hotline.followups.follow_up import FollowUpState
from hotline.followups.reading_store import follow_up_by_id, follow_ups_page
from hotline.web.answers import as_json
from hotline.web.api_duty_log import answered
from hotline.web.api_pops import check_call
from hotline.web.identity import STAFF, Identity
from hotline.web.inlets import body_of, id_of
from hotline.web.keys import IDENTITY, ROOMS
from hotline.web.owed import follow_up_out
from hotline.web.reading import read_entries_of
from hotline.web.routes import Route
from hotline.web.shapes import EntryOut
from hotline.web.store import account_names, agent_names, read_call_record
from hotline.web.telling import masked
from hotline.web.wrap_up_shapes import (
    CallNotesOut,
    MyCounts,
    MyListOut,
    NotesIn,
    NotesOut,
    OriginalOut,
    WaitingOut,
    WrapUpIn,
    WrapUpOut,
)

MOST_LISTED: Final = 100


async def show_notes(request: web.Request) -> web.StreamResponse:
    """Answer with the notes on a call. Raises CallUnknown, PopNotYours."""
    rooms, me = request.app[ROOMS], request[IDENTITY]
    call_id, _ = await check_call(request, id_of(request), or_nobodys=True)
    async with rooms.database.read() as session:
        call = await read_call_record(session, call_id)
        return as_json(await _notes(session, call.id, me, rooms.zone))


async def write_notes(request: web.Request) -> web.StreamResponse:
    """Keep what was typed. Raises CallUnknown, PopNotYours, CallNotYours, NotesTooLong, NotesChanged."""
    rooms, me, typed = request.app[ROOMS], request[IDENTITY], await body_of(request, NotesIn)
    call_id, _ = await check_call(request, id_of(request), or_nobodys=True)
    async with rooms.database.begin() as session:
        call = await read_call_record(session, call_id)
        _check_is_yours(call, me)
        kept = await keep_notes(
            session,
            Notes(
                call_id=call.id,
                by=me.name,
                version=typed.version,
                text=typed.text,
                points=typed.points,
                form=typed.form,
            ),
            rooms.clock.now(),
        )
    return as_json(_notes_out(kept, {}, rooms.zone))


async def show_wrap_up(request: web.Request) -> web.StreamResponse:
    """Answer with what the form of a call's wrap-up is drawn from. Raises CallUnknown, PopNotYours."""
    rooms, me = request.app[ROOMS], request[IDENTITY]
    call_id, _ = await check_call(request, id_of(request), or_nobodys=True)
    async with rooms.database.read() as session:
        call = await read_call_record(session, call_id)
        notes = await _notes(session, call.id, me, rooms.zone)
        original = await _original(session, call.id)
    entry = _as_it_stands(await read_entries_of(rooms, call.id))
    return as_json(
        WrapUpOut(
            call_id=call.id,
            entry=entry,
            is_done=entry is not None and entry.state is EntryState.CONFIRMED,
            is_yours=may_write(call, extension=me.extension, role=me.role),
            agent=call.agent,
            direction=call.direction,
            original=original,
            notes=notes,
            departments=rooms.duty_log_settings.departments,
            required=REQUIRED,
            needs=NEEDS,
        )
    )


async def wrap_up(request: web.Request) -> web.StreamResponse:
    """Confirm or correct, dispatch and promise in one act.

    Raises CallUnknown, CallNotYours, WrapUpIncomplete, EntryConfirmed, EntryCorrected, DepartmentUnknown,
    DispatchDoubled.
    """
    rooms, me, said = request.app[ROOMS], request[IDENTITY], await body_of(request, WrapUpIn)
    async with rooms.database.read() as session:
        call = await read_call_record(session, id_of(request))
    _check_is_yours(call, me)
    told = WrapUp(
        call_id=call.id,
        key=said.key,
        draft=Draft(
            kind=said.kind,
            is_urgent=said.is_urgent,
            who=said.who,
            home=said.home,
            matter=said.matter,
            promised=said.promised or (said.promise.text if said.promise else ""),
            agent=call.agent or me.extension or me.name,
        ),
        disposition=said.disposition,
        result=said.result,
        corrects=said.corrects,
        original=said.original,
        department=said.dispatch.department if said.dispatch else "",
        note=said.dispatch.note if said.dispatch else "",
        promise=Promise(due=said.promise.due, to=said.promise.to, text=said.promise.text) if said.promise else None,
    )
    return await answered(request, await rooms.wrap_ups.wrap_up(call, told, by=me.name), status=201)


async def show_my_list(request: web.Request) -> web.StreamResponse:
    """Answer with what the person who asks owes, by deadline."""
    rooms, me = request.app[ROOMS], request[IDENTITY]
    now, is_head = rooms.clock.now(), me.role is not Role.AGENT
    opened = (FollowUpState.OPEN,)
    async with rooms.database.read() as session:
        mine = await follow_ups_page(session, states=opened, taken_by=me.name, limit=MOST_LISTED)
        anybody = await follow_ups_page(
            session, states=opened, taken_by="", owed_by=None if is_head else Role.AGENT, limit=MOST_LISTED
        )
        waiting = (
            await waiting_wrap_ups(session, agent=None if is_head else me.extension) if is_head or me.extension else []
        )
        names = await account_names(session)
        phones = await agent_names(session)
    shown = [
        [follow_up_out(one, names, is_masked=not me.sees_numbers, now=now, zone=rooms.zone) for one in found]
        for found in (mine, anybody)
    ]
    return as_json(
        MyListOut(
            at=now.astimezone(rooms.zone),
            counts=MyCounts(
                overdue=sum(one.is_overdue for found in shown for one in found),
                mine=len(mine),
                anybody=len(anybody),
                waiting=len(waiting),
            ),
            mine=tuple(shown[0]),
            anybody=tuple(shown[1]),
            waiting=tuple(_waiting_out(one, phones, rooms.zone) for one in waiting),
        )
    )


async def _original(session: AsyncSession, call_id: str) -> OriginalOut | None:
    if (follow_up := await made_for(session, call_id)) is None:
        return None
    owed, number = await follow_up_by_id(session, follow_up), await entry_of_matter(session, follow_up)
    entry = await newest_version(session, number) if number is not None else None
    return OriginalOut(
        follow_up=owed.id,
        kind=owed.kind,
        state=owed.state,
        page=entry.page if entry else "",
        text=first_words(entry.matter if entry else owed.text),
    )


def _check_is_yours(call: CallRecord, me: Identity) -> None:
    if not may_write(call, extension=me.extension, role=me.role):
        raise CallNotYours("another agent had this call: a supervisor may write on it")


def _as_it_stands(entries: tuple[EntryOut, ...] | list[EntryOut]) -> EntryOut | None:
    standing = [entry for entry in entries if entry.state is not EntryState.VOID and entry.corrected_by is None]
    return standing[-1] if standing else None


async def _notes(session: AsyncSession, call_id: str, me: Identity, zone: tzinfo) -> CallNotesOut:
    names = await account_names(session)
    found = [_notes_out(notes, names, zone) for notes in await notes_on(session, call_id)]
    nothing = _notes_out(Notes(call_id=call_id, by=me.name), names, zone)
    return CallNotesOut(
        call_id=call_id,
        mine=next((notes for notes in found if notes.by == me.name), nothing),
        others=tuple(notes for notes in found if notes.by != me.name),
    )


def _notes_out(notes: Notes, names: Mapping[str, str], zone: tzinfo) -> NotesOut:
    at: datetime | None = notes.at.astimezone(zone) if notes.at else None
    return NotesOut(
        by=notes.by,
        name=names.get(notes.by, notes.by),
        version=notes.version,
        text=notes.text,
        points=notes.points,
        form=dict(notes.form),
        at=at,
    )


def _waiting_out(one: Waiting, phones: Mapping[str, str], zone: tzinfo) -> WaitingOut:
    return WaitingOut(
        call_id=one.call_id,
        entry=one.entry,
        number=masked(one.number),
        who=one.who,
        home=one.home,
        kind=Kind(one.kind),
        matter=one.matter[:80],
        agent=one.agent,
        agent_name=phones.get(one.agent, one.agent),
        ended_at=one.ended_at.astimezone(zone),
    )


WRAP_UP_ROUTES: Final = (
    Route(
        method="GET",
        path="/api/v1/calls/{id}/notes",
        act=show_notes,
        roles=STAFF,
        summary="What was typed in a call: one's own, and of whoever had it before",
        answer=CallNotesOut,
    ),
    Route(
        method="PUT",
        path="/api/v1/calls/{id}/notes",
        act=write_notes,
        roles=STAFF,
        summary="Keep what was typed in a call; refused with the newer ones where they were written meanwhile",
        body=NotesIn,
        answer=NotesOut,
    ),
    Route(
        method="GET",
        path="/api/v1/calls/{id}/wrap-up",
        act=show_wrap_up,
        roles=STAFF,
        summary="What the form of the wrap-up is drawn from",
        answer=WrapUpOut,
    ),
    Route(
        method="POST",
        path="/api/v1/calls/{id}/wrap-up",
        act=wrap_up,
        roles=STAFF,
        summary="Confirm or correct the entry, dispatch and promise in one act; the same key is the same act",
        body=WrapUpIn,
        answer=EntryOut,
        status=201,
    ),
    Route(
        method="GET",
        path="/api/v1/my-list",
        act=show_my_list,
        roles=STAFF,
        summary="What the person who asks owes, by deadline, and their calls that wait for the wrap-up",
        answer=MyListOut,
    ),
)
