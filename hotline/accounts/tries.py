"""Count failed sign-ins by name and by address, in bounded memory. Pure: the moment is an argument.

A try is counted before the password is looked at and taken back when it was right, so that a hundred tries at the same
moment are not all "the first".
"""

import math
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Final

TRIES_BY_NAME: Final = 5
# Behind one address may be a whole office or a proxy: one who mistypes must not keep the others out. It only slows
# somebody who tries one password with many names.
TRIES_BY_ADDRESS: Final = 50
WINDOW_S: Final = 300.0
MOST_KEYS: Final = 10_000  # beyond that the key longest untouched is forgotten


class Tries:
    """The failed tries of the last five minutes. Moments are seconds of a clock that never runs backwards."""

    def __init__(self, *, limit: int = TRIES_BY_NAME, window: float = WINDOW_S, most_keys: int = MOST_KEYS) -> None:
        self._limit, self._window, self._most = limit, window, most_keys
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._failed)

    def wait(self, keys: Iterable[str], now: float) -> int:
        """Return the whole seconds until a try under all these keys is allowed; 0 means now."""
        return max((self._wait(key, now) for key in keys), default=0)

    def count(self, keys: Iterable[str], now: float) -> None:
        """Count one try under each key."""
        for key in keys:
            self._failed.setdefault(key, deque(maxlen=self._limit)).append(now)
            self._failed.move_to_end(key)
        while len(self._failed) > self._most:
            self._failed.popitem(last=False)

    def forgive(self, key: str, at: float | None = None) -> None:
        """Take back the try counted at this moment, or every try of this key."""
        failed = self._failed.get(key)
        if failed is None:
            return
        if at is not None and at in failed:
            failed.remove(at)
        if at is None or not failed:
            del self._failed[key]

    def _wait(self, key: str, now: float) -> int:
        failed = self._failed.get(key)
        if failed is None:
            return 0
        while failed and failed[0] <= now - self._window:
            failed.popleft()
        if not failed:
            del self._failed[key]
        return math.ceil(failed[0] + self._window - now) if len(failed) >= self._limit else 0
