"""Hold the digits a caller pressed against the home they claim, with a limit on wrong ones over all calls.

A home that set a PIN is opened by it alone; any other by the last four digits of any number registered for it. Those
prove little: who calls from the resident's own telephone reads them on its screen. That is what the trade asks for;
a home that wants more sets a PIN.
"""

from typing import Final

import structlog

from hotline.accounts.passwords import Passwords
from hotline.clock import Clock
from hotline.database import Database
from hotline.ivr.answers import Answers
from hotline.ivr.enquiry import Proof
from hotline.residents.noted import HomeUnknown
from hotline.residents.pin import DIGITS, check_pin, is_tail
from hotline.residents.pin_store import begin_try, forgive_try, keep_pin, tails_of
from hotline.residents.resident import Home

log = structlog.get_logger()

WITHIN_S: Final = 3.0  # the caller hears nothing meanwhile


class HomeProof:
    """Proves homes. One object serves all callers."""

    def __init__(
        self, database: Database, clock: Clock, answers: Answers, passwords: Passwords, *, within: float = WITHIN_S
    ) -> None:
        self._database, self._clock, self._answers, self._passwords = database, clock, answers, passwords
        self._within = within

    async def check(self, home: Home, digits: str) -> Proof:
        """Return what these digits prove. Never raises, never takes longer than `within` seconds."""
        if not DIGITS.fullmatch(digits):
            return Proof.WRONG  # opens nothing, so it need not be counted
        try:
            return await self._answers.wait_for(self._check(home, digits), within=self._within, name="home-proof")
        except TimeoutError:
            log.warning("proof of a home late: led to people")
        except Exception as wrong:  # noqa: BLE001 -- the edge: whatever the database does, the caller is led on
            log.error("proof of a home failed: led to people", error=type(wrong).__name__)
        return Proof.FAILED

    async def _check(self, home: Home, digits: str) -> Proof:
        async with self._database.begin() as session:
            begun = await begin_try(session, home, self._clock.now())
        if begun is None:
            log.warning("no more tries to prove this home for now")
            return Proof.LOCKED
        if begun.pin_hash is None:
            is_right = is_tail(digits, begun.tails)
        else:
            is_right = await self._passwords.is_right(digits, begun.pin_hash)
        if not is_right:
            return Proof.WRONG
        async with self._database.begin() as session:
            await forgive_try(session, begun)
        return Proof.RIGHT


async def set_pin(database: Database, passwords: Passwords, home: Home, pin: str) -> None:
    """Set a home's PIN; its wrong tries are forgotten. Raises PinRefused or HomeUnknown."""
    async with database.read() as session:
        tails = await tails_of(session, home)
    check_pin(pin, tails)
    await _keep(database, home, await passwords.hash(pin))


async def clear_pin(database: Database, home: Home) -> None:
    """Take a home's PIN away: the last four digits of a registered number do again. Raises HomeUnknown."""
    await _keep(database, home, None)


async def _keep(database: Database, home: Home, pin_hash: str | None) -> None:
    async with database.begin() as session:
        if not await keep_pin(session, home, pin_hash):
            raise HomeUnknown(f"there is no home {home.label}")
