"""Two texts laid beside each other: what went, what came, and a little around it."""

from hotline.menus.comparing import Row, compared, tally


def test_texts_that_are_the_same_have_no_rows() -> None:
    assert compared("a\nb\n", "a\nb\n") == []


def test_a_changed_line_is_shown_as_gone_and_come_with_lines_around_it() -> None:
    rows = compared("1\n2\n3\n4\n5\n", "1\n2\nx\n4\n5\n")

    assert rows == [
        Row("same", 1, 1, "1"),
        Row("same", 2, 2, "2"),
        Row("out", 3, None, "3"),
        Row("in", None, 3, "x"),
        Row("same", 4, 4, "4"),
        Row("same", 5, 5, "5"),
    ]
    assert tally(rows) == {"out": 1, "in": 1}


def test_what_lies_between_two_changes_far_apart_is_left_out() -> None:
    old = "\n".join(str(n) for n in range(30))
    rows = compared(old, old.replace("3\n", "x\n", 1).replace("27", "y"))

    assert [row.text for row in rows if row.kind == "in"] == ["x", "y"]
    assert sum(row.kind == "gap" for row in rows) == 1
    assert len(rows) < 15
