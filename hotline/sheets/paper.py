"""What our PDF sheets have in common: letters, styles, lines. Pure but for the font's registration.

The Chinese letters are those every reader of PDF brings (STSong-Light, Adobe-GB1): nothing needs to be installed, and
the file stays small. What that collection lacks (rare names, emoji) is written as 〓.
"""

from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import TableStyle

FONT: Final = "STSong-Light"
MISSING: Final = "〓"
BODY: Final = ParagraphStyle("body", fontName=FONT, fontSize=9, leading=12.5, wordWrap="CJK")
SMALL: Final = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=10, textColor=colors.grey)
TITLE: Final = ParagraphStyle("title", parent=BODY, fontSize=16, leading=22, alignment=1)
HEAD: Final = ParagraphStyle("head", parent=BODY, fontSize=11, leading=15, spaceBefore=6)


def register_font() -> None:
    """Make the font known; may run again."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))


def lines(*more: Any) -> TableStyle:
    """Return the style of a table with thin lines."""
    return TableStyle([("GRID", (0, 0), (-1, -1), 0.4, colors.grey), ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *more])


def text(said: str) -> str:
    """Return text that the font has letters for, and in which nothing is read as markup."""
    return escape("".join(letter if _is_there(letter) else MISSING for letter in said)).replace("\n", "<br/>")


def _is_there(letter: str) -> bool:
    """Return whether the collection has this letter: ASCII, or one that GB 18030 writes in two bytes."""
    if letter == "\n" or " " <= letter < "\x7f":
        return True
    return len(letter.encode("gb18030", "replace")) == 2
