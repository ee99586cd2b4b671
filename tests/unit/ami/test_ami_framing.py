"""Bytes become header blocks: whole, in order, within bounds, however TCP cuts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ami.framing import MOST_BYTES, MOST_HEADERS, TOO_LONG, TOO_MANY, Frames, Unreadable, read_headers

JOIN = "Event: QueueCallerJoin\r\nCallerIDName: 张伟\r\n\r\n".encode()


def fed(*chunks: bytes) -> list[object]:
    frames = Frames()
    return [block for chunk in chunks for block in frames.feed(chunk)]


@pytest.mark.parametrize("cut", range(len(JOIN)))
def test_block_arrives_whole_wherever_it_is_cut(cut: int) -> None:
    assert fed(JOIN[:cut], JOIN[cut:]) == [{"event": "QueueCallerJoin", "calleridname": "张伟"}]


def test_blocks_that_arrive_together_are_told_apart_in_order() -> None:
    assert fed(b"Event: A\r\n\r\nEvent: B\r\n\r\nEvent: C") == [{"event": "A"}, {"event": "B"}]


def test_banner_before_the_first_block_is_no_header() -> None:
    assert fed(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\n\r\n") == [{"response": "Success"}]


def test_bytes_that_are_not_utf8_are_replaced_not_dropped() -> None:
    assert fed(b"Event: A\r\nCallerIDName: \xd5\xc5\r\n\r\n") == [{"event": "A", "calleridname": "\ufffd\ufffd"}]


def test_repeated_header_keeps_every_value() -> None:
    assert read_headers(b"ChanVariable: a=1\r\nChanVariable: b=2") == {"chanvariable": "a=1\nb=2"}


def test_value_is_kept_as_it_is_after_the_first_colon() -> None:
    assert read_headers(b"AppData: a: b\r\nEmpty:\r\nEmptyToo: ") == {"appdata": "a: b", "empty": "", "emptytoo": ""}


@pytest.mark.parametrize("step", [1000, MOST_BYTES * 3])
def test_block_that_never_ends_is_passed_over_once_and_the_next_is_read(step: int) -> None:
    endless = b"Event: X\r\nText: " + b"x" * (MOST_BYTES * 2) + b"\r\n\r\n"
    chunks = [endless[at : at + step] for at in range(0, len(endless), step)]

    assert fed(*chunks, JOIN) == [TOO_LONG, {"event": "QueueCallerJoin", "calleridname": "张伟"}]


def test_block_of_too_many_headers_is_passed_over() -> None:
    assert fed(b"A: b\r\n" * (MOST_HEADERS + 1) + b"\r\n") == [TOO_MANY]


@given(st.lists(st.binary(max_size=300) | st.sampled_from([b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"Event: A\r\n"])))
def test_any_bytes_give_blocks_or_nothing(chunks: list[bytes]) -> None:
    frames = Frames()
    blocks = [block for chunk in chunks for block in frames.feed(chunk)]

    assert all(isinstance(block, dict | Unreadable) for block in blocks)
    assert blocks == fed(b"".join(chunks))
    assert frames.held <= sum(map(len, chunks))


@given(
    st.lists(st.integers(1, MOST_BYTES), min_size=1, max_size=12), st.sampled_from([b"x", b"\r\n", b"\r", b"A: b\r\n"])
)
def test_memory_is_bounded_whatever_comes(sizes: list[int], unit: bytes) -> None:
    frames = Frames()

    for size in sizes:
        frames.feed((unit * size)[:size])
        assert frames.held <= MOST_BYTES
