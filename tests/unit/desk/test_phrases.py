"""A file of set phrases is checked line by line, and what is written reads as what was meant."""

import pytest

from hotline.desk.phrases import REQUIRED, Phrases, as_toml, check_phrases, faults_of, read_phrases
from hotline.settings import SHIPPED_PHRASES

SHIPPED = SHIPPED_PHRASES.read_text(encoding="utf-8")


def shipped() -> Phrases:
    read = read_phrases(SHIPPED)
    assert isinstance(read, Phrases), read
    return read


def changed(old: str, new: str) -> str:
    assert SHIPPED.count(old) == 1, old
    return SHIPPED.replace(old, new)


def line_of(text: str) -> int:
    return SHIPPED[: SHIPPED.index(text)].count("\n") + 1


def test_shipped_phrases_are_good_and_every_kind_of_request_asks_for_place_and_reads_back_what_matters() -> None:
    phrases = shipped()

    assert set(REQUIRED) <= set(phrases.sets)
    assert {"language", "angry"} <= set(phrases.sets)
    repair, help_ = phrases.sets["repair"].checks, phrases.sets["special-help"].checks
    assert {"place", "symptom", "visit", "read-back"} <= set(repair)
    assert help_[:3] == ("place-now", "person", "danger-now")
    assert phrases.checks["place"].drafted == "home"


@pytest.mark.parametrize(
    ("old", "new", "at", "why"),
    [
        ('label = "报修"\n', "", "[sets.repair]", "is missing"),
        ('label = "报修"\n', "label = 7\n", 'label = "报修"', "must be text in quotes"),
        ('label = "报修"\n', 'label = ""\n', 'label = "报修"', "must not be empty"),
        ('label = "报修"\n', 'label = "报修"\nsound = 1\n', 'label = "报修"', "is not known here"),
        ('"tools", "visit"', '"tulls", "visit"', 'checks = ["place", "symptom", "tools"', "'tulls' does not stand"),
        ('"symptom", "tools"', '"place", "tools"', 'checks = ["place", "symptom", "tools"', "stands twice"),
        ('checks = ["question", "who", "answer-by", "read-back"]\n', "", "[sets.enquiry]", "checks are missing"),
        ("[sets.angry]", "[sets.Angry]", "[sets.angry]", "cannot be a name"),
        ("师傅会在约定", "师傅{who}会在约定", "phrases = [", "'{who}' is no gap: there are {centre} {home}"),
        ("师傅会在约定", "师傅}会在约定", "phrases = [", "'}' is no gap"),
        ('drafted = "symptom"}\ntools', 'drafted = "smell"}\ntools', "symptom = {label", "must be one of"),
    ],
)  # fmt: skip
def test_fault_is_told_with_its_line_and_reason(old: str, new: str, at: str, why: str) -> None:
    faults = read_phrases(changed(old, new))

    assert isinstance(faults, tuple)
    assert any(why in fault.reason for fault in faults), faults
    near = next(fault.line for fault in faults if why in fault.reason)
    assert line_of(at) <= near <= line_of(at) + 60
    assert f"line {near}" in str(next(fault for fault in faults if why in fault.reason))


def test_phrase_at_fault_is_named_by_its_place_in_the_list() -> None:
    faults = read_phrases(changed("师傅会在约定", "{nobody}师傅会在约定"))

    assert isinstance(faults, tuple)
    assert faults[0].place == "sets.repair.phrases no. 3"


def test_what_is_no_toml_is_told_with_its_line() -> None:
    faults = read_phrases('[checks]\nplace = {label = "地点"\n')

    assert isinstance(faults, tuple)
    assert faults[0].line in {2, 3}
    assert "is no TOML" in str(faults[0])


def test_missing_kind_of_request_is_a_fault() -> None:
    faults = faults_of({"checks": {}, "sets": {}})

    assert len(faults) == len(REQUIRED)
    assert str(faults[0]).startswith("sets: [sets.")


def test_written_file_reads_as_what_was_written() -> None:
    phrases = shipped()

    assert read_phrases(as_toml(phrases, "by boss")) == phrases
    assert as_toml(phrases, "by boss").startswith("# by boss\n")


def test_marks_and_quotes_of_a_phrase_survive_writing() -> None:
    values = shipped().model_dump()
    values["sets"]["closing"]["phrases"] = ['他说:"<b>好</b>" \\ 再见', "one's # [x] = {centre}"]
    phrases = check_phrases(values)
    assert isinstance(phrases, Phrases)

    assert read_phrases(as_toml(phrases, "x")) == phrases


def test_line_break_in_a_phrase_is_refused() -> None:
    values = shipped().model_dump()
    values["sets"]["closing"]["phrases"] = ['再见"\n]\n[evil]\n']

    assert "one line" in faults_of(values)[0].reason
