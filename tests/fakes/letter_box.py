"""A mail server that takes letters, or does not, as a test says."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller


class LetterBox:
    """What was taken; the next `refuses` letters are not."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.recipients: list[list[str]] = []
        self.refuses = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # a name of aiosmtpd
        if self.refuses:
            self.refuses -= 1
            return "451 try again"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"

    @contextmanager
    def listening(self, port: int) -> Iterator[None]:
        """Listen on this port of the machine itself."""
        server = Controller(self, hostname="127.0.0.1", port=port, data_size_limit=2**25)
        server.start()
        try:
            yield
        finally:
            server.stop()
