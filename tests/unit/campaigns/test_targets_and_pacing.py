"""What follows from an outcome, how many may begin, and the lives of campaigns and attempts."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.campaigns import attempt as attempts
from hotline.campaigns import campaign as campaigns
from hotline.campaigns import target as targets
from hotline.campaigns.attempt import ALIVE, AttemptState, Outcome, Result, Said, Step, attempt_id
from hotline.campaigns.campaign import (
    Campaign,
    CampaignKind,
    CampaignNeedsAnother,
    CampaignState,
    CampaignStep,
    CampaignStepRefused,
    check_approval,
)
from hotline.campaigns.pacing import Clerks, Load, attempts_to_plan, clerks_allow, line_limit, lines_left, look_ahead
from hotline.campaigns.target import Plan, TargetStep, Tries, plan_after

NOW = datetime(2026, 11, 19, 2, 0, tzinfo=UTC)
FEE = CampaignKind.FEE_REMINDER
UNTRIED = Tries()


def plan(outcome: Outcome, *said: Said, kind: CampaignKind = FEE, tries: Tries = UNTRIED, **known: object) -> Plan:
    result = Result(outcome=outcome, said=frozenset(said), ended_at=NOW, **known)  # type: ignore[arg-type]
    return plan_after(kind, result, tries, NOW, most_rung=3)


def test_busy_line_is_tried_twice_more_a_quarter_of_an_hour_apart_and_then_counts_as_a_try() -> None:
    first = plan(Outcome.BUSY)
    second = plan(Outcome.BUSY, tries=first.tries)
    third = plan(Outcome.BUSY, tries=second.tries)

    assert [one.again_at for one in (first, second)] == [NOW + timedelta(minutes=15)] * 2
    assert third.again_at == NOW + timedelta(hours=2)
    assert third.tries == Tries(rung=1)


def test_number_that_does_not_exist_is_never_tried_again_and_the_homes_next_one_at_once() -> None:
    result = Result(outcome=Outcome.INVALID, ended_at=NOW)

    following = plan_after(FEE, result, Tries(rung=1, busy=1), NOW, most_rung=3, has_further_number=True)

    assert plan(Outcome.INVALID).step is TargetStep.ABANDONED
    assert (following.step, following.again_at, following.tries) == (TargetStep.RETURNED, NOW, Tries(rung=1))


@pytest.mark.parametrize(
    "outcome", [Outcome.NO_ANSWER, Outcome.REFUSED, Outcome.SWITCHED_OFF, Outcome.MACHINE, Outcome.FAX]
)
def test_who_was_not_reached_is_tried_in_the_next_window_three_times_in_all(outcome: Outcome) -> None:
    assert plan(outcome).again_at == NOW + timedelta(hours=2)
    assert plan(outcome, tries=Tries(rung=1)).step is TargetStep.RETURNED
    assert plan(outcome, tries=Tries(rung=2)).step is TargetStep.ABANDONED


def test_fault_of_ours_is_mended_at_once_but_not_for_ever() -> None:
    assert plan(Outcome.FAILED_HERE).again_at == NOW + timedelta(seconds=10)
    assert plan(Outcome.CONGESTION).again_at == NOW + timedelta(minutes=5)
    assert plan(Outcome.FAILED_HERE, tries=Tries(ours=5)).step is TargetStep.ABANDONED


def test_network_that_is_full_is_waited_for_and_nobody_is_given_up_for_it() -> None:
    held = plan(Outcome.CONGESTION, tries=Tries(rung=1, ours=5))

    assert (held.step, held.again_at, held.tries) == (
        TargetStep.RETURNED, NOW + timedelta(minutes=5), Tries(rung=1, ours=5),
    )  # fmt: skip


@pytest.mark.parametrize("key", [Said.HEARD, Said.PAID, Said.DISPUTED, Said.NO_MORE, Said.IS_PERSON])
def test_person_who_listened_is_done(key: Said) -> None:
    assert plan(Outcome.HUMAN, key).step is TargetStep.REACHED


def test_person_who_never_said_who_they_are_was_told_nothing_and_is_tried_again() -> None:
    assert plan(Outcome.HUMAN).step is TargetStep.RETURNED


def test_wrong_person_is_not_rung_again() -> None:
    assert plan(Outcome.HUMAN, Said.WRONG_PERSON).step is TargetStep.ABANDONED


def test_wish_for_another_time_is_kept_to_the_minute() -> None:
    wished = NOW + timedelta(hours=5)

    kept = plan(Outcome.HUMAN, Said.IS_PERSON, Said.LATER, later_at=wished)

    assert (kept.step, kept.again_at, kept.is_wish) == (TargetStep.RETURNED, wished, True)
    assert plan(Outcome.HUMAN, Said.LATER).again_at == NOW + timedelta(hours=2)
    assert plan(Outcome.HUMAN, Said.LATER, tries=Tries(rung=5)).step is TargetStep.ABANDONED


def test_later_and_no_more_means_no_more() -> None:
    assert plan(Outcome.HUMAN, Said.LATER, Said.NO_MORE).step is TargetStep.REACHED


def test_who_gave_up_waiting_for_a_clerk_was_not_reached() -> None:
    assert plan(Outcome.HUMAN, Said.IS_PERSON, Said.CLERK, gave_up_waiting=True).step is TargetStep.RETURNED
    assert plan(Outcome.HUMAN, Said.IS_PERSON, Said.CLERK, reached_agent=True).step is TargetStep.REACHED


def test_call_that_people_are_to_talk_in_is_done_when_they_did() -> None:
    kind = CampaignKind.MISSED_RETURN

    assert plan(Outcome.HUMAN, Said.IS_PERSON, kind=kind).step is TargetStep.RETURNED
    assert plan(Outcome.HUMAN, kind=kind, reached_agent=True).step is TargetStep.REACHED


def test_lines_of_callers_and_those_kept_free_are_no_campaigns() -> None:
    load = Load(lines=30, keep_free=5, inbound=12, ours=10)

    assert lines_left(load) == 3
    assert line_limit(load) == 13
    assert lines_left(Load(lines=8, keep_free=4, inbound=9, ours=0)) == 0
    assert line_limit(Load(lines=8, keep_free=4, inbound=9, ours=0)) == 0


def test_calls_are_planned_no_faster_than_they_may_begin() -> None:
    load = Load(lines=50, keep_free=0, inbound=0, ours=0)

    assert attempts_to_plan(load, per_second=3, seconds=1) == 3
    assert attempts_to_plan(load, per_second=0.2, seconds=1) == 1  # the lines' own clock spaces them out


def test_few_attempts_more_than_there_are_lines_wait_for_the_next_one() -> None:
    def planned(ours: int, *, lines: int = 50, inbound: int = 0, per_second: float = 50) -> int:
        load = Load(lines=lines, keep_free=0, inbound=inbound, ours=ours)
        return attempts_to_plan(load, per_second=per_second, seconds=1)

    assert planned(60) == 7  # a third of the lines
    assert planned(67) == planned(80) == 0
    assert planned(50, per_second=2) == 2
    assert planned(54, per_second=2) == 0  # no more than begin in two seconds
    assert planned(0, lines=8, inbound=8) == 0  # callers have them all: nobody waits for one
    assert look_ahead(Load(lines=1, keep_free=0, inbound=0, ours=0), per_second=1) == 1


def test_no_more_telephones_ring_than_clerks_are_ready() -> None:
    assert clerks_allow(Clerks(ready=3, ringing=1), cap=3) == 2
    assert clerks_allow(Clerks(ready=1, ringing=4), cap=3) == 0
    assert clerks_allow(Clerks(ready=3, ringing=1, callers=1), cap=3) == 1


def test_above_the_abandon_cap_one_clerk_is_held_back() -> None:
    assert clerks_allow(Clerks(ready=3, ringing=0, reached=100, gave_up=4), cap=3) == 2
    assert clerks_allow(Clerks(ready=3, ringing=0, reached=100, gave_up=3), cap=3) == 3
    assert clerks_allow(Clerks(ready=3, ringing=0, reached=5, gave_up=1), cap=3) == 2


def test_attempts_id_sorts_by_time_and_is_read_like_the_switchs_own() -> None:
    from hotline.calls.family import age

    first, second = attempt_id(NOW, 9000), attempt_id(NOW + timedelta(seconds=1), 8000)

    assert first < second
    assert age(first) < age(second) < age("1795054801.5" + "9")


def test_attempt_that_is_over_stays_over() -> None:
    for step in Step:
        for state in (AttemptState.SETTLED, AttemptState.WITHDRAWN):
            assert attempts.after(state, step) is None
    assert attempts.after(AttemptState.PLANNED, Step.CLAIMED) is AttemptState.DIALLING
    assert attempts.after(AttemptState.DIALLING, Step.CLAIMED) is None
    assert attempts.after(AttemptState.RINGING, Step.NEVER_DIALLED) is None  # the log tells of it: it was dialled
    assert AttemptState.SETTLED not in ALIVE


def test_target_that_is_done_is_never_planned() -> None:
    for state in (targets.TargetState.DONE, targets.TargetState.GIVEN_UP, targets.TargetState.SUPPRESSED):
        assert targets.after(state, TargetStep.PLANNED) is None


def test_campaign_is_approved_before_it_starts_unless_nobody_asks_for_that() -> None:
    assert campaigns.after(CampaignState.DRAFT, CampaignStep.STARTED) is CampaignState.RUNNING
    with pytest.raises(CampaignStepRefused, match="second person"):
        campaigns.after(CampaignState.DRAFT, CampaignStep.STARTED, needs_approval=True)
    assert campaigns.after(CampaignState.APPROVED, CampaignStep.STARTED, needs_approval=True) is CampaignState.RUNNING


def test_list_that_changes_after_approval_must_be_approved_again() -> None:
    assert campaigns.after(CampaignState.APPROVED, CampaignStep.IMPORTED) is CampaignState.DRAFT
    with pytest.raises(CampaignStepRefused):
        campaigns.after(CampaignState.RUNNING, CampaignStep.IMPORTED)


def test_stopped_campaign_never_runs_again() -> None:
    for step in CampaignStep:
        with pytest.raises(CampaignStepRefused):
            campaigns.after(CampaignState.STOPPED, step)


def test_nobody_approves_what_they_made() -> None:
    made = Campaign(
        id=1, kind=FEE, name="", state=CampaignState.DRAFT, words="", made_by="wang", made_at=NOW
    )  # fmt: skip

    with pytest.raises(CampaignNeedsAnother):
        check_approval(made, "wang", needs_approval=True)
    check_approval(made, "chen", needs_approval=True)
    check_approval(made, "wang", needs_approval=False)
