"""Change the menus from a page: save a draft, check it, let callers be led by it, go back to an older version.

The file on disk is what leads callers, as it always was (`ivr/menu_file.py`): a start needs no database. So activating
is: the new file is laid whole beside the old one, the version is committed, and only then is the one put in the other's
place, in one step of the file system. Whatever dies in between, the file is whole, the old or the new; a version that
was committed and not put in place is put there by `run`, within seconds, or at the next start.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.change import Change
from hotline.audit.store import record
from hotline.clock import Clock
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.hours import WeeklyHours
from hotline.ivr.menu import MenuPlan
from hotline.ivr.menu_file import LOOK_EVERY, MOST_BYTES, Menus, known_to
from hotline.ivr.menu_form import Problem, read_plan
from hotline.ivr.menu_rules import Known
from hotline.menus.comparing import compared, tally
from hotline.menus.hours_asked import hours_told
from hotline.menus.hours_text import carried, with_hours
from hotline.menus.store import (
    add_draft,
    add_version,
    drafts_saved,
    last_activated_edition,
    mark_written,
    newest_draft,
    newest_version,
    version_of,
    versions_before,
)
from hotline.menus.version import (
    MenuDraft,
    MenuNotWritten,
    MenuRefused,
    MenusChanged,
    MenuVersion,
    MenuVersionUnknown,
    Origin,
    named,
)
from hotline.settings import SHIPPED_MENUS, Settings
from hotline.voice.shelf import Shelf

log = structlog.get_logger()

ROOM: Final = "menus"
BY_HAND: Final = "file"
"""Whom the audit names where the file was changed by hand."""
ACTS: Final = {
    Origin.PAGE: "activated",
    Origin.BACK: "went-back",
    Origin.FILE: "file-taken-over",
    Origin.HOURS: "hours-changed",
}


class MenuDesk:
    """The menus of one centre, and what supervisors do with them. `place` is the file an activation writes."""

    def __init__(
        self,
        *,
        menus: Menus,
        known: Callable[[], Known],
        place: Callable[[], Path],
        database: Database,
        clock: Clock,
    ) -> None:
        self._menus, self._known, self._place = menus, known, place
        self._database, self._clock = database, clock
        self._turn = asyncio.Lock()
        self._level_with = ""  # the text that was last found to be the newest version's

    @property
    def trouble(self) -> str:
        """Why the file is not in use; "" when it is."""
        return self._menus.trouble

    @property
    def hours(self) -> WeeklyHours:
        """The hours of the desk that lead the next caller."""
        return self._menus.plan.hours

    async def run(self) -> None:
        """Look at the file every two seconds, until cancelled; what was changed by hand becomes a version, too."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Take a changed file over; bring file and versions level. Without a database the file leads, as it stands."""
        try:
            async with self._turn:  # also for the look: one that began before an activation must not end after it
                await self._menus.refresh()
                if self._level_with != self._menus.text:
                    await self._bring_level()
        except (HotlineError, SQLAlchemyError, OSError) as wrong:
            log.warning("the menus' versions cannot be brought level with the file", reason=type(wrong).__name__)

    async def in_force(self) -> MenuVersion:
        """Return the version that leads the next caller."""
        async with self._turn:
            return await self._bring_level()

    async def draft(self) -> MenuDraft:
        """Return what is being written; the text in force where nobody writes."""
        in_force = await self.in_force()
        async with self._database.read() as session:
            return await _draft(session, in_force)

    async def save(self, text: str, *, edition: int, base: int, by: str) -> MenuDraft:
        """Keep a draft, whatever is wrong in it, of somebody who had seen this edition.

        Raises MenusChanged where somebody else has saved one since.
        """
        in_force, text = await self.in_force(), _one_way(text)
        saved = MenuDraft(edition=edition + 1, base=base, text=text, by=by, at=self._clock.now())
        async with self._database.begin() as session:
            seen = await _draft(session, in_force)
            if not await add_draft(session, saved):
                raise MenusChanged(await _draft(session, in_force), in_force)
            change = Change(
                by=by,
                room=ROOM,
                act="draft-saved",
                subject=f"draft@{saved.edition}",
                at=self._clock.now(),
                before={"edition": edition, "sha256": named(seen.text)},
                after={"edition": saved.edition, "sha256": named(text), **tally(compared(seen.text, text))},
            )
            await record(session, change)
        return saved

    async def known(self) -> Known:
        """Return what a text may name here."""
        return await asyncio.to_thread(self._known)

    async def check(self, text: str) -> MenuPlan | tuple[Problem, ...]:
        """Return the plan of a text, or everything that is wrong with it."""
        text = _one_way(text)
        if len(text.encode()) > MOST_BYTES:
            return (Problem(1, "", f"it has over {MOST_BYTES // 1024} KiB"),)
        return await asyncio.to_thread(lambda: read_plan(text, self._known()))

    async def activate(self, *, edition: int, in_force: int, by: str, note: str = "") -> MenuVersion:
        """Let the next caller be led by the draft; calls in progress keep the menus they began with.

        `edition` and `in_force` are what the person saw. Raises MenusChanged where either is not so any more,
        MenuRefused for a text that is no good menu, MenuNotWritten.
        """
        async with self._turn:
            present = await self._bring_level()
            async with self._database.read() as session:
                draft = await _draft(session, present)
            if draft.edition != edition or present.number != in_force:
                raise MenusChanged(draft, present)
            return await self._put_in_force(
                present, draft.text, by=by, note=note, origin=Origin.PAGE, edition=draft.edition
            )

    async def go_back(self, number: int, *, in_force: int, by: str, note: str = "") -> MenuVersion:
        """Let callers be led by an older version again; it becomes a new one with the same text. Raises as `activate`.

        Raises MenuVersionUnknown, too.
        """
        async with self._turn:
            present, older = await self._bring_level(), await self.version(number)
            if present.number != in_force:
                async with self._database.read() as session:
                    raise MenusChanged(await _draft(session, present), present)
            return await self._put_in_force(present, older.text, by=by, note=note, origin=Origin.BACK, of=number)

    async def change_hours(self, hours: WeeklyHours, *, in_force: int, by: str, note: str = "") -> MenuVersion:
        """Let the desk be open at other hours from the next call on; the rest of the text stays as it is.

        Raises as `activate`, and HoursNotWritable. Where nothing differs, the version in force is returned.
        """
        async with self._turn:
            present = await self._bring_level()
            if present.number != in_force:
                async with self._database.read() as session:
                    raise MenusChanged(await _draft(session, present), present)
            text = await asyncio.to_thread(with_hours, present.text, hours)
            if text == present.text:
                return present
            was = self._menus.plan.hours
            made = await self._put_in_force(present, text, by=by, note=note, origin=Origin.HOURS, hours=(was, hours))
        await self._carry(made, was, hours)
        return made

    async def _carry(self, made: MenuVersion, was: WeeklyHours, hours: WeeklyHours) -> None:
        """Let a draft that has the old hours have the new ones: activated later, it would undo them unseen."""
        # Whoever saved at this moment is told by their page; without a database the page of menus says what is old.
        with contextlib.suppress(MenusChanged, SQLAlchemyError, OSError):
            async with self._database.read() as session:
                draft = await _draft(session, made)
            text = carried(draft.text, was, hours) if draft.by else draft.text
            if text != draft.text:
                base = made.number if draft.base == made.number - 1 else draft.base
                await self.save(text, edition=draft.edition, base=base, by=made.by)

    async def version(self, number: int) -> MenuVersion:
        """Return a version. Raises MenuVersionUnknown."""
        async with self._database.read() as session:
            found = await version_of(session, number)
        if found is None:
            raise MenuVersionUnknown(f"there is no version {number} of the menus")
        return found

    async def drafts(self, limit: int) -> Sequence[MenuDraft]:
        """Return the drafts that were saved, newest first, whether or not they were activated or saved over."""
        async with self._database.read() as session:
            return await drafts_saved(session, limit)

    async def versions(self, before: int | None, limit: int) -> Sequence[MenuVersion]:
        """Return versions, newest first."""
        async with self._database.read() as session:
            return await versions_before(session, before, limit)

    async def _put_in_force(
        self,
        present: MenuVersion,
        text: str,
        *,
        by: str,
        note: str,
        origin: Origin,
        edition: int = 0,
        of: int | None = None,
        hours: tuple[WeeklyHours, WeeklyHours] | None = None,
    ) -> MenuVersion:
        plan = await self.check(text)
        if not isinstance(plan, MenuPlan):
            raise MenuRefused(plan)
        version = MenuVersion(
            number=present.number + 1,
            label=plan.version,
            text=text,
            by=by,
            at=self._clock.now(),
            note=note,
            origin=origin,
            of=of,
            edition=edition,
            replaces=named(present.text),
            is_written=False,
        )
        place = self._place()
        beside = await asyncio.to_thread(_lay_beside, place, text)
        try:
            async with self._database.begin() as session:
                if not await add_version(session, version):
                    raise MenusChanged(await _draft(session, present), await newest_version(session) or present)
                await record(session, _activation(version, present, hours))
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        self._level_with = ""  # whatever fails from here on: the next look ends it
        await self._finish(version, beside, place)
        return replace(version, is_written=True)

    async def _finish(self, version: MenuVersion, beside: Path, place: Path) -> None:
        """Put the new file in the old one's place and take it over. What fails here, the next look does again."""
        try:
            await asyncio.to_thread(_put_in_place, beside, place)
        except OSError as wrong:
            raise MenuNotWritten(f"{place} cannot be written ({wrong.strerror}): it is tried again") from wrong
        await self._menus.refresh()
        try:
            async with self._database.begin() as session:
                await mark_written(session, version.number)
            self._level_with = self._menus.text
        except (SQLAlchemyError, OSError) as wrong:  # callers are led by it all the same; it is marked at the next look
            log.warning("an activation is not marked as done", reason=type(wrong).__name__)
        log.info("menus activated", number=version.number, version=version.label, origin=version.origin.value)

    async def _bring_level(self) -> MenuVersion:
        """Return the version in force, once file and versions say the same."""
        text = self._menus.text
        async with self._database.read() as session:
            newest = await newest_version(session)
        if newest is not None and newest.text != text:  # the file may have been changed since we read it
            await self._menus.refresh()
            text = self._menus.text
        if newest is not None and newest.text == text:
            if not newest.is_written:
                async with self._database.begin() as session:
                    await mark_written(session, newest.number)
            self._level_with = text
            return newest
        if newest is not None and not newest.is_written and newest.replaces == named(text):
            # Activated, and cut off before its file was in place.
            if isinstance(await self.check(newest.text), MenuPlan):
                place = self._place()
                await self._finish(newest, await asyncio.to_thread(_lay_beside, place, newest.text), place)
                return newest
            log.error("an activation that was cut off is not ended: its text is no good menu any more")
        found = MenuVersion(
            number=newest.number + 1 if newest else 1,
            label=self._menus.plan.version,
            text=text,
            by="",
            at=self._clock.now(),
            note="",
            origin=Origin.FILE,
            replaces=named(newest.text) if newest else "",
        )
        async with self._database.begin() as session:
            if not await add_version(session, found):
                raise MenusChanged(await _draft(session, found), await newest_version(session) or found)
            await record(session, _activation(found, newest))
        self._level_with = text
        return found


def open_menus(settings: Settings, shelf: Shelf, database: Database, clock: Clock) -> tuple[Menus, MenuDesk]:
    """Return the menus of an installation, read from their file at once, and the desk at which they are changed.

    Raises MenuFileRefused where not even the shipped file can be read.
    """

    def known() -> Known:
        return known_to(shelf, settings.queues.skills)

    menus = Menus(lambda: settings.menus_file, known, shipped=SHIPPED_MENUS)
    own = settings.menu.file or settings.home / "menus.toml"
    return menus, MenuDesk(menus=menus, known=known, place=lambda: own, database=database, clock=clock)


async def _draft(session: AsyncSession, in_force: MenuVersion) -> MenuDraft:
    """Return the draft that is being written: the last one saved, unless it was activated."""
    newest = await newest_draft(session)
    if newest is not None and newest.edition > await last_activated_edition(session):
        return newest
    edition = newest.edition if newest else 0
    return MenuDraft(edition=edition, base=in_force.number, text=in_force.text, by="", at=None)


def _activation(
    version: MenuVersion, before: MenuVersion | None, hours: tuple[WeeklyHours, WeeklyHours] | None = None
) -> Change:
    lines = tally(compared(before.text, version.text)) if before else {}
    was, now = (_told(before) if before else None), _told(version)
    if hours is not None and was is not None:
        was, now = was | hours_told(hours[0]), now | hours_told(hours[1])
    return Change(
        by=version.by or BY_HAND,
        room=ROOM,
        act=ACTS[version.origin],
        subject=f"menus@{version.number}",
        at=version.at,
        before=was,
        after=now | ({"of": version.of} if version.of else {}) | {"note": version.note} | lines,
    )


def _told(version: MenuVersion) -> dict[str, object]:
    return {"number": version.number, "version": version.label, "sha256": named(version.text)}


def _one_way(text: str) -> str:
    """Return a text with one kind of line ends and one at its end, as the file has it."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _lay_beside(place: Path, text: str) -> Path:
    """Write a text whole, and safe against a power cut, beside the file it is to replace. Raises MenuNotWritten."""
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError as wrong:
        beside.unlink(missing_ok=True)
        raise MenuNotWritten(f"{place} cannot be written ({wrong.strerror})") from wrong
    return beside


def _put_in_place(beside: Path, place: Path) -> None:
    beside.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
