"""Linkedids that share a channel are one call, under the oldest, however the log is cut."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.calls.cel import CelRow
from hotline.calls.family import age, join, links
from hotline.calls.ledger import fold
from hotline.calls.story import tell
from tests.fakes.many_calls import Log, by_call, logs, numbered, reference

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_older_of_two_ids_is_told_as_the_switch_does() -> None:
    assert sorted(["a-20.1", "a-9.12", "a-20.0", "odd", "b-9.2"], key=age) == [
        "b-9.2",
        "a-9.12",
        "a-20.0",
        "a-20.1",
        "odd",
    ]


def test_a_channel_seen_under_two_linkedids_makes_them_one_call() -> None:
    known = join([("a-2.1", "a-2.1"), ("a-2.2", "a-2.1")], {})

    assert join([("a-2.2", "a-1.0")], known) == dict.fromkeys(("a-1.0", "a-2.1", "a-2.2"), "a-1.0")


@QUICK
@given(rows=logs(), cuts=st.lists(st.integers(1, 40), min_size=1))
def test_families_are_the_same_however_the_log_is_cut(rows: Log, cuts: list[int]) -> None:
    whole = join(links(rows), {})

    known: dict[str, str] = {}
    left, turn = list(rows), 0
    while left:
        page, left = left[: cuts[turn % len(cuts)]], left[cuts[turn % len(cuts)] :]
        turn += 1
        found = join(links(page), known)
        moved = {old: new for old, new in ((call, found.get(call, call)) for call in known.values()) if old != new}
        known = {**{one: moved.get(call, call) for one, call in known.items()}, **found}

    assert known == whole


@QUICK
@given(rows=logs(), doubled=st.sets(st.integers(0, 400)), data=st.data())
def test_rows_written_twice_change_no_call(rows: Log, doubled: set[int], data: st.DataObject) -> None:
    twice: list[CelRow] = []
    waiting: list[CelRow] = []
    for place, row in enumerate(rows):
        twice.append(row)
        if place in doubled:
            waiting.append(row)
        if waiting and data.draw(st.booleans()):
            twice += waiting
            waiting = []

    assert reference(numbered(twice + waiting)) == reference(rows)


@QUICK
@given(
    rows=logs(),
    gone=st.sets(st.integers(0, 400)),
    late=st.dictionaries(st.integers(0, 400), st.integers(1, 30), max_size=6),
    step=st.tuples(st.integers(0, 400), st.timedeltas(timedelta(hours=-3), timedelta(days=40_000))),
)
def test_missing_late_and_future_rows_and_clock_steps_lose_no_call_and_raise_nothing(
    rows: Log, gone: set[int], late: dict[int, int], step: tuple[int, timedelta]
) -> None:
    told = [
        (place + late.get(place, 0), replace(row, at=row.at + step[1]) if place >= step[0] else row)
        for place, row in enumerate(rows)
        if place not in gone
    ]
    log = numbered([row for _, row in sorted(told, key=lambda one: one[0])])
    log += [replace(row, type="TYPE_OF_TOMORROW") for row in log[:3]]

    for call, its in by_call(numbered(log)).items():
        record = fold(call, tell(its))
        assert record.ring_start is not None or all(row.type in {"HOLD", "UNHOLD"} for row in its)
        for length in range(0, len(its), 7):
            fold(call, tell(its[:length]))
