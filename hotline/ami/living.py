"""Which channels of ours live at the switch now, by how their ids begin."""

from hotline.ami import actions
from hotline.ami.client import AmiClient
from hotline.ami.errors import AmiRefused
from hotline.ami.events import ChannelListed, Malformed


async def living_channels(client: AmiClient, prefix: str) -> frozenset[str]:
    """Return the ids that begin so of all channels that are up. Raises AmiError where nobody can tell."""
    answer = await client.ask(actions.core_show_channels())
    if any(isinstance(event, Malformed) for event in answer.events):
        raise AmiRefused("CoreShowChannels", "a list with entries that cannot be read")
    return frozenset(
        event.uniqueid
        for event in answer.events
        if isinstance(event, ChannelListed) and event.uniqueid.startswith(prefix)
    )


async def hang_up_channel(client: AmiClient, channel: str) -> bool:
    """End a channel by its id; return whether it lived. Raises AmiError."""
    try:
        await client.ask(actions.hangup(channel))
    except AmiRefused:
        return False
    return True
