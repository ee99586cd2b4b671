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
    serves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # agent -> queues, in order
    waiting: Mapping[str, str] = field(default_factory=dict)  # the waiting channel's unique id -> queue

    def with_agent(self, agent: str, state: AgentState | None) -> "QueueBoard":
        """Return the board with this agent so; None takes the agent off."""
        others = {name: known for name, known in self.agents.items() if name != agent}
        return replace(self, agents=others if state is None else dict(sorted({**others, agent: state}.items())))

    def with_member(self, agent: str, queue: str, state: AgentState) -> "QueueBoard":
        """Return the board with this agent so, and serving this queue."""
        queues = {*self.serves.get(agent, ()), queue}
        return replace(self.with_agent(agent, state), serves={**self.serves, agent: tuple(sorted(queues))})

    def without_member(self, agent: str, queue: str) -> "QueueBoard":
        """Return the board with this agent out of this queue; out of the last one, the agent is off the board."""
        queues = tuple(each for each in self.serves.get(agent, ()) if each != queue)
        others = {name: known for name, known in self.serves.items() if name != agent}
        board = replace(self, serves={**others, agent: queues} if queues else others)
        return board if queues else board.with_agent(agent, None)

    def with_waiting(self, uniqueid: str, queue: str | None) -> "QueueBoard":
        """Return the board with this caller waiting in the queue; None: waiting no longer."""
        others = {caller: name for caller, name in self.waiting.items() if caller != uniqueid}
        return replace(self, waiting=others if queue is None else {**others, uniqueid: queue})
