"""What agents write down of homes and numbers: choices, notes, marks, new people. On SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.phone import PhoneNumber
from hotline.residents.additions import ResidentDoubled, ResidentRefused, read_resident
from hotline.residents.additions_store import MOST_NUMBERS, add_number, keep_resident, numbers_of, residents_of
from hotline.residents.choice_store import absorb_choices, caller_of_call, choices_of, choose_home
from hotline.residents.marks_store import mark_number, marks_of
from hotline.residents.noted import HomeUnknown, NoteUnknown, NumberMark
from hotline.residents.notes_store import add_note, notes_of, take_note_back
from hotline.residents.resident import Home, Relation, Title
from hotline.residents.store import add_home, add_resident

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
NUMBER = PhoneNumber("+8613800138501")
OTHER = PhoneNumber("+8613800138502")


async def two_homes(session):
    first, second = await add_home(session, Home(3, 2, 501)), await add_home(session, Home(7, 1, 902))
    zhang = await add_resident(session, first, "张伟", title=Title.MR, numbers=[NUMBER])
    li = await add_resident(session, second, "李娜", title=Title.MS, numbers=[NUMBER])
    return first, second, zhang, li


async def test_home_that_an_agent_chose_is_who_calls_whatever_else_the_number_belongs_to(database):
    async with database.begin() as session:
        _, second, _, li = await two_homes(session)
        before = await caller_of_call(session, "c-1", NUMBER)
        is_new = await choose_home(session, "c-1", second.id, by="xiaowang", at=NOW)
        is_new_again = await choose_home(session, "c-1", second.id, by="xiaowang", at=NOW)
        known = await caller_of_call(session, "c-1", NUMBER)

        assert (before.household, before.is_chosen) == (None, False)
        assert (is_new, is_new_again) == (True, False)
        assert (known.household.home, known.resident.id, known.is_chosen) == (second, li.id, True)


@pytest.mark.parametrize("number", [None, OTHER])
async def test_home_can_be_chosen_for_a_number_that_is_withheld_or_nobodys(database, number):
    async with database.begin() as session:
        first, _, zhang, _ = await two_homes(session)
        await choose_home(session, "c-1", first.id, by="xiaowang", at=NOW)
        home_only = await caller_of_call(session, "c-1", number)
        await choose_home(session, "c-1", first.id, resident_id=zhang.id, by="xiaowang", at=NOW)
        known = await caller_of_call(session, "c-1", number)

        assert (home_only.household.home, home_only.resident) == (first, None)
        assert (known.resident.salutation, known.number) == ("张先生", number)


async def test_newest_choice_counts_and_moves_with_a_call_that_became_part_of_another(database):
    async with database.begin() as session:
        first, second, _, _ = await two_homes(session)
        await choose_home(session, "young", first.id, by="a", at=NOW)
        await choose_home(session, "young", second.id, by="b", at=NOW + timedelta(seconds=9))
        await absorb_choices(session, "young", "old")
        found = await choices_of(session, ["young", "old"])

        assert list(found) == ["old"]
        assert (found["old"].home_id, found["old"].by) == (second.id, "b")
        assert await choices_of(session, []) == {}


async def test_home_or_person_that_is_not_there_cannot_be_chosen_nor_noted(database):
    async with database.begin() as session:
        first, _, _, li = await two_homes(session)
        for wrong in ((999_999, None), (first.id, li.id), (first.id, 999_999)):
            with pytest.raises(HomeUnknown):
                await choose_home(session, "c-1", wrong[0], resident_id=wrong[1], by="a", at=NOW)
            with pytest.raises(HomeUnknown):
                await add_note(session, wrong[0], "x", resident_id=wrong[1], by="a", at=NOW)


async def test_note_stays_until_it_is_taken_back_and_newest_come_first(database):
    async with database.begin() as session:
        first, second, zhang, _ = await two_homes(session)
        old = await add_note(session, first.id, "家中有犬", by="a", at=NOW)
        new = await add_note(session, first.id, "听力不好", resident_id=zhang.id, by="b", at=NOW)
        await add_note(session, second.id, "别家", by="b", at=NOW)
        both = await notes_of(session, [first.id])
        await take_note_back(session, first.id, old.id, by="b", at=NOW)
        left = await notes_of(session, [first.id])

        assert [note.text for note in both] == ["听力不好", "家中有犬"]
        assert left == (new,)
        assert len(await notes_of(session, [first.id, second.id], limit=1)) == 1
        for gone in ((first.id, old.id), (second.id, new.id), (first.id, 999_999)):
            with pytest.raises(NoteUnknown):
                await take_note_back(session, *gone, by="b", at=NOW)


async def test_mark_holds_until_somebody_says_that_it_does_not(database):
    async with database.begin() as session:
        said = {"by": "xiaowang", "at": NOW}
        news = [
            await mark_number(session, NUMBER, NumberMark.WRONG_NUMBER, holds=False, **said),
            await mark_number(session, NUMBER, NumberMark.WRONG_NUMBER, holds=True, **said),
            await mark_number(session, NUMBER, NumberMark.WRONG_NUMBER, holds=True, **said),
            await mark_number(session, NUMBER, NumberMark.DO_NOT_CALL, holds=True, reason="按键9", call_id="c", **said),
            await mark_number(session, NUMBER, NumberMark.WRONG_NUMBER, holds=False, **said),
        ]

        assert news == [False, True, False, True, True]
        assert await marks_of(session, [NUMBER, OTHER]) == {NUMBER: {NumberMark.DO_NOT_CALL}}
        assert await marks_of(session, []) == {}


def typed(**changes):
    return read_resident(
        **({"home": "3-2-501", "name": "王芳", "title": Title.MS, "relation": Relation.TENANT, "numbers": []} | changes)
    )


async def test_new_person_is_kept_once_and_only_in_a_home_that_is_known_or_said_to_be_new(database):
    async with database.begin() as session:
        first, _, _, _ = await two_homes(session)
        made = await keep_resident(session, typed(numbers=["13800138502"], is_elderly_alone=True))
        with pytest.raises(ResidentDoubled) as doubled:
            await keep_resident(session, typed())
        with pytest.raises(HomeUnknown):
            await keep_resident(session, typed(home="9-9-909"))
        away = await keep_resident(session, typed(home="9-9-909"), adds_home=True)

        assert (made.home, made.salutation, made.is_elderly_alone) == (first, "王女士", True)
        assert await numbers_of(session, [made.id, away.id]) == {made.id: (OTHER,)}
        assert doubled.value.details == {"resident_id": made.id}
        assert away.home == Home(9, 9, 909)


async def test_further_number_is_added_once_and_not_without_end(database):
    async with database.begin() as session:
        first, _, zhang, li = await two_homes(session)
        assert await add_number(session, zhang.id, OTHER) == (first, True)
        assert await add_number(session, zhang.id, OTHER) == (first, False)
        with pytest.raises(HomeUnknown):
            await add_number(session, 999_999, OTHER)
        for place in range(MOST_NUMBERS * 2 - 2):
            await add_number(session, zhang.id, PhoneNumber(f"+861390000000{place}"))
        with pytest.raises(ResidentRefused):
            await add_number(session, zhang.id, PhoneNumber("+8613911111111"))

        assert [one.id for one in await residents_of(session, [li.id, zhang.id])] == [li.id, zhang.id]
        assert [one.id for one in await residents_of(session, [li.id], first)] == [li.id, zhang.id]
