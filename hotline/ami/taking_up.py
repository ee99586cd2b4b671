"""A talk outlives the page that is its phone: the resident waits with music, and the same phone is rung again.

Nothing of it is remembered here: which talk it was, the switch itself knows. The contexts `page-left` and `take-up`
stand in deploy/asterisk/extensions_phone.conf.j2; what the ledger makes of it in hotline/calls/story.py.
"""

import re
from collections.abc import Sequence
from typing import Final

import structlog

from hotline.ami.actions import core_show_channels, redirect
from hotline.ami.client import AmiClient
from hotline.ami.errors import AmiError
from hotline.ami.events import ChannelListed

log = structlog.get_logger()
PAGE_LEFT: Final = "page-left"
TAKE_UP: Final = "take-up"
_HOUSE_PHONE: Final = re.compile(r"PJSIP/\d{3,6}-[0-9a-f]+")
_LOCAL: Final = "Local/"
_KEPT_PLACE: Final = "Local/keep@kept-place-"


class TakingUp:
    """Leads residents aside and back. Both return whether there was a talk; a switch that is away has none to give."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def leave(self, extension: str) -> bool:
        """The page is being left: music for its resident."""
        return await self._lead(extension, PAGE_LEFT)

    async def take_up(self, extension: str) -> bool:
        """The page is there again and its phone signed in: ring it, for its resident."""
        return await self._lead(extension, TAKE_UP)

    async def _lead(self, extension: str, context: str) -> bool:
        try:
            answer = await self._client.ask(core_show_channels())
            channels = [event for event in answer.events if isinstance(event, ChannelListed)]
            resident = resident_of(extension, channels)
            if resident is None:
                return False
            await self._client.ask(redirect(resident.channel, context, extension))
        except AmiError as wrong:
            log.warning("a talk could not be taken up", extension=extension, reason=wrong.error_id)
            return False
        log.info("a talk is led aside for its page", extension=extension, context=context, call=resident.linkedid)
        return True


def resident_of(extension: str, channels: Sequence[ChannelListed]) -> ChannelListed | None:
    """Return the resident's channel in the talk of this phone: set aside already, or still bridged with it.

    None where the phone has no talk, with a colleague only, or where others speak with the resident too: they stay.
    """
    for one in channels:
        # One who was taken up stays in that place for the rest of the call: bridged, whoever speaks with them counts.
        if one.context in {PAGE_LEFT, TAKE_UP} and one.extension == extension and not one.bridge:
            return one
    own = [one for one in channels if re.fullmatch(rf"PJSIP/{extension}-[0-9a-f]+", one.channel) and one.bridge]
    for phone in own:
        others = [one for one in channels if one.bridge == phone.bridge and one.channel != phone.channel]
        if len(others) != 1:
            continue
        if others[0].channel.startswith(_KEPT_PLACE):
            return others[0]  # the resident was dialled by its other end, and is let go with that one
        if not others[0].channel.startswith(_LOCAL):
            if _HOUSE_PHONE.fullmatch(others[0].channel):
                continue  # a colleague, asked on a second line
            return others[0]
        # Asking a colleague, or handed over: the resident is the one whose call it is.
        for one in channels:
            if one.uniqueid == phone.linkedid and not _HOUSE_PHONE.fullmatch(one.channel):
                return one
    return None
