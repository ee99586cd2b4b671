"""Read from the other rooms' tables what a page or an answer shows. Nothing is written here."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.lateness import how_late
from hotline.calls.ledger import CallRecord
from hotline.calls.rows_store import rows_of
from hotline.calls.state import CallState
from hotline.calls.store import call_by_id, calls_page, open_calls, records_of
from hotline.dutylog.entry import DutyEntry
from hotline.dutylog.reading_store import in_full
from hotline.dutylog.store import entries_of, entries_of_calls, entries_page, entry_by_number
from hotline.followups.reading_store import changed_last, count_open
from hotline.live.store import AlertWord, alert_words_of
from hotline.phone import PhoneNumber
from hotline.recordings.recording import Recording
from hotline.recordings.store import recording_of
from hotline.reports.fact import chief_cause
from hotline.reports.reading_store import calls_behind
from hotline.reports.selection import Selection
from hotline.residents.choice_store import caller_of_call
from hotline.residents.resident import KnownCaller
from hotline.transcribe.store import transcript_of
from hotline.web.alerts import Acknowledgement
from hotline.web.figures import Figures, figures
from hotline.web.incident_reading import read_incidents_of
from hotline.web.incident_shapes import IncidentOut
from hotline.web.owed import OwedOut
from hotline.web.rooms import WebRooms
from hotline.web.shapes import AlertOut, CallPage, CallsQuery, EntriesQuery, EntryOut, EntryPage, WholeCall
from hotline.web.store import (
    acknowledgement_of,
    count_turned_away,
    read_call_record,
    returns_of,
    standing_alerts,
    with_residents,
)
from hotline.web.telling import alert_out, call_out, entry_out, whole_call
from hotline.web.timeline import talk_steps

PAGE_READ = 100  # calls read at one time for a report; who waits for a pop is served between two of them


async def read_whole_call(rooms: WebRooms, call_id: str, *, is_masked: bool) -> WholeCall:
    """Return a call with its recording, its words and its entries. Raises CallUnknown."""
    async with rooms.database.read() as session:
        call = await read_call_record(session, call_id)
        number = PhoneNumber.parse(call.caller_number, area_code=rooms.area_code)
        known = await caller_of_call(session, call.id, number)
        return whole_call(
            call_out(call, known, is_masked=is_masked, zone=rooms.zone),
            recording=await recording_of(session, call_id, rooms.recordings_directory),
            transcript=await transcript_of(session, call_id),
            entries=await _told(rooms, session, await entries_of(session, call_id)),
            returned_by=await returns_of(session, call_id),
            acknowledged=await acknowledgement_of(session, call_id),
            alert_words=(await alert_words_of(session, [call_id])).get(call_id, ()),
            steps=talk_steps(call, await rows_of(session, call.id), rooms.zone) if call.talk_steps else (),
            zone=rooms.zone,
        )


async def read_recording(rooms: WebRooms, call_id: str) -> tuple[CallRecord, Recording | None]:
    """Return a call and its recording. Raises CallUnknown."""
    async with rooms.database.read() as session:
        call = await read_call_record(session, call_id)
        return call, await recording_of(session, call_id, rooms.recordings_directory)


async def read_open_calls(rooms: WebRooms) -> list[tuple[CallRecord, KnownCaller | None]]:
    """Return the calls that have not ended, each with whom its number belongs to."""
    async with rooms.database.read() as session:
        return await with_residents(session, await open_calls(session), area_code=rooms.area_code)


async def read_call(rooms: WebRooms, call_id: str) -> tuple[CallRecord, KnownCaller | None] | None:
    """Return one call with whom its number belongs to, or None."""
    async with rooms.database.read() as session:
        call = await call_by_id(session, call_id)
        return None if call is None else (await with_residents(session, [call], area_code=rooms.area_code))[0]


async def read_alerts(rooms: WebRooms, *, is_masked: bool) -> tuple[AlertOut, ...]:
    """Return the emergency calls that belong on every screen, oldest first."""
    async with rooms.database.read() as session:
        calls = await with_residents(session, await standing_alerts(session), area_code=rooms.area_code)
        words = await alert_words_of(session, [call.id for call, _ in calls])
    # None of them is acknowledged: then it would not stand.
    return tuple(
        alert_out(call, known, None, words.get(call.id, ()), is_masked=is_masked, zone=rooms.zone)
        for call, known in calls
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAsItStands:
    """A call with all that screens show beside it."""

    call: CallRecord
    known: KnownCaller | None
    entries: tuple[EntryOut, ...]
    incident: IncidentOut | None
    words: tuple[AlertWord, ...]
    noted: Acknowledgement | None


async def read_as_they_stand(rooms: WebRooms, call_ids: Set[str]) -> dict[str, CallAsItStands]:
    """Return these calls, each under the id asked for; a part of an older call stands for that one, ended.

    All in one transaction and a dozen statements, however many they are: a desk told late is told of many at once.
    """
    async with rooms.database.read() as session:
        whole = {call.id: call for call in await records_of(session, call_ids)}
        for part in call_ids - whole.keys():
            if (found := await call_by_id(session, part)) is not None:
                whole[part] = replace(found, id=part, state=CallState.ENDED)
        pairs = await with_residents(session, whole.values(), area_code=rooms.area_code)
        of_calls = await entries_of_calls(session, whole)
        told = {
            entry.number: entry
            for entry in await _told(rooms, session, [one for of in of_calls.values() for one in of])
        }
        incidents, words = await read_incidents_of(rooms, session, whole), await alert_words_of(session, whole)
        return {
            call.id: CallAsItStands(
                call=call,
                known=known,
                entries=tuple(told[entry.number] for entry in of_calls[call.id]),
                incident=incidents.get(call.id),
                words=words.get(call.id, ()),
                noted=await acknowledgement_of(session, call.id) if call.is_emergency or call.id in words else None,
            )
            for call, known in pairs
        }


async def read_calls(rooms: WebRooms, query: CallsQuery, *, is_masked: bool) -> CallPage:
    """Return a page of calls, newest first. A number is looked for as written and in every form a carrier sends."""
    read = PhoneNumber.parse(query.number, area_code=rooms.area_code)
    wanted = () if query.number is None else {query.number, *(read.written_forms if read else ())}
    async with rooms.database.read() as session:
        found = await calls_page(
            session,
            since=query.since,
            until=query.until,
            number=wanted,
            before=query.cursor,
            limit=query.limit + 1,
        )
        page = await with_residents(session, found[: query.limit], area_code=rooms.area_code)
    calls = tuple(call_out(call, known, is_masked=is_masked, zone=rooms.zone) for call, known in page)
    return CallPage(calls=calls, next_cursor=calls[-1].id if len(found) > query.limit else None)


async def read_calls_behind(
    rooms: WebRooms, wanted: Selection, *, before: str | None, limit: int = 50
) -> tuple[CallPage, dict[str, str]]:
    """Return a page of the calls behind a report's figure, newest first, masked; and why each late one was late."""
    async with rooms.database.read() as session:
        found = await calls_behind(session, wanted, before=before, limit=limit + 1)
        page = await with_residents(session, found[:limit], area_code=rooms.area_code)
    calls = tuple(call_out(call, known, is_masked=True, zone=rooms.zone) for call, known in page)
    causes = {call.id: chief_cause(call) for call, _ in page if how_late(call)}
    return CallPage(calls=calls, next_cursor=calls[-1].id if len(found) > limit else None), causes


async def read_entries(rooms: WebRooms, query: EntriesQuery) -> EntryPage:
    """Return a page of the duty log, newest first."""
    async with rooms.database.read() as session:
        found = await entries_page(session, before=query.cursor, limit=query.limit + 1)
        entries = tuple(await _told(rooms, session, found[: query.limit]))
    return EntryPage(entries=entries, next_cursor=str(entries[-1].number) if len(found) > query.limit else None)


async def read_entry(rooms: WebRooms, number: int) -> EntryOut | None:
    """Return one entry of the duty log, or None."""
    async with rooms.database.read() as session:
        entry = await entry_by_number(session, number)
        return None if entry is None else (await _told(rooms, session, [entry]))[0]


async def read_entries_of(rooms: WebRooms, call_id: str) -> list[EntryOut]:
    """Return the entries of one call, oldest first."""
    async with rooms.database.read() as session:
        return await _told(rooms, session, await entries_of(session, call_id))


async def _told(rooms: WebRooms, session: AsyncSession, entries: Sequence[DutyEntry]) -> list[EntryOut]:
    now = rooms.clock.now()
    return [entry_out(whole, rooms.zone, now) for whole in await in_full(session, entries)]


async def read_records(rooms: WebRooms, since: datetime, until: datetime) -> list[CallRecord]:
    """Return every call that began in this stretch, in small steps so that others are served between them."""
    records: list[CallRecord] = []
    before: str | None = None
    while True:
        async with rooms.database.read() as session:
            found = await calls_page(session, since=since, until=until, before=before, limit=PAGE_READ)
        records += found
        if len(found) < PAGE_READ:
            return records
        before = found[-1].id


async def read_owed(rooms: WebRooms) -> OwedOut:
    """Return how many follow-ups are open, how many of them are overdue, and when anything of them changed."""
    async with rooms.database.read() as session:
        still_open, overdue = await count_open(session, rooms.clock.now())
        changed = await changed_last(session)
    return OwedOut(open=still_open, overdue=overdue, changed_at=changed)


async def read_turned_away(rooms: WebRooms, within: timedelta) -> int:
    """Return how many callers were lately not let in because too many called."""
    async with rooms.database.read() as session:
        return await count_turned_away(session, rooms.clock.now() - within)


async def read_today(rooms: WebRooms) -> Figures:
    """Return today's figures of the centre."""
    now = rooms.clock.now()
    return figures(await read_records(rooms, rooms.midnight(), now), now)
