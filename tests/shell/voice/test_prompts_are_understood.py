"""Every prompt, recognised again by Whisper, is what it was meant to say.

Compared by the sound of the syllables (pinyin, without tones): a recogniser of this size mixes up homophones.
`scripts/render-prompts measure` is what does the work, so that docs/prompts.md and this test cannot differ.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from hotline.voice.prompts import read_prompts
from hotline.settings import REPOSITORY, read_settings

MOST_ERRORS = 0.10
SOUNDS = REPOSITORY / "deploy" / "asterisk" / "sounds" / "zh"
IDS = [prompt.id for prompt in read_prompts(SOUNDS)]
pytestmark = pytest.mark.timeout(180)


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    pytest.importorskip("pypinyin", reason="pypinyin is not installed: the prompts are not listened to")
    model = read_settings({}).parts.models / "whisper-base"
    if not (model / "model.bin").is_file():
        pytest.skip(f"no Whisper base in {model}: the prompts are not listened to (scripts/up fetches it)")
    done = subprocess.run(
        [sys.executable, REPOSITORY / "scripts" / "render-prompts", "measure", "--json", "--model", model],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {row["id"]: row for row in json.loads(done.stdout)}


@pytest.mark.parametrize("prompt", IDS)
def test_caller_understands_the_prompt(prompt: str, measured: dict[str, dict[str, Any]]):
    row = measured[prompt]

    assert row["error"] <= MOST_ERRORS, f"said {row['said']}, heard {row['heard']}"
