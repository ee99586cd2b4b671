"""The sample is as large as its rules say, whatever calls there are, and anybody draws the same one again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import gcd
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.quality.sampling import (
    DEFAULT_PLAN,
    By,
    Case,
    Place,
    Plan,
    PlanRefused,
    Share,
    checked,
    give_places,
    is_drawn,
    seed_of,
    strata_of,
    week_of,
    wrong_places,
)

MONDAY = date(2026, 11, 16)
SEED = seed_of("01", MONDAY)
KINDS = ("repair", "complaint", "enquiry", "special-help", "")


def cases(number: int, dice: Random) -> list[Case]:
    """Return calls of a week as they come."""
    start = datetime(2026, 11, 16, tzinfo=UTC)
    return [
        Case(
            call_id=f"c-{place}",
            rang_at=start + timedelta(seconds=dice.randrange(7 * 86_400)),
            agent=dice.choice(("8001", "8002", "8003")),
            kind=dice.choice(KINDS),
            outcome=dice.choice(("answered", "answered", "message-left")),
            talked=timedelta(seconds=dice.randrange(1200)),
            satisfaction=dice.choice((None, 1, 2, 3, 5)),
        )
        for place in range(number)
    ]


def case(**changes: object) -> Case:
    values = {
        "call_id": "c-1", "rang_at": datetime(2026, 11, 16, tzinfo=UTC), "agent": "8001", "kind": "repair",
        "outcome": "answered", "talked": timedelta(minutes=2),
    }  # fmt: skip
    return Case(**(values | changes))  # type: ignore[arg-type]


@given(percent=st.integers(0, 100), block=st.integers(0, 30), seed=st.text(max_size=5))
def test_of_every_hundred_places_exactly_the_share_is_drawn(percent: int, block: int, seed: str) -> None:
    places = range(100 * block + 1, 100 * block + 101)

    assert sum(is_drawn("agent:8001", place, percent, seed) for place in places) == percent


@settings(max_examples=40, deadline=None)
@given(number=st.integers(0, 300), dice=st.randoms(use_true_random=False), percent=st.integers(1, 100))
def test_each_rule_has_its_share_of_the_calls_that_fall_under_it(number: int, dice: Random, percent: int) -> None:
    shares = [Share(by, percent) for by in (By.AGENT, By.LONG, By.RANDOM)]
    named = [Share(By.KIND, percent, "repair"), Share(By.OUTCOME, percent, "message-left"), Share(By.COMPLAINT, 100)]
    plan = Plan((*shares, *named))
    week = cases(number, dice)

    places = give_places(week, plan, SEED, ())

    by_rule: dict[str, list[Place]] = {}
    for one in places:
        by_rule.setdefault(one.stratum, []).append(one)
    block = 100 // gcd(100, percent)
    for stratum, found in by_rule.items():
        drawn, wanted = sum(one.is_drawn for one in found), found[0].percent
        whole = len(found) // block * block
        assert whole * wanted / 100 <= drawn <= whole * wanted / 100 + min(block * wanted / 100, len(found) - whole)
        assert [one.place for one in found] == list(range(1, len(found) + 1)), stratum
    complaints = {one.call_id for one in week if one.kind == "complaint"}
    assert {one.call_id for one in by_rule.get("complaint", ()) if one.is_drawn} == complaints
    for agent in ("8001", "8002", "8003"):
        assert len(by_rule.get(f"agent:{agent}", ())) == sum(one.agent == agent for one in week)
    assert wrong_places(places, SEED) == []


@settings(max_examples=30, deadline=None)
@given(dice=st.randoms(use_true_random=False), cut=st.integers(0, 60))
def test_what_was_drawn_stays_drawn_when_further_calls_come(dice: Random, cut: int) -> None:
    week = sorted(cases(60, dice), key=lambda one: (one.rang_at, one.call_id))
    first = give_places(week[:cut], DEFAULT_PLAN, SEED, ())

    more = give_places(week, DEFAULT_PLAN, SEED, first)

    def in_order(places: list[Place]) -> list[Place]:
        return sorted(places, key=lambda one: (one.stratum, one.place))

    assert in_order(first + more) == in_order(give_places(week, DEFAULT_PLAN, SEED, ()))


def test_a_call_that_turns_out_to_be_a_complaint_is_listened_to_then() -> None:
    first = give_places([case(kind="repair")], DEFAULT_PLAN, SEED, ())

    more = give_places([case(kind="complaint")], DEFAULT_PLAN, SEED, first)

    assert [(one.stratum, one.is_drawn) for one in more] == [("complaint", True)]


def test_each_week_has_a_seed_of_its_own_and_another_sample() -> None:
    week = cases(400, Random(1))

    def sample(seed: str) -> set[str]:
        return {one.call_id for one in give_places(week, Plan((Share(By.RANDOM, 10),)), seed, ()) if one.is_drawn}

    assert sample(SEED) == sample(seed_of("01", MONDAY))
    assert sample(SEED) != sample(seed_of("01", MONDAY + timedelta(days=7)))
    assert len(sample(SEED)) == 40


def test_whoever_changes_a_draw_afterwards_is_found_out() -> None:
    places = give_places(cases(100, Random(2)), DEFAULT_PLAN, SEED, ())
    one = next(place for place in places if place.stratum == "random")
    forged = replace(one, is_drawn=not one.is_drawn)

    assert wrong_places([forged if place is one else place for place in places], SEED) == [forged]
    assert wrong_places([place for place in places if place is not one], SEED) != []


def test_each_rule_counts_what_falls_under_it() -> None:
    plan = Plan(
        (Share(By.UNSATISFIED, 100), Share(By.LONG, 20), Share(By.AGENT, 5), Share(By.AGENT, 50, "8002"),
         Share(By.KIND, 30, "repair"), Share(By.OUTCOME, 10, "answered")),
        long_over=timedelta(minutes=10),
    )  # fmt: skip

    assert strata_of(case(), plan) == {"agent:8001": 5, "kind:repair": 30, "outcome:answered": 10}
    assert strata_of(case(agent="8002", kind="enquiry", outcome="message-left"), plan) == {"agent:8002": 50}
    assert (
        strata_of(case(talked=timedelta(minutes=10), satisfaction=3), plan).keys().isdisjoint({"long", "unsatisfied"})
    )
    assert strata_of(case(talked=timedelta(minutes=10, seconds=1), satisfaction=2), plan).keys() >= {
        "long",
        "unsatisfied",
    }


@pytest.mark.parametrize(
    "plan",
    [
        Plan(()),
        Plan((Share(By.RANDOM, 101),)),
        Plan((Share(By.RANDOM, -1),)),
        Plan((Share(By.KIND, 5),)),
        Plan((Share(By.RANDOM, 5, "repair"),)),
        Plan((Share(By.RANDOM, 5), Share(By.RANDOM, 6))),
        Plan((Share(By.AGENT, 5, "8" * 41),)),
        Plan((Share(By.RANDOM, 5),), long_over=timedelta(0)),
    ],
)
def test_a_plan_that_cannot_be_is_refused(plan: Plan) -> None:
    with pytest.raises(PlanRefused):
        checked(plan)


def test_the_plan_that_is_shipped_can_be_and_is_kept_as_it_is() -> None:
    assert Plan.of_values(checked(DEFAULT_PLAN).as_values()) == DEFAULT_PLAN


def test_a_week_begins_on_monday() -> None:
    assert {week_of(MONDAY + timedelta(days=days)) for days in range(7)} == {MONDAY}
