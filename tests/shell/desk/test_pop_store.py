"""Reading a pop: everything of a caller in one look, and the same few statements whatever lies behind them."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, insert, text

from hotline.accounts.account import Role
from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState, Outcome
from hotline.calls.store import CallTable, save_call
from hotline.desk.outside_store import claim
from hotline.desk.pop import LAST_CALLS, MOST_OWED, Verdict
from hotline.desk.pop_store import left_to, read_pop
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry, keep_draft, move_entries
from hotline.followups.follow_up import FollowUpKind
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up
from hotline.incidents.incident import IncidentState
from hotline.incidents.store import raise_incident
from hotline.phone import PhoneNumber
from hotline.recordings.store import expect_recording
from hotline.residents.choice_store import choose_home
from hotline.residents.marks_store import mark_number
from hotline.residents.noted import NumberMark
from hotline.residents.notes_store import add_note
from hotline.residents.resident import Home, MatterKind, Title
from hotline.residents.store import add_home, add_matter, add_resident, set_arrears
from hotline.transcribe.store import begin_transcript, keep_transcript
from hotline.transcribe.transcript import Side, Transcript, Turn

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RAW, NUMBER, OTHER = "13800138501", PhoneNumber("+8613800138501"), PhoneNumber("+8613800138502")
MANY = 30_000


@contextmanager
def counted(database):
    """Count the statements sent meanwhile."""
    sent = []

    def note(_connection, _cursor, statement, parameters, *_more):
        sent.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def pop_of(database, call_id="now", **more):
    async with database.read() as session:
        return await read_pop(session, call_id, now=NOW, area_code="0755", **more)


async def called(session, call_id, *, days=0, number=RAW, **more):
    start = NOW - timedelta(days=days)
    values = {"state": CallState.ENDED, "caller_number": number, "ring_start": start, "outcome": Outcome.ANSWERED}
    await save_call(session, CallRecord(id=call_id, **(values | more)))


def draft(**more):
    values = {
        "kind": Kind.REPAIR, "is_urgent": False, "who": "", "home": "", "matter": "", "promised": "", "agent": "8001"
    }  # fmt: skip
    return Draft(**(values | more))


async def a_home(session, home=None, name="张伟", numbers=(NUMBER,)):
    stored = await add_home(session, home or Home(3, 2, 501))
    person = await add_resident(session, stored, name, title=Title.MR, numbers=numbers)
    return stored, person


async def owe(session, kind, **more):
    values = {"owed_by": Role.AGENT, "call_id": "old-1", "number": RAW, "e164": NUMBER.e164, "home": "", "who": ""}
    return await add_follow_up(session, at=NOW, **({"debt": Debt(kind=kind, at=NOW, due=NOW)} | values | more))


async def test_everything_known_of_a_caller_is_read(database):
    async with database.begin() as session:
        home, zhang = await a_home(session, numbers=(NUMBER, OTHER))
        await add_matter(session, home, MatterKind.REPAIR, "漏水", opened=NOW, promised=NOW - timedelta(hours=1))
        await set_arrears(session, home, ["2026-01"], 100)
        note = await add_note(session, home.id, "家中有犬", by="a", at=NOW)
        await mark_number(session, OTHER, NumberMark.WRONG_NUMBER, holds=True, by="a", at=NOW)
        incident = await raise_incident(
            session, building=3, state=IncidentState.SUSPECTED, since=NOW, at=NOW, by="rule"
        )
        await owe(session, FollowUpKind.MISSED)
        await owe(session, FollowUpKind.MATTER, call_id="old-2", e164="", home="3-2-501", text="电梯")
        await called(session, "old-1", days=1)
        await called(session, "old-2", days=2, number=OTHER.national, request="enquiry", agent="8002")
        await called(session, "strangers", number="13900000000")
        await keep_draft(session, "old-1", draft(matter="草稿"), NOW)
        await add_entry(session, call_id="old-1", draft=draft(matter="水管 漏水\n已派"), written_by="a", at=NOW)
        await called(session, "now", state=CallState.WAITING, outcome=None, request="repair", incident=f"{incident.id}")
    pop = await pop_of(database)

    assert (pop.verdict, pop.resident, pop.household.arrears.fen) == (Verdict.KNOWN, zhang, 100)
    assert [(one.number, one.is_calling) for one in pop.people[0].numbers] == [(NUMBER, True), (OTHER, False)]
    assert pop.people[0].numbers[1].marks == {NumberMark.WRONG_NUMBER}
    assert [(one.text, one.is_overdue) for one in pop.matters] == [("漏水", True), ("电梯", False)]
    assert [one.kind for one in pop.owed] == [FollowUpKind.MISSED]
    assert [(one.id, one.kind, one.words, one.agent) for one in pop.calls] == [
        ("old-1", "repair", "水管 漏水 已派", ""), ("old-2", "enquiry", "", "8002"),
    ]  # fmt: skip
    assert pop.notes == (note,)
    assert (pop.incident.building, pop.incident.was_told, pop.incident.is_confirmed) == (3, True, False)
    assert (pop.call.request, pop.number) == ("repair", NUMBER)


async def test_call_of_ours_is_known_from_its_row_before_the_ledger_has_it(database):
    async with database.begin() as session:
        await a_home(session)
        await a_home(session, Home(5, 1, 101), name="李芳")  # the same number at two homes
        owed = await owe(session, FollowUpKind.CALL_BACK, home="3-2-501", who="张先生")
        for number in range(MOST_OWED + 1):
            await owe(
                session,
                FollowUpKind.MESSAGE,
                call_id=f"m-{number}",
                debt=Debt(kind=FollowUpKind.MESSAGE, at=NOW, due=NOW - timedelta(days=1)),
            )
        call, _ = await claim(
            session, key="k-0000001", by="wang", extension="8001", number=NUMBER, follow_up=owed.id, returns="old-1",
            at=NOW,
        )  # fmt: skip
    pop = await pop_of(database, call.channel, offered_number="8001")

    assert (pop.number, pop.verdict, pop.household.home.label) == (NUMBER, Verdict.KNOWN, "3-2-501")
    assert (pop.resident.salutation, pop.follow_up, pop.owed[0].follow_up) == ("张先生", owed.id, owed.id)
    assert len(pop.candidates) == 2


async def test_call_without_an_entry_tells_what_was_said_first(database):
    turns = tuple(
        Turn(side=side, start=timedelta(seconds=at), end=timedelta(seconds=at + 1), text=words, confidence=1, words=())
        for at, (side, words) in enumerate([(Side.AGENT, "您好"), (Side.CALLER, "我家"), (Side.CALLER, "漏水了")])
    )
    async with database.begin() as session:
        await a_home(session)
        await called(session, "old-1", days=1)
        await expect_recording(session, name="r", call_id="old-1", began=NOW)
        await begin_transcript(session, recording="r", call_id="old-1", engine="vosk", model="m", at=NOW)
        await keep_transcript(session, "r", Transcript(turns=turns, engine="vosk", model="m", version="1"), NOW)

    assert [one.words for one in (await pop_of(database, offered_number=RAW)).calls] == ["我家，漏水了"]


async def test_call_not_in_the_ledger_yet_is_known_by_the_number_of_its_offer(database):
    async with database.begin() as session:
        await a_home(session)
    pop = await pop_of(database, offered_number="+86 138 0013 8501", is_emergency=True)
    nobody = await pop_of(database)

    assert (pop.verdict, pop.resident.name, pop.call, pop.is_emergency) == (Verdict.KNOWN, "张伟", None, True)
    assert (nobody.verdict, nobody.people, nobody.calls) == (Verdict.WITHHELD, (), ())


async def test_choice_shows_that_homes_facts_and_still_offers_the_others(database):
    async with database.begin() as session:
        await a_home(session)
        other, _ = await a_home(session, Home(7, 1, 902), "李四")
        await add_note(session, other.id, "七栋", by="a", at=NOW)
        await called(session, "now", state=CallState.TALKING, outcome=None)
        await called(session, "from-elsewhere", days=3, number="13900000000")
        await choose_home(session, "from-elsewhere", other.id, by="a", at=NOW)
    before = await pop_of(database)
    async with database.begin() as session:
        await choose_home(session, "now", other.id, by="xiaowang", at=NOW)
    after = await pop_of(database)

    assert (before.verdict, before.household, len(before.candidates), before.notes) == (Verdict.CHOOSE, None, 2, ())
    assert (after.verdict, after.household.home, after.resident.name) == (Verdict.CHOSEN, other, "李四")
    assert (len(after.candidates), after.chosen_by, after.notes[0].text) == (2, "xiaowang", "七栋")
    assert [call.id for call in after.calls] == ["from-elsewhere"]


async def test_entry_of_a_call_that_became_part_of_another_is_found_under_that_one(database):
    async with database.begin() as session:
        await a_home(session)
        await called(session, "young", days=1)
        await add_entry(session, call_id="young", draft=draft(matter="先写的"), written_by="a", at=NOW)
        await called(session, "old-1", days=1)
        await move_entries(session, "young", "old-1")

    calls = {call.id: call.words for call in (await pop_of(database, offered_number=RAW)).calls}
    assert calls["old-1"] == "先写的"


async def test_call_is_left_to_whoever_took_what_is_owed_for_it(database):
    async with database.begin() as session:
        await owe(session, FollowUpKind.MISSED, call_id="left")

        assert await left_to(session, "left") == {""}
        assert await left_to(session, "another") == frozenset()


async def test_number_of_statements_is_the_same_whatever_lies_behind_the_caller(database):
    async with database.begin() as session:
        home, _ = await a_home(session)
        await called(session, "now", state=CallState.WAITING, outcome=None)
        await called(session, "old-1", days=1)
    await pop_of(database)
    with counted(database) as few:
        await pop_of(database)
    async with database.begin() as session:
        for place in range(30):
            await called(session, f"more-{place}", days=place)
            await keep_draft(session, f"more-{place}", draft(matter="x"), NOW)
            await add_matter(session, home, MatterKind.REPAIR, "x", opened=NOW)
            await add_note(session, home.id, "x", by="a", at=NOW)
            await owe(session, FollowUpKind.OTHER, call_id=None)
            await add_resident(session, home, f"王{place}", numbers=[PhoneNumber(f"+86139000000{place:02}")])
    with counted(database) as many:
        pop = await pop_of(database)

    assert len(pop.calls) == LAST_CALLS
    assert len(many) == len(few)
    assert len(few) <= 20, len(few)


async def test_number_that_called_thirty_thousand_times_is_read_by_index_alone(database):
    blank = {
        "state": "ended", "direction": "inbound", "caller_number": RAW, "caller_name": "", "dialled": "96000",
        "notice_version": "", "recording": "", "menu_path": [], "without_service": "", "queue": "", "rings": [],
        "agent": "8001", "hangup_cause": 16, "outcome": "answered", "oddities": [], "look_up": "",
    }  # fmt: skip
    async with database.begin() as session:
        await a_home(session)
        for first in range(0, MANY, 5_000):
            rows = [
                blank | {"id": f"{first + place}.1", "ring_start": NOW - timedelta(minutes=first + place)}
                for place in range(5_000)
            ]
            await session.execute(insert(CallTable), rows)
        await called(session, "now", state=CallState.WAITING, outcome=None)
    async with database.engine.connect() as connection:
        await connection.execute(text("ANALYZE"))
    with counted(database) as sent:
        pop = await pop_of(database)
    statement, parameters = next(one for one in sent if "UNION" in one[0] and "caller_number" in one[0])
    explain = "EXPLAIN QUERY PLAN" if database.engine.dialect.name == "sqlite" else "EXPLAIN"
    async with database.engine.connect() as connection:
        rows = (await connection.exec_driver_sql(f"{explain} {statement}", parameters)).all()
    plan = "\n".join(str(row[-1]) for row in rows)

    assert [call.id for call in pop.calls] == [f"{place}.1" for place in range(LAST_CALLS)]
    assert "ix_call_caller_number_ring_start" in plan
    assert "SCAN call" not in plan
    assert "Seq Scan on call" not in plan
