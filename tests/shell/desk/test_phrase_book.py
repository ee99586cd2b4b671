"""Phrases on disk: the site's own win, are taken over while calls go on; two editors never overwrite one another."""

import os
from pathlib import Path

import pytest

from hotline.desk.phrase_file import HISTORY, OWN, PhraseBook, PhraseFileRefused, PhrasesChanged, read_phrase_file
from hotline.settings import SHIPPED_PHRASES
from tests.fakes.clock_by_hand import ClockByHand

SHIPPED = SHIPPED_PHRASES.read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path: Path) -> PhraseBook:
    return PhraseBook(tmp_path, SHIPPED_PHRASES, ClockByHand())


def write(home: Path, text: str, *, at: int = 1) -> None:
    (home / OWN).write_text(text, encoding="utf-8")
    os.utime(home / OWN, ns=(at, at))


def test_sites_own_file_wins_and_is_taken_over_while_the_service_runs(book: PhraseBook, tmp_path: Path) -> None:
    before = book.now()
    assert not before.is_own

    write(tmp_path, SHIPPED.replace('label = "报修"', 'label = "维修"'))

    assert book.now().is_own
    assert book.now().phrases.sets["repair"].label == "维修"
    assert book.now().version != before.version
    (tmp_path / OWN).unlink()
    assert book.now() == before


def test_wrong_file_changes_nothing_and_says_why(book: PhraseBook, tmp_path: Path) -> None:
    write(tmp_path, SHIPPED.replace('label = "报修"', 'label = "维修"'))
    good = book.now()

    write(tmp_path, SHIPPED.replace('label = "报修"', "label = 7"), at=2)

    assert book.now() == good
    assert "line " in book.trouble
    write(tmp_path, SHIPPED, at=3)
    book.now()
    assert book.trouble == ""


def test_wrong_file_at_the_start_leaves_the_shipped_phrases(book: PhraseBook, tmp_path: Path) -> None:
    write(tmp_path, "nonsense")

    assert book.now().phrases.sets["repair"].label == "报修"
    assert "no TOML" in book.trouble


def test_written_phrases_are_in_use_and_the_former_are_kept(book: PhraseBook, tmp_path: Path) -> None:
    values = book.now().phrases.model_dump()
    values["sets"]["repair"]["phrases"] = ["第一次"]
    first = book.replace(values, book.now().version, "boss")
    values["sets"]["repair"]["phrases"] = ["第二次"]

    second = book.replace(values, first.version, "boss")

    assert second.phrases.sets["repair"].phrases == ("第二次",)
    assert "Written on the page by boss" in (tmp_path / OWN).read_text().splitlines()[0]
    (kept,) = (tmp_path / HISTORY).iterdir()
    assert read_phrase_file(kept).phrases == first.phrases
    assert not list(tmp_path.glob(".phrases*"))


def test_second_of_two_editors_is_told_so_and_writes_nothing(book: PhraseBook, tmp_path: Path) -> None:
    version, values = book.now().version, book.now().phrases.model_dump()
    book.replace(values, version, "boss")
    written = (tmp_path / OWN).read_text()

    with pytest.raises(PhrasesChanged):
        book.replace(values, version, "other")

    assert (tmp_path / OWN).read_text() == written


def test_wrong_phrases_are_not_written(book: PhraseBook, tmp_path: Path) -> None:
    values = book.now().phrases.model_dump()
    values["sets"]["repair"]["phrases"] = ["{nobody}"]

    with pytest.raises(PhraseFileRefused, match="is no gap"):
        book.replace(values, book.now().version, "boss")

    assert not (tmp_path / OWN).exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe", "is not UTF-8"),
        (b"#" * 70_000, "KiB"),
        (b"[checks]\n[sets]\n", "is missing"),
        (None, "cannot be read"),
    ],
)
def test_file_that_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "other.toml"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(PhraseFileRefused, match=why):
        read_phrase_file(file)
