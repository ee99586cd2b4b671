"""Whether a person kept what was drafted, and which share of each field is kept. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hotline.dutylog.draft import Draft
from hotline.dutylog.draft_fields import NO, YES, Drafted, DraftField
from hotline.dutylog.entry import Kind
from hotline.residents.resident import Home

FORMULA: Final = "accepted ÷ (accepted + changed); filled and idle are not counted"


class Verdict(StrEnum):
    """What a person's confirmed words say of a drafted field. Idle: nothing was drafted and nothing written."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    FILLED = "filled"  # nothing was drafted, and a person wrote it
    IDLE = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How often one field's draft was kept. `share` is None where there is no data, never 1."""

    field: DraftField
    accepted: int = 0
    changed: int = 0
    filled: int = 0

    @property
    def share(self) -> float | None:
        judged = self.accepted + self.changed
        return self.accepted / judged if judged else None


def verdict(drafted: Drafted, confirmed: Draft) -> Verdict:
    """Judge one field by the entry as it was confirmed."""
    kept = _kept(drafted, confirmed)
    if drafted.value:
        return Verdict.ACCEPTED if kept else Verdict.CHANGED
    return Verdict.FILLED if _is_written(drafted.field, confirmed) else Verdict.IDLE


def shares(counts: Mapping[tuple[str, str], int]) -> tuple[Share, ...]:
    """Return every field's share; `counts` has how often (field, verdict) was met."""
    return tuple(
        Share(
            field=field,
            accepted=counts.get((field, Verdict.ACCEPTED), 0),
            changed=counts.get((field, Verdict.CHANGED), 0),
            filled=counts.get((field, Verdict.FILLED), 0),
        )
        for field in DraftField
    )


def as_table(found: Iterable[Share]) -> str:
    """Return the shares as lines of text, the formula below."""
    lines = [f"{'field':<10} {'accepted':>8} {'changed':>8} {'filled':>8} {'share':>8}"]
    for one in found:
        share = "no data" if one.share is None else f"{one.share:.1%}"
        lines.append(f"{one.field:<10} {one.accepted:>8} {one.changed:>8} {one.filled:>8} {share:>8}")
    return "\n".join([*lines, f"share = {FORMULA}"])


def _kept(drafted: Drafted, confirmed: Draft) -> bool:
    """Symptom and deadline have no field of their own in an entry: they are kept while their words stand in it."""
    match drafted.field:
        case DraftField.KIND:
            return drafted.value == confirmed.kind
        case DraftField.HOME:
            return _plain_home(drafted.value) == _plain_home(confirmed.home)
        case DraftField.URGENCY:
            return drafted.value == (YES if confirmed.is_urgent else NO)
        case DraftField.EMERGENCY:
            return confirmed.kind is Kind.SPECIAL_HELP
        case DraftField.SYMPTOM:
            return all(word in confirmed.matter for word in drafted.value.split())
        case DraftField.PROMISE:
            return _plain(drafted.value) == _plain(confirmed.promised)
        case DraftField.DUE:
            return _plain(drafted.phrase) in _plain(confirmed.promised)


def _is_written(field: DraftField, confirmed: Draft) -> bool:
    """Whether a person wrote something into the field itself; nobody says in an entry that a symptom is missing."""
    match field:
        case DraftField.KIND:
            return confirmed.kind is not Kind.UNKNOWN
        case DraftField.HOME:
            return bool(confirmed.home.strip())
        case DraftField.PROMISE:
            return bool(confirmed.promised.strip())
        case DraftField.EMERGENCY:
            return confirmed.kind is Kind.SPECIAL_HELP
        case _:
            return False


def _plain_home(text: str) -> str:
    home = Home.parse(text)
    return home.label if home else _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\s", "", text)
