from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.incidents.rules import Place, PlacedCall, counts, place_of, surge_since
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Household, KnownCaller

NINE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def known(*homes: Home) -> KnownCaller:
    return KnownCaller(
        number=PhoneNumber("+8613800138501"), residents=(), households=tuple(Household(home=home) for home in homes)
    )


def placed(*calls: tuple[str, float]) -> list[PlacedCall]:
    return [
        PlacedCall(call_id=f"c-{place}", home=home, at=NINE + timedelta(minutes=minute))
        for place, (home, minute) in enumerate(calls)
    ]


def since(*calls: tuple[str, float], homes: int = 3) -> datetime | None:
    return surge_since(placed(*calls), homes=homes, within=QUARTER)


def test_three_homes_within_a_quarter_of_an_hour_are_a_surge_from_the_beginning_of_that_stretch() -> None:
    assert since(("3-1-101", 0), ("3-1-201", 4), ("3-2-501", 10)) == NINE + timedelta(minutes=10) - QUARTER


def test_home_that_calls_again_and_again_counts_once() -> None:
    assert since(("3-1-101", 0), ("3-1-101", 1), ("3-1-101", 2), ("3-1-201", 3)) is None


def test_calls_exactly_the_limit_apart_lie_in_one_stretch_and_a_second_more_does_not() -> None:
    assert since(("a", 0), ("b", 7), ("c", 15)) == NINE
    assert since(("a", 0), ("b", 7), ("c", 15 + 1 / 60)) is None


def test_stretch_need_not_begin_with_the_first_call() -> None:
    assert since(("a", 0), ("b", 20), ("c", 22), ("d", 24)) == NINE + timedelta(minutes=9)


def test_order_in_which_calls_are_read_makes_no_difference() -> None:
    calls = placed(("a", 0), ("b", 7), ("c", 9), ("a", 12), ("d", 16))

    found = {surge_since(order, homes=3, within=QUARTER) for order in permutations(calls)}

    assert found == {NINE - timedelta(minutes=6)}


def test_nobody_calling_is_no_surge() -> None:
    assert since() is None


def test_caller_with_one_home_calls_from_it() -> None:
    assert place_of(known(Home(3, 2, 501))) == Place(building=3, home="3-2-501")


def test_caller_with_two_homes_in_one_building_counts_as_one_home() -> None:
    assert place_of(known(Home(3, 2, 501), Home(3, 1, 101))) == Place(building=3, home="3-1-101")


@pytest.mark.parametrize("caller", [None, known(), known(Home(3, 2, 501), Home(4, 1, 101))])
def test_caller_who_is_unknown_or_has_homes_in_two_buildings_calls_from_no_building(caller: KnownCaller | None) -> None:
    assert place_of(caller) is None


def call(**values: Any) -> CallRecord:
    return replace(CallRecord(id="c-1", state=CallState.IN_MENU, ring_start=NINE), **values)


@pytest.mark.parametrize(
    "values",
    [
        {"request": "repair"},
        {"queued_at": NINE},
        {"request": "enquiry", "queued_at": NINE},
        {"request": "enquiry", "human_answer": NINE},
        {"request": "enquiry", "message_at": NINE, "state": CallState.ENDED},
        {"request": "enquiry", "call_back_at": NINE},
        {"is_emergency": True},
        {"is_served_by_menu": True, "request": "repair"},
        {"state": CallState.ENDED},
    ],
)
def test_caller_who_asks_for_something_or_gives_up_counts(values: dict[str, Any]) -> None:
    assert counts(call(**values))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"request": "enquiry"},
        {"request": "enquiry", "state": CallState.ENDED},
        {"is_served_by_menu": True, "state": CallState.ENDED},
        {"request": "repair", "direction": "outbound"},
        {"request": "repair", "direction": "internal"},
        {"request": "repair", "ring_start": None},
    ],
)
def test_caller_still_choosing_or_content_with_the_menu_and_calls_of_ours_do_not_count(values: dict[str, Any]) -> None:
    assert not counts(call(**values))
