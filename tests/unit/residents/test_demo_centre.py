"""The invented centre holds what the demo needs, and is the same every time."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.phone import PhoneNumber
from hotline.residents.demo_centre import DEMO_CALLER, DemoHousehold, demo_centre
from hotline.residents.resident import Home, MatterKind, Title, surname_of

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
CENTRE = demo_centre(NOW)
DIALOGUES = Path(__file__).resolve().parents[4] / "shared" / "speech" / "dialogues" / "dialogues.json"


def at(home: str) -> DemoHousehold:
    return next(household for household in CENTRE if household.home == Home.parse(home))


def test_centre_is_the_same_every_time() -> None:
    assert demo_centre(NOW) == CENTRE


def test_nine_buildings_have_about_two_hundred_households_with_one_to_four_numbers_each() -> None:
    assert {household.home.building for household in CENTRE} == set(range(1, 10))
    assert len(CENTRE) == len({household.home for household in CENTRE}) == 198
    for household in CENTRE:
        assert 1 <= len({number for person in household.people for number in person.numbers}) <= 4


def test_every_number_is_a_mobile_that_reads_as_itself() -> None:
    for household in CENTRE:
        for person in household.people:
            for number in person.numbers:
                assert number.e164.startswith("+861380013")
                assert PhoneNumber.parse(number.e164) == number


def test_people_of_one_home_have_different_names() -> None:
    for household in CENTRE:
        assert len({person.name for person in household.people}) == len(household.people)


def test_some_repairs_are_open_some_homes_owe_and_some_old_people_live_alone() -> None:
    matters = [matter for household in CENTRE for matter in household.matters]
    repairs = [matter for matter in matters if matter.kind is MatterKind.REPAIR and matter.finished is None]

    assert len(repairs) == 30
    assert any(matter.promised and matter.promised < NOW for matter in repairs)
    assert all(matter.opened <= NOW for matter in matters)
    assert sum(household.fen > 0 for household in CENTRE) == 40
    assert all(bool(household.fen) == bool(household.months) for household in CENTRE)
    assert sum(person.is_elderly_alone for household in CENTRE for person in household.people) >= 5


def test_one_number_may_belong_to_two_homes_but_the_demo_callers_belongs_to_one() -> None:
    homes = Counter(number for household in CENTRE for person in household.people for number in set(person.numbers))

    assert sum(count > 1 for count in homes.values()) >= 3
    assert homes[DEMO_CALLER] == 1


@pytest.mark.parametrize(
    ("home", "surname", "title", "number"),
    [
        ("3-2-501", "张", Title.MR, "13800138501"),
        ("5-1-1203", "王", Title.MS, None),
        ("1-1-301", "李", Title.MR, None),
        ("6-2-1501", "吴", Title.MR, "13800138000"),
    ],
)
def test_callers_of_the_dialogues_live_where_they_say(
    home: str, surname: str, title: Title, number: str | None
) -> None:
    caller = at(home).people[0]

    assert (surname_of(caller.name), caller.title) == (surname, title)
    assert number is None or PhoneNumber.parse(number) in caller.numbers


def test_homes_of_every_dialogue_exist() -> None:
    if not DIALOGUES.is_file():
        pytest.skip("the recorded dialogues are not on this machine")
    labels = [household.home.label for household in CENTRE]

    for dialogue in json.loads(DIALOGUES.read_text("utf-8")):
        assert any(label == dialogue["home"] or label.startswith(dialogue["home"] + "-") for label in labels)


@pytest.mark.parametrize(("now", "year"), [(NOW, 2026), (datetime(2027, 3, 1, tzinfo=UTC), 2026)])
def test_li_jianguo_owes_january_to_june(now: datetime, year: int) -> None:
    debtor = next(household for household in demo_centre(now) if household.home == Home(1, 1, 301))

    assert debtor.people[0].name == "李建国"
    assert debtor.fen == 123_456
    assert debtor.months == tuple(f"{year}-0{month}" for month in range(1, 7))


def test_repair_of_the_demo_caller_was_finished_the_day_before_yesterday() -> None:
    repair, _ = at("3-2-501").matters

    assert repair.finished is not None
    assert (NOW - repair.finished).days == 2


def test_demo_caller_is_greeted_by_name_owes_and_has_a_repair_open_since_yesterday() -> None:
    household = at("3-2-501")
    _, repair = household.matters

    assert household.greets_by_name
    assert (household.months, household.fen) == (("2026-09", "2026-10"), 61_250)
    assert (NOW - repair.opened).days == 1
    assert repair.finished is None
    assert repair.promised is not None
    assert repair.promised > NOW


def test_most_homes_have_not_asked_to_be_greeted_by_name() -> None:
    assert 1 <= sum(household.greets_by_name for household in CENTRE) <= len(CENTRE) // 10
