"""The do-not-call list: numbers marked, found by their end or their home, lifted with a reason; nothing is deleted."""

from datetime import timedelta

import pytest

from hotline.audit.change import Change, Head
from hotline.audit.store import Wanted, changes, verify_audit
from hotline.campaigns.number_marks import NumberMarkRefused, NumberMarks, NumberMarkUnknown
from hotline.database import Database
from hotline.phone import PhoneNumber
from hotline.residents.marks_store import mark_number, marks_of
from hotline.residents.noted import NumberMark
from hotline.residents.resident import Home
from hotline.residents.store import add_home, add_resident
from tests.fakes.clock_by_hand import ClockByHand

ONE, OTHER = PhoneNumber("+8613800138501"), PhoneNumber("+8613900139502")


@pytest.fixture
def marks(database: Database) -> NumberMarks:
    return NumberMarks(database=database, clock=ClockByHand(), area_code="0755")


async def shown(marks: NumberMarks, **wanted: object) -> list[tuple[str, str, bool]]:
    return [(row.e164, row.mark, row.holds) for row in await marks.page(**wanted)]  # type: ignore[arg-type]


async def audited(database: Database) -> list[Change]:
    async with database.read() as session:
        return [kept.change for kept in await changes(session, Wanted(room="do-not-call"), limit=50)]


async def test_marked_number_is_listed_and_lifted_with_a_reason(marks: NumberMarks, database: Database) -> None:
    await marks.put("138 0013 8501", NumberMark.DO_NOT_CALL, by="boss", why="来电要求")
    await marks.put("13800138501", NumberMark.DO_NOT_CALL, by="boss", why="再次")  # stands already
    [row] = await marks.page()

    await marks.lift(row.id, by="root", why="本人同意")

    assert await shown(marks) == []
    assert await shown(marks, with_lifted=True) == [(ONE.e164, "do-not-call", False)]
    async with database.read() as session:
        assert await marks_of(session, [ONE]) == {}
    lifted, put = await audited(database)
    assert (put.by, put.act, put.subject, put.after) == (
        "boss", "marked", "138****8501", {"mark": "do-not-call", "reason": "来电要求"},
    )  # fmt: skip
    assert (lifted.by, lifted.act, lifted.after) == ("root", "lifted", {"reason": "本人同意"})
    assert isinstance(await verify_audit(database), Head)


async def test_mark_that_was_lifted_or_said_anew_meanwhile_is_not_lifted_by_its_old_row(marks: NumberMarks) -> None:
    await marks.put(ONE.national, NumberMark.DO_NOT_CALL, by="boss", why="来电要求")
    [row] = await marks.page()
    await marks.lift(row.id, by="boss", why="本人同意")

    for number in (row.id, 4711):
        with pytest.raises(NumberMarkUnknown):
            await marks.lift(number, by="boss", why="再来")


async def test_marks_are_found_by_number_last_digits_and_home_and_by_pages(
    marks: NumberMarks, database: Database
) -> None:
    async with database.begin() as session:
        home = await add_home(session, Home(3, 2, 501))
        await add_resident(session, home, "张伟", numbers=[OTHER])
        await mark_number(
            session, OTHER, NumberMark.WRONG_NUMBER, holds=True, by="key", at=ClockByHand().now() - timedelta(days=1)
        )
    await marks.put(ONE.national, NumberMark.DO_NOT_CALL, by="boss", why="来电要求")
    mine, others = (ONE.e164, "do-not-call", True), (OTHER.e164, "wrong-number", True)

    assert await shown(marks) == [mine, others]
    assert await shown(marks, word="13800138501") == [mine]
    assert await shown(marks, word="8501") == [mine]
    assert await shown(marks, word="39502") == [others]
    assert await shown(marks, word="3-2-501") == [others]
    assert await shown(marks, word="1-1-101") == []
    assert await shown(marks, word="%") == []
    [first] = await marks.page(limit=1)
    assert await shown(marks, before=first.id, limit=1) == [others]


@pytest.mark.parametrize("number", ["8001", "隔壁", "96000"])
async def test_what_is_no_number_of_the_outside_is_refused(marks: NumberMarks, number: str) -> None:
    with pytest.raises(NumberMarkRefused):
        await marks.put(number, NumberMark.DO_NOT_CALL, by="boss", why="来电要求")


async def test_only_a_network_says_that_there_is_no_such_number(marks: NumberMarks) -> None:
    with pytest.raises(NumberMarkRefused):
        await marks.put(ONE.national, NumberMark.INVALID, by="boss", why="空号")
