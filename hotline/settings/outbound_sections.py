"""The settings of calling out: when homes may be rung, how often, on how many lines, and how many workers dial."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from hotline.hours import parse_spans
from hotline.settings.sections import Section

EARLIEST = 8 * 60  # minutes after midnight: nobody is ever rung before eight …
LATEST = 22 * 60  # … or from ten in the evening on


def _decent(text: str) -> str:
    for span in parse_spans(text):
        if span.opens < EARLIEST or span.closes > LATEST:
            raise ValueError(f"{span} is indecent: nobody is rung before 08:00 or after 22:00")
    return text


class OutboundSettings(Section):
    """Calling out: campaigns. They dial only where `sip.trunk` is set."""

    windows: str = "09:00-12:00, 14:00-20:00"
    """When homes may be rung, in the centre's time zone; several spans with a comma."""
    holiday_windows: str = "closed"
    """The same on public holidays; notices are told on a holiday as on any other day."""
    per_day: Annotated[int, Field(ge=1, le=10)] = 1
    """Calls a household may get in a day, over all campaigns …"""
    per_week: Annotated[int, Field(ge=1, le=20)] = 2
    """… in seven days …"""
    per_month: Annotated[int, Field(ge=1, le=60)] = 3
    """… and in thirty."""
    gap: Annotated[int, Field(ge=1, le=1440)] = 30
    """Minutes between two calls to one household."""
    needs_approval: bool = True
    """Whether a second person approves a campaign before it starts."""
    reminder_days: tuple[Annotated[int, Field(ge=1, le=28)], ...] = (5, 10, 15)
    """Days of the month on which a fee reminder is drafted from the records, for a person to approve [W]."""
    lines: Annotated[int, Field(ge=0, le=1000)] = 8
    """Lines of the trunk, for calls in both directions; 0: no campaign dials."""
    keep_free: Annotated[int, Field(ge=0, le=1000)] = 4
    """Lines that no campaign takes: they are for callers, beside those that callers have now."""
    per_second: Annotated[float, Field(gt=0, le=50)] = 1.0
    """Calls begun in a second, by all workers together."""
    abandon_cap: Annotated[float, Field(ge=0, le=100)] = 3.0
    """Percent of residents reached who may hang up while they wait for a clerk; above it fewer are rung."""
    ring_for: Annotated[int, Field(ge=10, le=60)] = 30
    """Seconds for which a resident's telephone rings."""
    clerk_wait: Annotated[int, Field(ge=10, le=300)] = 60
    """Seconds for which a resident who asked for a clerk waits for one; then they are promised a call."""
    leaves_word: bool = True
    """Whether an answering machine is told, without a private word, who called and what number to ring back."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    """Calls to one target before it is given up; a busy line is tried twice more within one of them."""
    doubt_dials: Annotated[int, Field(ge=0, le=500)] = 20
    """Last calls by which the line is judged; where too many are dead numbers or failed, dialling pauses. 0: never."""
    doubt_share: Annotated[float, Field(ge=5, le=100)] = 50.0
    """Percent of them that make it doubtful; six numbers in a row do, too. Of a list with one dead number in ten one
    call in a hundred thousand would stop dialling for nothing."""
    doubt_probe: Annotated[int, Field(ge=0, le=1440)] = 10
    """Minutes after which one home is called to see whether the line is good again; 0: a person lets dialling go on."""

    @field_validator("windows", "holiday_windows")
    @classmethod
    def _are_decent(cls, text: str) -> str:
        return _decent(text)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not parse_spans(self.windows):
            raise ValueError("windows is closed: name the hours in which homes may be rung")
        if not self.per_day <= self.per_week <= self.per_month:
            raise ValueError("per_day may not be above per_week, nor that above per_month")
        return self


class WorkerSettings(Section):
    """The workers that take jobs from the queue: transcripts, and the calls of campaigns."""

    processes: Annotated[int, Field(ge=1, le=16)] = 1
    """How many run on this machine; those of other machines share the same Redis and database."""
