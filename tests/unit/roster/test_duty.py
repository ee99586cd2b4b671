"""Whom the duty chain rings at a moment, and what the switch is told of it, in which order."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.phone import PhoneNumber
from hotline.roster.duty import (
    Drop,
    DutyContact,
    DutyTurn,
    Key,
    Put,
    chain_at,
    changes,
    overlapping,
    plan_value,
    values_of,
)

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MOBILE = PhoneNumber("+8613800138501")


def contact(place: int, duty: str = "mobile", number: PhoneNumber = MOBILE, rings_for: int = 20) -> DutyContact:
    return DutyContact(place=place, duty=duty, name="李娜", number=number, rings_for=rings_for)


def turn(place: int, starts: datetime, hours: float, duty: str = "mobile") -> DutyTurn:
    return DutyTurn(starts=starts, ends=starts + hours * HOUR, contact=contact(place, duty))


def test_chain_is_who_holds_a_place_now_first_place_first() -> None:
    turns = [turn(3, NOW - HOUR, 9, "manager"), turn(1, NOW - HOUR, 2, "desk"), turn(2, NOW + HOUR, 1)]

    assert [each.duty for each in chain_at(turns, NOW)] == ["desk", "manager"]


def test_turn_counts_from_its_start_and_no_longer_at_its_end() -> None:
    one = turn(1, NOW, 1)

    assert chain_at([one], NOW) == (one.contact,)
    assert chain_at([one], NOW + HOUR) == ()
    assert chain_at([one], NOW - timedelta(microseconds=1)) == ()


def test_nobody_on_the_roster_is_nobody_in_the_chain() -> None:
    assert chain_at([], NOW) == ()


def test_of_two_turns_for_one_place_the_later_begun_counts() -> None:
    assert [each.duty for each in chain_at([turn(1, NOW, 1, "new"), turn(1, NOW - HOUR, 9, "old")], NOW)] == ["new"]


def test_two_turns_overlap_only_at_the_same_place_and_at_the_same_time() -> None:
    first, touching = turn(1, NOW, 2), turn(1, NOW + 2 * HOUR, 2)
    elsewhere, inside = turn(2, NOW, 9), turn(1, NOW + HOUR, 0.5)

    assert overlapping([touching, first, elsewhere]) == []
    assert overlapping([inside, first, elsewhere]) == [(first, inside)]


def test_turn_within_a_long_one_does_not_hide_the_next_overlap() -> None:
    long, short, third = turn(1, NOW, 10), turn(1, NOW + HOUR, 1), turn(1, NOW + 3 * HOUR, 1)

    assert overlapping([long, short, third]) == [(long, short), (long, third)]


def test_switch_is_told_numbers_as_they_are_dialled_and_nobodys_name() -> None:
    chain = [contact(2, "desk", PhoneNumber("8001"), 15), contact(3, "mobile", PhoneNumber("+8675588888888"))]

    values = values_of(chain)

    assert values == {
        ("duty", "1/number"): "8001", ("duty", "1/rings_for"): "15", ("duty", "1/name"): "desk",
        ("duty", "2/number"): "075588888888", ("duty", "2/rings_for"): "20", ("duty", "2/name"): "mobile",
        ("duty", "count"): "2",
    }  # fmt: skip


def test_switch_that_may_have_forgotten_is_told_all_and_its_other_places_are_dropped() -> None:
    told = changes(None, values_of([contact(1)]))

    assert [each.key for each in told if isinstance(each, Put)][-1] == ("duty", "count")
    assert [each.key for each in told if isinstance(each, Drop)] == [("duty", str(place)) for place in range(2, 10)]


def test_only_what_changed_is_told() -> None:
    held = values_of([contact(1)])

    assert changes(held, held) == ()
    assert changes(held, values_of([contact(1, "desk")])) == (Put(("duty", "1/name"), "desk"),)


def test_plan_is_open_or_closed() -> None:
    assert [plan_value(is_open=is_open) for is_open in (True, False)] == ["open", "closed"]


def test_chain_that_shrinks_is_counted_down_before_a_number_goes() -> None:
    held = values_of([contact(1), contact(2)])

    assert changes(held, values_of([contact(1)])) == (
        Put(("duty", "count"), "1"),
        Drop(("duty", "2")),
    )


def told(held: dict[Key, str], *, by: tuple[Put | Drop, ...]) -> list[dict[Key, str]]:
    """Return what the switch holds after each change."""
    states = [dict(held)]
    for change in by:
        now = dict(states[-1])
        if isinstance(change, Put):
            now[change.key] = change.value
        else:
            below = f"{change.key[1]}/"
            now = {key: value for key, value in now.items() if not (key[0] == "duty" and key[1].startswith(below))}
        states.append(now)
    return states


CHAINS = st.lists(st.builds(contact, st.just(1), st.sampled_from(["desk", "mobile"])), max_size=9)


@given(CHAINS, CHAINS, st.booleans())
def test_whatever_it_had_the_switch_has_the_chain_and_never_a_place_without_a_number(
    before: list[DutyContact], after: list[DutyContact], is_known: bool
) -> None:
    held, values = values_of(before), values_of(after)

    states = told(held, by=changes(held if is_known else None, values))

    assert states[-1] == values
    for state in states:
        assert all(state.get(("duty", f"{place}/number")) for place in range(1, int(state["duty", "count"]) + 1))
