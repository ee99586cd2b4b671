"""Bring each offered call to the eyes of the one agent whose phone rings: at once, with its pop.

The bus names an extension; a few readers take such extensions in turn, read the pop once for each call, and hand the
message to that extension's sockets without waiting for any of them. An extension that is named again while it is read
is read again: the newest state is always told last. For a caller who waits, the pop is read before any phone rings.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import structlog

from hotline.agents.offers import Offer, OfferState
from hotline.bus import Subject
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.web.messages import Encoded
from hotline.web.pop_reading import whole_pop
from hotline.web.pop_shapes import OfferedOut, PopOut, offer_out
from hotline.web.rooms import WebRooms

log = structlog.get_logger()
READERS: Final = 4  # pops read at one time; the database serves no more any sooner
READ_WITHIN_S: Final = 2.0  # then the offer is told without its pop, for which the page asks
FRESH_S: Final = 10.0  # a pop as old as this is read again when its call is told of again
AHEAD: Final = 100  # callers whose pops are still to be read ahead; for others they are read when a phone rings
MOST_KEPT: Final = 500  # pops in memory; each is a few kilobytes


class SendTo(Protocol):
    """Hand a message to the sockets of one extension; never waits. Returns how many there are."""

    def __call__(self, extension: str, message: Encoded) -> int: ...


@dataclass
class _Kept:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    pop: PopOut | None = None
    text: str = "null"
    read_at: float = 0.0


class Offering:
    """Tells offers. `run` works until cancelled; `now` is what a new socket is told first."""

    def __init__(self, rooms: WebRooms, send: SendTo, is_watched: Callable[[str], bool]) -> None:
        self._rooms, self._send, self._is_watched = rooms, send, is_watched
        self._wanted: asyncio.Queue[str] = asyncio.Queue()  # bounded: an extension is in it once
        self._waiting: set[str] = set()
        self._again: set[str] = set()  # named while it was read
        self._reading: set[str] = set()
        self._told: dict[str, dict[str, Offer]] = {}  # extension -> call -> as it was told last
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._ahead: asyncio.Queue[str] = asyncio.Queue(AHEAD)

    async def run(self) -> None:
        """Listen to the bus and tell, until cancelled."""
        with self._rooms.bus.listening() as box:
            async with asyncio.TaskGroup() as group:
                for place in range(READERS):
                    group.create_task(self._tell_wanted(), name=f"pop-reader-{place}")
                group.create_task(self._read_ahead(), name="pop-reader-ahead")
                while True:
                    change = await box.get()
                    if change.subject is Subject.OFFER:
                        self._want(change.id)
                    elif change.subject is Subject.POP:
                        self._read_anew(change.id)
                    elif change.subject is Subject.CALL and self._lacks_its_call(change.id):
                        self._read_anew(change.id)  # the ledger has read of it now: keys pressed, how long it waits
                    elif change.subject is Subject.RESYNC:
                        for extension in {*self._told, *(offer.extension for offer in self._rooms.offers.all())}:
                            self._want(extension)

    async def now(self, extension: str) -> tuple[OfferedOut, ...]:
        """Return what rings or talks at this phone now, each with its pop."""
        if not extension:
            return ()
        zone = self._rooms.zone
        return tuple(
            [
                OfferedOut(offer=offer_out(offer, zone), pop=(await self._pop_of(offer.call_id, offer)).pop)
                for offer in self._rooms.offers.of(extension)
            ]
        )

    def foresee(self, call: CallRecord) -> None:
        """Read the pop of a caller who begins to wait: it is there when a phone rings for them."""
        if call.state is CallState.WAITING and call.id not in self._kept and not self._ahead.full():
            self._ahead.put_nowait(call.id)

    async def _read_ahead(self) -> None:
        while True:
            call_id = await self._ahead.get()
            if call_id not in self._kept:
                await self._pop_of(call_id)

    def _want(self, extension: str) -> None:
        if extension in self._reading:
            self._again.add(extension)
        elif extension not in self._waiting:
            self._waiting.add(extension)
            self._wanted.put_nowait(extension)

    def _read_anew(self, call_id: str) -> None:
        if call_id in self._kept:
            self._kept[call_id].pop, self._kept[call_id].read_at = None, -FRESH_S
        for offer in self._rooms.offers.all():
            if offer.call_id == call_id:
                self._told.get(offer.extension, {}).pop(call_id, None)
                self._want(offer.extension)

    def _lacks_its_call(self, call_id: str) -> bool:
        kept = self._kept.get(call_id)
        return kept is not None and kept.pop is not None and kept.pop.way is None

    async def _tell_wanted(self) -> None:
        while True:
            extension = await self._wanted.get()
            self._waiting.discard(extension)
            self._reading.add(extension)
            try:
                await self._tell(extension)
            finally:
                self._reading.discard(extension)
            if extension in self._again:
                self._again.discard(extension)
                self._want(extension)

    async def _tell(self, extension: str) -> None:
        offers = self._rooms.offers
        now = {offer.call_id: offer for offer in offers.of(extension)}
        before = self._told.get(extension, {})
        if now:
            self._told[extension] = now
        else:
            self._told.pop(extension, None)
        if not self._is_watched(extension):
            return  # whoever comes is told by the snapshot
        last = offers.last_of(extension)
        for call_id, old in before.items():
            if call_id in now:
                continue
            ended = OfferState.OVER if old.answered else OfferState.WITHDRAWN
            state = last.state if last is not None and last.call_id == call_id else ended
            self._send(extension, self._message(old, state, "null"))
        for call_id, offer in list(now.items()):
            if before.get(call_id) != offer:
                await self._tell_offer(offer)

    async def _tell_offer(self, offer: Offer) -> None:
        """Tell an offer with the pop that is there, if any; then, where that may have grown old, with the newest."""
        kept = self._kept.get(offer.call_id)
        told = kept.text if kept is not None and kept.pop is not None else ""
        if told:
            self._send(offer.extension, self._message(offer, offer.state, told))
        newest = (await self._pop_of(offer.call_id, offer)).text
        if newest != told:
            self._send(offer.extension, self._message(offer, offer.state, newest))

    def _message(self, offer: Offer, state: OfferState, pop: str) -> Encoded:
        told = offer_out(offer, self._rooms.zone).model_copy(update={"state": state})
        # The pop is the same for every phone that rings: it is put into text once.
        text = f'{{"type":"offer","offer":{told.model_dump_json()},"pop":{pop}}}'
        return Encoded(text, text)

    async def _pop_of(self, call_id: str, offer: Offer | None = None) -> _Kept:
        """Return the call's pop, read once however many phones ring for it; without one where it cannot be read."""
        kept = self._kept.setdefault(call_id, _Kept())
        self._kept.move_to_end(call_id)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        async with kept.turn:
            clock = self._rooms.clock
            if kept.pop is None or clock.monotonic() - kept.read_at >= FRESH_S:
                kept.read_at = clock.monotonic()  # before: what changes while it is read makes it old
                kept.pop = await self._read(call_id, offer)
                kept.text = kept.pop.model_dump_json() if kept.pop else "null"
        return kept

    async def _read(self, call_id: str, offer: Offer | None) -> PopOut | None:
        rooms = self._rooms
        try:
            async with asyncio.timeout(READ_WITHIN_S), rooms.database.read() as session:
                return await whole_pop(
                    rooms,
                    session,
                    call_id,
                    offered_number=offer.caller_number if offer else "",
                    is_emergency=offer is not None and offer.is_emergency,
                )
        except Exception as wrong:  # noqa: BLE001  # an edge: the phone rings, and its agent must be told of that much
            log.error("a pop could not be read", kind=type(wrong).__name__)
            return None
