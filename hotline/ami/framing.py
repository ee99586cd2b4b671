"""Cut the byte stream of AMI into header blocks, then decode each block as a whole.

Pure. A Chinese name split over two TCP segments arrives whole, because nothing is decoded before its block has ended.
Memory is bounded: a block longer than MOST_BYTES or with more than MOST_HEADERS lines is passed over, and said so.
"""

from dataclasses import dataclass
from typing import Final

END: Final = b"\r\n\r\n"
MOST_BYTES: Final = 256 * 1024  # a 64 KiB caller name stands three times in one event
MOST_HEADERS: Final = 512

Headers = dict[str, str]  # names in lower case; a repeated header's values are joined by line feeds


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A block that was passed over; `reason` holds nothing of its content."""

    reason: str


TOO_LONG: Final = Unreadable(f"longer than {MOST_BYTES} bytes")
TOO_MANY: Final = Unreadable(f"more than {MOST_HEADERS} headers")


class Frames:
    """The blocks of one connection."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._passing_over = False

    @property
    def held(self) -> int:
        """Bytes kept for a block that has not ended yet."""
        return len(self._held)

    def feed(self, data: bytes) -> list[Headers | Unreadable]:
        """Take what arrived; return the blocks that have now ended, in order."""
        blocks: list[Headers | Unreadable] = []
        looked_at = max(0, len(self._held) - len(END) + 1)
        self._held += data
        while (end := self._held.find(END, looked_at)) >= 0:
            block = bytes(self._held[:end])
            del self._held[: end + len(END)]
            looked_at = 0
            if self._passing_over:
                self._passing_over = False
            elif block:
                blocks.append(TOO_LONG if len(block) > MOST_BYTES else read_headers(block))
        if len(self._held) > MOST_BYTES or self._passing_over:
            if not self._passing_over:
                blocks.append(TOO_LONG)
            self._passing_over = True
            del self._held[: -len(END) + 1]  # the end may be split over two segments
        return blocks


def read_headers(block: bytes) -> Headers | Unreadable:
    """Read one whole block. Bytes that are not UTF-8 become U+FFFD; a line without a colon (the banner) is left out."""
    if block.count(b"\r\n") >= MOST_HEADERS:
        return TOO_MANY
    headers: Headers = {}
    for line in block.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            continue
        name, value = name.strip().lower(), value.removeprefix(" ")
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    return headers
