"""What every agent decided: written first, then told to the pages, then to the switch; and what is shown of each.

`keeping.py` runs beside it: it asks the switch, ends wrap-ups in time, and signs out who has no page any more.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

import structlog

from hotline.agents.agent import (
    PAGE_GONE,
    AgentNow,
    AgentUnknown,
    Decided,
    Did,
    NotInThisCall,
    PauseReasonUnknown,
    ShownState,
    Stand,
    Step,
    advance,
    shown_state,
    with_more_time,
)
from hotline.agents.offers import AtPhone, OfferRefused, Offers, OfferState, PhoneLifted, RangOut, TalkOver
from hotline.agents.store import (
    HelpWish,
    ask_for_help,
    decided_now,
    decided_of,
    end_help,
    keep_decided,
    keep_until,
    open_wishes,
    take_help,
)
from hotline.audit.change import Change as Audited
from hotline.audit.store import record
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.queues.board import QueueBoard
from hotline.settings import AgentsSettings

log = structlog.get_logger()
_OFFERED: Final = {
    ShownState.RINGING: OfferState.RINGING,
    ShownState.DIALLING: OfferState.RINGING,
    ShownState.CALLING: OfferState.CALLING,
    ShownState.TALKING: OfferState.ANSWERED,
}


class AgentStates:
    """The states of all agents. `changed` is set with each extension whose pause at the switch may be another."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        agents: tuple[str, ...],
        settings: AgentsSettings,
        offers: Offers,
        board: Callable[[], QueueBoard],
    ) -> None:
        self.agents, self.settings = agents, settings
        self._database, self._bus, self._clock = database, bus, clock
        self._offers, self._board = offers, board
        self._decided: dict[str, Decided] = {}
        self._shown: dict[str, tuple[ShownState, datetime]] = {}
        self._rang_out: dict[str, int] = {}
        self._spared: dict[str, str] = {}  # phones, each with the talk that is followed by no wrap-up
        self._pages: dict[str, int] = {}
        self._without_page: dict[str, datetime] = {}
        self._began = clock.now()
        self._lock = asyncio.Lock()
        self.wishes: tuple[HelpWish, ...] = ()
        self.to_ask: set[str] = set()
        self.asked_for = asyncio.Event()

    # What is so now.

    def decided(self, extension: str) -> Decided:
        """Return what was decided last of this agent."""
        return self._decided.get(extension, Decided())

    def now(self, extension: str) -> AgentNow:
        """Return this agent as shown."""
        decided = self.decided(extension)
        state = shown_state(decided, self._board().agents.get(extension))
        offers = self._offers.of(extension)
        if state is ShownState.TALKING and offers and all(one.state is OfferState.RINGING for one in offers):
            state = ShownState.RINGING  # the switch says "in use" of a phone whose page has not said yet that it rings
        is_at_phone = state in {ShownState.RINGING, ShownState.TALKING}
        if is_at_phone and all(one.state is not OfferState.ANSWERED for one in offers):
            if any(one.state is OfferState.CALLING for one in offers):
                state = ShownState.CALLING
            elif any(one.is_ours for one in offers):
                state = ShownState.DIALLING
        is_shown = not is_at_phone and decided.stand is not Stand.PHONE_ONLY
        known, since = self._shown.get(extension, (None, self._clock.now()))
        if known is not state:
            since = self._clock.now() if known else self._began
            self._shown[extension] = (state, since)
        call_id = self._offers.talk_of(extension) if state is ShownState.TALKING else ""
        if is_at_phone and offers:
            wanted = _OFFERED[state]
            offer = next((one for one in offers if one.state is wanted), offers[0])
            since, call_id = offer.answered or offer.began, call_id or offer.call_id
        return AgentNow(
            extension=extension,
            state=state,
            reason=decided.reason if is_shown else "",
            since=decided.since if is_shown else since,
            until=decided.until if is_shown else None,
            call_id=decided.call_id if is_shown else call_id,
            then=decided.then if decided.stand is Stand.WRAP_UP else decided.reason if is_at_phone else "",
            by=decided.by if decided.stand is not Stand.PHONE_ONLY else "",
        )

    def all_now(self) -> tuple[AgentNow, ...]:
        """Return every agent as shown: those of the settings, and whoever else the switch has in a queue."""
        return tuple(self.now(extension) for extension in sorted({*self.agents, *self._board().agents}))

    def talk_of(self, extension: str) -> str:
        """Return the call in which this phone talks now, or ""."""
        return self._offers.talk_of(extension)

    def is_at_phone(self, extension: str) -> bool:
        """Whether the phone rings or talks; so where the switch cannot be heard, too: nobody is taken to be free."""
        return not self._board().is_current or bool(self._offers.of(extension)) or bool(self.talk_of(extension))

    async def load(self) -> None:
        """Take the rows for the truth."""
        async with self._lock, self._database.read() as session:
            self._decided, self.wishes = await decided_now(session), await open_wishes(session)

    # What agents and supervisors do. Each raises AgentUnknown.

    async def sign_in(self, extension: str, *, by: str) -> None:
        """Somebody signed in for this phone: not ready until they say so. Nothing for a phone that is no agent's."""
        if extension in self.agents:
            self._without_page[extension] = self._clock.now()
            await self._do(extension, Did(step=Step.SIGN_IN, at=self._clock.now(), by=by))

    async def sign_out(self, extension: str, *, by: str, reason: str = "", is_own: bool = True) -> None:
        """The agent is gone: out of every queue's turn. Nothing for a phone that is no agent's."""
        if extension in self.agents:
            did = Did(step=Step.SIGN_OUT, at=self._clock.now(), by=by, reason=reason)
            await self._do(extension, did, is_audited=not is_own)

    async def ready(self, extension: str, *, by: str, is_own: bool = True) -> AgentNow:
        """Let the queues ring this agent; who is not signed in has the phone alone, where a supervisor says so."""
        step = Step.READY if is_own else Step.WAKE
        self._rang_out.pop(extension, None)
        return await self._do(extension, Did(step=step, at=self._clock.now(), by=by), is_audited=not is_own)

    async def pause(self, extension: str, reason: str, *, by: str, is_own: bool = True) -> AgentNow:
        """Let no queue ring this agent, for one of the setting's reasons. Raises PauseReasonUnknown."""
        if reason not in self.settings.pause_reasons:
            raise PauseReasonUnknown(f"a reason is one of {', '.join(self.settings.pause_reasons)}")
        did = Did(step=Step.PAUSE, at=self._clock.now(), by=by, reason=reason)
        return await self._do(extension, did, is_audited=not is_own)

    async def wrap_up_done(self, extension: str, *, by: str) -> AgentNow:
        """End the wrap-up before its time; where it is over already, nothing."""
        return await self._do(extension, Did(step=Step.WRAP_UP_OVER, at=self._clock.now(), by=by))

    async def more_time(self, extension: str) -> AgentNow:
        """Let the wrap-up take longer. Raises AgentStepRefused."""
        self._check(extension)
        async with self._lock:
            async with self._database.begin() as session:
                new = with_more_time(
                    await decided_of(session, extension),
                    more=timedelta(seconds=self.settings.wrap_up_more),
                    most=timedelta(seconds=self.settings.wrap_up_most),
                )
                await keep_until(session, extension, new.until)
            self._decided[extension] = new
        self._bus.publish(Change(Subject.AGENT, extension))
        return self.now(extension)

    async def want_help(self, extension: str, *, by: str) -> HelpWish:
        """Call the supervisors, without a sound, into the talk of now. Raises NotInThisCall."""
        self._check(extension)
        call_id = self.talk_of(extension)
        if not call_id:
            raise NotInThisCall("help is asked for in a talk")
        async with self._lock:
            async with self._database.begin() as session:
                is_new = await ask_for_help(session, extension=extension, call_id=call_id, by=by, at=self._clock.now())
                wishes = await open_wishes(session)
            self.wishes = wishes
        if is_new:
            log.info("an agent asks for help", extension=extension, linkedid=call_id)
            self._bus.publish(Change(Subject.AGENT, extension))
        wish = next((wish for wish in wishes if wish.extension == extension), None)
        if wish is None:
            raise NotInThisCall("the talk is over")
        return wish

    async def help_comes(self, wish: int, *, by: str, name: str) -> HelpWish | None:
        """Say who comes; None where no such wish is open."""
        async with self._lock:
            async with self._database.begin() as session:
                taken = await take_help(session, wish, by=by, name=name, at=self._clock.now())
                wishes = await open_wishes(session)
            self.wishes = wishes
        self._bus.publish(Change(Subject.AGENT, taken.extension if taken else ""))
        return taken

    # What phones and time do.

    async def happened(self, event: AtPhone) -> None:
        """Make of what happened at a phone what it means: a wrap-up, a pause, an end of a wish."""
        if event.extension not in self.agents:
            return
        match event:
            case TalkOver():
                await self.talk_over(event.extension, event.call_id, event.at)
            case PhoneLifted() | OfferRefused():  # somebody sits there
                self._rang_out.pop(event.extension, None)
                self._bus.publish(Change(Subject.AGENT, event.extension))
            case RangOut():
                count = self._rang_out[event.extension] = self._rang_out.get(event.extension, 0) + 1
                if 0 < self.settings.no_answers <= count:
                    await self._do(event.extension, Did(step=Step.RANG_OUT, at=event.at))

    def spare_wrap_up(self, extension: str, call_id: str) -> None:
        """Let this phone be free as soon as this talk is over: there was nobody in it."""
        self._spared[extension] = call_id

    async def talk_over(self, extension: str, call_id: str, ended: datetime) -> None:
        """Begin the wrap-up of a talk that ended then."""
        self._rang_out.pop(extension, None)
        if self._spared.get(extension) == call_id:
            self._bus.publish(Change(Subject.AGENT, extension))
            return
        if limit := self.settings.wrap_up_for:
            until = ended + timedelta(seconds=limit)
            did = Did(step=Step.TALK_OVER, at=max(ended, self._since(extension)), call_id=call_id, until=until)
            await self._do(extension, did)

    async def end_what_is_over(self) -> None:
        """End wrap-ups whose time is up and wishes of talks that are over; sign out who has had no page for long."""
        now = self._clock.now()
        for extension, decided in list(self._decided.items()):
            if decided.stand is Stand.WRAP_UP and decided.until is not None and decided.until <= now:
                await self._do(extension, Did(step=Step.WRAP_UP_OVER, at=decided.until))
            elif decided.is_signed_in and self._is_without_page(extension, now) and not self.is_at_phone(extension):
                await self.sign_out(extension, by="", reason=PAGE_GONE)
        over = [wish.extension for wish in self.wishes if not self.is_at_phone(wish.extension)]
        if over:
            async with self._lock:
                async with self._database.begin() as session:
                    await end_help(session, over, now)
                    wishes = await open_wishes(session)
                self.wishes = wishes
            self._bus.publish(Change(Subject.AGENT, over[0]))

    @contextmanager
    def present(self, extension: str) -> Iterator[None]:
        """A page of this phone's owner is open until the block ends."""
        self._pages[extension] = self._pages.get(extension, 0) + 1
        try:
            yield
        finally:
            self._pages[extension] -= 1
            self._without_page[extension] = self._clock.now()

    def _is_without_page(self, extension: str, now: datetime) -> bool:
        left = self._without_page.get(extension, self._began)
        return not self._pages.get(extension) and now - left > timedelta(seconds=self.settings.page_gone_after)

    def _since(self, extension: str) -> datetime:
        return self.decided(extension).since or self._began

    def _check(self, extension: str) -> None:
        if extension not in self.agents:
            raise AgentUnknown(f"{extension or 'who asks'} is no agent's extension")

    async def _do(self, extension: str, did: Did, *, is_audited: bool = False) -> AgentNow:
        self._check(extension)
        async with self._lock:
            async with self._database.begin() as session:
                old = await decided_of(session, extension)
                new = advance(old, did)
                if new is not None:
                    await keep_decided(session, extension, new, did.at)
                    if is_audited:  # a supervisor decided so
                        await record(session, _audited(extension, old, new, did))
            self._decided[extension] = new or old
        if new is not None:
            log.info("agent", extension=extension, before=old.stand.value, after=new.stand.value, step=did.step.value)
            self._bus.publish(Change(Subject.AGENT, extension))
            self.to_ask.add(extension)
            self.asked_for.set()
        return self.now(extension)


def _audited(extension: str, old: Decided, new: Decided, did: Did) -> Audited:
    was, now = ({"stand": one.stand.value, "reason": one.reason} for one in (old, new))
    return Audited(by=did.by, room="agents", act=did.step.value, subject=extension, at=did.at, before=was, after=now)
