"""The written form of AGI: what comes in is cut and cleaned, what goes out cannot break out."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hotline.ivr.agi_text import MOST_COMMAND_BYTES, command, read_call
from hotline.ivr.errors import UnsafeArgument

NEEDED = b"agi_uniqueid: 1.1\nagi_channel: PJSIP/carrier-1\n"


@pytest.mark.parametrize("withheld", [b"unknown", b"Unknown", b"<unknown>", b""])
def test_withheld_number_and_name_are_empty(withheld: bytes) -> None:
    call = read_call(NEEDED + b"agi_callerid: " + withheld + b"\nagi_calleridname: " + withheld + b"\n")

    assert call is not None
    assert (call.caller_number, call.caller_name) == ("", "")


def test_control_characters_in_a_name_are_taken_out() -> None:
    call = read_call(NEEDED + "agi_calleridname: \x1b[31m张\t伟\x7f\u2028\n".encode())

    assert call is not None
    assert call.caller_name == "[31m张伟"


def test_bytes_that_are_not_utf8_are_replaced_not_dropped() -> None:
    call = read_call(NEEDED + b"agi_calleridname: \xd5\xc5\n")

    assert call is not None
    assert set(call.caller_name) == {"\ufffd"}


def test_first_of_two_headers_counts() -> None:
    call = read_call(NEEDED + b"agi_context: hotline\nagi_context: other\n")

    assert call is not None
    assert call.context == "hotline"


def test_arguments_are_read_in_order_up_to_the_first_gap() -> None:
    call = read_call(NEEDED + b"agi_arg_2: b\nagi_arg_1: a\nagi_arg_4: d\n")

    assert call is not None
    assert call.arguments == ("a", "b")


@pytest.mark.parametrize("missing", [b"agi_uniqueid: 1.1\n", b"agi_channel: x\n", b"agi_uniqueid: \nagi_channel: x\n"])
def test_block_that_names_no_call_is_none(missing: bytes) -> None:
    assert read_call(missing) is None


def test_block_of_too_many_lines_is_none() -> None:
    assert read_call(NEEDED + b"x: y\n" * 300) is None


@given(st.binary(max_size=4000))
@example(NEEDED + b"agi_callerid: " + b"9" * 3000)
def test_any_block_is_read_or_turned_away(block: bytes) -> None:
    for call in (read_call(block), read_call(NEEDED + block)):
        if call is not None:
            values = (call.uniqueid, call.channel, call.caller_number, call.caller_name, *call.arguments)
            assert all(len(value) <= 80 and not set(value) & set(map(chr, range(32))) for value in values)


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_any_command_is_one_line_that_reads_back_or_is_refused(words: list[str]) -> None:
    try:
        line = command("SET", *words)
    except UnsafeArgument:
        return

    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert len(line) <= MOST_COMMAND_BYTES
    assert as_asterisk_reads(line.decode()[:-1]) == ["SET", *words]


def as_asterisk_reads(line: str) -> list[str]:
    """Split a command as Asterisk's parse_args does: quotes group, a backslash takes the next sign as it is."""
    words, word, is_open, is_quoted, is_escaped = [], "", False, False, False
    for sign in line:
        if is_escaped:
            word, is_escaped = word + sign, False
        elif sign == "\\":
            is_escaped = is_open = True
        elif sign == '"':
            is_quoted, is_open = not is_quoted, True
        elif sign in " \t" and not is_quoted:
            if is_open:
                words.append(word)
            word, is_open = "", False
        else:
            word, is_open = word + sign, True
    return [*words, word] if is_open else words
