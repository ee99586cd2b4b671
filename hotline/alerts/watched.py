"""Gather the facts that the rules judge: from the calls of today, the agents, the link, the disk and the backlog."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from hotline.agents.agent import NO_ANSWER, AgentNow, ShownState
from hotline.alerts.rules import Facts
from hotline.calls.cadence import THREE_RINGS, is_within_three_rings
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.today import CallsOfToday, Today
from hotline.clock import Clock

HALF_HOUR: Final = timedelta(minutes=30)
TURNED_AWAY_WITHIN: Final = timedelta(minutes=10)
BACKLOG_EVERY: Final = timedelta(seconds=30)
AWAY: Final = frozenset({ShownState.SIGNED_OUT, ShownState.NO_PHONE})


def longest_wait(today: Today, now: datetime) -> timedelta:
    """Return how long the resident waits for a person who waits longest; zero where nobody does."""
    began = [
        call.queued_at or call.ring_start
        for call in today.going_on
        if call.state is CallState.WAITING and call.direction == "inbound"
    ]
    return max((now - at for at in began if at is not None), default=timedelta(0))


def within_three_rings(calls: Iterable[CallRecord], now: datetime) -> tuple[int, int]:
    """Return how many of these calls were lifted within three rings, and how many could have been.

    As the figures count: who still rings, and has time, is not counted yet.
    """
    counted = [
        call
        for call in calls
        if call.direction == "inbound"
        and call.ring_start is not None
        and (call.switch_answer is not None or call.ended_at is not None or now - call.ring_start > THREE_RINGS)
    ]
    waits = [call.answer_wait for call in counted]
    return sum(wait is not None and is_within_three_rings(wait) for wait in waits), len(counted)


def turned_away(today: Today, now: datetime) -> int:
    """Return how many callers were lately not let in."""
    lately = today.begun_since(now - TURNED_AWAY_WITHIN)
    return sum(call.outcome is Outcome.TURNED_AWAY or call.state is CallState.TURNED_AWAY for call in lately)


@dataclass(kw_only=True)
class Watched:
    """What the facts are gathered from. `link_down_since` None: it is up; `disk_free_mb` None: not looked at yet."""

    clock: Clock
    today: CallsOfToday
    link_down_since: Callable[[], datetime | None]
    agents: Callable[[], tuple[AgentNow, ...]]
    is_open: Callable[[datetime], bool]
    disk_free_mb: Callable[[], int | None]
    backlog: Callable[[], Awaitable[int]]
    doubted: Callable[[], Awaitable[Mapping[str, int]]]
    _backlog_at: datetime | None = None
    _backlog: int | None = None
    _nobody_since: datetime | None = None

    async def facts(self) -> Facts:
        """Return what is known now. While the switch cannot be heard, nobody knows how agents are."""
        now, today = self.clock.now(), await self.today.read()
        down_since = self.link_down_since()
        within, offered = within_three_rings(today.begun_since(now - HALF_HOUR), now)
        if self._backlog_at is None or now - self._backlog_at >= BACKLOG_EVERY:
            self._backlog, self._backlog_at = await self.backlog(), now
        facts = Facts(
            longest_wait=longest_wait(today, now) if down_since is None else None,
            within_three_rings=within,
            offered=offered,
            disk_free_mb=self.disk_free_mb(),
            link_down=timedelta(0) if down_since is None else now - down_since,
            backlog=self._backlog,
            turned_away=turned_away(today, now),
            doubted=await self.doubted(),
        )
        return facts if down_since is not None else self._with_agents(facts, now)

    def _with_agents(self, facts: Facts, now: datetime) -> Facts:
        agents = self.agents()
        if any(one.state is ShownState.READY for one in agents) or not self.is_open(now):
            self._nobody_since = None
        elif self._nobody_since is None:
            self._nobody_since = now
        return replace(
            facts,
            nobody_ready=timedelta(0) if self._nobody_since is None else now - self._nobody_since,
            signed_in=sum(one.state not in AWAY for one in agents),
            unanswering=frozenset(one.extension for one in agents if one.reason == NO_ANSWER),
        )
