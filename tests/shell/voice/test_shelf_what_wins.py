"""A recording of the site's own always wins, for us and for Asterisk, which plays what lies in its folders."""

import os
import wave
from pathlib import Path

import pytest

from hotline.voice.errors import SoundUnknown
from hotline.voice.shelf import Shelf
from tests.fakes.voice_shelf import shelf_in, write_sound


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return shelf_in(tmp_path, zh=("greeting", "menu", "digits/7"), en=("greeting",))


def played(tmp_path: Path, name: str, language: str = "zh") -> Path:
    """Return the file that Asterisk comes to by a name."""
    return (tmp_path / "laid" / language / f"{name}.wav").resolve(strict=True)


def test_rendered_prompt_is_played_by_its_plain_id(shelf: Shelf, tmp_path: Path) -> None:
    shelf.lay_out()

    assert shelf.sound("digits/7").name == "digits/7"
    assert shelf.sound("digits/7").seconds == 1.0
    assert played(tmp_path, "digits/7") == tmp_path / "rendered/zh/digits/7.wav"


def test_own_recording_wins_over_the_rendered_prompt(shelf: Shelf, tmp_path: Path) -> None:
    shelf.lay_out()
    own = write_sound(tmp_path / "prompts/zh/greeting.wav", 2.5)
    shelf.lay_out()

    assert shelf.sound("greeting").seconds == 2.5
    assert played(tmp_path, "greeting") == own
    assert played(tmp_path, "greeting", "en") == tmp_path / "rendered/en/greeting.wav"


def test_rendered_prompt_is_back_when_the_recording_goes(shelf: Shelf, tmp_path: Path) -> None:
    own = write_sound(tmp_path / "prompts/zh/greeting.wav", 2.5)
    shelf.lay_out()
    own.unlink()
    shelf.lay_out()

    assert shelf.sound("greeting").seconds == 1.0
    assert played(tmp_path, "greeting") == tmp_path / "rendered/zh/greeting.wav"


def test_what_english_lacks_is_said_in_mandarin_by_the_winner_there(shelf: Shelf, tmp_path: Path) -> None:
    own = write_sound(tmp_path / "prompts/zh/menu.wav", 3)
    shelf.lay_out()

    assert shelf.sound("menu", "en").seconds == 3.0
    assert played(tmp_path, "menu", "en") == own


@pytest.mark.parametrize("name", ["no-such", "", "../zh/menu", "a/b/c", "Menu", "menu.wav"])
def test_unknown_id_is_named_and_nothing_else_is_reached(shelf: Shelf, name: str) -> None:
    with pytest.raises(SoundUnknown) as refused:
        shelf.sound(name)

    assert refused.value.sound == name


def test_changed_recording_has_its_new_length_at_once(shelf: Shelf, tmp_path: Path) -> None:
    own = write_sound(tmp_path / "prompts/zh/menu.wav", 2)
    before = shelf.sound("menu").seconds
    write_sound(own, 4)
    os.utime(own, ns=(0, 1))

    assert (before, shelf.sound("menu").seconds) == (2.0, 4.0)


def test_file_that_asterisk_could_not_play_does_not_win(shelf: Shelf, tmp_path: Path) -> None:
    wide = tmp_path / "prompts/zh/menu.wav"
    wide.parent.mkdir(parents=True)
    with wave.open(str(wide), "wb") as out:
        out.setparams((2, 2, 44100, 0, "NONE", ""))
        out.writeframes(bytes(44100))
    (tmp_path / "prompts/zh/greeting.wav").write_bytes(b"no sound")
    shelf.lay_out()

    assert [shelf.sound(name).seconds for name in ("menu", "greeting")] == [1.0, 1.0]
    assert played(tmp_path, "menu") == tmp_path / "rendered/zh/menu.wav"


def test_one_link_to_a_whole_folder_becomes_a_folder_of_links(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "laid").mkdir()
    (tmp_path / "laid/zh").symlink_to(tmp_path / "rendered/zh")
    shelf.lay_out()

    assert not (tmp_path / "laid/zh").is_symlink()
    assert (tmp_path / "laid/zh/menu.wav").is_symlink()
    assert not (tmp_path / "rendered/zh/menu.wav").is_symlink()


def test_laid_out_twice_is_laid_out_once(shelf: Shelf, tmp_path: Path) -> None:
    def links() -> dict[Path, int]:
        return {path: path.lstat().st_ino for path in (tmp_path / "laid").rglob("*")}

    shelf.lay_out()
    before = links()
    shelf.lay_out()

    assert links() == before


def test_prompt_that_is_no_longer_rendered_leaves_asterisks_folder(shelf: Shelf, tmp_path: Path) -> None:
    shelf.lay_out()
    (tmp_path / "rendered/zh/menu.wav").unlink()
    shelf.lay_out()

    assert not (tmp_path / "laid/zh/menu.wav").is_symlink()


def test_asterisks_own_english_is_reachable_where_we_have_nothing(shelf: Shelf, tmp_path: Path) -> None:
    for name in ("agent-pass", "menu", "digits/8"):
        write_sound(tmp_path / f"asterisk/{name}.wav", 0.5)
    shelf.lay_out(tmp_path / "asterisk")
    shelf.lay_out()  # as a recording does, which does not know where Asterisk's are

    assert played(tmp_path, "agent-pass", "en") == tmp_path / "asterisk/agent-pass.wav"
    assert played(tmp_path, "digits/8", "en") == tmp_path / "asterisk/digits/8.wav"
    assert played(tmp_path, "menu", "en") == tmp_path / "rendered/zh/menu.wav"


def test_links_of_a_switch_that_moved_are_gone(shelf: Shelf, tmp_path: Path) -> None:
    write_sound(tmp_path / "former/agent-pass.wav", 0.5)
    shelf.lay_out(tmp_path / "former")
    (tmp_path / "present").mkdir()
    shelf.lay_out(tmp_path / "present")

    assert not (tmp_path / "laid/en/agent-pass.wav").is_symlink()


def test_file_put_into_asterisks_folder_by_hand_is_left_alone(shelf: Shelf, tmp_path: Path) -> None:
    mine = write_sound(tmp_path / "laid/zh/menu.wav", 9)
    shelf.lay_out()

    assert not mine.is_symlink()
