"""Every list behind a figure has its words, in both languages: a page of it never fails for want of one."""

import pytest

from hotline.reports.behind import COLUMNS, FIGURES, OF
from hotline.web.words import LANGUAGES, read_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_behind_a_figure_has_its_words(language: str) -> None:
    words = read_words(language)["reports"]["behind_page"]
    columns = {name for names in COLUMNS.values() for name in names} | {"call"}

    assert set(FIGURES) == set(words["figure"])
    assert columns == set(words["column"])
    assert set(FIGURES.values()) == set(COLUMNS) == set(OF) == set(words["about"])
