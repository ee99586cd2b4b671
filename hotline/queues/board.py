"""What is true in the queues right now: agents by state, callers who wait.

Pure. Rebuilt from a snapshot after every reconnect, then changed by each event. Nothing of it is kept; the ledger is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    """The queues at one moment. While the switch cannot be heard `is_current` is False, and nothing here is true."""

    is_current: bool = False
    agents: Mapping[str, AgentState] = field(default_factory=dict)
    waiting: Mapping[str, str] = field(default_factory=dict)  # the waiting channel's unique id -> queue

    def with_agent(self, agent: str, state: AgentState | None) -> "QueueBoard":
        """Return the board with this agent so; None takes the agent off."""
        others = {name: known for name, known in self.agents.items() if name != agent}
        return replace(self, agents=others if state is None else dict(sorted({**others, agent: state}.items())))

    def with_waiting(self, uniqueid: str, queue: str | None) -> "QueueBoard":
        """Return the board with this caller waiting in the queue; None: waiting no longer."""
        others = {caller: name for caller, name in self.waiting.items() if caller != uniqueid}
        return replace(self, waiting=others if queue is None else {**others, uniqueid: queue})
