"""AudioSocket's frames, checked at one door. Pure.

A frame is one byte of kind, two of length (big endian), and so many bytes. The switch (res_audiosocket) says who it is
in the first, then sends 20 ms of sound each: signed 16-bit samples, little endian, 8 kHz, one channel.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from hotline.errors import HotlineError

HEADER: Final = 3  # bytes
RATE: Final = 8000  # Hz
SAMPLE_BYTES: Final = 2
BYTES_PER_SECOND: Final = RATE * SAMPLE_BYTES
_UUID_BYTES: Final = 16


class Kind(IntEnum):
    """What a frame is."""

    HANGUP = 0x00
    NAME = 0x01  # a UUID: which leg this is
    SOUND = 0x10
    ERROR = 0xFF


class FrameRefused(HotlineError):
    """What came on the AudioSocket port is not what the switch sends; the connection is closed."""

    error_id = "live-frame-refused"


@dataclass(frozen=True, slots=True)
class Header:
    """What comes next: its kind, and how many bytes."""

    kind: Kind
    length: int


def read_header(data: bytes) -> Header:
    """Return the header in these three bytes. Raises FrameRefused for an unknown kind or a length that cannot be."""
    try:
        kind = Kind(data[0])
    except ValueError:
        raise FrameRefused(f"a frame is of kind 0x{data[0]:02x}, which the switch does not send") from None
    length = int.from_bytes(data[1:HEADER], "big")
    if kind is Kind.NAME and length != _UUID_BYTES:
        raise FrameRefused(f"a name has {length} bytes, not {_UUID_BYTES}")
    if kind is Kind.SOUND and length % SAMPLE_BYTES:
        raise FrameRefused(f"sound of {length} bytes ends in the middle of a sample")
    return Header(kind, length)


def read_name(payload: bytes) -> UUID:
    """Return the UUID of a NAME frame."""
    return UUID(bytes=payload)
