from hotline.search.spans import MOST, SIZES, STEP, further, spans_back

DAY = 86_400_000_000


def keys_of(place: int) -> set[int]:
    """What the index keeps of a place (see `index_store`)."""
    return {(place >> size) * STEP + kind for kind, size in enumerate(SIZES)}


def test_every_place_between_the_first_and_the_last_is_in_the_spans_and_few_are_asked_for() -> None:
    last = 1_790_000_000_123_456
    for width in (0, 1, DAY // 3, DAY, 13 * DAY, 90 * DAY, 730 * DAY, 3650 * DAY):
        spans = spans_back(last, width, first=0)
        assert spans.first <= last - width
        for place in (spans.first, last - width, last - width // 2, last):
            assert keys_of(place) & set(spans.keys), width
        assert not keys_of(spans.first - 1) & set(spans.keys)
        assert len(spans.keys) <= MOST or width > MOST << SIZES[-1]


def test_spans_end_with_that_of_the_first_place_wanted() -> None:
    spans = spans_back(5 << SIZES[0], DAY, first=(4 << SIZES[0]) + 7)
    assert spans.first == 4 << SIZES[0]
    assert len(spans.keys) == 2


def test_width_grows_where_little_is_found_and_fits_where_much_is() -> None:
    assert further(wanted=30, found=0, over=DAY) == 16 * DAY
    assert further(wanted=30, found=10, over=DAY) == 9 * DAY // 2
