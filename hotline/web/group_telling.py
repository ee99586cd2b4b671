"""Tell the pages of a group what changed at its centres: to each page only the centres granted to whoever looks.

At most one round a second, and one each ten seconds whatever happens. Who may see what is read anew in every round.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import structlog

from hotline.accounts.grants_store import all_granted
from hotline.bus import Subject
from hotline.group.centre import sum_of
from hotline.group.service import Group
from hotline.web.build import build
from hotline.web.errors import TooManyViewers
from hotline.web.group_shapes import CentreNowOut, CentresChanged, CentresOut, GroupSumOut
from hotline.web.hub import Outbox, show_out
from hotline.web.identity import Identity
from hotline.web.messages import Encoded, encoded
from hotline.web.rooms import WebRooms

log = structlog.get_logger()
PACE_S: Final = 1.0
BEAT_S: Final = 10.0
OUTBOX: Final = 64
MOST_VIEWERS: Final = 100
SEES_ALL: Final = "centres:read"  # the scope by which a machine's token sees every centre


@dataclass(slots=True)
class Looking:
    """Whose an open page is, and each centre as it was told last."""

    identity: Identity
    told: dict[str, CentreNowOut] = field(default_factory=dict)


class GroupTelling:
    """`run` works until cancelled; `viewing` is held by each open page."""

    def __init__(self, rooms: WebRooms, group: Group) -> None:
        self._rooms, self._group = rooms, group
        self._pages: dict[Outbox, Looking] = {}

    async def sees(self, identity: Identity) -> frozenset[str]:
        """Return the centres of the group that whoever asks may see."""
        return _seen(identity, await self._granted(), self._group.ids)

    async def now(self, identity: Identity) -> CentresOut:
        """Return the centres granted to whoever asks, as of now."""
        zone, clock = self._rooms.zone, self._rooms.clock
        known = self._group.now(await self.sees(identity))
        return CentresOut(
            build=build(self._rooms.libraries),
            at=clock.now().astimezone(zone),
            centres=tuple(CentreNowOut.of(one, zone) for one in known),
            sum=GroupSumOut.of(sum_of(known), zone),
        )

    @contextmanager
    def viewing(self, identity: Identity) -> Iterator[Outbox]:
        """Be told of every change until the block ends. Raises TooManyViewers."""
        if len(self._pages) >= MOST_VIEWERS:
            raise TooManyViewers("as many pages of the group are open as are served", most=MOST_VIEWERS)
        outbox: Outbox = asyncio.Queue(OUTBOX)
        self._pages[outbox] = Looking(identity)
        try:
            yield outbox
        finally:
            self._pages.pop(outbox, None)

    async def run(self) -> None:
        """Tell until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._group.run(), name="centres")
            tasks.create_task(self._tell(), name="group-pages")
            tasks.create_task(self._mind_accounts(), name="group-accounts")

    async def _tell(self) -> None:
        while True:
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._group.news.wait()
            except TimeoutError:
                pass
            self._group.news.clear()
            if self._pages:
                try:
                    self._send(await self._granted())
                except Exception as wrong:  # noqa: BLE001  # an edge, as in the hub: every page comes again
                    log.error("pages of the group could not be told", kind=type(wrong).__name__)
                    self._dismiss()
            await asyncio.sleep(PACE_S)

    async def _mind_accounts(self) -> None:
        """Let whoever's rights changed come again; they are told anew what they may see."""
        with self._rooms.bus.listening() as box:
            while True:
                change = await box.get()
                if change.subject is Subject.ACCOUNT:
                    self._dismiss(change.id)
                elif change.subject is Subject.RESYNC:
                    self._dismiss()

    def _send(self, granted: dict[str, frozenset[str]]) -> None:
        zone, at = self._rooms.zone, self._rooms.clock.now().astimezone(self._rooms.zone)
        every = {one.centre.id: one for one in self._group.now(self._group.ids)}
        shown = {key: CentreNowOut.of(one, zone) for key, one in every.items()}
        for outbox, page in list(self._pages.items()):
            seen = [key for key in every if key in _seen(page.identity, granted, self._group.ids)]
            changed = tuple(shown[key] for key in seen if page.told.get(key) != shown[key])
            page.told = {key: shown[key] for key in seen}
            message = CentresChanged(
                at=at,
                ids=tuple(seen),
                centres=changed,
                sum=GroupSumOut.of(sum_of(every[key] for key in seen), zone),
            )
            _put(outbox, encoded(message))

    def _dismiss(self, name: str | None = None) -> None:
        for outbox, page in list(self._pages.items()):
            if name is None or page.identity.name == name:
                show_out(outbox)

    async def _granted(self) -> dict[str, frozenset[str]]:
        async with self._rooms.database.read() as session:
            return await all_granted(session)


def _seen(identity: Identity, granted: dict[str, frozenset[str]], ids: frozenset[str]) -> frozenset[str]:
    if identity.is_machine:
        return ids if SEES_ALL in identity.scopes else frozenset()
    return granted.get(identity.name, frozenset()) & ids


def _put(outbox: Outbox, message: Encoded) -> None:
    if outbox.full():
        show_out(outbox)
    else:
        outbox.put_nowait(message)
