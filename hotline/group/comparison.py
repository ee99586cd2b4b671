"""The answer times of some days, centre beside centre, and of all together. Pure.

Every centre sends its counts and the steps of its waits (`reports.tally`). All together are the sums of these, so
shares and percentiles of the group are made as a centre's own are: never of the centres' shares and percentiles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, Self

from pydantic import Field, ValidationError

from hotline.group.centre import Centre, Why
from hotline.group.heard import Count, Said
from hotline.reports.figures import AnswerTimes
from hotline.reports.tally import FINE, Tally

Name = Annotated[str, Field(max_length=120)]
Edge = Annotated[str, Field(pattern=r"^[0-9]{1,12}$")]
LONGEST_LIST: Final = 20_000


class SaidSums(Said):
    """The sums of some days as a centre says them (`GET /api/v1/reports/sums`)."""

    first: date
    last: date
    running: Count
    is_whole: bool
    counts: Annotated[Mapping[Name, Annotated[int, Field(ge=0, le=10**15)]], Field(max_length=LONGEST_LIST)]
    lift: Annotated[Mapping[Edge, Count], Field(max_length=LONGEST_LIST)]
    human: Annotated[Mapping[Edge, Count], Field(max_length=LONGEST_LIST)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreSums:
    """What one centre counted on some days. `running` calls are in no sum yet; not `is_whole`: some are missing."""

    tally: Tally
    running: int
    is_whole: bool

    @classmethod
    def read(cls, said: Any, first: date, last: date) -> Self | None:
        """Return what a centre says of these days; None where it makes no sense, or is of other days or steps."""
        try:
            sums = SaidSums.model_validate(said)
        except ValidationError:
            return None
        if (sums.first, sums.last) != (first, last):
            return None
        if any(FINE.edge(int(edge)) != int(edge) for waits in (sums.lift, sums.human) for edge in waits):
            return None  # other steps: they cannot be added to ours
        tally = Tally()
        tally.add_values({"counts": sums.counts, "lift": sums.lift, "human": sums.human})
        return cls(tally=tally, running=sums.running, is_whole=sums.is_whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One centre of a comparison; without sums it was not heard, and `why` says why. `other`: of the other days."""

    centre: Centre
    sums: CentreSums | None
    why: Why | None = None
    other: CentreSums | None = None

    @property
    def times(self) -> AnswerTimes | None:
        """Its answer times; None while it is not heard."""
        return None if self.sums is None else AnswerTimes.of(self.sums.tally)

    @property
    def other_times(self) -> AnswerTimes | None:
        """Its answer times of the other days; None where none were asked for, or it is not heard."""
        return None if self.other is None else AnswerTimes.of(self.other.tally)


def together(sums_of_centres: Iterable[CentreSums | None]) -> AnswerTimes | None:
    """Return the answer times of all centres that were heard; None where none was."""
    heard = [sums for sums in sums_of_centres if sums is not None]
    if not heard:
        return None
    every = Tally()
    for sums in heard:
        every.add(sums.tally)
    return AnswerTimes.of(every)
