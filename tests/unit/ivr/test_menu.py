import tomllib
from pathlib import Path

import pytest

from hotline.ivr.menu import MAIN_MENU, Ask, Lead, after, begin, prompts_of

SOUNDS = Path(__file__).parents[3] / "deploy/asterisk/sounds/zh"


@pytest.mark.parametrize(("key", "queue"), [("1", "service"), ("2", "service"), ("3", "service"), ("4", "service"),
                                            ("0", "service"), ("9", "emergency")])  # fmt: skip
def test_each_key_of_the_plan_leads_where_the_plan_says(key: str, queue: str) -> None:
    step = after(MAIN_MENU, begin(MAIN_MENU), key)

    assert isinstance(step, Lead)
    assert (step.key, step.choice.queue) == (key, queue)


def test_a_caller_who_presses_nothing_is_led_to_people_after_one_hearing() -> None:
    assert after(MAIN_MENU, begin(MAIN_MENU), "") == Lead("", MAIN_MENU.when_silent)


def test_a_wrong_key_is_named_as_wrong_once_and_then_leads_to_people() -> None:
    again = after(MAIN_MENU, begin(MAIN_MENU), "7")
    assert isinstance(again, Ask)
    assert again.prompts == ("invalid-choice", "menu")

    assert after(MAIN_MENU, again, "#") == Lead("", MAIN_MENU.when_silent)


def test_the_star_key_repeats_the_menu() -> None:
    again = after(MAIN_MENU, begin(MAIN_MENU), "*")

    assert again == Ask(("menu",), asked=2)


def test_a_key_pressed_at_the_last_asking_still_counts() -> None:
    again = after(MAIN_MENU, begin(MAIN_MENU), "*")
    assert isinstance(again, Ask)

    assert after(MAIN_MENU, again, "9") == Lead("9", MAIN_MENU.choices["9"])


def test_nobody_is_kept_in_the_menu_whatever_they_press() -> None:
    for keys in ("7777", "****", "", "*7*7"):
        step: Ask | Lead = begin(MAIN_MENU)
        asked = 0
        for key in [*keys, *[""] * 10]:
            if isinstance(step, Lead):
                break
            asked += 1
            step = after(MAIN_MENU, step, key)

        assert isinstance(step, Lead)
        assert asked <= MAIN_MENU.asks


def test_every_prompt_of_the_menu_is_named() -> None:
    assert {"menu", "invalid-choice", "emergency", "connecting"} <= prompts_of(MAIN_MENU)


def test_the_emergency_key_is_the_first_one_named() -> None:
    words = tomllib.loads((SOUNDS / "prompts.toml").read_text(encoding="utf-8"))["prompts"]

    assert words[MAIN_MENU.prompt].startswith("紧急求助请按九")
