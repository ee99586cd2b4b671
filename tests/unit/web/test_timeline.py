"""A call's way as the page draws it, from captured calls: talks, holds, handing over."""

from datetime import UTC, timedelta

import pytest

from hotline.calls.ledger import CallRecord, fold
from hotline.calls.story import tell
from hotline.web.timeline import segments, talk_steps
from tests.fakes.call_story import CallStory
from tests.fakes.many_calls import captured


def call(name: str) -> CallRecord:
    rows = captured(name)
    return fold(rows[0].linkedid, tell(rows))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("answered", ["queue", "talk"]),
        ("hold", ["queue", "talk", "hold", "talk"]),
        ("blind_transfer_by_refer", ["queue", "talk", "transfer", "talk"]),
        ("attended_transfer_by_keys", ["queue", "talk", "hold", "talk"]),
        ("three_of_them", ["queue", "talk", "hold", "talk"]),
        ("transferred_to_nobody", ["queue", "talk", "transfer", "talk"]),
    ],
)
def test_stretches_of_a_call_follow_each_other_without_gap(name: str, kinds: list[str]) -> None:
    told = call(name)
    parts = segments(told)

    assert [part.kind for part in parts][3:] == kinds
    assert [part.end for part in parts[:-1]] == [part.start for part in parts[1:]]
    assert (parts[0].start, parts[-1].end) == (told.ring_start, told.ended_at)


def test_caller_who_was_handed_over_and_still_waits_is_shown_so() -> None:
    rows = captured("transferred_to_nobody")
    handed = next(place for place, row in enumerate(rows) if row.type == "BLINDTRANSFER")
    living = fold(rows[0].linkedid, tell(rows[: handed + 3]))

    last = segments(living)[-1]

    assert (last.kind, last.end) == ("transfer", None)
    assert living.transfers[0].at - last.start < timedelta(seconds=1)


def test_steps_of_a_campaigns_talk_stand_with_their_moments_and_without_them_once_their_rows_are_gone() -> None:
    story = CallStory().rings().lifted().said("AMD", "HUMAN").said("SURVEY", "attitude:5").hangs_up(after=5)

    with_rows = talk_steps(story.record, story.rows, UTC)
    without = talk_steps(story.record, [], UTC)

    assert [(one.what, one.value) for one in with_rows] == [("AMD", "HUMAN"), ("SURVEY", "attitude:5")]
    assert all(one.at is not None for one in with_rows)
    assert [(one.at, one.what) for one in without] == [(None, "AMD"), (None, "SURVEY")]
