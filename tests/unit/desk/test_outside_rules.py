from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotline.desk.outside import Dialable, NumberNotDialled, OutsideCall, OutsideState, is_settled_without
from hotline.phone import PhoneNumber

SITE = Dialable(ours=frozenset({"96000", "96001"}), short=frozenset({"120"}))
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STEADY = timedelta(seconds=10)


@pytest.mark.parametrize("written", ["13800138501", "+86 138 0013 8501", "0755-88888888", "010-88888888", "120"])
def test_mobiles_landlines_and_the_named_short_numbers_are_dialled(written: str) -> None:
    assert SITE.check(PhoneNumber.parse(written)) == PhoneNumber.parse(written)


@pytest.mark.parametrize("written", ["", "x", "96000", "96001", "110", "95588", "8001", "+14155552671", "4008123123"])
def test_anything_else_is_refused_and_the_refusal_holds_no_number(written: str) -> None:
    with pytest.raises(NumberNotDialled) as refused:
        SITE.check(PhoneNumber.parse(written))

    assert not any(sign.isdecimal() for sign in str(refused.value))


@pytest.mark.parametrize(
    "written",
    ["0755 168 12345", "0755 160 12345", "0755 12590123", "0755 110 12345", "0755 0000 0000", "0755 95588",
     "16812345678", "16070001234"],
)  # fmt: skip
def test_paid_lines_and_service_numbers_behind_an_area_code_are_refused(written: str) -> None:
    number = PhoneNumber.parse(written)
    assert number is not None  # it is written well, and is refused for what it is

    with pytest.raises(NumberNotDialled):
        SITE.check(number)


@pytest.mark.parametrize("written", ["16212345678", "16612345678", "19212345678", "010-62345678", "0310-3188888"])
def test_every_range_of_mobiles_and_landlines_of_seven_digits_are_dialled(written: str) -> None:
    assert SITE.check(PhoneNumber.parse(written)) == PhoneNumber.parse(written)


def test_the_site_may_let_more_be_dialled() -> None:
    wide = replace(SITE, beyond=frozenset({"international", "service"}))

    for written in ("+14155552671", "4008123123"):
        assert wide.check(PhoneNumber.parse(written)) is not None


@pytest.mark.parametrize(
    ("changes", "seen", "is_free"),
    [
        ({}, {}, True),
        ({}, {"silent_for": 19.9}, False),
        ({}, {"lives": True}, False),
        ({}, {"is_told": True}, False),
        ({}, {"link_up_for": None}, False),
        ({}, {"link_up_for": timedelta(seconds=9)}, False),
        ({"state": OutsideState.ASKED}, {}, True),
        ({"state": OutsideState.ENDED}, {}, False),
    ],
)
def test_only_what_neither_lives_nor_was_told_of_long_ago_was_never_made(
    changes: dict[str, Any], seen: dict[str, Any], is_free: bool
) -> None:
    number = PhoneNumber("+8613800138501")
    call = OutsideCall(
        id=1, channel="outside-1.1", key="k", by="x", extension="8001", number=number, follow_up=None, returns="",
        state=OutsideState.CLAIMED, at=AT, asked_at=None, ended_at=None, call_id="", outcome="",
    )  # fmt: skip
    surely_not: dict[str, Any] = {"lives": False, "is_told": False, "silent_for": 20.0, "link_up_for": STEADY}

    assert is_settled_without(replace(call, **changes), **(surely_not | seen)) is is_free
