"""Files of residents and of unpaid fees: what is read, and how everything wrong is named."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.residents.files import LARGEST_BYTES, FileRefused, Problem, read_arrears, read_residents
from hotline.residents.resident import Home, Relation, Title

RESIDENTS = """房号,姓名,称呼,关系,电话,独居老人,语言
3-2-501,张建华,先生,业主,13800138501;0755-88888888,否,zh
1-1-301,李建国,,,,是,
"""
ARREARS = """home,name,months,amount
1-1-301,李建国,2026-01至2026-06,"1,234.56"
2-3-802,陈静,2026-03;2026-05,80
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_residents_are_read_in_the_encodings_that_offices_save(encoding: str) -> None:
    reading = read_residents(RESIDENTS.encode(encoding))

    first, second = (line for _, line in reading.lines)
    assert reading.problems == ()
    assert (first.home, first.name, first.title, first.relation) == (
        Home(3, 2, 501),
        "张建华",
        Title.MR,
        Relation.OWNER,
    )
    assert [number.e164 for number in first.numbers] == ["+8613800138501", "+8675588888888"]
    assert (second.title, second.numbers, second.is_elderly_alone, second.language) == (Title.UNKNOWN, (), True, "zh")


def test_arrears_are_read_to_the_fen() -> None:
    reading = read_arrears(ARREARS.encode())

    first, second = (line for _, line in reading.lines)
    assert reading.problems == ()
    assert (first.months[0], first.months[-1], len(first.months), first.fen) == ("2026-01", "2026-06", 6, 123456)
    assert (second.months, second.fen) == (("2026-03", "2026-05"), 8000)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("三栋,张伟,,,", "home"),
        ("3-2-501,,,,", "name"),
        ("3-2-501,=1+1,,,", "name"),
        ("3-2-501,+张,,,", "name"),
        ("3-2-501,-张,,,", "name"),
        ("3-2-501,@SUM,,,", "name"),
        ("3-2-501,＝张,,,", "name"),
        ("3-2-501,张\x07伟,,,", "name"),
        ("3-2-501,张\x00伟,,,", "name"),
        (f"3-2-501,{'张' * 41},,,", "name"),
        ("3-2-501,张伟,博士,,", "title"),
        ("3-2-501,张伟,,邻居,", "relation"),
        ("3-2-501,张伟,,,12", "numbers"),
        ("3-2-501,张伟,,,8001", "numbers"),
        ("3-2-501,张伟,,,13800138501;x", "numbers"),
        ("3-2-501,张伟,,,,,,more", ""),
        (f"3-2-501,张伟,,,{';'.join(f'138001385{n:02}' for n in range(21))}", "numbers"),
        ("3-2-501,张伟,,,,maybe", "elderly_alone"),
        ("3-2-501,张伟,,,,,Mandarin", "language"),
    ],
)
def test_wrong_cell_of_a_resident_is_named_by_line_and_column(line: str, column: str) -> None:
    reading = read_residents(
        f"home,name,title,relation,numbers,elderly_alone,language,,\n3-2-501,好人,,,\n{line}\n".encode()
    )

    assert [(problem.line, problem.column) for problem in reading.problems] == [(3, column)]
    assert reading.problems[0].chinese
    assert reading.problems[0].english
    assert len(reading.lines) == 1


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("1-1-301,李建国,2026-13,1", "months"),
        ("1-1-301,李建国,2026-06~2026-01,1", "months"),
        ("1-1-301,李建国,,1", "months"),
        ("1-1-301,李建国,2000-01~2099-12,1", "months"),
        ("1-1-301,李建国,2026-01,0", "amount"),
        ("1-1-301,李建国,2026-01,-5", "amount"),
        ("1-1-301,李建国,2026-01,1.234", "amount"),
        ("1-1-301,李建国,2026-01,1e9", "amount"),
        ("1-1-301,李建国,2026-01,NaN", "amount"),
    ],
)
def test_wrong_cell_of_a_debt_is_named_by_line_and_column(line: str, column: str) -> None:
    reading = read_arrears(f"home,name,months,amount\n{line}\n".encode())

    assert [(problem.line, problem.column) for problem in reading.problems] == [(2, column)]


def test_every_wrong_line_is_listed_not_only_the_first() -> None:
    reading = read_residents(b"home,name\nx,a\n3-2-501,b\ny,c\n")

    assert [problem.line for problem in reading.problems] == [2, 4]


def test_person_named_twice_is_a_problem_that_points_at_the_first() -> None:
    reading = read_residents("home,name\n3-2-501,张伟\n3-2-501,张伟\n".encode())

    assert [problem.line for problem in reading.problems] == [3]
    assert "第2行" in reading.problems[0].chinese


def test_problem_never_repeats_what_the_cell_says() -> None:
    reading = read_residents("home,name,numbers\n3-2-501,张伟,1380013\n".encode())

    assert reading.problems == (Problem(2, "numbers", "电话号码无法识别", "not a telephone number"),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"name\nx\n",
        b"home,name,name\n",
        b"home,name,colour\n",
        b"\xff\xfe\xff",
        b'home,name\n"3-2-501,x\n',
        b"home,name\n3-2-501," + b"x" * 200_000,
        b"x" * (LARGEST_BYTES + 1),
    ],
)
def test_file_that_is_no_list_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read_residents(content)


def test_every_bad_row_is_listed() -> None:
    reading = read_residents(b"home,name\n" + b"x,y\n" * 1050)

    assert len(reading.problems) == 1050


def test_file_with_too_many_lines_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.residents.files.MOST_LINES", 3)

    with pytest.raises(FileRefused, match="more than 3 lines"):
        read_residents(b"home,name\n1-1-101,a\n1-1-102,b\n1-1-103,c\n")


def test_refusal_of_a_file_without_a_header_does_not_repeat_the_person_in_its_first_line() -> None:
    with pytest.raises(FileRefused) as refused:
        read_residents("home,name,张建华\n".encode())

    assert "张" not in str(refused.value)


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_read_and_nothing_else(content: bytes) -> None:
    for read in (read_residents, read_arrears):
        with suppress(FileRefused):
            read(b"home,name,months,amount\n" + content)


def test_lines_of_one_home_may_not_contradict_each_other_on_greeting_by_name() -> None:
    file = "房号,姓名,称姓问候\n3-2-501,张建华,是\n3-2-501,刘芳,\n3-2-501,张小,否\n3-2-501,张大,是\n1-1-301,李,否\n"

    reading = read_residents(file.encode())

    assert [(problem.line, problem.column) for problem in reading.problems] == [(4, "greets_by_name")]
    assert [line.greets_by_name for _, line in reading.lines] == [True, None, False, True, False]


def test_greeting_by_name_is_answered_with_yes_or_no() -> None:
    reading = read_residents("房号,姓名,称姓问候\n3-2-501,张建华,也许\n".encode())

    assert [(problem.line, problem.column) for problem in reading.problems] == [(2, "greets_by_name")]
