"""The link to the switch against a scripted one: sign-in, answers, outages, a slow reader."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given as any_of
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from hotline.ami import actions
from hotline.ami.client import AmiClient, Item, LinkDown, LinkState, LinkUp, Lost, Rhythm
from hotline.ami.errors import AmiDown, AmiRefused, AmiSilent
from hotline.ami.events import (
    ChannelListed,
    FullyBooted,
    Hangup,
    Malformed,
    MemberChanged,
    Other,
    QueueCallerJoin,
    QueueEntry,
)
from hotline.clock import SystemClock
from tests.fakes.ami_peer import AmiPeer, an_ami_peer, event, says, silence
from tests.fakes.ami_variants import given, settings_for, until

FAST = Rhythm(back_off=(0.05,), when_refused=0.2)
REFUSED = says("Response: Error", "Message: Authentication failed")


@pytest.fixture
async def peer() -> AsyncIterator[AmiPeer]:
    async with an_ami_peer() as peer:
        yield peer


@asynccontextmanager
async def linked(peer: AmiPeer, *, wait: bool = True, **changed: Any) -> AsyncIterator[AmiClient]:
    """Run a client against the peer for the length of the block."""
    client = AmiClient(settings_for(peer.port, **changed), SystemClock(), FAST)
    task = asyncio.get_running_loop().create_task(client.run())
    try:
        if wait:
            given(await until(lambda: client.link.state is LinkState.UP))
        yield client
    finally:
        task.cancel()
        ended = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended[0], asyncio.CancelledError)


async def items(client: AmiClient, *, until_one: Callable[[Item], bool]) -> list[Item]:
    """Read up to and with the first item that is so."""
    seen: list[Item] = []
    async with asyncio.timeout(5):
        async for item in client.events():
            seen.append(item)
            if until_one(item):
                return seen
    raise AssertionError


def hangup(number: int) -> str:
    return event("Hangup", Channel=f"PJSIP/8001-{number}", Uniqueid=f"1.{number}", Linkedid="1.1", Cause=16)


def is_last(item: Item) -> bool:
    return item == Other("Last")


async def test_sign_in_is_followed_by_what_happens_in_order(peer: AmiPeer) -> None:
    peer.on_login = event("FullyBooted", Status="Fully Booted")
    async with linked(peer) as client:
        await peer.send(hangup(1) + hangup(2) + event("Last"))
        seen = await items(client, until_one=is_last)

    assert seen[:2] == [LinkUp(), FullyBooted()]
    assert [each.uniqueid for each in seen if isinstance(each, Hangup)] == ["1.1", "1.2"]
    signed_in = {name: value for name, value in peer.heard[0].items() if name != "ActionID"}
    assert signed_in == {"Action": "Login", "Username": "hotline", "Secret": "s3cret", "Events": "on"}


async def test_chinese_name_sent_byte_by_byte_arrives_whole(peer: AmiPeer) -> None:
    channel = {
        "Channel": "PJSIP/1",
        "Uniqueid": "1.1",
        "CallerIDName": "张伟",
        "Queue": "desk",
        "Position": 1,
        "Count": 1,
    }
    async with linked(peer) as client:
        for byte in event("QueueCallerJoin", **channel).encode():
            await peer.send(bytes([byte]))
            await asyncio.sleep(0)
        seen = await items(client, until_one=lambda item: isinstance(item, QueueCallerJoin))

    assert isinstance(seen[-1], QueueCallerJoin)
    assert seen[-1].caller_name == "张伟"


async def test_list_answer_comes_with_all_its_items(peer: AmiPeer) -> None:
    member = ("Queue: desk", "Name: 李娜", "Location: PJSIP/8001", "Status: 1", "Paused: 0", "")
    entry = ("Queue: desk", "Position: 1", "Channel: PJSIP/carrier-1", "Uniqueid: 1.1", "Wait: 3", "")
    peer.answers["QueueStatus"] = says(
        "Response: Success", "EventList: start", "Message: Queue status will follow", "",
        "Event: QueueParams", "Queue: desk", "",
        "Event: QueueMember", *member, "Event: QueueEntry", *entry,
        "Event: QueueStatusComplete", "EventList: Complete", "ListItems: 3",
    )  # fmt: skip
    async with linked(peer) as client:
        reply = await client.ask(actions.queue_status())

    assert [type(each) for each in reply.events] == [Other, MemberChanged, QueueEntry]
    assert reply.message == "Queue status will follow"


async def test_list_answer_is_not_mixed_with_what_happens_meanwhile(peer: AmiPeer) -> None:
    peer.answers["CoreShowChannels"] = says("Response: Success", "EventList: start")
    async with linked(peer) as client:
        asking = asyncio.get_running_loop().create_task(client.ask(actions.core_show_channels()))
        given(await peer.has_heard("CoreShowChannels"))
        mine = f"ActionID: {peer.heard[-1]['ActionID']}"
        channel = "Channel: PJSIP/1\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\nChannelState: 6"
        await peer.send(f"Event: CoreShowChannel\r\n{mine}\r\n{channel}\r\n\r\n{hangup(2)}")
        await peer.send(f"Event: CoreShowChannelsComplete\r\n{mine}\r\nEventList: Complete\r\n\r\n{event('Last')}")
        reply = await asking
        seen = await items(client, until_one=is_last)

    assert [type(each) for each in reply.events] == [ChannelListed]
    assert [type(each) for each in seen] == [LinkUp, Hangup, Other]


async def test_refusal_is_raised_in_the_switchs_words(peer: AmiPeer) -> None:
    peer.answers["QueueAdd"] = says("Response: Error", "Message: Unable to add interface: Already there")
    async with linked(peer) as client:
        with pytest.raises(AmiRefused, match="Already there"):
            await client.ask(actions.queue_add("desk", "PJSIP/8001"))


async def test_switch_that_does_not_answer_is_silent_and_nothing_is_kept(peer: AmiPeer) -> None:
    peer.answers["Setvar"] = silence
    async with linked(peer, answer_within=0.1, ping_every=5.0) as client:
        with pytest.raises(AmiSilent):
            await client.ask(actions.set_global("HOTLINE_LEASE", "1"))

        assert client._current is not None
        assert client._current.protocol.responses == {}


async def test_link_that_breaks_under_a_question_says_it_may_have_been_done(peer: AmiPeer) -> None:
    peer.answers["Setvar"] = silence
    async with linked(peer) as client:
        asking = asyncio.get_running_loop().create_task(client.ask(actions.set_global("HOTLINE_LEASE", "1")))
        given(await peer.has_heard("Setvar"))
        peer.drop()

        with pytest.raises(AmiDown) as down:
            await asyncio.wait_for(asking, 1)
        assert down.value.was_sent


async def test_outage_shows_in_the_stream_and_on_the_link(peer: AmiPeer) -> None:
    async with linked(peer) as client:
        up_since = client.link.since
        peer.drop()
        given(await peer.has_heard("Login", times=2))
        given(await until(lambda: client.link.state is LinkState.UP and client.link.since > up_since))
        await peer.send(event("Last"))

        assert await items(client, until_one=is_last) == [LinkUp(), LinkDown(), LinkUp(), Other("Last")]


async def test_switch_that_says_it_shuts_down_is_taken_at_its_word(peer: AmiPeer) -> None:
    async with linked(peer) as client:
        await peer.send(event("Shutdown", Shutdown="Cleanly", Restart="False"))

        assert LinkDown() in await items(client, until_one=lambda item: item == LinkDown())


async def test_half_open_link_goes_down_after_two_missed_pongs(peer: AmiPeer) -> None:
    async with linked(peer, ping_every=0.1) as client:
        given(await peer.has_heard("Ping"))
        peer.answers["Ping"] = silence

        assert await until(lambda: client.link.state is LinkState.DOWN, within=2)


async def test_one_missed_pong_is_forgiven(peer: AmiPeer) -> None:
    pong = peer.answers["Ping"]
    async with linked(peer, ping_every=0.1):
        peer.answers["Ping"] = silence
        given(await peer.has_heard("Ping"))
        peer.answers["Ping"] = pong
        given(await peer.has_heard("Ping", times=4))

        assert peer.connections == 1


async def test_wrong_password_is_said_clearly_and_tried_again_slowly(peer: AmiPeer) -> None:
    peer.answers["Login"] = REFUSED
    with capture_logs() as logs:
        async with linked(peer, wait=False) as client:
            given(await until(lambda: client.link.state is LinkState.REFUSED))
            assert client.link.state is LinkState.REFUSED
            with pytest.raises(AmiDown):
                await client.ask(actions.ping())
            tried = peer.connections
            await peer.until(lambda each: each.connections > tried, within=0.1)
            assert peer.connections == tried  # no spin

            peer.answers["Login"] = says("Response: Success")  # somebody mended it
            assert await until(lambda: client.link.state is LinkState.UP)

    line = next(each for each in logs if "refused our sign-in" in each["event"])
    assert "scripts/up" in line["event"]
    assert "secrets.toml" in line["event"]
    assert "s3cret" not in str(logs)


class TryCountingClock(SystemClock):
    """The client looks at the clock as it begins each try and as it ends it."""

    looks = 0

    def monotonic(self) -> float:
        self.looks += 1
        return super().monotonic()


async def test_switch_that_is_not_there_yet_is_found_when_it_comes_and_told_of_once() -> None:
    async with an_ami_peer() as gone:
        port = gone.port
    with capture_logs() as logs:
        clock = TryCountingClock()
        client = AmiClient(settings_for(port), clock, FAST)
        task = asyncio.get_running_loop().create_task(client.run())
        given(await until(lambda: clock.looks >= 6))
        async with an_ami_peer(port) as peer:
            assert await peer.has_heard("Login")
            assert await until(lambda: client.link.state is LinkState.UP)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    assert sum("no link" in each["event"] for each in logs) == 1


async def test_stopped_client_leaves_no_connection_and_no_link(peer: AmiPeer) -> None:
    async with linked(peer) as client:
        pass

    assert client.link.state is LinkState.DOWN
    assert await peer.until(lambda each: each.open_connections == 0, within=1)
    with pytest.raises(AmiDown):
        await client.ask(actions.ping())


async def test_reader_that_falls_behind_is_told_to_start_again(peer: AmiPeer) -> None:
    async with linked(peer, buffer=100) as client:
        await peer.send("".join(hangup(number) for number in range(150)) + event("Last"))
        await client.ask(actions.ping())  # its pong comes after all of them
        seen = await items(client, until_one=is_last)

    assert seen[:2] == [Lost(), LinkUp()]
    assert [each.uniqueid for each in seen if isinstance(each, Hangup)] == [f"1.{number}" for number in range(99, 150)]


async def test_event_that_cannot_be_read_is_counted_and_costs_nothing(peer: AmiPeer) -> None:
    async with linked(peer) as client:
        await peer.send(event("Hangup", Channel="PJSIP/1") + hangup(2) + event("Last"))
        seen = await items(client, until_one=is_last)

        assert client.malformed == 1
    assert [type(each) for each in seen] == [LinkUp, Malformed, Hangup, Other]


def fail_on_a_hangup(item: Item) -> bool:
    if item not in (LinkUp(), LinkDown()):
        raise LookupError("a reader's mistake")
    return False


async def test_reader_that_failed_is_followed_by_one_that_goes_on(peer: AmiPeer) -> None:
    async with linked(peer) as client:
        await peer.send(hangup(1) + hangup(2))
        with pytest.raises(LookupError):
            await items(client, until_one=fail_on_a_hangup)

        seen = await items(client, until_one=lambda item: isinstance(item, Hangup))
        assert isinstance(seen[-1], Hangup)
        assert seen[-1].uniqueid == "1.2"
        assert client.link.state is LinkState.UP


async def test_second_reader_at_the_same_time_is_refused(peer: AmiPeer) -> None:
    async with linked(peer) as client:
        await items(client, until_one=lambda item: item == LinkUp())
        first = asyncio.get_running_loop().create_task(anext(client.events()))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="one reader"):
            await anext(client.events())
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


@hypothesis_settings(max_examples=40, deadline=None)
@any_of(st.lists(st.binary(max_size=500) | st.sampled_from([b"Event: Hangup\r\n", b"ActionID: x\r\n", b"\r\n\r\n"])))
def test_any_bytes_from_the_switch_leave_the_link_usable(chunks: list[bytes]) -> None:
    async def scene() -> bool:
        async with an_ami_peer() as peer, linked(peer) as client:
            for chunk in chunks:
                await peer.send(chunk)
            await peer.send("\r\n\r\n")
            return bool(await client.ask(actions.ping()))

    assert asyncio.run(scene())
