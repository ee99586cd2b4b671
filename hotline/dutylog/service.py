"""Draw the draft of each call's entry, and redraw it as more becomes known, until a person confirms it.

Called by the ledger inside its transaction (`follow`) and by the worker when a transcript is there (`redraw`).
"""

from datetime import tzinfo
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.ledger import CallRecord
from hotline.calls.ours import RESIDENT_FIRST
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import call_by_id
from hotline.clock import Clock
from hotline.dutylog.campaign_draft import campaign_draft
from hotline.dutylog.draft import draft_entry
from hotline.dutylog.entry import CHINA, Kind
from hotline.dutylog.returned import returned_draft
from hotline.dutylog.store import entries_of, keep_draft, move_entries
from hotline.phone import PhoneNumber
from hotline.residents.choice_store import caller_of_call
from hotline.transcribe.store import transcript_of

WORTH_AN_ENTRY: Final = {CallState.TALKING, CallState.ENDED}
WRITTEN_DOWN: Final = {"inbound", "outbound"}


class DutyLog:
    """Keeps drafts level with their calls."""

    def __init__(self, *, clock: Clock, area_code: str, zone: tzinfo = CHINA) -> None:
        self._clock = clock
        self._area_code = area_code
        self._zone = zone  # of the centre: 下午三点 is said in it

    async def follow(self, session: AsyncSession, call: CallRecord) -> None:
        """Draw the draft once a human answers or the call is over; calls inside the house are nobody's request."""
        if call.direction in WRITTEN_DOWN and call.state in WORTH_AN_ENTRY and not _is_nobodys(call):
            number = PhoneNumber.parse(call.caller_number, area_code=self._area_code)
            known = await caller_of_call(session, call.id, number)
            transcript = await transcript_of(session, call.id)
            draft = draft_entry(call, known, transcript.turns if transcript else (), zone=self._zone)
            if call.id.startswith(RESIDENT_FIRST):
                told = campaign_draft(draft, call)
                if told is None:
                    return
                draft = told
            elif call.direction == "outbound":
                draft = returned_draft(draft, call, await _kind_of(session, call.returns))
            await keep_draft(session, call.id, draft, self._clock.now())

    async def absorb(self, session: AsyncSession, young: str, old: str) -> None:
        """Let the entries of a call that turned out to be part of an older one be found under that one."""
        await move_entries(session, young, old)

    async def redraw(self, session: AsyncSession, call_id: str) -> None:
        """Draw the draft again, with whatever is known now."""
        call = await call_by_id(session, call_id)
        if call is not None:
            await self.follow(session, call)


def _is_nobodys(call: CallRecord) -> bool:
    """Nobody was rung."""
    return call.outcome is Outcome.NOT_DIALLED


async def _kind_of(session: AsyncSession, call_id: str) -> Kind:
    """Return what the call's entry, as it stands now, says that it was about."""
    entries = await entries_of(session, call_id) if call_id else []
    return entries[-1].kind if entries else Kind.UNKNOWN
