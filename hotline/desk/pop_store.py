"""Read a pop: the same few statements whatever lies behind the caller, each on an index, in one look at the database.

Earlier calls are sought by every form in which a carrier writes the home's numbers, the newest of each form: a number
that called a hundred thousand times is read as quickly as one that called twice.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.calls.store import CallTable, call_by_id
from hotline.desk.outside_store import whom_we_call
from hotline.desk.pop import (
    LAST_CALLS,
    MOST_NOTES,
    EarlierCall,
    IncidentNow,
    Pop,
    candidates_of,
    first_words,
    language_of,
    matters_of,
    owed_of,
    people_of,
    verdict_of,
)
from hotline.dutylog.entry import EntryState
from hotline.dutylog.tables_store import DutyEntryMovedTable, DutyEntryTable
from hotline.followups.follow_up import FollowUp
from hotline.followups.store import OPEN, FollowUpCallTable, FollowUpTable, follow_up_of
from hotline.incidents.incident import IncidentState
from hotline.incidents.store import open_incident
from hotline.phone import PhoneNumber
from hotline.residents.additions_store import numbers_of
from hotline.residents.choice_store import Choice, PopChoiceTable, choices_of, narrowed
from hotline.residents.marks_store import marks_of
from hotline.residents.notes_store import notes_of
from hotline.residents.resident import Home, KnownCaller
from hotline.residents.store import find_home, known_caller
from hotline.transcribe.store import TranscriptState, TranscriptTable, TurnTable
from hotline.transcribe.transcript import Side

MOST_NUMBERS: Final = 16  # of a home, in whose calls we look
MOST_FOLLOW_UPS: Final = 40
FIRST_TURNS: Final = 6  # of a conversation, in which the resident has said something


async def read_pop(
    session: AsyncSession,
    call_id: str,
    *,
    now: datetime,
    area_code: str,
    offered_number: str = "",
    is_emergency: bool = False,
    at_home: str = "",
) -> Pop:
    """Return the pop of a call; of one that the ledger has not read of yet, by the number that the offer names.

    `at_home`: the home that a call of ours is made for, where somebody knows it.
    """
    call = await call_by_id(session, call_id)
    ours = await whom_we_call(session, call.id if call else call_id)
    # Whom an agent asked for was written down before any phone rang: the switch, and so the ledger, tell it later.
    raw = ours.number.national if ours else call.caller_number if call is not None else offered_number
    number = PhoneNumber.parse(raw, area_code=area_code)
    choice = (await choices_of(session, [call.id if call else call_id])).get(call.id if call else call_id)
    known = await known_caller(session, number)
    candidates = candidates_of(known)  # before the choice: it may be changed
    owed = await _follow_up(session, ours.follow_up) if ours and ours.follow_up is not None else None
    if choice is None and (label := at_home or (owed.home if owed else "")):
        known = await _at_home(session, known, label, number, now)
    if choice is not None:
        known = await narrowed(session, known, choice, number)
    household = known.household if known else None
    home = household.home if household else None
    of_home = await numbers_of(session, [one.id for one in household.residents]) if household else {}
    numbers = [one for each in of_home.values() for one in each]
    callable_number = [number] if number is not None and not number.is_internal else []
    marks = await marks_of(session, {*numbers, *callable_number})
    follow_ups = await _open_follow_ups(session, [*callable_number, *numbers], home)
    matters, more = matters_of(household, follow_ups, now)
    resident = known.resident if known else None
    return Pop(
        call_id=call.id if call else call_id,
        number=number,
        verdict=verdict_of(number, known),
        is_emergency=is_emergency or (call is not None and call.is_emergency),
        language=language_of(call, resident),
        call=call,
        resident=resident,
        household=household,
        people=people_of(known, of_home, marks, number),
        candidates=candidates,
        matters=matters,
        more_matters=more,
        owed=owed_of(follow_ups, now, first=owed),
        calls=await _earlier_calls(session, raw, [*callable_number, *numbers], home, besides=call_id),
        notes=await notes_of(session, [home.id], limit=MOST_NOTES) if home is not None and home.id is not None else (),
        incident=await _incident(session, call, known),
        caller_marks=marks.get(number, frozenset()) if number else frozenset(),
        chosen_by=choice.by if choice else "",
        follow_up=owed.id if owed else None,
    )


async def left_to(session: AsyncSession, call_id: str) -> frozenset[str]:
    """Return who took what is still owed for a call, "" for what nobody took; nobody where nothing is owed."""
    covering = select(FollowUpCallTable.follow_up_id).where(FollowUpCallTable.call_id == call_id)
    own = select(FollowUpTable.id).where(FollowUpTable.call_id == call_id)
    taken = await session.scalars(
        select(FollowUpTable.taken_by).where(
            FollowUpTable.id.in_(union_all(covering, own)), FollowUpTable.state == OPEN
        )
    )
    return frozenset(taken)


async def _follow_up(session: AsyncSession, one: int) -> FollowUp | None:
    row = await session.get(FollowUpTable, one)
    return None if row is None else follow_up_of(row)


async def _at_home(
    session: AsyncSession, known: KnownCaller | None, label: str, number: PhoneNumber | None, now: datetime
) -> KnownCaller | None:
    """Return whom we call as our own call says it: the home to which the call is owed, where that is on record."""
    home = Home.parse(label)
    stored = await find_home(session, home) if home else None
    if stored is None or stored.id is None:
        return known
    found = await narrowed(session, known, Choice(home_id=stored.id, resident_id=None, by="", at=now), number)
    return replace(found, is_chosen=False) if found else None


async def _open_follow_ups(
    session: AsyncSession, numbers: Collection[PhoneNumber], home: Home | None
) -> list[FollowUp]:
    wanted: list[ColumnElement[bool]] = []
    if numbers:
        wanted.append(FollowUpTable.e164.in_({number.e164 for number in numbers}))
    if home is not None:
        wanted.append(FollowUpTable.home == home.label)
    if not wanted:
        return []
    # Two reads drawn together: each has its index, which a single OR would not use.
    ids = union_all(*(select(FollowUpTable.id).where(one, FollowUpTable.state == OPEN) for one in wanted))
    rows = await session.scalars(
        select(FollowUpTable).where(FollowUpTable.id.in_(ids)).order_by(FollowUpTable.due).limit(MOST_FOLLOW_UPS)
    )
    return [follow_up_of(row) for row in rows]


async def _earlier_calls(
    session: AsyncSession, raw: str, numbers: Iterable[PhoneNumber], home: Home | None, *, besides: str
) -> tuple[EarlierCall, ...]:
    forms = {form for number in list(dict.fromkeys(numbers))[:MOST_NUMBERS] for form in number.written_forms}
    forms |= {raw} if raw else set()
    newest = [_newest(CallTable.caller_number == form) for form in sorted(forms)]
    if home is not None and home.id is not None:
        chosen = (
            select(PopChoiceTable.call_id)
            .where(PopChoiceTable.home_id == home.id)
            .order_by(PopChoiceTable.id.desc())
            .limit(LAST_CALLS * 2)
        )
        newest.append(_newest(CallTable.id.in_(select(chosen.subquery().c.call_id))))
    if not newest:
        return ()
    found = await session.execute(
        select(
            CallTable.id,
            CallTable.ring_start,
            CallTable.direction,
            CallTable.request,
            CallTable.outcome,
            CallTable.is_emergency,
            CallTable.agent,
        )
        .where(CallTable.id.in_(union_all(*newest)), CallTable.id != besides)
        .order_by(CallTable.ring_start.desc(), CallTable.id.desc())
        .limit(LAST_CALLS)
    )
    calls = found.all()
    ids = [call.id for call in calls]
    entries = await _entries(session, ids)
    said = await _first_said(session, ids)
    return tuple(
        EarlierCall(
            id=call.id,
            at=call.ring_start,
            direction=call.direction,
            kind=entries[call.id][0] if call.id in entries else call.request,
            outcome=Outcome(call.outcome) if call.outcome else None,
            is_emergency=call.is_emergency,
            agent=call.agent,
            words=first_words((entries[call.id][1] if call.id in entries else "") or said.get(call.id, "")),
        )
        for call in calls
    )


def _newest(wanted: ColumnElement[bool]) -> Select[tuple[str]]:
    newest = (
        select(CallTable.id.label("id"))
        .where(wanted, CallTable.ring_start.is_not(None))
        .order_by(CallTable.ring_start.desc())
        .limit(LAST_CALLS + 1)
        .subquery()
    )
    return select(newest.c.id)


async def _entries(session: AsyncSession, call_ids: list[str]) -> dict[str, tuple[str, str]]:
    """Return kind and matter of each call's newest entry, a confirmed one before a draft."""
    if not call_ids:
        return {}
    moved = select(DutyEntryMovedTable.from_call).where(DutyEntryMovedTable.to_call.in_(call_ids))
    own = select(CallTable.id).where(CallTable.id.in_(call_ids))
    rows = await session.execute(
        select(DutyEntryTable.call_id, DutyEntryMovedTable.to_call, DutyEntryTable.kind, DutyEntryTable.matter)
        .outerjoin(DutyEntryMovedTable, DutyEntryMovedTable.from_call == DutyEntryTable.call_id)
        .where(DutyEntryTable.call_id.in_(union_all(own, moved)), DutyEntryTable.state != EntryState.VOID.value)
        .order_by(DutyEntryTable.state == EntryState.CONFIRMED.value, DutyEntryTable.number)
    )
    return {str(to_call or call_id): (kind, matter) for call_id, to_call, kind, matter in rows.tuples()}


async def _first_said(session: AsyncSession, call_ids: list[str]) -> dict[str, str]:
    """Return what the resident said first in each of these calls that was written down."""
    if not call_ids:
        return {}
    rows = await session.execute(
        select(TranscriptTable.call_id, TurnTable.text)
        .join(TurnTable, TurnTable.transcript_id == TranscriptTable.id)
        .where(
            TranscriptTable.call_id.in_(call_ids),
            TranscriptTable.state == TranscriptState.DONE.value,
            TurnTable.side == Side.CALLER.value,
            TurnTable.place < FIRST_TURNS,
        )
        .order_by(TranscriptTable.id, TurnTable.place)
    )
    said: dict[str, str] = {}
    for call_id, text in rows.tuples():
        said[call_id] = f"{said[call_id]}，{text}" if call_id in said else text
    return said


async def _incident(session: AsyncSession, call: CallRecord | None, known: KnownCaller | None) -> IncidentNow | None:
    """Return the open incident of the one building that this caller can be in."""
    buildings = {household.home.building for household in known.households} if known else set()
    if len(buildings) != 1:
        return None
    found = await open_incident(session, buildings.pop())
    if found is None:
        return None
    return IncidentNow(
        id=found.id,
        building=found.building,
        since=found.since,
        is_confirmed=found.state is IncidentState.CONFIRMED,
        text=found.notice.text,
        was_told=call is not None and call.incident == str(found.id),
        has_joined=call is not None and call.joined_incident,
    )
