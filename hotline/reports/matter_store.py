"""What each written complaint or repair is about, kept beside the duty log: so repeats are counted, not compared anew.

A row is written in the transaction that writes its entry; of an entry and its corrections only the newest has one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, ForeignKey, Index, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from hotline.calls.store import INDEX_TEXT
from hotline.database import Base, insert_on
from hotline.dutylog.entry import EntryState, Kind
from hotline.dutylog.tables_store import DutyEntryTable
from hotline.reports.matters import TIMES, subject_of

SUBJECT_TEXT: Final = 20  # a place and a thing of the trade's tables
PARAMETERS_AT_ONCE: Final = 200


class ReportMatterTable(Base):
    """One complaint or repair of a home that names a thing, as the log has it now."""

    __tablename__ = "report_matter"
    __table_args__ = (
        # Repeats of a stretch are counted from this index alone.
        Index("ix_report_matter_written_at", "written_at", "kind", "home", "subject"),
        Index("ix_report_matter_home", "home", "kind", "subject"),
    )

    number: Mapped[int] = mapped_column(
        ForeignKey("duty_entry.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(String(20))
    home: Mapped[str] = mapped_column(String(INDEX_TEXT))
    subject: Mapped[str] = mapped_column(String(SUBJECT_TEXT))
    written_at: Mapped[datetime]


def keep_matters(connection: Connection, numbers: Iterable[int]) -> None:
    """Write anew what these entries, and those that they correct, are about."""
    asked = set(numbers)
    entry = DutyEntryTable
    corrected = connection.scalars(select(entry.corrects).where(entry.number.in_(asked), entry.corrects.is_not(None)))
    whole = sorted(asked | {number for number in corrected if number is not None})
    replaced = set(
        connection.scalars(
            select(entry.corrects).where(entry.corrects.in_(whole), entry.state == EntryState.CONFIRMED.value)
        )
    )
    written = connection.execute(
        select(entry.number, entry.kind, entry.home, entry.matter, entry.written_at).where(
            entry.number.in_(whole),
            entry.state == EntryState.CONFIRMED.value,
            entry.kind.in_([kind.value for kind in TIMES]),
            entry.home != "",
        )
    ).tuples()
    rows = [
        {"number": number, "kind": Kind(kind).value, "home": home, "subject": subject, "written_at": at}
        for number, kind, home, matter, at in written
        if number not in replaced and (subject := subject_of(matter))
    ]
    connection.execute(delete(ReportMatterTable).where(ReportMatterTable.number.in_(whole)))
    for first in range(0, len(rows), PARAMETERS_AT_ONCE):
        adding = insert_on(connection, ReportMatterTable).values(rows[first : first + PARAMETERS_AT_ONCE])
        # Old entries may be built at the same moment as somebody writes theirs.
        news = {name: adding.excluded[name] for name in ("kind", "home", "subject", "written_at")}
        connection.execute(adding.on_conflict_do_update(index_elements=["number"], set_=news))
