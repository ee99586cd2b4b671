"""The corpus of captured calls (tests/recorded): one file a story, the reference records first, then the rows."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

from hotline.calls.cel import CelRow
from hotline.calls.ledger import CallRecord

RECORDED: Final = Path(__file__).parent.parent / "recorded"


def written(records: Iterable[CallRecord], rows: Sequence[CelRow]) -> str:
    """Return a story's file: {"call": …} lines, then {"row": …} lines."""
    lines = [{"call": plain(record)} for record in records]
    first = rows[0].position if rows else 0
    told = [{"row": {**_lean(row), "position": row.position - first + 1}} for row in rows]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [*lines, *told])


def read_story(path: Path) -> tuple[list[dict[str, Any]], list[CelRow]]:
    """Return a story's reference records, as plain values, and its rows."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows = [
        CelRow(**{**line["row"], "at": datetime.fromisoformat(line["row"]["at"])}) for line in lines if "row" in line
    ]
    return [line["call"] for line in lines if "call" in line], rows


def plain(record: CallRecord) -> dict[str, Any]:
    """Return a record as JSON values, without what it does not tell."""
    values: dict[str, Any] = json.loads(json.dumps(asdict(record), default=_as_text))
    for ring in values["rings"]:
        if not ring["was_withdrawn"]:
            del ring["was_withdrawn"]
    empty = asdict(CallRecord(id=""))
    return {
        name: value for name, value in values.items() if json.loads(json.dumps(empty[name], default=_as_text)) != value
    }


def _lean(row: CelRow) -> dict[str, Any]:
    values = {one.name: getattr(row, one.name) for one in fields(row)}
    return {
        name: _as_text(value) if isinstance(value, datetime) else value for name, value in values.items() if value != ""
    }


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value.value if isinstance(value, Enum) else value)
