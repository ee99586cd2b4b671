"""The month's report by e-mail: once for each period, with its paper and workbook, whatever the mail server does."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from hotline.outbox.pauses import Delivered
from hotline.reports.keeping import ReportKeeping
from hotline.reports.letters_store import report_letters
from hotline.settings import AlertsSettings, ReportsSettings
from hotline.web.report_post import MAIL, ReportPost
from hotline.web.rooms import CHINA
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.letter_box import LetterBox
from tests.fakes.pdf_text import text_of
from tests.fakes.web_desk import CALLER, WebDesk, web_desk

FIRST = datetime(2026, 12, 1, 8, 0, tzinfo=CHINA)


def posting(
    room: WebDesk, port: int, *, weekly: bool = False, monthly: bool = True, quarterly: bool = False
) -> ReportPost:
    """Return what posts, as a service that was just started has it."""
    mail = AlertsSettings(mail_from="hotline@example.org", smtp_port=port, smtp_security="none")
    wanted = ReportsSettings(
        mail_to=("boss@example.org", "head@example.org"), weekly=weekly, monthly=monthly, quarterly=quarterly
    )
    return ReportPost(room.rooms, wanted, mail)


async def built(room: WebDesk) -> None:
    await ReportKeeping(database=room.database, clock=room.clock, zone=CHINA, area_code="").build()


async def states(room: WebDesk) -> list[tuple[str, Delivered, int]]:
    async with room.database.read() as session:
        return [(one.period, one.state, one.tries) for one in await report_letters(session)]


async def test_month_is_posted_once_with_its_paper_and_workbook_and_nothing_of_a_person_in_its_text(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    clock, box = ClockByHand(FIRST), LetterBox()
    async with web_desk(tmp_path, clock=clock) as room:
        for number in range(3):
            await room.finished_call(f"c-{number}", start=datetime(2026, 11, 20, 10, number, tzinfo=CHINA))
        await built(room)
        with box.listening(unused_tcp_port):
            for _ in range(3):  # three services that were started one after another
                post = posting(room, unused_tcp_port)
                await post.write_due()
                await post.sending.send_due(MAIL)
                clock.turn(3600)
        left = await states(room)

    [letter] = box.letters
    paper, book = letter.iter_attachments()
    text = letter.get_body(("plain",)).get_content()
    assert left == [("2026-11", Delivered.SENT, 1)]
    assert box.recipients == [["boss@example.org", "head@example.org"]]
    assert letter["Subject"].endswith("客服中心月报 2026-11")
    assert "来电：3（0）" in text
    assert CALLER not in text
    assert (paper.get_filename(), book.get_filename()) == ("report-2026-11.pdf", "report-2026-11.xlsx")
    assert "批准（签字" in text_of(paper.get_content())
    with ZipFile(io.BytesIO(book.get_content())) as sheets:
        assert {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml"} <= set(sheets.namelist())
        assert 'name="按日期"' in sheets.read("xl/workbook.xml").decode()


async def test_mail_server_that_is_away_is_asked_again_later_and_takes_the_letter_once(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    clock, box = ClockByHand(FIRST), LetterBox()
    async with web_desk(tmp_path, clock=clock) as room:
        await built(room)
        post = posting(room, unused_tcp_port)
        await post.write_due()
        await post.sending.send_due(MAIL)  # nobody listens
        tried = await states(room)
        box.refuses = 1
        with box.listening(unused_tcp_port):
            await post.sending.send_due(MAIL)  # too early
            for pause in (5, 15, 60, 300):
                clock.turn(pause)
                await posting(room, unused_tcp_port).sending.send_due(MAIL)
        left = await states(room)

    assert tried == [("2026-11", Delivered.WAITING, 1)]
    assert left == [("2026-11", Delivered.SENT, 3)]
    assert len(box.letters) == 1


async def test_report_waits_until_the_calls_from_before_are_counted(tmp_path: Path, unused_tcp_port: int) -> None:
    clock, box = ClockByHand(FIRST), LetterBox()
    async with web_desk(tmp_path, clock=clock) as room:
        post = posting(room, unused_tcp_port)
        await post.write_due()
        with box.listening(unused_tcp_port):
            await post.sending.send_due(MAIL)
            assert not box.letters
            await built(room)
            clock.turn(5)
            await post.sending.send_due(MAIL)

    assert len(box.letters) == 1


@pytest.mark.parametrize("at", [FIRST - timedelta(minutes=1), FIRST + timedelta(days=10)])
async def test_nothing_is_posted_before_its_hour_nor_when_it_is_no_news_any_more(
    tmp_path: Path, unused_tcp_port: int, at: datetime
) -> None:
    async with web_desk(tmp_path, clock=ClockByHand(at)) as room:
        assert await posting(room, unused_tcp_port).write_due() == 0


async def test_week_has_a_report_of_its_own_with_the_week_before_in_brackets(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    clock, box = ClockByHand(datetime(2026, 11, 23, 8, 0, tzinfo=CHINA)), LetterBox()
    async with web_desk(tmp_path, clock=clock) as room:
        await room.finished_call("c-1", start=datetime(2026, 11, 17, 10, 0, tzinfo=CHINA))
        await room.finished_call("c-2", start=datetime(2026, 11, 12, 10, 0, tzinfo=CHINA))
        await built(room)
        post = posting(room, unused_tcp_port, weekly=True, monthly=False)
        await post.write_due()
        with box.listening(unused_tcp_port):
            await post.sending.send_due(MAIL)

    [letter] = box.letters
    assert letter["Subject"].endswith("客服中心周报 2026-W47")
    assert "来电：1（1）" in letter.get_body(("plain",)).get_content()


async def test_quarter_has_its_analysis_posted(tmp_path: Path, unused_tcp_port: int) -> None:
    clock, box = ClockByHand(datetime(2027, 1, 1, 8, 0, tzinfo=CHINA)), LetterBox()
    async with web_desk(tmp_path, clock=clock) as room:
        await room.finished_call("c-1", start=datetime(2026, 12, 31, 10, 0, tzinfo=CHINA))
        await room.finished_call("c-2", start=datetime(2026, 9, 30, 10, 0, tzinfo=CHINA))
        await built(room)
        post = posting(room, unused_tcp_port, quarterly=True, monthly=False)
        await post.write_due()
        with box.listening(unused_tcp_port):
            await post.sending.send_due(MAIL)

    [letter] = box.letters
    paper, _ = letter.iter_attachments()
    assert letter["Subject"].endswith("客服中心季度分析 2026-Q4")
    assert "来电：1（1）" in letter.get_body(("plain",)).get_content()
    assert "原因分析" in text_of(paper.get_content())
