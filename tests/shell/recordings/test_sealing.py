import os
from pathlib import Path

import pytest

from hotline.recordings.errors import KeyMissing, KeyWrong, SealBroken
from hotline.recordings.sealing import BLOCK, HEADER, TAG, SealedFile, read_key, seal

KEY = bytes(range(32))


def sealed(directory: Path, plain: bytes, key: bytes = KEY) -> Path:
    (directory / "plain").write_bytes(plain)
    seal(directory / "plain", directory / "sealed", key)
    return directory / "sealed"


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_what_was_encrypted_comes_back_whole(tmp_path: Path, size: int) -> None:
    plain = os.urandom(size)

    with SealedFile(sealed(tmp_path, plain), KEY) as file:
        assert (file.read(), file.size) == (plain, size)


def test_nothing_of_the_plain_sound_can_be_seen(tmp_path: Path) -> None:
    content = sealed(tmp_path, b"RIFF" * 1000).read_bytes()

    assert b"RIFF" not in content


def test_stretch_costs_only_the_blocks_that_it_touches(tmp_path: Path) -> None:
    plain = os.urandom(20 * BLOCK)

    with SealedFile(sealed(tmp_path, plain), KEY) as file:
        file.seek(10 * BLOCK - 5)
        found = file.read(10)

        assert (found, file.decrypted) == (plain[10 * BLOCK - 5 : 10 * BLOCK + 5], 2)
        file.seek(-3, os.SEEK_END)
        assert (file.read(100), file.read(1)) == (plain[-3:], b"")


def test_same_sound_encrypted_twice_looks_different(tmp_path: Path) -> None:
    assert sealed(tmp_path, b"x" * 1000).read_bytes() != sealed(tmp_path, b"x" * 1000).read_bytes()


@pytest.mark.parametrize("at", [10, 30, HEADER.size + 5, HEADER.size + BLOCK + TAG + 5, -1])
def test_changed_byte_is_noticed_wherever_it_is(tmp_path: Path, at: int) -> None:
    path = sealed(tmp_path, os.urandom(2 * BLOCK + 100))
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)

    with pytest.raises((SealBroken, KeyWrong)), SealedFile(path, KEY) as file:
        file.read()


def test_swapped_blocks_are_noticed(tmp_path: Path) -> None:
    path = sealed(tmp_path, os.urandom(2 * BLOCK))
    content, one = path.read_bytes(), BLOCK + TAG
    head, first, second = content[: HEADER.size], content[HEADER.size :][:one], content[HEADER.size :][one:]
    path.write_bytes(head + second + first)

    with pytest.raises(SealBroken), SealedFile(path, KEY) as file:
        file.read()


@pytest.mark.parametrize("change", [lambda whole: whole[:-1], lambda whole: whole + b"x", lambda whole: whole[:20]])
def test_cut_or_lengthened_file_is_refused_before_it_is_read(tmp_path: Path, change: object) -> None:
    path = sealed(tmp_path, os.urandom(1000))
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]

    with pytest.raises(SealBroken):
        SealedFile(path, KEY)


def test_other_key_is_named_as_such(tmp_path: Path) -> None:
    path = sealed(tmp_path, b"x")

    with pytest.raises(KeyWrong):
        SealedFile(path, bytes(32))


@pytest.mark.parametrize("content", [None, "", "zz" * 32, "ab" * 31])
def test_key_file_that_holds_no_key_is_refused_with_what_to_do(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "key").write_text(content)

    with pytest.raises(KeyMissing, match="put back your copy"):
        read_key(tmp_path / "key")
