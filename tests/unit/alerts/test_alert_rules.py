"""The rules and their engine: raised once, ended once, no flapping, and what is not known changes nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.alerts.alert import NEXT, AlertState, AlertStep, AlertStepRefused, Rule, after
from hotline.alerts.engine import Key, Since, Steps, step
from hotline.alerts.gap import Gap, gap_before, is_worth_marking
from hotline.alerts.rules import HOLDS, Facts, Judged, Judgement, Limits, Verdict, judge

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def verdict(rule: Rule, facts: Facts, limits: Limits | None = None) -> Verdict | None:
    found = [one.verdict for one in judge(facts, limits or Limits()).verdicts if one.rule is rule]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("rule", "facts", "said"),
    [
        (Rule.WAIT, Facts(longest_wait=s(15)), Verdict.BETWEEN),
        (Rule.WAIT, Facts(longest_wait=s(15.1)), Verdict.BAD),
        (Rule.WAIT, Facts(longest_wait=s(0)), Verdict.GOOD),
        (Rule.WAIT, Facts(), None),
        (Rule.THREE_RINGS, Facts(within_three_rings=4, offered=5), Verdict.BAD),
        (Rule.THREE_RINGS, Facts(within_three_rings=0, offered=4), Verdict.BETWEEN),
        (Rule.THREE_RINGS, Facts(within_three_rings=9, offered=10), Verdict.BETWEEN),
        (Rule.THREE_RINGS, Facts(within_three_rings=94, offered=100), Verdict.GOOD),
        (Rule.THREE_RINGS, Facts(within_three_rings=0, offered=0), Verdict.GOOD),
        (Rule.NOBODY_READY, Facts(nobody_ready=s(61)), Verdict.BAD),
        (Rule.NOBODY_READY, Facts(nobody_ready=s(30)), Verdict.BETWEEN),
        (Rule.NOBODY_READY, Facts(), None),
        (Rule.DISK, Facts(disk_free_mb=4999), Verdict.BAD),
        (Rule.DISK, Facts(disk_free_mb=5200), Verdict.BETWEEN),
        (Rule.DISK, Facts(disk_free_mb=5500), Verdict.GOOD),
        (Rule.LINK, Facts(link_down=s(16)), Verdict.BAD),
        (Rule.LINK, Facts(link_down=s(0)), Verdict.GOOD),
        (Rule.BACKLOG, Facts(backlog=51), Verdict.BAD),
        (Rule.BACKLOG, Facts(backlog=45), Verdict.BETWEEN),
        (Rule.BACKLOG, Facts(backlog=40), Verdict.GOOD),
        (Rule.FULL_HOUSE, Facts(turned_away=1), Verdict.BAD),
        (Rule.FULL_HOUSE, Facts(turned_away=0), Verdict.GOOD),
    ],
)
def test_each_rule_has_its_threshold_and_its_band(rule: Rule, facts: Facts, said: Verdict | None) -> None:
    assert verdict(rule, facts) == said


def test_a_rule_whose_facts_nobody_knows_ends_nothing() -> None:
    steps = step(judge(Facts(), Limits()), standing={(Rule.LINK, "")}, since={}, now=NOW)

    assert steps == Steps(raised=(), ended=(), since={})


def test_a_rule_that_was_turned_off_ends_what_stands_of_it() -> None:
    off = judge(Facts(longest_wait=s(99)), Limits(wait_over=None))

    first = step(off, standing={(Rule.WAIT, "")}, since={}, now=NOW)
    later = step(off, standing={(Rule.WAIT, "")}, since=first.since, now=NOW + s(10))

    assert (first.ended, later.ended) == ((), ((Rule.WAIT, ""),))


def test_agents_who_do_not_answer_are_told_of_one_by_one_and_end_one_by_one() -> None:
    both = judge(Facts(unanswering=frozenset({"8002", "8001"})), Limits())
    one = judge(Facts(unanswering=frozenset({"8001"})), Limits())

    raised = step(both, standing=(), since={}, now=NOW).raised
    ended = step(one, standing={(Rule.NO_ANSWER, "8001"), (Rule.NO_ANSWER, "8002")}, since={}, now=NOW).ended

    assert [alert.subject for alert in raised] == ["8001", "8002"]
    assert ended == ((Rule.NO_ANSWER, "8002"),)


def test_bad_must_last_and_begins_anew_after_a_moment_in_between() -> None:
    def at(seconds: float, verdict: Verdict, since: Mapping[Key, Since]) -> Steps:
        said = Judgement((Judged(rule=Rule.DISK, verdict=verdict, value=1),), frozenset({Rule.DISK}))
        return step(said, standing=(), since=since, now=NOW + s(seconds))

    one = at(0, Verdict.BAD, {})
    two = at(59, Verdict.BAD, one.since)
    three = at(59.5, Verdict.BETWEEN, two.since)
    four = at(61, Verdict.BAD, three.since)
    five = at(121, Verdict.BAD, four.since)

    assert [len(steps.raised) for steps in (one, two, three, four, five)] == [0, 0, 0, 0, 1]


WORDS = st.sampled_from([*Verdict, None])


@given(st.lists(st.tuples(WORDS, st.floats(0.1, 400)), max_size=60))
def test_whatever_is_said_alerts_alternate_with_their_ends_and_each_had_its_time(
    said: list[tuple[Verdict | None, float]],
) -> None:
    """The engine beside a second account of what it must do: look back over all that was said."""
    key, hold = (Rule.DISK, ""), HOLDS[Rule.DISK]
    now, standing, since = NOW, set[Key](), dict[Key, Since]()
    seen: list[tuple[datetime, Verdict | None]] = []
    for word, passed in said:
        now += s(passed)
        seen.append((now, word))
        verdicts = () if word is None else (Judged(rule=Rule.DISK, verdict=word, value=1),)
        judged = frozenset() if word is None else frozenset({Rule.DISK})
        steps = step(Judgement(verdicts, judged), standing=standing, since=since, now=now)

        run: list[datetime] = []
        for at, other in reversed(seen):
            if other is not word:
                break
            run.append(at)
        wanted = Verdict.GOOD if standing else Verdict.BAD
        time = hold.good_for if standing else hold.bad_for
        if word is wanted and now - run[-1] >= time:
            assert bool(steps.raised) != bool(steps.ended)
            assert bool(steps.ended) is bool(standing)
        elif word is not wanted:
            assert not steps.raised
            assert not steps.ended
        standing = (standing | {key}) if steps.raised else (standing - set(steps.ended))
        since = dict(steps.since)


def test_an_alert_is_acknowledged_once_and_not_after_its_end() -> None:
    assert after(AlertState.RAISED, AlertStep.ACKNOWLEDGE) is AlertState.ACKNOWLEDGED
    for state in (AlertState.ACKNOWLEDGED, AlertState.ENDED):
        with pytest.raises(AlertStepRefused):
            after(state, AlertStep.ACKNOWLEDGE)
    assert {state for state, step_ in NEXT if step_ is AlertStep.END} == {AlertState.RAISED, AlertState.ACKNOWLEDGED}


def test_a_service_that_was_away_marks_the_gap_and_one_that_was_quick_does_not() -> None:
    assert gap_before(NOW - s(46), NOW) == NOW - s(46)
    assert gap_before(NOW - s(44), NOW) is None
    assert gap_before(None, NOW) is None
    assert is_worth_marking(Gap(NOW, NOW + s(3)))
    assert not is_worth_marking(Gap(NOW, NOW + s(2)))
    assert is_worth_marking(Gap(NOW))
