"""Between the program that hears and the service, over Redis: tickets, words, news, orders.

Words go by publish and subscribe alone, so that Redis never writes them to the disk. A ticket (which leg a UUID is) is
a key that is used up by its first use and gone after seconds. Redis may be away: then there are no live words.
"""

import asyncio
from collections.abc import Callable
from typing import Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hotline.live.legs import LiveLeg

log = structlog.get_logger()

WORDS: Final = "hotline:live:words"  # turns, and the program's sign of life
ORDERS: Final = "hotline:live:orders"  # from the service: stop hearing a call, say everything once more
TICKET: Final = "hotline:live:leg:"
TICKET_LASTS: Final = 30  # seconds
ANSWER_WITHIN: Final = 3.0
QUIET: Final = 10.0
REST_AFTER_TROUBLE: Final = 2.0
AWAY: Final = (RedisError, OSError, TimeoutError)


class LiveLine:
    """The one connection of each side. Nothing here raises because Redis is away."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=ANSWER_WITHIN)

    async def expect(self, name: UUID, leg: LiveLeg) -> bool:
        """Let a connection of this name in, once, within seconds; False where Redis is away."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return bool(await self._redis.set(f"{TICKET}{name}", leg.to_json(), ex=TICKET_LASTS, nx=True))
        except AWAY as wrong:
            log.warning("a leg could not be announced: it has no live words", reason=type(wrong).__name__)
            return False

    async def admit(self, name: UUID) -> LiveLeg | None:
        """Return which leg a connection is, and use its ticket up; None for one that nobody announced."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                ticket = await self._redis.getdel(f"{TICKET}{name}")
            return None if ticket is None else LiveLeg.from_json(ticket)
        except (*AWAY, ValueError, TypeError):
            return None

    async def say(self, channel: str, text: str) -> bool:
        """Pass something on to whoever listens now; False where Redis is away."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._redis.publish(channel, text)
        except AWAY:
            return False
        return True

    async def hear(self, channel: str, take: Callable[[bytes], None], *, begun: Callable[[], None]) -> None:
        """Give what is said on a channel to `take` until cancelled; `begun` is called at the start and after a gap."""
        while True:
            try:
                await self._hear(channel, take, begun)
            except AWAY:
                await asyncio.sleep(REST_AFTER_TROUBLE)

    async def close(self) -> None:
        """Give the connections back."""
        await self._redis.aclose()

    async def _hear(self, channel: str, take: Callable[[bytes], None], begun: Callable[[], None]) -> None:
        async with self._redis.pubsub() as heard:
            async with asyncio.timeout(ANSWER_WITHIN):
                await heard.subscribe(channel)
            begun()
            while True:
                async with asyncio.timeout(QUIET + ANSWER_WITHIN):
                    message = await heard.get_message(ignore_subscribe_messages=True, timeout=QUIET)
                    if message is None:
                        await heard.ping()  # a half-dead connection answers nothing and is then made anew
                if message and message["type"] == "message":
                    take(message["data"])
