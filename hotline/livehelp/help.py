"""A supervisor's help in an agent's talk: what may be asked for, and where it stands, by one table. Pure.

It is written down first, then the switch is asked to ring the supervisor's own telephone; what came of it is what the
switch shows of that channel, also after any crash of ours. The agent's talk needs none of it and outlives it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from hotline.calls.cel import HELP
from hotline.errors import HotlineError


class Mode(StrEnum):
    """What a supervisor does in the talk. The names are the places of the dialplan, [live-help]."""

    LISTEN = "listen"  # 旁听
    WHISPER = "whisper"  # 耳语: the agent alone hears it
    BARGE = "barge"  # 插话: agent and resident hear it
    TAKE = "take"  # 接管: the agent is out of the talk


class HelpState(StrEnum):
    """Where it stands."""

    ASKED = "asked"  # the supervisor's own telephone is rung
    LISTENING = "listening"
    WHISPERING = "whispering"
    SPEAKING = "speaking"
    TAKEN = "taken"
    OVER = "over"
    FAILED = "failed"  # the telephone was not lifted, or nobody was rung


class LiveHelpError(HotlineError):
    """Help in a talk cannot be given."""

    error_id: ClassVar[str] = "live-help-error"


class AgentNotTalking(LiveHelpError):
    """This agent speaks with nobody now, or there is nobody in the talk who could be taken over."""

    error_id = "agent-not-talking"


class ResidentWouldNotHear(LiveHelpError):
    """The resident hears music, or is called back for a kept place: who steps in would not be heard. Take over."""

    error_id = "resident-would-not-hear"


class HelpUnknown(LiveHelpError):
    """There is no such help of yours."""

    error_id = "help-unknown"


class HelpStepRefused(LiveHelpError):
    """It is over, or your telephone is not lifted yet, or you have taken the call over already."""

    error_id = "help-step-refused"


class HelpLiving(LiveHelpError):
    """Your telephone is in another talk, or at another agent's side: end that first."""

    error_id = "help-living"


class HelpNotMade(LiveHelpError):
    """The switch could not be asked."""

    error_id = "help-not-made"


class CallerNotWaiting(LiveHelpError):
    """This caller waits in no queue now, or waits there already: nobody was moved."""

    error_id = "caller-not-waiting"


class PlaceUnknown(LiveHelpError):
    """There is no such queue or agent to move a caller to."""

    error_id = "place-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """One supervisor (`by`, with the telephone `extension`) at one agent's side. `mode` is what was asked for last."""

    id: int
    channel: str
    key: str
    by: str
    extension: str
    agent: str
    call_id: str
    mode: Mode
    state: HelpState
    began: datetime
    ended: datetime | None = None

    @property
    def is_living(self) -> bool:
        """Whether it goes on."""
        return self.state not in ENDED


ENDED: Final = frozenset({HelpState.OVER, HelpState.FAILED})
AT_SIDE: Final = frozenset({HelpState.LISTENING, HelpState.WHISPERING, HelpState.SPEAKING})
STATE_OF: Final[dict[Mode, HelpState]] = {
    Mode.LISTEN: HelpState.LISTENING,
    Mode.WHISPER: HelpState.WHISPERING,
    Mode.BARGE: HelpState.SPEAKING,
    Mode.TAKE: HelpState.TAKEN,
}
# What the switch shows of the supervisor's channel (None: it is gone), and what that makes of it. What is not here
# changes nothing: a taken call stays taken, what is over stays over.
NEXT: Final[dict[tuple[HelpState, Mode | None], HelpState]] = {
    (HelpState.ASKED, None): HelpState.FAILED,
    **{(HelpState.ASKED, mode): state for mode, state in STATE_OF.items()},
    **{(state, None): HelpState.OVER for state in (*AT_SIDE, HelpState.TAKEN)},
    **{(state, mode): STATE_OF[mode] for state in AT_SIDE for mode in Mode if STATE_OF[mode] is not state},
}


def seen(state: HelpState, mode: Mode | None) -> HelpState:
    """Return the state after the switch showed the supervisor's channel doing this; None: it has no such channel."""
    return NEXT.get((state, mode), state)


def may_turn(help_: Help, mode: Mode) -> bool:
    """Return whether the switch is to be asked; False where it is so already. Raises HelpStepRefused."""
    if help_.state not in AT_SIDE:
        raise HelpStepRefused("your telephone is not at this agent's side now")
    return STATE_OF[mode] is not help_.state


def help_channel(at: datetime, number: int) -> str:
    """Return the id of the supervisor's channel; the second in it tells which of two calls is older (calls.family)."""
    return f"{HELP}{int(at.timestamp())}.{number}"
