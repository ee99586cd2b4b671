"""Hours changed by the form: one more version of the menus, by the same way as every other, or nothing at all."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from hotline.audit.store import Wanted, changes
from hotline.database import Database
from hotline.hours import parse_spans
from hotline.menus.hours_text import HoursNotWritable
from hotline.menus.version import MenusChanged, Origin
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.menu_site import SHIPPED, MenuSite, menu_site, versioned


@pytest.fixture
def site(tmp_path: Path, database: Database) -> MenuSite:
    return menu_site(tmp_path, database, ClockByHand())


async def test_other_hours_lead_the_next_call_and_one_in_progress_keeps_its_own(
    site: MenuSite, database: Database
) -> None:
    before = await site.desk.in_force()
    in_progress = site.menus.plan
    wanted = replace(site.desk.hours, holidays=(), exceptions={date(2027, 2, 16): parse_spans("10:00-12:00")})

    made = await site.desk.change_hours(wanted, in_force=before.number, by="boss", note="春节")

    assert (made.number, made.origin, made.by, made.note) == (2, Origin.HOURS, "boss", "春节")
    assert site.menus.plan.hours == wanted
    assert replace(site.menus.plan, hours=in_progress.hours) == in_progress
    assert in_progress.hours.holidays is None
    assert site.file.read_text("utf-8") == made.text
    async with database.read() as session:
        [newest, *_] = await changes(session, Wanted(room="menus"), limit=9)
    assert (newest.change.act, newest.change.after or {}) == (
        "hours-changed",
        (newest.change.after or {}) | {"holidays": "closed", "2027-02-16": "10:00-12:00", "note": "春节"},
    )
    assert (newest.change.before or {})["holidays"] == "open"


async def test_hours_that_are_as_they_were_make_no_version(site: MenuSite) -> None:
    first = await site.desk.in_force()

    same = await site.desk.change_hours(site.desk.hours, in_force=first.number, by="boss")

    assert same == first
    assert not site.file.exists()


async def test_menus_and_hours_changed_at_once_are_told_of_each_other(site: MenuSite) -> None:
    await site.desk.in_force()
    draft = await site.desk.save(versioned("two"), edition=0, base=1, by="root")
    await site.desk.change_hours(replace(site.desk.hours, holidays=()), in_force=1, by="boss")

    with pytest.raises(MenusChanged) as refused:
        await site.desk.activate(edition=draft.edition, in_force=1, by="root")
    with pytest.raises(MenusChanged):
        await site.desk.change_hours(replace(site.desk.hours, holidays=None), in_force=1, by="root")

    assert refused.value.details["in_force_by"] == "boss"
    assert site.menus.plan.hours.holidays == ()


async def test_hours_in_a_form_that_cannot_be_kept_are_left_alone(site: MenuSite) -> None:
    hours = SHIPPED[SHIPPED.index("[hours]") : SHIPPED.index("[entrance]")]
    text = 'hours.every_day = "09:00-18:00"\n' + SHIPPED.replace(hours, "")
    site.file.write_text(text, encoding="utf-8")
    await site.desk.look()
    present = await site.desk.in_force()
    assert present.text == text

    with pytest.raises(HoursNotWritable):
        await site.desk.change_hours(
            replace(site.desk.hours, exceptions={date(2027, 2, 16): ()}), in_force=present.number, by="boss"
        )

    assert site.file.read_text("utf-8") == text
    assert (await site.desk.in_force()).number == present.number


async def test_a_draft_with_the_old_hours_is_given_the_new_ones_so_that_it_undoes_nothing(site: MenuSite) -> None:
    await site.desk.in_force()
    draft = await site.desk.save(versioned("two"), edition=0, base=1, by="root")

    made = await site.desk.change_hours(replace(site.desk.hours, holidays=()), in_force=1, by="boss")

    carried = await site.desk.draft()
    assert (carried.edition, carried.by, carried.base) == (draft.edition + 1, "boss", made.number)
    await site.desk.activate(edition=carried.edition, in_force=made.number, by="root")
    assert (site.menus.plan.version, site.menus.plan.hours.holidays) == ("two", ())


@pytest.mark.parametrize("text", ["no TOML at all", versioned("two", ('"09:00-18:00"', '"08:00-20:00"'))])
async def test_a_draft_with_hours_of_its_own_or_none_is_left_alone(site: MenuSite, text: str) -> None:
    await site.desk.in_force()
    draft = await site.desk.save(text, edition=0, base=1, by="root")

    await site.desk.change_hours(replace(site.desk.hours, holidays=()), in_force=1, by="boss")

    assert (await site.desk.draft()).edition == draft.edition
