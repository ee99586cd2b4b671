"""What the desk says of an incident is in the one file of words."""

import re

from hotline.incidents.incident import NEXT, OPEN, Act
from hotline.incidents.service import NO_VOICE, TOO_SLOW
from hotline.web.words import STATIC, read_words

WORDS = read_words()["incident"]
SCRIPT = (STATIC / "incidents.js").read_text(encoding="utf-8")


def test_every_phrase_the_panel_asks_for_exists() -> None:
    asked = set(re.findall(r"\bphrases\.(\w+)", SCRIPT))

    assert len(asked) > 20
    assert asked - set(WORDS) == set()


def test_open_incidents_and_what_may_be_done_to_them_are_named() -> None:
    assert {state.value for state in OPEN} == set(WORDS["state"]) == set(WORDS["named"]) == set(WORDS["announced"])
    # The step's name in its history is a verb; its address, as integrators know it, is "over".
    assert {act.value.replace("end", "over") for _, act in NEXT} == set(WORDS["act"]) == set(WORDS["save"])
    assert Act.END.value == "end"


def test_why_a_notice_is_not_spoken_is_said() -> None:
    assert {NO_VOICE, TOO_SLOW} <= set(WORDS["troubles"])
