from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from hotline.accounts.account import Role
from hotline.bus import Change
from hotline.database import Database
from hotline.dutylog.draft import Draft
from hotline.dutylog.entry import Kind
from hotline.dutylog.store import add_entry, keep_draft, move_entries
from hotline.followups.follow_up import FollowUpKind, Step
from hotline.followups.rules import Debt
from hotline.followups.store import add_follow_up, take_step
from hotline.recordings import removing
from hotline.recordings.absorbing_store import absorb_recordings
from hotline.recordings.errors import HoldRefused
from hotline.recordings.files import side_file
from hotline.recordings.packer import alone_with
from hotline.recordings.recording import RecordingState
from hotline.recordings.removal import Removed, first_break
from hotline.recordings.removal_store import (
    RemovalTable,
    hold_recording,
    hold_recordings,
    holds_of,
    prove_removal,
    removals_after,
)
from hotline.recordings.store import picture_of
from hotline.retention.service import Retention
from hotline.retention.store import perhaps_over
from hotline.settings import RetentionSettings
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.recorded_calls import RecordedCalls

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Desk(RecordedCalls):
    """Recordings of every age, and what removes them."""

    def __init__(self, directory: Path, database: Database) -> None:
        super().__init__(directory, database, NOW)
        self.told: list[Change] = []

    def retention(self, **days: int) -> Retention:
        async def tell(change: Change) -> None:
            self.told.append(change)

        return Retention(
            directory=self.directory, database=self.database, clock=ClockByHand(self.now),
            settings=RetentionSettings(**days), tell=tell,
        )  # fmt: skip

    async def states(self, *names: str) -> list[RecordingState]:
        return [(await self.recording(name)).state for name in names]

    async def owes(self, call_id: str) -> int:
        debt = Debt(kind=FollowUpKind.CALL_BACK, at=self.now, due=self.now)
        async with self.database.begin() as session:
            follow_up = await add_follow_up(
                session,
                debt=debt,
                owed_by=Role.AGENT,
                call_id=call_id,
                number="",
                e164="",
                home="",
                who="",
                at=self.now,
            )
        return follow_up.id


@pytest.fixture
def desk(tmp_path: Path, database: Database) -> Desk:
    return Desk(tmp_path / "recordings", database)


async def proofs(desk: Desk) -> list[Any]:
    async with desk.database.read() as session:
        return await removals_after(session, 0)


async def test_recording_whose_time_is_over_is_removed_and_its_proof_says_what_was_there(desk: Desk) -> None:
    name = await desk.call("old", days_ago=181)
    young = await desk.call("young", days_ago=179)
    content = b"".join(side_file(desk.directory, name, side).read_bytes() for side in ("caller", "agent"))

    assert await desk.retention().round() == 1

    assert await desk.states(name, young) == [RecordingState.EXPIRED, RecordingState.FINISHED]
    assert desk.files() == [f"{young}.agent.wav", f"{young}.caller.wav"]
    (link,) = await proofs(desk)
    assert link.removed == Removed(
        kind="recording", what=name, klass="calls", rule="retention.calls = 180 days", at=NOW,
        sha256=sha256(content).hexdigest(),
    )  # fmt: skip
    async with desk.database.read() as session:
        assert await picture_of(session, name) is None
    assert [change.id for change in desk.told] == ["old"]


async def test_each_class_has_its_own_time(desk: Desk) -> None:
    unanswered: dict[str, Any] = {"human_answer": None}
    names = [
        await desk.call("answered", days_ago=31),
        await desk.call("unanswered", days_ago=31, **unanswered),
        await desk.call("message", days_ago=31, message_at=NOW, **unanswered),
        await desk.call("emergency", days_ago=400, is_emergency=True),
        await desk.call("complaint", days_ago=400, request="complaint"),
    ]

    await desk.retention(messages=30).round()

    kept, gone = RecordingState.FINISHED, RecordingState.EXPIRED
    assert await desk.states(*names) == [kept, gone, gone, kept, kept]


async def test_call_that_the_duty_log_calls_a_complaint_is_kept_as_one(desk: Desk) -> None:
    name = await desk.call("c-1", days_ago=400, request="repair")
    draft = Draft(kind=Kind.COMPLAINT, is_urgent=False, who="", home="", matter="x", promised="", agent="8001")
    async with desk.database.begin() as session:
        await keep_draft(session, "c-1", draft, NOW)

    assert await desk.retention().round() == 0
    assert await desk.states(name) == [RecordingState.FINISHED]


async def test_complaint_is_kept_as_one_when_its_call_becomes_part_of_another(desk: Desk) -> None:
    name = await desk.call("young", days_ago=400)
    await desk.call("old", days_ago=0)
    draft = Draft(kind=Kind.COMPLAINT, is_urgent=False, who="", home="", matter="x", promised="", agent="8001")
    async with desk.database.begin() as session:
        await add_entry(session, call_id="young", draft=draft, written_by="boss", at=NOW)
    async with desk.database.begin() as session:
        await absorb_recordings(session, "young", "old")
        await move_entries(session, "young", "old")

    assert await desk.retention().round() == 0
    assert await desk.states(name) == [RecordingState.FINISHED]


async def test_nothing_under_an_open_matter_is_removed_until_it_is_closed(desk: Desk) -> None:
    await desk.call("c-1", days_ago=400)
    follow_up = await desk.owes("c-1")

    assert await desk.retention().round() == 0

    async with desk.database.begin() as session:
        await take_step(session, follow_up, Step.CLOSED, who="boss", at=NOW, text="done")
    assert await desk.retention().round() == 1


async def test_held_recording_stays_until_it_is_released_and_who_said_so_is_kept(desk: Desk) -> None:
    name = await desk.call("c-1", days_ago=400)
    async with desk.database.begin() as session:
        await hold_recording(session, name, is_held=True, who="boss", reason="dispute", at=NOW)

    assert await desk.retention().round() == 0

    async with desk.database.begin() as session:
        await hold_recording(session, name, is_held=False, who="boss", reason="settled", at=NOW)
    assert await desk.retention().round() == 1
    async with desk.database.read() as session:
        assert await holds_of(session, name) == [(NOW, "boss", True, "dispute"), (NOW, "boss", False, "settled")]


async def test_hold_covers_every_recording_of_a_call_and_its_release_too(desk: Desk) -> None:
    names = [await desk.call("young", days_ago=400), await desk.call("old", days_ago=401)]
    async with desk.database.begin() as session:
        await absorb_recordings(session, "young", "old")

    async with desk.database.begin() as session:
        held = await hold_recordings(session, "old", is_held=True, who="boss", reason="dispute", at=NOW)

    assert sorted(held) == sorted(names)
    assert await desk.retention().round() == 0
    with pytest.raises(HoldRefused):
        async with desk.database.begin() as session:
            await hold_recordings(session, "old", is_held=True, who="boss", reason="again", at=NOW)
    async with desk.database.begin() as session:
        await hold_recordings(session, "old", is_held=False, who="boss", reason="settled", at=NOW)
    assert await desk.retention().round() == 2


async def test_what_is_gone_or_held_already_is_not_held(desk: Desk) -> None:
    name = await desk.call("c-1", days_ago=400)
    await desk.retention().round()

    for is_held in (True, False):
        with pytest.raises(HoldRefused):
            async with desk.database.begin() as session:
                await hold_recording(session, name, is_held=is_held, who="boss", reason="x", at=NOW)


@pytest.mark.parametrize("broken", ["remove_files", "note_removed", "prove_removal"])
async def test_removal_that_is_interrupted_is_ended_by_the_next_round_with_one_proof(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    name = await desk.call("c-1", days_ago=400)
    content = b"".join(side_file(desk.directory, name, side).read_bytes() for side in ("caller", "agent"))

    def dies(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(removing, broken, dies)
        assert await desk.retention().round() == 0
    assert await desk.states(name) == [RecordingState.EXPIRING]
    assert await proofs(desk) == []

    assert await desk.retention().round() == 1
    assert await desk.retention().round() == 0

    assert desk.files() == []
    assert [link.removed.sha256 for link in await proofs(desk)] == [sha256(content).hexdigest()]


async def test_round_removes_no_more_than_it_may_and_the_next_goes_on(desk: Desk) -> None:
    for number in range(5):
        await desk.call(f"c-{number}", days_ago=400 + number)

    assert [await desk.retention().round(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert first_break(await proofs(desk)) is None


async def test_what_must_be_kept_does_not_hide_what_is_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        await desk.call(f"grave-{number}", days_ago=500, is_emergency=True)
    await desk.call("over", days_ago=300)

    async def one_at_a_time(*args: Any, **how: Any) -> Any:
        return await perhaps_over(*args, **how, limit=1)

    monkeypatch.setattr("hotline.retention.service.perhaps_over", one_at_a_time)

    assert await desk.retention().round() == 1


async def test_changed_proof_is_found(desk: Desk) -> None:
    for number in range(3):
        await desk.call(f"c-{number}", days_ago=400)
    await desk.retention().round()
    async with desk.database.begin() as session:
        await session.execute(update(RemovalTable).where(RemovalTable.position == 2).values(klass="refused"))

    assert first_break(await proofs(desk)) == 2


async def test_each_proof_follows_the_one_before_it(desk: Desk) -> None:
    moments = [NOW + timedelta(seconds=number) for number in range(4)]
    removed = [Removed(kind="transcript", what="a", klass="calls", rule="x", at=at, sha256="") for at in moments]
    for one in removed:
        async with desk.database.begin() as session:
            await prove_removal(session, one)

    links = await proofs(desk)

    assert [link.removed for link in links] == removed
    assert first_break(links) is None


async def test_nothing_is_removed_while_another_process_packs_or_removes(desk: Desk) -> None:
    await desk.call("c-1", days_ago=400)

    async with alone_with(desk.directory):
        assert await desk.retention().round() == 0
