"""The settings of the calls that agents make from their page."""

from typing import Annotated, Literal

from pydantic import Field

from hotline.settings.sections import Section


class OutsideSettings(Section):
    """Calls that agents make to residents. They leave by `sip.trunk` and show `sip.outbound_number`."""

    agent_rings_for: Annotated[int, Field(ge=5, le=60)] = 20
    """Seconds for which the agent's own telephone rings before the resident would be rung."""
    ring_for: Annotated[int, Field(ge=10, le=120)] = 45
    """Seconds for which the resident's telephone rings."""
    beyond: tuple[Literal["international", "service"], ...] = ()
    """What may be dialled beside mobiles and landlines of China: numbers abroad, service numbers (400, 800, 9…)."""
    short_numbers: tuple[Annotated[str, Field(pattern=r"^\d{3,6}$")], ...] = ("110", "119", "120", "122")
    """Short numbers that may be dialled: police, fire, ambulance, traffic accidents."""
