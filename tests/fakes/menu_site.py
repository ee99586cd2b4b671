"""A menu file on a real disk, the menus that lead callers by it, and the desk at which they are changed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hotline.clock import Clock
from hotline.database import Database
from hotline.ivr.menu_file import Menus
from hotline.ivr.menu_rules import Known
from hotline.menus.service import MenuDesk
from hotline.settings import SHIPPED_MENUS

KNOWN: Final = Known(frozenset({"service", "repair", "complaint", "english"}))
SHIPPED: Final = SHIPPED_MENUS.read_text(encoding="utf-8")


def versioned(version: str, *changes: tuple[str, str]) -> str:
    """Return the shipped text under another name, with changes."""
    text = SHIPPED.replace('version = "2026-11-22"', f'version = "{version}"')
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


@dataclass(frozen=True)
class MenuSite:
    """The site's file, and who reads and writes it."""

    file: Path
    menus: Menus
    desk: MenuDesk


def menu_site(home: Path, database: Database, clock: Clock, **changes: Any) -> MenuSite:
    """Open the menus of a home; without a file of its own the shipped one is in force."""
    file = home / "menus.toml"
    menus = Menus(lambda: file if file.is_file() else SHIPPED_MENUS, lambda: KNOWN, shipped=SHIPPED_MENUS)
    given: dict[str, Any] = {"place": lambda: file} | changes
    return MenuSite(file, menus, MenuDesk(menus=menus, known=lambda: KNOWN, database=database, clock=clock, **given))
