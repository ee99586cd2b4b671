"""What our PDF sheets have in common: letters, styles, lines. Pure but for the font's registration.

The Chinese letters are those every reader of PDF brings (STSong-Light, Adobe-GB1): nothing needs to be installed, and
the file stays small. What that collection lacks (rare names, emoji) is written as 〓.
"""

from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
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


class NumberedPages(Canvas):  # type: ignore[misc]  # the library has no types
    """A canvas that says on each page which of how many it is: nothing can be torn out unseen."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._written: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 – the library's name
        """Put the page by until it is known how many there are."""
        self._written.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Number the pages and write the file."""
        for number, page in enumerate(self._written, start=1):
            self.__dict__.update(page)
            self.setFont(FONT, SMALL.fontSize)
            self.setFillColor(SMALL.textColor)
            self.drawRightString(A4[0] - 15 * mm, 8 * mm, f"第 {number} 页，共 {len(self._written)} 页")
            super().showPage()
        super().save()


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
