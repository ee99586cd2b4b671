"""Calls become incidents: once, in any order, one open incident a building, nobody who registered forgotten."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import event, text

from hotline.bus import Change, Subject
from hotline.calls.state import CallState
from hotline.database import Database
from hotline.errors import HotlineError
from hotline.followups.reading_store import follow_up_by_id
from hotline.followups.service import FollowUps
from hotline.followups.store import open_of_incident
from hotline.incidents.incident import (
    FIXED_SENTENCE,
    BuildingUnknown,
    IncidentOpen,
    IncidentState,
    IncidentStepRefused,
    IncidentUnknown,
)
from hotline.incidents.store import find_incident, raise_incident, registered_calls, steps_of
from hotline.settings import FollowUpSettings


@dataclass(frozen=True)
class Sound:
    name: str


class VoiceAway(HotlineError):
    error_id = "voice-away"


async def test_three_homes_of_a_building_raise_one_suspected_incident(building):
    incidents = building.room()
    for room, minute in ((1101, 0), (1201, 5), (1301, 10)):
        await building.rings(incidents, room, minute)

    assert await building.all() == [(3, "suspected", 3, 3)]
    assert await incidents.present(3) is None


async def test_one_home_that_calls_three_times_raises_nothing(building):
    incidents = building.room()
    for minute in (0, 1, 2):
        await building.rings(incidents, 1101, minute)

    assert await building.all() == []


async def test_homes_of_different_buildings_and_strangers_raise_nothing(building):
    incidents = building.room()
    for room in (1101, 1201, 2101, 2201, "13800139999", "13900000000", ""):
        await building.rings(incidents, room, 1)

    assert await building.all() == []


async def test_homes_calling_over_a_longer_time_raise_nothing(building):
    incidents = building.room(minutes=15)
    for room, minute in ((1101, 0), (1201, 10), (1301, 16)):
        await building.rings(incidents, room, minute)

    assert await building.all() == []


async def test_further_calls_join_the_open_incident(building):
    incidents = building.room()
    for room, minute in ((1101, 0), (1201, 1), (1301, 2), (1401, 3), (1501, 40), (1101, 41)):
        await building.rings(incidents, room, minute)

    assert await building.all() == [(3, "suspected", 6, 5)]


async def test_following_a_call_again_changes_nothing(building):
    incidents = building.room()
    calls = [await building.rings(incidents, room, minute) for room, minute in ((1101, 0), (1201, 1), (1301, 2))]
    before = await building.list_of(1)

    await building.follows(incidents, *calls, *reversed(calls))

    assert await building.list_of(1) == before
    assert await building.all() == [(3, "suspected", 3, 3)]


@pytest.mark.parametrize("order", list(permutations(range(4)))[::5])
async def test_order_in_which_the_ledger_reads_calls_makes_no_difference(building, order):
    incidents = building.room()
    calls = [building.call(room, minute) for room, minute in ((1101, 0), (1201, 5), (1301, 10), (1401, 11))]

    await building.follows(incidents, *(calls[place] for place in order))

    assert await building.all() == [(3, "suspected", 4, 4)]


async def test_caller_counts_only_once_it_is_known_what_they_want(building):
    incidents = building.room()
    await building.rings(incidents, 1101, 0)
    await building.rings(incidents, 1201, 1)
    third = building.call(1301, 2, queued_at=None, state=CallState.IN_MENU, request="enquiry")
    await building.follows(incidents, third)
    assert await building.all() == []

    await building.rings(incidents, 1401, 3)

    assert await building.all() == [(3, "suspected", 3, 3)]


async def test_rule_may_confirm_at_once(building):
    incidents = building.room(confirmed_by="rule")
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)

    present = await incidents.present(3)

    assert present is not None
    assert (present.state, present.raised_by, present.notice.prompt()) == (
        IncidentState.CONFIRMED,
        "rule",
        FIXED_SENTENCE,
    )
    assert await incidents.present(4) is None


async def test_rule_does_not_confirm_calls_read_long_after_they_were_made(building):
    incidents = building.room(confirmed_by="rule")
    building.clock.turn(6 * 3600)
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)

    assert await building.all() == [(3, "suspected", 3, 3)]


async def test_dismissed_incident_is_not_raised_again_for_the_same_calls(building):
    incidents = building.room()
    calls = [await building.rings(incidents, room, minute) for room, minute in ((1101, 0), (1201, 1), (1301, 2))]
    await incidents.dismiss(1, who="boss", reason="三件不同的事")

    await building.follows(incidents, *calls)
    await building.rings(incidents, 1401, 4)
    await building.rings(incidents, 1501, 5)
    assert await building.all() == [(3, "dismissed", 3, 3)]
    await building.rings(incidents, 1601, 6)

    assert await building.all() == [(3, "dismissed", 3, 3), (3, "suspected", 3, 3)]


async def test_call_read_late_goes_to_the_incident_of_its_moment_and_counts_for_no_new_one(building):
    incidents = building.room()
    late = building.call(1401, 2.5)
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)
    building.clock.turn(60)
    await incidents.dismiss(1, who="boss", reason="三件不同的事")

    await building.follows(incidents, late)

    assert await building.all() == [(3, "dismissed", 4, 4)]


async def test_after_it_is_over_a_new_one_needs_as_many_homes_again(building):
    incidents = building.room()
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)
    await incidents.confirm(1, who="boss")
    await incidents.end(1, who="boss", what_was_done="水管已修好")

    for room, minute in ((1101, 3), (1201, 4)):
        await building.rings(incidents, room, minute)
    assert await building.all() == [(3, "over", 3, 3)]
    await building.rings(incidents, 1401, 5)

    assert await building.all() == [(3, "over", 3, 3), (3, "suspected", 3, 3)]


async def test_caller_who_registers_is_on_the_list_and_told_when_it_is_over(building):
    incidents = building.room(confirmed_by="rule")
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)
    told = await building.rings(incidents, 1401, 3, incident="1", queued_at=None, state=CallState.IN_MENU)
    joined = await building.rings(incidents, 1501, 4, incident="1", joined_incident=True, queued_at=None)
    await building.follows(incidents, joined)

    incident, owed = await incidents.end(1, who="boss", what_was_done="水管已修好")

    assert (owed, building.owed) == ([joined.id], ["1"])
    assert incident.state is IncidentState.OVER
    assert {call.call_id: call.is_registered for call in await building.list_of(1)}[told.id] is False
    assert await incidents.present(3) is None


async def test_caller_whose_registration_is_read_after_the_end_is_owed_a_word_once(building):
    incidents = building.room(confirmed_by="rule")
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)
    await incidents.end(1, who="boss", what_was_done="水管已修好")
    building.owed.clear()

    joined = await building.rings(incidents, 1401, 3, incident="1", joined_incident=True)
    await building.follows(incidents, joined, joined)

    assert building.owed == ["1"]
    assert next(call.call_id for call in await building.list_of(1)) == joined.id


async def test_what_is_owed_to_who_registered_falls_due_with_the_end(building):
    follow_ups = FollowUps(settings=FollowUpSettings(), clock=building.clock)
    incidents = building.room()
    incidents._when_over = follow_ups.incident_over
    await incidents.raise_by_hand(3, who="boss")

    async def registers(call):
        async with building.database.begin() as session:
            await follow_ups.follow(session, call)
            await incidents.follow(session, call)

    async def waiting():
        async with building.database.read() as session:
            return len(await open_of_incident(session, "1"))

    early, late = (building.call(room, 1, incident="1", joined_incident=True) for room in (1101, 1201))
    await registers(early)
    assert await waiting() == 1
    await incidents.end(1, who="boss", what_was_done="好了")
    assert await waiting() == 0
    await registers(late)

    assert await waiting() == 0
    async with building.database.read() as session:
        owed = [await follow_up_by_id(session, number) for number in (1, 2)]
    assert [one.call_id for one in owed] == [early.id, late.id]
    assert [one.due for one in owed] == [building.clock.now() + timedelta(minutes=30)] * 2


async def test_registration_for_no_incident_of_ours_is_a_call_like_any_other(building):
    incidents = building.room()
    for minute, named in enumerate(("77", "none", "9" * 30)):
        await building.rings(incidents, 1101 + 100 * minute, minute, incident=named, joined_incident=True)

    assert await building.all() == [(3, "suspected", 3, 3)]
    assert [call.is_registered for call in await building.list_of(1)] == [False] * 3


async def test_stranger_who_registers_is_told_too_but_counts_as_no_home(building):
    incidents = building.room(confirmed_by="rule")
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)
    stranger = await building.rings(incidents, "13900000000", 3, incident="1", joined_incident=True)

    assert await building.all() == [(3, "confirmed", 4, 3)]
    assert (await incidents.end(1, who="boss", what_was_done="好了"))[1] == [stranger.id]


async def test_when_telling_everyone_fails_the_incident_is_not_over(building):
    incidents = building.room(confirmed_by="rule")
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)

    async def fails(_session, _calls):
        raise VoiceAway("no")

    incidents._when_over = fails
    with pytest.raises(VoiceAway):
        await incidents.end(1, who="boss", what_was_done="好了")

    assert await building.all() == [(3, "confirmed", 3, 3)]


async def test_two_writers_at_once_raise_one_incident(building):
    async def raised(by):
        async with building.database.begin() as session:
            return await raise_incident(
                session,
                building=3,
                state=IncidentState.SUSPECTED,
                since=building.clock.now(),
                by=by,
                at=building.clock.now(),
            )

    found = await asyncio.gather(*(raised(f"writer-{place}") for place in range(6)))

    assert len([incident for incident in found if incident is not None]) == 1
    assert await building.all() == [(3, "suspected", 0, 0)]


async def somebody_waits(database: Database) -> None:
    """Return once a session waits for a row of another. SQLite has one writer at a time: who asks at all waits."""
    while database.engine.dialect.name == "postgresql":
        async with database.read() as session:
            if await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                return
        await asyncio.sleep(0.01)


async def test_writer_who_comes_while_another_is_writing_waits_and_finds_it(building):
    values = {
        "building": 3,
        "state": IncidentState.SUSPECTED,
        "since": building.clock.now(),
        "at": building.clock.now(),
    }
    written, at_the_door = asyncio.Event(), asyncio.Event()
    # Another process: those of one process write by turn.
    another = Database(building.database.engine.url.render_as_string(hide_password=False))

    def asks(*_: object) -> None:
        if written.is_set():
            at_the_door.set()

    async def first():
        async with building.database.begin() as session:
            assert await raise_incident(session, by="first", **values) is not None
            written.set()
            async with asyncio.timeout(10):
                await at_the_door.wait()
                await somebody_waits(building.database)

    async def second():
        await written.wait()
        async with another.begin() as session:
            return await raise_incident(session, by="second", **values)

    event.listen(another.engine.sync_engine, "before_cursor_execute", asks)
    _, found = await asyncio.gather(first(), second())

    assert found is None
    await another.close()


async def test_two_calls_read_at_once_that_each_make_a_surge_raise_one_incident(building):
    incidents = building.room(calls=2)
    await building.rings(incidents, 1101, 0)
    second, third = building.call(1201, 1), building.call(1301, 2)

    await asyncio.gather(building.follows(incidents, second), building.follows(incidents, third))

    assert await building.all() == [(3, "suspected", 3, 3)]


async def test_caller_who_registers_while_it_is_being_ended_is_not_forgotten(building):
    follow_ups = FollowUps(settings=FollowUpSettings(), clock=building.clock)
    incidents = building.room()
    incidents._when_over = follow_ups.incident_over
    await incidents.raise_by_hand(3, who="boss")
    calls = [building.call(room, 1, incident="1", joined_incident=True) for room in (1101, 1201, 1301)]

    async def registers(call):
        async with building.database.begin() as session:
            await follow_ups.follow(session, call)
            await incidents.follow(session, call)

    await asyncio.gather(
        registers(calls[0]),
        registers(calls[1]),
        incidents.end(1, who="boss", what_was_done="好了"),
        registers(calls[2]),
    )

    async with building.database.read() as session:
        assert await open_of_incident(session, "1") == []
        assert await registered_calls(session, 1) == [call.id for call in calls]


async def test_closed_building_may_have_many_incidents_behind_it(building):
    incidents = building.room()
    for _ in range(3):
        await incidents.raise_by_hand(3, who="boss")
        await incidents.end(await building.newest(), who="boss", what_was_done="好了")
        building.clock.turn(1)

    assert await building.all() == [(3, "over", 0, 0)] * 3


async def test_incident_raised_by_hand_is_told_at_once_and_holds_the_last_callers(building):
    incidents = building.room()
    await building.rings(incidents, 1101, 0)
    await building.rings(incidents, 1201, 20)

    incident = await incidents.raise_by_hand(3, who="boss", text="三栋停水，正在抢修")

    assert await incidents.present(3) == incident
    assert await building.all() == [(3, "confirmed", 1, 1)]
    with pytest.raises(IncidentOpen):
        await incidents.raise_by_hand(3, who="boss")
    with pytest.raises(BuildingUnknown):
        await incidents.raise_by_hand(88, who="boss")


async def test_every_step_says_who_and_when_and_stays(building):
    incidents = building.room()
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)
    raised = building.clock.now()
    building.clock.turn(60)
    await incidents.confirm(1, who="boss", text="三栋水管爆裂")
    await incidents.set_notice(1, who="root", recording="phoned-in-7")
    await incidents.end(1, who="boss", what_was_done="已修好")

    async with building.database.read() as session:
        steps = await steps_of(session, 1)

    now = building.clock.now()
    assert [(step.at, step.who, step.act.value, step.words) for step in steps] == [
        (raised, "rule", "raise", ""),
        (now, "boss", "confirm", "三栋水管爆裂"),
        (now, "root", "notice", "phoned-in-7"),
        (now, "boss", "end", "已修好"),
    ]


async def test_step_that_makes_no_sense_is_refused_and_leaves_no_trace(building):
    incidents = building.room()
    await incidents.raise_by_hand(3, who="boss")

    with pytest.raises(IncidentStepRefused):
        await incidents.dismiss(1, who="boss", reason="不是")
    with pytest.raises(IncidentUnknown):
        await incidents.confirm(2, who="boss")

    async with building.database.read() as session:
        assert [step.act.value for step in await steps_of(session, 1)] == ["raise", "confirm"]


async def test_typed_notice_is_made_into_sound_when_it_is_saved(building):
    asked = []

    async def speak(text, language):
        asked.append((text, language))
        return Sound("free/0123abcd")

    incidents = building.room(speak_text=speak)
    await incidents.raise_by_hand(3, who="boss")
    await incidents.set_notice(1, who="boss", text="三栋水管爆裂")

    present = await incidents.present(3)

    assert asked == [("三栋水管爆裂", "zh")]
    assert (present.notice.prompt(), present.notice.prompt("en")) == ("free/0123abcd", FIXED_SENTENCE)


async def test_notice_that_cannot_be_spoken_leaves_the_fixed_sentence_and_says_why(building):
    async def speak(_text, _language):
        raise VoiceAway("the engine is not installed")

    incidents = building.room(speak_text=speak)
    await incidents.raise_by_hand(3, who="boss", text="三栋水管爆裂")
    notice = (await incidents.present(3)).notice

    assert (notice.text, notice.prompt(), notice.trouble) == ("三栋水管爆裂", FIXED_SENTENCE, "voice-away")


async def test_voice_that_takes_too_long_leaves_the_fixed_sentence(building, monkeypatch):
    monkeypatch.setattr("hotline.incidents.service.SPEAK_WITHIN", 0.01)

    async def speak(_text, _language):
        await asyncio.Event().wait()
        return Sound("")

    incidents = building.room(speak_text=speak)
    incident = await incidents.raise_by_hand(3, who="boss", text="三栋水管爆裂")

    assert incident.notice.trouble == "voice-too-slow"


async def test_site_without_a_voice_says_the_fixed_sentence(building):
    incident = await building.room().raise_by_hand(3, who="boss", text="三栋水管爆裂")

    assert (incident.notice.prompt(), incident.notice.trouble) == (FIXED_SENTENCE, "no-voice")


async def test_recording_that_is_not_there_is_refused_and_the_notice_stays(building):
    def find(recording):
        if recording != "site/water":
            raise VoiceAway("there is no such sound")

    incidents = building.room(find_sound=find)
    await incidents.raise_by_hand(3, who="boss", recording="site/water")
    with pytest.raises(VoiceAway):
        await incidents.set_notice(1, who="boss", recording="site/fire")

    assert (await incidents.present(3)).notice.prompt() == "site/water"


async def test_what_a_supervisor_does_is_published_after_it_is_so(building):
    incidents = building.room(confirmed_by="rule")
    for room, minute in ((1101, 0), (1201, 1), (1301, 2)):
        await building.rings(incidents, room, minute)
    joined = await building.rings(incidents, 1401, 3, incident="1", joined_incident=True)

    with building.bus.listening() as box:
        await incidents.end(1, who="boss", what_was_done="好了")
        published = [box.get_nowait() for _ in range(box.qsize())]

    assert published == [Change(Subject.INCIDENT, "1"), Change(Subject.FOLLOW_UP)]
    async with building.database.read() as session:
        assert (await find_incident(session, 1)).is_open is False
        assert await registered_calls(session, 1) == [joined.id]
