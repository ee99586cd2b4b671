"""Any changes hold as a chain; any single value changed afterwards does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.audit.change import Change, Fault, Finding, Head, Kept, as_text, chain_hash, differences, walk

AT = datetime(2026, 11, 22, 1, 40, tzinfo=UTC)
TEXT = st.text(max_size=12)
VALUES = st.none() | st.dictionaries(TEXT, TEXT | st.integers() | st.lists(TEXT, max_size=3), max_size=3)
CHANGE = Change(
    by="root", room="staff", act="changed", subject="xiaowang", at=AT, before={"role": "agent"}, after={"role": "admin"}
)


def chained(changes: list[Change]) -> list[Kept]:
    head, kept = Head(), []
    for position, change in enumerate(changes, start=1):
        head = Head(position, chain_hash(head.hash, change))
        kept.append(Kept(change=change, position=position, hash=head.hash))
    return kept


def walked(chain: list[Kept]) -> Head | Finding:
    head = Head()
    for kept in chain:
        gone = walk(head, kept)
        if isinstance(gone, Finding):
            return gone
        head = gone
    return head


@given(st.lists(st.builds(replace, st.just(CHANGE), by=TEXT, subject=TEXT, before=VALUES, after=VALUES), max_size=5))
def test_whatever_was_changed_holds_as_a_chain(changes: list[Change]) -> None:
    chain = chained(changes)

    assert walked(chain) == (Head(len(chain), chain[-1].hash) if chain else Head())


@pytest.mark.parametrize(
    "other",
    [
        {"by": "boss"},
        {"room": "menus"},
        {"act": "added"},
        {"subject": "xiaoli"},
        {"centre": "02"},
        {"at": AT + timedelta(microseconds=1)},
        {"before": None},
        {"before": {}},
        {"after": {"role": "agent"}},
    ],
)
def test_value_changed_afterwards_is_found(other: dict[str, Any]) -> None:
    chain = chained([CHANGE, CHANGE, CHANGE])
    chain[1] = replace(chain[1], change=replace(CHANGE, **other))

    assert walked(chain) == Finding(fault=Fault.ALTERED, position=2)


def test_change_that_is_gone_is_missed() -> None:
    chain = chained([CHANGE, CHANGE, CHANGE])

    assert walked([chain[0], chain[2]]) == Finding(fault=Fault.MISSING, position=2)


def test_values_are_written_one_way_whatever_their_order_and_kind() -> None:
    written = as_text({"b": (1, 2), "a": {"张伟", "李娜"}, "c": AT})

    assert written == '{"a":["张伟","李娜"],"b":[1,2],"c":"2026-11-22T01:40:00.000000+00:00"}'
    assert as_text(None) == ""
    assert as_text({"x": "\ud800"}) == '{"x":"?"}'


def test_only_what_differs_is_told_apart() -> None:
    assert differences({"role": "agent", "name": "王敏"}, {"role": "admin", "name": "王敏"}) == (
        ("role", "agent", "admin"),
    )
    assert differences(None, {"role": "agent"}) == (("role", None, "agent"),)
    assert differences({"role": "agent"}, None) == (("role", "agent", None),)
