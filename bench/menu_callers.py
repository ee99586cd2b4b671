"""Who calls in bench/through_the_menu.py, and what each kind of caller does. Pure: shares in, SIPp scenarios out.

Two thirds go all the way: keys at any moment from the first word on, then the queue for a bounded time. One third hangs
up somewhere, at a moment drawn anew for each call. Moments are seconds after the lifting: the greeting lasts 3.9 s, the
notice 4.0 s, the menu 16 s and 4 s of waiting. Keys are tones in the sound; besides them a caller sends no sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hotline.simulate.scenario import Press, Step, Wait, WaitBetween, caller, gives_up_while_ringing

FROM_THE_FIRST_WORD: Final = WaitBetween(0.3, 14)
IN_THE_MENU: Final = WaitBetween(8.2, 16)
NEXT_KEY: Final = WaitBetween(1.5, 5)
NEXT_MENU: Final = WaitBetween(1.5, 8)
# After the last key 4 to 8 s pass before the queue. Who reaches a human there at once is left by us after 22 s at the
# soonest (1 s of talk, 17 s of being asked to judge it): all who go by themselves are gone by then.
# Longer stays are more calls at once than two cores carry that also run SIPp (docs/figures.md).
STAYS: Final = WaitBetween(3, 8)
# Who helps here hangs up after a second, which the switch takes for no help: it rings everybody again, round after
# round. One such call that stayed for three minutes made half of the event log's rows of two hundred calls.
IN_DANGER: Final = WaitBetween(12, 20)
PATIENCE: Final = 180.0  # seconds for which somebody who is never the first to hang up stays


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerKind:
    """One kind of caller; `weight` is its share of all kinds' weights. `number` in the scenario is SIPp's [field0]."""

    name: str
    weight: int
    scenario: str
    is_lifted: bool = True  # False: gives up while it rings


def caller_kinds(dialled: str) -> tuple[CallerKind, ...]:
    """Return every kind of caller who dials this number."""

    def kind(name: str, weight: int, *steps: Step, stays: bool = False) -> CallerKind:
        # Who is turned away is left by us, and that is right; so is whoever met people and is asked to judge.
        plain = caller(
            steps, number="[field0]", dialled=dialled, hangs_up=not stays, may_be_left=True, patience=PATIENCE
        )
        # SIPp's clock runs from the INVITE, not from the making of the call.
        timed = plain.replace('rtd="true"', 'rtd="1"').replace("<send retrans", '<send start_rtd="1" retrans', 1)
        return CallerKind(name=name, weight=weight, scenario=timed)

    ringing = gives_up_while_ringing(
        number="[field0]", dialled=dialled, after=WaitBetween(0.05, 0.6), may_be_lifted=True
    )
    return (
        kind("1 repair", 42, FROM_THE_FIRST_WORD, Press("1"), STAYS),
        kind("2 complaint", 24, FROM_THE_FIRST_WORD, Press("2"), STAYS),
        kind("3 then 1", 18, IN_THE_MENU, Press("3"), NEXT_KEY, Press("1"), STAYS),
        kind("3 then 2", 18, IN_THE_MENU, Press("3"), NEXT_KEY, Press("2"), STAYS),
        kind("4 progress", 20, FROM_THE_FIRST_WORD, Press("4"), STAYS),
        kind("8 then 1", 15, IN_THE_MENU, Press("8"), NEXT_MENU, Press("1"), STAYS),
        kind("0 people", 12, FROM_THE_FIRST_WORD, Press("0"), STAYS),
        kind("0 and stays", 15, FROM_THE_FIRST_WORD, Press("0"), stays=True),
        kind("9 emergency", 1, FROM_THE_FIRST_WORD, Press("9"), IN_DANGER),
        kind("* then 0", 10, IN_THE_MENU, Press("*"), NEXT_MENU, Press("0"), STAYS),
        kind("silence", 8, Wait(34), WaitBetween(0, 12)),
        kind("wrong, then 1", 9, IN_THE_MENU, Press("5"), NEXT_MENU, Press("1"), STAYS),
        kind("wrong twice", 6, IN_THE_MENU, Press("6"), NEXT_MENU, Press("7"), STAYS),
        CallerKind(name="gone while ringing", weight=20, scenario=ringing, is_lifted=False),
        kind("gone in the greeting", 20, WaitBetween(0.2, 3.6)),
        kind("gone in the notice", 20, WaitBetween(4.0, 7.7)),
        kind("gone in the menu", 20, WaitBetween(8.2, 24)),
        kind("gone in the queue", 20, IN_THE_MENU, Press("0"), WaitBetween(4, 9)),
    )


def shares(kinds: Sequence[CallerKind], calls: int) -> list[int]:
    """Return how many of so many calls each kind makes; together exactly `calls`."""
    total = sum(kind.weight for kind in kinds)
    counts = [calls * kind.weight // total for kind in kinds]
    by_remainder = sorted(range(len(kinds)), key=lambda place: -(calls * kinds[place].weight % total))
    for place in by_remainder[: calls - sum(counts)]:
        counts[place] += 1
    return counts


def numbers_of(kind: int, count: int, residents: Sequence[str]) -> list[str]:
    """Return the numbers from which this kind calls: every tenth a resident's, the others each used once."""
    return [
        residents[(kind * 37 + place) % len(residents)]
        if residents and (kind + place) % 10 == 9
        else f"139{kind:02d}{place:06d}"
        for place in range(count)
    ]
