"""What hour and day it is, as a caller meets it: people first within its hours, holidays, and 调休 workdays."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from hotline.calls.state import Outcome
from hotline.hours import DAYS
from hotline.install.pbx import write_configuration
from hotline.settings import SHIPPED_MENUS, read_settings
from hotline.simulate.scenario import Say, Wait
from tests.fakes.played import note_what_is_played, played_to, shorten_prompts
from tests.fakes.site import Site, ended, lifted_after

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALL_DAY = "00:00-24:00"
EVERY_DAY = f'every_day = "{ALL_DAY}"'
ONLY_MONDAYS = "\n".join(f'{day} = "{ALL_DAY if day == "mon" else "closed"}"' for day in DAYS)
FAR_AWAY = date(2099, 10, 1)


def zone_without_monday() -> str:
    """Return a time zone in which it is not Monday: on one, the hours of a 调休 workday are its own.

    Between the first and the last of them lie 25 hours, so one always is.
    """
    zones = ("Asia/Shanghai", "Pacific/Kiritimati", "Pacific/Pago_Pago")
    return next(zone for zone in zones if datetime.now(ZoneInfo(zone)).weekday() != 0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site(
        HOTLINE_ANSWERING_FIRST="people",
        HOTLINE_ANSWERING_RING_FOR="0.2",
        HOTLINE_CENTRE_TIME_ZONE=zone_without_monday(),
    )
    await site.set_up()
    shorten_prompts(site, "greeting", "recording-notice", "menu", "menu-closed", "english-key", "satisfaction")
    note_what_is_played(site)
    site.environment["PYTHONPATH"] = str(site.home / "calendar")
    keep_calendar(site, EVERY_DAY, holidays=days(site))
    site.start("redis", "asterisk", "serve")
    try:
        await site.ready()
        yield site
    finally:
        await site.stop()


def now_at(site: Site) -> datetime:
    return site.clock.now().astimezone(ZoneInfo(site.settings.centre.time_zone))


# --- people first, within its hours


async def people_first_within(site: Site, begins: timedelta, ends: timedelta) -> None:
    """Set the hours of people first, from and until so far from now, and have the switch take them over."""
    now = now_at(site)
    site.environment["HOTLINE_ANSWERING_PEOPLE_FROM"] = f"{now + begins:%H:%M}"
    site.environment["HOTLINE_ANSWERING_PEOPLE_UNTIL"] = f"{now + ends:%H:%M}"
    site.settings = read_settings({name: text for name, text in site.environment.items() if name[:8] == "HOTLINE_"})
    write_configuration(site.settings, site.parts)
    assert "reloaded" in await asyncio.to_thread(site.console, "dialplan reload")


async def test_from_the_first_minute_to_the_last_of_their_hours_people_come_first(site: Site) -> None:
    phone = await site.sign_in_phone("8001")
    await people_first_within(site, timedelta(0), timedelta(seconds=20))  # most often both are this very minute
    async with asyncio.TaskGroup() as both:
        both.create_task(site.agent_answers(phone, Say(site.silence(2), 2), hangs_up=True))
        both.create_task(site.calls_in(Wait(2), number="13900000811", hangs_up=False))
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of("13900000811", where=ended)
    assert (call.outcome, call.agent, call.menu_entered_at) == (Outcome.ANSWERED, "8001", None)


@pytest.mark.parametrize(
    ("number", "begins", "ends"),
    [
        pytest.param("13900000812", timedelta(seconds=80), timedelta(minutes=5), id="before"),
        pytest.param("13900000813", timedelta(minutes=-5), timedelta(minutes=-1), id="after"),
    ],
)
async def test_outside_these_hours_the_menu_comes_first_though_somebody_is_there(
    site: Site, number: str, begins: timedelta, ends: timedelta
) -> None:
    phone = await site.sign_in_phone("8001")
    await people_first_within(site, begins, ends)
    heard = await site.calls_in(Say(site.silence(2.5), 2.5), number=number)
    await site.sign_phone(phone, "8001", lasts=0)

    call = await site.call_of(number, where=ended)
    assert lifted_after(heard) < 3
    assert call.menu_entered_at is not None
    assert call.rings == ()


# --- holidays and the days worked instead


def keep_calendar(site: Site, hours: str, **days: tuple[date, ...]) -> bool:
    """Lay the week's hours, and a table of holidays where the service finds it before the library's own.

    Returns whether either is another than before.
    """
    shipped = SHIPPED_MENUS.read_text().replace('holidays = "open"', 'holidays = "closed"')
    assert 'every_day = "09:00-18:00"' in shipped
    holidays, workdays = (*days.get("holidays", ()), FAR_AWAY), days.get("workdays", ())
    wanted = {
        site.home / "menus.toml": shipped.replace('every_day = "09:00-18:00"', hours),
        site.home / "calendar" / "chinese_calendar.py": "import datetime\n"
        f"holidays = {dict.fromkeys(holidays, '')!r}\nworkdays = {dict.fromkeys(workdays, '')!r}\n",
    }
    is_other = any(not file.is_file() or file.read_text() != text for file, text in wanted.items())
    for file, text in wanted.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return is_other


async def serve_with(site: Site, hours: str, **days: tuple[date, ...]) -> None:
    """Have the service work with these hours of the week and this table."""
    if keep_calendar(site, hours, **days):
        site.processes["serve"].terminate()
        await asyncio.to_thread(site.processes["serve"].wait, 10)
        site.start("serve")
    await site.ready()


async def plan_is(site: Site, wanted: str) -> None:
    async def so() -> bool:
        return f": {wanted}" in await asyncio.to_thread(site.console, "database show hotline plan")

    await site.eventually(so, limit=15, what=f"the switch holds that the desk is {wanted}")


def days(site: Site) -> tuple[date, date]:
    """Return today and tomorrow at the centre: the test may begin just before midnight."""
    today = now_at(site).date()
    return today, today + timedelta(days=1)


async def test_on_a_public_holiday_the_desk_is_closed_whatever_day_of_the_week_it_is(site: Site) -> None:
    await serve_with(site, EVERY_DAY, holidays=days(site))
    await plan_is(site, "closed")
    await site.calls_in(Say(site.silence(3), 3), number="13900000814")

    call = await site.call_of("13900000814", where=ended)
    assert [sound for sound in await played_to(site, call.id) if "menu" in sound] == ["menu-closed"]


async def test_on_a_day_worked_instead_of_another_the_desk_has_mondays_hours(site: Site) -> None:
    await serve_with(site, ONLY_MONDAYS, workdays=days(site))
    await plan_is(site, "open")
    await site.calls_in(Say(site.silence(3), 3), number="13900000815")

    call = await site.call_of("13900000815", where=ended)
    assert [sound for sound in await played_to(site, call.id) if "menu" in sound] == ["menu"]
