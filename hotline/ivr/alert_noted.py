"""Somebody on a duty telephone pressed 1: take note of the alert, and tell the dialplan whether it is written down."""

from collections.abc import Awaitable, Callable
from typing import Final

from hotline.ivr.agi import AgiChannel

SCRIPT: Final = "alert-noted"  # the path in the dialplan's agi:// (deploy/asterisk/extensions_alerts.conf.j2)
NOTED: Final = "HOTLINE_NOTED"


class NotesAlerts:
    """Leads these calls; every other one is `others`."""

    def __init__(
        self, others: Callable[[AgiChannel], Awaitable[None]], noted: Callable[[str], Awaitable[bool]]
    ) -> None:
        self._others, self._noted = others, noted

    async def __call__(self, channel: AgiChannel) -> None:
        """Lead one call."""
        if channel.call.script != SCRIPT:
            await self._others(channel)
            return
        is_noted = await self._noted(channel.call.arguments[0] if channel.call.arguments else "")
        await channel.set_variable(NOTED, "yes" if is_noted else "no")
