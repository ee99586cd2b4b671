"""The number a home sets to prove itself on the telephone (PIN): what may be one, and what proves a home. Pure."""

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Final

from hotline.errors import HotlineError

DIGITS: Final = re.compile(r"[0-9]{4,6}")
TAIL: Final = 4  # digits of a registered number that are asked for where a home has set no PIN
WRONG_TRIES: Final = 5  # so many …
WITHIN: Final = timedelta(hours=1)  # … within this time, over all calls, and a home is not opened by keys any more
RUNS: Final = ("01234567890", "09876543210")


class PinRefused(HotlineError):
    """A home cannot have this PIN: not 4 to 6 digits, or the first that a stranger would try."""

    error_id = "pin-refused"


def check_pin(pin: str, tails: Collection[str] = ()) -> None:
    """Refuse a PIN that is easily guessed; `tails` are the last digits of the home's numbers. Raises PinRefused."""
    if not DIGITS.fullmatch(pin):
        raise PinRefused("a PIN has 4 to 6 digits")
    if any(pin in run for run in RUNS) or _repeats(pin) or pin[-TAIL:] in tails or pin in tails:
        raise PinRefused(
            "this PIN is easily guessed: no run (1234), no repetition (0000, 1212), no end of one of your numbers"
        )


def is_tail(digits: str, tails: Collection[str]) -> bool:
    """Return whether these are the last four digits of one of the numbers that end so."""
    return len(digits) == TAIL and digits in tails


def _repeats(pin: str) -> bool:
    """Return whether a part of the PIN, said again and again, makes the whole: 0000, 1212, 123123."""
    return pin in (pin + pin)[1:-1]
