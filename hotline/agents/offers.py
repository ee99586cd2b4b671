"""Whom each phone of the house rings for, or talks with: what a page is told before the first ring ends.

Pure. Comes after `legs.py`. An offer is one call at one extension, however many channels it takes: so there is one pop
for it, and a call that merges with another keeps the older one's name. What happened at a phone comes out beside, once:
`agents/service.py` makes wrap-up and ring-no-answer of it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.agents.legs import Fold, Leg, LegGone, LegNews, Legs, LegSeen
from hotline.calls.ours import AGENT_FIRST


class OfferState(StrEnum):
    """How an offer stands."""

    RINGING = "ringing"
    CALLING = "calling"  # a call of ours: this phone was lifted, and the resident is rung or hears the notice
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"  # over before this phone was lifted
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One call at one phone: since when it rings there, and when it was lifted. `caller_number` is "" when withheld.

    `is_ours`: who sits there asked for it, and their own phone is rung first; `answered` is then when the resident was.
    """

    call_id: str
    extension: str
    caller_number: str
    began: datetime
    is_emergency: bool = False
    state: OfferState = OfferState.RINGING
    answered: datetime | None = None
    is_ours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AtPhone:
    """Something happened at an agent's phone, in this call."""

    extension: str
    call_id: str
    at: datetime


class PhoneLifted(AtPhone):
    """The phone was lifted, or dialled."""


class TalkOver(AtPhone):
    """The agent and the resident hear each other no longer."""


class RangOut(AtPhone):
    """The phone rang for a caller who waits for an agent, and nobody lifted it in time."""


class OfferRefused(AtPhone):
    """Whoever sits at the phone refused the call, or is engaged."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one event or list changed: the extensions whose offers are others now, and what happened at phones."""

    changed: frozenset[str] = frozenset()
    happened: tuple[AtPhone, ...] = ()


class Offers:
    """The offers of now, at all phones. `when_changed` is called with each extension whose offers are others."""

    def __init__(self, when_changed: Callable[[str], None] = lambda _extension: None) -> None:
        self._legs = Legs()
        self._offers: dict[str, dict[str, Offer]] = {}  # extension -> call -> offer
        self._last: dict[str, Offer] = {}
        self._when_changed = when_changed

    def of(self, extension: str) -> tuple[Offer, ...]:
        """Return what rings or talks at this phone now, oldest first."""
        return tuple(sorted(self._offers.get(extension, {}).values(), key=lambda offer: (offer.began, offer.call_id)))

    def last_of(self, extension: str) -> Offer | None:
        """Return the offer that ended last at this phone: WITHDRAWN, or OVER."""
        return self._last.get(extension)

    def all(self) -> tuple[Offer, ...]:
        """Return every offer of now, by extension."""
        return tuple(offer for extension in sorted(self._offers) for offer in self.of(extension))

    def talk_of(self, extension: str) -> str:
        """Return the call in which this phone speaks with a resident now; else any call it is up in; else ""."""
        legs = [leg for leg in self._legs if leg.extension == extension and leg.up_at is not None]
        newest = max(legs, key=lambda leg: (leg.met_at is not None, leg.up_at), default=None)
        return newest.call if newest else ""

    def hear(self, news: LegNews, at: datetime) -> Heard:
        """Take one event in, heard at `at`."""
        was_refused = isinstance(news, LegGone) and news.was_refused
        return self._told(self._legs.hear(news, at), at, was_refused=was_refused)

    def take_list(self, listed: Iterable[LegSeen], at: datetime) -> Heard:
        """Take the switch's own list of all channels for the truth. Nobody knows when what is gone ended."""
        fold = self._legs.take_list(listed, at)
        return self._told(replace(fold, ended=()), at)

    def _told(self, fold: Fold, at: datetime, *, was_refused: bool = False) -> Heard:
        changed: set[str] = set()
        happened: list[AtPhone] = []
        for call in fold.calls:
            known = {extension: calls[call] for extension, calls in self._offers.items() if call in calls}
            offers = offers_of(self._legs.of_call(call), known)
            for extension in known.keys() | offers.keys():
                new, old = offers.get(extension), known.get(extension)
                if new == old:
                    continue
                changed.add(extension)
                self._put(extension, call, new)
                if old is not None and new is None and call not in fold.joined:  # else it goes on as the older call's
                    over = OfferState.OVER if old.answered else OfferState.WITHDRAWN
                    self._last[extension] = replace(old, state=over)
                if new is not None and new.answered and not (old and old.answered):
                    happened.append(PhoneLifted(extension=extension, call_id=call, at=at))
        happened += self._happened(fold.ended, at, was_refused=was_refused)
        for extension in sorted(changed):
            self._when_changed(extension)
        return Heard(frozenset(changed), tuple(happened))

    def _put(self, extension: str, call: str, offer: Offer | None) -> None:
        calls = self._offers.setdefault(extension, {})
        if offer is None:
            calls.pop(call, None)
        else:
            calls[call] = offer
        if not calls:
            del self._offers[extension]

    def _happened(self, ended: Iterable[Leg], at: datetime, *, was_refused: bool) -> Iterable[AtPhone]:
        for leg in ended:
            facts: dict[str, Any] = {"extension": leg.extension, "call_id": leg.call, "at": at}
            goes_on = any(other.extension == leg.extension and other.met_at for other in self._legs.of_call(leg.call))
            if leg.met_at is not None and not goes_on:
                yield TalkOver(**facts)
            elif leg.up_at is None and leg.waits_for_agent and was_refused:
                yield OfferRefused(**facts)
            elif leg.up_at is None and leg.waits_for_agent and leg.was_let_ring:
                yield RangOut(**facts)


def offers_of(legs: Iterable[Leg], known: Mapping[str, Offer]) -> dict[str, Offer]:
    """Return one call's offers by extension: of phones that it rings, and of those that hear its resident.

    `known` is what was offered so far: whose number it is stays so when the resident is gone before the agent.
    """
    legs = list(legs)
    residents = [leg for leg in legs if leg.is_resident and not leg.is_called]
    found: dict[str, list[Leg]] = {}
    for leg in legs:
        if leg.extension and (leg.met_at is not None or _is_ours(leg) or (leg.is_called and leg.uniqueid != leg.call)):
            found.setdefault(leg.extension, []).append(leg)
    return {
        extension: Offer(
            call_id=own[0].call,
            extension=extension,
            caller_number=residents[0].caller if residents else _number_of(known.get(extension), own[0]),
            began=min(leg.began for leg in own),
            is_emergency=any(leg.is_emergency for leg in legs),
            is_ours=any(_is_ours(leg) for leg in own),
            **_standing(own),
        )
        for extension, own in found.items()
    }


def _is_ours(leg: Leg) -> bool:
    """Whether this is the phone by which a call of ours begins: its agent asked for the call, and is rung first."""
    return leg.uniqueid == leg.call and leg.call.startswith(AGENT_FIRST)


def _standing(own: Iterable[Leg]) -> dict[str, Any]:
    """Return how one phone's offer stands, and since when it is answered: in a call of ours, by the resident."""
    own = list(own)
    lifted = [leg.up_at for leg in own if leg.up_at]
    met = [leg.met_at for leg in own if leg.met_at]
    if lifted and not met and any(_is_ours(leg) for leg in own):
        return {"state": OfferState.CALLING}
    answered = met if any(_is_ours(leg) for leg in own) else lifted
    return {
        "state": OfferState.ANSWERED if answered else OfferState.RINGING,
        "answered": min(answered, default=None),
    }


def _number_of(known: Offer | None, leg: Leg) -> str:
    if _is_ours(leg):
        return ""  # what the switch shows of it may be the agent's own; whom it calls stands in its row
    return (known.caller_number if known else "") or leg.other
