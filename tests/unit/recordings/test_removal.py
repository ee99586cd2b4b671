from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from hotline.recordings.removal import NOTHING_BEFORE, Link, Removed, first_break

AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def chain(count: int) -> list[Link]:
    links: list[Link] = []
    for number in range(1, count + 1):
        removed = Removed(
            kind="recording", what=f"2026/05/01/{number}", klass="calls", rule="retention.calls = 180 days",
            at=AT + timedelta(minutes=number), sha256="ab" * 32,
        )  # fmt: skip
        previous = links[-1].hash if links else NOTHING_BEFORE
        links.append(Link(position=number, removed=removed, previous=previous, hash=removed.hash_after(previous)))
    return links


def test_chain_that_nobody_touched_holds() -> None:
    assert first_break([]) is None
    assert first_break(chain(5)) is None


def test_chain_may_be_read_from_any_link_on() -> None:
    links = chain(5)

    assert first_break(links[3:], after=links[2]) is None


@pytest.mark.parametrize(
    "change", [{"what": "other"}, {"klass": "grave"}, {"rule": "none"}, {"at": AT}, {"sha256": "cd" * 32}]
)
def test_changed_proof_breaks_the_chain_at_its_place(change: dict[str, object]) -> None:
    links = chain(5)
    links[2] = replace(links[2], removed=replace(links[2].removed, **change))  # type: ignore[arg-type]

    assert first_break(links) == 3


def test_proof_that_was_rewritten_with_its_hash_breaks_the_chain_behind_it() -> None:
    links = chain(5)
    removed = replace(links[2].removed, what="other")
    links[2] = replace(links[2], removed=removed, hash=removed.hash_after(links[2].previous))

    assert first_break(links) == 4


def test_proof_taken_out_breaks_the_chain() -> None:
    links = chain(5)

    assert first_break(links[:2] + links[3:]) == 4


def test_same_moment_in_another_zone_has_the_same_hash() -> None:
    removed = chain(1)[0].removed
    elsewhere = replace(removed, at=removed.at.astimezone(timezone(timedelta(hours=8))))

    assert elsewhere.hash_after("x") == removed.hash_after("x")
