"""Watch: look at the facts every second, raise and end alerts, tell the pages.

Commit, then publish, then ring the bell of what sends messages out (`delivering`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from hotline.alerts.alert import Alert
from hotline.alerts.engine import Key, Since, step
from hotline.alerts.rules import Facts, Limits, judge
from hotline.alerts.store import (
    end_alert,
    raise_alert,
    standing_alerts,
    write_deliveries,
)
from hotline.bus import Bus, Change, Subject
from hotline.clock import Clock
from hotline.database import Database

log = structlog.get_logger()
LOOK_EVERY: Final = 1.0
RAISED: Final = "raised"
ENDED: Final = "ended"
Look = Callable[[], Awaitable[Facts]]


class Alerts:
    """The alerts by rule. `look` says what is known now; `ways` are the ways out that are set up."""

    def __init__(
        self,
        *,
        database: Database,
        bus: Bus,
        clock: Clock,
        limits: Limits,
        look: Look,
        ways: tuple[str, ...] = (),
        when_written: Callable[[], None] = lambda: None,
    ) -> None:
        self._database, self._bus, self._clock = database, bus, clock
        self._limits, self._look, self._ways, self._when_written = limits, look, ways, when_written
        self._standing: set[Key] | None = None  # None: not read from SQL yet
        self._since: Mapping[Key, Since] = {}

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, OSError) as wrong:
                self._standing = None  # what was written is not known
                log.warning("alerts could not be judged", reason=type(wrong).__name__)
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Look once, and write what follows."""
        if self._standing is None:
            self._standing = {(alert.rule, alert.subject) for alert in await self.standing()}
        judgement, now = judge(await self._look(), self._limits), self._clock.now()
        steps = step(judgement, standing=self._standing, since=self._since, now=now)
        written: list[Alert] = []
        if steps.raised or steps.ended:
            async with self._database.begin() as session:
                for one in steps.raised:
                    alert = await raise_alert(session, one.rule, one.subject, one.value, now)
                    if alert is not None:
                        await write_deliveries(session, alert, RAISED, self._ways, now)
                        written.append(alert)
                for rule, subject in steps.ended:
                    alert = await end_alert(session, rule, subject, now)
                    if alert is not None:
                        await write_deliveries(session, alert, ENDED, self._ways, now)
                        written.append(alert)
            self._standing |= {(one.rule, one.subject) for one in steps.raised}
            self._standing -= set(steps.ended)
        self._since = steps.since
        for alert in written:
            log.info("alert by rule", rule=alert.rule.value, state=alert.state.value, alert=alert.id)
            self._bus.publish(Change(Subject.ALERT, str(alert.id)))
        if written:
            self._when_written()

    async def standing(self) -> list[Alert]:
        """Return the alerts that stand, oldest first."""
        async with self._database.read() as session:
            return await standing_alerts(session)
