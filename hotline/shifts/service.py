"""What people do with shifts and readings: take the desk, hand it over, read the log and sign.

Each act is one transaction. The sheet is taken down when the outgoing person signs; the next person signs for what is
open at that moment, so nothing that came in between is passed over.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.dutylog.chain_store import head_of_chain
from hotline.dutylog.dispatch_store import open_dispatches
from hotline.dutylog.entry import Kind, LogBook
from hotline.dutylog.store import entry_by_number
from hotline.followups.follow_up import FollowUpKind, FollowUpState
from hotline.followups.reading_store import follow_ups_page
from hotline.shifts.review import LOOKS_BACK, Review, ReviewKind, ReviewSigned, ReviewTooEarly, Unread, span, unread
from hotline.shifts.shift import (
    OpenItem,
    SamePerson,
    Sheet,
    Shift,
    ShiftNotYours,
    ShiftState,
    ShiftStep,
    ShiftStepRefused,
    after,
    check_read,
    with_words,
)
from hotline.shifts.store import (
    add_review,
    begin_shift,
    complaint_days,
    count_calls,
    count_drafts,
    count_entries,
    first_day,
    last_signed_out,
    open_shift,
    pages_written,
    reviews,
    save_shift,
)

MOST_ITEMS: Final = 300  # of each sort; a desk that owes more than that has another problem than its hand-over
LONGEST_WHAT: Final = 200  # letters of a matter on a sheet; the rest stands in the log
URGENT_KINDS: Final = frozenset({FollowUpKind.EMERGENCY, FollowUpKind.UNSATISFIED})


class Shifts:
    """Keeps who has the desk, and who has read the log."""

    def __init__(self, *, database: Database, bus: Bus, clock: Clock, book: LogBook) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._book = book

    async def open_items(self, session: AsyncSession) -> list[OpenItem]:
        """Return what is open now: what the desk owes and what departments have not done, the most pressing first."""
        now = self._clock.now()
        owed = await follow_ups_page(session, states=(FollowUpState.OPEN,), limit=MOST_ITEMS)
        items = [
            OpenItem(
                key=f"follow-up-{one.id}",
                kind=one.kind.value,
                what=one.text[:LONGEST_WHAT],
                home=one.home,
                who=one.who,
                since=one.since,
                due=one.due,
                is_urgent=one.kind in URGENT_KINDS,
                is_overdue=one.is_overdue(now),
                stands="taken" if one.taken_by else "waiting",
                held_by=one.taken_by,
            )
            for one in owed
        ]
        for sent in await open_dispatches(session, limit=MOST_ITEMS):
            entry = await entry_by_number(session, sent.entry)
            items.append(
                OpenItem(
                    key=f"dispatch-{sent.id}",
                    kind="dispatch",
                    what=f"{sent.department}：{sent.note or (entry.matter if entry else '')}"[:LONGEST_WHAT],
                    home=entry.home if entry else "",
                    who=entry.who if entry else "",
                    since=sent.sent_at,
                    due=sent.complete_by or sent.accept_by,
                    is_urgent=sent.is_urgent,
                    is_overdue=sent.is_late(now),
                    stands=sent.state.value,
                    held_by=sent.accepted_who or sent.department,
                )
            )
        return sorted(items, key=lambda item: (not item.is_urgent, not item.is_overdue, item.due or now, item.key))

    async def take_desk(self, *, who: str) -> Shift:
        """Begin the first shift. Raises ShiftStepRefused where somebody has the desk already."""
        now = self._clock.now()
        try:
            async with self._database.begin() as session:
                if (running := await open_shift(session)) is not None:
                    raise ShiftStepRefused(running.state, ShiftStep.SIGN_IN)
                shift = await begin_shift(session, holder=who, at=now)
        except IntegrityError as wrong:  # two at the same moment: the database lets one through
            raise ShiftStepRefused(ShiftState.RUNNING, ShiftStep.SIGN_IN) from wrong
        return self._told(shift)

    async def sign_out(
        self, *, who: str, role: Role, remarks: str, words: Mapping[str, str], property_found: Mapping[str, str]
    ) -> Shift:
        """Sign the hand-over of the running shift; the sheet is taken down as things are now.

        Raises ShiftStepRefused, ShiftNotYours, HandedOverSilently.
        """
        async with self._database.begin() as session:
            shift = await self._locked(session, ShiftStep.SIGN_OUT, who=who, role=role)
            now = self._clock.now()
            items = with_words(await self.open_items(session), words)
            shift = replace(
                shift,
                state=after(shift.state, ShiftStep.SIGN_OUT),
                remarks=remarks,
                sheet=await self._sheet(session, shift, now, items, property_found),
                signed_out_at=now,
                signed_out_by=who,
            )
            await save_shift(session, shift)
        return self._told(shift)

    async def take_back(self, *, who: str, role: Role) -> Shift:
        """Take the signature back: the desk is still the holder's. Raises ShiftStepRefused, ShiftNotYours."""
        async with self._database.begin() as session:
            shift = await self._locked(session, ShiftStep.TAKE_BACK, who=who, role=role)
            state = after(shift.state, ShiftStep.TAKE_BACK)
            shift = replace(shift, state=state, sheet=None, signed_out_at=None, signed_out_by="")
            await save_shift(session, shift)
        return self._told(shift)

    async def sign_in(self, *, who: str, remarks: str, read: Iterable[str]) -> Shift:
        """Sign for the desk: the shift before ends, and this person's begins, which is returned.

        Raises ShiftStepRefused, SamePerson, ItemsUnread (also for what came after the list was shown).
        """
        async with self._database.begin() as session:
            shift = await open_shift(session, is_to_change=True)
            if shift is None:
                raise ShiftStepRefused(None, ShiftStep.SIGN_IN)
            state = after(shift.state, ShiftStep.SIGN_IN)
            if who in {shift.holder, shift.signed_out_by}:
                raise SamePerson("the second signature is another person's")
            items = await self.open_items(session)
            check_read(items, read)
            now = self._clock.now()
            sheet = shift.sheet and replace(shift.sheet, items=_as_signed(shift.sheet.items, items))
            ended = replace(shift, state=state, sheet=sheet, successor=who, successor_remarks=remarks, ended=now)
            await save_shift(session, ended)
            following = await begin_shift(session, holder=who, at=now)
        return self._told(following)

    async def unread(self, session: AsyncSession) -> list[Unread]:
        """Return what waits to be read and signed, oldest first."""
        today, since = self._book.day_of(self._clock.now()), await first_day(session)
        if since is None:
            return []
        signed = await reviews(session, since=today - LOOKS_BACK - LOOKS_BACK)
        days = await complaint_days(session, today - LOOKS_BACK)
        return list(unread(today, since=since, complaint_days=days, signed=signed))

    async def sign_review(self, kind: ReviewKind, day: date, *, opinion: str, who: str) -> Review:
        """Sign that a finished day or week was read. Raises ReviewTooEarly, ReviewSigned, ReviewDayWrong."""
        first, end = span(kind, day)
        now = self._clock.now()
        if end > self._book.day_of(now):
            raise ReviewTooEarly("this day or week is not over yet")
        read = Kind.COMPLAINT if kind is ReviewKind.COMPLAINTS else None
        try:
            async with self._database.begin() as session:
                entries = await count_entries(session, first, end, kind=read)
                review = Review(kind=kind, day=day, entries=entries, opinion=opinion, signed_by=who, signed_at=now)
                if not await add_review(session, review):
                    raise ReviewSigned("this has been read and signed already")
        except IntegrityError as wrong:
            raise ReviewSigned("this has been read and signed already") from wrong
        return review

    async def _locked(self, session: AsyncSession, step: ShiftStep, *, who: str, role: Role) -> Shift:
        shift = await open_shift(session, is_to_change=True)
        if shift is None:
            raise ShiftStepRefused(None, step)
        if who != shift.holder and role is Role.AGENT:
            raise ShiftNotYours("only who has the desk, or a supervisor, hands it over")
        return shift

    async def _sheet(
        self,
        session: AsyncSession,
        shift: Shift,
        now: datetime,
        items: tuple[OpenItem, ...],
        property_found: Mapping[str, str],
    ) -> Sheet:
        # From the last sheet on: what came between both signatures then is on this one, and on none twice.
        since = await last_signed_out(session, before=shift.id) or shift.began
        pages, by_kind = await pages_written(session, since, now)
        head = await head_of_chain(session)
        first, last = (_page(*pages[0]), _page(*pages[-1])) if pages else ("", "")
        return Sheet(
            items=items,
            entries=sum(by_kind.values()),
            first_page=first,
            last_page=last,
            by_kind=by_kind,
            calls=await count_calls(session, since, now),
            drafts=await count_drafts(session, since, now),
            property_found=dict(property_found),
            chain_position=head.position,
            chain_head=head.hash,
        )

    def _told(self, shift: Shift) -> Shift:
        self._bus.publish(Change(Subject.SHIFT, str(shift.id)))
        return shift


def _as_signed(signed_out: Iterable[OpenItem], now_open: Iterable[OpenItem]) -> tuple[OpenItem, ...]:
    """Return what was handed over, with its words, and behind it what came before the second signature."""
    kept = tuple(signed_out)
    known = {item.key for item in kept}
    return (*kept, *(item for item in now_open if item.key not in known))


def _page(day: date, number: int) -> str:
    return f"{day:%Y%m%d}-{str(number).zfill(3)}"
