from hotline.transcribe.recogniser import simplified


def test_traditional_characters_come_out_simplified_word_by_word() -> None:
    assert simplified(["單元", "請", "501", "您"]) == ["单元", "请", "501", "您"]


def test_spaces_that_mark_words_are_kept() -> None:
    assert simplified([" repair", "電梯"]) == [" repair", "电梯"]


def test_nothing_stays_nothing() -> None:
    assert simplified([]) == []
