"""Every list behind a figure has its words, in both languages: a page of it never fails for want of one."""

import pytest

from hotline.reports.behind import FIGURES, Listing
from hotline.web.words import LANGUAGES, read_words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_behind_a_figure_has_its_words(language: str) -> None:
    words = read_words(language)["reports"]["behind_page"]
    columns = {name for listing in Listing for name in listing.columns} | {"call"}

    assert set(FIGURES) == set(words["figure"])
    assert columns == set(words["column"])
    assert set(FIGURES.values()) == set(Listing) == set(words["about"])
