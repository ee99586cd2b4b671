"""The same desk with its truth in PostgreSQL instead of SQLite."""

import asyncio

import pytest

from hotline.calls.state import CallState, Outcome
from hotline.dutylog.store import entries_of
from hotline.recordings.recording import RecordingState
from hotline.recordings.store import recording_of
from hotline.simulate.scenario import Press, Say
from hotline.transcribe.store import TranscriptState, transcript_of
from tests.fakes.databases import PostgreSQLServer, database_server
from tests.fakes.site import Site

__all__ = ["database_server"]


@pytest.mark.parametrize("database_server", ["postgresql"], indirect=True)
async def test_a_call_goes_the_whole_way_on_postgresql(database_server: PostgreSQLServer) -> None:
    site = Site(HOTLINE_DATABASE_URL=database_server.url(await database_server.create()))
    await site.set_up()
    site.start()
    try:
        await site.ready()
        phone = await site.sign_in_phone("8001")
        async with asyncio.TaskGroup() as both:
            both.create_task(site.agent_answers(phone, Say(site.silence(2), 2), hangs_up=True))
            both.create_task(site.calls_in(Say(site.silence(10), 10), Press("2"), hangs_up=False))
        call = await site.call_of("13800138501", where=lambda found: found.state is CallState.ENDED)

        async def written_down() -> bool:
            async with site.database.read() as session:
                found = await transcript_of(session, call.id)
            return found is not None and found.state is TranscriptState.DONE

        await site.eventually(written_down, limit=120, what="the recording is written down")
        async with site.database.read() as session:
            recording = await recording_of(session, call.id, site.settings.recordings_directory)
            [entry] = await entries_of(session, call.id)
    finally:
        await site.stop()

    assert (call.outcome, call.menu_path, call.oddities) == (Outcome.ANSWERED, ("2",), ())
    assert recording is not None
    assert recording.state is RecordingState.FINISHED
    assert (entry.number, entry.kind) == (1, "complaint")
