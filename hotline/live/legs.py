"""Which sides of a call are heard now. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from hotline.calls.ledger import CallRecord
from hotline.transcribe.transcript import Side


@dataclass(frozen=True, slots=True)
class LiveLeg:
    """One side of a talk: the call, whose side, and the unique id of the switch's channel that carries the voice."""

    call_id: str
    side: Side
    channel: str

    def to_json(self) -> str:
        """Return the leg as text."""
        return json.dumps([self.call_id, self.side.value, self.channel])

    @classmethod
    def from_json(cls, text: bytes | str) -> "LiveLeg":
        """Read a leg. Raises ValueError or TypeError for anything else."""
        call_id, side, channel = json.loads(text)
        return cls(str(call_id), Side(side), str(channel))


def legs_to_hear(call: CallRecord) -> tuple[LiveLeg, ...]:
    """Return the sides of a call that are heard while it stands so: the caller's first, none unless people talk.

    What the caller does not want recorded is not heard either. Of a call of ours whose resident's channel is not known
    only our own side is heard.
    """
    is_talk = call.human_answer is not None and call.talk_ended is None and call.ended_at is None
    if not is_talk or call.recording_refused or call.direction == "internal":
        return ()
    channel = call.id if call.direction == "inbound" else call.resident_leg
    caller = [LiveLeg(call.id, Side.CALLER, channel)] if channel else []
    lifted = [ring for ring in call.rings if ring.was_answered and ring.agent == call.agent]
    return (*caller, *(LiveLeg(call.id, Side.AGENT, ring.leg) for ring in lifted[-1:]))


@dataclass(frozen=True, slots=True)
class Presence:
    """The hearing program says that it is there: how many more legs it takes, and which channels it hears."""

    free: int
    heard: frozenset[str] = frozenset()

    def to_json(self) -> str:
        """Return the news as text."""
        return json.dumps({"free": self.free, "heard": sorted(self.heard)})

    @classmethod
    def from_json(cls, value: Any) -> "Presence":
        """Read the news. Raises ValueError, TypeError or KeyError for anything else."""
        return cls(int(value["free"]), frozenset(str(one) for one in value["heard"]))
