import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.calls.cel import COLUMNS, LONGEST_VALUE, parse_row

GOOD = {"eventtype": "CHAN_START", "eventtime": "1795297139.527942", "uniqueid": "u.1", "linkedid": "l.1"}
TEMPLATE = Path(__file__).parents[3] / "deploy/asterisk/cel_sqlite3_custom.conf.j2"


def test_the_columns_read_are_the_columns_asterisk_is_told_to_write() -> None:
    told = re.search(r"^columns = (.+)$", TEMPLATE.read_text(encoding="utf-8"), re.MULTILINE)

    assert told is not None
    assert tuple(told[1].split(", ")) == COLUMNS


def test_a_row_is_read_with_its_time_to_the_microsecond() -> None:
    row = parse_row(7, GOOD)

    assert row is not None
    assert row.at == datetime(2026, 11, 21, 21, 38, 59, 527942, tzinfo=UTC)
    assert (row.position, row.type, row.uniqueid, row.linkedid) == (7, "CHAN_START", "u.1", "l.1")


@pytest.mark.parametrize(
    "wrong",
    [
        {"eventtype": ""},
        {"eventtime": "yesterday"},
        {"eventtime": "1795297139"},
        {"eventtime": "999999999999.000000"},
        {"uniqueid": None},
        {"linkedid": ""},
    ],
)
def test_a_row_without_type_time_or_ids_is_passed_over(wrong: dict) -> None:
    assert parse_row(1, GOOD | wrong) is None


def test_a_64_kib_name_is_cut_and_control_characters_go() -> None:
    row = parse_row(1, GOOD | {"cidname": "a\r\nb\x00" + "名" * 65536})

    assert row is not None
    assert row.caller_name.startswith("a b")
    assert len(row.caller_name) <= LONGEST_VALUE


@given(st.dictionaries(st.sampled_from(COLUMNS), st.one_of(st.none(), st.text(), st.integers(), st.binary())))
def test_no_row_however_odd_stops_the_reader(values: dict) -> None:
    parse_row(1, values)
    parse_row(1, GOOD | values)
