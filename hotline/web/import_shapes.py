"""Files that are brought in, as pages and programs get them. Pure."""

from datetime import datetime, tzinfo
from typing import Annotated, Any

from pydantic import Field

from hotline.imports.job import ImportJob, ImportState, may_leave_out
from hotline.residents.files import FileKind
from hotline.web.shapes import Inlet, Line, Shape
from hotline.web.telling import local


class CountsOut(Shape):
    """What a file does, or would do."""

    lines: int
    added: int
    changed: int
    unchanged: int
    removed: int = Field(description="of unpaid fees: homes that are on the list no longer")
    left_out: int = Field(description="bad rows")


class BadRowOut(Shape):
    """One thing wrong with a row. What stands in it is not repeated here."""

    line: int
    column: str
    chinese: str
    english: str


class PlannedLineOut(Shape):
    """What one line would do."""

    line: int
    what: str
    home: str
    name: str
    changes: tuple[str, ...]


class ImportOut(Shape):
    """One file."""

    id: str
    kind: FileKind
    file_name: str
    bytes: int
    sha256: str
    by: str
    at: datetime
    state: ImportState
    counts: CountsOut
    to_do: int = Field(description="lines that change something")
    done: int = Field(description="of them, how many are taken in")
    reason: str
    same_as: datetime | None = Field(description="when the very same file was taken in before")
    may_leave_out: bool = Field(description="whether its bad rows may stay outside")
    finished_at: datetime | None


class ImportWholeOut(ImportOut):
    """One file with the dry run: the first bad rows, the first lines that change something. A CSV has all bad rows."""

    problems: tuple[BadRowOut, ...]
    problem_count: int
    planned: tuple[PlannedLineOut, ...]
    removed_homes: tuple[str, ...]


class ImportsOut(Shape):
    """Files, newest first."""

    imports: tuple[ImportOut, ...]
    largest_bytes: int


class ImportQuery(Inlet):
    """What a file is that is sent."""

    kind: FileKind
    name: Annotated[str, Line, Field(max_length=120)] = ""


class ConfirmIn(Inlet):
    """What was looked at, and whether its bad rows stay outside."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    leave_out: bool = False


def import_out(job: ImportJob, zone: tzinfo) -> ImportOut:
    """Return a file as it goes out."""
    return ImportOut(**_values(job, zone))


def import_whole_out(job: ImportJob, zone: tzinfo) -> ImportWholeOut:
    """Return a file with its dry run as it goes out."""
    told = job.told
    return ImportWholeOut(
        **_values(job, zone),
        problems=tuple(BadRowOut(**one) for one in told.get("problems", ())),
        problem_count=told.get("problem_count", 0),
        planned=tuple(PlannedLineOut(**one) for one in told.get("lines", ())),
        removed_homes=tuple(told.get("removed", ())),
    )


def _values(job: ImportJob, zone: tzinfo) -> dict[str, Any]:
    counts = job.counts
    return {
        "id": job.id,
        "kind": job.kind,
        "file_name": job.file_name,
        "bytes": job.bytes,
        "sha256": job.sha256,
        "by": job.by,
        "at": job.at.astimezone(zone),
        "state": job.state,
        "counts": CountsOut(
            lines=counts.lines,
            added=counts.added,
            changed=counts.changed,
            unchanged=counts.unchanged,
            removed=counts.removed,
            left_out=counts.left_out,
        ),
        "to_do": job.to_do,
        "done": job.done,
        "reason": job.reason,
        "same_as": datetime.fromisoformat(job.same_as).astimezone(zone) if job.same_as else None,
        "may_leave_out": may_leave_out(job.kind),
        "finished_at": local(job.finished_at, zone),
    }
