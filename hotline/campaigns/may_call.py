"""May this home be called now? The one function that says so, with all its reasons. Pure.

It is asked when an attempt is planned and again in the second before it is dialled. A fact that is not known never
means consent: then the answer is no, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from hotline.campaigns.campaign import CampaignKind
from hotline.hours import WeeklyHours, is_open, next_opening

FIRST_HOUR: Final = 8  # whatever is set: nobody is rung before eight …
LAST_HOUR: Final = 22  # … or from ten in the evening on
WEEK: Final = 7  # days, today among them
MONTH: Final = 30
LOOK_AGAIN: Final = timedelta(minutes=10)  # at what may have changed meanwhile
TOMORROW: Final = timedelta(days=1)
FARTHEST: Final = 400  # days looked ahead for a time at which the home may be called


class Reason(StrEnum):
    """Why a home may not be called now."""

    TOO_EARLY = "too-early"  # before the time that is set for it
    OUTSIDE_WINDOW = "outside-window"
    HOLIDAY = "holiday"
    DAY_CAP = "day-cap"
    WEEK_CAP = "week-cap"
    MONTH_CAP = "month-cap"
    GAP = "gap"
    SISTER_RUNG = "sister-rung"  # another number of the home was rung just now
    IN_CALL = "in-call"  # the home is speaking with us
    IN_HAND = "in-hand"  # another attempt at this home or number lives
    OPEN_COMPLAINT = "open-complaint"
    DO_NOT_CALL = "do-not-call"
    OPTED_OUT = "opted-out"
    WRONG_NUMBER = "wrong-number"
    NOT_OF_HOME = "not-of-home"  # the records no longer have this number with this home
    PAID = "paid"
    DISPUTED = "disputed"
    HARDSHIP = "hardship"
    UNKNOWN = "unknown"  # a fact could not be read
    SKIPPED = "skipped"  # an agent looked at it, and does not call: they say why
    SETTLED = "settled"  # what the call was for was settled meanwhile
    LINE_DOUBTED = "line-doubted"  # the line refused so many that its answer is not believed


class Mark(StrEnum):
    """What is kept of a household, or of a number, for longer than a campaign."""

    HARDSHIP = "hardship"
    DISPUTED = "disputed"
    OPTED_OUT = "opted-out"
    WRONG_NUMBER = "wrong-number"
    SAYS_PAID = "says-paid"  # by key; finance looks


ALL_KINDS: Final = frozenset(CampaignKind)
UNASKED: Final = ALL_KINDS - {CampaignKind.CALL_BACK}  # the person did not wish this very call
FEES: Final = frozenset({CampaignKind.FEE_REMINDER})
# Who a mark protects: a wish of one's own is kept even by who wants no other calls; a wrong number by nobody.
FORBIDS: Final[Mapping[Mark, tuple[Reason, frozenset[CampaignKind]]]] = {
    Mark.HARDSHIP: (Reason.HARDSHIP, FEES),
    Mark.DISPUTED: (Reason.DISPUTED, FEES),
    Mark.SAYS_PAID: (Reason.PAID, FEES),
    Mark.OPTED_OUT: (Reason.OPTED_OUT, UNASKED),
    Mark.WRONG_NUMBER: (Reason.WRONG_NUMBER, ALL_KINDS),
}
COMPLAINT_HINDERS: Final = frozenset({CampaignKind.FEE_REMINDER, CampaignKind.SURVEY})
FOR_GOOD: Final = frozenset(
    {
        Reason.DO_NOT_CALL, Reason.OPTED_OUT, Reason.WRONG_NUMBER, Reason.NOT_OF_HOME, Reason.PAID, Reason.DISPUTED,
        Reason.HARDSHIP,
    }
)  # fmt: skip
"""Reasons that time does not end: the target is suppressed."""


@dataclass(frozen=True, slots=True)
class Rung:
    """A call that rang, or may have, at the home or at the number."""

    at: datetime
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a home and the number to be rung. None: it was not read, and that is no consent."""

    kind: CampaignKind
    number: str
    rung: tuple[Rung, ...] | None = None  # of the last month, over all campaigns
    marks: frozenset[Mark] | None = None
    is_do_not_call: bool | None = None
    owes_fen: int | None = None  # by the records of this moment
    has_open_complaint: bool | None = None
    is_in_call: bool | None = None
    is_in_hand: bool | None = None
    is_of_home: bool | None = None  # the records have the number with the home; True where the target has no home
    not_before: datetime | None = None  # a plan of ours; None: there is none
    is_wish: bool = False  # the person named that time: caps and gap do not stand in the way


@dataclass(frozen=True, slots=True, kw_only=True)
class CallingRules:
    """What is set: the hours, with and without holidays, the caps and the gap. `zone` is the centre's."""

    hours: WeeklyHours  # heeds holidays
    hours_of_notices: WeeklyHours  # does not
    zone: tzinfo
    per_day: int = 1
    per_week: int = 2
    per_month: int = 3
    gap: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the home may be called now, and if not: why not, and when at the earliest. No time: never."""

    allowed: bool
    reasons: tuple[Reason, ...] = ()
    earliest: datetime | None = None

    @property
    def is_for_good(self) -> bool:
        """Whether waiting does not help."""
        return not self.allowed and self.earliest is None


def may_call(facts: Facts, rules: CallingRules, now: datetime) -> Verdict:
    """Say whether this home may be called at `now`, with every reason against it and the earliest time without them."""
    standing, timed = _standing(facts), _timed(facts, rules, now)
    reasons = (*standing, *timed)
    if not reasons:
        return Verdict(allowed=True)
    if FOR_GOOD & set(standing):
        return Verdict(False, reasons)
    earliest = now
    if set(standing) & {Reason.IN_CALL, Reason.IN_HAND, Reason.UNKNOWN}:
        earliest = now + LOOK_AGAIN
    if Reason.OPEN_COMPLAINT in standing:
        earliest = now + TOMORROW
    return Verdict(False, reasons, _earliest(facts, rules, earliest) or now + TOMORROW)


def is_window_open(kind: CampaignKind, rules: CallingRules, now: datetime) -> bool:
    """Say whether anybody may be called now for a campaign of this kind: the clock's part of the verdict alone."""
    return _is_decent(Facts(kind=kind, number=""), rules, now)


def _standing(facts: Facts) -> tuple[Reason, ...]:
    """Return the reasons that the clock alone does not end."""
    read = (
        facts.rung, facts.marks, facts.is_do_not_call, facts.has_open_complaint, facts.is_in_call, facts.is_in_hand,
        facts.is_of_home,
    )  # fmt: skip
    is_fee = facts.kind in FEES
    found = [
        (Reason.UNKNOWN, None in read or (is_fee and facts.owes_fen is None)),
        (Reason.IN_CALL, bool(facts.is_in_call)),
        (Reason.IN_HAND, bool(facts.is_in_hand)),
        (Reason.OPEN_COMPLAINT, bool(facts.has_open_complaint) and facts.kind in COMPLAINT_HINDERS),
        (Reason.DO_NOT_CALL, bool(facts.is_do_not_call) and facts.kind in UNASKED),
        (Reason.NOT_OF_HOME, facts.is_of_home is False),
        (Reason.PAID, is_fee and facts.owes_fen is not None and facts.owes_fen <= 0),
    ]
    marks = facts.marks or frozenset()
    found += [(reason, mark in marks and facts.kind in kinds) for mark, (reason, kinds) in FORBIDS.items()]
    return tuple(dict.fromkeys(reason for reason, is_so in found if is_so))


def _timed(facts: Facts, rules: CallingRules, at: datetime) -> tuple[Reason, ...]:
    """Return the reasons that will be over in time, as they would be at this moment."""
    local = at.astimezone(rules.zone)
    reasons = [Reason.TOO_EARLY] if facts.not_before is not None and at < facts.not_before else []
    if not _is_decent(facts, rules, at):
        hours = rules.hours
        is_holiday = facts.kind is not CampaignKind.NOTICE and local.date() in hours.table.holidays
        reasons.append(Reason.HOLIDAY if is_holiday else Reason.OUTSIDE_WINDOW)
    if facts.is_wish or not facts.rung:
        return tuple(reasons)
    today = local.date()
    days = [rung.at.astimezone(rules.zone).date() for rung in facts.rung]
    for reason, cap, length in (
        (Reason.DAY_CAP, rules.per_day, 1),
        (Reason.WEEK_CAP, rules.per_week, WEEK),
        (Reason.MONTH_CAP, rules.per_month, MONTH),
    ):
        # A call of a later day is one too: the clock was set back since.
        if sum(day > today - timedelta(days=length) for day in days) >= cap:
            reasons.append(reason)
    near = [rung for rung in facts.rung if at < rung.at + rules.gap]
    if near:
        reasons.append(Reason.GAP if any(rung.number == facts.number for rung in near) else Reason.SISTER_RUNG)
    return tuple(reasons)


def _is_decent(facts: Facts, rules: CallingRules, at: datetime) -> bool:
    local = at.astimezone(rules.zone)
    return FIRST_HOUR <= local.hour < LAST_HOUR and is_open(_hours(facts, rules), local)


def _hours(facts: Facts, rules: CallingRules) -> WeeklyHours:
    return rules.hours_of_notices if facts.kind is CampaignKind.NOTICE else rules.hours


def _earliest(facts: Facts, rules: CallingRules, start: datetime) -> datetime | None:
    """Return the first moment from `start` on at which no clock stands in the way; None: there is none in sight."""
    at = max(start, facts.not_before) if facts.not_before is not None else start
    last = at + timedelta(days=FARTHEST)
    while at < last:
        reasons = set(_timed(facts, rules, at))
        if not reasons:
            return at
        if reasons & {Reason.DAY_CAP, Reason.WEEK_CAP, Reason.MONTH_CAP}:
            at = _midnight(at.astimezone(rules.zone).date() + timedelta(days=1), rules.zone)
        elif reasons & {Reason.GAP, Reason.SISTER_RUNG}:
            at = max(rung.at for rung in facts.rung or ()) + rules.gap
        else:
            at = _next_window(facts, rules, at)
    return None


def _next_window(facts: Facts, rules: CallingRules, at: datetime) -> datetime:
    local = at.astimezone(rules.zone)
    opening = next_opening(_hours(facts, rules), local).astimezone(UTC)
    # Where the hours are open and the hard limits are not, or the clock is put forward: a step, and look again.
    return opening if opening > at else at + timedelta(minutes=15)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
