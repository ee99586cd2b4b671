"""Whom the desk knows: greeted by name, told of what is open, never told more without a proof; and their building."""

import asyncio
from datetime import timedelta

import pytest

from hotline.bus import Bus
from hotline.calls.state import Outcome
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.service import FollowUps
from hotline.incidents.incident import IncidentState
from hotline.incidents.service import Incidents
from hotline.incidents.store import incidents_page
from hotline.simulate.scenario import Press, Say, Wait
from tests.fakes.neighbours import neighbours
from tests.fakes.site import Site, ended

pytestmark = pytest.mark.asyncio(loop_scope="module")

MR_ZHANG = "13800138501"  # 3-2-501 in the demo data: greeted by name, a repair open since yesterday, two months owed


@pytest.fixture(scope="module")
def site(centre: Site) -> Site:
    return centre


async def test_a_known_resident_hears_the_progress_after_the_last_four_digits_and_is_served_without_a_person(
    site: Site,
) -> None:
    proof = [Press(key) for key in "8501"]
    await site.calls_in(
        Say(site.silence(13), 13), Press("1"), Wait(1), *proof, Press("#"), number=MR_ZHANG, hangs_up=False, limit=120
    )

    call = await site.call_of(MR_ZHANG, where=ended)
    assert (call.look_up, call.outcome, call.oddities) == ("known", Outcome.SERVED_BY_MENU, ())
    assert await site.owed(call.id) == [], "nobody is called back about what the menu has told"


async def test_wrong_digits_twice_lead_to_people(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    wrong = [Press(key) for key in "0000#"]
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Wait(1), hangs_up=True))
        both.create_task(
            site.calls_in(
                Say(site.silence(1.5), 1.5),
                Press("4"),
                Say(site.silence(7), 7),
                *wrong,
                Say(site.silence(4), 4),
                *wrong,
                number="+8613800138501",
                hangs_up=False,
                limit=120,
            )
        )
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of("+8613800138501", where=ended)
    assert (call.look_up, call.outcome, call.agent) == ("known", Outcome.ANSWERED, "8001")


def incidents_of(site: Site) -> Incidents:
    """Return the room as the service has it, on the service's database."""
    settings, clock = site.settings, site.clock
    owed = FollowUps(settings=settings.followups, clock=clock)
    return Incidents(
        settings=settings.incidents, database=site.database, bus=Bus(), clock=clock, when_over=owed.incident_over
    )


async def test_neighbours_of_a_surge_are_told_and_may_register_by_one_key_and_are_owed_a_word_at_its_end(
    site: Site,
) -> None:
    numbers = neighbours(1, homes=3)
    for number in numbers[:2]:
        await site.calls_in(Say(site.silence(1.5), 1.5), Press("1"), Say(site.silence(11), 11), number=number)
        await site.call_of(number, where=ended)

    async def raised() -> bool:
        async with site.database.read() as session:
            found = await incidents_page(session)
        return [one.state for one in found if one.building == 1] == [IncidentState.CONFIRMED]

    await site.eventually(raised, limit=20, what="two homes of one building raised an incident")
    await site.calls_in(Say(site.silence(14), 14), Press("1"), number=numbers[2], hangs_up=False)

    call = await site.call_of(numbers[2], where=ended)
    assert (call.joined_incident, call.outcome) == (True, Outcome.INCIDENT_JOINED)
    [owed] = await site.owed(call.id)
    assert (owed.kind, owed.due) == (FollowUpKind.INCIDENT, None)

    _, told = await incidents_of(site).end(int(call.incident), who="tests", what_was_done="water is back")

    assert told == [call.id]
    [owed] = await site.owed(call.id)
    assert owed.due is not None
    assert owed.due - site.clock.now() <= timedelta(minutes=site.settings.followups.call_back_within)


async def test_new_menus_are_taken_over_while_a_call_goes_on_with_the_old_ones(site: Site) -> None:
    menus = site.home / "menus.toml"

    async def change_them() -> None:
        await site.call_of("13900000501", where=lambda call: call.menu_entered_at is not None)
        text = menus.read_text()
        menus.write_text(
            text.replace(
                '2 = { label = "投诉", prompt = "chosen-complaint", to = "queue:complaint"',
                '2 = { label = "投诉", prompt = "chosen-complaint", to = "goodbye"',
            )
        )

    async with asyncio.TaskGroup() as both:
        both.create_task(change_them())
        both.create_task(
            site.calls_in(Say(site.silence(16), 16), Press("2"), Say(site.silence(6), 6), number="13900000501")
        )
    await site.calls_in(Say(site.silence(1.5), 1.5), Press("2"), number="13900000502", hangs_up=False)

    before, after = [await site.call_of(number, where=ended) for number in ("13900000501", "13900000502")]
    assert (before.menu_path, before.request, before.queue) == (("2",), "complaint", "service")
    assert (after.menu_path, after.request, after.queue) == (("2",), "complaint", "")


async def test_wrong_menus_are_refused_aloud_and_callers_go_on_with_the_good_ones(site: Site) -> None:
    menus = site.home / "menus.toml"
    good = menus.read_text()
    menus.write_text(good.replace('to = "menu:fees"', 'to = "menu:fee"'))

    async def said() -> bool:
        return "menu file refused" in (site.home / "logs" / "serve.log").read_text()

    await site.eventually(said, limit=10, what="the log names the line")
    await site.calls_in(Say(site.silence(1.5), 1.5), Press("0"), Say(site.silence(9), 9), number="13900000503")
    menus.write_text(good)

    call = await site.call_of("13900000503", where=ended)
    assert (call.queue, call.without_service) == ("service", "")
    assert call.ended_at is not None
    assert call.ring_start is not None
    assert call.ended_at - call.ring_start < timedelta(minutes=1)
