"""Cells of files that spreadsheets open. Pure."""

from typing import Final

# The wide ones, too: some programs take them so.
_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet takes for text: a caller's words may begin like a formula."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell
