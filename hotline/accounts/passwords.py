"""Keep passwords as Argon2id hashes, worked out in threads: one takes tens of milliseconds and 64 MB."""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE: Final = 2


class Passwords:
    """Hash and check passwords, a few at a time; callers bound their wait."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """Return what is to be stored for this password."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _as_bytes(password))

    async def is_right(self, password: str, stored: str | None) -> bool:
        """Return whether this is the password; with nothing stored (no such name), take as long and say no."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this one")
        async with self._turn:
            right = await asyncio.to_thread(self._check, stored or self._nobody, password)
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Return whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _as_bytes(password))
        except (VerificationError, InvalidHashError):
            return False


def _as_bytes(password: str) -> bytes:
    return password.encode(
        "utf-8", "surrogatepass"
    )  # JSON can carry half a surrogate pair; it is only a wrong password
