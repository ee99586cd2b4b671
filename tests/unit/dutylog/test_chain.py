"""Any sequence of entries holds as a chain; any single change of any field of any of them does not."""

import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hotline.dutylog.chain import NOT_OF_THE_ENTRY, Fault, Finding, Head, canonical, chain_hash, walk
from hotline.dutylog.entry import DutyEntry, EntryState, Kind, LogBook, Source

AT = datetime(2026, 11, 22, 1, 40, tzinfo=UTC)
TEXT = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)


def entry(number: int, **more: Any) -> DutyEntry:
    values: dict[str, Any] = {
        "number": number, "state": EntryState.CONFIRMED, "call_id": None, "kind": Kind.REPAIR, "is_urgent": False,
        "who": "张先生", "home": "3-2-501", "matter": "水管漏水", "promised": "", "agent": "8001",
        "written_at": AT, "written_by": "linjing", "centre": "01", "day": date(2026, 11, 22), "day_number": number,
    }  # fmt: skip
    return DutyEntry(**(values | more))


def chained(entries: list[DutyEntry]) -> list[DutyEntry]:
    head, chain = Head(), []
    for position, one in enumerate(entries, start=1):
        head = Head(position, chain_hash(head.hash, one))
        chain.append(replace(one, chain_position=position, chain_hash=head.hash))
    return chain


def walked(chain: list[DutyEntry]) -> Head | Finding:
    head = Head()
    for one in chain:
        gone = walk(head, one)
        if isinstance(gone, Finding):
            return gone
        head = gone
    return head


ENTRIES = st.lists(
    st.builds(
        entry,
        st.integers(1, 9),
        who=TEXT,
        matter=TEXT,
        kind=st.sampled_from(Kind),
        is_urgent=st.booleans(),
        call_id=st.none() | TEXT,
        written_at=st.datetimes(timezones=st.just(UTC)),
    ),
    min_size=1,
    max_size=6,
)


@given(ENTRIES)
def test_whatever_was_written_holds_as_a_chain(entries: list[DutyEntry]) -> None:
    chain = chained(entries)

    assert walked(chain) == Head(len(chain), chain[-1].chain_hash)


OTHER: dict[str, Any] = {
    "number": 999, "state": EntryState.DRAFT, "call_id": "another call", "kind": Kind.UNKNOWN, "who": "another person",
    "home": "another home", "matter": "another matter", "promised": "another promise", "agent": "another agent",
    "written_at": AT + timedelta(days=99999), "written_by": "another clerk", "corrects": 999, "source": Source.PATROL,
    "result": "another result", "centre": "99", "day": date(2001, 1, 1), "day_number": 999, "chain_position": 999,
    "chain_hash": "f" * 64,
}  # fmt: skip


@given(ENTRIES, st.data())
def test_any_single_change_is_found_where_it_was_made(entries: list[DutyEntry], data: st.DataObject) -> None:
    chain = chained(entries)
    place = data.draw(st.integers(0, len(chain) - 1))
    name = data.draw(st.sampled_from(sorted({field.name for field in fields(DutyEntry)} - {"corrected_by"})))
    other = OTHER.get(name)
    if name == "is_urgent":
        other = not chain[place].is_urgent
    elif other == getattr(chain[place], name):
        other = Kind.PAID_SERVICE
    chain[place] = replace(chain[place], **{name: other})

    found = walked(chain)

    assert isinstance(found, Finding)
    assert found.position == place + 1


@given(ENTRIES.filter(lambda entries: len(entries) > 1), st.data())
def test_an_entry_that_is_gone_is_found(entries: list[DutyEntry], data: st.DataObject) -> None:
    chain = chained(entries)
    place = data.draw(st.integers(0, len(chain) - 2))  # the last one is missed by the head that is kept beside
    del chain[place]

    assert walked(chain) == Finding(fault=Fault.MISSING, position=place + 1)


def test_what_makes_an_entry_is_in_its_hash_and_nothing_else() -> None:
    own = {field.name for field in fields(DutyEntry)} - NOT_OF_THE_ENTRY

    assert own == set(json.loads(canonical(entry(1))))


def test_the_hash_of_an_entry_is_the_same_in_every_release() -> None:
    assert chain_hash(Head().hash, entry(1, who="𠮷田㐱 🙂")) == PINNED


PINNED = "dfd0d2b5de029c2c9e1c3d10538a29ede6b6787338b863a862b972bd2bfdc22e"


def test_a_day_begins_at_the_centre_and_not_in_greenwich() -> None:
    assert LogBook().day_of(datetime(2026, 11, 21, 16, 0, tzinfo=UTC)) == date(2026, 11, 22)
    assert LogBook().day_of(datetime(2026, 11, 21, 15, 59, tzinfo=UTC)) == date(2026, 11, 21)


def test_the_number_of_the_day_is_written_as_people_say_it() -> None:
    assert entry(7).page == "20261122-007"
    assert entry(1234).page == "20261122-1234"
    assert replace(entry(7), day=None, day_number=None).page == ""
