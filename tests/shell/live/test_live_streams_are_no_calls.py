"""A voice that is streamed to the hearing program is a channel of the switch and no call: the ledger passes it over."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hotline.calls.cel import CelRow, read_page
from tests.fakes.cel_file import CelFile

AT = datetime(2026, 11, 22, 4, 40, tzinfo=UTC)
NAME = "0b0bbb41-55bf-4c56-8544-ec4b9be0bbd3"
STREAM = {"uniqueid": f"live-{NAME}", "linkedid": f"live-{NAME}", "channel": f"AudioSocket/127.0.0.1:45661-{NAME}"}
CALL = {"uniqueid": "h-1.0", "linkedid": "h-1.0", "channel": "PJSIP/carrier-00000001"}


def row(position: int, kind: str, **values: str) -> CelRow:
    return CelRow(position=position, type=kind, at=AT + timedelta(seconds=position), **values)


def test_rows_of_a_stream_are_passed_over_and_the_cursor_goes_on_behind_them(tmp_path: Path) -> None:
    log = CelFile(tmp_path / "master.db")
    kinds = ["CHAN_START", "ANSWER", "HANGUP", "LINKEDID_END"]  # as Asterisk 22.10 was seen to write them
    log.write([
        row(1, "CHAN_START", **CALL),
        *(row(place, kind, context="default", application="AppDial2", **STREAM) for place, kind in enumerate(kinds, 2)),
    ])  # fmt: skip

    page = read_page(log.path, 0)

    assert [each.linkedid for each in page.rows] == ["h-1.0"]
    assert (page.position, page.unreadable) == (5, 0)
    assert read_page(log.path, 5).position == 5
