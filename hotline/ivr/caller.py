"""Look a caller up by number, while the greeting is not yet said: soon, or not at all.

A look-up that takes too long or fails makes a caller nobody knows, never one who waits. What the menu needs of the
database before its first word is read here, in one session and one wait: the caller, and their building's incident.
"""

from dataclasses import replace

import structlog

from hotline.calls.talks_store import last_talk_with
from hotline.campaigns.rings_back_store import rung_lately_for
from hotline.clock import Clock
from hotline.database import Database
from hotline.incidents.incident import IncidentState
from hotline.incidents.store import open_incident
from hotline.ivr.answers import Answers
from hotline.ivr.facts import RETURNS_WITHIN, CallerFacts, LookedUp, caller_facts
from hotline.phone import PhoneNumber
from hotline.residents.store import known_caller

log = structlog.get_logger()


class CallerLookUp:
    """Says who calls, within `within` seconds. One object serves all callers."""

    def __init__(self, database: Database, clock: Clock, answers: Answers, *, area_code: str, within: float) -> None:
        self._database, self._clock, self._answers = database, clock, answers
        self._area_code, self._within = area_code, within

    async def look_up(self, number_text: str, *, rings_back: bool = False) -> CallerFacts:
        """Return what is known of a caller whose number the carrier wrote so. Never raises, never takes longer.

        `rings_back`: they dialled the number that we show when we call, so what we called for is looked up, too.
        """
        number = PhoneNumber.parse(number_text, area_code=self._area_code)
        if number is None or number.is_internal:
            return CallerFacts(result=LookedUp.UNKNOWN)
        began = self._clock.monotonic()
        try:
            reading = self._read(number, rings_back)
            return await self._answers.wait_for(reading, within=self._within, name="caller-look-up")
        except TimeoutError:
            log.warning("caller look-up late: led on as unknown", waited_s=round(self._clock.monotonic() - began, 3))
            return CallerFacts(result=LookedUp.LATE)
        except Exception as wrong:  # noqa: BLE001 -- the edge: whatever the database does, the caller is led on
            # The error's words may quote a row: its kind is enough.
            log.error("caller look-up failed: led on as unknown", error=type(wrong).__name__)
            return CallerFacts(result=LookedUp.FAILED)

    async def _read(self, number: PhoneNumber, rings_back: bool) -> CallerFacts:
        now = self._clock.now()
        async with self._database.read() as session:
            known = await known_caller(session, number)
            last_talk = await last_talk_with(session, number.written_forms, now - RETURNS_WITHIN)
            facts = caller_facts(known, last_talk, now)
            incident = None if facts.building is None else await open_incident(session, facts.building)
            rung_for = await rung_lately_for(session, number, now) if rings_back else None
        is_told = incident is not None and incident.state is IncidentState.CONFIRMED
        return replace(facts, incident=incident if is_told else None, rung_for=rung_for)
