"""Make a call to the outside, once: write it down, commit, ask the switch; what came of it the ledger tells.

Killed anywhere, the same rows lead on: a claimed call whose channel neither lives nor is in the ledger was never made.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts.account import Role
from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import Outcome
from hotline.calls.store import call_by_id
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.outside import (
    SENT_WITHIN,
    SILENT_AFTER,
    Dialable,
    Errand,
    HomeBeingRung,
    NoWayOut,
    NumberMarked,
    OutsideCall,
    OutsideLine,
    OutsideState,
    OwnPhoneMissing,
    is_settled_without,
)
from hotline.desk.outside_store import call_of_key, call_told, claim, keep_told, living_calls, turn
from hotline.errors import HotlineError
from hotline.followups.follow_up import RETURNABLE, FollowUpNotYours, FollowUpState, Step, may_act
from hotline.followups.reading_store import follow_up_by_id, history_of
from hotline.followups.store import take_step
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import marks_of
from hotline.settings import OutsideSettings

log = structlog.get_logger()

LOOK_EVERY: Final = 3.0  # seconds between looks at calls that are not over
ASK_WITHIN: Final = 8.0  # seconds; longer than the link itself waits


RefuseRung = Callable[[AsyncSession, PhoneNumber, int | None, str], Awaitable[None]]
"""(session, number, follow-up, channel of our own call): raise where a campaign rings this home but for that call."""
Beside = Callable[[AsyncSession, OutsideCall], Awaitable[None]]
"""What is written down beside a call, in the same transaction; whatever it raises undoes both."""


async def nobody_else_rings(_session: AsyncSession, _number: PhoneNumber, _follow_up: int | None, _but: str) -> None:
    """Let every home be rung: no campaign rings anybody here."""


async def nothing_beside(_session: AsyncSession, _call: OutsideCall) -> None:
    """Write nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whom an agent wants to call: of a follow-up, of a call, or a number typed by hand."""

    key: str
    by: str
    role: Role
    extension: str
    follow_up: int | None = None
    call_id: str = ""
    number: str = ""
    anyway: bool = False
    attempt: str = ""  # of a campaign: told to the switch's event log


class OutsideCalls:
    """The calls that agents make. `ours` are the centre's own numbers.

    `is_up`: whether the switch can be asked; `link_up_since`: since when it is heard without a gap, None while it is
    not. `has_phone`: whether a telephone is signed in. `is_level`: whether the ledger has read all that the switch
    wrote. `refuse_rung`: raises where a campaign rings this number, or its home, or the follow-up's. `when_never`: what
    is written when a call turns out never to have been made.
    """

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        line: OutsideLine,
        settings: OutsideSettings,
        ours: tuple[str, ...],
        is_up: Callable[[], bool],
        has_phone: Callable[[str], bool],
        is_level: Callable[[], bool],
        link_up_since: Callable[[], datetime | None],
        area_code: str = "",
        refuse_rung: RefuseRung = nobody_else_rings,
        when_never: Beside = nothing_beside,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._line = line
        self._dialable = Dialable(
            ours=frozenset(ours), beyond=frozenset(settings.beyond), short=frozenset(settings.short_numbers)
        )
        self._rings_for = timedelta(seconds=settings.agent_rings_for)
        self._is_up = is_up
        self._has_phone = has_phone
        self._is_level = is_level
        self._link_up_since = link_up_since
        self._seen: dict[int, float] = {}  # since when we see it living: the clock on the wall may be put forward
        self._area_code = area_code
        self._refuse_rung, self._when_never = refuse_rung, when_never

    async def dial(self, wish: Wish, beside: Beside = nothing_beside) -> OutsideCall:
        """Claim and make a call; the same key is the same call, however often it is asked for.

        `beside` is written in the claim's own transaction. Raises FollowUpUnknown, FollowUpNotYours, NumberNotDialled,
        NumberMarked, OwnPhoneMissing, NoWayOut, OutsideCallLiving, HomeBeingRung, HomeUndecided, and as `beside` does.
        """
        claims = self._clock.monotonic()
        async with self._database.begin() as session:
            if (known := await call_of_key(session, wish.by, wish.key)) is not None:
                return known
            number, returns = await self._whom(session, wish)
            marks = (await marks_of(session, [number])).get(number, frozenset())
            if marks and not wish.anyway:
                raise NumberMarked([mark.value for mark in marks])
            if not wish.extension or not self._has_phone(wish.extension):
                raise OwnPhoneMissing("your telephone is not signed in: there is nothing to ring first")
            if not self._is_up():
                raise NoWayOut("the switch cannot be asked, or no trunk is set")
            await self._refuse_rung(session, number, wish.follow_up, "")
            call, is_new = await claim(
                session,
                key=wish.key,
                by=wish.by,
                extension=wish.extension,
                number=number,
                follow_up=wish.follow_up,
                returns=returns,
                at=self._clock.now(),
            )
            if is_new:
                await beside(session, call)
        if not is_new:
            return call
        try:  # once more after the commit: an attempt was planned beside us, and whoever looks from now on sees us
            async with self._database.read() as session:
                await self._refuse_rung(session, number, wish.follow_up, call.channel)
        except HomeBeingRung:
            await self._turn(call, OutsideState.NEVER)
            raise
        errand = Errand(
            channel=call.channel,
            extension=call.extension,
            number=number,
            returns=returns,
            rings_for=self._rings_for,
            attempt=wish.attempt,
        )

        def is_too_late() -> bool:
            return self._clock.monotonic() - claims > SENT_WITHIN

        try:
            async with asyncio.timeout(ASK_WITHIN):
                await self._line.ring(errand, is_too_late)
        except NoWayOut:
            await self._turn(call, OutsideState.NEVER)
            raise
        except (HotlineError, TimeoutError) as wrong:  # nobody can tell: it is looked for, and not asked for again
            log.warning("a call to the outside is unconfirmed", call=call.channel, reason=type(wrong).__name__)
            return call
        return await self._turn(call, OutsideState.ASKED)

    async def hang_up(self, channel: str) -> bool:
        """End a call of ours; return whether it lived. Raises HotlineError, TimeoutError."""
        async with asyncio.timeout(ASK_WITHIN):
            return await self._line.hang_up(channel)

    async def follow(self, session: AsyncSession, call: CallRecord) -> None:
        """Write down what the ledger tells of a call of ours, and that its follow-up was tried, or spoken of."""
        if call.direction != "outbound" or (one := await call_told(session, call.id)) is None:
            return
        outcome = call.outcome.value if call.outcome else ""
        await keep_told(session, one.id, call_id=call.id, ended_at=call.ended_at, outcome=outcome)
        if one.follow_up is None or call.ended_at is None or call.outcome is Outcome.NOT_DIALLED:
            return
        owed = await follow_up_by_id(session, one.follow_up)
        was_spoken = call.human_answer is not None
        if owed.state is not FollowUpState.OPEN or (was_spoken and owed.kind in RETURNABLE and not owed.is_kept_open):
            return  # speaking with them closes it: hotline/followups
        step = Step.SPOKEN if was_spoken else Step.TRIED
        steps, _ = await history_of(session, owed.id)
        if not any(known.call_id == call.id and known.what in {Step.SPOKEN, Step.TRIED} for known in steps):
            await take_step(session, owed.id, step, at=self._clock.now(), call_id=call.id)

    async def run(self) -> None:
        """Look after calls that are not known to be over, until cancelled."""
        while True:
            try:
                await self.reconcile()
            except (SQLAlchemyError, OSError, HotlineError) as wrong:
                log.warning("calls to the outside could not be looked after", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def reconcile(self) -> int:
        """Free calls that were never made; return how many. Nothing is freed while nobody can tell."""
        async with self._database.read() as session:
            found = await living_calls(session)
        at = self._clock.monotonic()
        self._seen = {call.id: self._seen.get(call.id, at) for call, _ in found}
        if all(is_told or at - self._seen[call.id] < SILENT_AFTER for call, is_told in found):
            return 0
        since = self._link_up_since()
        living = await self._line.living()
        if not self._is_level():  # after the channels: a call that came and went between the two is in the ledger
            return 0
        link_up_for = self._clock.now() - since if since else None
        async with self._database.read() as session:
            found = await living_calls(session)
        freed = 0
        for call, is_told in found:
            silent_for = at - self._seen.get(call.id, at)
            lives = call.channel in living
            if is_settled_without(call, lives=lives, is_told=is_told, silent_for=silent_for, link_up_for=link_up_for):
                log.warning("a call to the outside was never made", call=call.channel)
                await self._turn(call, OutsideState.NEVER)
                freed += 1
        return freed

    async def _whom(self, session: AsyncSession, wish: Wish) -> tuple[PhoneNumber, str]:
        written, returns = wish.number, ""
        if wish.follow_up is not None:
            owed = await follow_up_by_id(session, wish.follow_up)
            if not may_act(wish.role, owed.owed_by):
                raise FollowUpNotYours("a supervisor owes this: an agent does not call for it")
            written, returns = owed.number, owed.call_id or ""
        elif wish.call_id:
            call = await call_by_id(session, wish.call_id)
            written, returns = (call.caller_number, call.id) if call else ("", "")
        return self._dialable.check(PhoneNumber.parse(written, area_code=self._area_code)), returns

    async def _turn(self, call: OutsideCall, state: OutsideState) -> OutsideCall:
        async with self._database.begin() as session:
            is_turned = await turn(session, call.id, state, at=self._clock.now())
            if is_turned and state is OutsideState.NEVER:
                await self._when_never(session, call)
            told = await call_of_key(session, call.by, call.key)
        if call.follow_up is not None:
            self._bus.publish(Change(Subject.FOLLOW_UP, str(call.follow_up)))
        return told or call
