"""A talk of hours is one row like any other."""

from datetime import timedelta

from hotline.calls.lateness import how_late
from hotline.calls.state import Outcome
from tests.fakes.call_story import CallStory

TWO_HOURS = timedelta(hours=2)


def test_talk_of_two_hours_is_one_right_row():
    story = CallStory().rings().lifted().announced().enters_menu().presses("1").queues("repair").agent_rings()
    story.agent_answers().agent_leaves(after=TWO_HOURS.total_seconds()).said("SATISFACTION", "5").hangs_up(after=3)

    call = story.record

    assert (call.outcome, call.agent, call.queue, call.satisfaction) == (Outcome.ANSWERED, "8001", "repair", 5)
    assert call.talk_time == TWO_HOURS
    assert call.ended_at is not None
    assert call.ring_start is not None
    assert call.ended_at - call.ring_start > TWO_HOURS
    assert (call.rings_heard, call.oddities, how_late(call)) == (1, (), None)


def test_resident_who_waits_two_hours_in_the_queue_is_one_row_that_is_late():
    call = CallStory().rings().lifted().announced().queues().waits(TWO_HOURS.total_seconds()).hangs_up().record

    assert (call.outcome, call.queue_wait) == (Outcome.ABANDONED_QUEUE, TWO_HOURS)
    assert how_late(call) is not None
