"""What a call counts as, how waits are summed, which days a range has."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.calls.ledger import CallRecord, Ring
from hotline.calls.state import CallState, Outcome
from hotline.calls.talks import Hold, Talk
from hotline.reports.definitions import ALL, BY_KEY
from hotline.reports.fact import Fact, fact_of
from hotline.reports.figures import AgentWork, AnswerTimes
from hotline.reports.matters import subject_of
from hotline.reports.ranges import Days, RangeRefused, days_of_span, week_of
from hotline.reports.selection import is_figure
from hotline.reports.tally import FINE, Tally, bars, percentiles
from tests.fakes.counted_facts import count, work_of

ZONE = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
RANG = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def call(**changes: object) -> CallRecord:
    answered = RANG + timedelta(seconds=9)
    known = CallRecord(
        id="c",
        state=CallState.ENDED,
        ring_start=RANG,
        switch_answer=RANG + timedelta(seconds=2),
        human_answer=answered,
        agent="8001",
        talks=(Talk(agent="8001", leg="l", began=answered, ended=RANG + timedelta(seconds=69)),),
        ended_at=RANG + timedelta(seconds=70),
        outcome=Outcome.ANSWERED,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def fact(**changes: object) -> Fact:
    found = fact_of(call(**changes), zone=ZONE, building="3", kind="")
    assert found is not None
    return found


def test_call_that_goes_on_and_one_whose_beginning_is_lost_are_no_facts() -> None:
    assert fact_of(call(ended_at=None), zone=ZONE, building="", kind="") is None
    assert fact_of(call(ring_start=None), zone=ZONE, building="", kind="") is None


def test_day_and_hour_are_the_centres() -> None:
    late = fact_of(call(ring_start=datetime(2026, 11, 21, 17, 30, tzinfo=UTC)), zone=ZONE, building="", kind="")
    assert late is not None
    assert (late.day, late.hour, late.weekday) == (date(2026, 11, 22), 1, 7)


def test_call_of_ours_is_no_answer_time_but_is_the_agents_work() -> None:
    ours = fact(direction="outbound")
    tally = Tally()
    count(tally, ours)
    assert (ours.is_offered, ours.is_answered, tally) == (False, False, Tally())
    assert work_of(ours)["8001"].counts["calls-out"] == 1


def test_turned_away_message_and_wish_count_against_the_service_level_and_a_short_abandon_does_not() -> None:
    def unanswered(outcome: Outcome, **more: object) -> Fact:
        return fact(human_answer=None, talks=(), agent="", outcome=outcome, **more)

    tally = Tally()
    for outcome in (Outcome.TURNED_AWAY, Outcome.MESSAGE_LEFT, Outcome.CALL_BACK_WISHED, Outcome.ABANDONED_QUEUE):
        count(tally, unanswered(outcome))
    count(tally, unanswered(Outcome.ABANDONED_RINGING, is_short_abandon=True))
    count(tally, unanswered(Outcome.SERVED_BY_MENU))
    count(tally, fact())

    times = AnswerTimes.of(tally)
    assert (times.offered, times.unreached, times.abandoned, times.short) == (7, 4, 1, 1)
    assert (times.service_level, times.connected) == (0.2, 0.2)


def test_emptied_desk_has_no_data_and_never_a_hundred_percent() -> None:
    times, work = AnswerTimes.of(Tally()), AgentWork.of(Tally())
    assert (times.three_rings_share, times.service_level, times.human.p99, times.human_mean) == (None,) * 4
    assert (work.occupancy, work.mark_mean, work.drafts_share) == (None,) * 3


def test_keys_that_say_the_menu_again_are_no_choice() -> None:
    assert fact(menu_path=("*", "1", "*", "2")).menu == "1-2"


def test_wait_a_hair_above_a_limit_is_above_it_in_the_steps_too() -> None:
    hair = fact(switch_answer=RANG + timedelta(seconds=11, microseconds=400))
    assert (hair.lift_ms, hair.is_within_three_rings, FINE.edge(11_001)) == (11_001, False, 11_100)


def test_phone_that_rang_beside_the_one_that_was_lifted_was_not_missed() -> None:
    rang = RANG + timedelta(seconds=3)
    beside = Ring(agent="8002", leg="a", began=rang, ended=RANG + timedelta(seconds=9))
    let_ring = Ring(agent="8003", leg="b", began=RANG, ended=rang)
    assert fact(rings=(beside, let_ring)).missed == ("8003",)


def test_hold_is_no_talk_and_the_last_who_spoke_is_whom_the_mark_is_for() -> None:
    began = RANG + timedelta(seconds=9)
    hold = Hold(began=began, ended=began + timedelta(seconds=20))
    talks = (
        Talk(agent="8001", leg="a", began=began, ended=began + timedelta(seconds=30), holds=(hold,)),
        Talk(agent="8002", leg="b", began=began + timedelta(seconds=30), ended=began + timedelta(seconds=60)),
    )
    work = work_of(fact(talks=talks, satisfaction=4))
    first, second = AgentWork.of(work["8001"]), AgentWork.of(work["8002"])
    assert (first.talk, first.hold, first.marks) == (10.0, 20.0, 0)
    assert (second.talk, second.mark_mean, second.calls) == (30.0, 4.0, 1)


def test_mark_is_for_whom_the_resident_talked_to_last_also_where_they_came_back() -> None:
    at = [RANG + timedelta(seconds=seconds) for seconds in (9, 30, 40, 60)]
    talks = tuple(
        Talk(agent=agent, leg=str(place), began=at[place], ended=at[place + 1])
        for place, agent in enumerate(("8001", "8002", "8001"))
    )
    work = work_of(fact(talks=talks, satisfaction=5))
    assert (work["8001"].counts["marks"], work["8002"].counts["marks"], work["8001"].counts["calls"]) == (1, 0, 1)


def test_occupancy_is_talk_hold_and_wrap_up_of_ready_and_wrap_up() -> None:
    counts = Counter({"talk-ms": 100, "hold-ms": 20, "wrap-up-ms": 30, "ready-ms": 270, "paused-ms": 999})
    assert AgentWork.of(Tally(counts)).occupancy == 0.5


def test_chief_cause_is_the_longest_part_that_was_too_long_and_each_late_call_has_one() -> None:
    waited = fact(queued_at=RANG + timedelta(seconds=3), human_answer=RANG + timedelta(seconds=40))
    assert (waited.late, waited.cause) == ("human", "queue")
    assert (fact().late, fact().cause) == ("", "")


@given(st.lists(st.integers(0, 4_000_000), max_size=60))
def test_percentile_is_never_less_than_the_true_one_and_bars_add_up(waits: list[int]) -> None:
    steps = Counter(map(FINE.edge, waits))
    for rank, shown in zip((0.5, 0.9, 0.99), percentiles(steps, (0.5, 0.9, 0.99)), strict=True):
        if not waits:
            assert shown is None
            continue
        exact = sorted(waits)[max(0, -(-int(rank * 100) * len(waits) // 100) - 1)]
        assert shown is not None
        assert exact <= shown * 1000 < exact + (100 if exact <= 30_000 else 1_000 if exact <= 300_000 else 10_000)
    for above, up_to, calls in bars(steps):
        low = above * 1000 if above else -1
        assert calls == sum(low < wait and (up_to is None or wait <= up_to * 1000) for wait in waits)


def test_sums_survive_json_and_addition() -> None:
    one, both = Tally(), Tally()
    count(one, fact())
    both.add_values(one.as_values())
    both.add_packed([one.packed()])
    one.add(one)
    assert both == one


def test_day_on_which_the_clock_is_changed_has_its_own_length() -> None:
    def hours(day: date) -> float:
        since, until = Days(day, day).moments(BERLIN)
        return (until.astimezone(UTC) - since.astimezone(UTC)).total_seconds() / 3600

    assert [hours(date(2026, *when)) for when in ((3, 29), (10, 25), (6, 1))] == [23, 25, 24]


def test_months_are_those_that_are_whole_and_before_a_month_comes_a_month() -> None:
    assert Days(date(2025, 12, 1), date(2026, 2, 27)).months() == ["2025-12", "2026-01"]
    assert Days(date(2026, 11, 2), date(2026, 11, 30)).months() == []
    assert Days.of_month("2026-03").before == Days.of_month("2026-02")
    assert Days(date(2026, 11, 10), date(2026, 11, 16)).before == Days(date(2026, 11, 3), date(2026, 11, 9))


@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.integers(0, 400), st.randoms(use_true_random=False))
def test_spans_hold_every_day_that_is_not_behind_once_and_no_other(first: date, length: int, dice: Random) -> None:
    days = Days(first, first + timedelta(days=length))
    behind = [day for day in days.each() if dice.random() < dice.choice((0.0, 0.02, 0.5))]
    longer = [span for span in (*days.months(), *days.weeks()) if dice.random() < 0.2]
    spans = days.spans(behind, longer)
    held = [
        day for span in spans for day in (days_of_span(span).each() if len(span) < 10 else [date.fromisoformat(span)])
    ]
    assert sorted(held) == [day for day in days.each() if day not in behind]
    assert not set(spans) & set(longer)


def test_year_up_to_now_is_read_in_months_weeks_and_a_few_days() -> None:
    assert days_of_span("2026-W53") == Days(date(2026, 12, 28), date(2027, 1, 3))
    assert week_of(date(2027, 1, 3)) == "2026-W53"
    assert len(Days(date(2025, 11, 22), date(2026, 11, 21)).spans([], [])) == 11 + 1 + 2 + 1 + 2 + 6


@pytest.mark.parametrize("month", ["2026-13", "2026", "x", "2026-1"])
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(RangeRefused):
        Days.of_month(month)


def test_days_that_do_not_follow_one_another_and_too_many_are_refused() -> None:
    for first, last in ((date(2026, 1, 2), date(2026, 1, 1)), (date(2020, 1, 1), date(2026, 1, 1))):
        with pytest.raises(RangeRefused):
            Days.between(first, last)


@pytest.mark.parametrize(
    ("written", "subject"),
    [("厨房水管漏水", "厨房 水管"), ("水管漏水，厨房的", "厨房 水管"), ("楼上太吵", "楼上 太吵"), ("请尽快处理", "")],
)
def test_thing_and_place_are_read_from_what_was_written(written: str, subject: str) -> None:
    assert subject_of(written) == subject


def test_every_definition_says_its_formula_in_both_languages_and_has_its_own_key() -> None:
    assert len(BY_KEY) == len(ALL)
    for one in ALL:
        assert one.chinese_formula
        assert one.english_formula
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in one.english_formula)


def test_only_figures_that_exist_open_calls() -> None:
    assert is_figure("late")
    assert is_figure("cause:queue")
    assert not is_figure("everything")
    assert not is_figure("late:x:y"[:0])
