"""Which phone of the house rings or talks in which call: what the switch tells of its channels, folded.

Pure. `hotline/ami/leg_news.py` puts AMI's events into these words; `offers.py` makes of the legs what agents are shown.
Events may come twice, late or never: a list of all channels (`take_list`) is the truth, and what was folded
before it only keeps the moments that a list does not tell. Linkedids that share a bridge are one call, named by the
oldest of them, as in the ledger (`hotline/calls/family.py`).
"""

import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from hotline.calls.family import age

_PHONE: Final = re.compile(r"PJSIP/(\d{3,6})-[0-9a-f]+")
_RESIDENT: Final = re.compile(r"PJSIP/(carrier|outside)-[0-9a-f]+")
_LINE: Final = re.compile(r"(Local/.+-[0-9a-f]+);[12]")
EMERGENCY: Final = "emergency"  # the context of the dialplan in which all phones ring
CASE_AGENT: Final = "case-agent"  # there, and in the queues, a resident waits for an agent
GONE_KEPT: Final = 1000  # channels that ended: what is told of one of them afterwards is late


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSeen:
    """The switch told of a channel; None where this event does not say it.

    `bridge` is "" where it is in none; `left` is one it is in no longer. `is_called`: it was made to ring somebody, not
    by somebody who dials. `caller` is its own number, `other` that of whom it is to be connected with. `context` is
    where in the dialplan it stands, `rung_from` where the one that rings it does, `queue` the queue that does.
    `up_for` is how long it has been there already.
    """

    uniqueid: str
    channel: str
    linkedid: str
    is_up: bool | None = None
    is_called: bool | None = None
    bridge: str | None = None
    left: str = ""
    caller: str = ""
    other: str = ""
    context: str = ""
    rung_from: str = ""
    queue: str = ""
    up_for: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegGone:
    """A channel ended. `was_refused`: by whoever it rang for, who pressed a key or was engaged."""

    uniqueid: str
    was_refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LegUnanswered:
    """A channel rang for as long as it was to, and was not lifted, or was refused: how it ends tells which."""

    uniqueid: str


LegNews = LegSeen | LegGone | LegUnanswered


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One channel as it is now. `call` names the call it is part of; `met_at` is when it first heard a resident."""

    uniqueid: str
    channel: str
    call: str
    began: datetime
    up_at: datetime | None = None
    met_at: datetime | None = None
    is_called: bool = False
    was_let_ring: bool = False
    waits_for_agent: bool = False  # it rings because a resident waits for an agent
    is_emergency: bool = False
    bridge: str = ""
    caller: str = ""
    other: str = ""

    @property
    def extension(self) -> str:
        """The house's telephone that this is; "" for every other channel."""
        return _named(_PHONE, self.channel)

    @property
    def is_resident(self) -> bool:
        """Whether it comes from outside, or leads there."""
        return _named(_RESIDENT, self.channel) != ""

    @property
    def line(self) -> str:
        """Of one end of a Local channel: the name both ends share."""
        return _named(_LINE, self.channel)


@dataclass(frozen=True, slots=True)
class Fold:
    """What one event or list changed: the calls touched, and the phones' legs that ended.

    `joined` tells of each call that became part of an older one, which.
    """

    calls: frozenset[str] = frozenset()
    ended: tuple[Leg, ...] = ()
    joined: Mapping[str, str] = field(default_factory=dict)


class Legs:
    """Every channel of the switch, as far as it told."""

    def __init__(self) -> None:
        self._legs: dict[str, Leg] = {}
        self._calls: dict[str, dict[str, None]] = {}  # a call's channels, in the order they were seen
        self._gone: OrderedDict[str, None] = OrderedDict()

    def __iter__(self) -> Iterator[Leg]:
        return iter(self._legs.values())

    def of_call(self, call: str) -> tuple[Leg, ...]:
        """Return the channels of a call, in the order they were seen."""
        return tuple(self._legs[uniqueid] for uniqueid in self._calls.get(call, ()))

    def hear(self, news: LegNews, at: datetime) -> Fold:
        """Take one event in, heard at `at`."""
        if isinstance(news, LegGone):
            return self._ended(news.uniqueid)
        if isinstance(news, LegUnanswered):
            if (leg := self._legs.get(news.uniqueid)) is not None:
                self._put(replace(leg, was_let_ring=True))
            return Fold()
        if news.uniqueid in self._gone:
            return Fold()
        return self._seen(news, at)

    def take_list(self, listed: Iterable[LegSeen], at: datetime) -> Fold:
        """Take the switch's own list of all channels for the truth, asked for at `at`."""
        listed = list(listed)
        living = {one.uniqueid for one in listed}
        folds = [self._ended(uniqueid) for uniqueid in [known for known in self._legs if known not in living]]
        for one in listed:
            self._gone.pop(one.uniqueid, None)
            if (leg := self._legs.get(one.uniqueid)) is not None:  # before any other is joined by a bridge it has left
                self._put(replace(leg, bridge=one.bridge or ""))
        folds += [self._seen(one, at) for one in listed]
        return Fold(
            frozenset().union(*(fold.calls for fold in folds)),
            tuple(leg for fold in folds for leg in fold.ended),
            {young: old for fold in folds for young, old in fold.joined.items()},
        )

    def _seen(self, news: LegSeen, at: datetime) -> Fold:
        old = self._legs.get(news.uniqueid)
        leg = old or Leg(uniqueid=news.uniqueid, channel=news.channel, call=news.linkedid, began=at - news.up_for)
        bridge = leg.bridge if news.bridge is None else news.bridge
        self._put(
            replace(
                leg,
                channel=news.channel,
                up_at=leg.up_at or ((at if old else leg.began) if news.is_up else None),
                is_called=leg.is_called or news.is_called is True,
                waits_for_agent=leg.waits_for_agent or news.queue != "" or news.rung_from == CASE_AGENT,
                is_emergency=leg.is_emergency or EMERGENCY in {news.context, news.rung_from},
                bridge="" if bridge == news.left else bridge,
                caller=news.caller or leg.caller,
                other=news.other or leg.other,
            )
        )
        joined = self._join(news.uniqueid, news.linkedid)
        call = self._legs[news.uniqueid].call
        self._meet(call, at)
        return Fold(frozenset({call, *joined}), joined=joined)

    def _ended(self, uniqueid: str) -> Fold:
        self._gone[uniqueid] = None
        while len(self._gone) > GONE_KEPT:
            self._gone.popitem(last=False)
        leg = self._legs.pop(uniqueid, None)
        if leg is None:
            return Fold()
        channels = self._calls[leg.call]
        del channels[uniqueid]
        if not channels:
            del self._calls[leg.call]
        return Fold(frozenset({leg.call}), (leg,) if leg.extension else ())

    def _put(self, leg: Leg) -> None:
        old = self._legs.get(leg.uniqueid)
        if old is not None and old.call != leg.call:
            self._calls[old.call].pop(leg.uniqueid)
            if not self._calls[old.call]:
                del self._calls[old.call]
        self._legs[leg.uniqueid] = leg
        self._calls.setdefault(leg.call, {})[leg.uniqueid] = None

    def _join(self, uniqueid: str, linkedid: str) -> dict[str, str]:
        """Make one call of all that share a bridge, line or linkedid with this channel; return which became part."""
        leg = self._legs[uniqueid]
        calls = {leg.call, linkedid}
        if leg.bridge or leg.line:
            calls |= {other.call for other in self._legs.values() if _are_together(leg, other)}
        oldest = min(calls, key=age)
        for call in calls - {oldest}:
            for other in self.of_call(call):
                self._put(replace(other, call=oldest))
        return dict.fromkeys(calls - {oldest}, oldest)

    def _meet(self, call: str, at: datetime) -> None:
        """Note which phones of this call hear a resident for the first time: in one bridge, or through a Local line."""
        legs = self.of_call(call)
        heard = {leg.uniqueid for leg in legs if leg.is_resident and leg.bridge}
        while more := {
            leg.uniqueid
            for leg in legs
            if leg.uniqueid not in heard
            and any(other.uniqueid in heard and _are_together(leg, other) for other in legs)
        }:
            heard |= more
        for leg in legs:
            if leg.uniqueid in heard and leg.extension and leg.met_at is None:
                self._put(replace(leg, met_at=at))


@lru_cache(4096)
def _named(pattern: re.Pattern[str], channel: str) -> str:
    """Return what the pattern finds in a channel's name; "" where it does not fit."""
    found = pattern.fullmatch(channel)
    return found[1] if found else ""


def _are_together(one: Leg, other: Leg) -> bool:
    """Whether the two are in one bridge, or are the ends of one Local channel."""
    return (one.bridge != "" and one.bridge == other.bridge) or (one.line != "" and one.line == other.line)
