"""Follow each call into the incidents of its building, and let supervisors say what is so.

`follow` runs inside the ledger's transaction, any number of times for one call. Whoever registers is owed a word when
the incident is over: `when_over` makes that due in the transaction that closes it, so that nobody is forgotten between.
It must follow calls after the room that writes down what is owed: a registration may be read after the end.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.bus import Bus, Change, Subject
from hotline.calls.ledger import CallRecord
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.incidents.incident import (
    SPOKEN_LANGUAGE,
    Act,
    BuildingUnknown,
    Incident,
    IncidentOpen,
    IncidentState,
    Notice,
    Step,
    advance,
    incident_id,
)
from hotline.incidents.rules import Place, counts, place_of, surge_since
from hotline.incidents.store import (
    add_step,
    find_incident,
    gather_calls,
    has_building,
    incident_at,
    keep_call,
    kept_call,
    last_closed_at,
    lock_incident,
    loose_calls,
    move_call,
    open_incident,
    raise_incident,
    registered_calls,
    save_incident,
)
from hotline.phone import PhoneNumber
from hotline.residents.choice_store import choices_of, narrowed
from hotline.residents.store import known_caller
from hotline.settings import IncidentSettings

log = structlog.get_logger()


class Spoken(Protocol):
    """A sound that Asterisk can play, by its name."""

    @property
    def name(self) -> str: ...


SpeakText = Callable[[str, Literal["zh"]], Awaitable[Spoken]]  # voice's FreeTexts.sound_of; raises HotlineError
FindSound = Callable[[str], object]  # voice's Shelf.sound; raises HotlineError where there is no such recording
WhenOver = Callable[[AsyncSession, str], Awaitable[object]]  # the incident, as calls name it (followups.incident_over)

BY_RULE: Final = "rule"
SPEAK_WITHIN: Final = 20.0  # seconds; the supervisor waits for it, and the page's request ends at thirty
TOO_SLOW: Final = "voice-too-slow"
NO_VOICE: Final = "no-voice"


async def _nobody_is_owed(_session: AsyncSession, _incident: str) -> None:
    """Do nothing: where no follow-ups are kept."""


class Incidents:
    """The incidents of one centre.

    Without `speak_text` every typed notice is said as the fixed sentence; without `find_sound` any recording is
    believed to be there.
    """

    def __init__(
        self,
        *,
        settings: IncidentSettings,
        database: Database,
        bus: Bus,
        clock: Clock,
        area_code: str = "",
        speak_text: SpeakText | None = None,
        find_sound: FindSound | None = None,
        when_over: WhenOver = _nobody_is_owed,
    ) -> None:
        self._settings = settings
        self._within = timedelta(minutes=settings.minutes)
        self._database = database
        self._bus = bus
        self._clock = clock
        self._area_code = area_code
        self._speak_text = speak_text
        self._find_sound = find_sound
        self._when_over = when_over

    async def follow(self, session: AsyncSession, call: CallRecord) -> None:
        """Put a call where it belongs: into the incident its caller heard of, into its building's, or none."""
        number = incident_id(call.incident)
        if call.direction != "inbound" or call.ring_start is None or (number is None and not counts(call)):
            return
        kept = await kept_call(session, call.id)
        told = None if number is None else await find_incident(session, number)
        chosen = await self._chosen_place(session, call)
        if told is not None and chosen is not None and chosen.building != told.building and not call.joined_incident:
            told = None  # they heard of it, and call about another house
        if kept is None and told is None and not counts(call):
            return
        place = chosen or (kept.place if kept else await self._place(session, call))
        if told is not None:
            is_news = call.joined_incident and not (kept and kept.is_registered)
            place = replace(place, building=told.building) if place else Place(building=told.building, home="")
            if kept is not None and chosen is not None:
                await move_call(session, call.id, place)
            await self._keep_told(session, call, call.ring_start, place, told, is_news=is_news)
        elif place is not None and (kept is None or kept.incident_id is None or kept.place != place):
            if kept is not None:
                await move_call(session, call.id, place)
                if kept.incident_id is not None and kept.place.building == place.building:
                    return  # another home of the same house
            await keep_call(session, call.id, place=place, at=call.ring_start)
            await self._take_up(session, call.id, call.ring_start, place)

    async def present(self, building: int) -> Incident | None:
        """Return what callers of this building are to be told of now: its confirmed incident, or None."""
        async with self._database.read() as session:
            found = await open_incident(session, building)
        return found if found is not None and found.state is IncidentState.CONFIRMED else None

    async def raise_by_hand(self, building: int, *, who: str, text: str = "", recording: str = "") -> Incident:
        """Raise a confirmed incident; the building's callers of the last minutes are in its list.

        Raises BuildingUnknown where no home of it is known, IncidentOpen where it has an open one, and what
        `find_sound` raises.
        """
        notice, now = await self._notice(text, recording), self._clock.now()
        async with self._database.begin() as session:
            if not await has_building(session, building):
                raise BuildingUnknown("no home of this building is known")
            incident = await raise_incident(
                session,
                building=building,
                state=IncidentState.CONFIRMED,
                since=await self._not_before_the_last(session, building, now - self._within),
                by=who,
                at=now,
                notice=notice,
            )
            if incident is None:
                raise IncidentOpen("this building has an open incident already")
            await gather_calls(session, incident)
        return self._told(incident)

    async def confirm(self, number: int, *, who: str, text: str = "", recording: str = "") -> Incident:
        """Say that it is so: from now on the building's callers hear of it; with a notice, or the one it has.

        Raises IncidentUnknown, IncidentStepRefused, and what `find_sound` raises.
        """
        notice = await self._notice(text, recording) if text or recording else None
        return await self._act(number, Act.CONFIRM, who=who, words=text or recording, notice=notice)

    async def set_notice(self, number: int, *, who: str, text: str = "", recording: str = "") -> Incident:
        """Change what callers hear; without text and recording it is the fixed sentence. Raises as `confirm`."""
        notice = await self._notice(text, recording)
        return await self._act(number, Act.NOTICE, who=who, words=text or recording, notice=notice)

    async def dismiss(self, number: int, *, who: str, reason: str) -> Incident:
        """Say that the calls had nothing to do with each other. Raises as `confirm`."""
        return await self._act(number, Act.DISMISS, who=who, words=reason)

    async def end(self, number: int, *, who: str, what_was_done: str) -> tuple[Incident, list[str]]:
        """Say that it is over; return it with the calls whose callers are now to be told. Raises as `confirm`."""
        owed: list[str] = []

        async def tell_everyone(session: AsyncSession) -> None:
            owed.extend(await registered_calls(session, number))
            await self._when_over(session, str(number))

        incident = await self._act(number, Act.END, who=who, words=what_was_done, also=tell_everyone)
        if owed:
            self._bus.publish(Change(Subject.FOLLOW_UP))
        return incident, owed

    async def _chosen_place(self, session: AsyncSession, call: CallRecord) -> Place | None:
        """Return the home that an agent chose for this call, or None where nobody chose."""
        choice = (await choices_of(session, [call.id])).get(call.id)
        number = PhoneNumber.parse(call.caller_number, area_code=self._area_code)
        return place_of(await narrowed(session, None, choice, number)) if choice is not None else None

    async def _place(self, session: AsyncSession, call: CallRecord) -> Place | None:
        number = PhoneNumber.parse(call.caller_number, area_code=self._area_code)
        return place_of(await known_caller(session, number))

    async def _keep_told(
        self,
        session: AsyncSession,
        call: CallRecord,
        at: datetime,
        place: Place,
        told: Incident,
        *,
        is_news: bool,
    ) -> None:
        if is_news:  # who closes it waits for us, or we for them: the registration is on their list or told here
            told = await lock_incident(session, told.id)
        await keep_call(
            session,
            call.id,
            place=place,
            at=at,
            incident_id=told.id,
            is_registered=call.joined_incident,
        )
        if is_news and told.state is IncidentState.OVER:
            await self._when_over(session, str(told.id))  # it ended while the caller pressed the key

    async def _take_up(self, session: AsyncSession, call_id: str, at: datetime, place: Place) -> None:
        """Put a kept call into the incident of its moment; else see whether it makes a new one."""
        incident = await incident_at(session, place.building, at)
        if incident is not None:
            await keep_call(session, call_id, place=place, at=at, incident_id=incident.id)
            return
        loose = await loose_calls(
            session,
            place.building,
            since=at - self._within,
            until=at + self._within,
            after=await last_closed_at(session, place.building),
        )
        since = surge_since(loose, homes=self._settings.calls, within=self._within)
        if since is None:
            # One that was raised while we looked has taken the others along.
            incident = await incident_at(session, place.building, at)
            if incident is not None:
                await keep_call(session, call_id, place=place, at=at, incident_id=incident.id)
            return
        now = self._clock.now()
        # Calls read long after they were made (an outage of ours) tell nobody anything by rule: a person looks first.
        is_fresh = now - max(placed.at for placed in loose) <= self._within
        is_certain = self._settings.confirmed_by == BY_RULE and is_fresh
        incident = await raise_incident(
            session,
            building=place.building,
            state=IncidentState.CONFIRMED if is_certain else IncidentState.SUSPECTED,
            since=await self._not_before_the_last(session, place.building, since),
            by=BY_RULE,
            at=now,
        )
        incident = incident or await open_incident(session, place.building)
        if incident is not None:
            await gather_calls(session, incident)
            log.info("incident raised or joined by rule", incident=incident.id, state=incident.state.value)

    async def _not_before_the_last(self, session: AsyncSession, building: int, since: datetime) -> datetime:
        last = await last_closed_at(session, building)
        return since if last is None else max(since, last + timedelta(microseconds=1))

    async def _act(
        self,
        number: int,
        act: Act,
        *,
        who: str,
        words: str,
        notice: Notice | None = None,
        also: Callable[[AsyncSession], Awaitable[None]] | None = None,
    ) -> Incident:
        now = self._clock.now()
        async with self._database.begin() as session:
            incident = advance(await lock_incident(session, number), act, now)
            if notice is not None:
                incident = replace(incident, notice=notice)
            await save_incident(session, incident)
            await add_step(session, number, Step(at=now, who=who, act=act, words=words))
            if also is not None:
                await also(session)
        return self._told(incident)

    def _told(self, incident: Incident) -> Incident:
        """Committed; now tell whoever looks."""
        self._bus.publish(Change(Subject.INCIDENT, str(incident.id)))
        return incident

    async def _notice(self, text: str, recording: str) -> Notice:
        """Make the notice ready to be played: no caller ever waits for a synthesiser."""
        if recording and self._find_sound is not None:
            self._find_sound(recording)
        if recording or not text:
            return Notice(text=text, recording=recording)
        if self._speak_text is None:
            return Notice(text=text, trouble=NO_VOICE)
        try:
            async with asyncio.timeout(SPEAK_WITHIN):
                return Notice(text=text, sound=(await self._speak_text(text, SPOKEN_LANGUAGE)).name)
        except TimeoutError:
            trouble = TOO_SLOW
        except HotlineError as wrong:
            trouble = wrong.error_id
        log.warning("a notice has no sound: callers hear the fixed sentence", reason=trouble)
        return Notice(text=text, trouble=trouble)
