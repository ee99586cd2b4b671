from datetime import timedelta

import pytest

from hotline.calls.lateness import was_missed
from hotline.calls.ledger import advance, fold
from hotline.calls.state import LEAVING_UNANSWERED, NEXT, CallState, Outcome
from hotline.calls.story import tell
from tests.fakes.call_story import CALL, START, CallStory


@pytest.fixture
def story() -> CallStory:
    return CallStory()


def led_to_queue(story: CallStory) -> CallStory:
    return story.rings().lifted().announced().enters_menu().presses("1").queues()


def test_a_call_that_goes_the_whole_way_has_both_clocks_menu_queue_agent_and_end(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().hangs_up(after=40, talking_to="8001")

    call = story.record
    assert call.state is CallState.ENDED
    assert call.outcome is Outcome.ANSWERED
    assert call.answer_wait == timedelta(seconds=1)
    assert call.human_wait == timedelta(seconds=5.1)
    assert call.queue_wait == timedelta(seconds=2.1)
    assert call.talk_time == timedelta(seconds=40)
    assert (call.rings_heard, call.menu_path, call.queue, call.agent) == (1, ("1",), "service", "8001")
    assert (call.caller_number, call.dialled, call.direction) == ("13800138501", "96000", "inbound")
    assert (call.notice_version, call.recording) == ("2026-11", f"2026/11/21/{CALL}")
    assert call.ended_by_caller is True
    assert call.hangup_cause == 16
    assert call.oddities == ()


def test_talk_is_over_when_the_agent_leaves_though_the_caller_is_asked_how_it_was(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().agent_leaves(after=40)
    story.waits(9).said("SATISFACTION", "5").hangs_up(after=3)

    call = story.record
    assert (call.talk_time, call.satisfaction) == (timedelta(seconds=40), 5)
    assert call.ended_at is not None
    assert call.talk_ended == call.ended_at - timedelta(seconds=12)


def test_next_agent_takes_the_talk_up_again(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().agent_leaves(after=40)
    story.agent_rings("8002").agent_answers("8002")
    assert story.record.talk_ended is None

    story.hangs_up(after=10, talking_to="8002")

    assert story.record.talk_time == timedelta(seconds=52.1)


def test_the_ledger_never_mixes_the_switch_answer_with_the_human_answer(story: CallStory) -> None:
    led_to_queue(story).hangs_up(after=60)

    assert story.record.answer_wait == timedelta(seconds=1)
    assert story.record.human_wait is None


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (["rings"], Outcome.ABANDONED_RINGING),
        (["rings", "lifted"], Outcome.ABANDONED_ANNOUNCEMENT),
        (["rings", "lifted", "announced", "enters_menu"], Outcome.ABANDONED_MENU),
        (["rings", "lifted", "announced", "enters_menu", "queues"], Outcome.ABANDONED_QUEUE),
    ],
)
def test_a_caller_who_gives_up_is_abandoned_where_they_were(
    story: CallStory, steps: list[str], outcome: Outcome
) -> None:
    for step in steps:
        getattr(story, step)()
    story.hangs_up(after=3)

    assert story.record.outcome is outcome
    assert story.record.oddities == ()


def test_a_phone_nobody_lifts_is_a_ring_without_answer_and_the_next_agent_is_the_one_who_talks(
    story: CallStory,
) -> None:
    led_to_queue(story).agent_rings("8001").agent_stops_ringing("8001")
    story.agent_rings("8002").agent_answers("8002").hangs_up(after=10, talking_to="8002")

    first, second = story.record.rings
    assert (first.agent, first.was_answered) == ("8001", False)
    assert first.ended is not None
    assert first.ended - first.began == timedelta(seconds=15)
    assert (second.agent, second.was_answered) == ("8002", True)
    assert story.record.agent == "8002"


def test_one_call_that_rings_everybody_is_answered_once(story: CallStory) -> None:
    led_to_queue(story).agent_rings("8001").agent_rings("8002").agent_answers("8002").agent_stops_ringing(
        "8001", after=0
    )
    story.hangs_up(after=10, talking_to="8002")

    assert [ring.was_answered for ring in story.record.rings] == [False, True]
    assert story.record.agent == "8002"
    assert story.record.oddities == ()


def test_when_the_agent_hangs_up_first_the_ledger_says_so(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().agent_hangs_up(after=20)

    assert story.record.outcome is Outcome.ANSWERED
    assert story.record.ended_by_caller is False
    assert story.record.oddities == ()


def test_a_call_that_went_on_without_the_service_says_why(story: CallStory) -> None:
    story.rings().lifted().announced().enters_menu().waits(4).said("WITHOUT_SERVICE", "silent").queues()
    story.agent_rings().agent_answers().hangs_up(after=9, talking_to="8001")

    assert story.record.without_service == "silent"
    assert story.record.outcome is Outcome.ANSWERED
    assert story.record.oddities == ()


def test_caller_whom_too_many_calls_kept_out_was_turned_away_and_did_not_give_up(story: CallStory) -> None:
    story.rings().said("FULL_HOUSE", "").lifted(after=0).hangs_up(after=1.5)

    call = story.record
    assert (call.outcome, call.answer_wait, call.is_short_abandon) == (Outcome.TURNED_AWAY, timedelta(0), False)
    assert call.oddities == ()


def test_caller_who_hangs_up_before_the_full_house_is_told_was_turned_away_all_the_same(story: CallStory) -> None:
    story.rings().said("FULL_HOUSE", "").hangs_up()

    assert story.record.outcome is Outcome.TURNED_AWAY


def test_caller_in_danger_who_was_turned_away_reaches_people_by_nine(story: CallStory) -> None:
    story.rings().said("FULL_HOUSE", "").lifted(after=0).waits(3).said("EMERGENCY", "")
    assert story.record.state is CallState.WAITING

    story.agent_rings("8701").agent_answers("8701").hangs_up(after=20, talking_to="8701")

    assert (story.record.outcome, story.record.is_emergency, story.record.oddities) == (Outcome.ANSWERED, True, ())


def test_a_caller_still_waiting_when_the_switch_died_is_owed_a_call(story: CallStory) -> None:
    led_to_queue(story).waits(20).lost_with_the_switch()

    assert story.record.outcome is Outcome.SWITCH_LOST
    assert story.record.state is CallState.ENDED


def test_a_talk_cut_by_the_switch_was_still_answered(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().waits(20).lost_with_the_switch()

    assert story.record.outcome is Outcome.ANSWERED


def test_a_caller_back_in_the_queue_keeps_the_moment_they_first_began_to_wait(story: CallStory) -> None:
    led_to_queue(story)
    first = story.now
    story.waits(300).said("QUEUE_LEFT", "TIMEOUT").queues().agent_rings().agent_answers()

    assert story.record.queued_at == first
    assert story.record.state is CallState.TALKING
    assert story.record.oddities == ()


def test_an_event_the_table_does_not_know_is_kept_as_an_oddity_and_changes_nothing(story: CallStory) -> None:
    led_to_queue(story)
    before = story.record
    story.said("SATISFACTION", "5")

    assert story.record.state is before.state
    assert story.record.satisfaction is None
    assert story.record.oddities == ("SatisfactionGiven while waiting",)


def test_an_internal_call_is_no_request_of_a_resident(story: CallStory) -> None:
    story.rings(context="from-agents", dialled="8002").agent_rings("8002")._row("ANSWER")
    story.agent_answers("8002").hangs_up(after=5, talking_to="8002")

    assert story.record.direction == "internal"
    assert story.record.outcome is Outcome.ANSWERED


def test_folding_twice_gives_the_same_record(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().hangs_up(after=40, talking_to="8001")
    events = tell(story.rows)

    assert fold(CALL, events) == fold(CALL, events)


def test_every_prefix_of_a_call_folds_to_a_state_and_never_fails(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().hangs_up(after=40, talking_to="8001")

    states = [fold(CALL, tell(story.rows[:length])).state for length in range(len(story.rows) + 1)]

    assert states[0] is CallState.NEW
    assert states[-1] is CallState.ENDED
    assert set(states) >= {
        CallState.RINGING,
        CallState.ANSWERED,
        CallState.IN_MENU,
        CallState.WAITING,
        CallState.TALKING,
    }


def test_a_call_is_folded_the_same_whole_or_event_by_event(story: CallStory) -> None:
    led_to_queue(story)
    events = tell(story.rows)

    assert advance(fold(CALL, events[:-1]), events[-1]) == fold(CALL, events)


def test_every_state_a_caller_can_leave_unanswered_has_an_outcome_and_an_end() -> None:
    leavable = {state for (state, _), after in NEXT.items() if after is CallState.ENDED}

    assert leavable - {CallState.TALKING, CallState.ENDED} == set(LEAVING_UNANSWERED)


def test_broken_extras_of_a_row_read_as_empty(story: CallStory) -> None:
    from dataclasses import replace

    story.rings().lifted().said("NOTICE", "x")
    for extra in ("{not json", "[]", '"text"', "null"):
        story.rows[-1] = replace(story.rows[-1], extra=extra)

        assert story.record.notice_version == ""


def test_times_are_the_switchs_own(story: CallStory) -> None:
    story.rings()

    assert story.record.ring_start == START


def test_a_caller_who_hangs_up_between_two_waits_was_abandoned_in_the_queue(story: CallStory) -> None:
    led_to_queue(story).waits(300).said("QUEUE_LEFT", "TIMEOUT").hangs_up(after=4)

    assert story.record.outcome is Outcome.ABANDONED_QUEUE


@pytest.mark.parametrize("is_told_first", [True, False])
def test_phone_that_stops_because_the_caller_is_led_elsewhere_missed_nothing_and_the_one_that_is_let_ring_did(
    story: CallStory, is_told_first: bool
) -> None:
    led_to_queue(story).agent_rings("8003").agent_stops_ringing("8003", after=15).agent_rings("8001", after=2).waits(3)
    if is_told_first:
        story.said("MOVED", "8002").agent_stops_ringing("8001", after=0.002)
    else:
        story.agent_stops_ringing("8001", after=0).waits(0.002).said("MOVED", "8002")
    story.queues("case").agent_rings("8002").agent_stops_ringing("8002", after=5).queues().waits(60).hangs_up()

    call = story.record
    assert call.oddities == ()
    assert [(ring.agent, ring.was_withdrawn) for ring in call.rings] == [
        ("8003", False),
        ("8001", True),
        ("8002", False),
    ]
    assert [ring.agent for ring in call.rings if was_missed(ring, story.now)] == ["8003", "8002"]


def test_phone_that_was_let_ring_for_more_than_three_rings_missed_a_caller_who_is_led_elsewhere(
    story: CallStory,
) -> None:
    led_to_queue(story).agent_rings("8001").agent_stops_ringing("8001", after=12).said("MOVED", "service")
    story.queues().waits(60).hangs_up()

    assert [was_missed(ring, story.now) for ring in story.record.rings] == [True]


def test_a_call_taken_for_lost_whose_end_comes_after_all_is_told_by_its_end(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().lost_with_the_switch()
    story.hangs_up(after=30, talking_to="8001")

    assert story.record.ended_at == story.now
    assert story.record.ended_by_caller is True
    assert story.record.oddities == ()


def test_an_agent_who_lifts_for_a_call_back_and_leaves_before_the_resident_is_there_is_nothing_odd() -> None:
    story = CallStory(number="13800138501")
    story.rings(context="kept-place").said("RETURNS", "hotline-1.1").queues().agent_rings("8001")
    story._row("ANSWER", leg=story._legs["8001"], channel="PJSIP/8001-0000000a")
    bridge = {"bridge_id": "b-8001"}
    story._row("BRIDGE_ENTER", leg=story._legs["8001"], channel="PJSIP/8001-0000000a", extra=bridge)
    story._row("BRIDGE_ENTER", leg="local-2", channel="Local/keep@kept-place-1;2", extra=bridge)
    story._agent_gone("8001")

    call = story.record
    assert (call.direction, call.returns, call.human_answer, call.oddities) == ("outbound", "hotline-1.1", None, ())
    assert [ring.was_answered for ring in call.rings] == [True], "lifted, and not missed"


@pytest.mark.parametrize("context", ["from-agents", "from-supervisors", "record-prompt", "anything"])
def test_only_what_comes_from_the_carrier_is_a_residents_call(story: CallStory, context: str) -> None:
    story.rings(context=context, dialled="*77001")

    assert story.record.direction == "internal"


def test_a_duty_mobile_reached_through_a_local_channel_is_a_human_voice_though_the_switch_keeps_the_channel() -> None:
    story = CallStory().rings().lifted().said("EMERGENCY", "").said("DUTY_RING", "mobile")
    ends = {"l.1": "Local/duty@emergency-00000000;1", "l.2": "Local/duty@emergency-00000000;2"}
    for leg, channel in ends.items():
        story._row("CHAN_START", leg=leg, channel=channel, context="emergency")
    story._row("CHAN_START", leg="m.1", channel="PJSIP/outside-00000007", context="nobody")
    for leg, channel, bridge in (
        ("m.1", "PJSIP/outside-00000007", "b"),
        ("l.2", ends["l.2"], "b"),
        ("l.1", ends["l.1"], "a"),
    ):
        story._row("BRIDGE_ENTER", leg=leg, channel=channel, extra={"bridge_id": bridge})
    assert story.record.human_answer is None, "nobody hears the caller yet"
    story._row("BRIDGE_ENTER", extra={"bridge_id": "a"})

    call = story.record
    assert (call.agent, call.human_answer, call.oddities) == ("mobile", story.now, ())


def test_call_that_an_agent_marked_in_the_talk_is_an_emergency_wherever_the_mark_is_written(story: CallStory) -> None:
    led_to_queue(story).agent_rings().agent_answers().waits(10).said("EMERGENCY_MARKED", "xiaowang")
    [mark] = [row for row in story.rows if row.type == "EMERGENCY_MARKED"]
    story.hangs_up(after=40, talking_to="8001")

    last = [*(row for row in story.rows if row is not mark), mark]  # as rows of our own are read: behind the switch's

    for rows in (story.rows, last):
        call = fold(CALL, tell(rows))
        assert (call.is_emergency, call.state, call.outcome) == (True, CallState.ENDED, Outcome.ANSWERED)
        assert call.oddities == ()
