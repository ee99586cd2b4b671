"""What the AudioSocket port lets in: the switch's frames, and nothing else."""

from uuid import UUID

import pytest

from hotline.live.frames import FrameRefused, Header, Kind, read_header, read_name


@pytest.mark.parametrize(
    ("data", "header"),
    [
        (b"\x00\x00\x00", Header(Kind.HANGUP, 0)),
        (b"\x01\x00\x10", Header(Kind.NAME, 16)),
        (b"\x10\x01\x40", Header(Kind.SOUND, 320)),
        (b"\x10\xff\xfe", Header(Kind.SOUND, 65534)),
        (b"\x10\x00\x00", Header(Kind.SOUND, 0)),
        (b"\xff\x00\x01", Header(Kind.ERROR, 1)),
    ],
)
def test_the_switch_s_own_frames_are_read(data: bytes, header: Header) -> None:
    assert read_header(data) == header


@pytest.mark.parametrize("kind", sorted(set(range(256)) - {kind.value for kind in Kind}))
def test_any_other_kind_is_refused(kind: int) -> None:
    with pytest.raises(FrameRefused, match=f"0x{kind:02x}"):
        read_header(bytes([kind, 0, 0]))


@pytest.mark.parametrize("length", [0, 15, 17, 65535])
def test_a_name_that_is_no_uuid_is_refused(length: int) -> None:
    with pytest.raises(FrameRefused, match="16"):
        read_header(b"\x01" + length.to_bytes(2, "big"))


@pytest.mark.parametrize("length", [1, 319, 65535])
def test_sound_that_ends_within_a_sample_is_refused(length: int) -> None:
    with pytest.raises(FrameRefused, match="sample"):
        read_header(b"\x10" + length.to_bytes(2, "big"))


def test_a_name_is_a_uuid() -> None:
    name = UUID("a112f777-2270-4b6c-85c0-9f76db8c073e")

    assert read_name(name.bytes) == name
