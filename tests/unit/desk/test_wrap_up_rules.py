from datetime import UTC, datetime

import pytest

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.talks import Talk
from hotline.desk.wrap_up import REQUIRED, Disposition, Promise, WrapUp, WrapUpIncomplete, may_write, missing
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def told(kind: Kind, disposition: Disposition = Disposition.FOLLOW_UP, **more: object) -> WrapUp:
    entry = {
        "who": "",
        "home": "",
        "matter": "",
        **{name: more.pop(name) for name in ("who", "home", "matter") if name in more},
    }
    draft = Draft(kind=kind, is_urgent=False, promised="", agent="8001", **entry)  # type: ignore[arg-type]
    return WrapUp(call_id="c-1", key="k", draft=draft, disposition=disposition, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        (Kind.REPAIR, ("home", "matter")),
        (Kind.COMPLAINT, ("matter",)),
        (Kind.ENQUIRY, ("matter",)),
        (Kind.PAID_SERVICE, ("home", "matter")),
        (Kind.GENERAL_HELP, ("matter",)),
        (Kind.SPECIAL_HELP, ("home", "who", "matter")),
        (Kind.UNKNOWN, ("kind", "matter")),
    ],
)
def test_each_kind_names_everything_that_must_be_told_of_it(kind: Kind, wanted: tuple[str, ...]) -> None:
    assert missing(told(kind)) == wanted == REQUIRED[kind]
    assert WrapUpIncomplete(kind, wanted).details == {"kind": kind.value, "missing": list(wanted)}


def test_what_came_of_it_is_said_with_something() -> None:
    repair = {"home": "3-2-501", "matter": "漏水"}
    promise = Promise(due=AT)

    assert missing(told(Kind.REPAIR, **repair)) == ()
    assert missing(told(Kind.REPAIR, Disposition.DISPATCHED, **repair)) == ("department",)
    assert missing(told(Kind.REPAIR, Disposition.DISPATCHED, department="工程部", **repair)) == ()
    assert missing(told(Kind.REPAIR, Disposition.PROMISED, **repair)) == ("promise_due",)
    assert missing(told(Kind.REPAIR, Disposition.PROMISED, promise=promise, **repair)) == ()
    assert missing(told(Kind.REPAIR, Disposition.SETTLED, **repair)) == ("result",)
    assert missing(told(Kind.UNKNOWN, Disposition.NO_MATTER, matter="打错")) == ()


def test_an_agent_writes_on_calls_they_had_or_that_rang_or_that_nobody_had_and_a_supervisor_on_all() -> None:
    ring = Ring(agent="8002", leg="x", began=AT)
    talk = Talk(agent="8001", leg="x", began=AT, how="answered")
    had = CallRecord(id="c-1", agent="8001", rings=(ring,), talks=(talk,))

    assert may_write(had, extension="8001", role=Role.AGENT)
    assert may_write(had, extension="8002", role=Role.AGENT)
    assert not may_write(had, extension="8003", role=Role.AGENT)
    assert not may_write(had, extension="", role=Role.AGENT)
    assert may_write(had, extension="", role=Role.SUPERVISOR)
    assert may_write(CallRecord(id="c-2"), extension="8003", role=Role.AGENT)
