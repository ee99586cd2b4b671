"""Typed reading of one AMI block's headers, names in lower case. Pure. Text is cut at MOST_CHARACTERS."""

from collections.abc import Mapping
from typing import Final

MOST_CHARACTERS: Final = 256


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19


class Missing(Exception):
    """A header is not there, or is not what it should be."""


class Fields:
    """Typed reading of one block's headers."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def text(self, *names: str) -> str:
        """Return the first of these headers that is there; it is needed."""
        for name in names:
            if value := self._headers.get(name):
                return value[:MOST_CHARACTERS]
        raise Missing(f"no {names[0]}")

    def perhaps(self, *names: str) -> str:
        """Return the first of these headers that is there, else nothing; Asterisk says <unknown> for no number."""
        value = next((self._headers[name] for name in names if self._headers.get(name)), "")
        return "" if value == "<unknown>" else value[:MOST_CHARACTERS]

    def number(self, name: str) -> int:
        """Return a whole number from 0; it is needed."""
        value = self._headers.get(name, "")
        if not _is_number(value):
            raise Missing(f"{name} is not a number" if value else f"no {name}")
        return int(value)

    def leg(self, prefix: str = "") -> dict[str, str]:
        """Return the headers that every channel event has; an event without linkedid is about its own call.

        `prefix` "dest": of the leg that is rung.
        """
        uniqueid = self.text(f"{prefix}uniqueid")
        linkedid = self.perhaps(f"{prefix}linkedid") or uniqueid
        return {"channel": self.text(f"{prefix}channel"), "uniqueid": uniqueid, "linkedid": linkedid}

    def seconds(self, name: str) -> int:
        """Return hours:minutes:seconds as seconds; 0 where it is not there or is something else."""
        parts = self.perhaps(name).split(":")
        if len(parts) != len(("hours", "minutes", "seconds")) or not all(_is_number(part) for part in parts):
            return 0
        hours, minutes, seconds = map(int, parts)
        return (hours * 60 + minutes) * 60 + seconds

    def caller(self) -> dict[str, str]:
        """Return who calls; both are "" when withheld."""
        return {"caller_number": self.perhaps("calleridnum"), "caller_name": self.perhaps("calleridname")}

    def agent(self) -> dict[str, str]:
        """Return the headers that every event about a caller and an agent's phone has."""
        return {
            **self.leg(),
            "queue": self.text("queue"),
            "interface": self.text("interface"),
            "name": self.perhaps("membername"),
            "agent_channel": self.perhaps("destchannel"),
            "agent_uniqueid": self.perhaps("destuniqueid"),
        }
