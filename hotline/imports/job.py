"""One file that is brought in, and the one table of what may follow what. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from hotline.errors import HotlineError
from hotline.residents.files import FileKind


class ImportState(StrEnum):
    """Where a file stands."""

    READING = "reading"  # it is here, and is being looked at
    READY = "ready"  # looked at: what would happen is known, nothing has
    REFUSED = "refused"  # it cannot be read at all
    TAKING_IN = "taking-in"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"  # a person did not want it


class ImportStep(StrEnum):
    """What can happen to a file."""

    READ = "read"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    LOOK_AGAIN = "look-again"  # what would happen is no longer what was shown: it is shown anew
    FINISH = "finish"
    FAIL = "fail"
    DROP = "drop"


S, T = ImportState, ImportStep
NEXT: Final[dict[tuple[ImportState, ImportStep], ImportState]] = {
    (S.READING, T.READ): S.READY,
    (S.READING, T.REFUSE): S.REFUSED,
    (S.READING, T.FAIL): S.FAILED,
    (S.READING, T.DROP): S.DROPPED,
    (S.READY, T.CONFIRM): S.TAKING_IN,
    (S.READY, T.DROP): S.DROPPED,
    (S.TAKING_IN, T.LOOK_AGAIN): S.READY,
    (S.TAKING_IN, T.FINISH): S.DONE,
    (S.TAKING_IN, T.FAIL): S.FAILED,
}
OPEN: Final = frozenset({S.READING, S.READY, S.TAKING_IN})


class ImportTrouble(HotlineError):
    """Something is wrong with what was asked of a file that is brought in."""

    error_id: ClassVar[str] = "import-error"


class ImportUnknown(ImportTrouble):
    """There is no such file (any more)."""

    error_id = "import-unknown"


class ImportStepRefused(ImportTrouble):
    """The file is not in a state for this: taken in already, dropped, or still being read."""

    error_id = "import-step-refused"


class ImportChanged(ImportTrouble):
    """What was looked at is not what lies here: upload the file again."""

    error_id = "import-changed"


class ImportHasBadRows(ImportTrouble):
    """The file has bad rows: correct them, or (where it is not the whole list) say that they are left out."""

    error_id = "import-has-bad-rows"


class TooManyImports(ImportTrouble):
    """Too many files wait to be confirmed or are being read: finish or drop one first."""

    error_id = "too-many-imports"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a file does, or would do. `left_out` are bad rows; `removed` debts that are on the list no longer."""

    lines: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportJob:
    """One file. `told` holds what the page shows of the dry run: the first problems, the first lines and their fate."""

    id: str
    kind: FileKind
    file_name: str
    bytes: int
    sha256: str
    by: str
    at: datetime
    state: ImportState
    counts: Counts = field(default_factory=Counts)
    leaves_out: bool = False
    to_do: int = 0  # lines that change something
    done: int = 0
    reason: str = ""  # why it was refused, failed or must be looked at again
    same_as: str = ""  # when the very same file was taken in before, as text; "" where it was not
    told: dict[str, Any] = field(default_factory=dict, repr=False)
    finished_at: datetime | None = None


def after(state: ImportState, step: ImportStep) -> ImportState:
    """Return the state after this step. Raises ImportStepRefused."""
    following = NEXT.get((state, step))
    if following is None:
        raise ImportStepRefused(f"a file that is {state} cannot {step}: read it again")
    return following


def may_leave_out(kind: FileKind) -> bool:
    """Say whether bad rows may be left out: a list of debts is the whole list, and who is not on it owes nothing."""
    return kind is not FileKind.ARREARS
