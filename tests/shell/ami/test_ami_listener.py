"""The one reader of the switch's events: its board, its bell, its lease, and which calls it says are lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from hotline.ami import listener as listener_module
from hotline.ami.client import AmiClient, Rhythm
from hotline.ami.listener import Listener
from hotline.bus import Bus
from hotline.clock import SystemClock
from hotline.queues.board import AgentState
from tests.fakes.ami_peer import AmiPeer, an_ami_peer, event, says, silence
from tests.fakes.ami_variants import given, settings_for, until

CHANNEL = "Event: CoreShowChannel", "Channel: PJSIP/carrier-1", "Uniqueid: a.1", "Linkedid: a.1", "ChannelState: 6"
NOT_WHOLE = "Event: CoreShowChannel", "Channel: PJSIP/carrier-2", "Uniqueid: a.2", "Linkedid: a.2"
MEMBER = (
    "Event: QueueMember", "Queue: service", "Name: 8001", "Location: PJSIP/8001", "Status: 1", "Paused: 0", "InCall: 0",
)  # fmt: skip
WAITING = "Event: QueueEntry", "Queue: service", "Position: 1", "Channel: PJSIP/carrier-1", "Uniqueid: a.1", "Wait: 3"


def listed(complete: str, *items: tuple[str, ...]):
    blocks = [("Response: Success", "EventList: start"), *items, (f"Event: {complete}", "EventList: Complete")]
    return says(*[line for block in blocks for line in ("", *block)][1:])


class Bells:
    """Stands for the ledger and the recordings: what they were told."""

    def __init__(self) -> None:
        self.rung = 0
        self.living: list[set[str]] = []

    def ring(self) -> None:
        self.rung += 1

    def lost(self, living: set[str], _seen_at: datetime) -> None:
        self.living.append(living)


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    async with an_ami_peer() as peer:
        peer.answers["CoreShowChannels"] = listed("CoreShowChannelsComplete", CHANNEL)
        peer.answers["QueueStatus"] = listed("QueueStatusComplete", MEMBER, WAITING)
        peer.answers["Setvar"] = says("Response: Success")
        yield peer


@asynccontextmanager
async def listening(peer: AmiPeer, **changed: Any) -> AsyncIterator[tuple[Listener, Bells]]:
    client = AmiClient(settings_for(peer.port, **changed), SystemClock(), Rhythm(back_off=(0.05,)))
    bells: Any = Bells()
    listener = Listener(client=client, ledger=bells, recordings=bells, bus=Bus(), clock=SystemClock(), lease=4)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (client.run(), listener.run(), listener.keep_lease())]
        try:
            yield listener, bells
        finally:
            for task in tasks:
                task.cancel()


async def test_board_is_what_the_switch_says_as_soon_as_the_link_is_up(peer: AmiPeer) -> None:
    async with listening(peer) as (listener, bells):
        assert await until(lambda: bells.living == [{"a.1"}])

    assert listener.board.is_current
    assert dict(listener.board.agents) == {"8001": AgentState.READY}
    assert dict(listener.board.waiting) == {"a.1": "service"}


async def test_snapshot_the_switch_was_too_busy_for_is_asked_for_again(
    peer: AmiPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener_module, "ASK_AGAIN", 0.01, raising=False)
    whole, peer.answers["CoreShowChannels"] = peer.answers["CoreShowChannels"], silence
    async with listening(peer, answer_within=0.2) as (listener, bells):
        given(await peer.has_heard("CoreShowChannels"))
        peer.answers["CoreShowChannels"] = whole

        assert await until(lambda: listener.board.is_current)
        assert bells.living == [{"a.1"}]


async def test_list_of_channels_that_is_not_whole_ends_no_call(peer: AmiPeer) -> None:
    peer.answers["CoreShowChannels"] = listed("CoreShowChannelsComplete", CHANNEL, NOT_WHOLE)
    async with listening(peer) as (listener, bells):
        assert await until(lambda: listener.board.is_current)

    assert bells.living == []


async def test_nothing_on_the_board_is_current_while_the_switch_cannot_be_heard(peer: AmiPeer) -> None:
    async with listening(peer) as (listener, _):
        given(await until(lambda: listener.board.is_current))
        peer.answers["Login"] = silence
        peer.drop()

        assert await until(lambda: not listener.board.is_current)
        assert dict(listener.board.waiting) == {}


async def test_what_happens_on_a_channel_wakes_the_ledger(peer: AmiPeer) -> None:
    async with listening(peer) as (listener, bells):
        given(await until(lambda: listener.board.is_current))
        given(bells.rung == 0)

        await peer.send(event("Hangup", Channel="PJSIP/carrier-1", Uniqueid="a.1", Linkedid="a.1", Cause=16))

        assert await until(lambda: bells.rung == 1)


async def test_lease_is_renewed_into_the_near_future(peer: AmiPeer) -> None:
    async with listening(peer):
        given(await peer.has_heard("Setvar"))

    said = next(each for each in peer.heard if each.get("Action") == "Setvar")
    assert said["Variable"] == "HOTLINE_LEASE"
    assert 0 < int(said["Value"]) - SystemClock().now().timestamp() <= 4
