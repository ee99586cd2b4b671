"""No table grows for ever without a word: each has its end, or the reason for having none, in docs/recordings.md."""

import re
from pathlib import Path

from hotline.old_rows import OLD_ROWS
from hotline.tables import ALL_TABLES

PAGE = Path(__file__).parents[3] / "docs" / "recordings.md"


def test_every_table_is_named_once_with_its_end_or_its_reason() -> None:
    listed = PAGE.read_text(encoding="utf-8").split("## What grows")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in listed.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]

    assert sorted(named) == sorted(ALL_TABLES)


def test_rows_that_end_stand_in_the_row_of_their_settings() -> None:
    [row] = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "hotline/old_rows.py" in line]
    parts = {part.class_.__tablename__ for tables in OLD_ROWS.values() for rows in tables for part in rows.parts}

    assert set(re.findall(r"`(\w+)`", row.split("|")[1])) == parts | {
        rows.name for tables in OLD_ROWS.values() for rows in tables
    }
