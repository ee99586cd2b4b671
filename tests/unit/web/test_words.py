"""Every string that server or browser asks for is in the one file, and every word of the trade is translated."""

import re
from pathlib import Path

from hotline.agents.agent import ShownState
from hotline.calls.state import CallState, Outcome
from hotline.dutylog.entry import KIND_IN_CHINESE, EntryState, Kind
from hotline.followups.compliance_store import FORMULA as COMPLIANCE_FORMULA
from hotline.recordings.recording import RecordingState
from hotline.web.figures import THREE_RINGS_FORMULA
from hotline.web.render import TEMPLATES_DIRECTORY
from hotline.web.words import STATIC, read_words

WORDS = read_words()


def sources() -> list[Path]:
    return [*TEMPLATES_DIRECTORY.glob("*.html"), *STATIC.glob("*.js")]


def test_every_word_of_the_trade_is_on_the_screen_in_chinese() -> None:
    assert {state.value for state in CallState} == set(WORDS["state"])
    assert {outcome.value for outcome in Outcome} == set(WORDS["outcome"])
    assert {state.value for state in ShownState} == set(WORDS["agent_state"])
    assert {state.value for state in EntryState} == set(WORDS["entry_state"])
    assert {state.value for state in RecordingState} <= set(WORDS["recording_state"])
    assert {kind.value: KIND_IN_CHINESE[kind] for kind in Kind} == WORDS["kind"]


def test_every_string_asked_for_exists() -> None:
    asked = {
        name
        for source in sources()
        for name in re.findall(r'\b(?:w|words)\.(\w+)|\bsay\("(\w+)"', source.read_text(encoding="utf-8"))
        for name in name
        if name
    } - {"en", "zh", "js", "json"}

    assert asked - set(WORDS) == set()


def test_scripts_and_templates_hold_no_chinese_of_their_own() -> None:
    for source in sources():
        lines = source.read_text(encoding="utf-8").splitlines()
        told = [
            line for line in lines
            if re.search(r"[\u4e00-\u9fff]", line.split("//")[0].split("/**")[0].split(" * ")[0])
        ]  # fmt: skip
        assert told == [], source.name


def test_scripts_never_read_text_as_markup() -> None:
    for source in STATIC.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", source.read_text()), (
            source.name
        )


def test_no_template_takes_a_method_of_a_table_for_a_word() -> None:
    # jinja reads `w.pop` as the method of that name; `w["pop"]` is the word.
    methods = "|".join(name for name in dir({}) if not name.startswith("_"))
    for source in TEMPLATES_DIRECTORY.glob("*.html"):
        told = re.findall(rf"\bw\.(?:\w+\.)*(?:{methods})\b(?!\()", source.read_text(encoding="utf-8"))
        assert told == [], source.name


def test_formulas_on_the_screen_are_those_that_are_reckoned_by() -> None:
    assert WORDS["formula"] == {"three_rings": THREE_RINGS_FORMULA, "compliance": COMPLIANCE_FORMULA}
