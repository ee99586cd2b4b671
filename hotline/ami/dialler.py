"""Send a campaign's errand on its way: one Originate straight to the trunk, the attempt's id as the channel's own.

Implements `hotline.campaigns.attempt.Dialler`. An action is sent once and never again: the link forgets what is
unanswered when it breaks (client.py). Whether it was carried out is told by the switch's channels and its event log.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from hotline.ami import actions
from hotline.ami.client import AmiClient, LinkState
from hotline.ami.errors import AmiDown, AmiRefused, UnsafeHeader
from hotline.ami.living import hang_up_channel, living_channels
from hotline.campaigns.attempt import PREFIX, AttemptId, Errand, NotPlaced
from hotline.campaigns.sounds import CampaignSounds

TRUNK: Final = "outside"
CONTEXT: Final = "campaign"
SOUNDS_WITHIN: Final = 4.0  # seconds; less than a claim may be old (campaigns/dialling.py): the order comes after them


class AsteriskDialler:
    """Dials over one link. `leaves_word`: whether a machine is told, without a private word, who called."""

    def __init__(self, client: AmiClient, sounds: CampaignSounds, *, leaves_word: bool) -> None:
        self._client, self._sounds, self._leaves_word = client, sounds, leaves_word

    def is_up(self) -> bool:
        """Return whether the link to the switch is up."""
        return self._client.link.state is LinkState.UP

    async def place(self, errand: Errand, is_too_late: Callable[[], bool] = lambda: False) -> None:
        """Ask the switch to dial, unless it `is_too_late` once all is ready; returns once it has taken the order.

        Raises NotPlaced where surely nothing was dialled; AmiDown or AmiSilent where nobody can tell.
        """
        try:
            async with asyncio.timeout(SOUNDS_WITHIN):
                talk = await self._sounds.make(errand)
        except TimeoutError as slow:  # the switch was not asked: nobody need wonder
            raise NotPlaced("what is to be said was not ready in time", counts=False) from slow
        digits = errand.number.national
        if not digits.isdecimal():
            raise NotPlaced("the number cannot be dialled")
        try:
            action = actions.originate(
                f"PJSIP/{digits}@{TRUNK}",
                channel_id=errand.id,
                context=CONTEXT,
                extension=talk.kind,
                ring_for=errand.ring_for,
                # Whom the channel belongs to, for queue, ledger and pop; what the resident is shown is the trunk's own
                # from_user, the outbound number.
                caller_id=f"<{digits}>",
                variables={
                    "SPEAKS": talk.language,
                    "SAY_ASK": talk.ask,
                    "SAY_BODY": talk.body,
                    "ON_MACHINE": "say" if self._leaves_word else "",
                },
            )
            if is_too_late():
                raise NotPlaced("the claim is too old: the worker was held up", counts=False)
            await self._client.ask(action)
        except (UnsafeHeader, AmiRefused) as refused:
            raise NotPlaced(str(refused)) from refused
        except AmiDown as down:
            if down.was_sent:
                raise
            raise NotPlaced(str(down), counts=False) from down

    async def living(self) -> frozenset[AttemptId]:
        """Return the attempts whose channels live at the switch now. Raises AmiError where that cannot be known."""
        return await living_channels(self._client, PREFIX)

    async def hang_up(self, attempt: AttemptId) -> bool:
        """End an attempt's call; return whether it lived. Raises AmiError."""
        return await hang_up_channel(self._client, attempt)
