"""Results as rows of a sheet: the words of the page, the keys as they were pressed, and nothing a spreadsheet runs."""

import json
from pathlib import Path

from hotline.campaigns.attempt import Outcome, Result, Said
from hotline.campaigns.may_call import Reason
from hotline.campaigns.results import OUTCOMES, REASONS, SAID, STATES, TargetResult, result_cells
from hotline.campaigns.target import TargetState

WORDS = Path(__file__).parents[3] / "hotline" / "web" / "static" / "words.zh.json"
TOLD = TargetResult(
    home="3-2-501", who="=cmd()", fen=12345, state="done", reasons=["paid", "holiday"], attempts=2, outcome="human",
    said=["is-person", "heard"],
)  # fmt: skip


def test_words_of_the_sheet_are_those_of_the_page() -> None:
    page = json.loads(WORDS.read_text("utf-8"))["campaigns"]

    assert page["targets"] == STATES
    assert page["reasons"] == REASONS
    assert page["outcomes"] == OUTCOMES
    assert page["said"] == SAID


def test_every_state_reason_outcome_and_key_has_a_word() -> None:
    for kind, words in ((TargetState, STATES), (Reason, REASONS), (Outcome, OUTCOMES), (Said, SAID)):
        assert set(words) == set(kind)


def test_cells_are_in_words_and_harmless() -> None:
    assert result_cells(TOLD) == (
        "3-2-501", "'=cmd()", "123.45", "已完成", "已缴清、节假日", "2", "本人接听", "确认本人、知道了",
    )  # fmt: skip
    assert result_cells(TOLD, in_codes=True)[3:] == ("done", "paid holiday", "2", "human", "is-person heard")


def test_keys_are_kept_in_the_order_in_which_they_were_pressed() -> None:
    pressed = (Said.IS_PERSON, Said.REPEATED, Said.HEARD, Said.REPEATED)

    assert Result(said=frozenset(pressed), pressed=pressed).keys == ["is-person", "repeated", "heard"]
