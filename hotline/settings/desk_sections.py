"""The settings of the agent's desk: pauses, wrap-up, phones that nobody lifts."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from hotline.settings.sections import Section

PauseReason = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f,]{1,20}$")]
OF_THE_SYSTEM = frozenset({"signed-in", "no-answer", "page-gone", "pressed", "signed-out", "wrap-up"})


class AgentsSettings(Section):
    """What agents may be doing instead of waiting for a call, and for how long."""

    pause_reasons: tuple[PauseReason, ...] = ("用餐", "休息", "培训", "外出", "填写记录")
    """What an agent may say when pausing: a meal, a rest, training, out of the house, writing."""
    wrap_up_for: Annotated[int, Field(ge=0, le=3600)] = 120
    """Seconds of wrap-up after a talk; then the agent is ready by itself. 0: none."""
    wrap_up_more: Annotated[int, Field(ge=10, le=3600)] = 60
    """Seconds that an agent may add, again and again …"""
    wrap_up_most: Annotated[int, Field(ge=0, le=7200)] = 600
    """… up to this length in all."""
    no_answers: Annotated[int, Field(ge=0, le=20)] = 2
    """So many calls in a row that rang out at a phone pause its agent; 0: never."""
    page_gone_after: Annotated[int, Field(ge=20, le=3600)] = 90
    """Seconds without any page of theirs after which an agent is signed out, after the talk they may be in."""
    shows_supervisor: bool = True
    """Whether an agent's page says that a supervisor listens to their talk, whispers, or speaks in it."""
    help_rings_for: Annotated[int, Field(ge=5, le=60)] = 20
    """Seconds that a supervisor's own telephone is rung for an agent's talk; a phone in the page lifts itself."""

    @field_validator("pause_reasons")
    @classmethod
    def _are_reasons_of_their_own(cls, reasons: tuple[str, ...]) -> tuple[str, ...]:
        if taken := sorted(OF_THE_SYSTEM & set(reasons)):
            raise ValueError(f"{', '.join(taken)}: the system's own word")
        if double := sorted({reason for reason in reasons if reasons.count(reason) > 1}):
            raise ValueError(f"{', '.join(double)} stands more than once")
        return reasons

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.wrap_up_for > self.wrap_up_most:
            raise ValueError("wrap_up_most must not be below wrap_up_for")
        return self
