"""The prompts in the repository are whole, and a broken set is refused by the name of the prompt."""

import json
import shutil
import tomllib
import wave
from pathlib import Path

import numpy as np
import pytest

from hotline.settings import REPOSITORY
from hotline.voice.pieces import LANGUAGES, Language, vocabulary
from hotline.voice.prompts import DIALPLAN_PROMPTS, PromptBroken, PromptsUnreadable, read_pieces, read_prompts

SOUNDS = REPOSITORY / "deploy" / "asterisk" / "sounds" / "zh"
IDS = [prompt.id for prompt in read_prompts(SOUNDS)]


def loudness(heard: np.ndarray) -> np.ndarray:
    return np.sqrt((heard[: len(heard) // 80 * 80].reshape(-1, 80) ** 2).mean(axis=1))


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SOUNDS, tmp_path / "zh"))


def samples(prompt: str) -> np.ndarray:
    with wave.open(str(SOUNDS / f"{prompt}.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def test_prompts_of_the_repository_are_those_of_its_texts_in_their_order():
    words = tomllib.loads((SOUNDS / "prompts.toml").read_text("utf-8"))

    prompts = read_prompts(SOUNDS, {"menu", "invalid-choice"})

    assert [(prompt.id, prompt.text) for prompt in prompts] == list(words["prompts"].items())
    assert words["notice_version"] == "2026-11-22"


def test_folder_holds_no_sound_that_no_prompt_owns():
    files = {str(file.relative_to(SOUNDS).with_suffix("")) for file in SOUNDS.rglob("*.wav")}

    assert {file for file in files if not file.startswith("pieces/")} == set(IDS)


def test_sounds_the_dialplan_plays_are_all_known_by_name():
    dialplan = (SOUNDS.parent.parent / "extensions.conf.j2").read_text("utf-8")

    played = {line.split("Playback(")[1].split(")")[0] for line in dialplan.splitlines() if "Playback(" in line}

    assert played <= DIALPLAN_PROMPTS


@pytest.mark.parametrize("prompt", sorted(set(IDS) - {"beep"}))
def test_sound_is_telephone_speech_of_even_loudness_and_of_the_told_length(prompt: str):
    told = next(one for one in read_prompts(SOUNDS) if one.id == prompt)
    with wave.open(str(SOUNDS / told.file)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.getnframes() / 8000 == pytest.approx(told.seconds, abs=0.001)
    heard = samples(prompt)
    frames = heard[: len(heard) // 80 * 80].reshape(-1, 80)
    loudness = np.sqrt((frames**2).mean(axis=1))
    spoken = loudness > loudness.max() / 100
    first, last = np.flatnonzero(spoken)[[0, -1]] / 100

    assert 20 * np.log10(np.sqrt((frames[spoken] ** 2).mean())) == pytest.approx(-20, abs=0.5)
    assert 20 * np.log10(np.abs(heard).max()) < -3
    edge = 0.15 if told.text.endswith(("。", ".")) else 0.03  # a fragment is joined with others
    assert first == pytest.approx(edge, abs=0.03)
    assert told.seconds - last == pytest.approx(edge, abs=0.03)


def test_all_prompts_together_stay_small_enough_for_the_repository():
    assert sum(file.stat().st_size for file in SOUNDS.iterdir()) < 5_000_000


def test_english_has_every_prompt_that_mandarin_has():
    english = [prompt.id for prompt in read_prompts(SOUNDS.parent / "en")]

    assert {one for one in IDS if not one.startswith("digits/")} - {"english-key"} <= set(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pieces_are_whole_small_and_equally_loud(language: Language):
    folder = SOUNDS.parent / language
    found = read_pieces(folder, language)

    assert [piece.id for piece in found] == list(vocabulary(language))
    assert {file.stem for file in (folder / "pieces").glob("*.wav")} == {piece.id.split("/")[1] for piece in found}
    assert sum((folder / piece.file).stat().st_size for piece in found) < 10_000_000
    for piece in found:
        with wave.open(str(folder / piece.file)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
            heard = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
        frames = loudness(heard)
        spoken = frames > frames.max() / 100
        assert 20 * np.log10(np.sqrt((frames[spoken] ** 2).mean())) == pytest.approx(-20, abs=1), piece.id
        assert np.flatnonzero(spoken)[0] <= 5, piece.id  # 50 ms
        assert len(spoken) - np.flatnonzero(spoken)[-1] <= 6, piece.id


def test_piece_whose_text_was_changed_is_refused_by_name(sounds: Path):
    manifest = sounds / "pieces" / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace('"text": "两元"', '"text": "二元"'), encoding="utf-8")

    with pytest.raises(PromptBroken, match="prompt yuan-two: its text was changed"):
        read_pieces(sounds, "zh")


def test_piece_that_nobody_rendered_is_refused_by_name(sounds: Path):
    manifest = json.loads((sounds / "pieces" / "manifest.json").read_text("utf-8"))
    manifest["prompts"] = [entry for entry in manifest["prompts"] if entry["id"] != "yuan-two"]
    (sounds / "pieces" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    with pytest.raises(PromptBroken, match="prompt pieces/yuan-two: there is no sound"):
        read_pieces(sounds, "zh")


def test_corrupted_sound_is_refused_by_name(sounds: Path):
    broken = bytearray((sounds / "menu.wav").read_bytes())
    broken[5000] ^= 1
    (sounds / "menu.wav").write_bytes(broken)

    with pytest.raises(PromptBroken, match=r"prompt menu: .*is not the sound") as refused:
        read_prompts(sounds)
    assert refused.value.prompt == "menu"


def test_missing_sound_is_refused_by_name(sounds: Path):
    (sounds / "emergency.wav").unlink()

    with pytest.raises(PromptBroken, match=r"prompt emergency: .*cannot be read"):
        read_prompts(sounds)


def test_text_changed_without_a_new_sound_is_refused_by_name(sounds: Path):
    words = sounds / "prompts.toml"
    words.write_text(words.read_text("utf-8").replace("感谢您的来电", "谢谢您的来电"), encoding="utf-8")

    with pytest.raises(PromptBroken, match="prompt goodbye: its text was changed"):
        read_prompts(sounds)


def test_notice_with_a_raised_version_needs_new_sounds(sounds: Path):
    words = sounds / "prompts.toml"
    words.write_text(words.read_text("utf-8").replace('"2026-11-22"', '"2026-12-01"'), encoding="utf-8")

    with pytest.raises(PromptBroken, match="prompt recording-notice: its version"):
        read_prompts(sounds)


def test_prompt_that_a_menu_wants_but_nobody_rendered_is_refused_by_name():
    with pytest.raises(PromptBroken, match="prompt chosen-parking: there is no sound"):
        read_prompts(SOUNDS, {"menu", "chosen-parking"})


def test_text_without_a_sound_is_refused_by_name(sounds: Path):
    with (sounds / "prompts.toml").open("a", encoding="utf-8") as words:
        words.write('parking = "停车请按七。"\n')

    with pytest.raises(PromptBroken, match="prompt parking: there is no sound"):
        read_prompts(sounds)


def test_prompt_that_the_dialplan_plays_cannot_be_left_out(sounds: Path):
    manifest = json.loads((sounds / "manifest.json").read_text("utf-8"))
    manifest["prompts"] = [entry for entry in manifest["prompts"] if entry["id"] != "sorry-hold-on"]
    (sounds / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    words = (sounds / "prompts.toml").read_text("utf-8").splitlines()
    (sounds / "prompts.toml").write_text("\n".join(line for line in words if "sorry-hold-on" not in line), "utf-8")

    with pytest.raises(PromptBroken, match="prompt sorry-hold-on: there is no sound"):
        read_prompts(sounds)


def test_manifest_naming_a_file_elsewhere_is_refused(sounds: Path):
    manifest = json.loads((sounds / "manifest.json").read_text("utf-8"))
    manifest["prompts"][0]["file"] = "../../greeting.wav"
    (sounds / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    with pytest.raises(PromptsUnreadable, match=r"manifest\.json: prompts\.0\.file"):
        read_prompts(sounds)


@pytest.mark.parametrize("file", ["manifest.json", "prompts.toml"])
@pytest.mark.parametrize("content", [None, b"", b"{", b"\xff\xfe"])
def test_unreadable_list_of_prompts_is_refused_by_its_file_name(sounds: Path, file: str, content: bytes | None):
    (sounds / file).unlink()
    if content is not None:
        (sounds / file).write_bytes(content)

    with pytest.raises(PromptsUnreadable, match=file):
        read_prompts(sounds)
