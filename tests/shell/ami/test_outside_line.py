"""The order for a call to the outside is not sent any more once it is too late."""

import asyncio
from datetime import timedelta

import pytest

from hotline.ami.client import AmiClient, LinkState, Rhythm
from hotline.ami.outside import AsteriskOutside
from hotline.clock import SystemClock
from hotline.desk.outside import Errand, NoWayOut
from hotline.phone import PhoneNumber
from tests.fakes.ami_peer import an_ami_peer, says
from tests.fakes.ami_variants import given, settings_for, until

ERRAND = Errand(
    channel="outside-1764000000.1", extension="8001", number=PhoneNumber("+8613800138501"), returns="",
    rings_for=timedelta(seconds=20),
)  # fmt: skip


async def test_an_order_that_is_too_late_in_the_last_moment_is_never_sent() -> None:
    async with an_ami_peer() as peer:
        peer.answers["Originate"] = says("Response: Success", "Message: Originate successfully queued")
        client = AmiClient(settings_for(peer.port, answer_within=0.5), SystemClock(), Rhythm(back_off=(0.05,)))
        running = asyncio.get_running_loop().create_task(client.run())
        try:
            given(await until(lambda: client.link.state is LinkState.UP))
            line = AsteriskOutside(client)
            with pytest.raises(NoWayOut):
                await line.ring(ERRAND, lambda: True)
            await line.ring(ERRAND, lambda: False)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    assert len([heard for heard in peer.heard if heard["Action"] == "Originate"]) == 1
