"""From facts to verdicts: is each rule's matter bad, good, in between, or unknown? Pure.

No flapping, by two means. The *band*: what is raised beyond one threshold ends only beyond another, and what lies
between changes nothing. The *hold* (`HOLDS`): bad for so long before it is raised, good for so long before it ends.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from hotline.alerts.alert import Rule

SHARE_BAND: Final = 0.03  # a share ends its alert only so much above the threshold
DISK_BAND: Final = 1.1  # times the threshold
BACKLOG_BAND: Final = 0.8  # likewise


class Verdict(StrEnum):
    """How the matter of a rule stands."""

    BAD = "bad"
    BETWEEN = "between"  # inside the band: nothing is raised by it and nothing ends
    GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """For how long it must be bad before an alert is raised, and good before it ends."""

    bad_for: timedelta
    good_for: timedelta


def _hold(bad_s: float, good_s: float) -> Hold:
    return Hold(bad_for=timedelta(seconds=bad_s), good_for=timedelta(seconds=good_s))


HOLDS: Final[dict[Rule, Hold]] = {
    Rule.WAIT: _hold(0, 10),  # the threshold is a time itself
    Rule.THREE_RINGS: _hold(0, 300),
    Rule.NOBODY_READY: _hold(0, 15),  # likewise
    Rule.NO_ANSWER: _hold(0, 0),  # the agent's state is steady by itself
    Rule.DISK: _hold(60, 600),
    Rule.LINK: _hold(0, 15),  # likewise
    Rule.BACKLOG: _hold(120, 120),
    Rule.FULL_HOUSE: _hold(0, 0),  # what is counted looks back over minutes already
    Rule.DIALLING: _hold(0, 0),  # likewise: it looks back over calls
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The thresholds, as the settings have them. A rule whose threshold is None is off."""

    wait_over: timedelta | None = timedelta(seconds=15)
    three_rings_below: float | None = 0.9
    three_rings_calls: int = 5  # fewer calls in the half hour say nothing
    nobody_ready_for: timedelta | None = timedelta(seconds=60)
    no_answer: bool = True
    disk_below_mb: int | None = 5000
    link_down_for: timedelta | None = timedelta(seconds=15)
    backlog_over: int | None = 50
    turned_away: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known at one moment. None: nobody knows."""

    longest_wait: timedelta | None = None  # zero: nobody waits
    within_three_rings: int | None = None
    offered: int = 0  # both of the last half hour
    nobody_ready: timedelta | None = None  # for how long nobody has been ready; zero: somebody is, or we are closed
    signed_in: int = 0
    unanswering: frozenset[str] | None = None  # agents who were paused because they did not answer
    disk_free_mb: int | None = None
    link_down: timedelta | None = None  # zero: it is up
    backlog: int | None = None
    turned_away: int | None = None
    doubted: Mapping[str, int] | None = None  # pauses of dialling: whose ("" all campaigns), and after how many calls


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A rule's verdict on one subject; `value` is the figure it rests on."""

    rule: Rule
    verdict: Verdict
    value: float
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts. A standing subject without one, of a judged rule, is good; an unjudged rule changes nothing."""

    verdicts: tuple[Judged, ...] = ()
    judged: frozenset[Rule] = field(default_factory=frozenset)


def judge(facts: Facts, limits: Limits) -> Judgement:
    """Return what each rule that is on, and whose facts are known, says."""
    verdicts = list(_verdicts(facts, limits))
    judged = {one.rule for one in verdicts} | _turned_off(limits)
    if limits.no_answer and facts.unanswering is not None:
        judged.add(Rule.NO_ANSWER)
        bad = (Judged(rule=Rule.NO_ANSWER, verdict=Verdict.BAD, value=1, subject=who) for who in facts.unanswering)
        verdicts += sorted(bad, key=lambda one: one.subject)
    if facts.doubted is not None:  # turned off by outbound.doubt_dials
        judged.add(Rule.DIALLING)
        verdicts += [
            Judged(rule=Rule.DIALLING, verdict=Verdict.BAD, value=facts.doubted[of], subject=of)
            for of in sorted(facts.doubted)
        ]
    return Judgement(tuple(verdicts), frozenset(judged))


def _turned_off(limits: Limits) -> set[Rule]:
    """Return the rules that are off: what still stands of them is over."""
    on = {
        Rule.WAIT: limits.wait_over is not None,
        Rule.THREE_RINGS: limits.three_rings_below is not None,
        Rule.NOBODY_READY: limits.nobody_ready_for is not None,
        Rule.NO_ANSWER: limits.no_answer,
        Rule.DISK: limits.disk_below_mb is not None,
        Rule.LINK: limits.link_down_for is not None,
        Rule.BACKLOG: limits.backlog_over is not None,
        Rule.FULL_HOUSE: limits.turned_away is not None,
    }
    return {rule for rule, is_on in on.items() if not is_on}


def _verdicts(facts: Facts, limits: Limits) -> Iterator[Judged]:
    for rule, took, limit in (
        (Rule.WAIT, facts.longest_wait, limits.wait_over),
        (Rule.LINK, facts.link_down, limits.link_down_for),
    ):
        if took is not None and limit is not None:
            verdict = Verdict.BAD if took > limit else Verdict.BETWEEN if took else Verdict.GOOD
            yield Judged(rule=rule, verdict=verdict, value=took.total_seconds())
    if facts.nobody_ready is not None and limits.nobody_ready_for is not None:
        is_bad = facts.nobody_ready > limits.nobody_ready_for
        verdict = Verdict.BAD if is_bad else Verdict.BETWEEN if facts.nobody_ready else Verdict.GOOD
        yield Judged(rule=Rule.NOBODY_READY, verdict=verdict, value=facts.signed_in)
    if facts.within_three_rings is not None and limits.three_rings_below is not None:
        yield from _share(facts.within_three_rings, facts.offered, limits.three_rings_below, limits.three_rings_calls)
    if facts.disk_free_mb is not None and limits.disk_below_mb is not None:
        free, least = facts.disk_free_mb, limits.disk_below_mb
        verdict = Verdict.BAD if free < least else Verdict.GOOD if free >= least * DISK_BAND else Verdict.BETWEEN
        yield Judged(rule=Rule.DISK, verdict=verdict, value=free)
    if facts.backlog is not None and limits.backlog_over is not None:
        waiting, most = facts.backlog, limits.backlog_over
        verdict = Verdict.BAD if waiting > most else Verdict.GOOD if waiting <= most * BACKLOG_BAND else Verdict.BETWEEN
        yield Judged(rule=Rule.BACKLOG, verdict=verdict, value=waiting)
    if facts.turned_away is not None and limits.turned_away is not None:
        is_full = facts.turned_away >= limits.turned_away
        verdict = Verdict.BAD if is_full else Verdict.BETWEEN if facts.turned_away else Verdict.GOOD
        yield Judged(rule=Rule.FULL_HOUSE, verdict=verdict, value=facts.turned_away)


def _share(within: int, offered: int, least: float, calls: int) -> Iterator[Judged]:
    if not offered:  # a half hour without calls ends what was true of the one before
        yield Judged(rule=Rule.THREE_RINGS, verdict=Verdict.GOOD, value=0)
        return
    share = within / offered
    if share < least:
        verdict = Verdict.BAD if offered >= calls else Verdict.BETWEEN
    else:
        verdict = Verdict.GOOD if share >= min(1.0, least + SHARE_BAND) else Verdict.BETWEEN
    yield Judged(rule=Rule.THREE_RINGS, verdict=verdict, value=round(share, 4))
