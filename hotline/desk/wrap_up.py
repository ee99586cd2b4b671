"""What an agent says of a call when it is over: which kind, what must be told of it, and what came of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.errors import HotlineError


class Disposition(StrEnum):
    """What came of a call (处理结果), as the agent says it."""

    FOLLOW_UP = "follow-up"  # it goes on: by the deadline of its kind
    DISPATCHED = "dispatched"  # a department was told
    PROMISED = "promised"  # a time was promised
    SETTLED = "settled"  # answered or handled at once
    NOT_REACHED = "not-reached"  # we called, and a machine, a child or somebody else lifted
    NO_MATTER = "no-matter"  # wrong number, silence, nuisance


class Original(StrEnum):
    """What a call of ours brought for the matter that it was made for (原事项)."""

    SETTLED = "settled"  # done with this call
    GOES_ON = "goes-on"  # owed still
    NEW = "new"  # something else came up, which is owed by itself; the original stays as it is


class WrapUpError(HotlineError):
    """Something is wrong with a wrap-up."""

    error_id: ClassVar[str] = "wrap-up-error"


class WrapUpIncomplete(WrapUpError):
    """What must be told of a call of this kind is missing; the details name every field."""

    error_id = "wrap-up-incomplete"

    def __init__(self, kind: Kind, missing: tuple[str, ...]) -> None:
        super().__init__(f"of a call of this kind more must be told: {', '.join(missing)}")
        self.details = {"kind": kind.value, "missing": list(missing)}


class CallNotYours(HotlineError):
    """An agent writes on calls that they had; on another's only a supervisor does."""

    error_id = "call-not-yours"


# What must be told, by kind [P, W]; `kind` itself, where nobody has said yet what it is.
REQUIRED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.REPAIR: ("home", "matter"),  # place and symptom
    Kind.COMPLAINT: ("matter",),  # the resident's view, as told
    Kind.ENQUIRY: ("matter",),
    Kind.PAID_SERVICE: ("home", "matter"),
    Kind.GENERAL_HELP: ("matter",),
    Kind.SPECIAL_HELP: ("home", "who", "matter"),  # place and person come first
    Kind.UNKNOWN: ("kind", "matter"),
}
# What a disposition says, it says with something.
NEEDS: Final[Mapping[Disposition, tuple[str, ...]]] = {
    Disposition.DISPATCHED: ("department",),
    Disposition.PROMISED: ("promise_due",),
    Disposition.SETTLED: ("result",),
}
NO_KIND: Final = frozenset({Disposition.NO_MATTER, Disposition.NOT_REACHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What was promised: by when, to whom ("" is the one of the entry), and what."""

    due: datetime
    to: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    """Everything an agent says of a call in one act. `key` is the browser's own: the same key is the same act."""

    call_id: str
    key: str
    draft: Draft
    disposition: Disposition
    result: str = ""
    corrects: int | None = None  # the entry as the agent saw it, where it was confirmed before
    department: str = ""
    note: str = ""  # to the department
    promise: Promise | None = None
    original: Original | None = None  # of a call of ours that was made for something; None: it stays as it is


def missing(wrap_up: WrapUp) -> tuple[str, ...]:
    """Return the fields that must still be told, in the order in which they are asked; () where all is there."""
    draft = wrap_up.draft
    told = {
        "kind": draft.kind is not Kind.UNKNOWN or wrap_up.disposition in NO_KIND,
        "home": draft.home,
        "who": draft.who,
        "matter": draft.matter,
        "result": wrap_up.result or wrap_up.original is Original.SETTLED,
        "department": wrap_up.department or wrap_up.corrects,  # who corrects may have sent it before
        "promise_due": wrap_up.promise,
    }
    wanted = (*REQUIRED[draft.kind], *NEEDS.get(wrap_up.disposition, ()))
    return tuple(dict.fromkeys(field for field in wanted if not told[field]))


def may_write(call: CallRecord, *, extension: str, role: Role) -> bool:
    """Return whether this person may write notes on a call, or wrap it up.

    A supervisor may on every call; an agent on those that they had or that rang at their phone, and on calls that
    nobody had.
    """
    if role is not Role.AGENT:
        return True
    had = {call.agent, *(talk.agent for talk in call.talks)} - {""}
    rang = {ring.agent for ring in call.rings}
    return not had or (bool(extension) and extension in had | rang)
