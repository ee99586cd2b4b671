import tomllib
from dataclasses import replace
from datetime import datetime
from itertools import islice, product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hotline.ivr.menu import MOST_MENUS, Ask, Choice, Lead, Menu, MenuPlan, Target, To, after, begin, lead_on
from hotline.ivr.menu_file import read_menu_file
from hotline.ivr.menu_rules import Known
from hotline.settings import SHIPPED_MENUS

SOUNDS = Path(__file__).parents[3] / "deploy/asterisk/sounds/zh"
CHINA = ZoneInfo("Asia/Shanghai")
PLAN = read_menu_file(SHIPPED_MENUS, Known(frozenset({"service", "repair", "complaint", "english"})))
MAIN = PLAN.menu("main")
TO_SERVICE = Choice(label="人工", to=Target(To.QUEUE, "service"))


def walk(plan: MenuPlan, menu: Menu, keys: str, language: str = "") -> tuple[Choice, str, int]:
    """Lead a caller who presses these keys, then nothing, out of all menus; how often were they asked?"""
    pressed, heard, asked = iter(keys), 1, 0
    while True:
        step: Ask | Lead = begin(menu)
        while isinstance(step, Ask):
            asked += 1
            step = after(menu, step, next(pressed, ""))
        language = step.choice.language or language
        onward = lead_on(plan, step.choice, language=language, heard=heard)
        if isinstance(onward, Choice):
            return onward, language, asked
        menu, heard = onward, heard + 1


@pytest.mark.parametrize(
    ("keys", "target"),
    [
        ("1", "queue:repair"),
        ("2", "queue:complaint"),
        ("31", "arrears"),
        ("32", "queue:service"),
        ("4", "progress"),
        ("0", "queue:service"),
        ("9", "emergency"),
        ("39", "emergency"),
        ("81", "queue:english"),
        ("832", "queue:english"),
        ("89", "emergency"),
        ("*1", "queue:repair"),
        ("", "queue:service"),
    ],
)
def test_each_key_of_the_demo_plan_leads_where_the_contract_says(keys: str, target: str) -> None:
    assert str(walk(PLAN, MAIN, keys)[0].to) == target


@pytest.mark.parametrize(
    ("keys", "target"), [("1", "message"), ("0", "duty"), ("9", "emergency"), ("", "duty"), ("75", "duty")]
)
def test_at_night_keys_and_silence_lead_to_the_duty_chain_or_the_message_box(keys: str, target: str) -> None:
    night = PLAN.menu_at(datetime(2026, 11, 22, 23, tzinfo=CHINA))

    assert str(walk(PLAN, night, keys)[0].to) == target


def test_the_hour_decides_which_menu_a_caller_meets() -> None:
    assert PLAN.menu_at(datetime(2026, 11, 22, 9, tzinfo=CHINA)).name == "main"
    assert PLAN.menu_at(datetime(2026, 11, 22, 18, tzinfo=CHINA)).name == "closed"


def test_a_caller_who_presses_nothing_is_led_to_people_after_one_hearing() -> None:
    assert after(MAIN, begin(MAIN), "") == Lead("", MAIN.when_silent)


def test_a_wrong_key_is_named_as_wrong_once_and_then_leads_to_people() -> None:
    again = after(MAIN, begin(MAIN), "7")
    assert isinstance(again, Ask)
    assert again.prompts == ("invalid-choice", *MAIN.prompts)

    assert after(MAIN, again, "#") == Lead("", MAIN.when_silent)


def test_the_star_key_repeats_the_menu() -> None:
    assert after(MAIN, begin(MAIN), "*") == Ask(MAIN.prompts, asked=2)


def test_the_star_key_leads_where_the_file_says_if_it_says_so() -> None:
    menu = PLAN.menu("after-enquiry")

    step = after(menu, begin(menu), "*")

    assert isinstance(step, Lead)
    assert step.choice.to == Target(To.MENU, "main")


def test_a_key_pressed_at_the_last_asking_still_counts() -> None:
    again = after(MAIN, begin(MAIN), "*")
    assert isinstance(again, Ask)

    assert after(MAIN, again, "9") == Lead("9", MAIN.choices["9"])


def test_nobody_is_kept_in_menus_whatever_they_press() -> None:
    for keys in islice(product("0123456789*#", repeat=4), 0, None, 7):
        choice, _, asked = walk(PLAN, MAIN, "".join(keys))

        assert choice.to.to is not To.MENU
        assert asked <= 5 * MAIN.asks


def test_who_goes_from_menu_to_menu_for_ever_is_led_on_as_if_silent() -> None:
    back = Choice(label="返回", to=Target(To.MENU, "main"))
    main = replace(MAIN, choices={"5": replace(back, to=Target(To.MENU, "fees"))})
    fees = replace(PLAN.menu("fees"), choices={"5": back}, when_silent=back)
    plan = replace(PLAN, menus={"main": main, "fees": fees})

    choice, _, asked = walk(plan, plan.menu("main"), "5" * 100)

    assert choice == main.when_silent
    assert asked == MOST_MENUS


def test_a_caller_in_english_is_not_offered_english_again() -> None:
    menu = PLAN.menu("main", "en")

    assert "8" not in menu.choices
    assert menu.prompts == ("menu",)


def test_a_language_that_is_not_there_is_the_first() -> None:
    assert PLAN.menu("main", "fr") == PLAN.menu("main", "zh") == PLAN.menu("main")


def test_the_language_chosen_stays_through_the_menus() -> None:
    assert walk(PLAN, MAIN, "8320")[1] == "en"


def test_every_prompt_is_named_for_the_language_it_is_said_in() -> None:
    assert {"menu", "english-key", "invalid-choice", "connecting", "menu-closed"} <= PLAN.prompts("zh")
    assert PLAN.prompts("zh") - PLAN.prompts("en") == {"english-key"}


@pytest.mark.parametrize("text", ["queue:repair", "menu:main", "emergency", "duty", "message", "progress", "goodbye"])
def test_a_target_is_written_as_it_is_read(text: str) -> None:
    assert str(Target.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [("quue:x", "nowhere"), ("", "nowhere"), ("queue", "write queue:NAME"), ("queue:", "write queue:NAME"),
     ("duty:desk", "duty has no name"), ("duty:", "duty has no name")],
)  # fmt: skip
def test_a_target_that_is_none_is_refused_in_clear_words(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Target.parse(text)


def test_the_emergency_key_is_the_first_one_named() -> None:
    words = tomllib.loads((SOUNDS / "prompts.toml").read_text(encoding="utf-8"))["prompts"]

    for name in (PLAN.open_menu, PLAN.closed_menu):
        assert "紧急求助请按九" in words[PLAN.menu(name).prompts[0]].split("；")[0]
