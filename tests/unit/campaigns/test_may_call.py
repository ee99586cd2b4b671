"""May this home be called now? Every reason, every clock, and a story in which nobody forbidden is ever rung."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.campaigns.calling_rules import rules_of
from hotline.campaigns.campaign import CampaignKind
from hotline.campaigns.may_call import Facts, Mark, Reason, Rung, is_window_open, may_call
from hotline.hours import WeeklyHours, parse_spans
from hotline.settings import OutboundSettings

SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = rules_of(OutboundSettings(), SHANGHAI)
TEN = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI).astimezone(UTC)  # a Thursday
NUMBER = "+8613800138501"
FREE = Facts(
    kind=CampaignKind.FEE_REMINDER, number=NUMBER, rung=(), marks=frozenset(), is_do_not_call=False, owes_fen=100,
    has_open_complaint=False, is_in_call=False, is_in_hand=False, is_of_home=True,
)  # fmt: skip


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def ago(**length: float) -> Rung:
    return Rung(TEN - timedelta(**length), NUMBER)


def test_home_that_nothing_speaks_against_may_be_called() -> None:
    verdict = may_call(FREE, RULES, TEN)

    assert verdict.allowed
    assert verdict.reasons == ()
    assert not verdict.is_for_good


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        ("2026-11-19T08:59", False), ("2026-11-19T09:00", True), ("2026-11-19T11:59", True),
        ("2026-11-19T12:00", False), ("2026-11-19T13:59", False), ("2026-11-19T14:00", True),
        ("2026-11-19T19:59", True), ("2026-11-19T20:00", False), ("2026-11-20T00:00", False),
        ("2026-11-20T03:00", False),
    ],
)  # fmt: skip
def test_window_begins_and_ends_on_the_minute(at: str, allowed: bool) -> None:
    verdict = may_call(FREE, RULES, local(at))

    assert verdict.allowed is allowed
    assert is_window_open(FREE.kind, RULES, local(at)) is allowed
    if not allowed:
        assert verdict.reasons == (Reason.OUTSIDE_WINDOW,)
        assert verdict.earliest is not None
        assert may_call(FREE, RULES, verdict.earliest).allowed


def test_evening_call_waits_for_the_morning() -> None:
    assert may_call(FREE, RULES, local("2026-11-19T20:30")).earliest == local("2026-11-20T09:00")


def test_holiday_is_nobodys_day_but_a_notices() -> None:
    national_day = local("2026-10-01T10:00")

    verdict = may_call(FREE, RULES, national_day)

    assert verdict.reasons == (Reason.HOLIDAY,)
    assert verdict.earliest is not None
    assert verdict.earliest > local("2026-10-04T00:00")
    assert may_call(replace(FREE, kind=CampaignKind.NOTICE), RULES, national_day).allowed


def test_nobody_is_rung_at_night_whatever_the_hours_say() -> None:
    whole_day = WeeklyHours(week=(parse_spans("00:00-24:00"),) * 7)
    rules = replace(RULES, hours=whole_day, hours_of_notices=whole_day)

    verdict = may_call(FREE, rules, local("2026-11-19T22:00"))

    assert not verdict.allowed
    assert verdict.earliest is not None
    assert verdict.earliest.astimezone(SHANGHAI).hour == 8
    assert may_call(FREE, rules, local("2026-11-19T21:59")).allowed


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(FREE, is_do_not_call=True), Reason.DO_NOT_CALL),
        (replace(FREE, marks=frozenset({Mark.OPTED_OUT})), Reason.OPTED_OUT),
        (replace(FREE, marks=frozenset({Mark.WRONG_NUMBER})), Reason.WRONG_NUMBER),
        (replace(FREE, marks=frozenset({Mark.DISPUTED})), Reason.DISPUTED),
        (replace(FREE, marks=frozenset({Mark.HARDSHIP})), Reason.HARDSHIP),
        (replace(FREE, marks=frozenset({Mark.SAYS_PAID})), Reason.PAID),
        (replace(FREE, owes_fen=0), Reason.PAID),
        (replace(FREE, is_of_home=False), Reason.NOT_OF_HOME),
    ],
)
def test_reason_that_time_does_not_end_suppresses_for_good(facts: Facts, reason: Reason) -> None:
    verdict = may_call(facts, RULES, TEN)

    assert verdict.reasons == (reason,)
    assert verdict.is_for_good


@pytest.mark.parametrize(
    ("facts", "reason", "earliest"),
    [
        (replace(FREE, is_in_call=True), Reason.IN_CALL, timedelta(minutes=10)),
        (replace(FREE, is_in_hand=True), Reason.IN_HAND, timedelta(minutes=10)),
        (replace(FREE, has_open_complaint=True), Reason.OPEN_COMPLAINT, timedelta(days=1)),
        (replace(FREE, not_before=TEN + timedelta(minutes=40)), Reason.TOO_EARLY, timedelta(minutes=40)),
    ],
)
def test_reason_that_ends_puts_the_home_off(facts: Facts, reason: Reason, earliest: timedelta) -> None:
    verdict = may_call(facts, RULES, TEN)

    assert verdict.reasons == (reason,)
    assert verdict.earliest == TEN + earliest


@pytest.mark.parametrize(
    "field",
    ["rung", "marks", "is_do_not_call", "owes_fen", "has_open_complaint", "is_in_call", "is_in_hand", "is_of_home"],
)
def test_missing_fact_is_no_consent(field: str) -> None:
    verdict = may_call(replace(FREE, **{field: None}), RULES, TEN)

    assert not verdict.allowed
    assert Reason.UNKNOWN in verdict.reasons
    assert not verdict.is_for_good


def test_nothing_known_at_all_is_no_consent() -> None:
    assert not may_call(Facts(kind=CampaignKind.SURVEY, number=NUMBER), RULES, TEN).allowed


def test_what_is_owed_matters_to_reminders_only() -> None:
    assert may_call(replace(FREE, kind=CampaignKind.SURVEY, owes_fen=None), RULES, TEN).allowed


def test_one_call_a_day() -> None:
    verdict = may_call(replace(FREE, rung=(ago(minutes=59),)), RULES, TEN)

    assert verdict.reasons == (Reason.DAY_CAP,)
    assert verdict.earliest == local("2026-11-20T09:00")


def test_two_calls_a_week() -> None:
    verdict = may_call(replace(FREE, rung=(ago(days=2), ago(days=5))), RULES, TEN)

    assert verdict.reasons == (Reason.WEEK_CAP,)
    assert verdict.earliest == local("2026-11-21T09:00")  # the older one is a week ago then


def test_three_calls_a_month() -> None:
    verdict = may_call(replace(FREE, rung=(ago(days=8), ago(days=15), ago(days=25))), RULES, TEN)

    assert verdict.reasons == (Reason.MONTH_CAP,)
    assert verdict.earliest == local("2026-11-24T09:00")


def test_half_an_hour_between_two_calls() -> None:
    rules = replace(RULES, per_day=9, per_week=9, per_month=9)
    verdict = may_call(replace(FREE, rung=(ago(minutes=29),)), rules, TEN)

    assert verdict.reasons == (Reason.GAP,)
    assert verdict.earliest == TEN + timedelta(minutes=1)
    assert may_call(replace(FREE, rung=(ago(minutes=30),)), rules, TEN).allowed


def test_sister_number_just_rung_is_the_same_home() -> None:
    rules = replace(RULES, per_day=9, per_week=9, per_month=9)
    sister = Rung(TEN - timedelta(minutes=5), "+8613900139000")

    assert may_call(replace(FREE, rung=(sister,)), rules, TEN).reasons == (Reason.SISTER_RUNG,)


def test_wish_of_ones_own_is_kept_though_the_day_is_used_up_but_not_at_night() -> None:
    wish = replace(FREE, rung=(ago(minutes=10),), is_wish=True, not_before=TEN)

    assert may_call(wish, RULES, TEN).allowed
    assert may_call(wish, RULES, local("2026-11-19T23:00")).reasons == (Reason.OUTSIDE_WINDOW,)


def test_who_wants_no_calls_is_still_called_back_when_they_ask_for_it() -> None:
    wants_none = replace(FREE, marks=frozenset({Mark.OPTED_OUT}), is_do_not_call=True, has_open_complaint=True)

    assert may_call(replace(wants_none, kind=CampaignKind.CALL_BACK), RULES, TEN).allowed
    assert not may_call(replace(wants_none, kind=CampaignKind.MISSED_RETURN), RULES, TEN).allowed


def test_every_reason_is_told() -> None:
    against = replace(
        FREE, is_do_not_call=True, owes_fen=0, is_in_call=True, has_open_complaint=True, rung=(ago(minutes=3),),
        marks=frozenset({Mark.HARDSHIP}),
    )  # fmt: skip

    assert set(may_call(against, RULES, local("2026-11-19T10:02")).reasons) == {
        Reason.DO_NOT_CALL, Reason.PAID, Reason.IN_CALL, Reason.OPEN_COMPLAINT, Reason.HARDSHIP, Reason.DAY_CAP,
        Reason.GAP,
    }  # fmt: skip


def test_clock_set_back_makes_no_room_for_another_call() -> None:
    of_the_future = Rung(TEN + timedelta(hours=5), NUMBER)

    verdict = may_call(replace(FREE, rung=(of_the_future,)), RULES, TEN)

    assert set(verdict.reasons) == {Reason.DAY_CAP, Reason.GAP}


def test_call_of_a_year_that_the_clock_invented_holds_nobody_up_for_good() -> None:
    verdict = may_call(replace(FREE, rung=(Rung(TEN + timedelta(days=2000), NUMBER),)), RULES, TEN)

    assert not verdict.allowed
    assert not verdict.is_for_good


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_day_on_which_the_clocks_change_has_decent_hours_only(day: date) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    rules = rules_of(OutboundSettings(windows="08:00-22:00", holiday_windows="08:00-22:00"), berlin)
    midnight = datetime(day.year, day.month, day.day, tzinfo=berlin).astimezone(UTC)

    for minutes in range(0, 26 * 60, 10):
        at = midnight + timedelta(minutes=minutes)
        verdict = may_call(FREE, rules, at)
        assert verdict.allowed == (8 <= at.astimezone(berlin).hour < 22)
        assert verdict.allowed or (verdict.earliest and may_call(FREE, rules, verdict.earliest).allowed)


NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 700 * 24 * 60).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes))
RUNGS = st.lists(st.builds(Rung, MOMENTS, st.sampled_from([NUMBER, "+8613900139000"])), max_size=4).map(tuple)
FACTS = st.builds(
    Facts,
    kind=st.sampled_from(CampaignKind),
    number=st.just(NUMBER),
    rung=st.none()
    | st.lists(st.builds(Rung, MOMENTS, st.sampled_from([NUMBER, "+8613900139000"])), max_size=4).map(tuple),
    marks=st.none() | st.frozensets(st.sampled_from(Mark)),
    is_do_not_call=st.none() | st.booleans(),
    owes_fen=st.none() | st.integers(0, 5),
    has_open_complaint=st.none() | st.booleans(),
    is_in_call=st.none() | st.booleans(),
    is_in_hand=st.none() | st.booleans(),
    is_of_home=st.none() | st.booleans(),
    not_before=st.none() | MOMENTS,
    is_wish=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(facts=FACTS, at=MOMENTS)
def test_whoever_is_allowed_breaks_no_rule_and_whoever_is_not_is_told_why(facts: Facts, at: datetime) -> None:
    verdict = may_call(facts, RULES, at)

    assert verdict.allowed == (not verdict.reasons)
    if not verdict.allowed:
        assert verdict.earliest is None or verdict.earliest >= at
        return
    wall = at.astimezone(SHANGHAI)
    assert (9 * 60 <= wall.hour * 60 + wall.minute < 12 * 60) or (14 * 60 <= wall.hour * 60 + wall.minute < 20 * 60)
    assert facts.rung is not None
    assert facts.marks is not None
    assert Mark.WRONG_NUMBER not in facts.marks
    assert not facts.is_in_call
    assert not facts.is_in_hand
    assert facts.is_of_home
    assert facts.not_before is None or at >= facts.not_before
    if facts.kind is not CampaignKind.CALL_BACK:
        assert facts.is_do_not_call is False
        assert Mark.OPTED_OUT not in facts.marks
    if facts.kind is CampaignKind.FEE_REMINDER:
        assert facts.owes_fen
        assert facts.has_open_complaint is False
        assert not facts.marks & {Mark.HARDSHIP, Mark.DISPUTED, Mark.SAYS_PAID}
    if not facts.is_wish:
        assert not [one for one in facts.rung if one.at.astimezone(SHANGHAI).date() >= wall.date()]
        assert not [one for one in facts.rung if at - timedelta(minutes=30) < one.at]


# One thing, or a few, are not as they should be: each rule is met alone, and on both sides of its edge.
DAY = 24 * 60
AGO = st.sampled_from(
    [-60, 0, 5, 29, 30, 31, 5 * 60, DAY, 2 * DAY, 6 * DAY, 7 * DAY, 8 * DAY, 20 * DAY, 29 * DAY, 30 * DAY, 31 * DAY]
)
EDGES = [  # the second call of a week, the third of a month: just inside, and just outside
    [(days * DAY, True) for days in edge] for edge in ((6, 2), (7, 2), (29, 20, 8), (30, 20, 8))
]
UNLESS_FREE = {
    "kind": st.sampled_from(CampaignKind),
    "rung": st.none() | st.lists(st.tuples(AGO, st.booleans()), max_size=4) | st.sampled_from(EDGES),
    "marks": st.none() | st.frozensets(st.sampled_from(Mark), min_size=1, max_size=2),
    "is_do_not_call": st.sampled_from([None, True]),
    "owes_fen": st.sampled_from([None, 0, -5]),
    "has_open_complaint": st.sampled_from([None, True]),
    "is_in_call": st.sampled_from([None, True]),
    "is_in_hand": st.sampled_from([None, True]),
    "is_of_home": st.sampled_from([None, False]),
    "not_before": st.sampled_from([-1, 0, 1]),
    "is_wish": st.just(True),
}
BROKEN = st.sets(st.sampled_from(sorted(UNLESS_FREE)), max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: UNLESS_FREE[name] for name in sorted(names)})
)
WALL = st.builds(
    lambda day, minute: datetime(2026, 4, 20, tzinfo=SHANGHAI) + timedelta(days=day, minutes=minute),
    st.integers(0, 200),
    st.one_of(st.integers(9 * 60, 20 * 60), st.sampled_from([0, 539, 540, 719, 720, 839, 840, 1199, 1200, 1320, 1439])),
)


def by_the_book(facts: Facts, at: datetime) -> set[Reason]:
    """Say it once more, rule by rule, as the handbook does."""
    wall, fee = at.astimezone(SHANGHAI), facts.kind is CampaignKind.FEE_REMINDER
    minute, against = wall.hour * 60 + wall.minute, set[Reason]()
    known = [facts.rung, facts.marks, facts.is_do_not_call, facts.has_open_complaint, facts.is_in_call]
    if None in [*known, facts.is_in_hand, facts.is_of_home] or (fee and facts.owes_fen is None):
        against.add(Reason.UNKNOWN)
    if facts.not_before and at < facts.not_before:
        against.add(Reason.TOO_EARLY)
    is_holiday = facts.kind is not CampaignKind.NOTICE and wall.date() in RULES.hours.table.holidays
    if is_holiday:
        against.add(Reason.HOLIDAY)
    elif not (540 <= minute < 720 or 840 <= minute < 1200):
        against.add(Reason.OUTSIDE_WINDOW)
    marks = facts.marks or frozenset()
    for is_so, reason in (
        (facts.is_in_call, Reason.IN_CALL),
        (facts.is_in_hand, Reason.IN_HAND),
        (facts.is_of_home is False, Reason.NOT_OF_HOME),
        (Mark.WRONG_NUMBER in marks, Reason.WRONG_NUMBER),
        (fee and facts.owes_fen is not None and facts.owes_fen <= 0, Reason.PAID),
        (fee and Mark.SAYS_PAID in marks, Reason.PAID),
        (fee and Mark.HARDSHIP in marks, Reason.HARDSHIP),
        (fee and Mark.DISPUTED in marks, Reason.DISPUTED),
        (facts.kind is not CampaignKind.CALL_BACK and facts.is_do_not_call, Reason.DO_NOT_CALL),
        (facts.kind is not CampaignKind.CALL_BACK and Mark.OPTED_OUT in marks, Reason.OPTED_OUT),
        ((fee or facts.kind is CampaignKind.SURVEY) and facts.has_open_complaint, Reason.OPEN_COMPLAINT),
    ):
        if is_so:
            against.add(reason)
    if facts.is_wish:
        return against
    rung = facts.rung or ()
    days_ago = [(wall.date() - one.at.astimezone(SHANGHAI).date()).days for one in rung]
    for length, most, reason in ((1, 1, Reason.DAY_CAP), (7, 2, Reason.WEEK_CAP), (30, 3, Reason.MONTH_CAP)):
        if len([days for days in days_ago if days < length]) >= most:
            against.add(reason)
    near = {one.number for one in rung if at - one.at < timedelta(minutes=30)}
    if near:
        against.add(Reason.GAP if NUMBER in near else Reason.SISTER_RUNG)
    return against


@settings(max_examples=600, deadline=None)
@given(broken=BROKEN, wall=WALL)
def test_every_rule_is_heeded_on_both_sides_of_its_edge_and_no_other_reason_is_ever_given(
    broken: dict[str, object], wall: datetime
) -> None:
    at = wall.astimezone(UTC)
    values = dict(broken)
    if isinstance(before := values.get("not_before"), int):
        values["not_before"] = at + timedelta(minutes=before)
    if isinstance(rung := values.get("rung"), list):
        values["rung"] = tuple(
            Rung(at - timedelta(minutes=ago), NUMBER if own else "+8613900139000") for ago, own in rung
        )
    facts = replace(FREE, **values)  # type: ignore[arg-type]

    assert set(may_call(facts, RULES, at).reasons) == by_the_book(facts, at)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(st.tuples(st.integers(1, 60 * 30), st.booleans()), min_size=1, max_size=60))
def test_story_of_any_two_months_never_rings_a_home_more_often_than_is_decent(steps: list[tuple[int, bool]]) -> None:
    now, rung = TEN, []
    for minutes, follows_advice in steps:
        verdict = may_call(replace(FREE, rung=tuple(rung)), RULES, now)
        if verdict.allowed:
            rung.append(Rung(now, NUMBER))
        elif follows_advice and verdict.earliest is not None:
            now = verdict.earliest
            continue
        now += timedelta(minutes=minutes)

    days = [one.at.astimezone(SHANGHAI).date() for one in rung]
    assert len(days) == len(set(days))
    for day in days:
        assert sum(day <= other < day + timedelta(days=7) for other in days) <= 2
        assert sum(day <= other < day + timedelta(days=30) for other in days) <= 3
    assert all(9 <= one.at.astimezone(SHANGHAI).hour < 20 for one in rung)
