"""Walk one caller through the menu.

Every step first renews the call's lease by its own length and a little more. Whatever goes wrong here, the lease ends
or the connection closes, and the dialplan leads the caller to people: never to silence.
"""

import math
from collections.abc import Mapping
from datetime import timedelta

import structlog

from hotline.ivr.agi import AgiChannel
from hotline.ivr.menu import KEYS, Ask, Lead, Menu, after, begin

log = structlog.get_logger()

QUEUE_VARIABLE = "HOTLINE_QUEUE"  # read by the dialplan when we are done


class MenuSession:
    """Leads callers; one object serves them all. `lengths` are the prompts' lengths in seconds."""

    def __init__(self, *, menu: Menu, lengths: Mapping[str, float], lease: int) -> None:
        self._menu = menu
        self._lengths = lengths
        self._lease = lease

    async def __call__(self, channel: AgiChannel) -> None:
        """Lead one caller from the menu's first word to a queue."""
        step: Ask | Lead = begin(self._menu)
        while isinstance(step, Ask):
            step = after(self._menu, step, await self._ask(channel, step))
        # What was chosen is told and set before it is said: a caller whose session dies now is still led right.
        await self._renew(channel, 0)
        await channel.run("CELGenUserEvent", "MENU_CHOICE", step.key)
        await channel.set_variable(QUEUE_VARIABLE, step.choice.queue)
        await self._play(channel, step.choice.prompt, interrupted_by="")
        log.info("caller led to queue", uniqueid=channel.call.uniqueid, queue=step.choice.queue)

    async def _ask(self, channel: AgiChannel, step: Ask) -> str:
        for prompt in step.prompts:
            if key := await self._play(channel, prompt, interrupted_by=KEYS):
                return key
        await self._renew(channel, self._menu.waits.total_seconds())
        return await channel.digit(self._menu.waits)

    async def _play(self, channel: AgiChannel, prompt: str, *, interrupted_by: str) -> str:
        length = self._lengths[prompt]
        await self._renew(channel, length)
        return await channel.play(prompt, interrupted_by=interrupted_by, lasts=timedelta(seconds=length))

    async def _renew(self, channel: AgiChannel, seconds: float) -> None:
        await channel.renew_lease(math.ceil(seconds) + self._lease)
