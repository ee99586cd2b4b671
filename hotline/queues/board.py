"""What is true in the queues right now: agents by state, callers who wait.

Pure: folded from AMI events, rebuilt from a snapshot after every reconnect. Nothing of it is kept; the ledger is.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class AgentState(StrEnum):
    """An agent as the switch sees the phone."""

    SIGNED_OUT = "signed-out"  # no phone registered
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueBoard:
    """The queues at one moment. `is_current` is False while the switch cannot be heard: then nothing here may be believed."""

    is_current: bool = False
    agents: dict[str, AgentState] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)  # the waiting channel's unique id -> queue
