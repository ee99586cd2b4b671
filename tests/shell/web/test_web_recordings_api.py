from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete

from hotline.accounts.account import Role
from hotline.calls.state import CallState, Outcome
from hotline.recordings.checks import Checked, Fault, Finding
from hotline.recordings.disk import Disk, DiskState
from hotline.recordings.files import side_file
from hotline.recordings.legs import measure
from hotline.recordings.packer import Packer
from hotline.recordings.recording import RecordingState
from hotline.recordings.sealing import read_key
from hotline.recordings.store import (
    RecordingPictureTable,
    expect_recording,
    picture_of,
    recording_by_name,
    settle_recording,
)
from hotline.settings import RecordingSettings
from hotline.transcribe.packable_store import packable
from hotline.web.store import accesses_of
from tests.fakes.legs import write_leg
from tests.fakes.recorded_calls import voice
from tests.fakes.web_desk import WebDesk

ADDRESS = "/api/v1/calls/c-1/recording"


async def recorded(room: WebDesk, agent: Any = None, **settings: Any) -> None:
    """Leave a call of which both sides were recorded, in the form that a site wants."""
    call = await room.finished_call()
    paths = [side_file(room.rooms.recordings_directory, call.recording, side) for side in ("caller", "agent")]
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    write_leg(paths[0], voice(20))
    write_leg(paths[1], voice(20, seed=2) if agent is None else agent)
    measured = measure(*paths)
    async with room.database.begin() as session:
        await expect_recording(session, name=call.recording, call_id="c-1", began=room.clock.now())
    async with room.database.begin() as session:
        await settle_recording(session, call.recording, RecordingState.FINISHED, 20.0, measured)
    await room.transcribing()
    await room.transcribed()
    (room.home / "key").write_text("ab" * 32)
    now = room.clock.now()
    await Packer(
        directory=room.rooms.recordings_directory, key_file=room.home / "key", settings=RecordingSettings(**settings),
        database=room.database, ready=partial(packable, begun_by=now, waited_since=now - timedelta(days=2)),
    ).round()  # fmt: skip


def long_ago(room: WebDesk) -> Any:
    return room.clock.now() - timedelta(days=1)


def key_of(home: Any) -> Any:
    return lambda: read_key(home / "key")


@pytest.mark.parametrize(
    ("settings", "media"),
    [
        ({"pack": "none"}, "audio/wav"),
        ({"pack": "flac"}, "audio/flac"),
        ({"pack": "opus"}, "audio/ogg"),
        ({"pack": "flac", "encrypt": True}, "audio/flac"),
    ],
)
async def test_player_is_given_any_stretch_of_both_sides_whatever_the_form(desk, tmp_path, settings, media):
    async with desk(recording_key=key_of(tmp_path)) as room:
        await recorded(room, **settings)
        client = await room.signed_in()

        whole = await client.get(f"{ADDRESS}?side=both")
        content = await whole.read()
        begun = await client.get(f"{ADDRESS}?side=both", headers={"Range": "bytes=0-"})
        middle = await client.get(f"{ADDRESS}?side=both", headers={"Range": "bytes=70000-140001"})
        end = await client.get(f"{ADDRESS}?side=both", headers={"Range": "bytes=-10"})
        beyond = await client.get(f"{ADDRESS}?side=both", headers={"Range": f"bytes={len(content)}-"})

        assert (whole.status, whole.headers["Content-Type"], whole.headers["Accept-Ranges"]) == (200, media, "bytes")
        assert (begun.status, await begun.read()) == (206, content)
        stop = min(140002, len(content))
        assert (middle.status, await middle.read()) == (206, content[70000:stop])
        assert middle.headers["Content-Range"] == f"bytes 70000-{stop - 1}/{len(content)}"
        assert (end.status, await end.read()) == (206, content[-10:])
        assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(content)}")


async def test_one_side_of_a_packed_recording_is_still_given_and_each_listening_is_logged_once(desk):
    async with desk() as room:
        await recorded(room)
        client = await room.signed_in()

        side = await client.get(f"{ADDRESS}?side=agent&reason=复核")
        await client.get(f"{ADDRESS}?side=both", headers={"Range": "bytes=0-"})
        await client.get(f"{ADDRESS}?side=both", headers={"Range": "bytes=100-"})

        content = await side.read()
        assert np.array_equal(np.frombuffer(content[44:], "<i2"), voice(20, seed=2))
        async with room.database.read() as session:
            accesses = [(who, side, reason) for _, who, _, side, reason in await accesses_of(session, "c-1")]
            assert accesses == [("xiaowang", "agent", "复核"), ("xiaowang", "both", "")]


async def test_picture_of_both_sides_is_given_and_a_look_at_it_is_no_playback(desk):
    async with desk() as room:
        await recorded(room)
        client = await room.signed_in()

        picture = await (await client.get(f"{ADDRESS}/picture")).json()

        assert picture["seconds"] == 20.0
        assert len(picture["caller"]) == len(picture["agent"]) == 600
        assert max(picture["agent"]) > 30
        async with room.database.read() as session:
            assert await accesses_of(session, "c-1") == []


async def test_picture_of_a_recording_from_before_there_were_pictures_is_made(desk):
    async with desk() as room:
        await room.finished_call()
        await room.recorded()
        client = await room.signed_in()

        for _ in range(2):
            picture = await (await client.get(f"{ADDRESS}/picture")).json()
            assert len(picture["caller"]) == 600


async def test_silent_side_is_told_with_the_call(desk):
    async with desk() as room:
        await recorded(room, agent=np.zeros(160000, np.int16))
        client = await room.signed_in()

        call = await (await client.get("/api/v1/calls/c-1")).json()

        assert call["recording"]["oddities"] == ["silent-agent"]
        assert (call["recording"]["form"], call["recording"]["sides"]) == ("flac", ["caller", "agent"])


async def test_encrypted_sound_without_its_key_is_an_answer_with_what_to_do(desk, tmp_path):
    async with desk(recording_key=key_of(tmp_path)) as room:
        await recorded(room, encrypt=True)
        (tmp_path / "key").unlink()
        client = await room.signed_in()

        answer = await client.get(f"{ADDRESS}?side=both")

        assert (answer.status, (await answer.json())["error"]["id"]) == (503, "recording-key-missing")


async def test_changed_encrypted_sound_is_never_given(desk, tmp_path):
    async with desk(recording_key=key_of(tmp_path)) as room:
        await recorded(room, encrypt=True)
        (path,) = room.rooms.recordings_directory.rglob("*.sealed")
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(content)
        client = await room.signed_in()

        answer = await client.get(f"{ADDRESS}?side=both")

        assert (answer.status, (await answer.json())["error"]["id"]) == (500, "recording-seal-broken")


async def test_supervisor_holds_and_releases_a_recording_with_the_reason(desk):
    async with desk() as room:
        await recorded(room)
        client = await room.signed_in("boss")

        held = await client.post(f"{ADDRESS}/hold", json={"is_held": True, "reason": "费用争议"})
        again = await client.post(f"{ADDRESS}/hold", json={"is_held": True, "reason": "费用争议"})
        released = await client.post(f"{ADDRESS}/hold", json={"is_held": False, "reason": "已解决"})

        assert (held.status, (await held.json())["is_held"]) == (200, True)
        assert (again.status, (await again.json())["error"]["id"]) == (409, "recording-hold-refused")
        assert (released.status, (await released.json())["is_held"]) == (200, False)


async def test_hold_covers_every_recording_of_the_call(desk):
    async with desk() as room:
        await recorded(room)
        async with room.database.begin() as session:
            await expect_recording(session, name="2026/11/21/older", call_id="c-1", began=long_ago(room))
        client = await room.signed_in("boss")

        held = await client.post(f"{ADDRESS}/hold", json={"is_held": True, "reason": "费用争议"})

        assert held.status == 200
        async with room.database.read() as session:
            older = await recording_by_name(session, "2026/11/21/older", room.home)
        assert older.is_held


@pytest.mark.parametrize("settings", [{"pack": "none"}, {"pack": "flac"}], ids=["sides", "packed"])
async def test_picture_of_files_that_are_away_is_not_there_and_nothing_is_kept(desk, settings):
    async with desk() as room:
        await recorded(room, **settings)
        name = room.calls["c-1"].recording
        async with room.database.begin() as session:
            await session.execute(delete(RecordingPictureTable))
        client = await room.signed_in()
        place = room.rooms.recordings_directory
        away = place.rename(place.with_name("away"))

        missing = await client.get(f"{ADDRESS}/picture")

        away.rename(place)
        assert missing.status == 404
        async with room.database.read() as session:
            assert await picture_of(session, name) is None
        assert max((await (await client.get(f"{ADDRESS}/picture")).json())["caller"]) > 0


async def test_one_side_of_a_damaged_packed_file_is_told_by_its_name(desk):
    async with desk() as room:
        await recorded(room, pack="flac")
        (path,) = room.rooms.recordings_directory.rglob("*.flac")
        path.write_bytes(path.read_bytes()[:60])
        client = await room.signed_in()

        answer = await client.get(f"{ADDRESS}?side=caller")

        assert (answer.status, (await answer.json())["error"]["id"]) == (500, "recording-error")


async def test_agent_may_not_hold_a_recording_and_nobody_without_a_reason(desk):
    async with desk() as room:
        await recorded(room)
        agent, boss = await room.signed_in(), await room.signed_in("boss")

        assert (await agent.post(f"{ADDRESS}/hold", json={"is_held": True, "reason": "x"})).status == 403
        assert (await boss.post(f"{ADDRESS}/hold", json={"is_held": True, "reason": " "})).status == 422


@pytest.mark.parametrize(
    ("state", "told"),
    [(DiskState.ROOMY, []), (DiskState.LOW, ["disk-low"]), (DiskState.NEARLY_FULL, ["disk-nearly-full"])],
)
async def test_every_page_may_ask_whether_the_disk_gets_full(desk, state, told):
    async with desk(disk=lambda: Disk(state=state, free_mb=3000, call_hours=26)) as room:
        client = await room.signed_in()

        notices = (await (await client.get("/api/v1/notices")).json())["notices"]

        assert [notice["id"] for notice in notices] == told
        assert all((notice["free_mb"], notice["call_hours"]) == (3000, 26) for notice in notices)


async def test_callers_turned_away_within_the_hour_are_said_at_the_top_of_every_page(desk):
    async with desk() as room:
        client = await room.signed_in()
        for call_id, minutes, outcome in (
            ("c-1", 59, Outcome.TURNED_AWAY), ("c-2", 2, Outcome.TURNED_AWAY), ("c-3", 61, Outcome.TURNED_AWAY),
            ("c-4", 2, Outcome.ABANDONED_QUEUE),
        ):  # fmt: skip
            rang = room.clock.now() - timedelta(minutes=minutes)
            await room.goes_on(
                call_id, ring_start=rang, ended_at=rang + timedelta(seconds=10), state=CallState.ENDED, outcome=outcome
            )  # fmt: skip

        [notice] = (await (await client.get("/api/v1/notices")).json())["notices"]

        assert (notice["id"], notice["turned_away"], notice["free_mb"]) == ("full-house", 2, None)


async def test_room_and_faults_stand_in_the_metrics(desk):
    finding = Finding(fault=Fault.ORPHAN, file="x", what_to_do="y")
    disk = Disk(state=DiskState.LOW, free_mb=3000, call_hours=26)
    async with desk(disk=lambda: disk, checked=lambda: Checked(5, 9, (finding,))) as room:
        client = await room.machine(Role.ADMIN)

        told = await (await client.get("/metrics")).text()

        assert "hotline_recordings_disk_free_bytes 3e+09" in told
        assert 'hotline_recording_faults{fault="orphan"} 1.0' in told
        assert 'hotline_recording_faults{fault="missing"} 0.0' in told
