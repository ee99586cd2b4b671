"""What leaves the house: masked numbers, times with the centre's offset, stretches of a call."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.ledger import CallRecord, Ring
from hotline.phone import PhoneNumber
from hotline.residents.resident import Home, Household, KnownCaller, Resident, Title
from hotline.web.rooms import CHINA
from hotline.web.telling import call_out, masked, resident_out
from hotline.web.timeline import segments
from hotline.web.words import read_words

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
AT = [START + timedelta(seconds=seconds) for seconds in (0, 1, 8, 20, 30, 60)]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("", ""),
        ("13800138501", "138****8501"),
        ("+8613800138501", "138****8501"),
        ("075588888888", "0755****8888"),
        ("8001", "8001"),
        ("anonymous", "****us"),
        ("x" * 70_000, "****xx"),
    ],
)
def test_number_is_shown_masked(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_whole_number_appears_only_where_it_may() -> None:
    call = CallRecord(id="c", caller_number="13800138501", ring_start=START)

    hidden, whole = (call_out(call, None, is_masked=mask, zone=CHINA) for mask in (True, False))

    assert "13800138501" not in hidden.model_dump_json()
    assert (whole.number, whole.is_masked) == ("13800138501", False)


@pytest.mark.parametrize("name", ["13800138501", "+86 138-0013-8501", "tel:075588888888"])
def test_number_sent_as_the_callers_name_is_hidden_too(name: str) -> None:
    call = CallRecord(id="c", caller_number="13800138501", caller_name=name)

    assert call_out(call, None, is_masked=True, zone=CHINA).caller_name == ""
    assert call_out(call, None, is_masked=False, zone=CHINA).caller_name == name


def test_callers_name_that_is_a_name_stays() -> None:
    assert (
        call_out(CallRecord(id="c", caller_name="ZHANG 3-2"), None, is_masked=True, zone=CHINA).caller_name
        == "ZHANG 3-2"
    )


def test_times_carry_the_centres_offset() -> None:
    told = json.loads(
        call_out(CallRecord(id="c", ring_start=START), None, is_masked=True, zone=CHINA).model_dump_json()
    )

    assert told["ring_start"] == "2026-11-21T09:00:00+08:00"


def test_number_shared_by_two_people_names_nobody() -> None:
    home = Home(3, 2, 501, id=1)
    people = tuple(
        Resident(id=place, home=home, name=name, title=Title.MR) for place, name in enumerate(("张伟", "李明"))
    )
    number = PhoneNumber("+8613800138501")

    both = resident_out(KnownCaller(number=number, residents=people, households=(Household(home=home),)))
    one = resident_out(KnownCaller(number=number, residents=people[:1], households=(Household(home=home),)))

    assert both is not None
    assert one is not None
    assert (both.name, both.home) == ("", "3-2-501")
    assert one.name == "张先生"


def test_call_is_drawn_from_ring_to_talk() -> None:
    call = CallRecord(
        id="c", ring_start=AT[0], switch_answer=AT[1], menu_entered_at=AT[2],
        queued_at=AT[3], human_answer=AT[4], ended_at=AT[5],
    )  # fmt: skip

    parts = segments(call)

    assert [part.kind for part in parts] == ["ringing", "announcement", "menu", "queue", "talk"]
    assert [part.start for part in parts] == AT[:5]
    assert [part.end for part in parts] == AT[1:]


@pytest.mark.parametrize("ended_at", [AT[5], None])
def test_what_follows_the_talk_is_a_stretch_of_its_own(ended_at: datetime | None) -> None:
    call = CallRecord(id="c", ring_start=AT[0], human_answer=AT[3], talk_ended=AT[4], ended_at=ended_at)

    parts = segments(call)

    assert [(part.kind, part.end) for part in parts][1:] == [("talk", AT[4]), ("after-talk", ended_at)]
    assert {part.kind for part in parts} <= set(read_words()["segment"])


def test_moment_between_the_two_receivers_is_no_stretch() -> None:
    call = CallRecord(
        id="c", ring_start=AT[0], human_answer=AT[3], talk_ended=AT[5] - timedelta(milliseconds=40), ended_at=AT[5]
    )

    assert [part.kind for part in segments(call)] == ["ringing", "talk"]


def test_message_is_a_stretch_of_its_own() -> None:
    parts = segments(CallRecord(id="c", ring_start=AT[0], switch_answer=AT[1], queued_at=AT[2], message_at=AT[4]))

    assert [part.kind for part in parts] == ["ringing", "announcement", "queue", "message"]


def test_emergency_waits_for_people_from_the_first_phone_on_though_it_has_no_queue() -> None:
    rings = (Ring(agent="8001", leg="a", began=AT[2]),)
    parts = segments(CallRecord(id="c", ring_start=AT[0], switch_answer=AT[1], is_emergency=True, rings=rings))

    assert [(part.kind, part.start) for part in parts][-1] == ("queue", AT[2])


def test_recording_of_an_older_call_says_when_its_menu_began() -> None:
    old = CallRecord(id="c", ring_start=AT[0], switch_answer=AT[1], recording_start=AT[2], menu_path=("1",))

    assert [part.kind for part in segments(old)] == ["ringing", "announcement", "menu"]


def test_late_call_is_told_with_its_legs_and_the_causes_among_them() -> None:
    call = CallRecord(
        id="c", ring_start=AT[0], switch_answer=AT[1], queued_at=AT[2], human_answer=AT[4], ended_at=AT[5],
        rings=(Ring(agent="8001", leg="a", began=AT[2], ended=AT[3]),),
    )  # fmt: skip

    told = call_out(call, None, is_masked=True, zone=CHINA)

    assert (told.late, told.wait_seconds) == ("human", 30.0)
    assert [(leg.kind, leg.seconds, leg.agents) for leg in told.legs if leg.is_cause] == [
        ("missed", 12.0, ("8001",)), ("queue", 10.0, ()),
    ]  # fmt: skip


def test_call_in_time_is_told_with_its_legs_and_no_cause() -> None:
    call = CallRecord(id="c", ring_start=AT[0], switch_answer=AT[1], human_answer=AT[2], ended_at=AT[5])

    told = call_out(call, None, is_masked=True, zone=CHINA)

    assert told.late is None
    assert [(leg.kind, leg.seconds, leg.is_cause) for leg in told.legs] == [
        ("switch", 1.0, False), ("announcement", 7.0, False),
    ]  # fmt: skip


@pytest.mark.parametrize(("recording", "seconds"), [(AT[1], 7.0), (AT[3], 0.0), (None, None)])
def test_message_is_found_in_the_recording(recording: datetime | None, seconds: float | None) -> None:
    call = CallRecord(id="c", ring_start=AT[0], recording_start=recording, message_at=AT[2])

    assert call_out(call, None, is_masked=True, zone=CHINA).message_seconds == seconds


def test_running_call_has_an_open_end() -> None:
    parts = segments(CallRecord(id="c", ring_start=AT[0], switch_answer=AT[1]))

    assert [(part.kind, part.end) for part in parts] == [("ringing", AT[1]), ("announcement", None)]


def test_call_given_up_while_ringing_is_one_stretch() -> None:
    parts = segments(CallRecord(id="c", ring_start=AT[0], ended_at=AT[2]))

    assert [(part.kind, part.start, part.end) for part in parts] == [("ringing", AT[0], AT[2])]


def test_call_that_never_rang_has_no_picture() -> None:
    assert segments(CallRecord(id="c")) == ()
