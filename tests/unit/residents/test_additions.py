"""What is typed of a resident during a call: kept as it is meant, or refused by the name of its field."""

import pytest

from hotline.phone import PhoneNumber
from hotline.residents.additions import ResidentRefused, read_resident
from hotline.residents.resident import Home, Relation, Title


def typed(**changes):
    values = {"home": "3栋2单元501室", "name": "王芳", "title": Title.MS, "relation": Relation.OWNER, "numbers": []}
    return read_resident(**(values | changes))


def test_spaces_and_wide_letters_are_put_right_and_a_number_counts_once() -> None:
    new = typed(name="  Ａnna   Lee ", numbers=["138 0013 8501", "+8613800138501", "88886666"], area_code="0755")

    assert (new.home, new.name) == (Home(3, 2, 501), "Anna Lee")
    assert new.numbers == (PhoneNumber("+8613800138501"), PhoneNumber("+8675588886666"))


@pytest.mark.parametrize("name", ["", "   ", "王" * 41, "=1+1", "@x", "＋86", "12345", "王\x00芳", "!!"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ResidentRefused) as refused:
        typed(name=name)

    assert list(refused.value.details["fields"]) == ["name"]
    assert not name.strip() or name not in str(refused.value)


def test_markup_in_a_name_is_a_name_and_stays_text() -> None:
    assert typed(name="<b>王</b>").name == "<b>王</b>"


@pytest.mark.parametrize("home", ["", "501", "0-1-101", "3-2", "x" * 99])
def test_home_that_is_none_is_refused(home: str) -> None:
    with pytest.raises(ResidentRefused) as refused:
        typed(home=home)

    assert list(refused.value.details["fields"]) == ["home"]


@pytest.mark.parametrize("number", ["", "8001", "110", "abc", "123", "9" * 50])
def test_number_of_no_resident_is_refused(number: str) -> None:
    with pytest.raises(ResidentRefused) as refused:
        typed(numbers=[number])

    assert list(refused.value.details["fields"]) == ["numbers"]
