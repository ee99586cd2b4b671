"""What a pop says of a caller, and who may see it: from values alone."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.talks import Talk, Transfer
from hotline.desk.pop import (
    MOST_MATTERS,
    MOST_OWED,
    Pop,
    Verdict,
    candidates_of,
    first_words,
    language_of,
    matters_of,
    may_see,
    owed_of,
    people_of,
    touched_by,
    verdict_of,
)
from hotline.dutylog.draft_fields import Certainty, Origin
from hotline.dutylog.draft_places import draft_home
from hotline.followups.follow_up import DueBy, FollowUp, FollowUpKind, FollowUpState
from hotline.phone import PhoneNumber
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home, Household, KnownCaller, Matter, MatterKind, Relation, Resident, Title

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NUMBER, OTHER = PhoneNumber("+8613800138501"), PhoneNumber("+8613800138502")
HERE, THERE = Home(3, 2, 501, id=1), Home(7, 1, 902, id=2)
ZHANG = Resident(id=1, home=HERE, name="张伟", title=Title.MR)
WANG = Resident(id=2, home=HERE, name="王秀英", title=Title.MS, relation=Relation.FAMILY, is_elderly_alone=True)
LI = Resident(id=3, home=THERE, name="李娜", title=Title.MS)
AT_HOME = Household(home=HERE, residents=(ZHANG, WANG))


def known(*residents, households=(AT_HOME,), is_chosen=False):
    return KnownCaller(number=NUMBER, residents=residents, households=households, is_chosen=is_chosen)


def follow_up(kind, *, due=None, since=NOW, **more):
    values = {
        "id": 1, "kind": kind, "state": FollowUpState.OPEN, "owed_by": Role.AGENT, "call_id": "c", "calls": 1,
        "number": "", "home": "", "who": "", "text": "x", "request": "repair", "mark": None, "incident": "",
        "since": since, "last_at": since, "due": due, "play_from": None, "taken_by": "", "result": "",
        "closed_by": "", "closed_at": None, "closing": None, "is_kept_open": False, "changed_at": since,
    }  # fmt: skip
    return FollowUp(**(values | more))


@pytest.mark.parametrize(
    ("kind", "due", "promised", "due_by"),
    [
        (FollowUpKind.MATTER, NOW, None, DueBy.RULE),
        (FollowUpKind.MATTER, NOW, NOW, DueBy.PROMISE),
        (FollowUpKind.MATTER, NOW, NOW + timedelta(hours=1), DueBy.RULE),
        (FollowUpKind.CALL_BACK, NOW, None, DueBy.RULE),
        (FollowUpKind.OTHER, NOW, None, DueBy.PERSON),
        (FollowUpKind.OTHER, NOW, NOW, DueBy.PROMISE),
        (FollowUpKind.INCIDENT, None, None, None),
    ],
)
def test_deadline_says_whether_it_was_promised_or_is_the_rules_or_a_persons(kind, due, promised, due_by):
    one = follow_up(kind, due=due, promised=promised)

    assert one.due_by is due_by
    told = owed_of([one], NOW) if kind is not FollowUpKind.MATTER else matters_of(None, [one], NOW)[0]
    assert told[0].due_by is due_by


@pytest.mark.parametrize(
    ("number", "caller", "verdict"),
    [
        (NUMBER, known(ZHANG), Verdict.KNOWN),
        (NUMBER, known(ZHANG, WANG), Verdict.SHARED),
        (NUMBER, known(ZHANG, LI, households=(AT_HOME, Household(home=THERE))), Verdict.CHOOSE),
        (NUMBER, known(ZHANG, is_chosen=True), Verdict.CHOSEN),
        (None, known(is_chosen=True), Verdict.CHOSEN),
        (NUMBER, None, Verdict.UNKNOWN),
        (NUMBER, known(ZHANG, households=()), Verdict.UNKNOWN),
        (None, None, Verdict.WITHHELD),
    ],
)
def test_verdict_says_what_the_number_is_worth(number, caller, verdict) -> None:
    assert verdict_of(number, caller) is verdict


def test_language_is_what_the_caller_chose_by_key_then_what_the_record_says() -> None:
    speaks = Resident(id=9, home=HERE, name="陈伟", language="yue")

    assert language_of(CallRecord(id="c", language="en"), speaks) == "en"
    assert language_of(CallRecord(id="c"), speaks) == "yue"
    assert language_of(None, None) == "zh"


def test_matters_of_the_records_and_of_the_log_stand_in_one_list_overdue_and_soonest_first() -> None:
    def matter(number, promised):
        return Matter(id=number, home=HERE, kind=MatterKind.REPAIR, text=f"{number}", opened=NOW, promised=promised)

    household = Household(
        home=HERE,
        open_matters=(matter(1, None), matter(2, NOW + timedelta(hours=2)), matter(3, NOW - timedelta(hours=2))),
    )
    owed = [
        follow_up(FollowUpKind.MATTER, due=NOW + timedelta(hours=1), text="4", id=4),
        follow_up(FollowUpKind.CALL_BACK, due=NOW, text="5"),
        follow_up(FollowUpKind.MATTER, text="6", id=6, request=""),
    ]
    found, more = matters_of(household, owed, NOW)
    many, left = matters_of(household, owed * MOST_MATTERS, NOW)

    assert [(one.text, one.is_overdue, one.follow_up) for one in found] == [
        ("3", True, None), ("4", False, 4), ("2", False, None), ("1", False, None), ("6", False, 6),
    ]  # fmt: skip
    assert (found[-1].kind, more) == ("unknown", 0)
    assert (len(many), left) == (MOST_MATTERS, 3 + 2 * MOST_MATTERS - MOST_MATTERS)
    assert matters_of(None, (), NOW) == ((), 0)


def test_what_is_owed_beside_matters_is_told_overdue_first_and_not_without_end() -> None:
    late = follow_up(FollowUpKind.CALL_BACK, due=NOW - timedelta(hours=1), taken_by="boss", text="长" * 200)
    waiting = follow_up(FollowUpKind.INCIDENT)
    soon = follow_up(FollowUpKind.MESSAGE, due=NOW + timedelta(hours=1))
    found = owed_of([waiting, soon, follow_up(FollowUpKind.MATTER), late], NOW)

    assert [one.kind for one in found] == [FollowUpKind.CALL_BACK, FollowUpKind.MESSAGE, FollowUpKind.INCIDENT]
    assert (found[0].is_overdue, found[0].taken_by, len(found[0].text)) == (True, "boss", 80)
    assert len(owed_of([soon] * 50, NOW)) == MOST_OWED


def test_caller_stands_first_among_the_people_of_the_home_with_every_number_and_its_marks() -> None:
    marks = {OTHER: frozenset({NumberMark.WRONG_NUMBER})}
    people = people_of(known(WANG), {1: [NUMBER, OTHER]}, marks, NUMBER)

    assert [(one.resident.name, one.is_caller) for one in people] == [("王秀英", True), ("张伟", False)]
    assert [(one.is_calling, one.marks) for one in people[1].numbers] == [(True, frozenset()), (False, marks[OTHER])]
    assert people[0].numbers == ()
    assert people_of(None, {}, {}, None) == ()
    assert people_of(known(ZHANG, LI, households=(AT_HOME, Household(home=THERE))), {}, {}, None) == ()


def test_homes_to_choose_from_are_told_only_where_there_are_several() -> None:
    both = known(LI, ZHANG, households=(AT_HOME, Household(home=THERE)))

    assert [(one.home, one.resident) for one in candidates_of(both)] == [(HERE, ZHANG), (THERE, LI)]
    assert candidates_of(known(ZHANG)) == ()
    assert candidates_of(None) == ()


def test_old_person_alone_is_seen_where_nobody_knows_who_of_the_home_calls() -> None:
    def pop(resident, household):
        return Pop(
            call_id="c", number=None, verdict=Verdict.KNOWN, is_emergency=False, language="zh",
            resident=resident, household=household,
        )  # fmt: skip

    assert pop(WANG, AT_HOME).is_elderly_alone
    assert not pop(ZHANG, AT_HOME).is_elderly_alone
    assert pop(None, AT_HOME).is_elderly_alone
    assert not pop(None, None).is_elderly_alone


def test_first_words_are_one_line_and_say_where_they_go_on() -> None:
    assert first_words("a\n b\t c") == "a b c"
    assert first_words("长" * 81) == "长" * 79 + "…"
    assert first_words("") == ""


@pytest.mark.parametrize(
    ("role", "extension", "offered_to", "left_to", "may"),
    [
        (Role.AGENT, "8001", {"8001"}, (), True),
        (Role.AGENT, "8001", {"8002"}, (), False),
        (Role.AGENT, "8003", (), (), True),  # rang
        (Role.AGENT, "8004", (), (), True),  # talked
        (Role.AGENT, "8005", (), (), True),  # handed to
        (Role.AGENT, "8001", (), {""}, True),
        (Role.AGENT, "8001", (), {"me"}, True),
        (Role.AGENT, "8001", (), {"another"}, False),
        (Role.AGENT, "", {""}, (), False),
        (Role.SUPERVISOR, "", (), (), True),
        (Role.ADMIN, "", (), (), True),
    ],
)
def test_agent_sees_calls_of_their_own_and_those_left_to_them(role, extension, offered_to, left_to, may) -> None:
    call = CallRecord(
        id="c",
        agent="8004",
        rings=(Ring(agent="8003", leg="x", began=NOW),),
        talks=(Talk(agent="8004", began=NOW, leg="x"),),
        transfers=(Transfer(kind="blind", by="8004", to="8005", at=NOW),),
    )

    assert touched_by(call) == {"8003", "8004", "8005"}
    assert may_see(role, "me", extension, call=call, offered_to=offered_to, left_to=left_to) is may
    assert not may_see(Role.AGENT, "me", "8003", call=None, offered_to=(), left_to=())


def test_drafted_home_is_the_one_an_agent_chose() -> None:
    drafted = draft_home(known(ZHANG, is_chosen=True), ())
    unsaid = draft_home(known(is_chosen=True, households=()), ())

    assert (drafted.value, drafted.origin, drafted.certainty) == ("3-2-501", Origin.AGENT, Certainty.SURE)
    assert unsaid.value == ""
