"""Every sentence about a wrong menu has its Chinese: what the reader says of spoilt files, and each rule by itself."""

import re

import pytest

from hotline.ivr.menu import MenuPlan
from hotline.ivr.menu_form import read_plan
from hotline.ivr.menu_rules import Known
from hotline.menus.in_chinese import reason_in_chinese
from hotline.settings import SHIPPED_MENUS

TEXT = SHIPPED_MENUS.read_text(encoding="utf-8")
KNOWN = Known(frozenset({"service", "repair", "complaint", "english"}))
SILENT = 'when_silent = { label = "不按键", to = "duty" }'
ENGLISH_LEFT = re.compile(r"\b(must|should|there|missing|write|never|only|cannot|be|is|are|has|no|the)\b")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("waits = 4", "wait = 4"),
        ("waits = 4", "waits = 0"),
        ("waits = 4", "waits = 99"),
        ("waits = 4", 'waits = "x"'),
        ("waits = 4", "waits = nan"),
        ("asks = 2", "asks = 2.5"),
        ('version = "2026-11-22"', "version = 3"),
        ('version = "2026-11-22"', 'version = ""'),
        ('version = "2026-11-22"', f'version = "{"x" * 41}"'),
        ('to = "queue:repair"', 'to = ["queue:repair"]'),
        ('request = "repair"', 'request = "repairs"'),
        ('language = "en"', 'language = "english"'),
        ('prompts = ["fees-menu"]', 'prompts = "fees-menu"'),
        ('prompts = ["fees-menu"]', "prompts = []"),
        ('prompts = ["fees-menu"]', f"prompts = {['menu'] * 10}"),
        ('prompts = ["fees-menu"]', 'prompts = ["a b"]'),
        ('1 = { label = "报修"', '12 = { label = "报修"'),
        ("[menus.closed]", "[menus.Closed]"),
        ('2 = { label = "投诉"', '1 = { label = "投诉"'),
        ("[menus.fees]", "[menus.main]"),
        ('to = "menu:fees"', 'to = "menu:feees"'),
        ('to = "queue:repair"', 'to = "queue:repairs"'),
        ('to = "progress"', 'to = "robot"'),
        ('to = "queue:repair"', 'to = "queue"'),
        ('to = "progress"', 'to = "progress:x"'),
        ('language = "en"', 'language = "fr"'),
        ('queue = "english"', 'queue = "englisch"'),
        ('open = "main"', 'open = "mein"'),
        ('to = "progress"', 'to = "duty"'),
        (', language = "en"', ""),
        (SILENT, SILENT.replace(', to = "duty"', "")),
        (SILENT, SILENT.replace("duty", "goodbye")),
        (SILENT, SILENT.replace("duty", "progress")),
        (SILENT, SILENT.replace("duty", "menu:closed")),
        (SILENT, ""),
        ('"09:00-18:00"', '"9-18"'),
        ('"09:00-18:00"', '"25:00-26:00"'),
        ('"09:00-18:00"', '"09:00-09:00"'),
        ('"09:00-18:00"', '"09:00-12:00, 11:00-18:00"'),
        ('"09:00-18:00"', "9"),
        ('"09:00-18:00"', '"closed"'),
        ('every_day = "09:00-18:00"', 'every_day = "09:00-18:00"\nmon = "22:00-12:00"'),
        ("every_day", "mon"),
        ("# 2027-02-16", "\n2027-02-30"),
        ("9 = {", "7 = {"),
        ('to = "emergency"', 'to = "duty"'),
        ('"chosen-people", to = "queue:service"', '"goodbye", to = "goodbye"'),
        ('to = "menu:fees"', 'to = "queue:service"'),
        ("[hours]", "[hours]\nx = "),
        ("[hours]", "[hours]\nx"),
        ("[hours]", "[hours"),
        ("[hours]", '[hours]\nx = "'),
        ("[languages.en]", "languages.en = 1"),
    ],
)
def test_whatever_is_wrong_in_a_menu_is_said_in_chinese_too(old: str, new: str) -> None:
    assert old in TEXT
    found = read_plan(TEXT.replace(old, new, 1), KNOWN)

    assert not isinstance(found, MenuPlan)
    for problem in found:
        said = reason_in_chinese(problem.reason)
        assert re.search(r"[\u4e00-\u9fff]", said), problem.reason
        if "TOML" not in said:
            assert not ENGLISH_LEFT.search(re.sub(r"“[^”]*”|\w+:\w+|\([^)]*\)|（[^）]*）|[a-z_]+[、,]", "", said)), said


def test_a_prompt_without_a_sound_and_a_language_without_any_are_said_in_chinese() -> None:
    assert reason_in_chinese("there is no sound of the prompt 'x' in zh, en").startswith(
        "提示音“x”没有声音（语言：zh, en）"
    )
    assert reason_in_chinese("there are no sounds in this language") == "这种语言没有任何提示音"


def test_a_sentence_nobody_has_said_before_comes_back_as_it_is() -> None:
    assert reason_in_chinese("the moon is full") == "the moon is full"
