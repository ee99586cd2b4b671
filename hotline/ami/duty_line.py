"""Ask the switch for a call to a duty telephone; [alert-call] of the dialplan says the alert and asks for a key.

Implements `hotline.alerts.duty_phone.DutyLine`.
"""

from datetime import timedelta
from typing import Final

from hotline.alerts.duty_phone import PREFIX
from hotline.ami import actions
from hotline.ami.client import AmiClient
from hotline.ami.living import hang_up_channel, living_channels

CONTEXT: Final = "alert-call"
ANSWERS_WITHIN: Final = timedelta(seconds=5)  # more than the telephone rings: its end is the dialplan's


class AsteriskDutyLine:
    """Calls over one link."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def ring(self, channel: str, number: str, sounds: tuple[str, str], ring_for: timedelta) -> None:
        """Ring a number by the trunk, or a telephone of the house. Raises AmiError."""
        await self._client.ask(
            actions.originate(
                f"Local/ring@{CONTEXT}/n",
                channel_id=channel,
                context=CONTEXT,
                extension="lifted",
                ring_for=ring_for + ANSWERS_WITHIN,
                variables={
                    "NUMBER": number, "SECONDS": str(int(ring_for.total_seconds())), "RING": channel,
                    "SAY": sounds[0], "SAY_NOTED": sounds[1],
                },
            )
        )  # fmt: skip

    async def living(self) -> frozenset[str]:
        """Return the channels of such calls. Raises AmiError."""
        return await living_channels(self._client, PREFIX)

    async def hang_up(self, channel: str) -> None:
        """End one; nothing where it is gone. Raises AmiError."""
        await hang_up_channel(self._client, channel)
