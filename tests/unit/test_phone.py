"""How a number is read, kept, shown and kept out of logs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.phone import PhoneNumber

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("13800138501", "+8613800138501"),
        ("138 0013 8501", "+8613800138501"),
        ("138-0013-8501", "+8613800138501"),
        ("１３８００１３８５０１", "+8613800138501"),
        ("+8613800138501", "+8613800138501"),
        ("008613800138501", "+8613800138501"),
        ("8613800138501", "+8613800138501"),
        ("013800138501", "+8613800138501"),
        ("0755-8888 8888", "+8675588888888"),
        ("（0755）88888888", "+8675588888888"),
        ("8888 8888", "+8675588888888"),
        ("010-88888888", "+861088888888"),
        ("400-800-1234", "+864008001234"),
        ("0014155552671", "+14155552671"),
        ("+852 2123 4567", "+85221234567"),
        ("8001", "8001"),
        ("95588", "95588"),
        ("+86 0755 88888888", "+8675588888888"),
        ("8675588888888", "+8675588888888"),
        ("86075588888888", "+8675588888888"),
        ("008675588888888", "+8675588888888"),
        ("0086 013800138501", "+8613800138501"),
        ("1259313800138501", "+8613800138501"),
        ("12593013800138501", "+8613800138501"),
        ("17951 13800138501", "+8613800138501"),
        ("17911075588888888", "+8675588888888"),
        ("1790913800138501", "+8613800138501"),
        ("17951", "17951"),
    ],
)
def test_number_is_read_in_every_way_people_and_carriers_write_it(written: str, e164: str) -> None:
    read = PhoneNumber.parse(written, area_code="0755")

    assert read is not None
    assert read.e164 == e164


@pytest.mark.parametrize("area_code", ["0755", "755"])
def test_local_number_is_read_within_the_area_code_of_the_centre(area_code: str) -> None:
    assert PhoneNumber.parse("88888888", area_code=area_code) == PhoneNumber("+8675588888888")


def test_local_number_means_nothing_without_an_area_code() -> None:
    assert PhoneNumber.parse("88888888") is None


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        " ",
        "anonymous",
        "Anonymous",
        "unknown",
        "<unknown>",
        "withheld",
        "restricted",
        "未知",
        "s",
        "+",
        "-",
        "0",
        "00",
        "0000000000",
        "12",
        "+8612345",
        "1234567890123",
        "1380013850a",
        "138\x000138501",
        "13800138501\r\n",
        "1380013\t8501",
        "9" * 65536,
        "x" * 65536,
        "+" * 20,
        "١٣٨٠٠١٣٨٥٠١",
        "sip:13800138501@carrier",
    ],
)
def test_what_is_no_number_is_none(written: str | None) -> None:
    assert PhoneNumber.parse(written, area_code="0755") is None


@given(st.text(max_size=60), st.sampled_from(["", "0755", "10", "x"]))
def test_reading_never_raises_and_reads_its_own_result_again(written: str, area_code: str) -> None:
    read = PhoneNumber.parse(written, area_code=area_code)

    assert read is None or PhoneNumber.parse(read.e164, area_code=area_code) == read


@given(st.text("0123456789+-() .", max_size=45), st.sampled_from(["", "0755", "10"]))
def test_reading_digits_never_raises_and_reads_its_own_result_again(written: str, area_code: str) -> None:
    read = PhoneNumber.parse(written, area_code=area_code)

    assert read is None or PhoneNumber.parse(read.e164, area_code=area_code) == read


@given(MOBILES, st.sampled_from(["", "+86", "0086", "86", "0"]), st.sampled_from(["", " ", "-"]))
def test_every_mobile_is_one_number_however_it_is_written(mobile: str, prefix: str, between: str) -> None:
    written = prefix + between.join([mobile[:3], mobile[3:7], mobile[7:]])

    assert PhoneNumber.parse(written) == PhoneNumber("+86" + mobile)


@given(MOBILES)
def test_number_never_shows_itself_in_text(mobile: str) -> None:
    number = PhoneNumber("+86" + mobile)

    shown = f"{number} {number!r} {number!s}"

    assert mobile[3:7] + mobile[7:] not in shown
    assert f"{mobile[:3]}****{mobile[-4:]}" == number.masked


@pytest.mark.parametrize(
    ("e164", "masked", "national"),
    [
        ("+8613800138501", "138****8501", "13800138501"),
        ("+8675588888888", "0755****8888", "075588888888"),
        ("+861088888888", "010****8888", "01088888888"),
        ("+14155552671", "+1****2671", "0014155552671"),
        ("8001", "8001", "8001"),
    ],
)
def test_number_is_masked_for_screens_and_written_in_full_only_on_demand(e164: str, masked: str, national: str) -> None:
    number = PhoneNumber(e164)

    assert number.masked == masked
    assert number.national == national


@given(MOBILES)
def test_every_form_in_which_a_carrier_writes_a_number_reads_as_that_number(mobile: str) -> None:
    number = PhoneNumber("+86" + mobile)

    assert {mobile, "0" + mobile, "86" + mobile, "0086" + mobile, "+86" + mobile} == number.written_forms
    assert {PhoneNumber.parse(form) for form in number.written_forms} == {number}


def test_written_forms_of_a_landline_a_foreign_number_and_an_extension() -> None:
    assert "075588888888" in PhoneNumber("+8675588888888").written_forms
    assert PhoneNumber("+14155552671").written_forms == {"+14155552671", "14155552671", "0014155552671"}
    assert PhoneNumber("8001").written_forms == {"8001"}


def test_only_short_numbers_are_internal() -> None:
    assert PhoneNumber("8001").is_internal
    assert not PhoneNumber("+8613800138501").is_internal


@pytest.mark.parametrize("kept", ["13800138501", "", "+86138001385011234", "8001\n", "+86 13800138501"])
def test_number_in_another_form_is_refused_without_being_named(kept: str) -> None:
    with pytest.raises(ValueError, match=r"E\.164") as refused:
        PhoneNumber(kept)

    assert not kept.strip() or kept not in str(refused.value)
