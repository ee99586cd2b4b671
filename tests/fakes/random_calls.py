"""Random calls of some days, and a second, naive way to their sums: every call is read whole and counted by itself."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from random import Random
from typing import Any, Final

from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import CallState, Outcome
from hotline.calls.talks import Hold, Talk
from hotline.web.figures import figures

AGENTS: Final = ("8001", "8002", "8003")
UNANSWERED: Final = (
    Outcome.ABANDONED_RINGING, Outcome.ABANDONED_ANNOUNCEMENT, Outcome.ABANDONED_MENU, Outcome.ABANDONED_QUEUE,
    Outcome.MESSAGE_LEFT, Outcome.CALL_BACK_WISHED, Outcome.SERVED_BY_MENU, Outcome.SWITCH_LOST,
)  # fmt: skip
# Waits at which a careless comparison goes wrong stand beside the random ones.
EDGES: Final = (0.0, 2.999, 3.0, 10.999, 11.0, 11.0004, 15.0, 15.001, 20.0, 20.05, 29.96, 30.0, 30.1, 300.0, 301.0)


def random_call(dice: Random, number: int, first: datetime, days: int) -> CallRecord:
    """Return a call that began somewhere in these days; one in ten is ours, one in twenty goes on."""
    start = first + timedelta(seconds=dice.uniform(0, days * 86_400))
    lift = dice.choice(EDGES) if dice.random() < 0.3 else dice.uniform(0, 20)
    human = lift + (dice.choice(EDGES) if dice.random() < 0.3 else dice.expovariate(1 / 15))
    is_answered, agent = dice.random() < 0.7, dice.choice(AGENTS)
    rings = tuple(_ring(dice, start, lift) for _ in range(dice.randrange(3)))
    talked = timedelta(seconds=dice.randrange(0, 400))
    began = start + timedelta(seconds=human)
    ended = began + talked
    call = CallRecord(
        id=f"hotline-{number}",
        state=CallState.ENDED,
        direction="outbound" if dice.random() < 0.1 else "inbound",
        caller_number=f"1380000{dice.randrange(20):04}",
        ring_start=start,
        switch_answer=start + timedelta(seconds=lift),
        menu_path=tuple(dice.choices("1234*", k=dice.randrange(3))),
        request=dice.choice(("", "repair", "complaint")),
        queue=dice.choice(("", "service", "english")),
        queued_at=start + timedelta(seconds=lift),
        rings=rings,
        ended_at=ended,
        outcome=Outcome.ANSWERED,
        satisfaction=dice.choice((None, 1, 5)),
    )
    if is_answered:
        holds = (Hold(began=began, ended=began + talked / 3),) if dice.random() < 0.3 else ()
        talk = Talk(agent=agent, leg=f"l-{number}", began=began, ended=ended, holds=holds)
        call = replace(call, agent=agent, human_answer=began, talks=(talk,))
    else:
        outcome = dice.choice(UNANSWERED)
        is_short = outcome is Outcome.ABANDONED_RINGING and dice.random() < 0.5
        lifted = None if outcome is Outcome.ABANDONED_RINGING else call.switch_answer
        call = replace(call, outcome=outcome, is_short_abandon=is_short, switch_answer=lifted)
    if dice.random() < 0.05:
        return replace(call, state=CallState.TALKING, ended_at=None, outcome=None)
    return call


def _ring(dice: Random, start: datetime, lift: float) -> Ring:
    began = start + timedelta(seconds=lift)
    agent = dice.choice(AGENTS)
    return Ring(agent=agent, leg=f"r-{agent}", began=began, ended=began + timedelta(seconds=dice.uniform(0, 25)))


def naive_figures(calls: Iterable[CallRecord], days: tuple[date, date], zone: tzinfo) -> dict[str, Any]:
    """Count the calls that are over, one by one, as the desk counts today's."""
    over = [
        call
        for call in calls
        if call.ended_at and call.ring_start and days[0] <= call.ring_start.astimezone(zone).date() <= days[1]
    ]
    found = figures(
        over, max((call.ended_at for call in over if call.ended_at), default=datetime(2026, 1, 1, tzinfo=zone))
    )
    return found.model_dump()
