"""Menu files: what is read, and how everything wrong is named by its line. Each case changes the shipped file."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.dutylog.entry import Kind
from hotline.hours import parse_spans
from hotline.ivr.menu import MenuPlan, Target, To
from hotline.ivr.menu_form import Problem, read_plan
from hotline.ivr.menu_rules import Known
from hotline.settings import SHIPPED_MENUS
from hotline.toml_lines import line_at, lines_of

TEXT = SHIPPED_MENUS.read_text(encoding="utf-8")
CHINA = ZoneInfo("Asia/Shanghai")
QUEUES = frozenset({"service", "repair", "complaint", "english"})
KNOWN = Known(QUEUES)
NO_KEY = 'when_silent = { label = "不按键", '
TO_SERVICE = NO_KEY + 'prompt = "connecting", to = "queue:service" }'
TO_DUTY = NO_KEY + 'to = "duty" }'
REPAIR = 'to = "queue:repair"'


def problems(text: str, known: Known = KNOWN) -> list[str]:
    found = read_plan(text, known)
    return [] if isinstance(found, MenuPlan) else [str(problem) for problem in found]


def changed(*changes: tuple[str, str]) -> str:
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def line_of(part: str, text: str = TEXT) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_shipped_file_is_good() -> None:
    plan = read_plan(TEXT, KNOWN)

    assert isinstance(plan, MenuPlan)
    assert list(plan.menus) == ["main", "fees", "after-enquiry", "closed"]
    assert plan.first_language == "zh"
    assert plan.menu("main").choices["2"].request is Kind.COMPLAINT
    assert plan.menu("main").choices["8"].to == Target(To.MENU, "main")
    assert plan.hours.week == (parse_spans("09:00-18:00"),) * 7


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        # names and kinds of values
        ("waits = 4", "wait = 4", "menus.main.wait: this name is unknown here; known are label, prompts, choices"),
        ("waits = 4", "waits = 0", "menus.main.waits: must be greater than or equal to 1"),
        ("asks = 2", "asks = 2.5", "menus.main.asks: must be a valid integer"),
        ('version = "2026-11-22"', "version = 3", "version: must be text in quotes"),
        (REPAIR, 'to = ["queue:repair"]', "menus.main.choices.1.to: must be text in quotes"),
        (REPAIR, 'too = "queue:repair"', "menus.main.choices.1.too: this name is unknown here"),
        ('request = "repair"', 'request = "repairs"', "menus.main.choices.1.request: must be 'repair', 'complaint'"),
        ("priority = 9", "priority = 10", "menus.main.choices.9.priority: must be less than or equal to 9"),
        ('language = "en"', 'language = "english"', "menus.main.choices.8.language: 'english' is no language"),
        ('prompts = ["fees-menu"]', 'prompts = "fees-menu"', "menus.fees.prompts: must be a list in brackets"),
        ('prompts = ["fees-menu"]', "prompts = []", "menus.fees.prompts: must not be empty"),
        ('prompts = ["fees-menu"]', 'prompts = ["a b"]', "menus.fees.prompts: 'a b' cannot be the id of a prompt"),
        ('1 = { label = "报修"', '12 = { label = "报修"', "menus.main.choices.12: '12' is no key for a choice"),
        ('"*" = {', '"#" = {', "after-enquiry.choices.#: '#' is no key for a choice: write 0 to 9 or *; #"),
        ("[menus.closed]", "[menus.Closed]", "menus.Closed: 'Closed' cannot be a name"),
        # what stands twice
        ('2 = { label = "投诉"', '1 = { label = "投诉"', "menus.main.choices: '1' stands twice"),
        ('2 = { label = "投诉"', '2 = { label = "投诉", label = "x"', "menus.main.choices: 'label' stands twice"),
        ("[menus.fees]", "[menus.main]", "menus.main: this table stands twice"),
        # what is not there
        ('to = "menu:fees"', 'to = "menu:feees"', "menus.main.choices.3.to: there is no menu 'feees'; there are"),
        (REPAIR, 'to = "queue:repairs"', "menus.main.choices.1.to: there is no queue 'repairs'; there are complaint"),
        ('to = "progress"', 'to = "robot"', "menus.main.choices.4.to: 'robot' is nowhere a caller can be led"),
        (REPAIR, 'to = "queue"', "menus.main.choices.1.to: 'queue': write queue:NAME"),
        ('language = "en"', 'language = "fr"', "menus.main.choices.8.language: there is no language 'fr'"),
        ('queue = "english"', 'queue = "englisch"', "languages.en.queue: there is no queue 'englisch'"),
        ('open = "main"', 'open = "mein"', "entrance.open: there is no menu 'mein'"),
        ('"arrears", then = "after-enquiry"', '"arrears", then = "later"', "fees.choices.1.then: there is no menu"),
        ('to = "progress"', 'to = "duty"', "menus.main.choices.4.then: only after progress or arrears"),
        ('to = "arrears", then', 'to = "duty", then', "menus.fees.choices.1.then: only after progress or arrears"),
        (', language = "en"', "", "menus.main.choices.8: 'to' is missing: where does this key lead?"),
        # hours
        ('"09:00-18:00"', '"9-18"', "hours.every_day: '9-18' is no span of hours"),
        ('"09:00-18:00"', '"09:00-12:00, 11:00-18:00"', "hours.every_day: 09:00-12:00 and 11:00-18:00 overlap"),
        ('"09:00-18:00"', "9", "hours.every_day: must be text in quotes"),
        ('"09:00-18:00"', '"closed"', "hours: the desk is closed on every day of the week"),
        ("every_day", "mon", "hours: tue, wed, thu, fri, sat, sun missing"),
        ('holidays = "open"', 'holidays = "opn"', "hours.holidays: 'opn' is no span of hours"),
        ("# 2027-02-16", "\n2027-02-30", "hours.exceptions.2027-02-30: '2027-02-30' is no day"),
        ("# 2027-02-16", "\n20270216", "hours.exceptions.20270216: '20270216' is no day"),
        # ways that must not be
        ("9 = {", "7 = {", "menus.main.choices: key 9 is missing: it must be the emergency in every menu"),
        ('to = "emergency"', 'to = "duty"', "menus.main.choices.9.to: key 9 must be emergency in every menu, not duty"),
        ('"chosen-people", to = "queue:service"', '"goodbye", to = "goodbye"', "main.choices.0.to: key 0 must lead"),
        (TO_DUTY, TO_DUTY.replace("duty", "goodbye"), "menus.closed.when_silent.to: a caller who cannot press keys"),
        (TO_DUTY, TO_DUTY.replace("duty", "progress"), "menus.closed.when_silent.to: silence ends with progress"),
        (TO_DUTY, TO_DUTY.replace(', to = "duty"', ""), "menus.closed.when_silent: 'to' is missing"),
        (TO_DUTY, TO_DUTY.replace("duty", "menu:closed"), "a silent caller never gets out: closed → closed"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_line_place_and_reason(old: str, new: str, reason: str) -> None:
    text = changed((old, new))

    told = problems(text)

    assert any(reason in line for line in told), told


def test_the_line_told_is_the_line_in_which_it_stands() -> None:
    assert problems(changed((REPAIR, 'to = "queue:repairs"')))[0].startswith(f"line {line_of(REPAIR)}, ")
    assert problems(changed(("priority = 9", "priority = 10")))[0].startswith(f"line {line_of('priority = 9')}, ")
    assert problems(changed(("waits = 4", "waits = ")))[0].startswith(f"line {line_of('waits = 4')}: is no TOML")


def test_a_missing_name_is_told_at_the_table_it_is_missing_from() -> None:
    told = problems(changed((TO_DUTY, "")))

    assert told == [f"line {line_of('[menus.closed]')}, menus.closed.when_silent: is missing"]


def test_everything_that_is_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    told = problems(changed(("waits = 4", "waits = 99"), ("asks = 2", "asks = 0"), ("[hours]", "[hours]\nx = 1")))

    assert [line.split(": ")[0].split(", ")[1] for line in told] == ["hours.x", "menus.main.waits", "menus.main.asks"]


def test_a_missing_emergency_is_told_beside_a_name_that_is_not_there() -> None:
    told = problems(changed(("9 = {", "7 = {"), ('to = "menu:fees"', 'to = "menu:feees"')))

    assert [line.split(", ")[1].split(":")[0] for line in told] == ["menus.main.choices", "menus.main.choices.3.to"]


def test_menus_that_hand_a_silent_caller_round_for_ever_are_told_once() -> None:
    told = problems(changed((TO_SERVICE, NO_KEY + 'to = "menu:closed" }'), (TO_DUTY, NO_KEY + 'to = "menu:main" }')))

    line = f"line {line_of(TO_SERVICE)}, menus.main.when_silent.to"
    assert told == [f"{line}: a silent caller never gets out: main → closed → main; lead silence to a person"]


def test_a_menu_that_nobody_reaches_is_named() -> None:
    told = problems(changed(('to = "menu:fees"', 'to = "queue:service"')))

    assert [line.split(", ")[1].split(":")[0] for line in told] == ["menus.fees"]
    assert "nobody reaches this menu" in told[0]


def test_a_prompt_without_a_sound_is_named_with_the_languages_it_is_missing_in() -> None:
    plan = read_plan(TEXT, KNOWN)
    assert isinstance(plan, MenuPlan)
    sounds = {"zh": plan.prompts("zh") - {"fees-menu"}, "en": plan.prompts("en") - {"fees-menu", "menu"}}

    main, fees = '["menu", "english-key"]', '["fees-menu"]'

    told = problems(TEXT, Known(QUEUES, sounds))

    assert told == [
        f"line {line_of(main)}, menus.main.prompts: there is no sound of the prompt 'menu' in en",
        f"line {line_of(fees)}, menus.fees.prompts: there is no sound of the prompt 'fees-menu' in zh, en",
    ]


def test_a_prompt_is_not_missed_in_the_language_that_leaves_it_out() -> None:
    plan = read_plan(TEXT, KNOWN)
    assert isinstance(plan, MenuPlan)

    assert problems(TEXT, Known(QUEUES, {"zh": plan.prompts("zh"), "en": plan.prompts("en")})) == []


def test_a_language_without_any_sounds_is_refused() -> None:
    plan = read_plan(TEXT, KNOWN)
    assert isinstance(plan, MenuPlan)

    assert problems(TEXT, Known(QUEUES, {"zh": plan.prompts("zh")})) == [
        f"line {line_of('[languages.en]')}, languages.en: there are no sounds in this language"
    ]


def test_days_exceptions_and_holidays_are_read() -> None:
    text = changed(
        ('every_day = "09:00-18:00"', 'every_day = "09:00-18:00"\nsun = "closed"'),
        ('holidays = "open"', 'holidays = "10:00-16:00"'),
        ("# 2027-02-16", "\n2027-02-16"),
    )

    plan = read_plan(text, KNOWN)

    assert isinstance(plan, MenuPlan)
    assert plan.hours.week[6] == ()
    assert plan.hours.holidays == parse_spans("10:00-16:00")
    assert plan.hours.exceptions == {date(2027, 2, 16): ()}
    assert plan.menu_at(datetime(2027, 2, 16, 12, tzinfo=CHINA)).name == "closed"


def test_an_empty_file_lacks_everything() -> None:
    assert [line.split(", ")[1] for line in problems("")] == [
        "entrance: is missing", "hours: is missing", "languages: is missing", "menus: is missing",
        "version: is missing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["a = 1" + "0" * 5000, "a = " + "[" * 5000, "\x00", "a = 2027-02-30", 'a = "', "[[a]]\n[[a]]"]
)
def test_text_that_python_itself_will_not_read_is_refused_and_not_raised(text: str) -> None:
    assert problems(text)


@given(st.text(max_size=200))
def test_whatever_stands_in_a_file_the_reader_never_raises(text: str) -> None:
    assert problems(text)


@given(st.integers(min_value=0, max_value=len(TEXT)), st.sampled_from(["", "]", "=", '"', "\n", "[menus.x]\n", "9"]))
def test_a_file_cut_or_typed_into_anywhere_is_read_or_refused_but_never_raises(place: int, typed: str) -> None:
    for text in (TEXT[:place] + typed, TEXT[:place] + typed + TEXT[place:]):
        assert isinstance(read_plan(text, KNOWN), MenuPlan | tuple)


def test_lines_are_found_for_tables_dotted_names_inline_tables_and_long_lists() -> None:
    lines = lines_of(
        '# top\na.b = 1\n\n[c."d e"]\nf = [\n  1, # [x]\n  2,\n]\ng = { h = { i = """\nx = 1""" } }\n[[j]]\nk = 1\n'
    )

    assert lines[("a", "b")] == 2
    assert lines[("c", "d e")] == 4
    assert lines[("c", "d e", "f")] == 5
    assert lines[("c", "d e", "g", "h", "i")] == 9
    assert lines[("j", "k")] == 12
    assert ("x",) not in lines


def test_a_place_that_is_not_in_the_text_has_the_line_of_what_is_around_it() -> None:
    lines = lines_of("[a]\nb = 1\n")

    assert line_at(lines, ("a", "c", "d")) == 1
    assert line_at(lines, ("x",)) == 1
    assert line_at(lines, ("a", "b", "0")) == 2


def test_a_problem_without_a_place_is_told_by_its_line() -> None:
    assert str(Problem(3, "", "is no TOML")) == "line 3: is no TOML"


PAGE = (SHIPPED_MENUS.parents[1] / "docs" / "menus.md").read_text(encoding="utf-8")


def test_the_sample_of_the_page_is_a_whole_file() -> None:
    sample = PAGE.split("```toml\n")[1].split("```")[0]

    assert problems(sample) == []


@pytest.mark.parametrize(
    "changes",
    [
        [("waits = 4", "wait = 4"), ('"09:00-18:00"', '"9-18"')],
        [("2 = { label", "1 = { label")],
        [(REPAIR, 'to = "queue:repairs"'), ('["fees-menu"]', '["fee-menu"]'), ('language = "en"', 'language = "fr"')],
        [
            ("9 = { label", "7 = { label"),
            (TO_SERVICE, NO_KEY + 'to = "menu:fees" }'),
            (TO_SERVICE, NO_KEY + 'to = "menu:main" }'),
            (', then = "after-enquiry"', ""),
            (', then = "after-enquiry"', ""),
        ],
    ],
)
def test_the_page_shows_what_a_refused_file_really_says(changes: list[tuple[str, str]]) -> None:
    plan = read_plan(TEXT, KNOWN)
    assert isinstance(plan, MenuPlan)
    sounds = {language: plan.prompts(language) for language in plan.languages}

    told = problems(changed(*changes), Known(QUEUES, sounds))

    assert f"```\n{chr(10).join(told)}\n```" in PAGE
