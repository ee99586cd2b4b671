from datetime import timedelta

from hotline.calls.ledger import CallRecord
from hotline.calls.state import CallState
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.reading_store import in_full
from hotline.dutylog.store import add_entry, entries_page, move_entries
from tests.fakes.call_story import START

DRAFT = Draft(kind=Kind.REPAIR, is_urgent=False, who="", home="", matter="漏水", promised="", agent="8001")


async def test_entry_tells_when_its_call_rang_also_when_that_became_part_of_another_one(database: Database) -> None:
    async with database.begin() as session:
        for minute, call in enumerate(("first", "older", "younger")):
            rang = START + timedelta(minutes=minute)
            await save_call(session, CallRecord(id=call, state=CallState.ENDED, ring_start=rang))
        for call in ("first", "younger", None):
            await add_entry(session, call_id=call, draft=DRAFT, written_by="linjing", at=START + timedelta(hours=2))
    async with database.begin() as session:
        await move_entries(session, "younger", "older")

    async with database.read() as session:
        whole = await in_full(session, await entries_page(session))

    assert {(one.entry.call_id, one.happened_at) for one in whole} == {
        ("first", START), ("older", START + timedelta(minutes=1)), (None, None),
    }  # fmt: skip
    assert {one.entry.written_at for one in whole} == {START + timedelta(hours=2)}
