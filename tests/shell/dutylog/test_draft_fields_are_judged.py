from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.bus import Bus
from hotline.database import Database
from hotline.dutylog.acts import DutyLogActs
from hotline.dutylog.chain_store import remove_oldest
from hotline.dutylog.draft import Draft
from hotline.dutylog.draft_fields import Certainty, Drafted, DraftField, Origin
from hotline.dutylog.draft_store import draft_shares, fields_of
from hotline.dutylog.draft_verdicts import Share, as_table
from hotline.dutylog.entry import Kind, LogBook
from hotline.dutylog.store import add_entry, keep_draft
from hotline.followups.reading_store import follow_ups_page
from hotline.settings import DutyLogSettings
from hotline.transcribe.transcript import Side
from tests.fakes.call_story import CALL, START
from tests.fakes.clock_by_hand import ClockByHand


def spoken(field: DraftField, value: str, phrase: str = "") -> Drafted:
    return Drafted(
        field=field, value=value, origin=Origin.RECORDING, certainty=Certainty.LIKELY, side=Side.CALLER, second=7.5,
        phrase=phrase,
    )  # fmt: skip


FIELDS = (
    spoken(DraftField.KIND, "repair"),
    Drafted(field=DraftField.HOME, origin=Origin.RECORDING, offered=("3-2-501", "6-2-1501")),
    spoken(DraftField.SYMPTOM, "水管 漏水"),
    spoken(DraftField.URGENCY, "yes"),
    Drafted(field=DraftField.EMERGENCY),
    spoken(DraftField.PROMISE, "半小时内上门"),
    spoken(DraftField.DUE, "2026-11-21T17:30+08:00", "半小时内"),
)
DRAFT = Draft(
    kind=Kind.REPAIR, is_urgent=True, who="张先生", home="", matter="厨房水管漏水", promised="半小时内上门",
    agent="8001", fields=FIELDS,
)  # fmt: skip
IN_THEIR_WORDS = replace(DRAFT, fields=())


def of(found: Sequence[Share], field: DraftField) -> Share:
    return next(one for one in found if one.field is field)


async def test_what_a_draft_rests_on_is_kept_and_drawn_anew_with_it(database: Database) -> None:
    async with database.begin() as session:
        number = await keep_draft(session, CALL, DRAFT, START)
        assert number is not None
        assert await keep_draft(session, CALL, DRAFT, START) is None
        assert await fields_of(session, [number]) == {number: FIELDS}
        fewer = (spoken(DraftField.KIND, "complaint"), *FIELDS[1:])
        assert await keep_draft(session, CALL, replace(DRAFT, fields=fewer), START) == number

    async with database.read() as session:
        assert await fields_of(session, [number]) == {number: fewer}


async def test_confirming_says_of_each_field_whether_it_was_kept(database: Database) -> None:
    confirmed = replace(IN_THEIR_WORDS, kind=Kind.COMPLAINT, home="3栋2单元501室")
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
        await add_entry(session, call_id=CALL, draft=confirmed, written_by="linjing", at=START)

    async with database.read() as session:
        found = await draft_shares(session)
        kept = await fields_of(session, [1])
    assert kept == {1: FIELDS}  # as they were drafted, not as they were confirmed
    assert of(found, DraftField.KIND) == Share(field=DraftField.KIND, changed=1)
    assert of(found, DraftField.HOME) == Share(field=DraftField.HOME, filled=1)
    for field in (DraftField.SYMPTOM, DraftField.URGENCY, DraftField.PROMISE, DraftField.DUE):
        assert of(found, field) == Share(field=field, accepted=1)
    assert of(found, DraftField.EMERGENCY) == Share(field=DraftField.EMERGENCY)


async def test_without_data_no_share_is_told(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)  # nobody confirmed it
        found = await draft_shares(session)

    assert {one.share for one in found} == {None}
    assert "100" not in as_table(found)
    assert "no data" in as_table(found)
    assert "accepted ÷ (accepted + changed)" in as_table(found)


async def test_shares_are_of_the_days_that_were_asked_for(database: Database) -> None:
    async with database.begin() as session:
        for day in range(2):
            await keep_draft(session, f"call-{day}", DRAFT, START)
            words = IN_THEIR_WORDS if day else replace(IN_THEIR_WORDS, is_urgent=False)
            at = START + timedelta(days=day)
            await add_entry(session, call_id=f"call-{day}", draft=words, written_by="linjing", at=at)

    async with database.read() as session:
        both = of(await draft_shares(session), DraftField.URGENCY)
        second = of(await draft_shares(session, START + timedelta(hours=1)), DraftField.URGENCY)
        first = of(await draft_shares(session, None, START + timedelta(hours=1)), DraftField.URGENCY)
    assert (both.share, second.share, first.share) == (0.5, 1.0, 0.0)


async def test_what_a_draft_rested_on_goes_with_the_entry_whose_time_is_up(database: Database) -> None:
    async with database.begin() as session:
        await keep_draft(session, CALL, DRAFT, START)
        await add_entry(session, call_id=CALL, draft=IN_THEIR_WORDS, written_by="linjing", at=START)
        await remove_oldest(session, START + timedelta(days=1))

        assert await fields_of(session, [1]) == {}


@pytest.mark.parametrize(
    ("promised", "due"),
    [
        ("半小时内上门", START + timedelta(minutes=20)),  # sooner than the rule of what is urgent: it counts
        ("明天", START + timedelta(hours=1)),  # another promise than the drafted one: the rule counts
    ],
)
async def test_what_was_promised_aloud_and_confirmed_is_owed_by_then(
    database: Database, promised: str, due: datetime
) -> None:
    heard = spoken(DraftField.DUE, (START + timedelta(minutes=20)).isoformat(), "半小时内")
    draft = replace(DRAFT, fields=(*FIELDS[:-1], heard))
    acts = DutyLogActs(
        database=database, bus=Bus(), clock=ClockByHand(START), book=LogBook(), settings=DutyLogSettings()
    )
    async with database.begin() as session:
        await keep_draft(session, CALL, draft, START)
    await acts.confirm(replace(IN_THEIR_WORDS, promised=promised), by="linjing", call_id=CALL)

    async with database.read() as session:
        owed = await follow_ups_page(session)
    assert [one.due for one in owed] == [due]
