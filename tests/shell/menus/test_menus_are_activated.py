"""Menus changed by supervisors: taken over at once, two who write at once, outages in the middle, and the way back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.store import Wanted, changes
from hotline.database import Database
from hotline.ivr.menu_file import Menus
from hotline.menus import service
from hotline.menus.version import MenuNotWritten, MenuRefused, MenusChanged, MenuVersion, MenuVersionUnknown, Origin
from hotline.settings import SHIPPED_MENUS
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.menu_site import KNOWN, SHIPPED, MenuSite, menu_site, versioned

WRONG = SHIPPED.replace("queue:repair", "queue:repairs").replace('to = "progress"', 'to = "robot"')


@pytest.fixture
def site(tmp_path: Path, database: Database) -> MenuSite:
    return menu_site(tmp_path, database, ClockByHand())


async def activated(site: MenuSite, text: str, *, by: str = "boss", note: str = "") -> MenuVersion:
    """Save a text and let callers be led by it."""
    in_force, draft = await site.desk.in_force(), await site.desk.draft()
    saved = await site.desk.save(text, edition=draft.edition, base=in_force.number, by=by)
    return await site.desk.activate(edition=saved.edition, in_force=in_force.number, by=by, note=note)


async def audited(database: Database) -> list[tuple[str, str, str]]:
    async with database.read() as session:
        found = await changes(session, Wanted(room="menus"), limit=20)
    return [(kept.change.by, kept.change.act, kept.change.subject) for kept in reversed(found)]


async def test_what_leads_callers_at_the_first_look_is_the_first_version(site: MenuSite) -> None:
    first = await site.desk.in_force()

    assert (first.number, first.label, first.origin, first.text) == (1, "2026-11-22", Origin.FILE, SHIPPED)
    assert (await site.desk.draft()).text == SHIPPED
    assert not site.file.exists(), "nothing was changed, so the shipped file stays in use"


async def test_an_activated_draft_leads_the_next_call_and_one_in_progress_keeps_its_own(
    site: MenuSite, database: Database
) -> None:
    in_progress = site.menus.plan

    made = await activated(site, versioned("two"), note="试一试")

    assert (made.number, made.by, made.note, made.origin) == (2, "boss", "试一试", Origin.PAGE)
    assert site.menus.plan.version == "two"
    assert in_progress.version == "2026-11-22"
    assert site.file.read_text("utf-8") == versioned("two")
    assert [one.number for one in await site.desk.versions(None, 9)] == [2, 1]
    assert (await site.desk.draft()).by == "", "an activated draft is no draft any more"
    assert await audited(database) == [
        ("file", "file-taken-over", "menus@1"),
        ("boss", "draft-saved", "draft@1"),
        ("boss", "activated", "menus@2"),
    ]


async def test_the_second_to_save_is_given_the_text_of_the_first_and_loses_nothing(site: MenuSite) -> None:
    one, other = versioned("one"), versioned("other")
    await site.desk.save(one, edition=0, base=1, by="boss")

    with pytest.raises(MenusChanged) as refused:
        await site.desk.save(other, edition=0, base=1, by="root")
    theirs = refused.value.details
    kept = await site.desk.save(other, edition=theirs["edition"], base=1, by="root")

    assert (theirs["text"], theirs["by"], theirs["in_force"]) == (one, "boss", 1)
    assert kept.edition == 2
    assert [(draft.by, draft.text) for draft in await site.desk.drafts(9)] == [("root", other), ("boss", one)]


async def test_of_two_who_save_at_the_same_moment_one_is_told(site: MenuSite) -> None:
    await site.desk.in_force()

    ends = await asyncio.gather(
        *(site.desk.save(versioned(name), edition=0, base=1, by=name) for name in ("one", "two", "three")),
        return_exceptions=True,
    )

    assert sorted(type(end).__name__ for end in ends) == ["MenuDraft", "MenusChanged", "MenusChanged"]


async def test_of_two_services_that_activate_at_the_same_moment_one_is_told(
    site: MenuSite, database: Database, tmp_path: Path
) -> None:
    await site.desk.save(versioned("two"), edition=0, base=(await site.desk.in_force()).number, by="boss")
    other = menu_site(tmp_path, database, ClockByHand())

    ends = await asyncio.gather(
        site.desk.activate(edition=1, in_force=1, by="boss"),
        other.desk.activate(edition=1, in_force=1, by="root"),
        return_exceptions=True,
    )

    assert sorted(type(end).__name__ for end in ends) == ["MenuVersion", "MenusChanged"]
    assert [one.number for one in await site.desk.versions(None, 9)] == [2, 1]


async def test_a_service_that_has_not_read_the_new_file_yet_does_not_take_the_old_one_for_a_change_by_hand(
    site: MenuSite, database: Database, tmp_path: Path
) -> None:
    await site.desk.save(versioned("two"), edition=0, base=(await site.desk.in_force()).number, by="boss")
    other = menu_site(tmp_path, database, ClockByHand())
    await site.desk.activate(edition=1, in_force=1, by="boss")

    assert (await other.desk.in_force()).number == 2
    assert [one.number for one in await site.desk.versions(None, 9)] == [2, 1]


async def test_who_saw_an_older_menu_in_force_does_not_activate_over_the_new_one(site: MenuSite) -> None:
    await site.desk.save(versioned("two"), edition=0, base=(await site.desk.in_force()).number, by="root")
    site.file.write_text(versioned("by hand"), encoding="utf-8")
    await site.desk.look()

    with pytest.raises(MenusChanged) as refused:
        await site.desk.activate(edition=1, in_force=1, by="root")

    assert refused.value.details["in_force_text"] == versioned("by hand")
    assert site.menus.plan.version == "by hand"


async def test_a_wrong_draft_may_be_saved_and_is_not_activated(site: MenuSite) -> None:
    await site.desk.save(WRONG, edition=0, base=(await site.desk.in_force()).number, by="boss")

    with pytest.raises(MenuRefused) as refused:
        await site.desk.activate(edition=1, in_force=1, by="boss")

    assert any("来电不能被引到“robot”" in one["reason_zh"] for one in refused.value.details["problems"])
    assert site.menus.plan.version == "2026-11-22"
    assert not site.file.exists()


async def test_going_back_makes_the_older_text_a_new_version(site: MenuSite, database: Database) -> None:
    await activated(site, versioned("two"))
    await activated(site, versioned("three"))

    made = await site.desk.go_back(2, in_force=3, by="root", note="三不好")

    assert (made.number, made.of, made.origin, made.label) == (4, 2, Origin.BACK, "two")
    assert site.menus.plan.version == "two"
    assert site.file.read_text("utf-8") == versioned("two")
    assert (await audited(database))[-1] == ("root", "went-back", "menus@4")
    with pytest.raises(MenuVersionUnknown):
        await site.desk.go_back(99, in_force=4, by="root")


async def test_a_draft_stays_when_somebody_goes_back_meanwhile(site: MenuSite) -> None:
    await activated(site, versioned("two"))
    saved = await site.desk.save(versioned("mine"), edition=1, base=2, by="boss")

    await site.desk.go_back(1, in_force=2, by="root")

    assert await site.desk.draft() == saved


async def test_a_file_changed_by_hand_becomes_a_version_of_its_own(site: MenuSite, database: Database) -> None:
    await site.desk.look()
    site.file.write_text(versioned("by hand"), encoding="utf-8")
    await site.desk.look()
    await site.desk.look()

    assert [(one.label, one.origin) for one in await site.desk.versions(None, 9)] == [
        ("by hand", Origin.FILE),
        ("2026-11-22", Origin.FILE),
    ]
    assert (await audited(database))[-1] == ("file", "file-taken-over", "menus@2")


async def test_a_service_that_dies_between_commit_and_file_has_a_whole_menu_and_ends_it_at_its_start(
    site: MenuSite, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await activated(site, versioned("two"))

    def dies(_beside: Path, _place: Path) -> None:
        raise OSError(5, "the machine is gone")

    with monkeypatch.context() as broken:
        broken.setattr(service, "_put_in_place", dies)
        with pytest.raises(MenuNotWritten):
            await activated(site, versioned("three"))
    assert site.file.read_text("utf-8") == versioned("two"), "the old file, whole"
    assert Menus(lambda: site.file, lambda: KNOWN).plan.version == "two"

    again = menu_site(tmp_path, database, ClockByHand())
    await again.desk.look()

    assert again.menus.plan.version == "three"
    assert site.file.read_text("utf-8") == versioned("three")
    assert [one.label for one in await again.desk.versions(None, 9)] == ["three", "two", "2026-11-22"]


async def test_the_file_put_back_by_hand_after_an_activation_stays_as_it_was_put(site: MenuSite) -> None:
    await activated(site, versioned("two"))
    await activated(site, versioned("three"))
    site.file.write_text(versioned("two"), encoding="utf-8")

    await site.desk.look()

    assert site.menus.plan.version == "two"
    assert (await site.desk.in_force()).origin is Origin.FILE


async def test_a_database_that_dies_in_the_middle_leaves_menu_and_file_as_they_were(
    site: MenuSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await activated(site, versioned("two"))
    await site.desk.save(versioned("three"), edition=1, base=2, by="boss")

    async def dies(_session: AsyncSession, _change: object) -> int:
        raise OperationalError("commit", None, Exception("gone"))

    with monkeypatch.context() as broken:
        broken.setattr(service, "record", dies)
        with pytest.raises(OperationalError):
            await site.desk.activate(edition=2, in_force=2, by="boss")

    assert site.file.read_text("utf-8") == versioned("two")
    assert site.menus.plan.version == "two"
    assert [one.name for one in tmp_path.iterdir() if "menus.toml" in one.name] == ["menus.toml"], "nothing left beside"
    assert (await site.desk.activate(edition=2, in_force=2, by="boss")).label == "three"


async def test_without_a_database_the_file_leads_callers_and_is_taken_over(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = menu_site(tmp_path, database, ClockByHand())

    @asynccontextmanager
    async def gone() -> AsyncIterator[AsyncSession]:
        raise OperationalError("connect", None, Exception("gone"))
        yield

    with monkeypatch.context() as broken:
        broken.setattr(database, "read", gone)
        broken.setattr(database, "begin", gone)
        site.file.write_text(versioned("by hand"), encoding="utf-8")
        await site.desk.look()
        assert site.menus.plan.version == "by hand"

    await site.desk.look()
    assert (await site.desk.in_force()).label == "by hand"


async def test_a_place_that_cannot_be_written_refuses_before_anything_is_changed(
    tmp_path: Path, database: Database
) -> None:
    site = menu_site(tmp_path, database, ClockByHand(), place=lambda: tmp_path / "gone" / "menus.toml")
    await site.desk.save(versioned("two"), edition=0, base=(await site.desk.in_force()).number, by="boss")

    with pytest.raises(MenuNotWritten):
        await site.desk.activate(edition=1, in_force=1, by="boss")

    assert [one.number for one in await site.desk.versions(None, 9)] == [1]


async def test_line_ends_of_another_system_are_no_difference(site: MenuSite) -> None:
    made = await activated(site, versioned("two").replace("\n", "\r\n"))

    assert made.text == versioned("two")
    assert SHIPPED_MENUS.read_text("utf-8") == SHIPPED
