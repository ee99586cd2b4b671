"""Walk one caller through the menu.

Every step first renews the call's lease by its own length and a little more. Whatever goes wrong here, the lease ends
or the connection closes, and the dialplan leads the caller to people: never to silence.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from hotline.ivr.agi import AgiChannel
from hotline.ivr.menu import KEYS, Ask, Lead, Menu, MenuPlan, To, after, begin, lead_on

log = structlog.get_logger()

QUEUE_VARIABLE = "HOTLINE_QUEUE"  # read by the dialplan when we are done


class MenuSession:
    """Leads callers; one object serves them all. `lengths` are the prompts' lengths in seconds.

    `plan` is asked once a call: who began with one plan ends with it. `now` tells the time at the centre.
    """

    def __init__(
        self, *, plan: Callable[[], MenuPlan], now: Callable[[], datetime], lengths: Mapping[str, float], lease: int
    ) -> None:
        self._plan, self._now = plan, now
        self._lengths = lengths
        self._lease = lease

    async def __call__(self, channel: AgiChannel) -> None:
        """Lead one caller from the menu's first word to a queue."""
        plan = self._plan()
        language, heard = plan.first_language, 1
        at = plan.menu_at(self._now(), language)
        while True:
            lead = await self._through(channel, at)
            language = lead.choice.language or language
            onward = lead_on(plan, lead.choice, language=language, heard=heard)
            # What was chosen is told and set before it is said: a caller whose session dies now is still led right.
            await self._renew(channel, 0)
            await channel.run("CELGenUserEvent", "MENU_CHOICE", lead.key)
            if isinstance(onward, Menu):
                at, heard = onward, heard + 1
                continue
            queue = onward.to.name if onward.to.to is To.QUEUE else str(onward.to.to)
            await channel.set_variable(QUEUE_VARIABLE, queue)
            if onward.prompt:
                await self._play(channel, onward.prompt, interrupted_by="")
            log.info("caller led to queue", uniqueid=channel.call.uniqueid, queue=queue)
            return

    async def _through(self, channel: AgiChannel, menu: Menu) -> Lead:
        step: Ask | Lead = begin(menu)
        while isinstance(step, Ask):
            step = after(menu, step, await self._ask(channel, menu, step))
        return step

    async def _ask(self, channel: AgiChannel, menu: Menu, step: Ask) -> str:
        for prompt in step.prompts:
            if key := await self._play(channel, prompt, interrupted_by=KEYS):
                return key
        await self._renew(channel, menu.waits.total_seconds())
        return await channel.digit(menu.waits)

    async def _play(self, channel: AgiChannel, prompt: str, *, interrupted_by: str) -> str:
        length = self._lengths[prompt]
        await self._renew(channel, length)
        return await channel.play(prompt, interrupted_by=interrupted_by, lasts=timedelta(seconds=length))

    async def _renew(self, channel: AgiChannel, seconds: float) -> None:
        await channel.renew_lease(math.ceil(seconds) + self._lease)
