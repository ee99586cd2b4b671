"""The written form of AGI: the header block a call comes with, and the commands we send.

Pure. What a caller can choose (name, number) is cut and cleaned here, at the door.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hotline.ivr.errors import UnsafeArgument

MOST_CHARACTERS: Final = 80
MOST_HEADERS: Final = 200
MOST_COMMAND_BYTES: Final = 2000  # Asterisk reads a command into 2048
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNSAFE: Final = re.compile("[\r\n\0\ud800-\udfff]")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_()/.:#*-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgiCall:
    """The call as the switch hands it over. Number and name are "" when withheld; no value has over 80 characters."""

    uniqueid: str
    channel: str
    caller_number: str = ""
    caller_name: str = ""
    extension: str = ""
    context: str = ""
    script: str = ""  # the path in the dialplan's agi://host/path
    arguments: tuple[str, ...] = ()


def read_call(block: bytes) -> AgiCall | None:
    """Read a header block; None when it is none (no unique id or channel, or too many lines). Never raises."""
    lines = block.split(b"\n")
    if len(lines) > MOST_HEADERS:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("utf-8", "replace").partition(":")
        if colon:
            headers.setdefault(name.strip().lower(), _CONTROL.sub("", value).strip()[:MOST_CHARACTERS])
    if not headers.get("agi_uniqueid") or not headers.get("agi_channel"):
        return None
    return AgiCall(
        uniqueid=headers["agi_uniqueid"],
        channel=headers["agi_channel"],
        caller_number=_known(headers.get("agi_callerid", "")),
        caller_name=_known(headers.get("agi_calleridname", "")),
        extension=headers.get("agi_extension", ""),
        context=headers.get("agi_context", ""),
        script=headers.get("agi_network_script", ""),
        arguments=tuple(_arguments(headers)),
    )


def command(*words: str) -> bytes:
    """Return the line of one command. The first words are its name; others are quoted where they need it.

    Raises UnsafeArgument if a word holds CR, LF, NUL or a lone surrogate, or the line is too long for the switch.
    """
    if any(_UNSAFE.search(word) for word in words):
        raise UnsafeArgument(words[0])
    line = " ".join(word if _PLAIN.fullmatch(word) else _quoted(word) for word in words).encode() + b"\n"
    if len(line) > MOST_COMMAND_BYTES:
        raise UnsafeArgument(words[0])
    return line


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _known(value: str) -> str:
    return "" if value.lower() in ("unknown", "<unknown>") else value


def _arguments(headers: dict[str, str]) -> Iterable[str]:
    number = 1
    while (name := f"agi_arg_{number}") in headers:
        yield headers[name]
        number += 1
