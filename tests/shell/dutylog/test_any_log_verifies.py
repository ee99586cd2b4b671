"""Whatever people write and correct, in whatever order, the stored chain holds; whatever is changed in it is found."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

import hotline.tables  # noqa: F401 -- every table is there
from hotline.database import Base, Database
from hotline.dutylog.chain import Finding, Head
from hotline.dutylog.chain_store import verify_chain
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind, Source
from hotline.dutylog.store import (
    EntryConfirmed,
    EntryCorrected,
    EntryIsDraft,
    EntryUnknown,
    add_entry,
    correct_entry,
    keep_draft,
)
from tests.fakes.call_story import START

WORDS: Final = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=10)
DRAFTS: Final = st.builds(
    Draft,
    kind=st.sampled_from(Kind),
    is_urgent=st.booleans(),
    who=WORDS,
    home=WORDS,
    matter=WORDS,
    promised=WORDS,
    agent=WORDS,
)
STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("call"), st.integers(1, 3), DRAFTS),
        st.tuples(st.just("draft"), st.integers(1, 3), DRAFTS),
        st.tuples(st.just("walk-in"), st.just(0), DRAFTS),
        st.tuples(st.just("correct"), st.integers(1, 6), DRAFTS),
        st.tuples(st.just("given up"), st.just(0), DRAFTS),
    ),
    min_size=1,
    max_size=8,
)
CHANGES: Final = {
    "state": "void", "call_id": "x", "draft_of": "x", "kind": "gossip", "who": "x\u2014", "home": "x\u2014",
    "matter": "x\u2014", "promised": "x\u2014", "agent": "x\u2014", "written_by": "x\u2014", "corrects": 77,
    "written_at": "2001-01-01 00:00:00.000000", "source": "patrol", "result": "x", "centre": "77",
    "day": "2001-01-01", "day_number": 77, "chain_position": 77, "chain_hash": "0" * 64, "number": 777,
}  # fmt: skip


class GivenUp(Exception):
    """The transaction does not come to its end."""


async def take(database: Database, place: int, step: tuple[str, int, Draft]) -> None:
    what, which, draft = step
    at = START + timedelta(hours=7 * place)
    values: dict[str, Any] = {"draft": draft, "written_by": "linjing", "at": at}
    try:
        async with database.begin() as session:
            if what == "call":
                await add_entry(session, call_id=f"call-{which}", **values)
            elif what == "draft":
                await keep_draft(session, f"call-{which}", draft, at)
            elif what == "correct":
                await correct_entry(session, which, **values)
            else:
                await add_entry(session, call_id=None, source=Source.LETTER, **values)
            if what == "given up":
                raise GivenUp
    except (EntryConfirmed, EntryCorrected, EntryIsDraft, EntryUnknown, GivenUp):
        return


@settings(max_examples=25, deadline=None)
@given(STEPS, st.sampled_from(sorted(CHANGES)), st.randoms(use_true_random=False))
def test_any_log_holds_and_no_change_of_it_is_overlooked(
    steps: list[tuple[str, int, Draft]], column: str, chance: Any
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(_run(Path(directory), steps, column, chance))


async def _run(directory: Path, steps: list[tuple[str, int, Draft]], column: str, chance: Any) -> None:
    database = Database(f"sqlite+aiosqlite:///{directory / 'log.db'}")
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        for place, step in enumerate(steps):
            await take(database, place, step)
        end = await verify_chain(database)
        assert isinstance(end, Head)
        if end.position:
            await _change(database, chance.randint(1, end.position), column)
            assert isinstance(await verify_chain(database), Finding)
    finally:
        await database.close()


async def _change(database: Database, position: int, column: str) -> None:
    async with database.begin() as session:
        await session.execute(text("DROP TRIGGER duty_entry_is_not_changed"))
        await session.execute(
            text(f"UPDATE duty_entry SET {column} = :value WHERE chain_position = :position"),
            {"value": CHANGES[column], "position": position},
        )
