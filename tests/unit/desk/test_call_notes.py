from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hotline.desk.notes import LONGEST_TEXT, MOST_FIELDS, MOST_POINTS, Notes, NotesTooLong, check_size, joined

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NOTES = Notes(
    call_id="c-1", by="xiaowang", version=3, text="厨房漏水", points=("place",), form={"home": "3-2-501"}, at=AT
)


@pytest.mark.parametrize(
    "too_long",
    [
        {"text": "水" * (LONGEST_TEXT + 1)},
        {"points": tuple(str(n) for n in range(MOST_POINTS + 1))},
        {"points": ("x" * 81,)},
        {"form": {f"f{n}": "" for n in range(MOST_FIELDS + 1)}},
        {"form": {"matter": "水" * 16_000}},
    ],
)
def test_more_than_is_kept_is_refused(too_long: dict) -> None:
    check_size(NOTES)

    with pytest.raises(NotesTooLong):
        check_size(replace(NOTES, **too_long))


def test_notes_on_two_calls_that_are_one_are_joined_and_the_newer_word_counts() -> None:
    young = replace(
        NOTES, call_id="c-2", version=1, text="业主在家", points=("symptom",), at=AT + timedelta(minutes=1),
        form={"home": "3-2-502", "who": "张先生"},
    )  # fmt: skip

    one = joined(NOTES, young)

    assert (one.call_id, one.by, one.version) == ("c-1", "xiaowang", 4)
    assert one.text == "厨房漏水\n业主在家"
    assert one.points == ("place", "symptom")
    assert one.form == {"home": "3-2-502", "who": "张先生"}
    assert joined(NOTES, replace(NOTES, text="厨房漏水，很急")).text in {"厨房漏水，很急", "厨房漏水，很急\n厨房漏水"}
