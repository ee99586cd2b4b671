"""Whether the libraries of the pages were made on this machine: only where npm could be reached."""

from typing import Final

from hotline.install import browser_parts
from hotline.settings import read_settings

ABSENT: Final = "the libraries of the pages are not there: python -m hotline.install.browser_parts"


def has_libraries() -> bool:
    """Tell whether charts are drawn and pages are telephones here."""
    return browser_parts.is_there(read_settings({"HOTLINE_HOME": "/nonexistent"}).parts.directory)
