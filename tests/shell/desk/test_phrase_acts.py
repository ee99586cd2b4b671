"""Who changed the set phrases is audited with what stood before; what was not written has no line."""

from pathlib import Path
from typing import Any

import pytest

import hotline.tables  # noqa: F401 -- every table is there
from hotline.audit.change import Change
from hotline.audit.store import Wanted, changes
from hotline.database import Database
from hotline.desk.phrase_acts import PhraseActs
from hotline.desk.phrase_file import HISTORY, OWN, PhraseBook, PhraseFileRefused, PhrasesChanged
from hotline.settings import SHIPPED_PHRASES
from tests.fakes.clock_by_hand import ClockByHand


class Desk:
    """A desk whose supervisors write phrases."""

    def __init__(self, database: Database, home: Path) -> None:
        clock = ClockByHand()
        self.database, self.book = database, PhraseBook(home, SHIPPED_PHRASES, clock)
        self.acts = PhraseActs(book=self.book, database=database, clock=clock)

    def said(self) -> dict[str, Any]:
        return self.book.now().phrases.model_dump(mode="json")

    async def audited(self) -> list[Change]:
        async with self.database.read() as session:
            return [one.change for one in await changes(session, Wanted(room="phrases"), limit=9)]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


async def test_what_changed_stands_in_the_audit_and_nothing_else_of_the_file(desk: Desk) -> None:
    said = desk.said()
    closing = dict(said["sets"]["closing"])
    said["sets"]["closing"]["phrases"] = ["再见"]
    said["checks"]["pet"] = {"label": "宠物", "asks": "", "drafted": ""}

    await desk.acts.replace(said, desk.book.now().version, by="boss")

    [change] = await desk.audited()
    assert (change.by, change.act, change.subject) == ("boss", "phrases-changed", "phrases.toml")
    assert change.before == {"sets.closing": closing}
    assert change.after == {
        "sets.closing": closing | {"phrases": ["再见"]},
        "checks.pet": {"label": "宠物", "asks": "", "drafted": ""},
    }


async def test_phrases_saved_as_they_were_leave_no_line(desk: Desk) -> None:
    await desk.acts.replace(desk.said(), desk.book.now().version, by="boss")

    assert await desk.audited() == []


async def test_who_is_refused_leaves_no_line(desk: Desk, tmp_path: Path) -> None:
    said = desk.said()
    said["sets"]["closing"]["phrases"] = ["再见"]
    with pytest.raises(PhrasesChanged):
        await desk.acts.replace(said, "of yesterday", by="boss")
    with pytest.raises(PhraseFileRefused):
        await desk.acts.replace(said | {"sets": {}}, desk.book.now().version, by="boss")
    (tmp_path / OWN).mkdir()  # where the file would be written
    (tmp_path / HISTORY).write_text("no directory", encoding="utf-8")
    with pytest.raises(PhraseFileRefused):
        await desk.acts.replace(said, desk.book.now().version, by="boss")

    assert await desk.audited() == []


async def test_the_order_of_the_sets_is_a_change_too(desk: Desk) -> None:
    said = desk.said()
    said["sets"] = dict(reversed(said["sets"].items()))

    await desk.acts.replace(said, desk.book.now().version, by="boss")

    [change] = await desk.audited()
    assert change.before is not None
    assert change.after is not None
    assert change.after["order"] == change.before["order"][::-1]
