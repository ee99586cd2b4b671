"""The prompts in the repository are whole, and a broken set is refused by the name of the prompt."""

import json
import re
import shutil
import tomllib
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hotline.settings import REPOSITORY
from hotline.voice.pieces import LANGUAGES, Language, vocabulary
from hotline.voice.prompts import (
    DIALPLAN_PROMPTS,
    PromptBroken,
    PromptError,
    PromptsUnreadable,
    read_all_prompts,
    read_pieces,
    read_prompts,
)

SOUNDS = REPOSITORY / "deploy" / "asterisk" / "sounds" / "zh"
CODE = [file for file in (REPOSITORY / "hotline").rglob("*.py") if file.parts[-2:] != ("voice", "prompts.py")]
SWITCH = REPOSITORY / "deploy" / "asterisk"
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


SPOKEN_BY = re.compile(
    r"\b(?:Playback|Background|Read)\((?P<said>[^)\n]*)\)|^periodic-announce = (?P<queue>\S+)", re.MULTILINE
)
CAMPAIGNS = "extensions_campaigns.conf.j2"
DUTIES = ("duty-desk", "duty-mobile", "duty-manager")  # named by whom the chain rings


def said_by_the_templates() -> Iterator[tuple[str, str]]:
    """Give each prompt that a file of the switch plays, with the template it stands in; a text may say several."""
    for template in sorted(SWITCH.glob("*.j2")):
        text = template.read_text("utf-8")
        for match in SPOKEN_BY.finditer(text):
            words = (match["queue"] or match["said"]).split(",")
            played = words[1] if match[0].startswith("Read(") else words[0]
            # a wait for a key; what the session has said: the menus' own test; an alert (hotline/alerts/spoken.py)
            if played in {"", "${ARG1}", "${SAY}", "${SAY_NOTED}"}:
                continue
            if template.name == CAMPAIGNS:
                continue
            if "${" in played:
                assert "duty-${DUTY}" in text, f"{template.name} plays {played}: which prompts are these?"
                yield from ((duty, template.name) for duty in DUTIES)
                continue
            yield from ((prompt, template.name) for prompt in played.split("&"))
        if "moh-emergency-" in text:
            yield "emergency", template.name
        if template.name == CAMPAIGNS:  # sounds stand in variables there, too
            questions = re.findall(r"campaign-question,start,1\((\w+),", text)
            yield from ((f"out-survey-{question}", template.name) for question in questions)
            rest = text.replace("out-survey-${ARG1}", "")
            yield from ((prompt, template.name) for prompt in re.findall(r"\b(?:out|chosen)-[a-z]+(?:-[a-z]+)*", rest))
            yield "recording-notice", template.name


def test_prompts_the_dialplan_plays_are_those_that_are_wanted_of_every_set():
    assert {prompt for prompt, _ in said_by_the_templates()} == DIALPLAN_PROMPTS


def test_every_prompt_is_played_by_somebody():
    said = {prompt for prompt, _ in said_by_the_templates()}
    menus = tomllib.loads((REPOSITORY / "deploy" / "menus.toml").read_text("utf-8"))
    code = "\n".join(file.read_text("utf-8") for file in CODE)

    for prompt in IDS:
        is_asterisks = prompt.startswith(("digits/", "queue-"))  # its queue asks for them by name
        assert is_asterisks or prompt in said or f'"{prompt}"' in code or f"'{prompt}'" in str(menus), prompt


KEYS = {"1": ("一", "one"), "2": ("二", "two"), "5": ("五", "five"), "#": ("井号", "pound")}
ASKED = {  # what Read( takes a key for; the tone comes after the sentence that says what to press
    "recording-notice": ("recording-notice", "#"),
    "returned-greeting": ("returned-greeting", "1"),
    "duty-accept": ("duty-accept", "1"),
    "beep": ("leave-message", "#"),
    "satisfaction": ("satisfaction", "1"),
    "out-later": ("out-later", "1"),
}


@pytest.mark.parametrize(("language", "says"), [("zh", 0), ("en", 1)])
def test_prompt_that_waits_for_a_key_names_it(language: str, says: int):
    texts = tomllib.loads((SOUNDS.parent / language / "prompts.toml").read_text("utf-8"))["prompts"]
    waits = {
        read.split(",")[1]
        for template in SWITCH.glob("*.j2")
        for read in re.findall(r"\bRead\(([^)]*)\)", template.read_text("utf-8"))
        if "${" not in read.split(",")[1]  # put together: the next test
    } - {""}

    assert waits <= ASKED.keys()
    for read in waits:
        prompt, key = ASKED[read]
        assert re.search(rf"(按|press)[^,，.。;；]*{KEYS[key][says]}", texts[prompt]), f"{prompt} does not name {key}"
    assert all(re.search(rf"(按|press )({word})", texts["satisfaction"]) for word in ("一|one", "五|five"))


OFFERED = {  # what the dialplan takes of these (extensions_campaigns.conf)
    "out-ask-keys": "129",
    "out-fee-keys": "1234089",
    "out-notice-keys": "1209",
    "out-missed": "189",
    "out-later": "1234",
    **dict.fromkeys(("out-survey-attitude", "out-survey-quality"), "54321"),
    **dict.fromkeys(("out-survey-charges", "out-survey-satisfied", "out-survey-wish"), "12"),
}
ZH, EN = "零一二三四五六七八九", ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@pytest.mark.parametrize(("language", "press", "figures"), [("zh", "按", ZH), ("en", "press ", EN)])
def test_question_of_a_campaign_names_the_keys_it_takes_and_no_others(language: str, press: str, figures: list[str]):
    texts = tomllib.loads((SOUNDS.parent / language / "prompts.toml").read_text("utf-8"))["prompts"]

    for prompt, keys in OFFERED.items():
        named = re.findall(rf"{press}({'|'.join(figures)})", texts[prompt])
        assert [figures.index(figure) for figure in named] == [int(key) for key in keys], prompt


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
    assert sum(file.stat().st_size for file in SOUNDS.iterdir()) < 7_000_000


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


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of every language's folder, to be spoilt and put right again."""
    return Path(shutil.copytree(SOUNDS.parent, tmp_path_factory.mktemp("several") / "sounds"))


def test_prompts_and_pieces_of_every_language_are_read_at_once(several: Path):
    found = read_all_prompts(several / "zh")

    assert found.keys() == set(LANGUAGES)
    assert [prompt.id for prompt in found["zh"]] == IDS


@pytest.mark.parametrize(
    "sound", ["zh/menu.wav", "zh/pieces/yuan-two.wav", "en/menu.wav", "en/pieces/manifest.json", "en/prompts.toml"]
)
def test_start_is_refused_whichever_language_is_broken(several: Path, sound: str):
    broken = several / sound
    was = broken.read_bytes()
    broken.unlink()

    with pytest.raises(PromptError, match=broken.stem):
        read_all_prompts(several / "zh")

    broken.write_bytes(was)
