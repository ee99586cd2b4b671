"""Ask the switch for a call to the outside: the agent's own telephone first, then the resident.

Implements `hotline.desk.outside.OutsideLine`. The row's own id is the channel's: the switch refuses a second one while
the first lives, and its event log holds for ever whether there was one. An action is sent once and never again.
"""

from collections.abc import Callable
from typing import Final

from hotline.ami import actions
from hotline.ami.client import AmiClient
from hotline.ami.errors import AmiDown, AmiRefused, UnsafeHeader
from hotline.ami.living import hang_up_channel, living_channels
from hotline.calls.ours import AGENT_FIRST
from hotline.desk.outside import Errand, NoWayOut

CONTEXT: Final = "outside-call"


class AsteriskOutside:
    """Calls to the outside over one link."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def ring(self, errand: Errand, is_too_late: Callable[[], bool]) -> None:
        """Ring the agent, unless it `is_too_late`; the dialplan goes on.

        Raises NoWayOut where surely nothing was asked; else AmiError.
        """
        digits = errand.number.national
        try:
            action = actions.originate(
                f"PJSIP/{errand.extension}",
                channel_id=errand.channel,
                context=CONTEXT,
                extension="lifted",
                ring_for=errand.rings_for,
                # Whom the call is to, for the agent's display, the pop and the ledger; what the resident is shown is
                # the trunk's own from_user, the outbound number.
                caller_id=f"<{digits}>",
                variables={"CALLS": digits, "RETURNS": errand.returns}
                | ({"ATTEMPT": errand.attempt} if errand.attempt else {}),
                tells_call=True,
            )
            if is_too_late():
                raise NoWayOut("the service was held up since the click: nobody was rung")
            await self._client.ask(action)
        except (UnsafeHeader, AmiRefused) as refused:
            raise NoWayOut("the switch did not take the order") from refused
        except AmiDown as down:
            if down.was_sent:
                raise
            raise NoWayOut("there is no link to the switch") from down

    async def hang_up(self, channel: str) -> bool:
        """End a call by its agent's channel; return whether it lived. Raises AmiError."""
        return await hang_up_channel(self._client, channel)

    async def living(self) -> frozenset[str]:
        """Return the ids of our channels that live at the switch now. Raises AmiError where nobody can tell."""
        return await living_channels(self._client, AGENT_FIRST)
