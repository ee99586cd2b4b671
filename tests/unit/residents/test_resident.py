"""Homes as they are written and said; people as they are addressed; debts as they are told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.phone import PhoneNumber
from hotline.residents.resident import (
    Arrears,
    Home,
    Household,
    KnownCaller,
    Matter,
    MatterKind,
    MatterState,
    Relation,
    Resident,
    Title,
    period_in_words,
    surname_of,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOME = Home(3, 2, 501, id=7)


@pytest.mark.parametrize(
    "written", ["3-2-501", "3栋2单元501室", "3 栋 2 单元 501", "３－２－５０１", "03-02-0501", "3号楼2单元501"]
)
def test_home_is_read_as_files_and_people_write_it(written: str) -> None:
    assert Home.parse(written) == Home(3, 2, 501)


@pytest.mark.parametrize(
    "written", ["", "3-2", "3-2-", "0-2-501", "3-2-501-1", "三栋二单元五零一", "a-b-c", "-3-2-501", "9" * 65536]
)
def test_what_names_no_home_is_none(written: str) -> None:
    assert Home.parse(written) is None


@given(st.integers(1, 999), st.integers(1, 99), st.integers(1, 99999))
def test_home_reads_its_own_forms_again(building: int, unit: int, room: int) -> None:
    home = Home(building, unit, room)

    assert Home.parse(home.label) == home
    assert Home.parse(home.spoken) == home


@given(st.text(max_size=50))
def test_reading_a_home_never_raises(text: str) -> None:
    home = Home.parse(text)

    assert home is None or home.building > 0


def test_stored_home_equals_the_same_home_read_from_a_file() -> None:
    assert Home(3, 2, 501) == HOME
    assert {HOME} == {Home(3, 2, 501)}


@pytest.mark.parametrize(
    ("name", "surname"),
    [("张伟", "张"), ("欧阳娜娜", "欧阳"), ("欧阳", "欧"), ("李建国", "李"), ("John Smith", "Smith"), (" 王芳 ", "王")],
)
def test_surname_is_what_people_are_addressed_by(name: str, surname: str) -> None:
    assert surname_of(name) == surname


@pytest.mark.parametrize(
    ("title", "relation", "salutation"),
    [
        (Title.MR, Relation.OWNER, "张先生"),
        (Title.MS, Relation.TENANT, "张女士"),
        (Title.UNKNOWN, Relation.OWNER, "张业主"),
        (Title.UNKNOWN, Relation.TENANT, "张租户"),
    ],
)
def test_resident_is_addressed_by_surname_and_title(title: Title, relation: Relation, salutation: str) -> None:
    resident = Resident(id=1, home=HOME, name="张建华", title=title, relation=relation)

    assert resident.salutation == salutation


def test_names_and_words_stay_out_of_what_may_be_logged() -> None:
    resident = Resident(id=1, home=HOME, name="张建华")
    matter = Matter(id=1, home=HOME, kind=MatterKind.REPAIR, text="厨房漏水", opened=NOW)

    assert "张" not in repr(resident)
    assert "漏水" not in repr(matter)


def test_matter_is_overdue_when_its_promised_time_has_passed_and_it_is_open() -> None:
    promised = NOW + timedelta(hours=1)
    matter = Matter(id=1, home=HOME, kind=MatterKind.REPAIR, text="x", opened=NOW, promised=promised)
    finished = Matter(
        id=1, home=HOME, kind=MatterKind.REPAIR, text="x", opened=NOW, promised=promised, state=MatterState.FINISHED
    )

    assert not matter.is_overdue(promised)
    assert matter.is_overdue(promised + timedelta(seconds=1))
    assert not finished.is_overdue(promised + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("months", "words"),
    [
        ((), ""),
        (("2026-03",), "2026年3月"),
        (("2026-01", "2026-02", "2026-03"), "2026年1月至3月"),
        (("2025-12", "2026-01"), "2025年12月至2026年1月"),
        (("2026-05", "2026-01"), "2026年1月、5月"),
    ],
)
def test_months_are_told_as_people_say_them(months: tuple[str, ...], words: str) -> None:
    assert period_in_words(months) == words


@pytest.mark.parametrize(("fen", "amount"), [(123456, "1234.56"), (5, "0.05"), (100, "1.00")])
def test_debt_is_shown_exactly(fen: int, amount: str) -> None:
    debt = Arrears(home=HOME, months=("2026-01",), fen=fen)

    assert debt.amount == amount
    assert debt.yuan == Decimal(amount)


def test_number_of_two_people_names_nobody_for_certain() -> None:
    number = PhoneNumber("+8613800138501")
    people = (Resident(id=1, home=HOME, name="张伟"), Resident(id=2, home=HOME, name="张芳"))
    home = (Household(home=HOME, residents=people),)

    shared = KnownCaller(number=number, residents=people, households=home)
    own = KnownCaller(number=number, residents=people[:1], households=home)

    assert shared.resident is None
    assert shared.household == home[0]
    assert own.resident == people[0]
