"""Call a duty telephone about an alert: one number after the other, until somebody presses 1 to take note.

Each turn is claimed in SQL before the switch is asked, and never rung again, whoever dies meanwhile. One call at a
time. An alert that has ended, or that somebody took note of, is not rung for; a call that rings for it then is ended.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.alerts.alert import Alert, AlertError, AlertState, AlertStepRefused
from hotline.alerts.duty_chain import GiveUp, Turn, is_over, next_turn
from hotline.alerts.message import text_of
from hotline.alerts.ring_store import (
    alerts_to_ring,
    claim_ring,
    end_ring,
    living_rings,
    ring_of_channel,
    rings_of,
)
from hotline.alerts.store import acknowledge_alert, alert_by_id
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.settings import AlertsSettings

log = structlog.get_logger()

PREFIX: Final = "alert-"  # of the channel's unique id, as the switch's own ids are made
LOOK_EVERY: Final = 3.0
NOT_OLDER: Final = timedelta(hours=1)  # what stands longer than that was rung for, or is rung for by nobody any more
SOUND_WITHIN: Final = 30.0  # seconds for a text that was never spoken
ASK_WITHIN: Final = 8.0
SAID_AGAIN_AFTER: Final = 300.0  # seconds between two words in the log on what is missing
BY: Final = "duty-phone"
NAME: Final = "值班电话"


class DutyLine(Protocol):
    """The switch, as far as calls to duty telephones need it. Each raises HotlineError."""

    async def ring(self, channel: str, number: str, sounds: tuple[str, str], ring_for: timedelta) -> None:
        """Ask once for a call that plays the first sound and, once note is taken, the second."""
        ...

    async def living(self) -> frozenset[str]:
        """Return the channels of such calls that live now."""
        ...

    async def hang_up(self, channel: str) -> None:
        """End one, if it lives."""
        ...


class AlertUnspoken(AlertError):
    """An alert cannot be said by telephone: there is no recording of it and no voice. Says what to do."""

    error_id = "alert-unspoken"


class DutyPhone:
    """Rings the numbers of `alerts.duty_numbers`. `speak` returns the sounds of an alert, or raises HotlineError."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        line: DutyLine,
        speak: Callable[[Alert, str], Awaitable[tuple[str, str]]],
        settings: AlertsSettings,
        is_up: Callable[[], bool],
    ) -> None:
        self._database, self._bus, self._clock, self._line = database, bus, clock, line
        self._speak, self._settings, self._is_up = speak, settings, is_up
        self._said: dict[str, float] = {}

    async def run(self) -> None:
        """Look until cancelled; nothing where no number is set."""
        while self._settings.duty_numbers:
            try:
                await self.look()
            except (SQLAlchemyError, OSError, HotlineError, TimeoutError) as wrong:
                self._say("the duty telephone could not be seen to", str(type(wrong).__name__))
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> bool:
        """See what is to be done now; return whether a telephone was asked to be rung. Raises HotlineError."""
        if not self._settings.duty_numbers or not self._is_up():
            return False
        if await self._one_lives():
            return False
        now = self._clock.now()
        async with self._database.read() as session:
            waiting = [
                (alert, await rings_of(session, alert.id))
                for alert in await alerts_to_ring(session, self._settings.duty_rules, now - NOT_OLDER)
            ]
        numbers, rounds = len(self._settings.duty_numbers), self._settings.duty_rounds
        for alert, rings in waiting:
            what = next_turn(rings, numbers=numbers, rounds=rounds, now=now)
            if isinstance(what, GiveUp):
                self._say("nobody took note of an alert by telephone", str(alert.id))
            if isinstance(what, Turn) and await self._ring(alert, what):
                return True
        return False

    async def noted(self, channel: str) -> bool:
        """Take note for whoever pressed 1 in this call; return whether it is written down, by them or by somebody."""
        now = self._clock.now()
        async with self._database.begin() as session:
            ring = await ring_of_channel(session, channel)
            if ring is None:
                return False
            try:
                alert = await acknowledge_alert(session, ring.alert_id, by=BY, name=NAME, at=now)
            except AlertStepRefused:
                return True  # somebody was quicker, or it is over: the telephone need not ring again either way
            ring.took_note = True
        log.info("an alert was noted by telephone", alert=alert.id, turn=ring.turn)
        self._bus.publish(Change(Subject.ALERT, str(alert.id)))
        return True

    async def _one_lives(self) -> bool:
        """Write which calls are over; end one whose alert needs nobody any more; return whether one goes on."""
        async with self._database.read() as session:
            rings = await living_rings(session)
            alerts = {ring.alert: await alert_by_id(session, ring.alert) for ring in rings}
        if not rings:
            return False
        living, now = await self._line.living(), self._clock.now()
        goes_on = False
        for ring in rings:
            if is_over(ring, living, now):
                async with self._database.begin() as session:
                    await end_ring(session, ring.channel, at=now)
                continue
            goes_on = True
            if alerts[ring.alert].state is AlertState.ENDED and ring.channel in living:
                await self._line.hang_up(ring.channel)
        return goes_on

    async def _ring(self, alert: Alert, turn: Turn) -> bool:
        try:
            async with asyncio.timeout(SOUND_WITHIN):
                sounds = await self._speak(alert, text_of(alert))
        except (HotlineError, TimeoutError) as missing:
            self._say("an alert cannot be said by telephone", str(missing) or type(missing).__name__)
            return False
        now = self._clock.now()
        channel = f"{PREFIX}{int(now.timestamp())}.{alert.id * 100 + turn.turn}"
        async with self._database.begin() as session:
            claimed = await claim_ring(session, alert.id, turn=turn.turn, place=turn.place, channel=channel, at=now)
        if claimed is None:  # ended, or noted, while its sound was made
            return False
        log.warning("a duty telephone is rung about an alert", alert=alert.id, turn=turn.turn, place=turn.place)
        try:
            async with asyncio.timeout(ASK_WITHIN):
                ring_for = timedelta(seconds=self._settings.duty_ring_for)
                await self._line.ring(channel, self._settings.duty_numbers[turn.place], sounds, ring_for)
        except (HotlineError, TimeoutError) as wrong:  # perhaps it rings: the next turn comes all the same, in its time
            log.warning("a call about an alert is unconfirmed", alert=alert.id, reason=type(wrong).__name__)
        return True

    def _say(self, what: str, reason: str) -> None:
        """Say in the log what is wrong, now and then."""
        now, key = self._clock.monotonic(), f"{what} {reason}"
        if now - self._said.get(key, -SAID_AGAIN_AFTER) >= SAID_AGAIN_AFTER:
            self._said[key] = now
            log.error(what, reason=reason)
