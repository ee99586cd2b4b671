"""Whose rows a database holds, and the two ways in which that may change."""

from datetime import UTC, datetime

import pytest

from hotline.centre.stamp import CentreDiffers, CentreStepRefused, Stamp, adopted, check, renamed

AT = datetime(2026, 11, 21, 1, 40, tzinfo=UTC)
LATER = datetime(2026, 11, 22, 1, 40, tzinfo=UTC)
EAST = Stamp(code="01", id="a" * 32, name="东苑", at=AT)


def test_rows_of_one_centre_are_not_served_as_anothers() -> None:
    with pytest.raises(CentreDiffers) as refused:
        check(EAST, "02")

    for told in ("centre 01", "东苑", "2026-11-21", "centre rename 01", "centre adopt 01", 'code = "01"'):
        assert told in str(refused.value)


def test_rows_of_this_centre_and_rows_without_a_stamp_are_served() -> None:
    check(EAST, "01")
    check(None, "02")


def test_renamed_centre_stays_the_same_one() -> None:
    assert renamed(EAST, "01", "07") == Stamp(code="07", id=EAST.id, name=EAST.name, at=AT)


def test_adopted_copy_is_another_centre() -> None:
    assert adopted(EAST, "01", "01", new_id="b" * 32, now=LATER) == Stamp(code="01", id="b" * 32, name="东苑", at=LATER)


@pytest.mark.parametrize(("said", "code"), [("02", "03"), ("01", "01"), ("", "02")])
def test_stamp_that_is_not_the_one_meant_is_not_renamed(said: str, code: str) -> None:
    with pytest.raises(CentreStepRefused):
        renamed(EAST, said, code)


def test_database_without_a_stamp_is_neither_renamed_nor_adopted() -> None:
    with pytest.raises(CentreStepRefused):
        renamed(None, "01", "02")
    with pytest.raises(CentreStepRefused):
        adopted(None, "01", "02", new_id="b" * 32, now=LATER)
