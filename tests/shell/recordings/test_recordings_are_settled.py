from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hotline.bus import Bus
from hotline.calls.store import save_call
from hotline.database import Database
from hotline.recordings.files import HEADER, SIDES, seconds_of, side_file
from hotline.recordings.recording import RecordingState
from hotline.recordings.removal_store import hold_recording, removals_after
from hotline.recordings.service import GRACE, Recordings
from hotline.recordings.store import is_safe_name, recording_by_name, recording_of
from tests.fakes.call_story import CALL, CallStory
from tests.fakes.clock_by_hand import ClockByHand
from tests.fakes.legs import spoken, write_leg

NAME = f"2026/11/21/{CALL}"


def write_sides(directory: Path, name: str, *, seconds: float = 2.0, is_closed: bool = True) -> None:
    """Write both sides as Asterisk does: until it closes a file, the lengths in its header are 0."""
    (directory / name).parent.mkdir(parents=True, exist_ok=True)
    for side in SIDES:
        path = side_file(directory, name, side)
        write_leg(path, spoken((seconds, True)) if seconds else None)
        if not is_closed:
            whole = path.read_bytes()
            path.write_bytes(whole[:4] + bytes(4) + whole[8:40] + bytes(4) + whole[HEADER:])


class Desk:
    """One ended call whose files a test lays out."""

    def __init__(self, directory: Path, database: Database) -> None:
        self.directory = directory
        self.database = database
        self.story = CallStory().rings().lifted().announced().queues().agent_rings().agent_answers()
        self.story.hangs_up(after=20, talking_to="8001")
        self.clock = ClockByHand(self.story.now)
        self.asked: list[str] = []
        self.recordings = Recordings(
            directory=directory, database=database, bus=Bus(), clock=self.clock, wants_transcript=self._ask
        )

    async def _ask(self, name: str) -> None:
        self.asked.append(name)

    async def happens(self) -> None:
        async with self.database.begin() as session:
            await save_call(session, self.story.record)
            await self.recordings.follow(session, self.story.record)

    def writes(self, *, seconds: float = 2.0, is_closed: bool = True) -> None:
        write_sides(self.directory, NAME, seconds=seconds, is_closed=is_closed)

    async def state(self) -> RecordingState | None:
        async with self.database.read() as session:
            found = await recording_of(session, CALL, self.directory)
        return found.state if found else None


@pytest.fixture
async def desk(tmp_path: Path, database: Database) -> Desk:
    desk = Desk(tmp_path, database)
    await desk.happens()
    return desk


async def test_a_recording_is_finished_when_the_switch_has_closed_its_files_and_is_then_transcribed(desk: Desk) -> None:
    desk.writes()

    await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.FINISHED
    assert desk.asked == [NAME]


async def test_a_recording_that_the_switch_has_open_is_still_being_written(desk: Desk) -> None:
    desk.writes(is_closed=False)

    await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.PENDING
    assert desk.asked == []


async def test_a_recording_is_settled_once_however_often_it_is_looked_at(desk: Desk) -> None:
    desk.writes()

    await desk.recordings.settle_all()
    await desk.happens()
    await desk.recordings.settle_all()

    assert desk.asked == [NAME]


async def test_a_call_without_sound_has_an_empty_recording_and_is_not_transcribed(desk: Desk) -> None:
    desk.writes(seconds=0)
    desk.clock.turn(GRACE.total_seconds() + 1)  # a file without sound looks the same open and closed

    await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.EMPTY
    assert desk.asked == []


async def test_a_recording_cut_by_the_switchs_death_is_mended_kept_and_transcribed(desk: Desk) -> None:
    desk.writes(seconds=3, is_closed=False)
    assert seconds_of(side_file(desk.directory, NAME, "caller")) == 0.0
    desk.clock.turn(GRACE.total_seconds() + 1)

    await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.CUT
    assert seconds_of(side_file(desk.directory, NAME, "caller")) == pytest.approx(3.0)
    assert desk.asked == [NAME]


async def test_a_recording_that_is_not_there_after_the_call_is_missing_and_said_so(desk: Desk) -> None:
    desk.clock.turn((GRACE + timedelta(seconds=1)).total_seconds())

    await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.MISSING


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../b", "", "x" * 200])
def test_a_name_that_leads_out_of_the_directory_is_refused(name: str) -> None:
    assert not is_safe_name(name)


def test_garbage_for_a_sound_file_has_no_length(tmp_path: Path) -> None:
    for content in (b"", b"RIFF", b"\xff" * 100, b"RIFF\0\0\0\0WAVEfmt "):
        (tmp_path / "x.wav").write_bytes(content)

        assert seconds_of(tmp_path / "x.wav") == 0.0


async def test_a_recording_that_may_not_be_touched_holds_no_other_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = CallStory(call="hotline-2.0").rings().lifted().announced().hangs_up(after=9).record
    async with desk.database.begin() as session:
        await save_call(session, other)
        await desk.recordings.follow(session, other)
    desk.writes(is_closed=False)
    write_sides(desk.directory, other.recording)
    desk.clock.turn(GRACE.total_seconds() + 60)

    def refuse(_path: Path) -> None:
        raise PermissionError

    monkeypatch.setattr("hotline.recordings.service.mend_header", refuse)

    assert await desk.recordings.settle_all() == 1
    assert await desk.state() is RecordingState.PENDING


async def test_what_was_recorded_before_the_caller_refused_is_removed_and_said_to_be_gone_only_when_it_is(
    desk: Desk,
) -> None:
    desk.story = CallStory().rings().lifted().announced().queues().said("REFUSED", "")
    desk.writes(is_closed=False)
    await desk.happens()

    await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.REFUSED, "the switch is still writing"
    desk.writes(is_closed=True)
    await desk.recordings.settle_all()
    assert await desk.state() is RecordingState.REMOVED
    assert [path for path in desk.directory.rglob(f"{CALL}*") if path.is_file()] == []
    assert desk.asked == []


async def test_a_recording_refused_after_it_was_finished_is_removed_too(desk: Desk) -> None:
    desk.writes()
    await desk.recordings.settle_all()
    desk.story = CallStory().rings().lifted().announced().queues().agent_rings().agent_answers().said("REFUSED", "")
    await desk.happens()

    await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.REMOVED
    assert [path for path in desk.directory.rglob(f"{CALL}*") if path.is_file()] == []


async def test_refusal_wins_over_a_hold_and_both_the_log_and_the_proof_say_so(desk: Desk) -> None:
    await desk.happens()
    desk.writes()
    await desk.recordings.settle_all()
    async with desk.database.begin() as session:
        await hold_recording(session, NAME, is_held=True, who="boss", reason="dispute", at=desk.clock.now())
    desk.story = CallStory().rings().lifted().announced().queues().agent_rings().agent_answers().said("REFUSED", "")

    with capture_logs() as logs:
        await desk.happens()
        await desk.happens()  # a ledger tells the same call again
        await desk.recordings.settle_all()

    assert await desk.state() is RecordingState.REMOVED
    assert sum("under hold" in line["event"] for line in logs) == 1
    assert [line["was_held"] for line in logs if line["event"] == "refused recording removed"] == [True]
    async with desk.database.read() as session:
        (link,) = await removals_after(session, 0)
    assert link.removed.rule == "the caller refused to be recorded, although it was held"


async def test_a_message_left_after_a_refusal_is_kept_as_a_recording_of_its_own(desk: Desk) -> None:
    desk.story = CallStory().rings().lifted().announced().said("REFUSED", "").said("RECORDING", f"{NAME}-message")
    desk.story.said("MESSAGE", "").hangs_up(after=9)
    await desk.happens()

    async with desk.database.read() as session:
        kept = await recording_by_name(session, f"{NAME}-message", desk.directory)
        refused = await recording_by_name(session, NAME, desk.directory)

    assert kept is not None
    assert kept.state is RecordingState.PENDING
    assert refused is not None
    assert refused.state is RecordingState.REFUSED


@pytest.mark.parametrize("is_removed", [False, True])
async def test_message_left_after_a_refusal_is_the_calls_recording_and_not_the_refused_one(
    desk: Desk, is_removed: bool
) -> None:
    desk.story = CallStory().rings().lifted().announced().said("REFUSED", "").said("RECORDING", f"{NAME}-message")
    desk.story.said("MESSAGE", "").hangs_up(after=9)
    await desk.happens()
    if is_removed:
        write_sides(desk.directory, NAME)
        await desk.recordings.settle_all()

    async with desk.database.read() as session:
        found = await recording_of(session, CALL, desk.directory)

    assert found is not None
    assert (found.name, found.state) == (f"{NAME}-message", RecordingState.PENDING)


async def test_refused_file_that_cannot_be_removed_is_tried_again_and_holds_no_other_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = CallStory(call="hotline-2.0").rings().lifted().announced().hangs_up(after=9).record
    async with desk.database.begin() as session:
        await save_call(session, other)
        await desk.recordings.follow(session, other)
    desk.writes()
    write_sides(desk.directory, other.recording)
    desk.story = CallStory().rings().lifted().announced().queues().said("REFUSED", "")
    await desk.happens()
    unlink = Path.unlink

    def refuse(_path: Path, missing_ok: bool = False) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)
    assert await desk.recordings.settle_all() == 1
    assert await desk.state() is RecordingState.REFUSED

    monkeypatch.setattr(Path, "unlink", unlink)
    await desk.recordings.settle_all()
    assert await desk.state() is RecordingState.REMOVED
