"""Lines shared by all workers: a lease per line in Redis, taken by one script, ended by time.

Redis keeps the clock, so that workers of several machines share one. Without Redis there is no line, and nothing is
dialled. A line is free again in the moment in which the switch ends its channel: every worker hears that by itself.
"""

import asyncio
from collections import deque
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from hotline.campaigns.attempt import AttemptId
from hotline.campaigns.pacing import ANOTHERS

log = structlog.get_logger()

LINES: Final = "hotline:campaign-lines"  # a sorted set: attempt to the moment its lease ends
NEXT_CALL: Final = "hotline:campaign-next-call"  # the moment from which the next call may begin
TOLD: Final = "hotline:campaign-lines-told"  # there while Redis knows who has a line; one that lost its data does not
LEASE: Final = timedelta(minutes=20)  # renewed while the attempt lives; what is left when everybody died ends by itself
GRACE: Final = timedelta(seconds=10)  # between taking a line and claiming the attempt
TAKEN: Final = 0
NO_LINE: Final = -1
HAS_ONE: Final = -2
HUNG_UP_KEPT: Final = 1000  # more than ever wait for the ledger

# KEYS: lines, next call, told. ARGV: attempt, how many lines there are, milliseconds between two calls, and of a lease.
# Answers 0: taken; -1: no line is free; -2: the attempt has one; more: milliseconds until the next call may begin.
_TAKE: Final = """
if redis.call('EXISTS', KEYS[3]) == 0 then return -1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return -2 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return -1 end
local following = tonumber(redis.call('GET', KEYS[2]) or '0')
if following > now and following - now <= 60000 then return following - now end
redis.call('SET', KEYS[2], now + tonumber(ARGV[3]), 'PX', 60000)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[4]), ARGV[1])
return 0
"""
# KEYS: lines, told. ARGV: milliseconds of lease, of grace, then the attempts alive. Renews theirs, ends all others'.
_KEEP: Final = """
redis.call('SET', KEYS[2], 1, 'PX', ARGV[1])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local alive = {}
for place = 3, #ARGV do
  alive[ARGV[place]] = true
  redis.call('ZADD', KEYS[1], now + tonumber(ARGV[1]), ARGV[place])
end
local ended = 0
for _, attempt in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local taken = tonumber(redis.call('ZSCORE', KEYS[1], attempt)) - tonumber(ARGV[1])
  if not alive[attempt] and taken + tonumber(ARGV[2]) < now then
    redis.call('ZREM', KEYS[1], attempt)
    ended = ended + 1
  end
end
return ended
"""


class Lines:
    """The lines that campaigns may use. Every method but `close` is False, or does nothing, while Redis is away."""

    def __init__(self, url: str) -> None:
        # Two seconds for an answer: a dial that waits longer is not worth a line.
        self._redis: Redis = Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self._take = self._redis.register_script(_TAKE)
        self._keep = self._redis.register_script(_KEEP)
        self._hung_up: deque[AttemptId] = deque(maxlen=HUNG_UP_KEPT)
        self._freed = asyncio.Event()

    async def take(self, attempt: AttemptId, *, limit: int, per_second: float) -> timedelta | None:
        """Take a line for an attempt: zero where it was, else how long to wait, or ANOTHERS; None: no line is free."""
        self._freed.clear()
        try:
            answer = int(
                await self._take(
                    keys=[LINES, NEXT_CALL, TOLD], args=[attempt, limit, int(1000 / per_second), _milliseconds(LEASE)]
                )
            )
        except (RedisError, OSError, TimeoutError) as wrong:
            log.warning("no line: Redis is away", reason=type(wrong).__name__)
            return None
        if answer == HAS_ONE:
            return ANOTHERS
        return None if answer == NO_LINE else timedelta(milliseconds=answer)

    async def give_back(self, attempt: AttemptId) -> None:
        """Give a line back; where Redis is away, its lease ends by itself."""
        with suppress(RedisError, OSError, TimeoutError):
            await self._redis.zrem(LINES, attempt)
        self._freed.set()

    async def hung_up(self, attempt: AttemptId) -> None:
        """Free the line of an attempt whose channel the switch ended, whatever the ledger has read by now."""
        self._hung_up.append(attempt)
        await self.give_back(attempt)

    def has_hung_up(self, attempt: AttemptId) -> bool:
        """Return whether this process heard the attempt's channel end, lately."""
        return attempt in self._hung_up

    async def wait_for_free(self, seconds: float) -> None:
        """Wait until a line becomes free that this process hears of, since it asked last, but no longer than this."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._freed.wait()

    async def keep(self, alive: Collection[AttemptId]) -> bool:
        """Let the attempts alive keep their lines, and nobody else; return whether Redis is there.

        A Redis that began anew gives no line before it was told once who has one.
        """
        try:
            await self._keep(keys=[LINES, TOLD], args=[_milliseconds(LEASE), _milliseconds(GRACE), *sorted(alive)])
        except (RedisError, OSError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Give the connection back."""
        await self._redis.aclose()


def _milliseconds(length: timedelta) -> int:
    return int(length.total_seconds() * 1000)
