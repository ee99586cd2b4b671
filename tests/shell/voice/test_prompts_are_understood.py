"""Every prompt, and sentences joined from pieces, recognised again by Whisper, are what they were meant to say.

Mandarin is compared by the sound of the syllables (pinyin, without tones): a recogniser of this size mixes up
homophones; English by words. `scripts/render-prompts measure` is what does the work, so that docs/prompts.md and this
test cannot differ.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from hotline.settings import REPOSITORY, read_settings
from hotline.voice.pieces import LANGUAGES, Language
from hotline.voice.prompts import read_prompts

MOST_IN_A_CHINESE_SENTENCE = 0.30  # one joined from pieces may be short: a home has nine syllables
MOST_ERRORS: Mapping[Language, float] = {"zh": 0.10, "en": 0.20}
SOUNDS = REPOSITORY / "deploy" / "asterisk" / "sounds"
PROMPTS = [
    f"{language}/{prompt.id}"
    for language in LANGUAGES
    for prompt in read_prompts(SOUNDS / language)
    if prompt.text.endswith(("。", ".", "?"))  # fragments are heard within the joined sentences
]
LONGEST = 500.0  # seconds; 100 on two busy cores
pytestmark = pytest.mark.timeout(LONGEST + 10)


def heard_again(model: Path, language: Language) -> list[dict[str, Any]]:
    """Return the rows of a language."""
    script = REPOSITORY / "scripts" / "render-prompts"
    done = subprocess.run(
        [sys.executable, script, "measure", "--json", "--beam", "1", "--threads", "1", "--languages", language,
         "--model", model],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    pytest.importorskip("pypinyin", reason="pypinyin is not installed: the prompts are not listened to")
    model = read_settings({}).parts.models / "whisper-base"
    if not (model / "model.bin").is_file():
        pytest.skip(f"no Whisper base in {model}: the prompts are not listened to (scripts/up fetches it)")
    with ThreadPoolExecutor() as both:  # two processes with a thread each are sooner done than one with two
        return {row["id"]: row for rows in both.map(partial(heard_again, model), LANGUAGES) for row in rows}


@pytest.mark.parametrize("prompt", PROMPTS)
def test_caller_understands_the_prompt(prompt: str, measured: dict[str, dict[str, Any]]):
    row = measured[prompt]

    assert row["error"] <= MOST_ERRORS[row["language"]], f"said {row['said']}, heard {row['heard']}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_caller_understands_sentences_joined_from_pieces(language: Language, measured: dict[str, dict[str, Any]]):
    rows = [row for name, row in measured.items() if name.startswith(f"{language}/joined/")]
    wrong = [f"said {row['said']}, heard {row['heard']}" for row in rows if row["errors"]]

    assert len(rows) >= 25
    assert sum(row["errors"] for row in rows) <= MOST_ERRORS[language] * sum(
        len(row["said"].split()) for row in rows
    ), wrong


def test_no_joined_chinese_sentence_is_lost_among_the_others(measured: dict[str, dict[str, Any]]):
    rows = [row for name, row in measured.items() if name.startswith("zh/joined/")]

    assert [
        f"said {row['said']}, heard {row['heard']}" for row in rows if row["error"] > MOST_IN_A_CHINESE_SENTENCE
    ] == []
    assert len(rows) >= 25
