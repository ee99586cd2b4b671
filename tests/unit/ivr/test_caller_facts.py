"""What the menu may know of a number: a name only where it is certain and wanted, one home's affairs only."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.talks_store import LastTalk
from hotline.ivr.facts import CallerFacts, LookedUp, caller_facts, first_owed
from hotline.phone import PhoneNumber
from hotline.residents.resident import (
    Arrears,
    Home,
    Household,
    KnownCaller,
    Matter,
    MatterKind,
    Relation,
    Resident,
    Title,
)

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NUMBER = PhoneNumber("+8613800138501")
HOME = Home(3, 2, 501)
ZHANG = Resident(id=1, home=HOME, name="张建华", title=Title.MR)
WIFE = Resident(id=2, home=HOME, name="刘芳", title=Title.MS, relation=Relation.FAMILY)
MATTER = Matter(id=1, home=HOME, kind=MatterKind.REPAIR, text="x", opened=NOW - timedelta(days=1))
OWED = Arrears(home=HOME, months=("2026-01",), fen=100)
HOUSEHOLD = Household(
    home=HOME, residents=(ZHANG, WIFE), open_matters=(MATTER,), arrears=OWED, greets_by_name=True
)  # fmt: skip
CALLER = KnownCaller(number=NUMBER, residents=(ZHANG,), households=(HOUSEHOLD,))


def test_only_person_of_a_number_is_greeted_by_surname_and_title_when_the_home_wants_it() -> None:
    facts = caller_facts(CALLER, None, NOW)

    assert (facts.result, facts.surname, facts.title) == (LookedUp.KNOWN, "张", Title.MR)
    assert (facts.home, facts.building, facts.open_matter, facts.arrears) == (HOME, 3, MATTER, OWED)


def test_home_that_did_not_ask_for_it_is_not_greeted_by_name() -> None:
    quiet = replace(CALLER, households=(replace(HOUSEHOLD, greets_by_name=False),))

    facts = caller_facts(quiet, None, NOW)

    assert (facts.surname, facts.title) == ("", Title.UNKNOWN)
    assert facts.open_matter == MATTER


def test_whether_the_home_greets_and_has_a_pin_is_known_of_one_home_only() -> None:
    kept = replace(CALLER, households=(replace(HOUSEHOLD, has_pin=True),))
    several = replace(kept, households=(*kept.households, Household(home=Home(4, 1, 101), has_pin=True)))

    assert [(facts.greets_by_name, facts.has_pin) for facts in (
        caller_facts(kept, None, NOW), caller_facts(CALLER, None, NOW), caller_facts(several, None, NOW)
    )] == [(True, True), (True, False), (False, False)]  # fmt: skip


def test_number_of_two_people_greets_neither_but_knows_their_home() -> None:
    facts = caller_facts(replace(CALLER, residents=(ZHANG, WIFE)), None, NOW)

    assert (facts.surname, facts.home, facts.open_matter) == ("", HOME, MATTER)


def test_number_of_ten_homes_greets_nobody_and_tells_nothing() -> None:
    homes = [Home(3, 1, 100 + door) for door in range(10)]
    people = tuple(replace(ZHANG, id=place, home=home) for place, home in enumerate(homes))
    caller = KnownCaller(number=NUMBER, residents=people,
                         households=tuple(replace(HOUSEHOLD, home=home) for home in homes))  # fmt: skip

    facts = caller_facts(caller, None, NOW)

    assert facts == CallerFacts(result=LookedUp.KNOWN, homes=tuple(homes))
    assert (facts.home, facts.building) == (None, 3)


def test_number_of_homes_in_two_buildings_has_no_building() -> None:
    homes = (Home(3, 1, 101), Home(4, 1, 101))
    caller = replace(CALLER, households=tuple(Household(home=home) for home in homes))

    assert caller_facts(caller, None, NOW).building is None


def test_number_of_nobody_is_unknown_and_nobody_is_greeted() -> None:
    assert caller_facts(None, None, NOW) == CallerFacts(result=LookedUp.UNKNOWN)


@pytest.mark.parametrize(("languages", "language"), [(("yue", "yue"), "yue"), (("yue", "zh"), "zh"), (("en",), "en")])
def test_language_is_taken_where_all_who_share_the_number_speak_it(languages: tuple[str, ...], language: str) -> None:
    people = tuple(replace(ZHANG, language=each) for each in languages)

    assert caller_facts(replace(CALLER, residents=people), None, NOW).language == language


def test_old_person_living_alone_is_known_as_such() -> None:
    old = replace(CALLER, residents=(replace(ZHANG, is_elderly_alone=True),))

    assert caller_facts(old, None, NOW).is_elderly_alone
    assert not caller_facts(CALLER, None, NOW).is_elderly_alone


@pytest.mark.parametrize(
    ("matters", "hours", "agent"),
    [((MATTER,), 100, "8001"), ((), 100, ""), ((), 23, "8001"), ((), 24, "8001"), ((), 25, "")],
)
def test_agent_who_had_the_case_is_sought_while_it_is_open_or_for_a_day(
    matters: tuple[Matter, ...], hours: int, agent: str
) -> None:
    caller = replace(CALLER, households=(replace(HOUSEHOLD, open_matters=matters),))

    assert caller_facts(caller, LastTalk("8001", NOW - timedelta(hours=hours)), NOW).case_agent == agent


def test_stranger_who_calls_again_within_a_day_reaches_the_same_agent() -> None:
    assert caller_facts(None, LastTalk("8001", NOW - timedelta(hours=1)), NOW).case_agent == "8001"


def test_oldest_promise_comes_before_matters_that_were_promised_nothing() -> None:
    unpromised = replace(MATTER, id=2, opened=NOW - timedelta(days=9))
    later = replace(MATTER, id=3, promised=NOW + timedelta(hours=2))
    sooner = replace(MATTER, id=4, promised=NOW + timedelta(hours=1))

    assert first_owed((unpromised, later, sooner)) == sooner
    assert first_owed((MATTER, unpromised)) == unpromised
    assert first_owed(()) is None


def test_name_and_debt_are_in_no_log() -> None:
    assert "张" not in repr(caller_facts(CALLER, None, NOW))
    assert "fen" not in repr(caller_facts(CALLER, None, NOW))
