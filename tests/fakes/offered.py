"""Calls that ring at phones as a test says, in place of what the switch tells (`agents.offers.Offers`)."""

from dataclasses import replace
from datetime import datetime

from hotline.agents.offers import Offer, OfferState
from hotline.bus import Bus, Change, Subject


class OffersByHand:
    """What rings or talks at each phone; each change is said on the bus, as the listener does."""

    def __init__(self) -> None:
        self.bus: Bus | None = None
        self._offers: dict[tuple[str, str], Offer] = {}
        self._last: dict[str, Offer] = {}

    def of(self, extension: str) -> tuple[Offer, ...]:
        return tuple(offer for offer in self._offers.values() if offer.extension == extension)

    def last_of(self, extension: str) -> Offer | None:
        return self._last.get(extension)

    def all(self) -> tuple[Offer, ...]:
        return tuple(self._offers.values())

    def talk_of(self, extension: str) -> str:
        """Return the call that this phone talks in, or ""."""
        return next((one.call_id for one in self.of(extension) if one.state is OfferState.ANSWERED), "")

    def ring(
        self,
        extension: str,
        call_id: str,
        began: datetime,
        number: str = "",
        *,
        is_emergency: bool = False,
        is_ours: bool = False,
    ) -> Offer:
        """Let a phone ring; `is_ours`: for a call that its own agent makes."""
        offer = Offer(
            call_id=call_id, extension=extension, caller_number=number, began=began, is_emergency=is_emergency,
            is_ours=is_ours,
        )  # fmt: skip
        self._offers[extension, call_id] = offer
        self._tell(extension)
        return offer

    def answer(self, extension: str, call_id: str, at: datetime) -> None:
        """Let a phone that rings be lifted."""
        offer = self._offers[extension, call_id]
        self._offers[extension, call_id] = replace(offer, state=OfferState.ANSWERED, answered=at)
        self._tell(extension)

    def call(self, extension: str, call_id: str) -> None:
        """Let the agent have lifted for a call of theirs: the resident is rung."""
        self._offers[extension, call_id] = replace(self._offers[extension, call_id], state=OfferState.CALLING)
        self._tell(extension)

    def end(self, extension: str, call_id: str) -> None:
        """Let a phone ring or talk no longer."""
        offer = self._offers.pop((extension, call_id))
        over = OfferState.OVER if offer.answered else OfferState.WITHDRAWN
        self._last[extension] = replace(offer, state=over)
        self._tell(extension)

    def _tell(self, extension: str) -> None:
        assert self.bus is not None
        self.bus.publish(Change(Subject.OFFER, extension))
