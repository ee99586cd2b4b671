"""The menu file on disk: read when the service starts, looked at again while it runs, taken over when it is good.

A call goes on with the plan it began with: a session takes `Menus.plan` once, and a plan never changes. A changed file
that is wrong is refused aloud, once, and the plan before it stays.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from hotline.errors import HotlineError
from hotline.ivr.menu import MenuPlan
from hotline.ivr.menu_form import Problem, read_plan
from hotline.ivr.menu_rules import Known
from hotline.queues.membership import EVERYBODY
from hotline.voice.shelf import LANGUAGES, Shelf

log = structlog.get_logger()

LOOK_EVERY: Final = 2.0
MOST_BYTES: Final = 64 * 1024


class MenuFileRefused(HotlineError):
    """The menu file is wrong; names each line and the reason. `problems` is empty if it cannot be read at all."""

    error_id = "menu-file-refused"

    def __init__(self, file: Path, problems: tuple[Problem, ...], reason: str = "") -> None:
        told = f"cannot be read: {reason}" if reason else "refused\n" + "\n".join(f"  {one}" for one in problems)
        super().__init__(f"{file} {told}")
        self.file, self.problems = file, problems


def known_to(shelf: Shelf, skills: Iterable[str]) -> Known:
    """Return what a menu file may name in this installation. Blocks: call it off the loop."""
    sounds: dict[str, frozenset[str]] = {language: frozenset(shelf.ids(language)) for language in LANGUAGES}
    return Known(frozenset({EVERYBODY, *skills}), sounds)


def read_menu_file(file: Path, known: Known) -> MenuPlan:
    """Read and check a menu file. Raises MenuFileRefused. Blocks: call it off the loop."""
    return _checked(file, _text(file, _content(file)), known).plan


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as wrong:
        raise MenuFileRefused(file, (), str(wrong.strerror)) from wrong
    if len(content) > MOST_BYTES:
        raise MenuFileRefused(file, (), f"it has over {MOST_BYTES // 1024} KiB")
    return content


def _text(file: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise MenuFileRefused(file, (Problem(line, "", "is not UTF-8: save it as UTF-8"),)) from wrong


@dataclass(frozen=True, slots=True)
class _Read:
    """A plan, and the text it was read from."""

    plan: MenuPlan
    text: str


def _checked(file: Path, text: str, known: Known) -> _Read:
    plan = read_plan(text, known)
    if isinstance(plan, MenuPlan):
        return _Read(plan, text)
    raise MenuFileRefused(file, plan)


class Menus:
    """The plan that calls begin with now. `find` says which file holds it, asked anew at each look."""

    def __init__(self, find: Callable[[], Path], known: Callable[[], Known], *, shipped: Path | None = None) -> None:
        """Read the file at once. If it is wrong, `shipped`, the file we come with, leads callers in its place.

        Raises MenuFileRefused when there is no other.
        """
        self._find, self._known = find, known
        self.trouble = ""
        """Why the newest file is not in use; "" when it is."""
        self._judged: tuple[object, ...] = ()  # the file, and what it may name, as at the last verdict
        read, refused = self._look()
        if refused:
            if shipped is None or shipped == refused.file:
                raise refused
            log.error("menu file refused: the shipped menus lead callers", reason=str(refused))
            read = _checked(shipped, _text(shipped, _content(shipped)), known())
        if read is None:
            raise AssertionError("a first look has a plan or a refusal")
        self._read = read

    @property
    def plan(self) -> MenuPlan:
        """The plan for a call that begins now."""
        return self._read.plan

    @property
    def text(self) -> str:
        """The text of that plan."""
        return self._read.text

    async def run(self) -> None:
        """Look at the file every two seconds, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            await self.refresh()

    async def refresh(self) -> bool:
        """Look at the file; return whether a plan was taken over. A wrong file is logged once and changes nothing."""
        had_trouble = bool(self.trouble)
        read, refused = await asyncio.to_thread(self._look)
        if refused:
            log.error("menu file refused: the menus stay as they were", reason=str(refused))
        if read is None:
            return False
        is_new, self._read = read.plan != self._read.plan, read
        if not is_new and not had_trouble:
            return False
        log.info("menus taken over", version=read.plan.version, menus=len(read.plan.menus), differs=is_new)
        return True

    def _look(self) -> tuple[_Read | None, MenuFileRefused | None]:
        """Return a plan, or why there is none, or neither when there is nothing new since the last look.

        A file is looked at again when it or what it may name has changed, and at each look for as long as it could
        not be judged at all (a disk that fails): only a verdict on its content stands.
        """
        file = self._find()
        seen: tuple[object, ...] = (file, "absent")
        with suppress(OSError):
            status = file.stat()
            seen = (file, status.st_mtime_ns, status.st_size, status.st_ino)
        try:
            known = self._known_now(file)
            if (*seen, known) == self._judged:
                return None, None
            self._judged = ()
            read = _checked(file, _text(file, _content(file)), known)
        except MenuFileRefused as refused:
            if refused.problems:
                self._judged = (*seen, known)
            is_told = str(refused) == self.trouble
            self.trouble = str(refused)
            return None, None if is_told else refused
        self._judged, self.trouble = (*seen, known), ""
        return read, None

    def _known_now(self, file: Path) -> Known:
        try:
            return self._known()
        except OSError as wrong:  # the folders of sounds: the file cannot be judged, the service goes on
            raise MenuFileRefused(file, (), f"the prompts cannot be listed ({wrong.strerror})") from wrong
