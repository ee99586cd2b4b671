"""Encrypt a file at rest so that any stretch of it can be read alone. Blocking.

AES-256-GCM in numbered blocks of 64 KiB. The header (magic, key's mark, salt, length of the plain file) is
authenticated with every block; a block's nonce is its number, under a key of this one file (HKDF over the salt). So a
changed, swapped, cut or appended block is noticed when it is read, and seeking costs the blocks asked for.
"""

import io
import os
import struct
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hotline.recordings.errors import KeyMissing, KeyWrong, SealBroken

BLOCK: Final = 64 * 1024  # bytes of plain sound
TAG: Final = 16
KEY_BYTES: Final = 32
MAGIC: Final = b"HLSOUND1"
HEADER: Final = struct.Struct(">8s8s16sQ")  # magic, key's mark, salt, plain length
ABOUT: Final = b"hotline recording"


def read_key(path: Path) -> bytes:
    """Return the key that set-up made. Raises KeyMissing."""
    try:
        key = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        raise KeyMissing(
            f"{path} is not there: put back your copy of it; where nothing was ever encrypted, scripts/up makes one"
        ) from None
    except (OSError, ValueError) as wrong:
        raise KeyMissing(f"{path} cannot be read as a key ({type(wrong).__name__}): put back your copy of it") from None
    if len(key) != KEY_BYTES:
        raise KeyMissing(f"{path} holds no key of {KEY_BYTES} bytes: put back your copy of it")
    return key


def seal(plain: Path, sealed: Path, key: bytes) -> None:
    """Write an encrypted copy of a file and see it on the disk."""
    header = HEADER.pack(MAGIC, _mark(key), os.urandom(16), plain.stat().st_size)
    cipher = _cipher(key, header)
    with plain.open("rb") as source, sealed.open("wb") as target:
        target.write(header)
        number = 0
        while block := source.read(BLOCK):
            target.write(cipher.encrypt(_nonce(number), block, header))
            number += 1
        target.flush()
        os.fsync(target.fileno())


class SealedFile(io.RawIOBase):
    """The plain sound of an encrypted file, readable and seekable; decrypts the blocks asked for and no more.

    `decrypted` counts blocks. Raises KeyWrong or SealBroken.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        super().__init__()
        self._path = path
        self._file: BinaryIO = path.open("rb")
        try:
            self._header = self._file.read(HEADER.size)
            if len(self._header) < HEADER.size or not self._header.startswith(MAGIC):
                raise SealBroken(path, "is not an encrypted recording")
            _, mark, _, self.size = HEADER.unpack(self._header)
            if mark != _mark(key):
                raise KeyWrong(f"{path.name} was encrypted with another key: put back the key file of that time")
            blocks = -(-self.size // BLOCK)
            if path.stat().st_size != HEADER.size + self.size + blocks * TAG:
                raise SealBroken(path, "is shorter or longer than it says")
        except BaseException:
            self._file.close()
            raise
        self._cipher = _cipher(key, self._header)
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")  # the block read last: players read in small steps
        self.decrypted = 0

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
        super().close()

    def readable(self) -> bool:
        """It can be read."""
        return True

    def seekable(self) -> bool:
        """It can be sought in."""
        return True

    def tell(self) -> int:
        """Return where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a byte of the plain sound."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return the next bytes, fewer only at the end."""
        until = self.size if size is None or size < 0 else min(self.size, self._at + size)
        parts = []
        while self._at < until:
            number, within = divmod(self._at, BLOCK)
            part = self._block(number)[within : within + until - self._at]
            parts.append(part)
            self._at += len(part)
        return b"".join(parts)

    def _block(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(HEADER.size + number * (BLOCK + TAG))
            wanted = min(BLOCK, self.size - number * BLOCK) + TAG
            try:
                plain = self._cipher.decrypt(_nonce(number), self._file.read(wanted), self._header)
            except (InvalidTag, ValueError):
                raise SealBroken(self._path, f"was changed at block {number}") from None
            self.decrypted += 1
            self._held = number, plain
        return self._held[1]


def _cipher(key: bytes, header: bytes) -> AESGCM:
    salt = HEADER.unpack(header)[2]
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=ABOUT).derive(key))


def _mark(key: bytes) -> bytes:
    """Return what tells keys apart and says nothing of them."""
    return sha256(b"mark" + key).digest()[:8]


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
