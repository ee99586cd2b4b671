"""The words on the pages of a PDF of ours, without a reader: its streams, its strings, their letters (UTF-16)."""

import base64
import re
import zlib

_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """Return all that is written on the pages, without spaces and line ends."""
    told = []
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            page = zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
        except (ValueError, zlib.error):
            continue  # no page: a picture, a font
        told += [_letters(string) for string in re.findall(rb"\(((?:\\.|[^\\)])*)\)\s*Tj", page, re.DOTALL)]
    return re.sub(r"\s", "", "".join(told))


def _letters(string: bytes) -> str:
    plain = _ESCAPE.sub(
        lambda found: bytes([int(found[1], 8)]) if len(found[1]) == 3 else _LETTERS.get(found[1], found[1]), string
    )
    return plain.decode("utf-16-be", "replace")
