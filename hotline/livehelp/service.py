"""Help agents in their talks: write it down, commit, ask the switch once; what came of it the switch shows.

While anybody is at an agent's side the switch's list of channels is looked at once a second: it tells who lifted, who
pressed a key on their telephone, and that it is over, also after a crash of ours or a broken link.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.change import Change as Audited
from hotline.audit.store import record
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.desk.outside import OwnPhoneMissing
from hotline.errors import HotlineError
from hotline.livehelp.help import (
    STATE_OF,
    AgentNotTalking,
    Help,
    HelpLiving,
    HelpNotMade,
    HelpState,
    HelpStepRefused,
    HelpUnknown,
    Mode,
    ResidentWouldNotHear,
    may_turn,
    seen,
)
from hotline.livehelp.store import claim_help, help_by_id, help_of_key, keep_state, living_helps

log = structlog.get_logger()

ROOM: Final = "live-help"  # in the audit
LOOK_EVERY: Final = 1.0  # seconds, while there is anything to look at
IDLE_LOOK: Final = 30.0
SENT_WITHIN: Final = 5.0  # seconds from before the claim
NEW_FOR: Final = 10.0  # seconds in which the switch may not have made the channel yet
ASK_WITHIN: Final = 8.0
LEFT_WITH_PAGE: Final = frozenset({Mode.LISTEN, Mode.WHISPER, Mode.BARGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """An agent's talk at the switch: their channel by id and name, the call, the resident's channel ("": none).

    `hears`: whether the resident would hear who steps in; not while on hold, nor while the agent asks a colleague.
    """

    agent_id: str
    agent_channel: str
    call: str
    resident: str
    hears: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpErrand:
    """What the switch is asked: ring this telephone of ours, and lead it to the agent's side."""

    channel: str
    extension: str
    agent: str
    call_id: str
    mode: Mode
    talk: Talk
    rings_for: timedelta


class HelpLine(Protocol):
    """The switch, as far as live help needs it. Everything raises HotlineError where the switch could not be asked."""

    async def has_phone(self, extension: str) -> bool:
        """Return whether this telephone is signed in at the switch."""
        ...

    async def talk_of(self, extension: str) -> Talk | None:
        """Return this telephone's talk of now."""
        ...

    async def begin(self, errand: HelpErrand, is_too_late: Callable[[], bool]) -> None:
        """Ring once, unless it `is_too_late`. Raises HelpNotMade where surely nobody is rung."""
        ...

    async def turn(self, channel: str, mode: Mode, talk: Talk) -> None:
        """Lead a supervisor's channel on to another mode, in the talk as it is now."""
        ...

    async def end(self, channel: str) -> None:
        """End a supervisor's channel."""
        ...

    async def living(self) -> dict[str, Mode | None]:
        """Return supervisors' channels with what they do; None: it rings, or is on its way."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpWanted:
    """Who wants to be at whose side, how, and by which of their own telephones. The same `key` is the same help."""

    key: str
    by: str
    extension: str
    agent: str
    mode: Mode


class LiveHelp:
    """Supervisors at agents' sides. `has_phone`: whether a telephone is signed in; `talks`: whether it is in a talk."""

    def __init__(
        self,
        *,
        line: HelpLine,
        database: Database,
        bus: Bus,
        clock: Clock,
        rings_for: timedelta,
        call_of: Callable[[str], str],
        has_phone: Callable[[str], bool],
        shows_agent: bool = True,
    ) -> None:
        self._line, self._database, self._bus, self._clock = line, database, bus, clock
        self._rings_for, self._call_of, self._has_phone = rings_for, call_of, has_phone
        self.shows_agent = shows_agent
        self._lock = asyncio.Lock()
        self._bell = asyncio.Event()
        self._claimed: dict[int, float] = {}  # when we claimed it: its channel may not be there yet

    async def begin(self, wanted: HelpWanted) -> Help:
        """Ring the supervisor's telephone for an agent's talk; asked again with the same key it is the same help.

        Raises OwnPhoneMissing, HelpLiving, AgentNotTalking, HelpNotMade.
        """
        claims = self._clock.monotonic()
        if (known := await self._known(wanted)) is not None:
            return known
        if not wanted.extension or not self._has_phone(wanted.extension):
            raise OwnPhoneMissing("your telephone is not signed in: there is nothing to ring")
        if self._call_of(wanted.extension) or wanted.extension == wanted.agent:
            raise HelpLiving("your telephone is in a talk")
        if not await self._is_signed_in(wanted.extension):  # the board knows agents only
            raise OwnPhoneMissing("your telephone is not signed in: there is nothing to ring")
        talk = await self._talk(wanted.agent, wanted.mode)
        async with self._database.begin() as session:
            call = self._call_of(wanted.agent) or talk.call
            one, is_new = await claim_help(
                session,
                key=wanted.key,
                by=wanted.by,
                extension=wanted.extension,
                agent=wanted.agent,
                call_id=call,
                mode=wanted.mode,
                at=self._clock.now(),
            )
            if is_new:
                self._claimed[one.id] = claims
                after = {"help": one.state, "mode": one.mode, "extension": one.extension}
                await self._audit(session, one, f"asked-to-{wanted.mode}", before=None, after=after)
        if not is_new:
            return one
        self._told(one)
        errand = HelpErrand(
            channel=one.channel,
            extension=one.extension,
            agent=one.agent,
            call_id=one.call_id,
            mode=one.mode,
            talk=talk,
            rings_for=self._rings_for,
        )
        try:
            async with asyncio.timeout(ASK_WITHIN):
                await self._line.begin(errand, lambda: self._clock.monotonic() - claims > SENT_WITHIN)
        except HelpNotMade:
            await self._keep(one, HelpState.FAILED, None)
            raise
        except (HotlineError, TimeoutError) as wrong:  # nobody can tell: the next looks do
            log.warning("live help is unconfirmed", channel=one.channel, reason=type(wrong).__name__)
        return one

    async def turn(self, help_id: int, mode: Mode, *, by: str) -> Help:
        """Do something else at the same agent's side. Pressed twice it is done once.

        Raises HelpUnknown, HelpStepRefused, AgentNotTalking, ResidentWouldNotHear, HelpNotMade.
        """
        async with self._lock:
            one = await self._own(help_id, by)
            if not may_turn(one, mode):
                return one
            talk = await self._talk(one.agent, mode)
            async with self._database.begin() as session:
                before, after = {"mode": one.mode}, {"mode": mode}
                await self._audit(session, one, f"asked-to-{mode}", before=before, after=after)
            await self._asked(self._line.turn(one.channel, mode, talk))
            if mode is not Mode.TAKE:  # that is seen at the switch, once the resident is there
                await self._keep(one, STATE_OF[mode], mode)
        self._bell.set()
        return await self._own(help_id, by)

    async def end(self, help_id: int, *, by: str) -> Help:
        """Leave the agent's side; nothing where it is over. A call that was taken over is ended by its telephone.

        Raises HelpUnknown, HelpStepRefused.
        """
        one = await self._own(help_id, by)
        if not one.is_living:
            return one
        if one.state is HelpState.TAKEN:
            raise HelpStepRefused("you have taken this call over: hang up your telephone")
        with suppress(HotlineError):  # gone already, or seen to be later
            await self._line.end(one.channel)
        self._bell.set()
        return one

    async def leave(self, extension: str) -> None:
        """The page that was this telephone is gone: leave the agent's side now, not when its silence is noticed.

        A caller whom it took over, or who is being taken over, is not cut off: the switch alone says what it does.
        """
        ours = [one for one in await self.all_living() if one.extension == extension]
        with suppress(HotlineError, TimeoutError):  # its silence will be noticed
            async with asyncio.timeout(ASK_WITHIN):
                living = await self._line.living() if ours else {}
                for one in ours:
                    if living.get(one.channel) in LEFT_WITH_PAGE:
                        self._claimed.pop(one.id, None)
                        await self._line.end(one.channel)
        self._bell.set()

    async def all_living(self) -> tuple[Help, ...]:
        """Return all that go on."""
        async with self._database.read() as session:
            return await living_helps(session)

    async def run(self) -> None:
        """Keep what is written as the switch shows it, until cancelled."""
        while True:
            rest = IDLE_LOOK
            try:
                rest = LOOK_EVERY if await self.look() else IDLE_LOOK
            except (HotlineError, SQLAlchemyError, OSError) as wrong:  # TimeoutError is an OSError
                log.warning("live help could not be looked after", reason=type(wrong).__name__)
                rest = LOOK_EVERY
            self._bell.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._bell.wait()

    async def look(self) -> int:
        """Look once; return how many go on. Nothing is ended while the switch cannot be asked."""
        before = await self.all_living()
        if not before:
            return 0
        async with asyncio.timeout(ASK_WITHIN):
            living = await self._line.living()
        for one in before:
            if one.channel in living:
                self._claimed.pop(one.id, None)
                mode = living[one.channel]
                if mode is not None:
                    await self._keep(one, seen(one.state, mode), mode)
            elif not self._is_new(one):
                await self._keep(one, seen(one.state, None), None)
        return len(await self.all_living())

    def _is_new(self, one: Help) -> bool:
        claimed = self._claimed.get(one.id)
        return claimed is not None and self._clock.monotonic() - claimed < NEW_FOR

    async def _known(self, wanted: HelpWanted) -> Help | None:
        async with self._database.read() as session:
            return await help_of_key(session, wanted.by, wanted.key)

    async def _own(self, help_id: int, by: str) -> Help:
        async with self._database.read() as session:
            one = await help_by_id(session, help_id)
        if one is None or one.by != by:
            raise HelpUnknown("there is no such help of yours")
        return one

    async def _is_signed_in(self, extension: str) -> bool:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                return await self._line.has_phone(extension)
        except (HotlineError, TimeoutError) as wrong:
            raise HelpNotMade("the switch could not be asked") from wrong

    async def _talk(self, agent: str, mode: Mode) -> Talk:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                talk = await self._line.talk_of(agent)
        except (HotlineError, TimeoutError) as wrong:
            raise HelpNotMade("the switch could not be asked") from wrong
        if talk is None:
            raise AgentNotTalking("this agent is in no talk now")
        if mode in {Mode.BARGE, Mode.TAKE} and not talk.resident:
            raise AgentNotTalking("there is no resident in this talk who could be spoken with")
        if mode is Mode.BARGE and not talk.hears:
            raise ResidentWouldNotHear("the resident would not hear you now: wait, or take over")
        return talk

    async def _asked(self, act: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(ASK_WITHIN):
                await act
        except HelpNotMade:
            raise
        except (HotlineError, TimeoutError) as wrong:
            raise HelpNotMade("the switch could not be asked") from wrong

    async def _keep(self, one: Help, state: HelpState, mode: Mode | None) -> None:
        if state is one.state:
            return
        async with self._database.begin() as session:
            is_new = await keep_state(session, one.id, state, mode, self._clock.now())
            if is_new:
                before, after = {"help": one.state, "mode": one.mode}, {"help": state, "mode": mode or one.mode}
                await self._audit(session, one, state.value, before=before, after=after)
        if is_new:
            log.info("live help", extension=one.extension, agent=one.agent, state=state.value, linkedid=one.call_id)
            self._told(one)

    async def _audit(
        self,
        session: AsyncSession,
        one: Help,
        act: str,
        *,
        before: Mapping[str, str] | None,
        after: Mapping[str, str],
    ) -> None:
        subject, at = f"{one.agent} {one.call_id}", self._clock.now()
        change = Audited(by=one.by, room=ROOM, act=act, subject=subject, at=at, before=before, after=after)
        await record(session, change)

    def _told(self, one: Help) -> None:
        self._bell.set()
        self._bus.publish(Change(Subject.LIVE_HELP, one.agent))
