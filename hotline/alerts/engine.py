"""From verdicts to steps: what is raised now, and what is over. Pure.

`step` is given what stood before and how long each verdict has held; it returns both anew. The same verdicts again
change nothing: an alert is raised once and ends once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from hotline.alerts.alert import Rule
from hotline.alerts.rules import HOLDS, Hold, Judged, Judgement, Verdict

Key = tuple[Rule, str]  # a rule and its subject


@dataclass(frozen=True, slots=True)
class Since:
    """A verdict that holds since a moment."""

    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """What is to be written: raised with its value, ended; and what to remember until the next look."""

    raised: tuple[Judged, ...]
    ended: tuple[Key, ...]
    since: Mapping[Key, Since]


NO_STEPS: Final = Steps(raised=(), ended=(), since={})


def step(
    judgement: Judgement,
    *,
    standing: Collection[Key],
    since: Mapping[Key, Since],
    now: datetime,
    holds: Mapping[Rule, Hold] = HOLDS,
) -> Steps:
    """Return what these verdicts lead to, given the alerts that stand and since when each verdict holds."""
    verdicts = {(one.rule, one.subject): one for one in judgement.verdicts}
    for key in {*standing, *since}:
        if key[0] in judgement.judged and key not in verdicts:
            verdicts[key] = Judged(rule=key[0], subject=key[1], verdict=Verdict.GOOD, value=0)
    # A rule that cannot be judged now keeps nothing running: what is not known is neither bad nor good for long.
    kept: dict[Key, Since] = {}
    raised, ended = [], []
    for key, one in verdicts.items():
        known = since.get(key)
        began = known.at if known is not None and known.verdict is one.verdict else now
        hold = holds[one.rule]
        if one.verdict is Verdict.BAD and key not in standing:
            if now - began >= hold.bad_for:
                raised.append(one)
            kept[key] = Since(one.verdict, began)
        elif one.verdict is Verdict.GOOD and key in standing:
            if now - began >= hold.good_for:
                ended.append(key)
            else:
                kept[key] = Since(one.verdict, began)
    return Steps(raised=tuple(raised), ended=tuple(ended), since=kept)
