"""What an agent decided: the table of steps, and what is shown with what the phone does."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.agents.agent import (
    NEXT,
    AgentStepRefused,
    Decided,
    Did,
    ShownState,
    Stand,
    Step,
    advance,
    late_wrap_up,
    pause_wanted,
    shown_state,
    with_more_time,
)
from hotline.queues.board import AgentState as Phone

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
LIMIT = timedelta(seconds=120)


def stands(stand: Stand, **more: object) -> Decided:
    return Decided(**{"stand": stand, "since": NOON - timedelta(minutes=5), **more})  # type: ignore[arg-type]


def did(step: Step, **more: object) -> Did:
    return Did(**{"step": step, "at": NOON, **more})  # type: ignore[arg-type]


def talk_over(now: Decided) -> Decided | None:
    return advance(now, did(Step.TALK_OVER, call_id="c-1", until=NOON + LIMIT))


def test_who_signs_in_is_not_ready_before_they_say_so() -> None:
    now = advance(Decided(), did(Step.SIGN_IN, by="xiaowang"))

    assert now is not None
    assert (now.stand, now.reason, now.by) == (Stand.PAUSED, "signed-in", "xiaowang")


@pytest.mark.parametrize("stand", [Stand.READY, Stand.WRAP_UP, Stand.PAUSED])
def test_second_sign_in_of_who_is_at_work_changes_nothing(stand: Stand) -> None:
    assert advance(stands(stand), did(Step.SIGN_IN)) is None


def test_ready_agent_whose_talk_is_over_wraps_up_until_the_limit() -> None:
    now = talk_over(stands(Stand.READY))

    assert now == Decided(stand=Stand.WRAP_UP, since=NOON, until=NOON + LIMIT, call_id="c-1")


def test_wrap_up_leads_to_ready() -> None:
    now = advance(stands(Stand.WRAP_UP, until=NOON, call_id="c-1"), did(Step.WRAP_UP_OVER))

    assert now == Decided(stand=Stand.READY, since=NOON)


def test_who_was_in_pause_when_the_talk_ended_is_in_that_pause_again_after_the_wrap_up() -> None:
    wrapping = talk_over(stands(Stand.PAUSED, reason="用餐"))
    assert wrapping is not None

    after = advance(wrapping, did(Step.WRAP_UP_OVER))

    assert (wrapping.stand, wrapping.then) == (Stand.WRAP_UP, "用餐")
    assert after is not None
    assert (after.stand, after.reason) == (Stand.PAUSED, "用餐")


def test_pause_that_a_supervisor_set_in_a_talk_is_still_theirs_after_the_wrap_up() -> None:
    wrapping = talk_over(stands(Stand.PAUSED, reason="培训", by="boss"))
    assert wrapping is not None

    after = advance(wrapping, did(Step.WRAP_UP_OVER, by="wang"))

    assert wrapping.by == "boss"
    assert after is not None
    assert (after.reason, after.by) == ("培训", "boss")


def test_second_talk_in_a_wrap_up_keeps_what_follows() -> None:
    now = talk_over(stands(Stand.WRAP_UP, then="培训", call_id="c-0"))

    assert now is not None
    assert (now.call_id, now.then) == ("c-1", "培训")


def test_who_was_paused_for_not_answering_and_talks_after_all_is_ready_after_the_wrap_up() -> None:
    now = talk_over(stands(Stand.PAUSED, reason="no-answer"))

    assert now is not None
    assert now.then == ""


@pytest.mark.parametrize("stand", [Stand.PHONE_ONLY, Stand.SIGNED_OUT])
def test_phone_of_who_is_not_signed_in_has_no_wrap_up_and_is_not_paused_for_not_answering(stand: Stand) -> None:
    assert talk_over(stands(stand)) is None
    assert advance(stands(stand), did(Step.RANG_OUT)) is None


def test_ready_agent_who_does_not_answer_is_paused_with_that_reason_by_the_system() -> None:
    now = advance(stands(Stand.READY), did(Step.RANG_OUT))

    assert now is not None
    assert (now.stand, now.reason, now.by) == (Stand.PAUSED, "no-answer", "")


def test_same_pause_said_twice_is_one() -> None:
    assert advance(stands(Stand.PAUSED, reason="用餐"), did(Step.PAUSE, reason="用餐")) is None
    assert advance(stands(Stand.PAUSED, reason="用餐"), did(Step.PAUSE, reason="休息")) is not None


def test_supervisors_ready_lets_the_phone_alone_of_who_is_signed_out_ring() -> None:
    assert advance(stands(Stand.SIGNED_OUT), did(Step.WAKE)) == Decided(stand=Stand.PHONE_ONLY, since=NOON)
    assert advance(stands(Stand.PAUSED, reason="no-answer"), did(Step.WAKE)) == Decided(stand=Stand.READY, since=NOON)
    assert advance(stands(Stand.PHONE_ONLY), did(Step.WAKE)) is None


def test_signing_out_says_why() -> None:
    pressed, gone = did(Step.SIGN_OUT, by="xiaowang"), did(Step.SIGN_OUT, reason="page-gone")

    assert [advance(stands(Stand.READY), each).reason for each in (pressed, gone)] == ["pressed", "page-gone"]  # type: ignore[union-attr]
    assert advance(stands(Stand.SIGNED_OUT), pressed) is None


@pytest.mark.parametrize("stand", Stand)
@pytest.mark.parametrize("step", Step)
def test_step_that_the_table_does_not_have_changes_nothing(stand: Stand, step: Step) -> None:
    after = advance(stands(stand, reason="用餐"), did(step, reason="外出"))

    assert (after is None) == ((stand, step) not in NEXT)


def test_more_time_is_had_until_the_bound_and_not_beyond() -> None:
    now = stands(Stand.WRAP_UP, since=NOON, until=NOON + LIMIT)
    more = {"more": timedelta(seconds=60), "most": timedelta(seconds=200)}

    once = with_more_time(now, **more)
    twice = with_more_time(once, **more)

    assert [each.until for each in (once, twice)] == [NOON + timedelta(seconds=180), NOON + timedelta(seconds=200)]
    with pytest.raises(AgentStepRefused):
        with_more_time(twice, **more)
    with pytest.raises(AgentStepRefused):
        with_more_time(stands(Stand.READY), **more)


@pytest.mark.parametrize(
    ("stand", "phone", "shown"),
    [
        (Stand.READY, Phone.READY, ShownState.READY),
        (Stand.READY, Phone.PAUSED, ShownState.READY),  # the switch is about to be asked
        (Stand.READY, Phone.SIGNED_OUT, ShownState.NO_PHONE),
        (Stand.READY, None, ShownState.NO_PHONE),
        (Stand.READY, Phone.TALKING, ShownState.TALKING),
        (Stand.PAUSED, Phone.RINGING, ShownState.RINGING),  # an emergency rings everybody
        (Stand.PAUSED, Phone.SIGNED_OUT, ShownState.PAUSED),
        (Stand.WRAP_UP, Phone.PAUSED, ShownState.WRAP_UP),
        (Stand.SIGNED_OUT, Phone.READY, ShownState.SIGNED_OUT),
        (Stand.SIGNED_OUT, Phone.TALKING, ShownState.TALKING),
        (Stand.PHONE_ONLY, Phone.READY, ShownState.READY),
        (Stand.PHONE_ONLY, Phone.PAUSED, ShownState.PAUSED),
        (Stand.PHONE_ONLY, Phone.SIGNED_OUT, ShownState.SIGNED_OUT),
        (Stand.PHONE_ONLY, None, ShownState.SIGNED_OUT),
    ],
)
def test_what_is_shown_is_made_of_what_was_decided_and_what_the_phone_does(
    stand: Stand, phone: Phone | None, shown: ShownState
) -> None:
    assert shown_state(stands(stand), phone) is shown


def test_switch_is_asked_for_a_pause_as_decided_and_for_nothing_where_nothing_was() -> None:
    assert pause_wanted(Decided()) is None
    assert pause_wanted(stands(Stand.PHONE_ONLY)) == (False, "")
    assert pause_wanted(stands(Stand.READY)) == (False, "")
    assert pause_wanted(stands(Stand.PAUSED, reason="用餐")) == (True, "用餐")
    assert pause_wanted(stands(Stand.WRAP_UP)) == (True, "wrap-up")
    assert pause_wanted(stands(Stand.SIGNED_OUT, reason="pressed")) == (True, "signed-out")


@pytest.mark.parametrize(
    ("stand", "decided_before_s", "ended_before_s", "is_late"),
    [
        (Stand.READY, 300, 20, True),
        (Stand.PAUSED, 300, 20, True),
        (Stand.READY, 300, 2, False),  # the switch is about to tell it
        (Stand.READY, 300, 121, False),  # its wrap-up would be over
        (Stand.READY, 10, 20, False),  # they have pressed ready since
        (Stand.READY, 18, 20, False),  # the wrap-up that the switch told of is over
        (Stand.WRAP_UP, 300, 20, False),
        (Stand.SIGNED_OUT, 300, 20, False),
        (Stand.PHONE_ONLY, 300, 20, False),
    ],
)
def test_talk_that_ended_unheard_is_wrapped_up_late_but_not_too_late(
    stand: Stand, decided_before_s: int, ended_before_s: int, is_late: bool
) -> None:
    now = Decided(stand=stand, since=NOON - timedelta(seconds=decided_before_s))
    ended = NOON - timedelta(seconds=ended_before_s)

    found = late_wrap_up(now, talk_ended=ended, seen=NOON, limit=LIMIT, grace=timedelta(seconds=5))

    assert found is is_late


def test_of_whom_nothing_was_said_no_wrap_up_begins_late() -> None:
    now = Decided(stand=Stand.READY)

    assert not late_wrap_up(now, talk_ended=NOON, seen=NOON + LIMIT / 2, limit=LIMIT, grace=timedelta(0))


def test_who_is_signed_in_rests_on_a_page() -> None:
    assert [stand.value for stand in Stand if stands(stand).is_signed_in] == ["ready", "wrap-up", "paused"]
