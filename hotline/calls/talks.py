"""Who talked with the caller, from when until when, how it began, when the caller was on hold, who handed them over.

Pure. Part of `ledger`'s fold; each function takes what is known and one event's facts and returns what is known then.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

STAYS_ON: Final = timedelta(seconds=2)  # an agent who is still there so long after handing over speaks as the third
STEPPED_IN: Final = "stepped-in"  # a supervisor speaks in another's talk: the call stays that agent's
TAKEN_OVER: Final = "taken-over"  # a supervisor took the talk from the agent (hotline/livehelp)
TAKEN_UP: Final = "taken-up"  # no beginning of a talk: the page that is the agent's phone was reloaded in it
DUST: Final = timedelta(milliseconds=500)  # between two bridges, not on hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The caller hears music because of this agent; `ended` is None while it lasts."""

    began: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One agent's stretch with the caller; `ended` is None while it lasts.

    `how` it began: answered, transferred-blind, transferred-attended, joined (three of them), picked-up, and of a
    supervisor: stepped-in, taken-over.
    """

    agent: str
    leg: str
    began: datetime
    ended: datetime | None = None
    how: str = "answered"
    holds: tuple[Hold, ...] = ()

    @property
    def held(self) -> timedelta:
        """How long the caller was on hold in it, as far as that is over."""
        return sum((hold.ended - hold.began for hold in self.holds if hold.ended), timedelta(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One handing over. `kind`: blind, attended, three-way (and nobody left).

    `result`: answered (by whom it was for), answered-by-other, returned (nobody came: back to the queue), abandoned
    (the caller hung up before); "" while it is open.
    """

    kind: str
    by: str
    to: str
    at: datetime
    result: str = ""


Talks = tuple[Talk, ...]
Transfers = tuple[Transfer, ...]


def began(
    talks: Talks, transfers: Transfers, *, agent: str, leg: str, at: datetime, how: str
) -> tuple[Talks, Transfers]:
    """Return both after this agent begins to talk with the caller; open transfers have found somebody."""
    before = next((talk for talk in reversed(talks) if talk.agent == agent), None)
    if how == TAKEN_UP and before is not None:
        again = _taken_up(before, leg, at)
        return tuple(again if talk is before else talk for talk in talks), transfers
    handed = next((one for one in reversed(transfers) if not one.result), None)
    if not how and handed is not None and handed.to == agent:
        how = f"transferred-{handed.kind}"
    if not how and any(talk.ended is None for talk in talks):
        how = "joined"
    talk = Talk(agent=agent, leg=leg, began=at, how=how or "answered")
    found = tuple(
        one if one.result else replace(one, result="answered" if one.to == agent else "answered-by-other")
        for one in transfers
    )
    return (*talks, talk), found


def _taken_up(talk: Talk, leg: str, at: datetime) -> Talk:
    """Return the talk as it goes on by another leg; what lies between was a hold."""
    if talk.ended is None:
        return replace(talk, leg=leg)
    return replace(talk, leg=leg, ended=None, holds=(*talk.holds, Hold(began=talk.ended, ended=at)))


def handed_over(
    talks: Talks, transfers: Transfers, *, kind: str, by: str, to: str, at: datetime
) -> tuple[Talks, Transfers]:
    """Return both after a transfer; whoever was asked first may be there already."""
    there = [talk for talk in talks if kind != "blind" and talk.agent == to and talk.ended is None and talk.agent != by]
    transfer = Transfer(kind=kind, by=by, to=to, at=at, result="answered" if there else "")
    changed = tuple(replace(talk, how=f"transferred-{kind}") if talk in there else talk for talk in talks)
    return changed, (*transfers, transfer)


def left(talks: Talks, transfers: Transfers, *, leg: str, at: datetime) -> tuple[Talks, Transfers]:
    """Return both after this leg's talk is over: a hold in it, too."""
    ending = [talk for talk in talks if talk.leg == leg and talk.ended is None]
    for talk in ending:
        talks, transfers = _three_of_them(talks, transfers, talk, at)
    return tuple(_over(talk, at) if talk.leg == leg and talk.ended is None else talk for talk in talks), transfers


def all_over(talks: Talks, transfers: Transfers, at: datetime) -> tuple[Talks, Transfers]:
    """Return both after the call's end."""
    for talk in talks:
        if talk.ended is None:
            talks, transfers = _three_of_them(talks, transfers, talk, at)
    ended = tuple(_over(talk, at) if talk.ended is None else talk for talk in talks)
    return ended, tuple(one if one.result else replace(one, result="abandoned") for one in transfers)


def returned(transfers: Transfers) -> Transfers:
    """Return them after nobody came."""
    return tuple(one if one.result else replace(one, result="returned") for one in transfers)


def held(talks: Talks, *, leg: str, at: datetime) -> Talks:
    """Return the talks after this agent put the caller on hold at `at`, which may lie back."""
    return tuple(
        replace(talk, holds=(*talk.holds, Hold(began=at, ended=talk.ended)))
        if _is_of(talk, leg, at) and not (talk.holds and talk.holds[-1].ended is None)
        else talk
        for talk in talks
    )


def resumed(talks: Talks, *, leg: str, at: datetime) -> Talks:
    """Return the talks after this agent is back with the caller; the moment between two bridges was no hold."""
    return tuple(_resumed(talk, at) if _is_of(talk, leg, at) and talk.holds else talk for talk in talks)


def _is_of(talk: Talk, leg: str, at: datetime) -> bool:
    return talk.leg == leg and talk.began <= at and (talk.ended is None or at <= talk.ended)


def _resumed(talk: Talk, at: datetime) -> Talk:
    *before, last = talk.holds
    if last.began > at or last.ended not in (None, talk.ended):
        return talk
    kept = [*before] if timedelta(0) <= at - last.began < DUST else [*before, replace(last, ended=at)]
    return replace(talk, holds=tuple(kept))


def _over(talk: Talk, at: datetime) -> Talk:
    holds = tuple(hold if hold.ended else replace(hold, ended=at) for hold in talk.holds)
    holds = tuple(hold for hold in holds if hold.ended is None or not timedelta(0) <= hold.ended - hold.began < DUST)
    return replace(talk, ended=at, holds=holds)


def _three_of_them(talks: Talks, transfers: Transfers, ending: Talk, at: datetime) -> tuple[Talks, Transfers]:
    """Who handed over after asking and stayed made three of them; who was handed the caller then joined."""
    for place, one in enumerate(transfers):
        if one.kind == "attended" and one.by == ending.agent and ending.began <= one.at < at - STAYS_ON:
            transfers = (*transfers[:place], replace(one, kind="three-way"), *transfers[place + 1 :])
            talks = tuple(
                replace(talk, how="joined") if talk.agent == one.to and talk.how == "transferred-attended" else talk
                for talk in talks
            )
    return talks, transfers
